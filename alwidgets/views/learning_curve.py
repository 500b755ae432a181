"""The score against labels, money or minutes, as a figure with a caption, and what random sampling would reach."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from alwidgets.io.tables import csv_of
from alwidgets.scoring.scores import basis
from alwidgets.session import Session, view_of
from alwidgets.session.progress import SCORED_AGAIN
from alwidgets.utils.text import sanitize, short_repr
from alwidgets.utils.threads import started
from alwidgets.views import messages
from alwidgets.views.figures import learning_curve
from alwidgets.views.messages import Against
from alwidgets.views.plotly_js import send_plotly
from alwidgets.views.states import CurveState
from alwidgets.views.view import Handlers, Send, View

if TYPE_CHECKING:
    from alwidgets.annotation.ceiling import Ceiling
    from alwidgets.stopping import History

# Scores on labels that were given in the session; what is held out has others.
_OWN_LABELS = ("audit", "test then train")
_AXES: tuple[Against, ...] = ("labels", "cost", "minutes")


class LearningCurveView(View):
    """The learning curve of a session as a plotly figure, which is anew only when something in it is.

    What a message does is `show_against`, `find_baseline`, or to send the figure as a page or the rounds as a table.

    Parameters
    ----------
    session : Session
        The session whose rounds are shown.
    send, changed : callable
        As of a `View`.
    against : {"labels", "cost", "minutes"}
        What lies along x.
    annotator : str, optional
        Whose page it is, as of a `View`.
    """

    def __init__(
        self,
        session: Session,
        send: Send,
        changed: Callable[[], None],
        *,
        against: Against = "labels",
        annotator: str | None = None,
    ) -> None:
        super().__init__(session, send, changed, annotator=annotator)
        self._against = _check_axis(against)
        # What the figure was drawn of, and it.
        self._drawn: Any = None
        self._curve: CurveState | None = None
        self._busy = False
        self._baseline_thread: threading.Thread | None = None

    @property
    def figure(self) -> Any:
        """The plotly Figure as it is now."""
        return self._figure_of(self.session.rounds)

    @property
    def page(self) -> str:
        """The figure as one HTML file that needs nothing else."""
        figure = self.figure.update_layout(height=None, paper_bgcolor="#fff", plot_bgcolor="#fff")
        return str(figure.to_html(include_plotlyjs=True, full_html=True))

    def refresh(self) -> CurveState:
        """Return the figure, its caption and axes, and whether a baseline is being fitted."""
        session = self.session
        # Scores that are being worked out again are shown as they were, and said to be; a label waits for none.
        outdated, rounds, growth = self.view_model.outdated, self.view_model.rounds, self.view_model.growth
        prices = session.budget
        waits = self.view_model.first_score
        shown = (outdated, rounds.rounds, session.baseline, self._against, prices, growth, waits)
        curve = self._curve
        if curve is None or shown != self._drawn:
            known = {"labels": True, "cost": prices.priced, "minutes": bool(rounds.seconds)}
            measured = not waits or session.baseline is not None
            curve = {
                "axes": [axis for axis in _AXES if known[axis] or axis == self._against],
                "caption": SCORED_AGAIN if outdated else caption(session),
                "measured": measured,
                # Made anew with each answer, while what it waits for changes: of nothing there is none.
                "figure": json.loads(self._figure_of(rounds).to_json()) if measured else {},
                "against": self._against,
                "busy": self._busy,
            }
            self._curve, self._drawn = curve, shown
        return {**curve, "against": self._against, "busy": self._busy}

    def show_against(self, against: Against) -> None:
        """Put labels, money or minutes along x."""
        self._against = _check_axis(against)
        self.changed()

    def find_baseline(self) -> None:
        """Fit the baseline's models beside everything else; the figure follows when they are done."""
        if self._baseline_thread is not None and self._baseline_thread.is_alive():
            return
        self._set_busy(busy=True)
        self._baseline_thread = started(self._baseline_or_tell, "alwidgets-baseline")
        if self._baseline_thread is None:
            self._baseline_or_tell()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the baseline is found; return False when the timeout (seconds) ran out first."""
        if self._baseline_thread is not None:
            self._baseline_thread.join(timeout)
        return not self._busy

    def _baseline_or_tell(self) -> None:
        try:
            self.session.random_baseline()
        except Exception as error:  # noqa: BLE001 - whatever a user's estimator raises; nobody above could show it
            self.send({"kind": "problem", "error": f"No random baseline: {sanitize(str(error))}"}, [])
        finally:
            self._set_busy(busy=False)

    def _set_busy(self, *, busy: bool) -> None:
        self._busy = busy
        self.changed()

    def _figure_of(self, rounds: History) -> Any:
        session = self.session
        return learning_curve(
            rounds, baseline=session.baseline, ceiling=_ceiling(session, rounds), against=self._against,
            model=self.view_model.model_name, growth=self.view_model.growth,
        )  # fmt: skip

    def _show_against(self, message: messages.Axis) -> None:
        self.show_against(message["against"])

    def _find_baseline(self, _message: messages.Message) -> None:
        self.find_baseline()

    def _save(self, message: messages.Save) -> None:
        if message["what"] == "page":
            name, mime, content = "learning_curve.html", "text/html", self.page.encode()
        else:
            name, mime, content = "learning_curve.csv", "text/csv", csv_of(self.session.history)
        self.send({"kind": "file", "name": name, "mime": mime}, [content])

    REQUESTS: ClassVar[Handlers] = {
        "need_plotly": (messages.Message, send_plotly),
        "against": (messages.Axis, _show_against),
        "baseline": (messages.Message, _find_baseline),
        "save": (messages.Save, _save),
    }


def _check_axis(against: Any) -> Against:
    if against not in _AXES:
        raise ValueError(f"against is {short_repr(against)}; expected one of {list(_AXES)}.")
    axis: Against = against
    return axis


def _ceiling(session: Session, rounds: History) -> Ceiling | None:
    """Return the ceiling where the newest score has one: it is an accuracy on labels that a team gave."""
    last = rounds.of_one_kind[-1:]
    if session.team is None or not last or last[0].score_kind not in _OWN_LABELS or last[0].metric != "accuracy":
        return None
    return session.team.ceiling


def caption(session: Session) -> str:
    """Return the newest score, what it was measured on and what was saved, in words; or what the first waits for."""
    rounds = session.rounds
    last = next((item for item in reversed(rounds.rounds) if item.measured), None)
    if last is None:
        return view_of(session).first_score
    if rounds[-1].problem:
        return rounds[-1].problem
    saved = session.efficiency
    interval = f"95 %: {last.score_low:.2f} to {last.score_high:.2f}"
    measured_on = basis(last.score_kind, last.score_n)
    ceiling, said = _ceiling(session, rounds), [f"{last.metric} {last.score:.2f} ({interval}), {measured_on}"]
    said += [str(ceiling).capitalize()] if ceiling else []
    said += [saved.sentence] if saved else []
    return ". ".join(said)
