"""The labeling card: one question on screen, one key an answer, the next one at once."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar

import traitlets

from alwidgets.annotation.repeats import Agreement
from alwidgets.journal.events import Answer, Labelled
from alwidgets.renderers.texts import visible
from alwidgets.session import view_of
from alwidgets.types import Class, Label
from alwidgets.utils.text import brief, presentable
from alwidgets.utils.threads import started
from alwidgets.views.messages import (
    field,
    id_of,
    label_of,
    number,
    value_of,
)
from alwidgets.views.payloads import checked_row, send_payloads
from alwidgets.widgets.front_end import script, style
from alwidgets.widgets.session_control import SessionControl
from alwidgets.widgets.session_view import check_session

if TYPE_CHECKING:
    from alwidgets.session import Session
    from alwidgets.types import Renderer

_AHEAD = 24
_FASTEST = 300
_RECENT = 10
# Larger pools are compared with a sample when it is asked for, not for every sample.
_FEW_TO_COMPARE = 20_000
_MOST_ALIKE = 47
_MOST_TILES = 48
_NO_REMARK = ("", "")
# Questions from one second look to the next.
_BETWEEN_LOOKS = 3


class Labeler(SessionControl):
    """Label the questions of a session.

    The browser holds a queue of questions already drawn; an answer leaves with the number of the item that
    was on screen, and stays in the browser until it is acknowledged. Everything a key does is a method of
    the session: `teach`, `skip`, `flag`, `note`, `undo`, `add_class`, `suggestion`, `explain`, `near_duplicates`,
    `answer_again`, `remap`.

    Parameters
    ----------
    session : Session
        What to label.
    render : callable, optional
        item -> what to show; default the session's `render`.
    """

    _esm = script("labeler/labeler.js")
    _css = style("common/sample.css", "common/answers.css", "labeler/labeler.css", "labeler/grid.css")
    # State, kernel -> browser. No trait holds a sample's content: a saved notebook leaks none.
    _queue = traitlets.List(traitlets.Int()).tag(sync=True)
    _looks = traitlets.List(traitlets.Int()).tag(sync=True)
    _withdrawn = traitlets.List(traitlets.Int()).tag(sync=True)
    _recent = traitlets.List().tag(sync=True)
    _flagged = traitlets.List(traitlets.Int()).tag(sync=True)
    _status = traitlets.Dict().tag(sync=True)
    _classes = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _keys = traitlets.Dict().tag(sync=True)
    _task = traitlets.Dict().tag(sync=True)

    def __init__(self, session: Session, *, render: Renderer | None = None) -> None:
        check_session(session)
        self.renderer = render or session.render
        # Notes and those of flags, as pages know them.
        self._remarks = _remarks(session)
        task = session.task
        shown = {
            "kind": task.kind,
            "question": task.question,
            "instructions": task.instructions,
            "suggest": task.suggest,
            "highlight": list(task.highlight),
            "alike": session.n_samples <= _FEW_TO_COMPARE,
        }
        super().__init__(session, _task=shown)
        view_of(session).set_prefetch(_AHEAD)

    def refresh(self) -> None:
        """Send the queue, the last answers and the figures of the header."""
        session, keys = self.session, self.session.shortcuts
        looks, agreement = view_of(session).looks, session.agreement
        recent = [self._answer(answer) for answer in view_of(session).recent(_RECENT)]
        with self.hold_sync():
            self._classes = [visible(str(name)) for name in session.classes]
            self._keys = {"classes": list(keys.classes), "actions": dict(keys.actions)}
            self._status = status(session, agreement)
            self._recent = recent
            self._flagged = list(session.flags)
            self._withdrawn = view_of(session).withdrawn
            self._looks = looks
            n_answers = self._status["n_labelled"] + self._status["n_skipped"] + agreement.n
            self._queue = _mixed(view_of(session).queue, looks, n_answers)
        self._send_remarks()

    def _send_with_remark(self, message: dict[str, Any], buffers: list[bytes]) -> None:
        """Send what a sample shows, and what was written down about it."""
        with self._sending:
            self.send(message | {"remark": self._remarks.get(message["item"], _NO_REMARK)}, buffers)

    def _send_remarks(self) -> None:
        """Send notes that changed: to the pages alone, since a trait would be saved with the notebook."""
        now = _remarks(self.session)
        changed = {item for item, _ in now.items() ^ self._remarks.items()}
        if changed:
            self.send({"kind": "remarks", "remarks": [[item, *now.get(item, _NO_REMARK)] for item in sorted(changed)]})
        self._remarks = now

    def _answer(self, answer: Answer) -> list[Any]:
        value = self._value(answer.label) if isinstance(answer, Labelled) else None
        return [answer.id, answer.item, value, bool(getattr(answer, "unsure", False))]

    def _value(self, label: Label) -> int | list[int]:
        return value_of(label, self.session.classes)

    def _label(self, value: Any) -> Any:
        return label_of(value, self.session.classes)

    def _hear(self, kind: str, content: dict[str, Any], _buffers: Any) -> None:
        if kind == "need":
            send_payloads(self, content.get("items"), self._send_with_remark)
        elif kind == "ahead":
            view_of(self.session).set_prefetch(min(field(content, "n", int), _MOST_TILES))
        else:
            self._tell(kind, checked_row(self.session, content.get("item")))

    def _record_answer(self, event_id: str, content: dict[str, Any]) -> dict[str, Any]:
        item = field(content, "item", int)
        value, again = content.get("value"), content.get("again") is True
        details: dict[str, Any] = {
            "seconds": _duration(content),
            "shown_at": number(content, "shown_at"),
            "round": field(content, "round", int),
            "event_id": event_id,
        }
        label = None if value is None else self._label(value)
        if again:
            self.session.answer_again(item, label, **details)
            return {}
        details["as_of"] = None if content.get("as_of") is None else field(content, "as_of", int)
        if label is None:
            self.session.skip(item, unsure=content.get("unsure") is True, **details)
        else:
            shown = content.get("suggested")
            suggested = None if shown is None else self._label(shown)
            self.session.teach(item, label, via=content.get("via", ""), suggested=suggested, **details)
        if not self.session.is_second(event_id):
            return {}
        return {
            "notice": f"Row {item} had been labelled elsewhere; that label stays, yours is kept as a second answer."
        }

    def _take_back(self, event_id: str, content: dict[str, Any]) -> dict[str, Any]:
        target = None if content.get("target") is None else id_of(content, "target")
        return {"items": self.session.undo(event_id=event_id, target=target)}

    def _flag(self, event_id: str, content: dict[str, Any]) -> None:
        item, note = field(content, "item", int), content.get("note", "")
        if content.get("on", True):
            self.session.flag(item, note, event_id=event_id)
        else:
            self.session.unflag(item, event_id=event_id)

    def _note(self, event_id: str, content: dict[str, Any]) -> None:
        self.session.note(field(content, "item", int), content.get("note", ""), event_id=event_id)

    def _add_class(self, _event_id: str, content: dict[str, Any]) -> None:
        name = field(content, "name", str).strip()
        if name not in map(str, self.session.classes):
            self.session.add_class(_of_kind(name, self.session.classes))

    def _remap(self, _event_id: str, content: dict[str, Any]) -> None:
        # A class may be called what an action is called.
        key: Any = content.get("key")
        self.session.remap({(field(content, "what", str), field(content, "name", str)): key})

    def _end_cold_start(self, _event_id: str, _content: dict[str, Any]) -> None:
        self.session.end_cold_start()

    def _take_over(self, _event_id: str, _content: dict[str, Any]) -> None:
        self.session.take_over()

    def _abandon_fit(self, _event_id: str, _content: dict[str, Any]) -> None:
        self.session.abandon_fit()

    def _tell(self, kind: str, item: int) -> None:
        """Answer a question about a sample beside the handler: labels must not wait for it."""
        about = self._ABOUT[kind]

        def tell() -> None:
            try:
                reply = about(self, item)
            except Exception as error:  # noqa: BLE001 - whatever a user's model raises is told
                reply = {"text": presentable(f"{type(error).__name__}: {error}")}
            if self.comm is not None:
                self.send({"kind": kind, "item": item, **reply})

        if started(tell, f"labeler {kind}") is None:
            tell()

    def _is_blind(self, item: int) -> bool:
        """Return whether an answer measures something, and must not be led."""
        return view_of(self.session).is_audit(item) or item in view_of(self.session).looks

    def _about_suggestion(self, item: int) -> dict[str, Any]:
        wanted = self.session.task.suggest
        if wanted == "never":
            return {"value": None, "text": "No suggestions in this task; Task(suggest='on demand') allows them."}
        if self._is_blind(item):
            return {"value": None, "text": "No suggestion for this sample: some have none, so that scores stay honest."}
        found = self.session.suggestion(item)
        if found is None:
            return {"value": None, "text": "There is no model yet."}
        if not isinstance(wanted, str) and (found.confidence is None or found.confidence < wanted):
            return {"value": None, "text": ""}
        return {"value": self._value(found.label), "text": str(found)}

    def _about_why(self, item: int) -> dict[str, Any]:
        if self._is_blind(item):
            return {"text": "Not told for this sample: some are kept blind, so that scores stay honest."}
        return {"text": f"why: {self.session.explain(item)}"}

    def _about_alike(self, item: int) -> dict[str, Any]:
        rows = self.session.near_duplicates(item)
        return {"items": rows[:_MOST_ALIKE].tolist(), "n": len(rows)}

    _CHANGES: ClassVar[dict[str, Callable[..., dict[str, Any] | None]]] = {
        "answer": _record_answer,
        "undo": _take_back,
        "flag": _flag,
        "note": _note,
        "add_class": _add_class,
        "remap": _remap,
        "take_over": _take_over,
        "abandon_fit": _abandon_fit,
        "end_cold_start": _end_cold_start,
    }
    # What a message can ask to be told of a sample.
    _ABOUT: ClassVar[dict[str, Callable[..., dict[str, Any]]]] = {
        "suggest": _about_suggestion,
        "why": _about_why,
        "alike": _about_alike,
    }
    _OTHERS: ClassVar[tuple[str, ...]] = (*_ABOUT, "need", "ahead")


def status(session: Session, agreement: Agreement) -> dict[str, Any]:
    """Return where a session stands, as the card's header shows it."""
    progress, budget, advice = session.progress, session.budget, view_of(session).advice
    # Faster than five a second was a script, or answers that had waited and came at once.
    pace = pace if (pace := round(progress.labels_per_minute or 0)) <= _FASTEST else 0
    return {
        "saved_as": progress.saved_as,
        "round": progress.round,
        "n_events": progress.n_events,
        "n_labelled": progress.n_labelled,
        "n_skipped": progress.n_skipped,
        "n_samples": progress.n_samples,
        "budget": budget.labels,
        "cost": f"{budget.spent(progress.n_labelled):.2f} {budget.currency}".strip() if budget.cost_per_label else "",
        "counts": list(progress.class_counts),
        "n_learnt": progress.n_learnt,
        "n_behind": progress.n_behind,
        "n_changed": progress.n_changed,
        "phase": progress.phase,
        "waits_for": [visible(str(label)) for label in progress.waits_for],
        "labels_per_minute": pace,
        "minutes_left": max(0, budget.labels - progress.n_labelled) / pace if budget.labels and pace else 0,
        "agreement": str(agreement) if agreement.n else "",
        "busy": progress.busy,
        "error": progress.error,
        "report": session.report,
        "advice": advice.sentence if advice.stop else "",
        "exhausted": progress.n_labelled + progress.n_skipped + progress.n_copies == progress.n_samples,
    }


