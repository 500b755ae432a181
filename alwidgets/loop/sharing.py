"""Questions of several people who label a session without being its team: each has their own."""

from __future__ import annotations

from collections.abc import Collection

from alwidgets.annotation.leases import Lease, Leases
from alwidgets.annotation.team import Team
from alwidgets.journal.log import EventLog

# As a team leaves them before somebody who does not answer.
_SECONDS = Team.lease_seconds


class Sharing:
    """Leases of pending questions, each to one of the people who share them; in memory, as those of a team.

    Every item gets one answer, which is its label.

    Parameters
    ----------
    log : EventLog
        What happened.
    n_people : int
        How many share the questions.
    experts : collection of str
        Who of them may know what the others said.
    """

    def __init__(self, log: EventLog, n_people: int, experts: Collection[str] = ()) -> None:
        self.n_people, self.experts, self.seconds = n_people, frozenset(experts), _SECONDS
        self._log, self._leases = log, Leases(_SECONDS)
        # Whoever asked.
        self._people: set[str] = set()

    def claim(self, annotator: str | None, n: int) -> list[int]:
        """Return the questions before somebody, up to `n`, claimed from what is pending; waits for nothing.

        Who says no name has those that are before nobody, and keeps none from the others.
        """
        with self._log.lock:
            pending = self._log.state.pending
            if annotator is None:
                held = self.held()
                return [row for row in pending if row not in held]
            self._people.add(annotator)
            there = set(pending)
            for lease in self._leases.of(annotator):
                if lease.item not in there:
                    self._leases.free(annotator, lease.item)
            rows = [lease.item for lease in self._leases.of(annotator)]
            if len(rows) < n:
                wanted = [row for row in pending if row not in rows]
                rows += [lease.item for lease in self._leases.claim(annotator, wanted, n - len(rows))]
            return rows[:n]

    def give_back(self, annotator: str | None, rows: list[int]) -> None:
        """Put items whose answers one of the people undid before them again, the last one first."""
        with self._log.lock:
            pending = set(self._log.state.pending)
            for row in rows:
                if annotator in self._people and row in pending:
                    self._leases.put_first(annotator, row)

    def held(self) -> set[int]:
        """Return the rows that are before anybody."""
        return {lease.item for lease in self.active()}

    def active(self) -> list[Lease]:
        """Return the leases that are held now."""
        return self._leases.active()

    def renew(self, annotator: str) -> list[int]:
        """Renew what is before somebody, and return it."""
        return [lease.item for lease in self._leases.renew(annotator)]

    def release(self, annotator: str) -> None:
        """Free what is before somebody."""
        self._leases.free(annotator)
