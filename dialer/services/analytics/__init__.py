"""Use cases of the model: labels, training, scores, and what calling changed."""
