"""Folds manager events, in their order, into what happened to calls, agents and callers."""
