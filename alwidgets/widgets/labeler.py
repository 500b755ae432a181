"""The labeling card: one question on screen, one key an answer, the next one at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import traitlets

from alwidgets.views.fronts import LABELER
from alwidgets.views.labeling import LabelingView
from alwidgets.widgets.session_control import SessionControl

if TYPE_CHECKING:
    from alwidgets.session import Session
    from alwidgets.types import Renderer


class CardTraits(traitlets.HasTraits):  # type: ignore[misc]
    """Traits of a labeling card, which has a session here or elsewhere."""

    # State, kernel -> browser. No trait holds a sample's content: a saved notebook leaks none.
    _queue = traitlets.List(traitlets.Int()).tag(sync=True)
    _repeats = traitlets.List(traitlets.Int()).tag(sync=True)
    _alone = traitlets.List(traitlets.Int()).tag(sync=True)
    _withdrawn = traitlets.List(traitlets.Int()).tag(sync=True)
    _only = traitlets.Dict({"since": 0, "items": []}).tag(sync=True)
    _recent = traitlets.List().tag(sync=True)
    _flagged = traitlets.List(traitlets.Int()).tag(sync=True)
    _status = traitlets.Dict().tag(sync=True)
    _classes = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _keys = traitlets.Dict().tag(sync=True)
    _task = traitlets.Dict().tag(sync=True)


class Labeler(CardTraits, SessionControl):
    """Label the questions of a session.

    The browser holds a queue of questions already drawn; an answer leaves with the number of the item that
    was on screen, and stays in the browser until it is acknowledged. Everything a key does is a method of
    the session: `teach`, `skip`, `flag`, `note`, `undo`, `add_class`, `suggestion`, `explain`, `near_duplicates`,
    `answer_repeat`, `remap`.

    Parameters
    ----------
    session : Session
        What to label.
    render : callable, optional
        item -> what to show; default the session's `render`.
    annotator : str, optional
        Who works on this page; default the session's annotator. In a team without either it has no questions, and says
        so.
    """

    _esm = LABELER.script
    _css = LABELER.style

    def __init__(self, session: Session, *, render: Renderer | None = None, annotator: str | None = None) -> None:
        view = LabelingView(session, self._tell, self._follow, render=render, annotator=annotator)
        super().__init__(view, _task=view.task)
