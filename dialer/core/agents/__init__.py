"""Agents: their states, their planned breaks, the floor as it is at this moment, and how fast they serve."""
