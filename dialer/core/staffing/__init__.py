"""How many callers come, and how many agents they take."""
