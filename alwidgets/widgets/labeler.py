"""The labeling card: one question on screen, one key an answer, the next one at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets

from alwidgets.events import Answer, Labelled
from alwidgets.redaction import brief, is_writable, presentable
from alwidgets.renderers import payload, render
from alwidgets.trainer import told
from alwidgets.widgets.session_view import SessionView, check_session, script, style

if TYPE_CHECKING:
    from alwidgets.session import Session
    from alwidgets.types import Renderer

_AHEAD = 24
_FASTEST = 300
_RECENT = 10
_MOST_PAYLOADS = 64
_LONGEST_ID = 100


class Labeler(SessionView):
    """Label the questions of a session.

    The browser holds a queue of questions already drawn; an answer leaves with the number of the item that
    was on screen, and stays in the browser until it is acknowledged. Everything a key does is a method of
    the session: `teach`, `skip`, `flag`, `undo`.

    Parameters
    ----------
    session : Session
        What to label.
    render : callable, optional
        item -> what to show; default the session's `render`.
    """

    _esm = script("labeler.js")
    _css = style("labeler.css")
    # State, kernel -> browser. No trait holds a sample's content: a saved notebook leaks none.
    _queue = traitlets.List(traitlets.Int()).tag(sync=True)
    _withdrawn = traitlets.List(traitlets.Int()).tag(sync=True)
    _recent = traitlets.List().tag(sync=True)
    _status = traitlets.Dict().tag(sync=True)
    _classes = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _session = traitlets.Unicode().tag(sync=True)

    def __init__(self, session: Session, *, render: Renderer | None = None) -> None:
        check_session(session)
        self.renderer = render or session.render
        super().__init__(session, _session=session.session_id)
        self.on_msg(self._receive)
        session.look_ahead(_AHEAD)

    def refresh(self) -> None:
        """Send the queue, the last answers and the figures of the header."""
        session, progress = self.session, self.session.progress
        budget, advice = session.budget, session.advice
        status = {
            "saved_as": progress.saved_as,
            "round": progress.round,
            "n_events": progress.n_events,
            "n_labelled": progress.n_labelled,
            "n_skipped": progress.n_skipped,
            "n_samples": progress.n_samples,
            "budget": budget.labels,
            "cost": f"{budget.spent(progress.n_labelled):.2f} {budget.currency}".strip()
            if budget.cost_per_label
            else "",
            "counts": list(progress.class_counts),
            "n_learnt": progress.n_learnt,
            "n_behind": progress.n_behind,
            "phase": progress.phase,
            # Faster than five a second was a script, or answers that had waited and came at once.
            "labels_per_minute": pace if (pace := round(progress.labels_per_minute or 0)) <= _FASTEST else 0,
            "busy": progress.busy,
            "error": progress.error,
            "report": session.report,
            "advice": advice.sentence if advice.stop else "",
            "held_by": session.held_by,
            "exhausted": progress.n_labelled + progress.n_skipped == progress.n_samples,
        }
        recent = [self._answer(answer) for answer in session.recent(_RECENT)]
        with self.hold_sync():
            self._classes = [str(name) for name in session.classes]
            self._status = status
            self._recent = recent
            self._withdrawn = session.withdrawn
            self._queue = session.queue

    def _answer(self, answer: Answer) -> list[Any]:
        code = self.session.classes.index(answer.label) if isinstance(answer, Labelled) else None
        return [answer.id, answer.item, code]

    def _receive(self, _widget: Any, content: Any, _buffers: Any) -> None:
        """Handle a message from the page. Jupyter shows no exception raised here, so none may leave."""
        try:
            kind = _field(content, "kind", str)
            if kind == "need":
                self._send_payloads(_field(content, "items", list))
            else:
                self._acknowledge(kind, content)
        except (ValueError, TypeError) as error:
            self.send({"kind": "problem", "error": presentable(str(error))})

    def _acknowledge(self, kind: str, content: dict[str, Any]) -> None:
        if kind not in ("answer", "undo", "flag", "take_over"):
            raise ValueError(f"message kind is {brief(kind)}; expected answer, undo, flag, take_over or need.")
        event_id = _id(content, "event_id")
        reply: dict[str, Any] = {"kind": "ack", "event_id": event_id}
        try:
            if kind == "answer":
                reply |= self._record_answer(event_id, content)
            elif kind == "take_over":
                self.session.take_over()
            elif kind == "flag":
                self.session.flag(_field(content, "item", int), event_id=event_id)
            else:
                target = None if content.get("target") is None else _id(content, "target")
                reply["items"] = self.session.undo(event_id=event_id, target=target)
        except OSError as error:
            # The answer is sound and could not be written: the browser keeps it and tries again.
            reply = {"kind": "refused", "event_id": event_id, "retry": True, "error": told(error, "Saving")}
            # Perhaps because another kernel took the session over: the page is to say so.
            self._follow()
        except (ValueError, TypeError) as error:
            reply = {"kind": "refused", "event_id": event_id, "retry": False, "error": presentable(str(error))}
        self.send(reply)

    def _record_answer(self, event_id: str, content: dict[str, Any]) -> dict[str, Any]:
        item = _field(content, "item", int)
        value = content.get("value")
        details = {
            "seconds": _number(content, "seconds"),
            "shown_at": _number(content, "shown_at"),
            "round": _field(content, "round", int),
            "event_id": event_id,
            "as_of": None if content.get("as_of") is None else _field(content, "as_of", int),
        }
        if value is None:
            self.session.skip(item, **details)
            return self._told_of_second(event_id, item)
        classes = self.session.classes
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < len(classes):
            raise ValueError(f"the answer is {brief(value)}; expected the number of a class, 0 to {len(classes) - 1}.")
        self.session.teach(item, classes[value], **details)
        return self._told_of_second(event_id, item)

    def _told_of_second(self, event_id: str, item: int) -> dict[str, Any]:
        """Return what the acknowledgement is to say when somebody else was first."""
        if not self.session.is_second(event_id):
            return {}
        return {
            "notice": f"Row {item} had been labelled elsewhere; that label stays, yours is kept as a second answer."
        }

    def _send_payloads(self, items: list[Any]) -> None:
        if len(items) > _MOST_PAYLOADS:
            raise ValueError(f"items has {len(items)} rows; expected at most {_MOST_PAYLOADS} at once.")
        for item in items:
            if isinstance(item, bool) or not isinstance(item, int) or not 0 <= item < self.session.n_samples:
                raise ValueError(
                    f"item is {brief(item)}; expected a row number of X, 0 to {self.session.n_samples - 1}."
                )
            message, data = self._payload(item)
            self.send({"kind": "payload", "item": item, "payload": message}, [data] if data else [])

    def _payload(self, item: int) -> tuple[dict[str, Any], bytes | None]:
        try:
            return payload(render(self.session.item(item), self.renderer, media_root=self.session.media_root))
        except Exception as error:  # noqa: BLE001 - a broken item must not stop the others
            return {
                "type": "error",
                "text": f"Row {item} cannot be shown: {type(error).__name__}: {presentable(str(error))}",
            }, None


def _field(content: Any, name: str, kind: type) -> Any:
    value = content.get(name) if isinstance(content, dict) else None
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise TypeError(f"message field {name} is {brief(value)}; expected a {kind.__name__}.")
    return value


def _id(content: Any, name: str) -> str:
    value: str = _field(content, name, str)
    if not 0 < len(value) <= _LONGEST_ID:
        raise ValueError(f"{name} has {len(value)} characters; expected 1 to {_LONGEST_ID}.")
    if not is_writable(value):
        # The reply would hold it, and could not be sent.
        raise ValueError(f"{name} is {brief(value)}, which has half of a surrogate pair; expected whole characters.")
    return value


def _number(content: dict[str, Any], name: str) -> float | None:
    value = content.get(name)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
