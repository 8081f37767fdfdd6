"""Use cases of customer files, numbers, and those who must not be called."""
