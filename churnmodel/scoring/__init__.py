"""Scores for a frame, and for files of any size part by part."""
