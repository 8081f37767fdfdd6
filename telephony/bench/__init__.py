"""How fast is the link? Against panoramisk alone, against a busy hour, and through a real Asterisk."""
