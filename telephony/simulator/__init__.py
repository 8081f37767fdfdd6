"""A simulated PBX: seeded customers, callers and agents behind a real AMI port."""
