"""Labels out of a session and into files, and back."""

from alwidgets.io.tables import read_labels, write_labels

__all__ = ["read_labels", "write_labels"]
