"""What leaves the house: the life of a message, its words in six languages, the shape of an event."""
