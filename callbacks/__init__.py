"""The rules of a promise: life cycle, queue position, offers, dialogue, retries. No I/O at all."""
