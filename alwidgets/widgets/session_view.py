"""What every widget on a session does: follow it, and leave with it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget

if TYPE_CHECKING:
    from alwidgets.session import Session

STATIC = Path(__file__).parent / "static"


def style(name: str) -> str:
    """Return a widget's stylesheet, behind the colours and measures that all of them share."""
    return "\n".join((STATIC / file).read_text(encoding="utf-8") for file in ("theme.css", name))


class SessionView(anywidget.AnyWidget):
    """A widget that shows a session.

    Parameters
    ----------
    session : Session
        Followed until the widget or the session is closed.
    """

    def __init__(self, session: Session, **traits: Any) -> None:
        self.session = session
        # State is read and sent under one lock: two threads cannot overtake each other with an older one.
        self._sending = threading.RLock()
        super().__init__(**traits)
        self._unsubscribe = session.subscribe(self._follow)
        self._follow()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.session!r})"

    def close(self) -> None:
        """Take the widget off the page and stop following the session."""
        self._unsubscribe()
        super().close()

    def refresh(self) -> None:
        """Send what is new to the browser."""
        raise NotImplementedError

    def _follow(self) -> None:
        if self.session.closed:
            self.close()
            return
        with self._sending:
            self.refresh()
