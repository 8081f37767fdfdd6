"""FastAGI: what the dialplan asks over TCP, and what it is told."""
