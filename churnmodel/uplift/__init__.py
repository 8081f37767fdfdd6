"""Whom a call helps: learners, how they are judged, and when they may rank."""
