"""Validation of the columns of frequent kinds of events.

A column is checked at once for what `alwidgets.journal.decode` checks of each value. What does not fit here may still
be right, and is read there.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import Any

import numpy as np

from alwidgets.journal.columns import Coded, Column, Lists, Measured, Table, Values
from alwidgets.journal.decode import LATEST


def fitting(table: Table, n_samples: int) -> dict[str, Column] | None:
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


_OF_LABELS: tuple[set[type], ...] = (set(), {str}, {bool})


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
    "labeled": (_FITS_ANSWER | {"label": "label", "sample": "text"}, frozenset({"via", "suggested"})),
    "skipped": (_FITS_ANSWER | {"unsure": "truth"}, frozenset({"via", "suggested", "unsure"})),
    "asked": (
        {
            "id": "text", "at": "time", "items": "rows", "utility": "numbers", "audit": "truths", "withdrawn": "rows",
            "round": "whole", "strategy": "text", "probability": "numbers", "chosen": "truth",
        },
        frozenset({"probability", "chosen"}),
    ),
}  # fmt: skip
