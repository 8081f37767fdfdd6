"""Who is here: users, how they come in, and the teams they are for."""
