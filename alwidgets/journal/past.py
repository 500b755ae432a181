"""All events, oldest first, made from columns on demand; new ones are stored as they are."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import islice
from operator import attrgetter
from typing import Any, TypeVar, overload

import numpy as np
import numpy.typing as npt

from alwidgets.journal.columns import Stretch, array_of, taken
from alwidgets.journal.decode import from_record
from alwidgets.journal.events import Event
from alwidgets.types import IntArray

# Events that are kept as objects are found by the place of the first of so many.
_MOST = 4096


_Kind = TypeVar("_Kind", bound=Event)


class Past:
    """All events, of which the first has the number 1.

    What was read from a journal is kept in columns, and an event is made of it each time it is asked for; what
    happened since is kept as it is.
    """

    def __init__(self) -> None:
        self._parts: list[Stretch | list[Event]] = []
        self._before = [0]  # how many events there are before each part, and in all

    def __len__(self) -> int:
        return self._before[-1]

    def append(self, event: Event) -> None:
        """Add one event."""
        last = self._parts[-1] if self._parts else None
        if isinstance(last, list) and len(last) < _MOST:
            last.append(event)
            self._before[-1] += 1
        else:
            self._parts.append([event])
            self._before.append(self._before[-1] + 1)

    def extend(self, stretch: Stretch) -> None:
        """Add the events that a stretch of records describes."""
        self._parts.append(stretch)
        self._before.append(self._before[-1] + len(stretch))

    def newest(self) -> Iterator[tuple[int, Event]]:
        """Yield the events after the last stored columns, newest first, each with its number."""
        for before, part in zip(self._before[-2::-1], reversed(self._parts), strict=True):
            if isinstance(part, Stretch):
                return
            for place in range(len(part), 0, -1):
                yield before + place, part[place - 1]

    def event(self, number: int) -> Event:
        """Return one event. O(1)."""
        part, place = self.part_of(number)
        return from_record(part[place]) if isinstance(part, Stretch) else part[place]

    def value(self, number: int, name: str) -> Any:
        """Return a field of an event that has it, as it is in a journal: a list where the event has a tuple."""
        part, place = self.part_of(number)
        if not isinstance(part, Stretch):
            return getattr(part[place], name)
        table, row = part.row_of(place)
        return table.columns[name][row]

    def part_of(self, number: int) -> tuple[Stretch | list[Event], int]:
        """Return the part that holds an event, and its place there."""
        at = bisect_right(self._before, number - 1) - 1
        return self._parts[at], number - 1 - self._before[at]

    def events(self, start: int = 0, stop: int | None = None) -> Iterator[Event]:
        """Yield the events behind so many, up to so many."""
        for part, first, last in self.parts(start, stop):
            if isinstance(part, Stretch):
                yield from map(from_record, part.records(first, last))
            else:
                yield from part[first:last]

    def parts(self, start: int = 0, stop: int | None = None) -> Iterator[tuple[Stretch | list[Event], int, int]]:
        """Yield the parts with the events behind so many, up to so many: part, from where, up to where."""
        end = len(self) if stop is None else min(stop, len(self))
        if start >= end:
            return
        for at in range(bisect_right(self._before, start) - 1, len(self._parts)):
            before = self._before[at]
            if before >= end:
                return
            yield self._parts[at], max(0, start - before), min(end - before, len(self._parts[at]))

    def some(self, numbers: Sequence[int]) -> Iterator[Event]:
        """Yield the events of ascending numbers."""
        at = 0
        while at < len(numbers):
            part, place = self.part_of(numbers[at])
            end = bisect_left(numbers, numbers[at] + len(part) - place, at)
            first, places = numbers[at] - place, numbers[at:end]
            if not isinstance(part, Stretch):
                yield from (part[number - first] for number in places)
            elif len(places) * 20 < len(part):
                yield from (from_record(part[number - first]) for number in places)
            else:
                records = list(part.records())
                yield from (from_record(records[number - first]) for number in places)
            at = end

    def columns(self, numbers: IntArray, **usual: Any) -> dict[str, npt.NDArray[Any]]:
        """Return fields of the events of these ascending numbers, an array each, as they are in a journal.

        Parameters
        ----------
        numbers : ndarray of int
            Of events, perhaps some more than once.
        **usual : object
            Name of a field -> what stands for it where an event has none; of a number, all of them must be such.
        """
        made: dict[str, npt.NDArray[Any]] = {
            name: np.full(len(numbers), value, _dtype(value)) for name, value in usual.items()
        }
        at = 0
        while at < len(numbers):
            part, place = self.part_of(numbers.item(at))
            first = numbers.item(at) - place
            end = at + int(np.searchsorted(numbers[at:], first + len(part)))
            places = numbers[at:end] - first
            if isinstance(part, Stretch):
                for rows, found, table in part.rows_of(places):
                    for name in usual.keys() & table.columns.keys():
                        made[name][at + found] = taken(table.columns[name], rows, made[name].dtype)
            else:
                events = [part[place] for place in places.tolist()]
                for kind in set(map(type, events)):
                    found = at + np.flatnonzero([type(event) is kind for event in events])
                    some = [event for event in events if type(event) is kind]
                    for name in usual:
                        if hasattr(kind, name):
                            made[name][found] = array_of(list(map(attrgetter(name), some)), made[name].dtype)
            at = end
        return made

    def of(self, kind: type[_Kind]) -> Iterator[_Kind]:
        """Yield the events of a kind, in order, without making the others."""
        for part in self._parts:
            if not isinstance(part, Stretch):
                yield from (event for event in islice(part, len(part)) if isinstance(event, kind))
            elif kind.kind in part.values("kind"):
                made: Iterator[Any] = (from_record(each) for each in part.records() if each["kind"] == kind.kind)
                yield from made


def _dtype(value: Any) -> type:
    return type(value) if isinstance(value, int | float) else object


class Events(Sequence[Event]):
    """Sequence of the events up to a moment, oldest first; equal to any sequence of the same events.

    Of a journal that was read, an event is made when it is asked for: to go through all of them costs 5 microseconds
    each.
    """

    __slots__ = ("_n", "_past")

    def __init__(self, past: Past) -> None:
        self._past, self._n = past, len(past)

    def __len__(self) -> int:
        return self._n

    def __iter__(self) -> Iterator[Event]:
        return self._past.events(0, self._n)

    @overload
    def __getitem__(self, at: int) -> Event: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[Event, ...]: ...

    def __getitem__(self, at: int | slice) -> Event | tuple[Event, ...]:
        """Return one event, or a tuple of some."""
        places = range(self._n)[at]
        if isinstance(places, int):
            return self._past.event(places + 1)
        if not places:
            return ()
        low, high = min(places[0], places[-1]), max(places[0], places[-1])
        some = tuple(self._past.events(low, high + 1))
        return some[:: places.step]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Events | tuple | list):
            return NotImplemented
        if isinstance(other, Events) and self._past is other._past and self._n == other._n:
            return True
        # As tuples are compared: NaN is the same as itself.
        return self._n == len(other) and all(map(_same, self, other))

    def parts(self) -> Iterator[tuple[Stretch | list[Event], int, int]]:
        """Yield them as they are kept: a part, from where, up to where."""
        return self._past.parts(0, self._n)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(tuple(self))


def _same(first: object, second: object) -> bool:
    return first is second or first == second
