"""The loop behind a session: questions kept ready, retrains when they are due, models swapped when they are done.

The lock of the event log is held to read and to record, never while a model is fitted or the pool is scored.
"""

from __future__ import annotations

import contextlib
import hashlib
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from alwidgets import pool
from alwidgets.event_log import EventLog, new_id
from alwidgets.events import CANDIDATE, PENDING, Asked, Failed, State, Trained
from alwidgets.learners import Recipe
from alwidgets.stopping import Budget, History, Rule
from alwidgets.strategies import features_of, strategy_name
from alwidgets.trainer import COLD_START, Background, Job, Result, is_cold, run, told
from alwidgets.types import IntArray, Label

# The questions nearest to the annotator's eyes stay when a new model ranks the rest anew.
_KEPT = 2
# Ranked questions kept ready beyond those pending, so that none waits while a fit runs.
_RESERVE = 64
_QUEUE_SAFETY = 1.5
_MOST_AHEAD = 400
_RATE_WINDOW = 20


@dataclass(frozen=True, eq=False)
class Setup:
    """What a session was given, checked.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        The pool.
    classes : tuple
        The declared classes.
    recipe : Recipe
        Learner and strategy.
    batch_size : int
        Answers between two retrains.
    budget : Budget
        The most to spend.
    rule : Rule
        When to advise to stop.
    test : tuple of (X, y) or None
        The held-out set.
    audit : float
        Share of the questions that only measure.
    random_state : int
        Where all randomness starts.
    """

    X: Any
    classes: tuple[Label, ...]
    recipe: Recipe
    batch_size: int
    budget: Budget
    rule: Rule
    test: tuple[Any, Any] | None
    audit: float
    random_state: int

    @cached_property
    def class_array(self) -> Any:
        """The classes as an array: ``class_array[codes]`` are labels."""
        return np.array(self.classes)

    @cached_property
    def features(self) -> Any:
        """Numbers in which the cold start compares samples; None where there are none."""
        return features_of(self.X, self.recipe.estimator)


