"""What a report is: columns with units, rows of figures, and files that people open. Pure."""
