"""Proof of what was decided: a chain of digests that shows any change, and keeps no person."""
