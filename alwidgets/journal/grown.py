"""Fold of the parts that were added to a pool, of what was found about them, and of what a policy did."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

from alwidgets.journal.events import Acted, Answer, Drifted, Event, Extended
from alwidgets.journal.standing import Folded


@dataclass(eq=False)
class Grown(Folded):
    """A state whose pool may grow. A rollback takes no samples away: a past state is one of the pool as it is now."""

    @abstractmethod
    def _carry_together(self, row: int, numbers: list[int]) -> None: ...
    @abstractmethod
    def _enter(self, item: int, number: int, answer: Answer) -> None: ...

    def carry(self, event: Extended) -> None:
        """Give the copies of a part the answers that there are to the rows before it; those that have some keep them.

        A past state is one of the pool as it is now: what came since has the answers of then.
        """
        for place, (row, source) in enumerate(event.carried):
            numbers = self.history(source)
            if self.answered[row] or not numbers:
                continue
            for number in numbers:
                self.carried[number] = (*self.carried.get(number, ()), row)
            if event.carried_samples:
                self.carried_samples[row] = event.carried_samples[place]
            if self.team is not None:
                self._carry_together(row, numbers)
                continue
            *before, number = numbers
            if before:
                self.earlier[row] = before
            answer: Any = self.past.event(number)
            self._enter(row, number, answer)
            self.changed_at[row] = self.n_events

    def _extended(self, event: Extended) -> None:
        if event.id in self.added:
            self.carry(event)
            return
        if event.first != self.n_samples or not event.n_rows:
            raise ValueError(
                f"part {event.source!r} begins with row {event.first} and has {event.n_rows}; expected the first one "
                f"after the {self.n_samples} there are, and at least one."
            )
        end = event.first + event.n_rows
        for pair in (*event.carried, *event.identical):
            row, source = pair if len(pair) == 2 else (-1, -1)  # noqa: PLR2004 - a pair
            if not (event.first <= row < end and source < event.first):
                raise ValueError(f"part {event.source!r} has {pair} as a copy; expected a row of it and one before it.")
        if not all(event.first <= row < end for row in event.asked):
            raise ValueError(f"part {event.source!r} asked rows {event.asked}; expected rows of it.")
        self.added[event.id] = event
        self.n_asked_before.append(self.n_asked)
        self.n_samples += event.n_rows
        self.grow(self.n_samples)
        self.carry(event)

    def _drifted(self, event: Drifted) -> None:
        self.alarms.append(event)

    def _acted(self, event: Acted) -> None:
        self.acts.append(event)

    #: How these kinds of events are folded in.
    APPLIED: ClassVar[dict[type[Event], Any]] = {Extended: _extended, Drifted: _drifted, Acted: _acted}
