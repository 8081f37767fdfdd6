"""Who may do what: rights, roles, and who asks. Pure."""
