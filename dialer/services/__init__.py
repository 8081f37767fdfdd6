"""Use cases: each one is one transaction."""