def _duration(content: dict[str, Any]) -> float | None:
    """Return how long a sample was on screen; None where the page's clock was set back meanwhile."""
    seconds = number(content, "seconds")
    return None if seconds is None or seconds < 0 else seconds


def _remarks(session: Session) -> dict[int, tuple[str, str]]:
    """Return the note of each sample that has one, and that of its flag."""
    notes, flags = session.notes, session.flags
    both = {item: (notes.get(item, ""), flags.get(item, "")) for item in {*notes, *flags}}
    return {item: remark for item, remark in both.items() if any(remark)}


def _mixed(queue: list[int], looks: list[int], n_answers: int) -> list[int]:
    """Return the questions with second looks among them, a few apart; where there are no more questions, the rest.

    Places are counted from the first answer on: counted from the next one, no answer would bring a second look nearer.
    """
    mixed: list[int] = []
    waiting = iter(looks)
    for item in queue:
        if (n_answers + len(mixed)) % (_BETWEEN_LOOKS + 1) == _BETWEEN_LOOKS:
            mixed.extend(islice(waiting, 1))
        mixed.append(item)
    return [*mixed, *islice(waiting, _AHEAD)]


def _of_kind(name: str, classes: tuple[Class, ...]) -> Class:
    """Return what was typed as a label of the kind of the others."""
    if all(isinstance(label, int) and not isinstance(label, bool) for label in classes):
        try:
            return int(name)
        except ValueError:
            raise ValueError(f"the class is {brief(name)}; expected a whole number, as the others are.") from None
    return name
