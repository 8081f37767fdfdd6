"""The dashboard as one frozen value, from the engine to the page."""
