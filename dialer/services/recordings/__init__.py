"""Use cases of recorded talks: find, hear, silence a part, delete; each written down."""
