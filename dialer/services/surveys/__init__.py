"""Use cases of the one question after a call."""
