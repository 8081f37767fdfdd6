"""A simulated PBX: a seeded world of customers, callers and agents behind a real AMI port."""
