"""A package, so that no library's own `tests` can take its place."""
