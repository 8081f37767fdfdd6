"""Use cases of what leaves the house: written with its cause, handed over at least once, looked at."""
