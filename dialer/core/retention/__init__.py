"""What may be given to keep a customer: pure."""
