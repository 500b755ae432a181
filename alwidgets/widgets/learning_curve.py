"""The score against the labels, redrawn after every retrain."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import traitlets

from alwidgets.figures import learning_curve
from alwidgets.widgets.session_view import STATIC, SessionView, style

if TYPE_CHECKING:
    from alwidgets.session import Session


class LearningCurve(SessionView):
    """Follow the accuracy of a session's model.

    plotly.js comes from the installed plotly package, once a page, and nothing from the network.

    Parameters
    ----------
    session : Session
        Whose rounds.
    """

    _esm = STATIC / "learning_curve.js"
    _css = style("learning_curve.css")
    _figure = traitlets.Dict().tag(sync=True)
    _caption = traitlets.Unicode().tag(sync=True)

    def __init__(self, session: Session) -> None:
        self._drawn = -1
        super().__init__(session)
        self.on_msg(self._receive)

    @property
    def figure(self) -> Any:
        """The plotly Figure as it is now."""
        return learning_curve(self.session.rounds)

    def refresh(self) -> None:
        """Send the figure when there is a new round."""
        rounds = self.session.rounds
        if len(rounds) == self._drawn:
            return
        self._drawn = len(rounds)
        with self.hold_sync():
            self._caption = caption(self.session)
            self._figure = json.loads(learning_curve(rounds).to_json())

    def _receive(self, _widget: Any, content: Any, _buffers: Any) -> None:
        if isinstance(content, dict) and content.get("kind") == "need_plotly":
            self.send({"kind": "plotly"}, [_plotly_js()])


def caption(session: Session) -> str:
    """Return the newest score in words, and what it was measured on."""
    scored = [item for item in session.rounds if item.score == item.score]
    if not scored:
        return "The curve starts with the first retrain that can be scored."
    last = scored[-1]
    biased = ", biased: the labels were chosen" if last.score_kind == "cross-validated" else ""
    return (
        f"accuracy {last.score:.2f} ({last.score_low:.2f} to {last.score_high:.2f}), {last.score_kind} on "
        f"{last.score_n} samples{biased}"
    )


@cache
def _plotly_js() -> bytes:
    from plotly.offline import get_plotlyjs

    return str(get_plotlyjs()).encode()
