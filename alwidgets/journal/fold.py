"""Records of JSON, or events, folded into a state."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from alwidgets.journal.columns import Stretch, stretches
from alwidgets.journal.decode import RecordError
from alwidgets.journal.past import Events
from alwidgets.journal.state import State


def fold_records(records: Iterable[dict[str, Any]], state: State) -> None:
    """Fold what lines of JSON say into a state.

    Raises
    ------
    RecordError
        If a record cannot be folded in; the state is of no use then.
    """
    fold_stretches(stretches(records), state)


def fold_stretches(found: Iterable[Stretch], state: State) -> None:
    """Fold records in columns into a state; as `fold_records`."""
    n_before = 0
    for stretch in found:
        try:
            state.apply_all(stretch)
        except RecordError as error:
            raise RecordError(n_before + error.place, str(error)) from error
        n_before += len(stretch)


def fold_events(events: Events, state: State) -> None:
    """Fold events into a state, those that were read from a journal hundreds at once."""
    for part, start, stop in events.parts():
        if isinstance(part, Stretch):
            state.apply_all(part)
        else:
            for event in part[start:stop]:
                state.apply(event)
