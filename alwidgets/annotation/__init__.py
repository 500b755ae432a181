"""Answers beside the first one: repeats by the same annotator, and labels of functions."""
