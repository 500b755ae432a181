"""Jupyter widgets for a session: the only layer that depends on Jupyter."""
