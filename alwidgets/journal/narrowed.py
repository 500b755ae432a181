"""Fold of the wish that only some samples are asked."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from alwidgets.journal.events import AskedOnly, Event
from alwidgets.journal.standing import CANDIDATE, PENDING, Folded
from alwidgets.types import BoolArray


@dataclass(eq=False)
class Narrowed(Folded):
    """A state in which questions may be chosen of some samples alone, whatever is rolled back."""

    @abstractmethod
    def _leave(self, item: int) -> None: ...

    def withdraw(self, rows: Iterable[int]) -> None:
        """Make questions candidates again."""
        for row in rows:
            if self.status[row] == PENDING:
                self._leave(row)
                self.status[row] = CANDIDATE
                self.withdrawn.append(row)

    def only_of(self, free: BoolArray) -> BoolArray:
        """Return a mask of those rows that alone are to be asked; all of them where none of these is left."""
        if not len(self.only):
            return free
        among = np.zeros_like(free)
        among[self.only] = free[self.only]
        return among if among.any() else free

    @property
    def n_only(self) -> int:
        """Number of samples without an answer among those that alone are asked; 0 where all may be."""
        status = self.status[self.only]
        return int(np.count_nonzero((status == CANDIDATE) | (status == PENDING)))

    def _asked_only(self, event: AskedOnly) -> None:
        self.withdraw(event.withdrawn)
        self.only, self.only_since = np.array(event.items, np.intp), self.n_events

    #: How this kind of event is folded in.
    APPLIED: ClassVar[dict[type[Event], Any]] = {AskedOnly: _asked_only}
