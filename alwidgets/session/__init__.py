"""The session: the public API of the loop, one module a concern."""

from alwidgets.session.session import Session

__all__ = ["Session"]
