"""The kinds of events of which a session has many, folded from columns of JSON without an object for each.

A column is checked at once for what `alwidgets.journal.decode` checks of each value. A table with anything that is rare
in it, or that does not fit, is read event by event.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Generator, Iterable, Sequence
from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np

from alwidgets.journal.columns import Coded, Column, Lists, Measured, Stretch, Table, Values
from alwidgets.journal.decode import LATEST, RECORD_ERRORS, RecordError, from_record
from alwidgets.journal.events import Event, RolledBack, Undone
from alwidgets.journal.standing import LABELLED, LONGEST_SECONDS, PENDING, SKIPPED

if TYPE_CHECKING:
    from alwidgets.journal.state import State

# Folds the events of a table: sent the number of the next one, it folds that one in.
_Steps = Generator[None, int, None]


class Frequent:
    """A stretch of records that fit, of which no two have the same id, with no rollback among them.

    Attributes
    ----------
    ids : list of str
        Of the events, in order.
    """

    def __init__(self, stretch: Stretch, folds: list[Callable[[State], _Steps]], ids: list[str]) -> None:
        self._stretch, self._folds, self.ids = stretch, folds, ids

    def fold(self, state: State, first: int) -> None:
        """Fold the events into a state, in the past of which they are already, the first of them with this number.

        Raises
        ------
        RecordError
            If one of them cannot be folded in.
        """
        number, steps = first, []
        for folded in self._folds:
            steps.append(folded(state).send)
            steps[-1](None)
        try:
            for number, which in enumerate(self._stretch.which, first):
                steps[which](number)
        except RECORD_ERRORS as error:
            raise RecordError(number - first, str(error)) from error
        state.n_events = number


def as_frequent(stretch: Stretch, n_samples: int) -> Frequent | None:
    """Return the stretch as one that can be folded at once; None where it is to be read event by event."""
    folds: list[Callable[[State], _Steps]] = []
    ids: list[list[str]] = []
    undone: dict[str, str] = {}
    for table in stretch.tables:
        name = table.columns.get("id")
        if not isinstance(name, Coded | Values) or name.types != {str}:
            return None
        ids.append(name.tolist())
        columns = _fitting(table, n_samples)
        if columns is not None:
            folds.append(partial(_FOLDS[table.columns["kind"][0]], columns))
            continue
        try:
            events = [from_record(record, n_samples) for record in table.tolist()]
        except RECORD_ERRORS:
            return None
        if any(isinstance(event, RolledBack) for event in events):
            return None
        undone |= {event.target: event.id for event in events if isinstance(event, Undone)}
        folds.append(partial(_fold_events, events))
    ordered = stretch.in_order(ids)
    place = {name: number for number, name in enumerate(ordered)}
    # An answer that is taken back before it comes does not count.
    if len(place) < len(ordered) or any(place.get(target, -1) > place[name] for target, name in undone.items()):
        return None
    return Frequent(stretch, folds, ordered)


def _fold_events(events: Sequence[Event], state: State) -> _Steps:
    number = yield
    for event in events:
        state.count(number, event)
        number = yield


def _fold_answers(columns: dict[str, Column], state: State, *, skipped: bool = False) -> _Steps:
    """Fold answers to single samples."""
    status, codes, audit, answered, took, changed_at = map(
        memoryview, (state.status, state.codes, state.audit, state.answered, state.took, state.changed_at)
    )
    stands, missing = SKIPPED if skipped else LABELLED, repeat(None)
    labels: Iterable[Any] = missing if skipped else columns["label"].tolist()
    labels = map(tuple, labels) if state.many and not skipped else labels
    known: dict[Any, int] = {}
    number = yield
    for row, label, seconds in zip(columns["item"].tolist(), labels, _seconds(columns["seconds"]), strict=False):
        if changed_at[row] or audit[row]:
            # Not the first answer, or one that measures.
            event: Any = state.past.event(number)
            state.count(number, event)
            number = yield
            continue
        code = -1 if skipped else known.get(label)
        if code is None:
            code = known[label] = state.code_of_label(label, row)
        if status[row] == PENDING:
            state.pending.remove(row)
            state.returned.discard(row)
        status[row], answered[row], took[row], changed_at[row], codes[row] = stands, number, seconds, number, code
        if not skipped:
            state.count_classes(code, 1)
        if not math.isnan(seconds):
            state.seconds += min(seconds, LONGEST_SECONDS)
            state.n_timed += 1
        state.unlearnt.append(number)
        number = yield


def _fold_asked(columns: dict[str, Column], state: State) -> _Steps:
    """Fold batches of questions."""
    usual: dict[str, Any] = {"probability": repeat(()), "chosen": repeat(object=False)}
    values = [columns[name].tolist() if name in columns else usual[name] for name in _OF_ASKED]
    number = yield
    for each in zip(*values, strict=False):
        state.ask(*each)
        number = yield  # noqa: F841 - what was asked when is in the past


_OF_ASKED = ("items", "utility", "audit", "withdrawn", "round", "strategy", "probability", "chosen")
_FOLDS: dict[str, Callable[..., _Steps]] = {
    "asked": _fold_asked, "labelled": _fold_answers, "skipped": partial(_fold_answers, skipped=True),
}  # fmt: skip


def _seconds(column: Column) -> Sequence[float]:
    """Return times as numbers, NaN where there is none."""
    if isinstance(column, Coded):
        return [math.nan] * len(column.codes)
    return (column.numbers if isinstance(column, Measured) else column).tolist()  # type: ignore[return-value]


def _fitting(table: Table, n_samples: int) -> dict[str, Column] | None:
    """Return the columns of a table of one frequent kind, all of which fit; None where there is another."""
    columns = table.columns
    kind = columns.get("kind")
    if not isinstance(kind, Coded) or len(kind.distinct) != 1 or kind.distinct[0] not in _FITS:
        return None
    fits, optional = _FITS[kind.distinct[0]]
    if not fits.keys() - optional <= columns.keys() or "copies" in columns or "copy_samples" in columns:
        return None
    if not all(_FIT_SORTS[sort](columns[name], n_samples) for name, sort in fits.items() if name in columns):
        return None
    return columns if kind.distinct[0] != "asked" or _are_as_long(columns) else None


def _are_as_long(columns: dict[str, Column]) -> bool:
    """Return whether each question has its utility and all else."""
    ends = [columns[name].ends for name in ("items", "utility", "audit")]  # type: ignore[attr-defined]
    chances: Any = columns.get("probability")
    return ends[0] == ends[1] == ends[2] and (chances is None or chances.ends[-1] == 0 or chances.ends == ends[0])


def _are(*types: type) -> Callable[[Column, int], bool]:
    def fits(column: Column, _: int) -> bool:
        return isinstance(column, Coded | Values) and column.types <= set(types)

    return fits


def _is_whole(column: Column, _: int) -> bool:
    return isinstance(column, array) and column.typecode == "q" and _lowest(column) >= 0


def _is_row(column: Column, n_samples: int) -> bool:
    return _is_whole(column, 0) and int(np.frombuffer(column, np.int64).max()) < n_samples  # type: ignore[call-overload]


def _lowest(column: array[int]) -> int:
    return int(np.frombuffer(column, np.int64).min())


def _is_number(column: Column, _: int) -> bool:
    numbers: Any = column.numbers if isinstance(column, Measured) else column
    if not isinstance(numbers, array):
        return isinstance(column, Coded) and column.types == {type(None)}
    return numbers.typecode == "d" and not np.isinf(np.frombuffer(numbers, np.float64)).any()


def _is_time(column: Column, _: int) -> bool:
    if not isinstance(column, array) or column.typecode != "d":
        return False
    times = np.frombuffer(column, np.float64)
    return bool(((times > -LATEST) & (times < LATEST)).all())


def _is_label(column: Column, _: int) -> bool:
    if isinstance(column, Lists):
        column = column.inner
    return isinstance(column, array) or (isinstance(column, Coded | Values) and column.types in _OF_LABELS)


_OF_LABELS = (frozenset(), {str}, {bool})


def _lists_of(fits: Callable[[Column, int], bool]) -> Callable[[Column, int], bool]:
    def fit(column: Column, n_samples: int) -> bool:
        return isinstance(column, Lists) and (not column.ends[-1] or fits(column.inner, n_samples))

    return fit


_FIT_SORTS: dict[str, Callable[[Column, int], bool]] = {
    "text": _are(str), "text or none": _are(str, type(None)), "truth": _are(bool), "whole": _is_whole, "row": _is_row,
    "number": _is_number, "time": _is_time, "label": _is_label, "rows": _lists_of(_is_row),
    "truths": _lists_of(_are(bool)), "numbers": _lists_of(_is_number),
}  # fmt: skip
_FITS_ANSWER = {
    "id": "text", "at": "time", "item": "row", "annotator": "text or none", "seconds": "number", "shown_at": "number",
    "round": "whole", "via": "text", "suggested": "text or none",
}  # fmt: skip
# Of each frequent kind, what its fields are, and which of them may be missing.
_FITS: dict[str, tuple[dict[str, str], frozenset[str]]] = {
    "labelled": (_FITS_ANSWER | {"label": "label", "sample": "text"}, frozenset({"via", "suggested"})),
    "skipped": (_FITS_ANSWER | {"unsure": "truth"}, frozenset({"via", "suggested", "unsure"})),
    "asked": (
        {
            "id": "text", "at": "time", "items": "rows", "utility": "numbers", "audit": "truths", "withdrawn": "rows",
            "round": "whole", "strategy": "text", "probability": "numbers", "chosen": "truth",
        },
        frozenset({"probability", "chosen"}),
    ),
}  # fmt: skip
