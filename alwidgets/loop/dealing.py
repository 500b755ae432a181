"""Questions of each annotator of a team: pulled when somebody is free, leased, and before nobody without need."""

from __future__ import annotations

import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from alwidgets.annotation.leases import Lease, Leases
from alwidgets.annotation.team import Team
from alwidgets.journal.events import Answer, AskedMore, Repeated, RolledBack, Undone
from alwidgets.journal.log import EventLog
from alwidgets.journal.state import LABELED, PENDING, State
from alwidgets.types import IntArray
from alwidgets.utils.streams import stream


class Dealing:
    """Leases of questions to annotators. They live in memory: a session that is opened again has none.

    Parameters
    ----------
    log : EventLog
        What happened.
    team : Team
        Who answers.
    random_state : int
        Seeds the order in which gold is asked.
    ask : callable
        Has so many questions pending; may take as long as a fit.
    batch_size : int
        How many questions more are asked for at once.
    clock : callable
        Returns the time in seconds; it must never go back.
    """

    def __init__(
        self,
        log: EventLog,
        team: Team,
        random_state: int,
        ask: Callable[[int], Any],
        batch_size: int,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.team = team
        self._log, self._random_state, self._ask, self._batch_size = log, random_state, ask, batch_size
        self._leases = Leases(team.lease_seconds, clock=clock)
        self._state: State | None = None  # whose answers the leases know, up to
        self._n_events = 0
        self._n_given: Counter[str] = Counter()

    def pull(self, annotator: str, n: int) -> list[int]:
        """Return the questions before an annotator, up to `n`, claimed as needed; they are renewed.

        Where too few are pending, more are asked for, which may wait for a fit.
        """
        with self._log.lock:
            self._leases.renew(annotator)
        found = self.claim(annotator, n)
        while len(found) < n and self.team.role(annotator) == "annotator" and not self._log.read_only:
            n_pending = len(self._log.state.pending)
            self._ask(n_pending + max(n - len(found), self._batch_size))
            found = self.claim(annotator, n)
            if len(self._log.state.pending) <= n_pending:
                break
        return found

    def claim(self, annotator: str, n: int) -> list[int]:
        """Return the questions before an annotator, up to `n`, claimed from what is there; waits for nothing."""
        with self._log.lock:
            if self._log.state.team is None:
                # Who only reads has recorded no team.
                return []
            self._catch_up()
            rows = []
            for lease in self._leases.of(annotator):
                if self._may_answer(lease.item, annotator):
                    rows.append(lease.item)
                else:
                    self._leases.free(annotator, lease.item)
            if len(rows) < n:
                wanted = [row for row in self._candidates(annotator, n - len(rows), rows) if row not in rows]
                rows += [lease.item for lease in self._leases.claim(annotator, wanted, n - len(rows))]
            return rows[:n]

    def held(self) -> set[int]:
        """Return the rows that are before anybody."""
        return {lease.item for lease in self.active()}

    def active(self) -> list[Lease]:
        """Return the leases that are held now."""
        with self._log.lock:
            self._catch_up()
            return self._leases.active()

    def renew(self, annotator: str) -> list[int]:
        """Renew what is before an annotator, and return it."""
        with self._log.lock:
            self._catch_up()
            return [lease.item for lease in self._leases.renew(annotator)]

    def release(self, annotator: str, item: int | None = None) -> None:
        """Free an item that is before an annotator, or all of them."""
        self._leases.free(annotator, item)

    def give_back(self, annotator: str, rows: list[int]) -> None:
        """Put items whose answers an annotator undid before them again, the last one first."""
        with self._log.lock:
            if self._log.state.team is None:
                return
            self._catch_up()
            for row in rows:
                if self._may_answer(row, annotator):
                    self._leases.put_first(annotator, row)

    def _may_answer(self, row: int, annotator: str) -> bool:
        """Return whether a question that is before an annotator may stay there: nothing vanishes that is thought on."""
        state = self._log.state
        return annotator not in state.given(row) and state.settlement(row) is None

    def _candidates(self, annotator: str, n: int, held: list[int]) -> Iterator[int]:
        """Yield the rows that may be asked of an annotator, the most wanted first, and how many answers each lacks."""
        state = self._log.state
        if self.team.role(annotator) == "expert":
            yield from self._lacking((row, 1) for row in state.disputed())
            return
        others = [(row, lacks) for row, lacks in state.missing.items() if annotator not in state.given(row)]
        unsure = {row for row, _ in others if -1 in state.counted(row).values()}
        fresh = ((row, state.wanted(row)) for row in state.pending)
        yield from self._lacking((row, len(self.team.annotators)) for row in self._gold_due(annotator, n, held))
        yield from self._lacking((row, lacks) for row, lacks in others if row in unsure)
        yield from self._lacking((row, lacks) for row, lacks in others if row not in unsure)
        yield from self._lacking((row, lacks) for row, lacks in fresh if annotator not in state.given(row))

    def _lacking(self, rows: Iterator[tuple[int, int]]) -> Iterator[int]:
        for row, n_missing in rows:
            self._leases.want(row, self._leases.n_answers(row) + n_missing)
            yield row

    def _gold_due(self, annotator: str, n: int, held: list[int]) -> list[int]:
        """Return the gold rows to ask next, so that their share of the annotator's questions is as it should be."""
        gold, share = self._log.state.gold, self.team.gold_share
        if not gold or not share:
            return []
        given = {row for row in gold if annotator in self._log.state.given(row)}
        asked = given | (gold.keys() & set(held))
        n_due = int((self._n_given[annotator] + len(held) + n) * share) - len(asked)
        order = stream("gold", self._random_state, zlib.crc32(annotator.encode("utf-8", "surrogatepass")))
        rows: IntArray = order.permutation(sorted(gold))
        return [row for row in rows.tolist() if row not in asked][: max(0, n_due)]

    def _catch_up(self) -> None:
        """Let the leases know what was answered since, in whatever way. Under the lock."""
        state, known = self._log.state, self._n_events
        new = [] if state is not self._state else list(state.past.events(known))
        if state is not self._state or any(isinstance(event, RolledBack) for event in new):
            self._restore(state)
        else:
            for event in new:
                self._follow(state, event)
        self._n_events = len(state.past)

    def _follow(self, state: State, event: Any) -> None:
        if isinstance(event, Answer) and not isinstance(event, Repeated):
            if self._leases.complete(event.annotator or "", event.item) != "repeated":
                self._n_given[event.annotator or ""] += 1
        elif isinstance(event, Undone):
            answer: Any = state.recorded(event.target)
            if isinstance(answer, Answer) and answer.annotator not in state.given(answer.item):
                self._leases.reopen(answer.annotator or "", answer.item)
                self._n_given[answer.annotator or ""] -= 1
        elif isinstance(event, AskedMore) and not event.answers:
            # Somebody decided that what was to have more answers needs none.
            done = {row for row in event.items if state.status[row] == LABELED and row not in state.missing}
            for lease in self._leases.active():
                if lease.item in done:
                    self._leases.free(lease.annotator, lease.item)

    def _restore(self, state: State) -> None:
        numbers = state.answer_numbers()
        given = state.past.columns(numbers, annotator=None, item=0)
        answered: dict[int, set[str]] = {}
        for row, name in zip(given["item"].tolist(), given["annotator"].tolist(), strict=True):
            answered.setdefault(row, set()).add(name or "")
        held = self._leases.active() if self._state is not None else []
        self._leases.restore(answered)
        self._n_given = Counter(name for names in answered.values() for name in names)
        # After a rollback too, what is before somebody stays there.
        for lease in held:
            if lease.annotator not in answered.get(lease.item, ()) and state.status[lease.item] == PENDING:
                self._leases.want(lease.item, self._leases.n_answers(lease.item) + len(self.team.annotators))
                self._leases.claim(lease.annotator, [lease.item])
        self._state = state


def wanted_of(state: State, team: Team | None, random_state: int, n: int) -> dict[int, int]:
    """Return the rows to be asked where another tool deals them out, best first, and how many answers each lacks.

    With a team: gold, so much of it that it is `gold_share` of what each annotator is asked; then what somebody could
    not tell, what has answers and wants more, and `n` rows that are fresh or more where they are pending.
    """
    if team is None or state.team is None:
        return dict.fromkeys(state.pending, 1)
    people = set(team.annotators)
    unsure = [row for row in state.missing if -1 in state.counted(row).values()]
    rows = {row: state.missing[row] for row in (*unsure, *state.missing)}
    rows |= {row: state.wanted(row) for row in state.pending}
    # An item of gold is answered by everybody, another one by some.
    n_rows = int((state.answered > 0).sum()) - sum(bool(state.given(row)) for row in state.gold) + n
    n_each = n_rows * team.answers / len(people)
    n_gold = int(n_each * team.gold_share / (1 - team.gold_share)) if state.gold else 0
    order: IntArray = stream("gold", random_state).permutation(sorted(state.gold))
    lacking = {row: len(people - state.given(row).keys()) for row in order[:n_gold].tolist()}
    return {row: n_missing for row, n_missing in lacking.items() if n_missing} | rows
