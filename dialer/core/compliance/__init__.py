"""May this number be rung at this moment, and if not: which rule says so, and until when."""
