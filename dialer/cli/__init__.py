"""The `winback` command."""
