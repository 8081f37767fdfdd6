"""The manager interface: a typed codec, panoramisk behind one file, sessions that come back."""
