"""Review of answers: a table with predictions, and repeats."""

from __future__ import annotations

from typing import TYPE_CHECKING

import traitlets

from alwidgets.views.fronts import REVIEW
from alwidgets.views.review import ReviewView
from alwidgets.widgets.session_control import SessionControl

if TYPE_CHECKING:
    from alwidgets.session import Session
    from alwidgets.types import Renderer


class Review(SessionControl):
    """Look over the answers of a session: filter, search, sort, change, flag, and answer some a second time, blind.

    The table is `Session.review`; what a key or a click does is `teach`, `skip`, `flag`, `unflag`, `note`, `undo`,
    `request_repeats` and `answer_repeat`. Above it is what a team disputes: the sample, all answers side by side, what
    the model says on demand, and the buttons by which an expert settles it, with a reason.

    Parameters
    ----------
    session : Session
        The session whose answers are reviewed.
    render : callable, optional
        item -> what to show; default the session's `render`.
    annotator : str, optional
        Who works on this page; default the session's annotator. In a team without either it is to look at, and for
        experts to settle what is disputed.
    """

    _esm = REVIEW.script
    _css = REVIEW.style
    # No trait holds a sample, a note or a label: a saved notebook leaks none.
    _status = traitlets.Dict().tag(sync=True)

    view: ReviewView

    def __init__(self, session: Session, *, render: Renderer | None = None, annotator: str | None = None) -> None:
        super().__init__(ReviewView(session, self._tell, self._follow, render=render, annotator=annotator))

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the labels are checked; return False when the timeout (seconds) ran out first."""
        return self.view.wait(timeout)
