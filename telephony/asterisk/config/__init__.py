"""Asterisk's configuration: what Winback needs, rendered, and compared with what runs."""
