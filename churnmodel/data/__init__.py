"""What a file holds: its contract, its columns, and the matrix that models read."""
