"""What is done to recorded talks. Pure."""
