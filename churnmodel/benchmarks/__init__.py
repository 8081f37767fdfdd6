"""The model on other people's data sets, described by a file of one's own."""
