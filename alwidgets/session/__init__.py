"""The session: the public API of the loop, one module a concern."""

from alwidgets.session.session import Session, view_of

__all__ = ["Session", "view_of"]
