"""Use cases of callbacks: offered, promised, kept, counted."""
