"""What a centre declares of itself, and how that differs from what there is. Pure."""
