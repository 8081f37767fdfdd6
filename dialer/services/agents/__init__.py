"""Use cases of an agent's day: log in, breaks, previews, the call at hand, dispositions."""
