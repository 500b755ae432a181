"""Rows: selection of cells, and values in words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import numpy as np

from alwidgets.renderers.kinds import Pair, Row
from alwidgets.renderers.texts import cut
from alwidgets.utils.text import short_repr, type_name

#: What stands in place of a value that is missing.
MISSING = "\u2014"
MOST_CELLS = 400
_MOST_CELL_TEXT = 2_000
_DIGITS = 6
_LARGEST_PLAIN, _SMALLEST_PLAIN = 1e15, 1e-4
_UNGROUPED = 10_000
_PAIR = 2


@dataclass(frozen=True)
class Columns:
    """Show some columns of a row in full, and others below as context.

    Pass it as ``render=``; it is a function item -> `Row`. A pair of rows becomes a `Pair`.

    Parameters
    ----------
    show : sequence of column names, optional
        Shown first, in this order; default all that are not in `context`.
    context : sequence of column names
        Shown below, smaller.

    Raises
    ------
    TypeError
        If either is a single str.
    ValueError
        If a row has no such column; of a DataFrame, when the session is made.

    Examples
    --------
    >>> Columns(["subject"], context=["sent"])({"subject": "Invoice", "sent": "Monday", "size": 3})
    Row(cells=(('subject', 'Invoice'),), context=(('sent', 'Monday'),))
    """

    show: Sequence[Any] | None = None
    context: Sequence[Any] = ()

    def __post_init__(self) -> None:
        for name, columns in (("show", self.show), ("context", self.context)):
            if isinstance(columns, str):
                raise TypeError(
                    f"{name} is {short_repr(columns)}; expected a list of column names, such as [{columns!r}]."
                )

    def __call__(self, item: Any) -> Row | Pair:
        """Return an item as a row."""
        if isinstance(item, tuple | list) and len(item) == _PAIR:
            return Pair(self(item[0]), self(item[1]))
        if not is_row(item):
            raise TypeError(
                f"Columns got {type_name(item)}; expected a row of a DataFrame or a mapping. "
                "Give the session items= of that kind."
            )
        cells = dict(item.items())
        self.check(cells)
        shown = [name for name in cells if name not in self.context] if self.show is None else self.show
        return Row(_named(cells, shown), _named(cells, self.context))

    def check(self, columns: Iterable[Any]) -> None:
        """Raise if a column does not exist.

        Parameters
        ----------
        columns : iterable of column names
            Those that there are.

        Raises
        ------
        ValueError
            If any of `show` or `context` is not among them.
        """
        known = list(columns)
        unknown = [name for name in (*(self.show or ()), *self.context) if name not in known]
        if unknown:
            raise ValueError(f"Columns has {short_repr(unknown)}; expected columns of the items: {short_repr(known)}.")


def is_row(item: Any) -> bool:
    """Return whether an item has names and values: a mapping, or the row of a DataFrame."""
    return isinstance(item, Mapping) or (hasattr(item, "items") and hasattr(item, "index"))


def row(named: Iterable[tuple[Any, Any]]) -> Row:
    """Return names and values as a row."""
    return Row(tuple((str(name), in_words(value)) for name, value in named))


def in_words(value: Any) -> str:
    """Return a value as it is read: yes and no, six digits but no whole one lost, dates without an empty time.

    Whole numbers have no separators, for one may be a year or the number of an account; nor do numbers below 10,000.

    Examples
    --------
    >>> [in_words(value) for value in (True, 1234567, 2021.0, 1234567.891, 0.123456789, float("nan"), None)]
    ['yes', '1234567', '2021', '1,234,568', '0.123457', '—', '—']
    """
    if _is_missing(value):
        return MISSING
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, int | np.integer):
        return str(int(value))
    if isinstance(value, float | np.floating):
        return _decimal(float(value))
    if isinstance(value, np.datetime64):
        value = value.astype("datetime64[us]").item()
    if isinstance(value, date):
        return _moment(value)
    return str(value)


def within_limits(shown: Row) -> Row:
    """Truncate a row with too many cells or too long ones, and say so."""
    return Row(_few(shown.cells), _few(shown.context))


def _named(cells: Mapping[Any, Any], names: Sequence[Any]) -> tuple[tuple[str, str], ...]:
    return row((name, cells[name]) for name in names).cells


def _few(cells: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    left = len(cells) - MOST_CELLS
    kept = cells if left <= 0 else (*cells[:MOST_CELLS], (f"{left:,} more", "not shown"))
    return tuple((cut(name, _MOST_CELL_TEXT), cut(value, _MOST_CELL_TEXT)) for name, value in kept)


def _is_missing(value: Any) -> bool:
    # pandas has missing values of its own, and is not loaded for them.
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(value, np.datetime64 | np.timedelta64):
        return bool(np.isnat(value))
    return isinstance(value, float | np.floating) and math.isnan(value)


def _decimal(value: float) -> str:
    size = abs(value)
    if size and (size >= _LARGEST_PLAIN or size < _SMALLEST_PLAIN):
        return f"{value:.{_DIGITS}g}"
    exponent = math.floor(math.log10(size)) if size else 0
    grouped = "," if size >= _UNGROUPED else ""
    text = f"{value:{grouped}.{max(0, _DIGITS - 1 - exponent)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _moment(value: date) -> str:
    if isinstance(value, datetime) and value.timetz() != time():
        return str(value)
    return f"{value:%Y-%m-%d}"
