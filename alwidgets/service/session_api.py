"""A session over HTTP: questions, answers, predictions, labels, and how far it is."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import math
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from pathlib import Path
from typing import Any

from alwidgets.data.plain_samples import content_of
from alwidgets.journal.events import Repeated, Skipped
from alwidgets.journal.resent import OtherChangeError
from alwidgets.service.common_api import COMMON, Common
from alwidgets.service.denied import DeniedError
from alwidgets.service.metrics import Figure
from alwidgets.service.model_api import PREDICTIONS_OF
from alwidgets.service.models import SessionModels
from alwidgets.service.operations import Call, Operation, Reply
from alwidgets.service.people import Role
from alwidgets.service.schemas import SchemaError
from alwidgets.service.shapes import (
    ANSWER,
    ASK_ONLY,
    ASKED_ONLY,
    BINARY,
    FITTED,
    LABELS,
    MOST_LABELS,
    MOST_QUESTIONS,
    QUESTIONS,
    RECORDED,
    RELEASED,
    REPEATS,
    STATUS,
    UNDO,
    UNDONE,
)
from alwidgets.session import Session, view_of
from alwidgets.session.answers import NotOwnError
from alwidgets.utils.errors import format_error
from alwidgets.utils.text import short_json

_LOG = logging.getLogger(__name__)
# Questions kept ready for each person, and for a single one.
_BEFORE, _AHEAD = 6, 24
# Who asks while questions are being chosen waits so long for them.
_WAIT_SECONDS = 2.0
_CHUNK = 256 * 1024


class SessionService(Common):
    """A session that is served.

    Parameters
    ----------
    session : Session
        Which.
    """

    title = "A labeling session of alwidgets"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.models = SessionModels(session)
        self._lock = threading.Lock()
        self._ahead = 0
        self._asking: Future[Any] | None = None
        self._fit: Future[Any] | None = None

    @property
    def problem(self) -> str:
        """Reason that it takes no answers now; empty if it does."""
        if self.session.closed:
            return "The session is closed."
        if self.session.read_only:
            return f"The session is held by {view_of(self.session).lock_owner or 'nobody who can write to it'}."
        return ""

    def check_open(self) -> None:
        """Raise DeniedError where nothing can be answered."""
        if self.problem:
            raise DeniedError(503, self.problem, {"Retry-After": "10"})

    def keep_ready(self, n: int) -> None:
        """Have questions ready for everybody, from the first time on that somebody asks for so many."""
        n_people = view_of(self.session).n_people
        wanted = max(_AHEAD, n if n_people == 1 else max(_BEFORE, n) * n_people)
        with self._lock:
            if wanted <= self._ahead:
                return
            self._ahead = wanted
        view_of(self.session).set_prefetch(wanted)

    def retraining(self) -> Future[Any]:
        """Return the fit that somebody wants, one at a time."""
        with self._lock:
            if self._fit is None or self._fit.done():
                self._fit = self.threads.submit(self.session.retrain)
            return self._fit

    def ask_more(self, n: int, name: str) -> None:
        """Have questions chosen by the present model: those kept ready may be used up before a long fit ends."""
        with self._lock:
            if self._asking is None or self._asking.done():
                self._asking = self.heavy.submit(self._ask_more, n, name)

    def _ask_more(self, n: int, name: str) -> None:
        try:
            self.session.query(n if self.session.team else n * view_of(self.session).n_people, annotator=name)
        except Exception as error:  # noqa: BLE001 - of the user's strategy; the status tells it too
            _LOG.warning("%s", format_error(error, "Choosing questions"))

    @property
    def figures(self) -> Iterator[Figure]:
        """Figures of the session for a monitor."""
        if self.session.closed:
            return
        progress, rounds = self.session.progress, view_of(self.session).rounds
        for name, text, value in (
            ("samples", "Samples of the pool.", progress.n_samples),
            ("labels", "Samples with a label.", progress.n_labeled),
            ("skipped", "Samples that nobody could tell.", progress.n_skipped),
            ("pending", "Questions that are asked and not answered.", progress.n_pending),
            ("behind", "Answers that no model knows yet.", progress.n_behind),
            ("round", "Round of the newest model.", progress.round),
            ("fit_running", "Whether a fit or a selection runs.", progress.busy),
            ("failed", "Whether something went wrong that was not put right.", bool(progress.error)),
            ("writable", "Whether answers are taken.", not self.problem),
        ):
            yield Figure(f"alwidgets_{name}", text, {(): float(value)})
        if rounds and rounds[-1].measured:
            labels = ("metric", rounds[-1].metric), ("kind", rounds[-1].score_kind)
            yield Figure("alwidgets_score", "Score of the newest model.", {labels: rounds[-1].score})


# What is done


async def _next(service: SessionService, call: Call) -> Reply:
    """Return questions; where they are being chosen, wait a moment for them."""
    loop, changed = asyncio.get_running_loop(), asyncio.Event()
    service.check_open()

    def note() -> None:
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(changed.set)

    unfollow: Callable[[], None] = view_of(service.session).on_change(note)
    try:
        until = loop.time() + _WAIT_SECONDS
        while True:
            changed.clear()
            found = await loop.run_in_executor(service.threads, _questions, service, call)
            if found["questions"] or found["done"] or loop.time() >= until:
                break
            service.ask_more(call.query["n"], call.name)
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(changed.wait(), until - loop.time())
            service.check_open()
    finally:
        unfollow()
    empty = not found["questions"] and not found["done"]
    return Reply(found, headers={"Retry-After": "1"} if empty else {})


def _questions(service: SessionService, call: Call) -> dict[str, Any]:
    session, view, n = service.session, view_of(service.session), call.query["n"]
    service.keep_ready(n)
    as_of = view.n_events
    view.renew(call.name)
    rows = view.questions(call.name, n)[:n]
    return {
        "session": session.session_id,
        "round": (view.newest_model or (0, ""))[0],
        "as_of": as_of,
        "lease_seconds": view.lease_seconds,
        "done": not rows and view.is_done(call.name),
        "questions": _shown(session, rows),
    }


def _shown(session: Session, rows: list[int]) -> list[dict[str, Any]]:
    return [{"item": row, "sample": session.sample_id(row), "content": content_of(session.item(row))} for row in rows]


def _repeats(service: SessionService, call: Call) -> Reply:
    """Return samples to be answered a second time, without the first answer."""
    service.check_open()
    session = service.session
    rows = view_of(session).repeats(call.name)[: call.query["n"]]
    return Reply({"session": session.session_id, "questions": _shown(session, rows)})


def _release(service: SessionService, call: Call) -> Reply:
    service.check_open()
    view_of(service.session).release(call.name)
    return Reply({"released": True})


def _undo(service: SessionService, call: Call) -> Reply:
    service.check_open()
    session, view, body = service.session, view_of(service.session), call.body
    _check_session(service, body)
    event_id, target = body["event_id"], body.get("target")
    if target is not None and view.recorded(target) is None:
        raise DeniedError(404, f"There is no answer {target!r} here; expected the event_id of one.")
    try:
        with _ids_once():
            items = session.undo(event_id=event_id, target=target, annotator=call.name)
    except NotOwnError as error:
        raise DeniedError(403, str(error)) from error
    return Reply({"event_id": event_id, "items": items})


def _ask_only(service: SessionService, call: Call) -> Reply:
    """Have only some samples asked, of everybody; null for all again."""
    service.check_open()
    _check_session(service, call.body)
    session, event_id = service.session, call.body["event_id"]
    items = call.body["items"]
    rows = None if items is None else [int(item) for item in items]
    for row in rows or ():
        _check_item(service, row)
    with _ids_once():
        asked = session.ask_only(rows, annotator=call.name, event_id=event_id)
    return Reply({"event_id": event_id, "items": asked.tolist()})


@contextlib.contextmanager
def _ids_once() -> Iterator[None]:
    """Answer that an id is of something else that happened."""
    try:
        yield
    except OtherChangeError as error:
        raise DeniedError(409, str(error)) from error


def _check_session(service: SessionService, body: dict[str, Any]) -> None:
    if body.get("session") not in (None, service.session.session_id):
        raise DeniedError(409, "This answer is for another session; ask for questions of this one.")


def _check_item(service: SessionService, item: int) -> None:
    if item >= (n_samples := service.session.n_samples):
        raise DeniedError(404, f"There is no item {item}; expected 0 to {n_samples - 1}.")


def _answer(service: SessionService, call: Call) -> Reply:
    session, view, body = service.session, view_of(service.session), call.body
    service.check_open()
    _check_session(service, body)
    as_of = _whole(body.get("as_of"))
    if as_of is not None and as_of > (n_events := view.n_events):
        raise DeniedError(409, f"as_of is {as_of}, and {n_events} things have happened here; ask for questions anew.")
    asked_by = _whole(body.get("round"))
    if asked_by is not None and asked_by > (last := view.last_round):
        raise DeniedError(404, f"There is no round {asked_by}; expected 0 to {last}, or null for the newest.")
    item, label, event_id = int(body["item"]), body["label"], body["event_id"]
    _check_item(service, item)
    _check_bool(label, session.classes)
    given: dict[str, Any] = {
        "annotator": call.name, "seconds": body.get("seconds"), "shown_at": body.get("shown_at"),
        "round": asked_by, "event_id": event_id,
    }  # fmt: skip
    # Of two that have one id, the first one counts; whoever sent the second one has to know.
    with _ids_once():
        if body.get("again"):
            session.answer_repeat(item, label, **given)
        elif label is None:
            session.skip(item, unsure=body.get("unsure", False), as_of=as_of, **given)
        else:
            session.teach(item, label, as_of=as_of, **given)
        kept = view.recorded(event_id)
        if kept is None:
            # It was undone before it came.
            raise OtherChangeError(event_id)
    return Reply({
        "event_id": event_id,
        "item": item,
        "kept_as": "second answer" if isinstance(kept, Repeated) else "skip" if isinstance(kept, Skipped) else "label",
    })  # fmt: skip


def _check_bool(label: Any, classes: Sequence[Any]) -> None:
    """Refuse what is true or false and no class, in the words of JSON."""
    if isinstance(label, bool) and not any(each is label for each in classes):
        raise SchemaError(f"label is {short_json(label)}; expected one of {short_json(list(classes))}.")


def _whole(number: Any) -> int | None:
    return None if number is None else int(number)


def _retrain(service: SessionService, _call: Call) -> Reply:
    """Fit now; a fit that takes longer than a caller waits goes on, and the status tells how it ended."""
    service.check_open()
    fit = service.retraining()
    wait([fit], _WAIT_SECONDS)
    if fit.done() and (error := fit.exception()) is not None:
        raise DeniedError(409, format_error(error, "Fitting")) from error
    return Reply({"done": fit.done(), "round": (view_of(service.session).newest_model or (0, ""))[0]})


def _labels(service: SessionService, call: Call) -> Reply:
    if service.session.closed:
        raise DeniedError(503, service.problem)
    frame = service.session.labels
    start, n = call.query["offset"], call.query["limit"]
    rows = json.loads(frame.iloc[start : start + n].to_json(orient="records", date_format="iso", double_precision=15))
    return Reply({"n_labels": len(frame), "labels": rows})


def _export(service: SessionService, _call: Call) -> Reply:
    """Write the session into a folder, and that into a zip, which is gone when it was sent."""
    service.check_open()
    with tempfile.TemporaryDirectory(prefix="alwidgets-") as place:
        folder = service.session.export(Path(place) / "session")
        packed = tempfile.TemporaryFile()  # noqa: SIM115 - it is read while it is sent, and closed then
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(folder.rglob("*")):
                archive.write(path, Path(folder.name) / path.relative_to(folder))
    packed.seek(0)

    def parts() -> Iterator[bytes]:
        with packed:
            yield from iter(lambda: packed.read(_CHUNK), b"")

    return Reply(parts(), "application/zip", {"Content-Disposition": 'attachment; filename="session.zip"'})


def _status(service: SessionService, _call: Call) -> Reply:
    session = service.session
    if session.closed:
        raise DeniedError(503, service.problem)
    progress, view = session.progress, view_of(session)
    advice, rounds = view.advice, view.rounds
    since = progress.busy_since
    return Reply({
        "session": session.session_id,
        "saved_as": progress.saved_as,
        "classes": list(session.classes),
        "task": session.task.kind,
        **{name: getattr(progress, name) for name in _PROGRESS},
        "score": _score(rounds[-1]) if rounds else None,
        "busy_seconds": None if since is None else max(0.0, service.now() - since),
        "stop": advice.stop,
        "advice": advice.sentence,
    })  # fmt: skip


_PROGRESS = (
    "n_samples", "n_labeled", "n_skipped", "n_pending", "n_behind", "n_only", "n_events", "round", "phase",
    "error",
)  # fmt: skip


def _score(last: Any) -> dict[str, Any] | None:
    """Return the score of a round; None where it was not measured."""
    if not last.measured:
        return None
    low, high = (None if math.isnan(each) else each for each in (last.score_low, last.score_high))
    where = {"metric": last.metric, "kind": last.score_kind, "n": last.score_n}
    return {"value": last.score, "low": low, "high": high, **where}


_PEOPLE: tuple[Role, ...] = ("annotator", "expert")
#: What can be done with a session.
OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "next_questions", "GET", "/v1/next", "Questions to be answered next.", _next, QUESTIONS,
        "They are before this person alone, for `lease_seconds` from each such request on. Where none is "
        "ready it waits for two seconds; `questions` is empty then, and `done` says whether there is nothing left.",
        roles=_PEOPLE,
        query={"n": {"type": "integer", "minimum": 1, "maximum": MOST_QUESTIONS, "default": 1}},
    ),
    Operation(
        "give_answer", "POST", "/v1/answers", "An answer to a question.", _answer, RECORDED,
        "It is on disk when the reply comes. Sent again with the same `event_id`, it counts once.",
        roles=_PEOPLE, body=ANSWER, errors=(404, 409),
    ),
    Operation(
        "release_questions", "POST", "/v1/release", "Let others have the questions that are before you.", _release,
        RELEASED, roles=_PEOPLE,
    ),
    Operation(
        "undo", "POST", "/v1/undo", "Undo an answer.", _undo, UNDONE,
        "The last one of this person, or that with the `event_id` that `target` has; its item is a question again. "
        "Sent again with the same `event_id` of its own, it counts once.",
        roles=_PEOPLE, body=UNDO, errors=(404, 409),
    ),
    Operation(
        "list_repeats", "GET", "/v1/repeats", "Samples to be answered a second time.", _repeats, REPEATS,
        "Nobody is shown the first answer. An answer to one has `again`, and leaves the label as it is.",
        roles=_PEOPLE,
        query={"n": {"type": "integer", "minimum": 1, "maximum": MOST_QUESTIONS, "default": 1}},
    ),
    Operation(
        "ask_only", "POST", "/v1/ask-only", "Some samples that alone are asked from now on, or all again.", _ask_only,
        ASKED_ONLY,
        "As `Session.ask_only` does it, for everybody; what is before others stays there. Sent again with the same "
        "`event_id`, it counts once.",
        roles=("expert",), body=ASK_ONLY, errors=(404, 409),
    ),
    Operation(
        "retrain", "POST", "/v1/retrain", "A model of all answers until now.", _retrain, FITTED,
        "It waits for two seconds; a fit that takes longer goes on, `done` is false, and the status tells how it ends.",
        roles=("expert",), errors=(409,),
    ),
    *PREDICTIONS_OF,
    Operation(
        "get_status", "GET", "/v1/status", "How far the session is.", _status, STATUS,
        roles=("annotator", "expert", "viewer"),
    ),
    Operation(
        "list_labels", "GET", "/v1/labels", "The labels, by ascending item.", _labels, LABELS, roles=("expert",),
        query={
            "offset": {"type": "integer", "minimum": 0, "maximum": 2**53 - 1, "default": 0},
            "limit": {"type": "integer", "minimum": 1, "maximum": MOST_LABELS, "default": 1000},
        },
    ),
    Operation(
        "export_session", "GET", "/v1/export", "Labels, history, journal and model, in a zip.", _export, BINARY,
        "As `Session.export` writes them.", roles=("expert",), gives="application/zip",
    ),
    *COMMON,
)  # fmt: skip
