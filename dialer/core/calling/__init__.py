"""Attempts, leads and campaigns: what may follow what, whose turn it is, and how much a trunk holds."""
