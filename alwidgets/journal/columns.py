"""Records of JSON kept in columns: a million of them take a fifth of the memory that dicts do, and are checked at once.

What comes out is what went in: a column has values of one type, or keeps the values themselves.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import accumulate, chain, islice
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from alwidgets.types import IntArray

_NONE = type(None)
# A code is two bytes.
_MOST_CODES = 2**16
# Lists and objects inside of each other, as deep as an event has them; what is deeper is kept as it is.
_DEEPEST = 4
# So many values without a repetition are taken for the beginning of a column that has none.
_FIRST = 32
# Records of which the columns are made at once.
_AT_ONCE = 500


class Column(Protocol):
    """Values in a row, read one at a time or all at once."""

    def __getitem__(self, place: int, /) -> Any:
        """Return one of the values."""

    def tolist(self) -> list[Any]:
        """Return the values."""


class Values:
    """Values as they are, of whatever `types`."""

    __slots__ = ("types", "values")

    def __init__(self, values: Sequence[Any], types: frozenset[type]) -> None:
        self.values, self.types = values, types

    def __getitem__(self, place: int) -> Any:
        return self.values[place]

    def tolist(self) -> list[Any]:
        """Return the values."""
        return list(self.values)


class Coded:
    """Values of which most are the same: the distinct ones, and which of them each is."""

    __slots__ = ("codes", "distinct", "types")

    def __init__(self, distinct: list[Any], codes: array[int], types: frozenset[type]) -> None:
        self.distinct, self.codes, self.types = distinct, codes, types

    def __getitem__(self, place: int) -> Any:
        return self.distinct[self.codes[place]]

    def tolist(self) -> list[Any]:
        """Return the values."""
        return list(map(self.distinct.__getitem__, self.codes))


class Measured:
    """Numbers of which some are missing: NaN, which JSON does not have, where there is none."""

    __slots__ = ("numbers",)

    def __init__(self, numbers: array[float]) -> None:
        self.numbers = numbers

    def __getitem__(self, place: int) -> float | None:
        number = self.numbers[place]
        return None if math.isnan(number) else number

    def tolist(self) -> list[float | None]:
        """Return the values."""
        return [None if math.isnan(number) else number for number in self.numbers]


class Lists:
    """Lists, stored as their concatenated values and the end of each."""

    __slots__ = ("ends", "inner")

    def __init__(self, ends: array[int], inner: Column) -> None:
        self.ends, self.inner = ends, inner

    def __getitem__(self, place: int) -> list[Any]:
        start = self.ends[place - 1] if place else 0
        return [self.inner[each] for each in range(start, self.ends[place])]

    def tolist(self) -> list[list[Any]]:
        """Return the values."""
        inner = self.inner.tolist()
        return [inner[start:end] for start, end in zip((0, *self.ends), self.ends, strict=False)]


class Table:
    """Dicts with the same keys in the same order."""

    __slots__ = ("columns", "n_rows")

    def __init__(self, rows: Sequence[dict[str, Any]], deepest: int = _DEEPEST, without: Collection[str] = ()) -> None:
        columns = zip(*map(dict.values, rows), strict=True)
        self.n_rows = len(rows)
        self.columns = {
            name: column(values, deepest) for name, values in zip(rows[0], columns, strict=True) if name not in without
        }

    def __getitem__(self, place: int) -> dict[str, Any]:
        return {name: each[place] for name, each in self.columns.items()}

    def tolist(self) -> list[dict[str, Any]]:
        """Return the dicts."""
        if not self.columns:
            return [{} for _ in range(self.n_rows)]
        names = tuple(self.columns)
        return [
            dict(zip(names, row, strict=True))
            for row in zip(*(each.tolist() for each in self.columns.values()), strict=True)
        ]


def array_of(values: Sequence[Any], dtype: npt.DTypeLike = object) -> npt.NDArray[Any]:
    """Return values in an array of one dimension: as they are, lists and tuples too, or as numbers."""
    made = np.empty(len(values), dtype)
    made[:] = values
    return made


def taken(found: Column, rows: IntArray, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """Return the values of some rows of a column."""
    if isinstance(found, Coded):
        return array_of(found.distinct, dtype)[np.frombuffer(found.codes, np.uint16)[rows]]
    if isinstance(found, array):
        return np.array(found, dtype)[rows]
    return array_of(found.tolist(), dtype)[rows]


def column(values: Sequence[Any], deepest: int = _DEEPEST) -> Column:
    """Return a column of these values."""
    types = frozenset(map(type, values))
    if not deepest:
        return Values(values, types)
    if len(types) == 1:
        made = _OF_ONE_TYPE.get(next(iter(types)))
        return made(values, types, deepest) if made is not None else Values(values, types)
    if types == {float, _NONE}:
        return Measured(array("d", [math.nan if value is None else value for value in values]))
    return _coded(values, types, deepest) if types <= {str, _NONE} else Values(values, types)


def _floats(values: Sequence[Any], _: frozenset[type], __: int) -> Column:
    return array("d", values)


def _whole(values: Sequence[Any], types: frozenset[type], _: int) -> Column:
    try:
        return array("q", values)
    except OverflowError:
        return Values(values, types)


def _coded(values: Sequence[Any], types: frozenset[type], _: int) -> Column:
    # Of values that all differ, as ids do, the first ones tell.
    if len(values) > _FIRST and len(set(values[:_FIRST])) == _FIRST:
        return Values(values, types)
    distinct = list(dict.fromkeys(values))
    if 2 * len(distinct) > len(values) + 1 or len(distinct) > _MOST_CODES:
        return Values(values, types)
    if len(distinct) == 1:
        return Coded(distinct, array("H", bytes(2 * len(values))), types)
    codes = dict(zip(distinct, range(len(distinct)), strict=True))
    return Coded(distinct, array("H", map(codes.__getitem__, values)), types)


def _lists(values: Sequence[Any], _: frozenset[type], deepest: int) -> Column:
    return Lists(array("q", accumulate(map(len, values))), column(list(chain.from_iterable(values)), deepest - 1))


def _dicts(values: Sequence[Any], types: frozenset[type], deepest: int) -> Column:
    return Table(values, deepest - 1) if len(set(map(tuple, values))) == 1 else Values(values, types)


_OF_ONE_TYPE: dict[type, Callable[[Sequence[Any], frozenset[type], int], Column]] = {
    float: _floats, int: _whole, str: _coded, bool: _coded, _NONE: _coded, list: _lists, dict: _dicts,
}  # fmt: skip


class Stretch:
    """Records that follow each other, as a few tables: those with the same fields are in one.

    Parameters
    ----------
    records : sequence of dict
        At most 65,536.
    without : collection of str
        Fields that are left out.

    Attributes
    ----------
    tables : list of Table
        Of the records with the same fields, in their order.
    which : array
        In which table each record is.
    """

    __slots__ = ("tables", "which")

    def __init__(self, records: Sequence[dict[str, Any]], *, without: Collection[str] = ()) -> None:
        numbers: dict[tuple[str, ...], int] = {}
        self.which = array("H", [numbers.setdefault(fields, len(numbers)) for fields in map(tuple, records)])
        rows: list[list[dict[str, Any]]] = [[] for _ in numbers]
        for record, number in zip(records, self.which, strict=True):
            rows[number].append(record)
        self.tables = [Table(some, without=without) for some in rows]

    def __len__(self) -> int:
        return len(self.which)

    def __getitem__(self, place: int) -> dict[str, Any]:
        table, row = self.row_of(place)
        return table[row]

    def row_of(self, place: int) -> tuple[Table, int]:
        """Return the table of a record, and its row there."""
        which = self.which[place]
        return self.tables[which], self.which[:place].count(which)

    def values(self, name: str) -> Iterator[Any]:
        """Yield the values of a field, one table after the other."""
        for table in self.tables:
            found = table.columns.get(name)
            # Of values that repeat, each once.
            yield from found.distinct if isinstance(found, Coded) else found.tolist() if found is not None else ()

    def rows_of(self, places: IntArray) -> Iterator[tuple[IntArray, IntArray, Table]]:
        """Yield, of the records at some places, those of a table: its rows, which of the places they are, the table."""
        which = np.frombuffer(self.which, np.uint16)
        for number, table in enumerate(self.tables):
            of_table = which == number
            found = np.flatnonzero(of_table[places])
            if len(found):
                yield np.cumsum(of_table)[places[found]] - 1, found, table

    def in_order(self, values: Sequence[Sequence[Any]]) -> list[Any]:
        """Return values of each record, given by tables, in the order of the records."""
        if len(values) == 1:
            return list(values[0])
        which, made = np.frombuffer(self.which, np.uint16), np.empty(len(self), object)
        for number, some in enumerate(values):
            made[which == number] = array_of(some)
        found: list[Any] = made.tolist()
        return found

    def records(self, start: int = 0, stop: int | None = None) -> Iterator[dict[str, Any]]:
        """Yield the records from one place up to another."""
        if stop is not None and stop - start == 1:
            yield self[start]
            return
        yield from self.in_order([table.tolist() for table in self.tables])[start:stop]


def stretches(records: Iterable[dict[str, Any]]) -> Iterator[Stretch]:
    """Yield records in columns, some hundreds at a time."""
    waiting = iter(records)
    while some := list(islice(waiting, _AT_ONCE)):
        yield Stretch(some)
