"""From the columns of a customer file to customers: which column is what, and which rows are bad."""
