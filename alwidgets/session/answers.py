"""Recording of answers: labels, skips, flags and notes, and undoing them."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from itertools import islice
from typing import Any

from alwidgets.journal.events import (
    Answer,
    Event,
    Flagged,
    Labeled,
    Noted,
    Repeated,
    Skipped,
    Undone,
    Unflagged,
    as_second,
)
from alwidgets.journal.log import label_id, new_id
from alwidgets.journal.resent import recorded_as
from alwidgets.journal.state import LABELED, SKIPPED, State
from alwidgets.session import validation
from alwidgets.session.core import Core
from alwidgets.session.repeats import draw_if_due
from alwidgets.types import AnyLabel, Label
from alwidgets.utils.checks import check_count

# What is the same when a change comes again.
_SAID = ("item", "annotator", "label", "unsure", "note", "of", "weight", "decision", "reason")


class NotOwnError(ValueError):
    """An answer of somebody else, which one may not undo."""


def teach(  # noqa: PLR0913 - as the method of the session
    core: Core,
    item: int,
    label: AnyLabel,
    *,
    annotator: str | None = None,
    seconds: float | None = None,
    shown_at: float | None = None,
    round: int | None = None,  # noqa: A002 - the glossary's word
    event_id: str | None = None,
    via: str = "",
    suggested: AnyLabel | None = None,
    as_of: int | None = None,
) -> None:
    """Record a label of any item, asked or not."""
    item = core.check_item(item)
    label = core.check_label(label)
    if suggested is not None:
        suggested = core.check_label(suggested)
    details = _details(core, annotator, seconds, shown_at, round, event_id)
    via = validation.check_via(via)
    record_once(core, Labeled, event_id, as_of, item=item, label=label, via=via, suggested=suggested, **details)


def skip(  # noqa: PLR0913
    core: Core,
    item: int,
    *,
    unsure: bool = False,
    annotator: str | None = None,
    seconds: float | None = None,
    shown_at: float | None = None,
    round: int | None = None,  # noqa: A002 - the glossary's word
    event_id: str | None = None,
    as_of: int | None = None,
) -> None:
    """Record that a sample cannot be answered, or with `unsure` that someone else may be able to."""
    item = core.check_item(item)
    details = _details(core, annotator, seconds, shown_at, round, event_id)
    record_once(core, Skipped, event_id, as_of, item=item, unsure=bool(unsure), **details)


def answer_repeat(
    core: Core,
    item: int,
    label: AnyLabel | None,
    *,
    annotator: str | None = None,
    seconds: float | None = None,
    shown_at: float | None = None,
    round: int | None = None,  # noqa: A002 - the glossary's word
    event_id: str | None = None,
) -> None:
    """Record a second answer to a labeled item; the first one where that was undone meanwhile."""
    item = core.check_item(item)
    name = core.answering(annotator, event_id)
    with core.log.lock:
        state = core.log.state
        # In a team it is a second answer only of who gave a first one.
        answered = state.codes[item] >= 0 if state.team is None else name in state.given(item)
    if not answered:
        given: dict[str, Any] = {
            "annotator": annotator, "seconds": seconds, "shown_at": shown_at, "round": round, "event_id": event_id,
        }  # fmt: skip
        if label is None:
            skip(core, item, **given)
        else:
            teach(core, item, label, **given)
        return
    if label is not None:
        label = core.check_label(label)
    details = _details(core, annotator, seconds, shown_at, round, event_id)
    record_once(core, Repeated, event_id, item=item, label=label, **details)


def flag(core: Core, item: int, note: str, annotator: str | None, event_id: str | None) -> None:
    """Mark an item for review, with a note."""
    item, name = core.check_item(item), core.name_of(annotator, event_id)
    record_once(core, Flagged, event_id, item=item, note=validation.check_words("note", note), annotator=name)


def note(core: Core, item: int, text: str, annotator: str | None, event_id: str | None) -> None:
    """Write a note on an item."""
    item, name = core.check_item(item), core.name_of(annotator, event_id)
    record_once(core, Noted, event_id, item=item, note=validation.check_words("note", text), annotator=name)


def unflag(core: Core, item: int, annotator: str | None, event_id: str | None) -> None:
    """Remove the flag of an item; nothing changes if it has none."""
    item, name = core.check_item(item), core.name_of(annotator, event_id)
    with core.log.lock:
        flagged = item in core.log.state.flags
    # What has an id is recorded in any case: it is not to act when it comes again, and there is a mark.
    if flagged or event_id is not None:
        record_once(core, Unflagged, event_id, item=item, annotator=name)


def undo(core: Core, steps: int, *, event_id: str | None, target: str | None, annotator: str | None) -> list[int]:
    """Undo the last answers, or one of them."""
    steps = check_count("steps", steps)
    event_id = validation.check_name("event_id", event_id)
    target = validation.check_name("target", target)
    name = core.answering(annotator, event_id)
    if steps > 1 and (event_id is not None or target is not None):
        raise ValueError(f"steps is {steps} with an event_id or a target; expected 1 step with these.")
    with core.log.lock:
        core.log.check_open()
        state = core.log.state
        named = {} if target is None else {"target": target}
        before: Any = recorded_as(state, event_id, Undone, annotator=name, **named)
        if before is not None:
            undone: Any = state.recorded(before.target)
            return [undone.item] if isinstance(undone, Answer) else []
        if target is not None:
            _check_own(core, name, state.answer_of(target))
        chosen = [target] if target is not None else list(islice(state.newest_answers(name), steps))
        # One that has not come yet is undone beforehand; one that no longer stands is not undone twice.
        if target is not None and _is_undone(state, target, name):
            return []
        if not chosen:
            if event_id is not None:
                # Sent again, it is not to undo what was answered meanwhile: it has undone nothing, which is itself.
                core.log.record(Undone(id=event_id, at=time.time(), target=event_id, annotator=name))
            return []
        undone = [answer for answer in map(state.answer_of, chosen) if answer is not None]
        core.log.record(
            *(Undone(id=event_id or new_id(), at=time.time(), target=answer, annotator=name) for answer in chosen)
        )
        # Before anybody else can be asked.
        leases, items = core.dealing or core.sharing, [answer.item for answer in undone]
        if leases is not None:
            own = (answer for answer in undone if core.dealing is None or answer.annotator == name)
            leases.give_back(name, [answer.item for answer in own])
    core.engine.changed()
    return items


def _is_undone(state: State, target: str, name: str | None) -> bool:
    """Return whether an answer does not stand any more, or somebody has undone it before it came."""
    return target in state.seen and state.answer_of(target) is None and not state.may_come(target, name)


def _check_own(core: Core, name: str, answer: Answer | None) -> None:
    """Raise NotOwnError where somebody of a team would undo what another answered, unless they are an expert."""
    team = core.engine.team
    if team is not None and answer is not None and answer.annotator != name and team.role(name) != "expert":
        raise NotOwnError(
            f"the answer to item {answer.item} is by {answer.annotator!r}; expected one by {name!r}, or an expert who "
            "undoes it."
        )


def give(core: Core, labels: Mapping[int, Label]) -> None:
    """Record existing labels, each once, whatever became of it; later answers take precedence."""
    with core.log.lock:
        state = core.log.state
        new = {row: label for row, label in labels.items() if label_id(row, label) not in state.seen}
        own = {row for row in new if state.status[row] in (LABELED, SKIPPED) and not state.copied[row]}
        now = time.time()
        events = [
            Labeled(
                id=label_id(row, label), at=now, item=row, label=label, annotator=None, seconds=None, shown_at=None,
                round=state.round, via="given", **copied_to(core, Labeled, row, labels),
            )
            for row, label in new.items()
            if row not in own
        ]  # fmt: skip
        n_other = sum(state.label_at(row) != new[row] for row in own)
        if events:
            core.log.record(*events)
    if events:
        core.engine.changed()
    if n_other:
        warnings.warn(
            f"labels has {n_other} rows that were answered otherwise; those answers stand.",
            RuntimeWarning,
            stacklevel=4,
        )


def record_once(
    core: Core, kind: type[Event], event_id: str | None, as_of: int | None = None, /, **values: Any
) -> None:
    """Record an event, once for each id, and go on from it; answers that wait for each other at once."""
    event_id = validation.check_name("event_id", event_id)
    as_of = validation.check_events(as_of)

    def make() -> Event | None:
        core.log.check_open()
        state = core.log.state
        given: dict[str, Any] = {"id": event_id or new_id(), "at": time.time()}
        if event_id is not None and _comes_again(state, kind, event_id, values):
            return None
        if as_of is not None and _answered_since(state, values, as_of):
            # Whoever answered first was not known to this annotator: neither overwrites the other.
            return Repeated(**given, **as_second(values))
        copies = copied_to(core, kind, values["item"]) if kind in (Labeled, Skipped) else {}
        return kind(**given, **values, **copies)

    if issubclass(kind, Answer):
        core.log.check_open()
        # Those that are the same as each other depend on each other, and what is said twice on what was said first.
        about = {core.setup.copies.first.item(values["item"]), event_id} - {None}
        if n_written := core.answers.record(make, frozenset(about)):
            draw_if_due(core)
            core.engine.answered(n_written)
        return
    with core.log.lock:
        event = make()
        if event is None:
            return
        core.log.record(event)
    core.engine.changed()


def _comes_again(state: State, kind: type[Event], event_id: str, values: Mapping[str, Any]) -> bool:
    """Return whether a change was recorded already, or undone before it came.

    Raises
    ------
    OtherChangeError
        If its id is that of another change.
    """
    if event_id not in state.seen:
        return False
    said = {name: value for name, value in values.items() if name in _SAID}
    if issubclass(kind, Answer):
        # A skip says none.
        said.setdefault("label", None)
    if not isinstance(state.recorded(event_id), Skipped):
        # One that was kept as a second answer does not say for whom it is.
        said.pop("unsure", None)
    before = recorded_as(state, event_id, kind, **said)
    return before is not None or not state.may_come(event_id, values["annotator"])


def _answered_since(state: State, values: Mapping[str, Any], as_of: int) -> bool:
    """Return whether the place of an answer was taken after so many events: by anybody, or in a team by oneself."""
    if state.team is None:
        return state.labeled_since(values["item"], as_of)
    return state.given(values["item"]).get(values["annotator"], 0) > as_of


def copied_to(core: Core, kind: type[Event], item: int, but: Any = ()) -> dict[str, Any]:
    """Return the fields of an answer that identify the sample and the copies it counts for. Under the lock."""
    state, copies = core.log.state, core.setup.copies
    own = {"sample": core.sample_id(item)} if kind is Labeled else {}
    if state.duplicates != "carry" or not copies.any or item in state.gold:
        return own
    rows = [row for row in state.takes_copy(copies.of(item)).tolist() if row not in but]
    samples = tuple(core.ids[row] for row in rows) if core.ids is not None and kind is Labeled else ()
    return own | {"copies": tuple(rows)} | ({"copy_samples": samples} if samples else {})


def _details(
    core: Core,
    annotator: str | None,
    seconds: float | None,
    shown_at: float | None,
    round: int | None,  # noqa: A002 - the glossary's word
    event_id: str | None,
) -> dict[str, Any]:
    return {
        "seconds": validation.check_duration("seconds", seconds),
        "annotator": core.answering(annotator, event_id),
        "shown_at": validation.check_seconds("shown_at", shown_at),
        "round": core.log.state.round if round is None else validation.check_round(round),
    }
