"""Items that are to get more answers than a team's rules say, and how that is undone."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from alwidgets.journal.events import AskedMore
from alwidgets.journal.log import id_of, new_id
from alwidgets.journal.resent import recorded_as
from alwidgets.journal.state import State
from alwidgets.session import validation
from alwidgets.session.core import Core
from alwidgets.utils.text import short_repr

#: Answers that an item is to have in all, where those are again as many as the rules say.
RULES = 0


def one_more(state: State, of: str, n_people: int) -> dict[int, list[int]]:
    """Return the items that somebody answered, by how many answers one more would be. Under the lock."""
    wanted = defaultdict(list)
    for row in _answered_by(state, of):
        n = len(state.counted(row)) + 1
        if n <= n_people and row not in state.gold and state.settlement(row) is None:
            wanted[n].append(row)
    return dict(wanted)


def asked_again(state: State, of: str) -> list[int]:
    """Return the items that somebody answered and more answers were asked for. Under the lock."""
    return [row for row, n in state.asked_more.items() if n and of in state.given(row)]


def ask(
    core: Core, wanted: Mapping[int, Sequence[int]], reason: str, annotator: str | None, event_id: str | None
) -> list[int]:
    """Record that items are to get so many answers in all, all of it or nothing, once for each id; return them."""
    event_id = validation.check_name("event_id", event_id)
    wanted = {n: rows for n, rows in wanted.items() if rows}
    with core.log.lock:
        core.log.check_open()
        before = recorded_as(core.log.state, event_id, AskedMore, annotator=annotator, reason=reason)
        if before is not None or not wanted:
            return []
        _check_open(core.log.state, [row for n, rows in wanted.items() if n != RULES for row in rows])
        first, now = event_id or new_id(), time.time()
        core.log.record(*(
            AskedMore(
                id=id_of(f"{first} {n}") if place else first, at=now, items=tuple(rows), answers=n, reason=reason,
                annotator=annotator,
            )
            for place, (n, rows) in enumerate(wanted.items())
        ))  # fmt: skip
    core.engine.changed()
    return [row for rows in wanted.values() for row in rows]


def _check_open(state: State, rows: Sequence[int]) -> None:
    """Raise ValueError if more answers to a row would change nothing. Under the lock."""
    for row in rows:
        if row in state.gold:
            raise ValueError(f"item {row} is gold, which everybody is asked by gold_share; pass others.")
        settlement = state.settlement(row)
        if settlement is not None:
            by = short_repr(settlement.annotator)
            raise ValueError(
                f"item {row} was settled by {by}, and is asked of nobody; pass others, or "
                f"first session.undo(target={settlement.answer!r}, annotator={by})."
            )


def _answered_by(state: State, name: str) -> list[int]:
    rows: list[int] = np.flatnonzero((state.answered > 0) & ~state.copied).tolist()
    return [row for row in rows if name in state.given(row)]
