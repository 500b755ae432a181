"""The engine of a session whose pool has grown."""

from __future__ import annotations

from alwidgets.journal.events import Event
from alwidgets.loop.engine import Engine
from alwidgets.loop.samples import Samples
from alwidgets.loop.setup import Setup


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
