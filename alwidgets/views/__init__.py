"""Messages between a session and a page, independent of Jupyter."""