class Loop:
    """Ask, retrain, swap.

    Parameters
    ----------
    setup : Setup
        What the session was given.
    log : EventLog
        What happened.
    notify : callable
        Called without the lock after every change.
    """

    def __init__(self, setup: Setup, log: EventLog, notify: Callable[[], None]) -> None:
        self.setup = setup
        self.log = log
        self.error = ""
        self.busy = False
        self.closed = False
        self.synchronous = False
        self._notify = notify
        self._turn = threading.RLock()  # one fit or selection at a time; taken before the log's lock, never after
        self._background = Background(self._work)
        self._learner: Any = None
        self._reserve: deque[tuple[int, float]] = deque()
        self._reserve_strategy = ""
        self._ahead = 0
        self._failed_at = -1  # the event after which no questions could be chosen; tried again after the next
        self._answered_at: deque[float] = deque(maxlen=_RATE_WINDOW)

    @property
    def learner(self) -> Any:
        """The newest round's learner; the unfitted one before the first."""
        if self._learner is None and self.log.state.rounds:
            with self._turn:
                self._refit_if_resumed()
        return self.setup.recipe.template if self._learner is None else self._learner

    @property
    def history(self) -> History:
        """Rounds so far and what is spent by now. Under the lock."""
        state = self.log.state
        return History(
            tuple(event.record for event in state.rounds), self.setup.budget, state.n_labelled, state.seconds
        )

    @property
    def phase(self) -> str:
        """What chooses the next questions. Under the lock."""
        state = self.log.state
        cold = not state.rounds or is_cold(state.codes[state.training_rows()], len(self.setup.classes))
        return COLD_START if cold else strategy_name(self.setup.recipe.strategy)

    @property
    def labels_per_minute(self) -> float | None:
        """Pace of the last 20 answers; None before there are three."""
        times = self._answered_at
        if len(times) < 3 or times[-1] <= times[0]:  # noqa: PLR2004 - two gaps tell a pace
            return None
        return 60 * (len(times) - 1) / (times[-1] - times[0])

    def query(self, n: int | None) -> IntArray:
        """Return the pending rows, asking for more when fewer are pending than wanted."""
        with self.log.lock:
            pending = self.log.state.pending
            wanted = n or len(pending) or self.setup.batch_size
            self._top_up(wanted)
            enough = len(pending) >= wanted
        if not enough:
            with self._turn:
                with self.log.lock:
                    job = self._job(fit=False, n=wanted - len(pending))
                if job.n > 0 and len(job.candidates):
                    _raise_first(self._refresh(job))
        self.changed()
        with self.log.lock:
            return np.array(pending[:wanted], np.intp)

    def retrain(self) -> None:
        """Fit now and select anew; raise what went wrong."""
        with self._turn:
            with self.log.lock:
                if not self._can_fit():
                    counts = dict(zip(self.setup.classes, self.log.state.class_counts, strict=True))
                    raise ValueError(f"the labels so far are {counts}; expected labels of at least two classes to fit.")
                job = self._job(fit=True, n=self._wanted())
            _raise_first(self._refresh(job))
        self.changed()

    def retrain_if_due(self) -> None:
        """Do what the worker would, in this thread; a failed fit warns, a failed selection raises."""
        with self.log.lock:
            if not self._due():
                return
            job = self._job(fit=True, n=self._wanted())
        result = self._refresh(job)
        if result.fit_error is not None:
            warnings.warn(self.log.state.failure or "", RuntimeWarning, stacklevel=4)
        if result.query_error is not None:
            raise result.query_error

    def answered(self) -> None:
        """Count an answer for the pace, and go on."""
        self._answered_at.append(time.monotonic())
        self.changed()

    def look_ahead(self, n: int) -> None:
        """Keep at least `n` questions pending from now on."""
        self._ahead = max(self._ahead, n)
        self.changed()

    def changed(self) -> None:
        """Refill the queue from the reserve, wake the worker if there is work, tell the views."""
        if self.synchronous or self.closed:
            return
        with self.log.lock:
            if self._ahead:
                self._top_up(self._wanted())
            needed = any(self._needs())
        if needed:
            self._background.wake()
        self._notify()

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Keep the worker out, and the views quiet, while a script answers."""
        self.wait()
        with self._turn:
            self.synchronous = True
            try:
                yield
            finally:
                self.synchronous = False
        self.changed()

    def wait(self, timeout: float | None = None) -> bool:
        """Join the worker; False when the timeout in seconds ran out first."""
        return self._background.wait(timeout)

    def close(self) -> None:
        """Drop what is running. Under the lock."""
        self.closed = True

    def _work(self) -> None:
        """Do turns until there is nothing to do; what fails is shown, not raised."""
        try:
            while True:
                with self._turn:
                    with self.log.lock:
                        fit, questions = self._needs()
                        if not fit and not questions:
                            break
                        job = self._job(fit=fit, n=self._wanted())
                        self.busy = True
                    self._notify()
                    self._refresh(job)
                self.busy = False
                self._notify()
        except Exception as error:  # noqa: BLE001 - nobody above could show it
            self.error = told(error, "The background worker")
            self._failed_at = self.log.state.n_events
        self.busy = False
        self._notify()

    def _needs(self) -> tuple[bool, bool]:
        """Return whether a fit is due, and whether questions are missing. Under the lock."""
        if self.closed or self.synchronous or self._failed_at == self.log.state.n_events:
            return False, False
        short = bool(self._ahead) and len(self.log.state.pending) < self._wanted()
        return self._due(), short and bool(np.any(self.log.state.status == CANDIDATE))

    def _due(self) -> bool:
        return len(self.log.state.unlearnt) >= self.setup.batch_size and self._can_fit()

    def _can_fit(self) -> bool:
        state, seed_labels = self.log.state, self.setup.recipe.y_seed
        if seed_labels is not None and len(np.unique(seed_labels)) > 1:
            return True
        if sum(count > 0 for count in state.class_counts) < 2:  # noqa: PLR2004
            return False
        return self.setup.audit == 0 or len(np.unique(state.codes[state.training_rows()])) > 1

    def _wanted(self) -> int:
        """Return how many questions should be pending: enough for the pace of the answers during a fit."""
        if not self._ahead:
            return self.setup.batch_size
        rounds = self.log.state.rounds
        fit_seconds = rounds[-1].record.fit_seconds if rounds else 0.0
        needed = int(np.ceil(_QUEUE_SAFETY * (self.labels_per_minute or 0.0) / 60 * fit_seconds))
        return min(max(self.setup.batch_size, self._ahead, needed), _MOST_AHEAD)

    def _job(self, *, fit: bool, n: int) -> Job:
        """Freeze what a turn needs. Under the lock."""
        setup, state = self.setup, self.log.state
        free = state.status == CANDIDATE
        if fit:
            free |= state.status == PENDING
            free[self._kept()] = False
        rows, audit_rows = state.training_rows(), state.audit_rows()
        key = (setup.random_state, state.n_events)
        return Job(
            X=setup.X,
            recipe=setup.recipe,
            classes=setup.class_array,
            rows=rows,
            codes=state.codes[rows],
            audit_rows=audit_rows,
            audit_codes=state.codes[audit_rows],
            test=setup.test,
            candidates=np.flatnonzero(free),
            n=n + max(n, _RESERVE) if self._ahead else max(0, n),
            batch_size=setup.batch_size,
            learner=self._learner,
            fit=fit,
            seed=int(np.random.default_rng(key).integers(2**30)),
            # What will have happened when the questions are asked: one more event, if this turn trains.
            selection_key=(setup.random_state, state.n_events + fit),
            features=lambda: setup.features,
            history=self.history,
            rule=setup.rule,
            cross_validate=setup.audit == 0,
            upto=state.n_events,
        )

    def _refresh(self, job: Job) -> Result:
        """Do a turn without the lock, then swap its result in; a closed session's is dropped."""
        if not job.fit:
            self._refit_if_resumed()
            job = replace(job, learner=self._learner)
        result = run(job)
        with self.log.lock:
            if not self.closed:
                self._swap(job, result)
        return result

    def _swap(self, job: Job, result: Result) -> None:
        if result.fit_error is not None:
            error = told(result.fit_error, f"Fitting {self.setup.recipe.name} on {len(job.rows)} labels")
            note = f"{error}. The labels are kept; the next batch tries again."
            self.log.record(Failed(id=new_id(), at=time.time(), upto=job.upto, error=note))
        if result.record is not None:
            training_set = _training_hash(job.rows, job.codes)
            trained = Trained(
                id=new_id(),
                at=time.time(),
                upto=job.upto,
                seed=job.seed,
                training_set=training_set,
                record=result.record,
            )
            self.log.record(trained)
            self._learner = result.learner
        if result.choice is None:
            self._failed_at = self.log.state.n_events
            self.error = told(result.query_error or ValueError("no questions"), f"Strategy {result.strategy!r}")
            return
        self.error = ""
        self._reserve = deque(zip(result.choice.rows.tolist(), result.choice.utility.tolist(), strict=True))
        self._reserve_strategy = result.strategy
        target = self._wanted() if job.fit or self._ahead else len(self.log.state.pending) + job.n
        self._top_up(target, rerank=result.record is not None)

    def _kept(self) -> list[int]:
        """Return the pending rows that a new model leaves in place: audit, and those before the annotator's eyes."""
        state = self.log.state
        n_near = _KEPT if self._ahead else 0
        return [item for place, item in enumerate(state.pending) if place < n_near or state.audit[item]]

    def _top_up(self, wanted: int, *, rerank: bool = False) -> None:
        """Ask from the ranked reserve until `wanted` questions are pending. Under the lock."""
        state = self.log.state
        kept = self._kept() if rerank else state.pending
        n_new = wanted - len(kept)
        if n_new <= 0 or not self._reserve:
            return
        withdrawn = [item for item in state.pending if item not in set(kept)] if rerank else []
        free = state.status == CANDIDATE
        free[withdrawn] = True
        questions = self._questions(state, free, n_new)
        if not questions:
            return
        rows, utilities, audits = zip(*questions, strict=True)
        self.log.record(
            Asked(
                id=new_id(),
                at=time.time(),
                items=rows,
                utility=tuple(None if np.isnan(utility) else utility for utility in utilities),
                audit=audits,
                withdrawn=tuple(withdrawn),
                round=state.round,
                strategy=self._reserve_strategy,
            )
        )

    def _questions(self, state: State, free: Any, n: int) -> list[tuple[int, float, bool]]:
        """Return (row, utility, audit) from the reserve, every so often one drawn from all that is free."""
        questions: list[tuple[int, float, bool]] = []
        rng = np.random.default_rng((self.setup.random_state, state.n_events, 1))
        share, asked = self.setup.audit, state.n_asked
        while len(questions) < n and self._reserve:
            row, utility = self._reserve[0]
            if not free[row]:
                self._reserve.popleft()
                continue
            audit = int((asked + 1) * share) > int(asked * share)
            if audit:
                row, utility = int(rng.choice(np.flatnonzero(free))), float("nan")
            else:
                self._reserve.popleft()
            free[row] = False
            questions.append((row, utility, audit))
            asked += 1
        return questions

    def _refit_if_resumed(self) -> None:
        """Bring back the model of the newest round from its recipe, after a journal was opened."""
        with self.log.lock:
            rounds = self.log.state.rounds
            if self._learner is not None or not rounds:
                return
            newest, state = rounds[-1], self.log.state_after(rounds[-1].upto)
        rows = state.training_rows()
        labels = self.setup.class_array[state.codes[rows]]
        self._learner = self.setup.recipe.fit(pool.take(self.setup.X, rows), labels, newest.seed)


def _raise_first(result: Result) -> None:
    for error in (result.fit_error, result.query_error):
        if error is not None:
            raise error


def _training_hash(rows: IntArray, codes: IntArray) -> str:
    content = rows.astype("<i8").tobytes() + codes.astype("<i8").tobytes()
    return hashlib.sha256(content).hexdigest()[:32]
