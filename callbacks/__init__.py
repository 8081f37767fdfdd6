"""The rules of a promise: life cycle, place, offers, dialogue, retries. No I/O at all."""
