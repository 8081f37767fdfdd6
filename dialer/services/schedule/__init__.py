"""What Winback does by itself at its hour, and how it went."""
