"""A real Asterisk of one's own, on loopback, its people played by its dialplan: for tests and benchmarks."""
