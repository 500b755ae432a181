"""The engine of a session whose pool has grown."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from alwidgets.journal.events import Asked, Event
from alwidgets.journal.log import new_id
from alwidgets.journal.resent import recorded_as
from alwidgets.loop.engine import Engine
from alwidgets.loop.queue import MANUAL
from alwidgets.loop.samples import Samples
from alwidgets.loop.setup import Setup
from alwidgets.utils.streams import stream


def grow(engine: Engine, setup: Setup, *events: Event) -> None:
    """Record that samples were added, and what follows from it, and go on with the setup that has them. Under the lock.

    Pending questions stay. What was ranked behind them is dropped, so that the next ones are chosen from all samples. A
    fit that runs is of labels, which are as they were; the selection after it chooses among the samples before.

    Raises
    ------
    OSError
        If it cannot be written; nothing has changed then.
    """
    engine.samples.look(engine.setup)
    engine.log.record(*events)
    written_to = engine.samples.written_to
    engine.setup = engine.queue.setup = setup
    engine.queue.clear()
    engine.samples = Samples(setup)
    engine.samples.written_to = written_to


def ask_audit(engine: Engine, rows: slice, n: int, annotator: str | None, event_id: str | None) -> list[int]:
    """Draw samples uniformly from some rows that may be asked, to measure, and make them the next questions.

    Under the lock; returns those of the event with this id if there is one.
    """
    state, copies = engine.log.state, engine.setup.copies
    before: Any = recorded_as(state, event_id, Asked, annotator=annotator)
    if before is not None:
        return list(before.items)
    free = engine.queue.candidates()
    free[: rows.start] = free[rows.stop :] = False
    rng, chosen = stream("audit", engine.setup.random_state, state.n_events), list[int]()
    while len(chosen) < n and free.any():
        row = int(rng.choice(np.flatnonzero(free)))
        free[row] = False
        if engine.queue.carries:
            free[copies.of(row)] = False
        chosen.append(row)
    if chosen:
        engine.log.record(
            Asked(
                id=event_id or new_id(), at=time.time(), items=tuple(chosen), utility=(None,) * len(chosen),
                audit=(True,) * len(chosen), withdrawn=(), round=state.round, strategy=MANUAL, chosen=True,
                annotator=annotator,
            )
        )  # fmt: skip
    return chosen
