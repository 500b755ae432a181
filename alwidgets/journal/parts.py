"""The parts of a pool that grew: what it began with, and what was added, each with a name."""

from __future__ import annotations

from bisect import bisect_left
from typing import NamedTuple

import numpy as np

from alwidgets.journal.standing import Folded, Lasting
from alwidgets.scoring.by_part import FEWEST_ROWS, TO, strata_of
from alwidgets.types import IntArray
from alwidgets.utils.text import short_repr

#: What the samples are called that a pool began with.
FIRST = "first"


class PoolPart(NamedTuple):
    """Samples that came together.

    Parameters
    ----------
    name : str
        What they are called.
    n_rows : int
        How many they are.
    """

    name: str
    n_rows: int


class Growth(NamedTuple):
    """A part that was added while labeling went on.

    Parameters
    ----------
    part : PoolPart
        It.
    n_labeled : int
        Labels of the last round before that; 0 where there was none.
    """

    part: PoolPart
    n_labeled: int


def parts_of(state: Lasting, n_events: int | None = None) -> tuple[PoolPart, ...]:
    """Return the parts of a pool in the order of their rows, those there were after so many events, or all."""
    added = state.added.values()
    begun = PoolPart(FIRST, state.n_samples - sum(each.n_rows for each in added))
    there = (each for each in added if n_events is None or state.seen[each.id] <= n_events)
    return begun, *(PoolPart(each.source, each.n_rows) for each in there)


def asked_on_arrival(state: Lasting) -> IntArray:
    """Return the rows that a rule made questions as they came, ascending."""
    return np.array(sorted(row for each in state.added.values() for row in each.asked), np.intp)


def stratum_of(state: Lasting, rows: slice) -> tuple[str, slice] | None:
    """Return the name and the rows of the stratum that has the small part of these rows, once it is full.

    Of the newest part it is the last full one of small parts. None where there is none yet.
    """
    start, found = 0, None
    for name, n in strata_of(parts_of(state)):
        stop = start + n
        if n >= FEWEST_ROWS and TO in name:
            found = name, slice(start, stop)
        if rows.start < stop:
            is_newest = rows.stop == state.n_samples
            return found if found and (found[1].stop == stop or is_newest) else None
        start = stop
    return None


def _several(known: dict[str, slice], part: str) -> list[tuple[str, slice]]:
    names = part.split(TO)
    for place in range(1, len(names)):
        first, last = (known.get(TO.join(some)) for some in (names[:place], names[place:]))
        if first and last and first.start < last.start:
            return [(part, slice(first.start, last.stop))]
    return []


def growth_of(state: Folded) -> tuple[Growth, ...]:
    """Return the parts that were added, each with where on the learning curve that was."""
    known = [trained.upto for trained in state.rounds]
    n_labeled = [0, *(trained.record.n_labeled for trained in state.rounds)]
    return tuple(
        Growth(PoolPart(each.source, each.n_rows), n_labeled[bisect_left(known, state.seen[each.id])])
        for each in state.added.values()
    )


def rows_of(state: Lasting, part: str | None) -> tuple[str, slice]:
    """Return the name and the rows of a part, or of several as "monday to friday"; None is the newest.

    Raises
    ------
    ValueError
        If there is no such part.
    """
    start, known = 0, []
    for each in parts_of(state):
        known.append((each.name, slice(start, start + each.n_rows)))
        start += each.n_rows
    found = [each for each in known if part in (None, each[0])] or _several(dict(known), part or "")
    if not found:
        raise ValueError(f"part is {short_repr(part)}; expected one of {[name for name, _ in known]}.")
    return found[-1]
