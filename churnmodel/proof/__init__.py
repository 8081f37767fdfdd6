"""What the models are held to: data sets, made-up worlds, and the bars."""
