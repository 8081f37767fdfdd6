"""What the engine saw last, for everyone who watches."""
