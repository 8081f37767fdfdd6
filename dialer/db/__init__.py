"""All tables, their migrations, and every line of SQL."""
