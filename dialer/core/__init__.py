"""The centre's decisions, pure: facts, `now` and chance go in as arguments, values come out."""
