"""Virtual time: the same core against simulated worlds and rivals."""
