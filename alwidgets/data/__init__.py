"""The pool and its labels, independent of their container types."""
