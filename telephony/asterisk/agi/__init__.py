"""FastAGI: the wire, and a server for the dialplan's questions."""
