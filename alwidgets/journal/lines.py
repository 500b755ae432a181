"""Lines of a journal's files in their overall order, with their records stored in columns."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from alwidgets.journal.columns import Stretch
from alwidgets.types import BoolArray, IntArray

#: What the first line of all follows.
GENESIS = "0" * 32
#: The kind of a file's first line, which says who writes it, and what of the others it knew.
OPENED = "opened"
#: More lines, events or epochs than there can be.
MOST = 2**53


@dataclass
class Written:
    """Lines read from one file.

    Parameters
    ----------
    file : Path
        Which; its name is that of the writer.
    n_lines : int
        How many sound lines it has.
    numbers : array
        Of each line, its place among all lines that its writer knew of, from 1.
    places : array
        Of each line, where it is in the file, from 1.
    openings : dict of int to dict
        What the lines say that are not events, by the position of the line.
    stretches : list of Stretch
        What the others say, in columns.
    first : str
        Hash of the line that the first one follows.
    last : str
        Hash of the last line.
    newest : tuple of (int, str)
        The greatest number, and the hash of the last line that has it.
    broken : int
        Place of the first line that does not follow the one before it; 0 where all do.
    """

    file: Path
    numbers: array[int] = field(default_factory=lambda: array("q"))
    places: array[int] = field(default_factory=lambda: array("q"))
    openings: dict[int, dict[str, Any]] = field(default_factory=dict)
    stretches: list[Stretch] = field(default_factory=list)
    first: str = GENESIS
    last: str = GENESIS
    newest: tuple[int, str] = (0, GENESIS)
    broken: int = 0

    @property
    def n_lines(self) -> int:
        """Number of sound lines."""
        return len(self.numbers)

    @property
    def opening(self) -> dict[str, Any] | None:
        """The first line, if it says who wrote the file."""
        return self.openings.get(0) if self.places and self.places[0] == 1 else None

    def add(self, lines: list[Parsed]) -> None:
        """Add lines that follow those that are there."""
        openings = [at for at, line in enumerate(lines, self.n_lines) if line.record.get("kind") == OPENED]
        self.openings |= {at: lines[at - self.n_lines].record for at in openings}
        events = [line.record for line in lines if line.record.get("kind") != OPENED]
        if lines:
            records = [line.record for line in lines]
            numbers, befores = [record["number"] for record in records], [record["prev"] for record in records]
            self._extend([line.place for line in lines], [line.hash for line in lines], numbers, befores)
        if events:
            self.stretches.append(Stretch(events, without=_OF_THE_CHAIN))

    def add_events(self, place: int, hashes: list[str], records: list[Any]) -> bool:
        """Add lines that follow those that are there, if all are events; return whether they are."""
        try:
            numbers, befores = [record["number"] for record in records], [record["prev"] for record in records]
            stretch = Stretch(records, without=_OF_THE_CHAIN)
        except (LookupError, TypeError, AttributeError):
            return False
        follow = bool(self.numbers) and befores == [self.last, *hashes[:-1]]
        if OPENED in stretch.values("kind") or set(map(type, numbers)) != {int}:
            return False
        # Where each is the hash before it, all are texts.
        if not follow and set(map(type, befores)) != {str}:
            return False
        if not 0 < min(numbers) <= max(numbers) < MOST:
            return False
        self._extend(range(place, place + len(records)), hashes, numbers, befores)
        self.stretches.append(stretch)
        return True

    def _extend(self, places: Sequence[int], hashes: list[str], numbers: list[int], befores: list[str]) -> None:
        if not self.numbers:
            self.first = self.last = befores[0]
        expected = [self.last, *hashes[:-1]]
        if befores != expected and not self.broken:
            self.broken = next(
                place for place, *pair in zip(places, befores, expected, strict=True) if pair[0] != pair[1]
            )
        self.last = hashes[-1]
        self.numbers += array("q", numbers)
        self.places += array("q", places)
        greatest = max(numbers)
        if greatest >= self.newest[0]:
            self.newest = greatest, hashes[-1 - numbers[::-1].index(greatest)]


# What a line says of its place in the chain, and not of what happened.
_OF_THE_CHAIN = ("number", "prev")


class Parsed(NamedTuple):
    """A sound line: its place in the file, its hash, and what it says."""

    place: int
    hash: str
    record: dict[str, Any]


@dataclass(frozen=True, eq=False)
class Lines:
    """Some lines of some files, in order: by number, and of equal numbers by the writer's name.

    Parameters
    ----------
    files : tuple of Written
        By the writer's name.
    file : ndarray of shape (n_lines,)
        Position of the file that each line is in.
    place : ndarray of shape (n_lines,)
        Where it is in the file, from 1.
    event : ndarray of shape (n_lines,)
        Position among the file's events; -1 for a line that is not an event.
    """

    files: tuple[Written, ...]
    file: IntArray
    place: IntArray
    event: IntArray

    def __len__(self) -> int:
        return len(self.file)

    def where(self, keep: BoolArray) -> Lines:
        """Return some of the lines."""
        return Lines(self.files, self.file[keep], self.place[keep], self.event[keep])

    def within(self, n_lines: Mapping[str, int], usual: int = 0) -> BoolArray:
        """Return a mask of the lines among the first `n_lines` of their files."""
        most = np.array([n_lines.get(written.file.stem, usual) for written in self.files], np.int64)
        within: BoolArray = self.place <= most[self.file]
        return within

    def of(self, writer: str) -> BoolArray:
        """Return a mask of the lines in the file of a writer."""
        of_writer: BoolArray = self.file == [written.file.stem for written in self.files].index(writer)
        return of_writer

    def place_of(self, number: int) -> tuple[Path, int]:
        """Return the file of a line, and its place there."""
        return self.files[self.file[number]].file, self.place.item(number)

    def runs(self) -> Iterator[tuple[Written, Stretch, int, int]]:
        """Yield the events as parts of stretches: file, stretch, from where, up to where."""
        apart = (np.diff(self.file) != 0) | (np.diff(self.event) != 1)
        starts = [0, *(np.flatnonzero(apart) + 1).tolist()] if len(self) else []
        for start, stop in zip(starts, [*starts[1:], len(self)], strict=False):
            written, first = self.files[self.file[start]], self.event.item(start)
            yield from _parts(written, first, first + stop - start)


def _parts(written: Written, first: int, end: int) -> Iterator[tuple[Written, Stretch, int, int]]:
    """Yield the parts of a file's stretches that have its events from one up to another."""
    sizes = np.cumsum([0, *map(len, written.stretches)]).tolist()
    for at in range(bisect_right(sizes, first) - 1, len(written.stretches)):
        if sizes[at] >= end:
            break
        stretch = written.stretches[at]
        yield written, stretch, max(0, first - sizes[at]), min(len(stretch), end - sizes[at])


def lines_of(found: Mapping[Path, Written]) -> Lines:
    """Return all lines of some files; of two kernels that wrote at once in the same order always."""
    written = tuple(found[file] for file in sorted(found, key=lambda file: file.stem))
    numbers, places, events = [], [], []
    for each in written:
        numbers.append(np.array(each.numbers, np.int64))
        places.append(np.array(each.places, np.int64))
        is_event = np.ones(each.n_lines, bool)
        is_event[list(each.openings)] = False
        events.append(np.where(is_event, np.cumsum(is_event) - 1, -1))
    file = np.repeat(np.arange(len(written)), [each.n_lines for each in written])
    if not written:
        return Lines((), *np.empty((3, 0), np.int64))
    if len(written) == 1 and (np.diff(numbers[0]) > 0).all():
        return Lines(written, file, places[0], events[0])
    order = np.lexsort((file, np.concatenate(numbers)))
    return Lines(written, file[order], np.concatenate(places)[order], np.concatenate(events)[order])
