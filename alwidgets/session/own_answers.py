"""Answers of one of several people, counted: what a card tells of without telling what the others said."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

from alwidgets.journal.events import Answer, RolledBack, Undone
from alwidgets.journal.log import EventLog
from alwidgets.journal.state import State


class OwnCounts(NamedTuple):
    """Labels and skips of one person that stand, and how many of the labels are of each class."""

    n_labeled: int
    n_skipped: int
    of_classes: list[int]


class OwnAnswers:
    """Count of the last answers of one person to each item.

    Parameters
    ----------
    log : EventLog
        What happened.
    annotator : str
        Whose answers are counted.
    """

    def __init__(self, log: EventLog, annotator: str) -> None:
        self._log, self.annotator = log, annotator
        self._state: State | None = None  # whose answers are known, up to
        self._n_events = 0
        self._codes: dict[int, int] = {}  # by rows; -1 for a skip
        self._n_of: Counter[int] = Counter()  # rows by codes

    def counts(self) -> OwnCounts:
        """Return the counts of now. O(events since the last call)."""
        with self._log.lock:
            state = self._log.state
            for row in self._touched(state):
                self._look(state, row)
            self._state, self._n_events = state, len(state.past)
            of_classes = [0] * len(state.classes)
            for code, n in self._n_of.items():
                for place in state.kind.places(code, state.label_sets) if code >= 0 else ():
                    of_classes[place] += n
            n_skipped = self._n_of[-1]
            return OwnCounts(self._n_of.total() - n_skipped, n_skipped, of_classes)

    def _touched(self, state: State) -> set[int]:
        """Return the rows whose answer may have changed since; all that are answered where the past is another one."""
        new = list(state.past.events(self._n_events)) if state is self._state else []
        if state is not self._state or any(isinstance(event, RolledBack) for event in new):
            given = state.past.columns(state.answer_numbers(), annotator=None, item=0)
            pairs = zip(given["item"].tolist(), given["annotator"].tolist(), strict=True)
            return {*self._codes, *(row for row, name in pairs if name == self.annotator)}
        undone: list[Any] = [state.recorded(event.target) for event in new if isinstance(event, Undone)]
        return {
            event.item for event in (*new, *undone) if isinstance(event, Answer) and event.annotator == self.annotator
        }

    def _look(self, state: State, row: int) -> None:
        before, code = self._codes.pop(row, None), state.said_by(row, self.annotator)
        if before is not None:
            self._n_of[before] -= 1
        if code is not None:
            self._codes[row] = code
            self._n_of[code] += 1
