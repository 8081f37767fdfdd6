"""What a PBX says and can be told. Knows calls, agents, queues; no customer, no table."""
