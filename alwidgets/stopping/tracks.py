"""History of each criterion, for the stopping panel."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from alwidgets.stopping.history import History
from alwidgets.stopping.next_labels import Range
from alwidgets.stopping.outlook import labels_to_go
from alwidgets.types import Reading

_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Track:
    """One criterion over the last rounds.

    Parameters
    ----------
    reading : Reading
        As it stands.
    values : tuple of float or None
        What it read in the last rounds, at most 60, and now.
    since : int or None
        The round since which it has fired without a break; None while it does not.
    to_go : Range or None
        Labels until it should fire, if it goes on as it did lately; None when it does not move there, or has fired.
    """

    reading: Reading
    values: tuple[float | None, ...]
    since: int | None
    to_go: Range | None


def tracks(readings: Iterable[Reading], history: History) -> tuple[Track, ...]:
    """Return the track of each criterion, as it reads this history, in the same order."""
    now = history.since_growth()
    return tuple(_track(reading, now) for reading in readings)


def _track(reading: Reading, history: History) -> Track:
    rounds = history.rounds[-_SHOWN:]
    before = [next((seen for seen in item.readings if seen.name == reading.name), None) for item in rounds]
    known = [
        (item.n_labeled, seen.value)
        for item, seen in zip(rounds, before, strict=True)
        if seen and seen.value is not None
    ]
    to_go = None
    if not reading.fired and reading.value is not None and reading.threshold is not None and len(known) > 1:
        n_labeled, values = zip(*known, strict=True)
        found = labels_to_go(values, n_labeled, reading.threshold, below=reading.below)
        to_go = None if found is None else Range(*found)
    return Track(
        reading,
        (*(None if seen is None else seen.value for seen in before), reading.value),
        _since(reading, history),
        to_go,
    )


def _fires(seen: Reading, threshold: float | None) -> bool:
    """Return whether a reading of an earlier round fires with the threshold of now."""
    if seen.threshold == threshold or seen.value is None or threshold is None:
        return seen.fired
    return seen.value <= threshold if seen.below else seen.value >= threshold


def _since(reading: Reading, history: History) -> int | None:
    if not reading.fired:
        return None
    since = history[-1].round if history else 0
    for item in reversed(history.rounds):
        if not any(seen.name == reading.name and _fires(seen, reading.threshold) for seen in item.readings):
            break
        since = item.round
    return since
