"""The decision log: sealed, verified, shown."""
