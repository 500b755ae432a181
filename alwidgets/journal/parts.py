"""The parts of a pool that grew: what it began with, and what was added, each with a name."""

from __future__ import annotations

from bisect import bisect_left
from typing import NamedTuple

from alwidgets.journal.standing import Folded, Lasting

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


def growth_of(state: Folded) -> tuple[Growth, ...]:
    """Return the parts that were added, each with where on the learning curve that was."""
    known = [trained.upto for trained in state.rounds]
    n_labeled = [0, *(trained.record.n_labeled for trained in state.rounds)]
    return tuple(
        Growth(PoolPart(each.source, each.n_rows), n_labeled[bisect_left(known, state.seen[each.id])])
        for each in state.added.values()
    )
