"""Branches of the event history: a rollback starts a branch, and another rollback can end it."""

from __future__ import annotations

from array import array


class Branches:
    """Tree of events. Each node is a counted event that follows another node, or 0, the root.

    In arrays, since there may be a million.

    Attributes
    ----------
    fitted : dict of int to int
        Number of the event that a round first came with.
    rollbacks : list of int
        Numbers of those that were not undone.
    """

    def __init__(self) -> None:
        self._numbers, self._before = array("q", [0]), array("q", [0])
        self._tips = array("q", [0])  # after each event, the end of the branch that counts
        self.fitted: dict[int, int] = {}
        self.rollbacks: list[int] = []

    @property
    def tip(self) -> int:
        """The end of the branch that counts now."""
        return self._tips[-1]

    def tip_after(self, n_events: int) -> int:
        """Return the end of the branch that counted after so many events."""
        return self._tips[n_events]

    def add(self, number: int, before: int) -> int:
        """Return a new node: an event that follows another node."""
        self._numbers.append(number)
        self._before.append(before)
        return len(self._numbers) - 1

    def end(self, tip: int) -> None:
        """Record the end of the current branch after one more event."""
        self._tips.append(tip)

    def grow(self, first: int, n: int) -> None:
        """Add so many events that all count, the first of which has a number."""
        node = len(self._numbers)
        self._before.append(self.tip)
        self._before.extend(range(node, node + n - 1))
        self._numbers.extend(range(first, first + n))
        self._tips.extend(range(node, node + n))

    def to(self, node: int) -> list[int]:
        """Return the numbers of the events that lead to a node, itself the last."""
        numbers = []
        while node:
            numbers.append(self._numbers[node])
            node = self._before[node]
        return numbers[::-1]

    def check(self, number: int | None) -> None:
        """Check that a round exists, or for None that there is a rollback to undo.

        Raises
        ------
        ValueError
            If there is no such round, or no rollback to undo.
        """
        if number is None and not self.rollbacks:
            raise ValueError("there was no rollback to undo; expected the number of a round.")
        if number is not None and number not in self.fitted:
            raise ValueError(f"there is no round {number}; expected one of {sorted(self.fitted)}.")

    def before_rollback(self) -> int:
        """Return the end of the current branch before the last rollback that was not undone."""
        self.check(None)
        return self._tips[self.rollbacks[-1] - 1]

    def of_round(self, number: int, upto: int) -> int:
        """Return a new node: a round, behind the events that it knows. What came while it was fitted is not in it."""
        return self.add(self.fitted[number], self._tips[upto])
