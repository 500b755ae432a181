"""Answers beside the first one: repeats by the same annotator, labels of functions, several people."""
