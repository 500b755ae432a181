"""Labels out of a session and into files."""

from alwidgets.io.tables import write_labels

__all__ = ["write_labels"]
