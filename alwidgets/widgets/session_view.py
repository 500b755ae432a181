"""Base of the session widgets: follow a session, and close with it."""

from __future__ import annotations

import logging
import sys
import threading
import warnings
import weakref
from typing import Any

import anywidget
import traitlets

from alwidgets.journal.events import SCRIPT
from alwidgets.session import view_of
from alwidgets.session.session import Session
from alwidgets.utils.errors import format_error
from alwidgets.views.view import check_session
from alwidgets.widgets.results import forget

_LOG = logging.getLogger(__name__)
# What each notebook cell made when it was last run: the run, and the widgets.
_made_by_cell: dict[str, tuple[str, list[weakref.ref[Any]]]] = {}
# Several cells may have shown one session: what it lost is said once.
_told_lost: weakref.WeakSet[Session] = weakref.WeakSet()


class SessionView(anywidget.AnyWidget):
    """A widget that shows a session.

    Parameters
    ----------
    session : Session
        Followed until the widget or the session is closed.
    lock : RLock, optional
        Held while state is read and sent; default one of its own.
    """

    # Before there is a session to leave: a widget that could not be made is closed all the same.
    _unsubscribe = staticmethod(lambda: None)
    # Why the last refresh failed; empty when it did not.
    _stale = traitlets.Unicode().tag(sync=True)

    def __init__(self, session: Session, *, lock: Any = None, **traits: Any) -> None:
        check_session(session)
        self.session = session
        # State is read and sent under one lock: two threads cannot overtake each other with an older one.
        self._sending = lock or threading.RLock()
        super().__init__(**traits)
        self._unsubscribe = view_of(session).on_change(self._follow)
        try:
            # Here someone sees what it raises, and a page could show nothing of what was never sent.
            self._catch_up()
        except BaseException:
            # Nobody has a widget that was never made: none goes on to follow the session.
            self.close()
            raise
        close_with_cell(self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.session!r})"

    def close(self) -> None:
        """Take the widget off the page and stop following the session."""
        self._unsubscribe()
        close_layout(self)
        super().close()

    def refresh(self) -> None:
        """Send what is new to the browser."""
        raise NotImplementedError

    def _catch_up(self) -> None:
        if self.session.closed:
            self.close()
            return
        with self._sending:
            self.refresh()
            self._stale = ""

    def _follow(self) -> None:
        """Bring the page up to date, or say on it why that failed; whatever changes next is the next try."""
        with self._sending:
            try:
                self._catch_up()
            except Exception as error:  # noqa: BLE001 - what a refresh calls may raise anything
                _LOG.exception("A refresh of a %s failed; the next change tries again.", type(self).__name__)
                why = format_error(error, "Bringing this up to date")
                self._stale = f"{why}. Answers are kept, and the next change tries again."


def close_with_cell(widget: Any) -> None:
    """Close a widget on a session when the notebook cell that made it is run again.

    Labels that a person gave to a session without a journal are lost then, which is said.
    """
    cell, run = running_cell()
    if not cell:
        return
    run_before, widgets = _made_by_cell.get(cell, (run, []))
    if run_before != run:
        before = [made for made in (reference() for reference in widgets) if made is not None]
        _warn_of_lost_labels({made.session for made in before if made.session is not widget.session})
        for made in before:
            made.close()
        forget(_replaced(before, widget.session))
        widgets = []
    _made_by_cell[cell] = (run, [*widgets, weakref.ref(widget)])


def running_cell() -> tuple[str, str]:
    """Return the id of the cell that is being run, and of this run of it; empty outside of a notebook."""
    ipython = sys.modules.get("IPython")
    kernel = getattr(ipython.get_ipython(), "kernel", None) if ipython else None
    request = kernel.get_parent() if kernel is not None else None
    if not request:
        return "", ""
    return str(request.get("metadata", {}).get("cellId", "")), str(request.get("header", {}).get("msg_id", ""))


def close_layout(widget: Any) -> None:
    """Close a widget's layout, a widget too, which would stay behind."""
    layout = getattr(widget, "layout", None)
    if layout is not None:
        layout.close()


def _replaced(widgets: list[Any], session: Session) -> list[Any]:
    """Return widgets that a new run of their cell replaced, and their sessions, but none that has the only labels."""
    gone = [each for each in widgets if each.session is not session and not _n_unsaved(each.session)]
    return [*gone, *(each.session for each in gone)]


def _n_unsaved(session: Session) -> int:
    """Count the labels given by persons that are in memory only."""
    return 0 if session.journal is not None else int((session.labels["annotator"] != SCRIPT).sum())


def _warn_of_lost_labels(sessions: set[Session]) -> None:
    for session in sessions - set(_told_lost):
        n_lost = _n_unsaved(session)
        if n_lost:
            _told_lost.add(session)
            warnings.warn(
                f"This cell was run again: {n_lost} labels of its session before were in memory only and are gone. "
                "Pass journal='name.alw' to keep them.",
                RuntimeWarning,
                stacklevel=2,
            )
