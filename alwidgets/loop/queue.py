"""Questions kept ready: those that are pending, and a ranked reserve that they are refilled from."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np

from alwidgets.journal.events import Asked, AskedOnly
from alwidgets.journal.log import EventLog, new_id
from alwidgets.journal.resent import OtherChangeError, recorded_as
from alwidgets.journal.state import CANDIDATE, LABELED, PENDING
from alwidgets.loop.job import Job
from alwidgets.loop.setup import Setup
from alwidgets.strategies import NAMED, Choice
from alwidgets.strategies.choose import strategy_name
from alwidgets.utils.streams import stream

#: Row, utility, and how likely it was to be drawn; None when it was not.
Ranked: TypeAlias = tuple[int, float, float | None]
#: What chose the questions that a person chose.
MANUAL = "manual"

# The questions nearest to the annotator's eyes stay when a new model ranks the rest anew.
_KEPT = 2
# Ranked questions kept ready beyond those pending, so that none waits while a fit runs.
_RESERVE = 64
_QUEUE_SAFETY = 1.5
_MOST_AHEAD = 400
# So many random questions are pending while the samples of a larger pool are turned into numbers to compare them by.
_N_FIRST, _FEW_SAMPLES = 3, 1000


class Queue:
    """The pending questions of a session, and the reserve behind them. All of it under the lock of the log.

    Parameters
    ----------
    setup : Setup
        What the session was given.
    log : EventLog
        What happened; questions are recorded in it.
    """

    def __init__(self, setup: Setup, log: EventLog) -> None:
        self.setup = setup
        self._log = log
        self._reserve: deque[Ranked] = deque()
        self._strategy, self._round = "", 0
        #: How many questions to keep pending at least; 0 where they are asked for one batch after the other.
        self.ahead = 0
        #: Returns the rows that are before the annotators of a team.
        self.held: Callable[[], Collection[int]] = tuple

    @property
    def carries(self) -> bool:
        """True if the answer to a sample counts for those that are identical."""
        return self._log.state.duplicates == "carry" and self.setup.copies.any

    def wanted(self, labels_per_minute: float | None) -> int:
        """Return the number of questions to keep pending: enough for the pace of the answers during a fit."""
        if not self.ahead:
            return self.setup.batch_size
        rounds = self._log.state.rounds
        fit_seconds = rounds[-1].record.fit_seconds if rounds else 0.0
        needed = int(np.ceil(_QUEUE_SAFETY * (labels_per_minute or 0.0) / 60 * fit_seconds))
        return min(max(self.setup.batch_size, self.ahead, needed), _MOST_AHEAD)

    def n_to_rank(self, missing: int) -> int:
        """Return the number of rows to rank to fill a number of missing ones, including the reserve if there is one."""
        return missing + max(missing, _RESERVE) if self.ahead else missing

    def kept(self) -> list[int]:
        """Return the pending rows that a new model leaves in place.

        They are the audit questions, those whose answer was undone, and those before the eyes of annotators.
        """
        state, held = self._log.state, self.held()
        n_near = _KEPT if self.ahead else 0
        return [
            item
            for place, item in enumerate(state.pending)
            if place < n_near or state.audit[item] or item in state.returned or item in held
        ]

    def free(self, kept: list[int]) -> Any:
        """Return a mask of the rows a new model may ask: candidates, and pending rows that are not kept."""
        free = (self._log.state.status == CANDIDATE) | (self._log.state.status == PENDING)
        free[kept] = False
        return self._unlike(free, kept)

    def candidates(self) -> Any:
        """Return a mask of the rows that may be asked, besides the pending ones."""
        return self._unlike(self._log.state.status == CANDIDATE, self._log.state.pending)

    def fill(self, choice: Choice, strategy: str, job: Job) -> None:
        """Take what the newest model ranked, and ask from it until as many questions are pending as the job wants.

        What was ranked before somebody wanted only some samples asked, or all again, is dropped: it is ranked anew.
        """
        if job.only is not self._log.state.only:
            return
        # How likely a row was to be drawn of some samples says nothing of the pool.
        self._reserve = ranked(choice if not len(job.only) else replace(choice, probability=None))
        self._strategy, self._round = strategy, self._log.state.round
        self.top_up(job.wanted, rerank=job.rerank)
        if not self.ahead:
            # A session that is resumed has no reserve, and has to ask the same.
            self._reserve.clear()

    def top_up(self, wanted: int, *, rerank: bool = False) -> None:
        """Ask from the ranked reserve until `wanted` questions are pending."""
        state = self._log.state
        kept = set(self.kept() if rerank else state.pending)
        n_new = wanted - len(kept)
        if not rerank and not self._reserve:
            self._draw_first()
        if n_new <= 0 or not self._reserve:
            return
        withdrawn = [item for item in state.pending if item not in kept]
        free = state.status == CANDIDATE
        free[withdrawn] = True
        free = self._unlike(free, list(kept))
        reserve = self._reserve.copy()
        questions = self._questions(reserve, free, n_new)
        if not questions:
            return
        rows, utilities, chances, audits = zip(*questions, strict=True)
        self._log.record(
            Asked(
                id=new_id(),
                at=time.time(),
                items=rows,
                # JSON has no infinity.
                utility=tuple(utility if np.isfinite(utility) else None for utility in utilities),
                audit=audits,
                withdrawn=tuple(withdrawn),
                round=self._round,
                strategy=self._strategy,
                probability=chances if any(chances) else (),
            )
        )
        self._reserve = reserve

    def _draw_first(self) -> None:
        """Have a few random rows in reserve, where it may take long until the cold start can compare any.

        Whoever opens a card is asked them meanwhile; they are recorded as what they are.
        """
        state, setup = self._log.state, self.setup
        at_once = (
            setup.features.ready or state.n_samples <= _FEW_SAMPLES or setup.cold_start.strategy is NAMED["random"]
        )
        if not self.ahead or state.rounds or at_once:
            return
        free = np.flatnonzero(state.only_of(self.candidates()))
        n = min(len(free), max(0, _N_FIRST - len(state.pending)))
        rows = stream("questions", setup.random_state, state.n_events).choice(free, n, replace=False)
        self._reserve = ranked(Choice(rows, np.full(n, np.nan)))
        self._strategy, self._round = strategy_name(NAMED["random"]), state.round

    def enqueue(self, rows: list[int], annotator: str | None, event_id: str | None) -> list[int]:
        """Put unlabeled rows first in the queue; an event with an id is recorded even if there are no rows."""
        state = self._log.state
        before: Any = recorded_as(state, event_id, Asked, annotator=annotator)
        if before is not None:
            if not set(before.items) <= set(rows):
                raise OtherChangeError(before.id)
            return list(before.items)
        chosen = [row for row in rows if state.status[row] != LABELED]
        if chosen or event_id is not None:
            pending = tuple(row for row in chosen if state.status[row] == PENDING)
            self._log.record(
                Asked(
                    id=event_id or new_id(), at=time.time(), items=tuple(chosen), utility=(None,) * len(chosen),
                    # A question that is to measure does so wherever it stands.
                    audit=tuple(bool(state.audit[row]) for row in chosen), withdrawn=pending, round=state.round,
                    strategy=MANUAL, chosen=True, annotator=annotator,
                )
            )  # fmt: skip
        return chosen

    def ask_only(self, rows: list[int], held: Collection[int], annotator: str | None, event_id: str | None) -> None:
        """Have only some rows asked from now on, none for all.

        What is to measure stays, and is drawn of all; and so does what is before others.
        """
        state, items = self._log.state, tuple(sorted(rows))
        if recorded_as(state, event_id, AskedOnly, annotator=annotator, items=items) is not None:
            return
        stays = {row for row in state.pending if state.audit[row] or row in state.returned}.union(held)
        withdrawn = tuple(row for row in state.pending if row not in stays)
        self._log.record(
            AskedOnly(id=event_id or new_id(), at=time.time(), items=items, withdrawn=withdrawn, annotator=annotator)
        )
        self.clear()

    def clear(self) -> None:
        """Drop the reserve: what is asked next has to be ranked anew."""
        self._reserve.clear()

    def _unlike(self, free: Any, rows: Any) -> Any:
        """Return a mask of rows without those whose answer one of these questions will tell."""
        return self.setup.copies.without(free, rows) if self.carries and len(rows) else free

    def _questions(self, reserve: deque[Ranked], free: Any, n: int) -> list[tuple[int, float, float | None, bool]]:
        """Return (row, utility, probability, audit) from the reserve, every so often one drawn from all free rows."""
        state = self._log.state
        questions: list[tuple[int, float, float | None, bool]] = []
        rng: np.random.Generator | None = None
        share, asked = self.setup.audit if state.audit_mode != "ended" else 0.0, state.n_asked
        while len(questions) < n and reserve:
            row, utility, chance = reserve[0]
            if not free[row]:
                reserve.popleft()
                continue
            audit = int((asked + 1) * share) > int(asked * share)
            if audit:
                rng = rng or stream("audit", self.setup.random_state, state.n_events)
                row, utility, chance = int(rng.choice(np.flatnonzero(free))), float("nan"), None
            else:
                reserve.popleft()
            free[row] = False
            if self.carries:
                free[self.setup.copies.of(row)] = False
            questions.append((row, utility, chance, audit))
            asked += 1
        return questions


def ranked(choice: Choice) -> deque[Ranked]:
    """Return the rows of a choice in their order, each with its utility and chance."""
    chances = [None] * len(choice.rows) if choice.probability is None else choice.probability.tolist()
    # NaN is not one either.
    known = [chance if chance and chance > 0 else None for chance in chances]
    return deque(zip(choice.rows.tolist(), choice.utility.tolist(), known, strict=True))
