"""The pool and its labels, whatever holds them."""
