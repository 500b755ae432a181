"""Drift of the parts of a pool: what moved, what is predicted, how the model errs, and what to do about it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from alwidgets.inspection.part_drift import FIRST_LOOK
from alwidgets.renderers.texts import visible
from alwidgets.session import Session
from alwidgets.utils.checks import check_share
from alwidgets.views import messages
from alwidgets.views.figures_view import FiguresView
from alwidgets.views.messages import Done
from alwidgets.views.sent import AlarmShown, ColumnShown, DriftCheck, DriftShown, PartShown
from alwidgets.views.view import Handlers, Send, signed

if TYPE_CHECKING:
    from alwidgets.inspection.part_drift import PartDrift

# Of more columns that moved, those that moved most are shown.
_MOST_COLUMNS = 8
_WITHOUT = (
    "All samples came together: there is nothing to compare. session.extend(X_new) adds those that came since, and "
    "here they are compared with what was there before."
)


class DriftView(FiguresView):
    """The parts of a session's pool, whether one is otherwise than those before, and what was found so far.

    The check is `Session.drift`, beside everything else and while somebody looks; what a message does is
    `Session.ask_audit`.

    Parameters
    ----------
    session : Session
        The session of the pool.
    send, changed : callable
        As of a `View`.
    level : float
        As of `Session.drift`.
    annotator : str, optional
        Whose page it is, as of a `View`.
    """

    LOOKING = "Looking for drift"
    THREAD = "alwidgets-drift"

    def __init__(
        self,
        session: Session,
        send: Send,
        changed: Callable[[], None],
        *,
        level: float = 0.05,
        annotator: str | None = None,
    ) -> None:
        super().__init__(session, send, changed, annotator=annotator)
        check_share("level", level)
        self._level = level
        self._part: str | None = None
        # The events that a check saw, the part it is of, and what it found.
        self._known: tuple[int, str, DriftCheck] | None = None

    def figures(self) -> DriftShown:
        """Return all that is shown; costs a check where one is due."""
        parts = self._parts()
        checked = self._check(parts) if len(parts) > 1 else None
        return {
            "kind": "drift",
            "without": "" if checked else _WITHOUT,
            # An alarm of this check is recorded by now.
            "parts": self._parts(),
            "checked": checked,
            "alarms": [_alarm(each) for each in self.view_model.alarms],
        }

    def _parts(self) -> list[PartShown]:
        return [
            {
                "name": row["part"],
                "n_rows": row["n_rows"],
                "n_audit": row["n_audit"],
                "error": _or_none(row["error"]),
                "drifted": row["drifted"],
            }
            for row in self.session.parts.to_dict("records")
        ]

    def _check(self, parts: list[PartShown]) -> DriftCheck:
        """Return the check of the part that is looked at, made anew only when something happened."""
        names = [part["name"] for part in parts[1:]]
        part = self._part if self._part in names else names[-1]
        known = self._known
        if known is None or known[:2] != (self.view_model.n_events, part):
            try:
                found = _checked(self.session.drift(part, level=self._level))
            except ValueError as error:
                # There are too few samples.
                found = _unchecked(part, str(error))
            known = self.view_model.n_events, part, found
            self._known = known
        return known[2]

    # Requests

    def _look(self, message: messages.OfPart) -> None:
        self._part = message["part"]
        self._teller.want()

    REQUESTS: ClassVar[Handlers] = {"look": (messages.OfPart, _look)}

    # Changes

    def _ask_audit(self, message: messages.AskAudit) -> Done:
        part = message["part"]
        n = len(self.session.ask_audit(message["n"], part=part, **signed(message)))
        if not n:
            return {"text": f"nothing of {part!r} can be asked any more"}
        questions = "question" if n == 1 else "questions"
        return {"text": f"{n} audit {questions} of {part!r}: next to be asked"}

    CHANGES: ClassVar[Handlers] = {"ask_audit": (messages.AskAudit, _ask_audit)}


def _checked(found: PartDrift) -> DriftCheck:
    samples, errors = found.samples, found.errors
    moved = samples.columns[samples.columns["p_value"] < found.level]
    classes = [] if found.classes is None else found.classes.to_dict("records")
    return {
        "part": found.part,
        "at": time.time(),
        "sentence": visible(found.sentence),
        "moved": found.moved,
        "n_to_ask": found.n_to_ask if found.samples.moved and not found.errs_otherwise else 0,
        "compared": f"{samples.n_now:,} samples against {samples.n_before:,} before: "
        f"AUC {samples.auc:.2f}, p = {samples.p_value:.2g}",
        "columns": [_column(row) for row in moved.head(_MOST_COLUMNS).to_dict("records")],
        "n_columns": len(moved),
        "classes": [(visible(str(row["class"])), row["before"], row["now"]) for row in classes],
        "errors": f"Errors on audit answers: {errors.now}, before {errors.before}: p = {errors.p_value:.2g}"
        if errors.n_tests
        else f"Errors are compared once {FIRST_LOOK} audit questions of it have an answer; {errors.now.n} have.",
    }


def _unchecked(part: str, why: str) -> DriftCheck:
    return {
        "part": part, "at": time.time(), "sentence": f"Not checked: {visible(why)}", "moved": False, "n_to_ask": 0,
        "compared": "", "columns": [], "n_columns": 0, "classes": [], "errors": "",
    }  # fmt: skip


def _column(row: dict[Any, Any]) -> ColumnShown:
    return {
        "name": visible(str(row["column"])),
        "distance": row["statistic"],
        "before": _or_none(row["before"]),
        "now": _or_none(row["now"]),
    }


def _alarm(event: Any) -> AlarmShown:
    return {"part": event.part, "of": event.of, "at": event.at, "sentence": visible(event.sentence)}


def _or_none(value: Any) -> float | None:
    return None if value is None or value != value else float(value)  # noqa: PLR0124 - NaN
