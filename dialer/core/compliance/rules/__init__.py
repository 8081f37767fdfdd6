"""Rule files: data with a date and a source, not behaviour."""
