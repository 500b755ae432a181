"""Workbench: all widgets of a session, displayed when a cell ends in a session."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, ClassVar

import ipywidgets

from alwidgets.session import view_of
from alwidgets.views.still import still
from alwidgets.views.view import check_session
from alwidgets.widgets.labeler import Labeler
from alwidgets.widgets.learning_curve import LearningCurve
from alwidgets.widgets.session_view import close_layout, close_with_cell
from alwidgets.widgets.still_output import StillOutput
from alwidgets.widgets.stopping_panel import StoppingPanel

if TYPE_CHECKING:
    from alwidgets.session.session import Session


class Workbench(ipywidgets.Box):  # type: ignore[misc]
    """The labeler, with the curve and the advice beside it.

    Parameters
    ----------
    session : Session
        What to label.
    """

    # Weak on both sides: an open widget is kept by Jupyter, and a closed one by nobody.
    _of: ClassVar[weakref.WeakKeyDictionary[Session, weakref.ref[Workbench]]] = weakref.WeakKeyDictionary()

    # Before there is a session to leave: a workbench that could not be made is closed all the same.
    _unsubscribe = staticmethod(lambda: None)

    def __init__(self, session: Session) -> None:
        check_session(session)
        self.session = session
        self.labeler = Labeler(session)
        self.learning_curve = LearningCurve(session)
        self.stopping_panel = StoppingPanel(session)
        aside = ipywidgets.Box([self.learning_curve, self.stopping_panel])
        aside.add_class("alw-aside")
        super().__init__([self.labeler, aside])
        self.add_class("alw-workbench")
        self._still = StillOutput(session, still, "workbench")
        self._unsubscribe = view_of(session).on_change(self._follow)
        close_with_cell(self)

    @classmethod
    def of(cls, session: Session) -> Workbench:
        """Return the session's workbench: one, however often it is displayed."""
        known = cls._of[session]() if session in cls._of else None
        if known is None or known.comm is None:
            known = cls(session)
            cls._of[session] = weakref.ref(known)
        return known

    def close(self) -> None:
        """Take the workbench and all in it off the page."""
        self._unsubscribe()
        for child in self.children:
            for widget in (*getattr(child, "children", ()), child):
                close_layout(widget)
                widget.close()
        close_layout(self)
        super().close()

    def __repr__(self) -> str:
        return repr(self.session)

    def _follow(self) -> None:
        if self.session.closed:
            self.close()
        else:
            self._still.follow()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        data = super()._repr_mimebundle_(**kwargs)
        # Colab shows what names the manager that draws it, as the parts do.
        _, metadata = self.labeler._repr_mimebundle_(**kwargs) or (None, {})
        data["text/plain"] = repr(self.session)
        return self._still.beside(data), metadata

    def _display_(self) -> Any:
        # Asked for by marimo, which has boxes of its own: one of ipywidgets stays empty there.
        import marimo

        labeler, *others = map(marimo.ui.anywidget, (self.labeler, self.learning_curve, self.stopping_panel))
        return marimo.vstack([labeler, marimo.hstack(others, widths="equal", align="start", wrap=True)])
