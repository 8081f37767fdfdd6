"""Offers that keep customers: the list, what an agent may give, and what came of it."""
