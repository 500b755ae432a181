"""Review of answers: a table with predictions, and repeats."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np

from alwidgets.data.labels import in_words, plain
from alwidgets.inspection.answers_table import marks
from alwidgets.renderers.texts import visible
from alwidgets.session import Session
from alwidgets.utils.errors import format_error
from alwidgets.utils.threads import started
from alwidgets.views import disputes, messages
from alwidgets.views.disputes import disputes_of
from alwidgets.views.fields import value_of
from alwidgets.views.messages import MOST_ROWS, SHOWS, Done
from alwidgets.views.payloads import payloads_of
from alwidgets.views.sent import AnswerRow, Seen
from alwidgets.views.states import ReviewState, ReviewStatus
from alwidgets.views.view import Handlers, Send, View, signed

if TYPE_CHECKING:
    from alwidgets.types import IntArray, Renderer

_AHEAD = 24
# What a key does here, of all that one does on the card.
_ACTIONS = ("skip", "undo", "unsure", "flag", "note", "find")


class ReviewView(View):
    """The answers of a session: filtered, searched, sorted, changed, flagged, and some answered a second time, blind.

    The table is `Session.review`; what a message does is `teach`, `skip`, `flag`, `unflag`, `note`, `undo`,
    `request_repeats` and `answer_repeat`. What a team disputes is above it, and settled by `settle`.

    Parameters
    ----------
    session : Session
        The session whose answers are reviewed.
    send, changed : callable
        As of a `View`.
    render : callable, optional
        item -> what to show; default the session's `render`.
    annotator : str, optional
        Whose page it is, as of a `View`.
    """

    def __init__(
        self,
        session: Session,
        send: Send,
        changed: Callable[[], None],
        *,
        render: Renderer | None = None,
        annotator: str | None = None,
    ) -> None:
        super().__init__(session, send, changed, annotator=annotator)
        self.check_member()
        self._renderer = render or session.render
        self._changes = 0
        self._checker: threading.Thread | None = None
        self._failed: tuple[int, str] = (0, "")

    def refresh(self) -> ReviewState:
        """Return that there is something new, and what repeats are still to be asked; answers are asked for."""
        session = self.session
        self._changes += 1
        issues, repeats, round_now = (
            self.view_model.label_issues(wait=False),
            self.session.pending_repeats,
            session.progress.round,
        )
        keys = session.shortcuts
        status: ReviewStatus = {
            "changes": self._changes,
            "classes": [visible(str(name)) for name in session.classes],
            "multilabel": session.task.multilabel,
            "keys": {"classes": list(keys.classes), "actions": {name: keys.actions[name] for name in _ACTIONS}},
            "repeats": repeats[:_AHEAD],
            "n_repeats": len(repeats),
            "checking": self._is_checking(),
            "how": self._how(issues, round_now),
            "nobodys": self.nobodys,
            "parts": [part.name for part in self.view_model.parts],
        }
        return {"status": status}

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the labels are issues; return False when the timeout (seconds) ran out first."""
        checker = self._checker
        if checker is not None:
            checker.join(timeout)
        return not self._is_checking()

    def _is_checking(self) -> bool:
        checker = self._checker
        return checker is not None and checker.is_alive() and checker is not threading.current_thread()

    def _how(self, issues: Any, round_now: int) -> str:
        if self._failed[0] == round_now and self._failed[1]:
            return self._failed[1]
        if issues is None:
            return "Checking starts with the first model." if not round_now else ""
        problem = f" {issues.problem}." if issues.problem else ""
        return f"Checked in round {issues.round} by {issues.how}.{problem}"

    def _check_if_due(self) -> None:
        """Have the labels issues beside everything else when there is a newer model; only while somebody looks."""
        issues, round_now = self.view_model.label_issues(wait=False), self.session.progress.round
        due = round_now and self._failed[0] != round_now and (issues is None or issues.round != round_now)
        if due and not self._is_checking():
            check = partial(self._check_or_tell, round_now)
            self._checker = started(check, "alwidgets-review")
            if self._checker is None:
                check()
            else:
                self.changed()

    def _check_or_tell(self, round_now: int) -> None:
        try:
            self.view_model.label_issues()
        except Exception as error:  # noqa: BLE001 - whatever a user's estimator raises; nobody above could show it
            self._failed = round_now, format_error(error, "Checking the labels")
        finally:
            self.changed()

    # Requests

    def _tell_disputes(self) -> None:
        """Tell what the session's team disputes, if it has one."""
        if self.session.team is not None:
            self.send(disputes_of(self.session, self.session.disputed(), self.annotator), [])

    def _need(self, message: messages.Need) -> None:
        for payload, buffers in payloads_of(self.session, message["items"], self._renderer, message["side"]):
            self.send(payload, buffers)

    def _look(self, message: messages.Look) -> None:
        """Send the order of the answers that a query finds, and the rows of some of them."""
        items, query = message["items"], message["query"]
        if items is None and query is None:
            raise ValueError("message has neither items nor a query; expected one of them, or both.")
        self._check_if_due()
        self._tell_disputes()
        counts, order = (None, None) if query is None else self._found(query)
        if items is None and order is not None:
            items = order[:MOST_ROWS].tolist()
        agreement = self.session.agreement
        seen: Seen = {
            "kind": "seen", "request": message["request"], "rows": self._rows(items or []),
            "agreement": str(agreement) if agreement.n else "",
        }  # fmt: skip
        if counts is None or order is None:
            self.send(seen, [])
        else:
            self.send({**seen, "counts": counts}, [order.tobytes()])

    def _found(self, query: messages.Query) -> tuple[dict[str, int], IntArray]:
        """Count the answers of each mark in a class, and find the rows of those that a query finds."""
        show = query["show"]
        every = self.session.review(query["label"], search=query["search"], sort=query["sort"], wait=False)
        if query["part"] is not None:
            rows = self.view_model.rows_of_part(query["part"])
            every = every[every["item"].between(rows.start, rows.stop - 1)]
        counts = {name: int(marks(every, name).sum()) for name in SHOWS} | {"all": len(every)}
        found = every if show == "all" else every[marks(every, show)]
        return counts, found["item"].to_numpy(np.int32)

    def _rows(self, items: list[int]) -> list[AnswerRow]:
        """Return answers for the page: classes as numbers, missing values as None."""
        classes, frame = self.session.classes, self.view_model.answers(items)
        for name in ("label", "predicted", "second"):
            values: Any = [None if label is None else value_of(label, classes) for label in frame[name]]
            frame[name] = values
        frame["at"] = frame["at"].map(lambda at: at.timestamp())
        records: Any = frame.astype(object).where(frame.notna(), None).to_dict("records")
        return [cast("AnswerRow", {name: plain(value) for name, value in record.items()}) for record in records]

    REQUESTS: ClassVar[Handlers] = {
        "need": (messages.Need, _need),
        "look": (messages.Look, _look),
        **disputes.REQUESTS,
    }

    # Changes

    def _label(self, message: messages.Relabel) -> Done:
        label = message["value"]
        self.session.teach(message["item"], label, via="review", **signed(message))
        return {"text": f"changed to {_in_words(label)}"}

    def _skip(self, message: messages.Skip) -> Done:
        unsure = message["unsure"]
        self.session.skip(message["item"], unsure=unsure, **signed(message))
        return {"text": "skipped as unsure" if unsure else "skipped"}

    def _flag(self, message: messages.Flag) -> Done:
        self.session.flag(message["item"], message["note"], **signed(message))
        return {"text": "flagged"}

    def _unflag(self, message: messages.OfItem) -> Done:
        self.session.unflag(message["item"], **signed(message))
        return {"text": "flag removed"}

    def _note(self, message: messages.Note) -> Done:
        self.session.note(message["item"], message["note"], **signed(message))
        return {"text": "note kept" if message["note"].strip() else "note removed"}

    def _undo(self, message: messages.Undo) -> Done:
        undone = self.session.undo(target=message["target"], **signed(message))
        return {"text": "undone" if undone else "it was undone already"}

    def _repeats_requested(self, message: messages.RequestRepeats) -> Done:
        share = message["share"]
        rows = self.session.request_repeats(float("nan") if share is None else share, **signed(message))
        return {"text": f"{len(rows)} to answer again" if len(rows) else "no label is old enough to be repeated"}

    def _answer_repeat(self, message: messages.RepeatAnswer) -> Done:
        label = message["value"]
        self.session.answer_repeat(
            message["item"], label, seconds=message["seconds"], shown_at=message["shown_at"], **signed(message)
        )
        return {"text": "cannot tell, next" if label is None else f"answered {_in_words(label)}, next"}

    def _take_over(self, _message: messages.Change) -> Done:
        self.session.take_over()
        return {"text": "taken over"}

    ANSWERS = frozenset({"label", "skip", "undo", "repeat"})
    CHANGES: ClassVar[Handlers] = {
        "label": (messages.Relabel, _label),
        "skip": (messages.Skip, _skip),
        "flag": (messages.Flag, _flag),
        "unflag": (messages.OfItem, _unflag),
        "note": (messages.Note, _note),
        "undo": (messages.Undo, _undo),
        "request_repeats": (messages.RequestRepeats, _repeats_requested),
        "repeat": (messages.RepeatAnswer, _answer_repeat),
        "take_over": (messages.Change, _take_over),
        **disputes.CHANGES,
    }


def _in_words(label: Any) -> str:
    return in_words(tuple(label) if isinstance(label, list) else label)
