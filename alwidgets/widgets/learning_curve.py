"""The score against labels, money or minutes, redrawn after every retrain."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import traitlets

from alwidgets.io.tables import csv_of
from alwidgets.scoring.scores import basis
from alwidgets.session import view_of
from alwidgets.session.progress import SCORED_AGAIN
from alwidgets.utils import files
from alwidgets.utils.text import sanitize, short_repr
from alwidgets.utils.threads import started
from alwidgets.views.figures import Against, learning_curve
from alwidgets.views.plotly_js import plotly_js
from alwidgets.widgets.front_end import script, style
from alwidgets.widgets.session_view import SessionView

if TYPE_CHECKING:
    import pandas as pd

    from alwidgets.session.session import Session
    from alwidgets.stopping import History

_AXES = ("labels", "cost", "minutes")


class LearningCurve(SessionView):
    """Follow the score of a session's model: its interval, where it leads, and what random sampling would reach.

    plotly.js is JupyterLab's own or comes from the installed plotly package, once a page; nothing from the network.

    Parameters
    ----------
    session : Session
        Whose rounds.
    against : {"labels", "cost", "minutes"}
        What lies along x.
    """

    _esm = script("panels/learning_curve.js")
    _css = style("panels/learning_curve.css")
    _figure = traitlets.Dict().tag(sync=True)
    _caption = traitlets.Unicode().tag(sync=True)
    _against = traitlets.Unicode("labels").tag(sync=True)
    _axes = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _busy = traitlets.Bool(default_value=False).tag(sync=True)

    def __init__(self, session: Session, *, against: Against = "labels") -> None:
        if against not in _AXES:
            raise ValueError(f"against is {against!r}; expected one of {list(_AXES)}.")
        self._drawn: Any = None
        self._baseline_thread: threading.Thread | None = None
        super().__init__(session, _against=against)
        self.on_msg(self._receive)

    @property
    def figure(self) -> Any:
        """The plotly Figure as it is now."""
        return self._figure_of(self.session.rounds)

    def _figure_of(self, rounds: History) -> Any:
        session = self.session
        return learning_curve(rounds, baseline=session.baseline, against=self._against, model=session.model_name)

    def to_frame(self) -> pd.DataFrame:
        """Return the rounds as a DataFrame: `Session.history`."""
        return self.session.history

    def to_html(self, path: str | Path) -> Path:
        """Write the figure as one HTML file that needs nothing else, whole or not at all, and return its path."""
        place = Path(path)
        files.replace_own(place, self._page().encode())
        return place

    def show_against(self, against: Against) -> None:
        """Put labels, money or minutes along x."""
        if against not in _AXES:
            raise ValueError(f"against is {short_repr(against)}; expected one of {list(_AXES)}.")
        self._against = against
        self._follow()

    def refresh(self) -> None:
        """Send the figure when something in it is new."""
        session = self.session
        # Scores that are being worked out again are shown as they were, and said to be; a label waits for none.
        outdated, rounds = view_of(session).outdated, view_of(session).rounds
        prices = session.budget
        shown = (outdated, rounds.rounds, session.baseline, self._against, prices)
        if shown == self._drawn:
            return
        with self.hold_sync():
            known = {"labels": True, "cost": prices.priced, "minutes": bool(rounds.seconds)}
            self._axes = [axis for axis in _AXES if known[axis] or axis == self._against]
            self._caption = SCORED_AGAIN if outdated else caption(session)
            self._figure = json.loads(self._figure_of(rounds).to_json())
        self._drawn = shown

    def _receive(self, _widget: Any, content: Any, _buffers: Any) -> None:
        """Handle a message from the page. Jupyter shows no exception raised here, so none may leave."""
        try:
            self._do(content if isinstance(content, dict) else {})
        except (ValueError, TypeError) as error:
            self.send({"kind": "problem", "error": sanitize(str(error))})

    def _do(self, content: dict[str, Any]) -> None:
        asked = content.get("kind"), content.get("what")
        if asked[0] == "need_plotly":
            self.send({"kind": "plotly"}, [plotly_js()])
        elif asked[0] == "against":
            self.show_against(content.get("against"))  # type: ignore[arg-type]  # it looks
        elif asked[0] == "baseline":
            self._find_baseline()
        elif asked == ("save", "page"):
            self.send({"kind": "file", "name": "learning_curve.html", "mime": "text/html"}, [self._page().encode()])
        elif asked == ("save", "table"):
            self.send({"kind": "file", "name": "learning_curve.csv", "mime": "text/csv"}, [csv_of(self.to_frame())])
        else:
            raise ValueError(
                f"message is {short_repr(content)}; expected need_plotly, against, baseline, or save as page or table."
            )

    def _page(self) -> str:
        figure = self.figure.update_layout(height=None, paper_bgcolor="#fff", plot_bgcolor="#fff")
        return str(figure.to_html(include_plotlyjs=True, full_html=True))

    def _find_baseline(self) -> None:
        """Fit the baseline's models beside everything else; the figure follows when they are done."""
        if self._baseline_thread is not None and self._baseline_thread.is_alive():
            return
        self._busy = True
        self._baseline_thread = started(self._baseline_or_tell, "alwidgets-baseline")
        if self._baseline_thread is None:
            self._baseline_or_tell()

    def _baseline_or_tell(self) -> None:
        try:
            self.session.random_baseline()
        except Exception as error:  # noqa: BLE001 - whatever a user's estimator raises; nobody above could show it
            self.send({"kind": "problem", "error": f"No random baseline: {sanitize(str(error))}"})
        finally:
            self._busy = False


def caption(session: Session) -> str:
    """Return the newest score in words, what it was measured on, and what was saved over random sampling."""
    rounds = session.rounds
    if rounds and rounds[-1].problem:
        return rounds[-1].problem
    last = next((item for item in reversed(rounds.rounds) if item.measured), None)
    if last is None:
        return "The curve starts with the first retrain that can be scored."
    saved = session.efficiency
    interval = f"95 %: {last.score_low:.2f} to {last.score_high:.2f}"
    measured_on = basis(last.score_kind, last.score_n)
    return f"{last.metric} {last.score:.2f} ({interval}), {measured_on}" + (f". {saved.sentence}" if saved else "")
