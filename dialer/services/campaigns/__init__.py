"""Use cases of a manager: lists, campaigns, and how far the hours reach."""
