"""What people read of a model: its card, and what moved since."""
