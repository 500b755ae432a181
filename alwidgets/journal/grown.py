"""Fold of the parts that were added to a pool, and of what was found about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from alwidgets.journal.events import Drifted, Event, Extended
from alwidgets.journal.standing import Folded


@dataclass(eq=False)
class Grown(Folded):
    """A state whose pool may grow. A rollback takes no samples away: a past state is one of the pool as it is now."""

    def _extended(self, event: Extended) -> None:
        if event.id in self.added:
            return
        if event.first != self.n_samples or not event.n_rows:
            raise ValueError(
                f"part {event.source!r} begins with row {event.first} and has {event.n_rows}; expected the first one "
                f"after the {self.n_samples} there are, and at least one."
            )
        self.added[event.id] = event
        self.n_asked_before.append(self.n_asked)
        self.n_samples += event.n_rows
        self.grow(self.n_samples)

    def _drifted(self, event: Drifted) -> None:
        self.alarms.append(event)

    #: How these kinds of events are folded in.
    APPLIED: ClassVar[dict[type[Event], Any]] = {Extended: _extended, Drifted: _drifted}
