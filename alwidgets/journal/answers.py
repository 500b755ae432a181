"""The answers and questions of a state, read from its columns as they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, ValuesView
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from alwidgets.journal.events import Answer
from alwidgets.journal.standing import OPEN, Folded
from alwidgets.types import BoolArray, IntArray

if TYPE_CHECKING:
    from alwidgets.journal.shared import Shared


@dataclass(frozen=True, slots=True)
class Question:
    """Reasons why a sample was asked: model, strategy, utility, whether it was drawn to measure, and how likely."""

    round: int
    strategy: str
    utility: float | None
    audit: bool
    probability: float | None = None


class Questions(Mapping[int, Question]):
    """Reasons why samples were asked, by row, in the order of asking."""

    def __init__(self, state: Folded) -> None:
        self._state = state

    def __len__(self) -> int:
        return int(np.count_nonzero(self._state.asked))

    def __iter__(self) -> Iterator[int]:
        asked = self._state.asked
        rows = np.flatnonzero(asked)
        return iter(rows[np.argsort(asked[rows])].tolist())

    def __getitem__(self, row: int) -> Question:
        state = self._state
        if not state.asked[row]:
            raise KeyError(row)
        strategy = list(state.strategies)[state.asked_by[row]]
        utility, probability = (_or_none(column.item(row)) for column in (state.utility, state.probability))
        return Question(state.asked_in.item(row), strategy, utility, bool(state.audit[row]), probability)


def _or_none(number: float) -> float | None:
    return None if np.isnan(number) else number


class AnswersById(Mapping[str, Answer]):
    """The answers that were not undone, by id, oldest first."""

    def __init__(self, state: Folded) -> None:
        self._state = state

    def __len__(self) -> int:
        return len(self._state.answer_numbers())

    def __iter__(self) -> Iterator[str]:
        past = self._state.past
        return (past.value(number, "id") for number in self._state.answer_numbers().tolist())

    def __getitem__(self, name: str) -> Answer:
        past, number = self._state.past, self._state.seen.get(name, 0)
        if number and past.value(number, "kind") in ("labeled", "skipped"):
            answer: Any = past.event(number)
            if self._state.stands(number, answer.item):
                return answer  # type: ignore[no-any-return]
        raise KeyError(name)

    def newest(self, *, second: bool = False) -> Iterator[Answer]:
        """Yield the answers, newest first; with `second`, second ones among them.

        The order is that of the events: a clock may have been set back.
        """
        state = self._state
        again = {state.seen[name] for name in state.repeat_answers} if second else set()
        number = len(state.past) + 1
        for number, event in state.past.newest():
            if isinstance(event, Answer) and (number in again or state.stands(number, event.item)):
                yield event
        read = np.union1d(state.answer_numbers(), np.array(list(again), np.int64))
        events: Any = map(state.past.event, read[read < number][::-1].tolist())
        yield from events

    def values(self) -> ValuesView[Answer]:
        """Return the answers."""
        return _Values(self)


class _Values(ValuesView[Answer]):
    _mapping: AnswersById

    def __iter__(self) -> Iterator[Answer]:
        state: Any = self._mapping._state  # noqa: SLF001 - one of this module
        yield from state.past.some(state.answer_numbers().tolist())


def standing_rows(state: Folded) -> tuple[IntArray, IntArray, BoolArray]:
    """Return rows, event numbers and a mask of copies of the current answers, in the order of first answers.

    What a team has answered without a label to it has no current answer.
    """
    is_open = state.status == OPEN
    rows = np.flatnonzero((state.answered > 0) & ~is_open)
    numbers = state.answered[rows]
    since, place = numbers.copy(), np.zeros(len(rows), np.int64)
    for row in {*state.earlier, *np.flatnonzero(state.copied).tolist()} - set(np.flatnonzero(is_open).tolist()):
        at = np.searchsorted(rows, row)
        own = [number for number in state.history(row) if state.past.value(number, "item") == row]
        if own:
            since[at] = own[0]
        else:
            number = numbers.item(at)
            # What came after the answer comes behind all that were there.
            came = row in state.carried.get(number, ())
            place[at] = len(rows) + row if came else 1 + list(state.past.value(number, "copies")).index(row)
    order = np.lexsort((place, since))
    return rows[order], numbers[order], state.copied[rows[order]]


def standing(state: Folded) -> dict[int, Answer]:
    """Return the current answer to each row; that of a copy has its own `via` and no time."""
    rows, numbers, copied = standing_rows(state)
    given: Any = {}
    distinct = np.unique(numbers).tolist()
    given.update(zip(distinct, state.past.some(distinct), strict=True))
    found: dict[int, Answer] = {}
    for row, number, is_copy in zip(rows.tolist(), numbers.tolist(), copied.tolist(), strict=True):
        found[row] = _as_copy(state, given[number], row) if is_copy else given[number]
    return found


def standing_of_each(state: Shared) -> Iterator[tuple[int, Answer]]:
    """Yield rows and the last answer of each annotator to them, ascending, oldest first; copies as `standing`."""
    for row in np.flatnonzero(state.answered > 0).tolist():
        for number in state.given(row).values():
            answer: Any = state.past.event(number)
            yield row, answer if answer.item == row else _as_copy(state, answer, row)


def _as_copy(state: Folded, answer: Answer, row: int) -> Answer:
    sample = state.carried_samples.get(row)
    if sample is None:
        sample = dict(zip(answer.copies, getattr(answer, "copy_samples", ()), strict=False)).get(row)
    own: Any = {"sample": sample} if sample is not None and hasattr(answer, "sample") else {}
    return replace(answer, item=row, via="duplicate", seconds=None, copies=(), **own)
