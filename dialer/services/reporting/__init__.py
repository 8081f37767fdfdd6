"""Use cases of reports: figures of days, kept once they settle, and what is made of them."""
