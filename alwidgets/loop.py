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
from alwidgets.events import CANDIDATE, PENDING, Asked, Failed, Trained
from alwidgets.explanation import Explanation, explain
from alwidgets.recipes import Recipe
from alwidgets.stopping import Budget, History, Rule
from alwidgets.strategies import ColdStart, Features, PoolView, strategy_name
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
    cold_start : ColdStart
        How the first questions are chosen.
    embed : callable or None
        X -> the numbers in which samples are compared.
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
    cold_start: ColdStart
    embed: Callable[[Any], Any] | None

    @cached_property
    def class_array(self) -> Any:
        """The classes as an array: ``class_array[codes]`` are labels."""
        return np.array(self.classes)

    @cached_property
    def features(self) -> Features:
        """Where samples are compared."""
        return Features(self.X, self.recipe.estimator, self.embed)


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
        self.busy = False
        self.synchronous = False
        self._notify = notify
        self._work_error = self._disk_error = ""
        self._turn = threading.RLock()  # one fit or selection at a time; taken before the log's lock, never after
        self._background = Background(self._work)
        self._learner: Any = None
        self._reserve: deque[tuple[int, float]] = deque()
        self._reserve_strategy, self._reserve_round = "", 0
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
    def error(self) -> str:
        """What went wrong last and has not been put right, beside a failed fit; empty when nothing."""
        return self._work_error or self._disk_error

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
        labels = self.setup.class_array[state.codes[state.training_rows()]]
        cold = not state.rounds or is_cold(labels, len(self.setup.classes), self.setup.recipe, self.setup.cold_start)
        return COLD_START if cold else strategy_name(self.setup.recipe.strategy)

    @property
    def labels_per_minute(self) -> float | None:
        """Pace of the last 20 answers; None before there are three."""
        times = self._answered_at
        if len(times) < 3 or times[-1] <= times[0]:  # noqa: PLR2004 - two gaps tell a pace
            return None
        return 60 * (len(times) - 1) / (times[-1] - times[0])

    def query(self, n: int | None) -> IntArray:
        """Return the pending rows, asking for more when fewer are pending than wanted.

        A fit that is due comes first: what is asked must not depend on how fast the worker is.
        """
        with self.log.lock:
            self.log.check_open()
            pending = self.log.state.pending
            wanted = n or len(pending) or self.setup.batch_size
            self._top_up(wanted)
            enough = len(pending) >= wanted
        try:
            if not enough:
                with self._turn:
                    _raise_failed_query(self._catch_up())
                    _raise_failed_query(self._ask(wanted))
        finally:
            self.changed()
        with self.log.lock:
            return np.array(self.log.state.pending[:wanted], np.intp)

    def retrain(self) -> None:
        """Fit now and select anew; raise what went wrong."""
        try:
            with self._turn:
                with self.log.lock:
                    self.log.check_open()
                    self._check_can_fit()
                    job = self._job(fit=True, wanted=self._wanted())
                result = self._refresh(job)
        finally:
            self.changed()
        if result.fit_error is not None:
            raise result.fit_error
        _raise_failed_query(result)

    def retrain_if_due(self) -> None:
        """Do what the worker would, in this thread; a failed fit warns, a failed selection raises."""
        result = self._catch_up()
        if result is not None:
            self._notify()
        if result is not None and result.fit_error is not None:
            # Of the line that called `Session.run`.
            warnings.warn(self.log.state.failure or "", RuntimeWarning, stacklevel=3)
        _raise_failed_query(result)

    def answered(self) -> None:
        """Count an answer for the pace, and go on."""
        self._answered_at.append(time.monotonic())
        self.changed()

    def explain(self, item: int) -> Explanation:
        """Say what is known of a sample, without the lock while the pool is scored."""
        learner = self.learner
        with self.log.lock:
            setup, state, phase = self.setup, self.log.state, self.phase
            rows = state.training_rows()
            open_rows = (state.status == CANDIDATE) | (state.status == PENDING)
            open_rows[item] = True
            view = PoolView(
                X=setup.X,
                candidates=np.flatnonzero(open_rows),
                labelled=rows,
                labels=setup.class_array[state.codes[rows]],
                classes=setup.class_array,
                learner=learner if state.rounds else None,
                rng=np.random.default_rng((setup.random_state, state.n_events)),
                embedding=setup.features,
                seconds=state.seconds_of(rows),
            )
        cold = phase == COLD_START
        strategy = setup.cold_start.strategy if cold else setup.recipe.strategy
        return explain(item, view, strategy, f"{phase}, {strategy_name(strategy)}" if cold else phase)

    def look_ahead(self, n: int) -> None:
        """Keep at least `n` questions pending from now on."""
        self._ahead = max(self._ahead, n)
        self.changed()

    def changed(self) -> None:
        """Refill the queue from the reserve, wake the worker if there is work, tell the views."""
        if self.synchronous:
            return
        with self.log.lock:
            if self.log.closed:
                return
            if self._ahead:
                self._top_up_or_tell()
            needed = any(self._needs())
        if needed:
            self._background.wake()
        self._notify()

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Keep the worker out, and the views quiet, while a script answers."""
        self.wait()
        try:
            with self._turn:
                try:
                    self.synchronous = True
                    yield
                finally:
                    self.synchronous = False
        finally:
            self.changed()

    def wait(self, timeout: float | None = None) -> bool:
        """Join the worker; False when the timeout in seconds ran out first."""
        return self._background.wait(timeout)

    def _work(self) -> None:
        """Do turns until there is nothing to do; what fails is shown, not raised."""
        try:
            while True:
                with self._turn:
                    with self.log.lock:
                        fit, questions = self._needs()
                        if not fit and not questions:
                            break
                        job = self._job(fit=fit, wanted=self._wanted())
                    self._refresh(job)
                self._notify()
        except BaseException as error:
            # Nobody above could show it.
            self._work_error = told(error, "The background worker")
            self._failed_at = self.log.state.n_events
            if isinstance(error, KeyboardInterrupt):
                raise
        finally:
            self._notify()

    def _needs(self) -> tuple[bool, bool]:
        """Return whether a fit is due, and whether questions are missing. Under the lock."""
        if self.log.closed or self.synchronous or self._failed_at == self.log.state.n_events:
            return False, False
        short = bool(self._ahead) and len(self.log.state.pending) < self._wanted()
        return self._due(), self._owed() or (short and bool(np.any(self.log.state.status == CANDIDATE)))

    def _catch_up(self) -> Result | None:
        """Do a fit that is due, or the ranking that its model still owes. Under the turn."""
        with self.log.lock:
            if self.log.closed:
                return None
            fit = self._due()
            if not fit and not self._owed():
                return None
            job = self._job(fit=fit, wanted=self._wanted())
        return self._refresh(job)

    def _ask(self, wanted: int) -> Result | None:
        """Choose what is missing until so many questions are pending. Under the turn."""
        with self.log.lock:
            if self.log.closed or len(self.log.state.pending) >= wanted:
                return None
            job = self._job(fit=False, wanted=wanted)
        return self._refresh(job) if len(job.candidates) else None

    def _owed(self) -> bool:
        """Return whether the newest model has yet to rank the pool: the kernel was killed, or its strategy failed."""
        state = self.log.state
        if state.ranked == state.round or self._failed_at == state.n_events:
            return False
        kept = self._kept()
        return len(kept) < self._wanted() and bool(np.any(self._free(kept)))

    def _due(self) -> bool:
        return len(self.log.state.unlearnt) >= self.setup.batch_size and self._can_fit()

    def _can_fit(self) -> bool:
        return sum(count > 0 for count in self._training_counts().values()) > 1

    def _check_can_fit(self) -> None:
        if not self._can_fit():
            raise ValueError(
                f"the labels that train are {self._training_counts()}; expected labels of at least two classes to fit."
            )

    def _training_counts(self) -> dict[Label, int]:
        """Return the labels of each class in the training set, those that came with a modAL learner among them."""
        classes, state = self.setup.classes, self.log.state
        counts = np.bincount(state.codes[state.training_rows()], minlength=len(classes)).tolist()
        seed = [] if self.setup.recipe.y_seed is None else self.setup.recipe.y_seed.tolist()
        return {label: count + seed.count(label) for label, count in zip(classes, counts, strict=True)}

    def _wanted(self) -> int:
        """Return how many questions should be pending: enough for the pace of the answers during a fit."""
        if not self._ahead:
            return self.setup.batch_size
        rounds = self.log.state.rounds
        fit_seconds = rounds[-1].record.fit_seconds if rounds else 0.0
        needed = int(np.ceil(_QUEUE_SAFETY * (self.labels_per_minute or 0.0) / 60 * fit_seconds))
        return min(max(self.setup.batch_size, self._ahead, needed), _MOST_AHEAD)

    def _job(self, *, fit: bool, wanted: int) -> Job:
        """Freeze what a turn needs, so that as many questions as wanted are pending after it. Under the lock."""
        setup, state = self.setup, self.log.state
        rerank = fit or self._owed()
        free = self._free(self._kept()) if rerank else state.status == CANDIDATE
        missing = wanted if rerank else wanted - len(state.pending)
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
            n=missing + max(missing, _RESERVE) if self._ahead else missing,
            wanted=wanted,
            rerank=rerank,
            batch_size=setup.batch_size,
            learner=self._learner,
            fit=fit,
            seed=int(np.random.default_rng(key).integers(2**30)),
            # What will have happened when the questions are asked: one more event, if this turn trains.
            selection_key=(setup.random_state, state.n_events + fit),
            features=setup.features,
            seconds=state.seconds_of(rows),
            cold_start=setup.cold_start,
            history=self.history,
            rule=setup.rule,
            cross_validate=setup.audit == 0,
            upto=state.n_events,
        )

    def _refresh(self, job: Job) -> Result:
        """Do a turn without the lock, then swap its result in; a closed session's is dropped."""
        self.busy = True
        try:
            if not self.synchronous:
                self._notify()
            if not job.fit:
                self._refit_if_resumed()
                job = replace(job, learner=self._learner)
            result = run(job)
            with self.log.lock:
                if not self.log.closed:
                    self._swap(job, result)
        finally:
            self.busy = False
        return result

    def _swap(self, job: Job, result: Result) -> None:
        if result.fit_error is not None:
            error = told(result.fit_error, f"Fitting {self.setup.recipe.name} on {len(job.rows)} labels")
            note = f"{error}. The labels are kept; the next batch tries again."
            self.log.record(Failed(id=new_id(), at=time.time(), upto=job.upto, error=note))
            return
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
            self._work_error = told(result.query_error or ValueError("no questions"), f"Strategy {result.strategy!r}")
            return
        self._work_error = ""
        self._reserve = deque(zip(result.choice.rows.tolist(), result.choice.utility.tolist(), strict=True))
        self._reserve_strategy, self._reserve_round = result.strategy, self.log.state.round
        self._top_up(job.wanted, rerank=job.rerank)
        if not self._ahead:
            # A session that is resumed has no reserve, and has to ask the same.
            self._reserve.clear()

    def _kept(self) -> list[int]:
        """Return the pending rows that a new model leaves in place.

        They are the audit questions, those whose answer was taken back, and those before the annotator's eyes.
        """
        state = self.log.state
        n_near = _KEPT if self._ahead else 0
        return [
            item
            for place, item in enumerate(state.pending)
            if place < n_near or state.audit[item] or item in state.returned
        ]

    def _free(self, kept: list[int]) -> Any:
        """Return which rows a new model may ask: the candidates, and what is pending but not kept."""
        free = (self.log.state.status == CANDIDATE) | (self.log.state.status == PENDING)
        free[kept] = False
        return free

    def _top_up_or_tell(self) -> None:
        """Refill the queue after an answer, which stands even if the questions cannot be written."""
        try:
            self._top_up(self._wanted())
            self._disk_error = ""
        except OSError as error:
            self._disk_error = told(error, "Saving the next questions")

    def _top_up(self, wanted: int, *, rerank: bool = False) -> None:
        """Ask from the ranked reserve until `wanted` questions are pending. Under the lock."""
        state = self.log.state
        kept = set(self._kept() if rerank else state.pending)
        n_new = wanted - len(kept)
        if n_new <= 0 or not self._reserve:
            return
        withdrawn = [item for item in state.pending if item not in kept]
        free = state.status == CANDIDATE
        free[withdrawn] = True
        reserve = self._reserve.copy()
        questions = self._questions(reserve, free, n_new)
        if not questions:
            return
        rows, utilities, audits = zip(*questions, strict=True)
        self.log.record(
            Asked(
                id=new_id(),
                at=time.time(),
                items=rows,
                # JSON has no infinity.
                utility=tuple(utility if np.isfinite(utility) else None for utility in utilities),
                audit=audits,
                withdrawn=tuple(withdrawn),
                round=self._reserve_round,
                strategy=self._reserve_strategy,
            )
        )
        self._reserve = reserve

    def _questions(self, reserve: deque[tuple[int, float]], free: Any, n: int) -> list[tuple[int, float, bool]]:
        """Return (row, utility, audit) from the reserve, every so often one drawn from all that is free."""
        state = self.log.state
        questions: list[tuple[int, float, bool]] = []
        rng = np.random.default_rng((self.setup.random_state, state.n_events, 1))
        share, asked = self.setup.audit, state.n_asked
        while len(questions) < n and reserve:
            row, utility = reserve[0]
            if not free[row]:
                reserve.popleft()
                continue
            audit = int((asked + 1) * share) > int(asked * share)
            if audit:
                row, utility = int(rng.choice(np.flatnonzero(free))), float("nan")
            else:
                reserve.popleft()
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


def _raise_failed_query(result: Result | None) -> None:
    if result is not None and result.query_error is not None:
        raise result.query_error


def _training_hash(rows: IntArray, codes: IntArray) -> str:
    content = rows.astype("<i8").tobytes() + codes.astype("<i8").tobytes()
    return hashlib.sha256(content).hexdigest()[:32]
