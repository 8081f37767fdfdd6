"""One question after a call: whom it is put to, and what the answers come to. Pure."""
