"""What a page shows of a session and says to it, without Jupyter."""
