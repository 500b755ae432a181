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
from operator import attrgetter
from typing import Any, TypeAlias

import numpy as np

from alwidgets import pool, snapshots
from alwidgets.baseline import Baseline, BaselineSource, from_audit, simulated
from alwidgets.callbacks import Callbacks, calls_back
from alwidgets.conformance import remedy
from alwidgets.copies import Copies, copies_of
from alwidgets.corrections import Corrected, Correction, Version, corrected, correction
from alwidgets.evaluation import codes_hash, sight
from alwidgets.event_log import EventLog, new_id
from alwidgets.events import CANDIDATE, LABELLED, PENDING, Asked, ColdStartEnded, Failed, State, Trained
from alwidgets.explanation import Explanation, explain
from alwidgets.jobs import Audit, Draws, Job, Result
from alwidgets.journal import libraries
from alwidgets.lending import lent
from alwidgets.predictions import Predictions, predicted
from alwidgets.recipes import Recipe
from alwidgets.review import Checked, answered_rows, check
from alwidgets.scores import FEWEST_AUDITED, Metric
from alwidgets.similar import near_duplicates_of
from alwidgets.stopping import Budget, History, Round, Rule, named_changes, settings_of, with_settings
from alwidgets.stopping.rules import problems
from alwidgets.strategies import Choice, ColdStart, Features, PoolView, strategy_name
from alwidgets.suggestion import Suggestion, suggested
from alwidgets.targets import Targets, joined, teaches, widened
from alwidgets.trainer import COLD_START, Background, is_cold, run, told
from alwidgets.turns import Turns
from alwidgets.types import Class, IntArray

# The questions nearest to the annotator's eyes stay when a new model ranks the rest anew.
_KEPT = 2
# Ranked questions kept ready beyond those pending, so that none waits while a fit runs.
_RESERVE = 64
_QUEUE_SAFETY = 1.5
_MOST_AHEAD = 400
_RATE_WINDOW = 20
# Bloodgood & Vijay-Shanker compare the predictions of two models on as many samples.
_WATCHED = 2000
# A model that took so many seconds to fit is kept beside the journal.
_SLOW_FIT = 5.0


# How long to wait for a fit where it could be given up: so many seconds, and so many times as long as the last took.
_PATIENCE, _TIMES_LONGER = 60.0, 3.0

#: How the error of a fit ends.
TRIES_AGAIN = "The labels are kept; the next batch tries again."
#: What chose the questions that a person chose.
BY_HAND = "by hand"
#: Row, utility, and how likely it was to be drawn; None when it was not.
_Ranked: TypeAlias = tuple[int, float, float | None]


@dataclass(frozen=True, eq=False)
class Setup:
    """What a session was given, checked.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        The pool.
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
        Share of the questions that are drawn to measure.
    metrics : tuple of Metric
        What is measured.
    random_state : int
        Where all randomness starts.
    cold_start : ColdStart
        How the first questions are chosen.
    embed : callable or None
        X -> the numbers in which samples are compared.
    items : sequence, DataFrame or None
        What the annotator sees of each row, where that is not `X`.
    """

    X: Any
    recipe: Recipe
    batch_size: int
    budget: Budget
    rule: Rule
    test: tuple[Any, Any] | None
    audit: float
    metrics: tuple[Metric, ...]
    random_state: int
    cold_start: ColdStart
    embed: Callable[[Any], Any] | None
    items: Any

    @cached_property
    def watched(self) -> IntArray:
        """The stop set: random rows, the same in every round, on which successive models are compared."""
        n_samples = pool.n_rows(self.X)
        rng = np.random.default_rng((self.random_state, 2))
        return np.sort(rng.choice(n_samples, min(_WATCHED, n_samples), replace=False))

    @property
    def sketches(self) -> tuple[int, ...]:
        """Numbers that tell whether samples are still as they were: of the pool, and of the test set."""
        return tuple(map(pool.sketch, (self.X, *(self.test or ())[:1])))

    @cached_property
    def copies(self) -> Copies:
        """Which samples are identical; looked for when that is first asked."""
        return copies_of(self.X, self.items)

    @cached_property
    def features(self) -> Features:
        """Where samples are compared."""
        return Features(self.X, self.recipe.estimator, self.embed)


@dataclass(frozen=True, slots=True)
class Rollback:
    """Whether a model that was brought back is the one it was.

    Parameters
    ----------
    round : int
        Its round.
    same_training_set, same_predictions : bool
        Whether labels and predictions for the stop set are what they were; other libraries may predict otherwise.
    """

    round: int
    same_training_set: bool
    same_predictions: bool


@dataclass(frozen=True, slots=True)
class _Running:
    """A fit or selection that runs.

    Parameters
    ----------
    job : Job or None
        What it does; None when it brings the newest round's model back.
    since : float
        When it began, seconds since 1970.
    """

    job: Job | None
    since: float


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
        self.synchronous = False
        self._notify = notify
        self._work_error = self._disk_error = ""
        self._turns = Turns()  # one fit or selection at a time; taken before the log's lock, never after
        self._running: _Running | None = None
        self.callbacks = Callbacks()
        self._sketches = setup.sketches
        self.written_to = ""  # that samples are others than they were; empty when not
        self._warned_of: set[str] = set()
        self._background = Background(self._work)
        self._learner: Any = None
        self._before: IntArray | None = None  # what it predicts for the stop set
        self._reserve: deque[_Ranked] = deque()
        self._reserve_strategy, self._reserve_round = "", 0
        self._ahead = 0
        self._failed_at = -1  # the event after which no questions could be chosen; tried again after the next
        self._answered_at: deque[float] = deque(maxlen=_RATE_WINDOW)
        self._correcting = threading.Lock()  # taken before the log's lock, never after
        self._corrector: int | None = None  # the thread that has it
        self._corrected = Corrected()
        self._known_rounds: dict[str, Round] = {}  # those that corrections changed, by the id of their event
        self._checking = threading.Lock()
        self._checked: tuple[str, Checked | None] = "", None
        self.budget, self.rule = setup.budget, setup.rule
        self.readjust()

    @property
    def learner(self) -> Any:
        """The newest round's learner; the unfitted one before the first."""
        # Read once: a rollback in another thread takes it away between two looks.
        learner = self._learner
        if learner is None and self.log.state.rounds:
            self.log.check_open()
            with self._turns.taken(), self._at_work(None):
                self._refit_if_resumed()
                learner = self._learner
        return self.setup.recipe.template if learner is None else learner

    @property
    def targets(self) -> Targets:
        """What the codes of the state stand for. Under the lock."""
        return self.log.state.targets

    @property
    def error(self) -> str:
        """What went wrong last and has not been put right, beside a failed fit; empty when nothing."""
        return self._work_error or self._disk_error

    @property
    def busy_since(self) -> float | None:
        """When the fit or selection began that runs, seconds since 1970; None when none does."""
        running = self._running
        return None if running is None else running.since

    @property
    def notices(self) -> dict[str, str]:
        """What a person should know that is no error, by what it is about. Under the lock."""
        rounds = self.log.state.rounds
        failed = problems(rounds[-1].record.readings) if rounds else {}
        lent = self.setup.recipe.notice
        return ({"loans": lent} if lent else {}) | failed

    def warn(self, stacklevel: int) -> None:
        """Warn of what nobody was warned of yet: samples written to, criteria that fail, copies lent."""
        with self.log.lock:
            news = self.notices | ({"samples": self.written_to} if self.written_to else {})
        for about, notice in news.items():
            if about not in self._warned_of:
                self._warned_of.add(about)
                warnings.warn(notice, RuntimeWarning, stacklevel=stacklevel + 1)

    @property
    def history(self) -> History:
        """Rounds so far and what is spent by now; as they were until `correct` is done, if `outdated`. Under the lock.

        What waits for nothing reads this.
        """
        if not self.log.state.corrected_at:
            return self._recorded
        known = self._known_rounds
        return replace(self._recorded, rounds=tuple(known.get(made.id, made.record) for made in self.log.state.rounds))

    @property
    def _recorded(self) -> History:
        """The rounds as they were when they were made. Under the lock."""
        state = self.log.state
        return History(
            tuple(map(attrgetter("record"), state.rounds)),
            self.budget,
            state.n_labelled,
            state.seconds,
            self.setup.batch_size,
            state.n_samples - int(np.count_nonzero(state.copied)),
            state.n_timed,
        )

    @property
    def outdated(self) -> bool:
        """Whether rounds have to be scored, or read, again since an audit answer was corrected. Under the lock."""
        return bool(self.log.state.corrected_at) and self._corrected.version != self._version

    @property
    def _version(self) -> Version:
        state = self.log.state
        return Version(state.corrected_at, state.round, len(state.rounds), self.budget, self.rule)

    def correct(self) -> None:
        """Score again what corrections have changed, without the log's lock; at once where there is nothing."""
        if self._corrector == threading.get_ident():
            # A scorer or a criterion that asks for the rounds gets them as they are known.
            return
        with self.log.lock:
            # Who holds the lock must not wait here for one that waits for it.
            if not self.outdated:
                return
        with self._correcting:
            self._corrector = threading.get_ident()
            try:
                while (job := self._correction()) is not None:
                    with self.callbacks.within():
                        found = corrected(job, self._corrected)
                    pairs = zip(job.trained, found.rounds, strict=True)
                    changed = {trained.id: made for trained, made in pairs if made is not trained.record}
                    with self.log.lock:
                        self._corrected, self._known_rounds = found, changed
            finally:
                self._corrector = None

    def _correction(self) -> Correction | None:
        with self.log.lock:
            if not self.outdated:
                return None
            return correction(self._version, self.log.state, self._recorded, self.setup.metrics)

    def wake_if_outdated(self) -> None:
        """Have the worker score again what corrections have changed; what follows is told to the views."""
        with self.log.lock:
            outdated = self.outdated and not self.log.closed and not self.synchronous
        if outdated:
            self._background.wake()

    @property
    def phase(self) -> str:
        """What chooses the next questions. Under the lock."""
        state = self.log.state
        labels = self.targets.y(state.codes[state.training_rows()])
        cold = not state.rounds or is_cold(labels, len(state.classes), self.setup.recipe, self.cold_start)
        return COLD_START if cold else strategy_name(self.setup.recipe.strategy)

    @property
    def cold_start(self) -> ColdStart:
        """How the first questions are chosen; once ended by hand, only until there is a model. Under the lock."""
        cold_start = self.setup.cold_start
        return replace(cold_start, most_labels=0) if self.log.state.cold_start_ended else cold_start

    @property
    def waits_for(self) -> tuple[Class, ...]:
        """The classes that have too few labels for the cold start to end, once there is a model. Under the lock."""
        state = self.log.state
        if not state.rounds or self.phase != COLD_START:
            return ()
        least = self.setup.cold_start.labels_per_class
        counts = zip(state.classes, state.class_counts, strict=True)
        return tuple(label for label, count in counts if count < least)

    @property
    def exhausted(self) -> bool:
        """Whether no sample is left that could be asked. Under the lock."""
        status = self.log.state.status
        return not bool(np.any((status == CANDIDATE) | (status == PENDING)))

    @property
    def n_askable(self) -> int:
        """How many samples are left that may be asked beside those that are pending."""
        with self.log.lock:
            return int(np.count_nonzero(self._candidates()))

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
            if not self.log.read_only:
                self._top_up(wanted)
            # Who only reads asks nothing: what is pending is what the holder asked.
            enough = self.log.read_only or len(pending) >= wanted
        try:
            if not enough:
                with self._turns.taken():
                    _raise_failed_query(self._catch_up())
                    _raise_failed_query(self._ask(wanted))
        finally:
            self.changed()
        with self.log.lock:
            return np.array(self.log.state.pending[:wanted], np.intp)

    def retrain(self) -> None:
        """Fit now and select anew; raise what went wrong."""
        self.correct()
        try:
            with self._turns.taken():
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

    def learn_rest(self) -> None:
        """Fit if there are answers that no fit has seen and that a model can learn from; whether it worked is seen."""
        with self.log.lock:
            wanted = bool(self.log.state.unlearnt) and self.can_fit
        if wanted:
            # A fit that failed is in the state.
            with contextlib.suppress(Exception):
                self.retrain()

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

    @calls_back
    def explain(self, item: int) -> Explanation:
        """Say what is known of a sample, without the lock while the pool is scored."""
        learner = self.learner
        with self.log.lock:
            setup, state, phase = self.setup, self.log.state, self.phase
            open_rows = (state.status == CANDIDATE) | (state.status == PENDING)
            open_rows[item] = True
            view = replace(self._view(learner if state.rounds else None, state), candidates=np.flatnonzero(open_rows))
        cold = phase == COLD_START
        strategy = setup.cold_start.strategy if cold else setup.recipe.strategy
        return explain(item, view, strategy, f"{phase}, {strategy_name(strategy)}" if cold else phase)

    def ask(self, rows: list[int], event_id: str | None = None) -> IntArray:
        """Make rows that have no label the next questions; what has an id is recorded even where there are none."""
        with self.log.lock:
            self.log.check_open()
            state = self.log.state
            before: Any = state.recorded(event_id)
            if before is not None:
                return np.array(getattr(before, "items", ()), np.intp)
            chosen = [row for row in rows if state.status[row] != LABELLED]
            if chosen or event_id is not None:
                pending = tuple(row for row in chosen if state.status[row] == PENDING)
                self.log.record(
                    Asked(
                        id=event_id or new_id(), at=time.time(), items=tuple(chosen), utility=(None,) * len(chosen),
                        # A question that is to measure does so wherever it stands.
                        audit=tuple(bool(state.audit[row]) for row in chosen), withdrawn=pending, round=state.round,
                        strategy=BY_HAND, chosen=True,
                    )
                )  # fmt: skip
        self.changed()
        return np.array(chosen, np.intp)

    @calls_back
    def suggestion(self, item: int) -> Suggestion | None:
        """Say what the newest model makes of a sample."""
        learner = self.learner
        with self.log.lock:
            if not self.log.state.rounds:
                return None
            number = self.log.state.round
            alone = replace(self._view(learner, self.log.state), candidates=np.array([item]))
        return suggested(item, alone, number)

    def checked(self, *, wait: bool) -> Checked | None:
        """Return what models that had not learnt the labels make of them, as of the newest round."""
        with contextlib.nullcontext() if not wait else self._checking:
            with self.log.lock:
                rounds = self.log.state.rounds
                newest = rounds[-1] if rounds else None
            if newest is None:
                return None
            if wait and self._checked[0] != newest.id:
                self.log.check_open()
                self._checked = newest.id, self._check()
            return self._checked[1]

    @calls_back
    def _check(self) -> Checked:
        learner = self.learner
        with self.log.lock:
            state, newest = self.log.state, self.log.state.rounds[-1]
            view = self._view(learner, state)
            others, targets = np.setdiff1d(answered_rows(state), view.labelled), state.targets
        return check(
            view, self.setup.recipe, targets, others, round=newest.record.round, seed=newest.seed,
            fit_seconds=newest.record.fit_seconds,
        )  # fmt: skip

    @calls_back
    def predictions(self) -> Predictions | None:
        """Say what the newest model makes of every sample, without the lock while it predicts."""
        learner = self.learner
        with self.log.lock:
            if not self.log.state.rounds:
                return None
            view = self._view(learner, self.log.state)
        return predicted(view)

    @calls_back
    def near_duplicates(self, item: int, threshold: float) -> IntArray:
        """Return the unanswered rows that point nearly where a row does, nearest first."""
        with self.log.lock:
            status = self.log.state.status
            rows = np.flatnonzero((status == CANDIDATE) | (status == PENDING))
        return near_duplicates_of(item, rows, self.setup.features, threshold)

    @calls_back
    def random_baseline(self, source: BaselineSource | None, n_runs: int) -> Baseline:
        """Find what random sampling would have reached, without the lock while models are fitted."""
        learner, setup = self.learner, self.setup
        with self.log.lock:
            state = self.log.state
            rows, codes, metric = state.audit_rows(), state.codes.copy(), setup.metrics[0]
            beside = np.flatnonzero(state.beside_audit)
            labelled, n_labelled, has_model = state.status == LABELLED, state.n_labelled, bool(state.rounds)
            targets = self.targets
        of_test = None if setup.test is None else (setup.test[0], widened(setup.test[1], len(targets.classes)))
        source = source or ("audit" if len(rows) >= FEWEST_AUDITED else "simulated")
        audit = pool.take(setup.X, rows), targets.y(codes[rows])
        if source == "audit":
            return from_audit(*audit, setup.recipe, test=of_test, metric=metric, n_runs=n_runs, seed=setup.random_state)
        test = of_test or (audit if len(rows) >= FEWEST_AUDITED else None)
        if test is None or not has_model:
            what = "there is no model yet" if not has_model else f"there is no test set, and {len(rows)} audit labels"
            raise ValueError(
                f"{what}; a simulated baseline expects a model, and a test set or {FEWEST_AUDITED} audit labels to "
                "score on."
            )
        # In parts: a learner that writes into its input is lent copies, and a memory map may be large.
        parts = (pool.take(setup.X, np.arange(rows.start, rows.stop)) for rows in pool.chunks(setup.X))
        labels = targets.said(np.concatenate([learner.predict(part) for part in parts]))
        labels[labelled] = targets.y(codes[labelled])
        # What is scored on is not drawn from.
        scored_on = np.union1d(rows, beside)
        drawn = np.arange(len(labels)) if setup.test else np.setdiff1d(np.arange(len(labels)), scored_on)
        n_most, X = min(n_labelled, len(drawn)), pool.take(setup.X, drawn)
        return simulated(
            X, labels[drawn], n_most, setup.recipe, test=test, metric=metric, n_runs=n_runs, seed=setup.random_state
        )

    def compare_with_recorded(self) -> Rollback:
        """Refit the newest round's model and say whether it is the one that was recorded."""
        _ = self.learner
        with self.log.lock:
            newest, state = self.log.state.rounds[-1], self.log.state_after_fit(-1)
            rows = state.training_rows()
            same = _training_hash(rows, state.codes[rows]) == newest.training_set
        predicted = codes_hash(self._before)
        return Rollback(newest.record.round, same, not newest.predictions or predicted == newest.predictions)

    def checked_changes(self, settings: dict[str, Any]) -> dict[str, Any]:
        """Return what these settings change, name -> (given, set), if they can be set. Under the lock."""
        changes = named_changes(settings)
        with_settings(self.budget, self.rule, changes)
        given, now = (settings_of(*pair) for pair in ((self.setup.budget, self.setup.rule), (self.budget, self.rule)))
        return {name: [given[name], value] for name, value in changes.items() if value != now[name]}

    def readjust(self) -> None:
        """Take the settings as they were adjusted; one that the session is now made otherwise with is as given."""
        given = settings_of(self.setup.budget, self.setup.rule)
        adjusted = self.log.state.adjusted.items()
        changes = {name: value for name, (was, value) in adjusted if name in given and given[name] == was}
        self.budget, self.rule = self.setup.budget, self.setup.rule
        # All at once, since some need each other. What an earlier session could be set to may be refused by this one:
        # each setting alone then, and those refused are as given.
        for some in (changes, *({name: value} for name, value in changes.items())):
            with contextlib.suppress(ValueError, TypeError):
                self.budget, self.rule = with_settings(self.budget, self.rule, some)

    @contextlib.contextmanager
    def between_turns(self) -> Iterator[None]:
        """Keep turns out, and start anew from the log after what is done in here."""
        with self._taken(self._patience):
            yield
            self._learner = self._before = None
            self._reserve.clear()
            self._failed_at = -1
            self._work_error = self._disk_error = ""
            with self.log.lock:
                self.readjust()

    def end_cold_start(self, annotator: str | None) -> None:
        """Record that the cold start is over, and have the newest model rank the pool."""
        with self.log.lock:
            self.log.check_open()
            self.log.record(ColdStartEnded(id=new_id(), at=time.time(), annotator=annotator))
            self._reserve.clear()
        self.changed()

    def let_go(self) -> None:
        """Drop the pool, and all that was worked out from it; of a closed log."""
        self.setup = replace(self.setup, X=None, items=None, embed=None, test=None)
        self._reserve.clear()

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
            if self._ahead and not self.log.read_only:
                self._top_up_or_tell()
            needed = self.outdated or any(self._needs())
        if needed:
            self._background.wake()
        self._notify()

    @contextlib.contextmanager
    def alone(self, *, patient: bool = True) -> Iterator[None]:
        """Keep the worker out, and the views quiet, while a script answers.

        Raises
        ------
        TimeoutError
            Unless patient, if a fit runs far longer than the last one.
        """
        seconds = None if patient else self._patience
        if not self.wait(seconds):
            raise TimeoutError(self._waited_for)
        try:
            with self._taken(seconds):
                turns = self._turns.current
                try:
                    self.synchronous = True
                    yield
                except KeyboardInterrupt:
                    # Who interrupts wants nothing to go on by itself before the next answer.
                    self._failed_at = self.log.state.n_events
                    raise
                finally:
                    if turns is self._turns.current:
                        self.synchronous = False
        finally:
            self.changed()

    @contextlib.contextmanager
    def _taken(self, seconds: float | None) -> Iterator[None]:
        """Keep other turns out; say what is waited for when that takes longer than so many seconds."""
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(self._turns.taken(seconds))
            except TimeoutError:
                raise TimeoutError(self._waited_for) from None
            yield

    @property
    def _patience(self) -> float:
        """How long to wait, in seconds, for a fit that may never end."""
        rounds = self.log.state.rounds
        return _PATIENCE + (_TIMES_LONGER * rounds[-1].record.fit_seconds if rounds else 0.0)

    @property
    def _waited_for(self) -> str:
        since = self.busy_since
        runs = (
            "another call" if since is None else f"a fit of {self.setup.recipe.name}, for {time.time() - since:.0f} s"
        )
        return (
            f"{runs} is running and has not ended. Call wait() to wait for it, or abandon_fit() to give it up; nothing "
            "has changed."
        )

    def wait(self, timeout: float | None = None) -> bool:
        """Join the worker; False when the timeout in seconds ran out first."""
        return self._background.wait(timeout)

    def abandon_fit(self) -> bool:
        """Give up the fit or selection that runs: what it finds is dropped, whenever it comes; say whether one ran."""
        with self.log.lock:
            running = self._running
            if running is None:
                return False
            self._turns.give_up()
            self._background.give_up()
            self._running, self.synchronous = None, False
            self._tell_given_up(running)
        self.changed()
        return True

    def _tell_given_up(self, running: _Running) -> None:
        job, after = running.job, f"was given up after {time.time() - running.since:.0f} s"
        if job is not None and job.fit and not self.log.closed and not self.log.read_only:
            what = f"Fitting {self.setup.recipe.name} on {len(job.rows)} labels"
            self.log.record(Failed(id=new_id(), at=time.time(), upto=job.upto, error=f"{what} {after}. {TRIES_AGAIN}"))
            return
        what = "Bringing the model back" if job is None else "Choosing the next questions"
        self._work_error = f"{what} {after}; the next answer tries again."
        self._failed_at = self.log.state.n_events

    def _work(self) -> None:
        """Do turns until there is nothing to do; what fails is shown, not raised."""
        turns = self._turns.current
        try:
            while True:
                self._correct_and_tell()
                with self._turns.taken():
                    turns = self._turns.current
                    with self.log.lock:
                        if self.outdated:
                            continue
                        fit, questions = self._needs()
                        if not fit and not questions:
                            break
                        job = self._job(fit=fit, wanted=self._wanted())
                    self._refresh(job)
                self._notify()
        except BaseException as error:
            # Nobody above could show it; of what was given up nobody wants to know.
            if turns is self._turns.current:
                self._work_error = told(error, "The background worker")
                self._failed_at = self.log.state.n_events
            if isinstance(error, KeyboardInterrupt):
                raise
        finally:
            self._notify()

    def _correct_and_tell(self) -> None:
        with self.log.lock:
            outdated = self.outdated
        if outdated:
            self.correct()
            self._notify()

    def _needs(self) -> tuple[bool, bool]:
        """Return whether a fit is due, and whether questions are missing. Under the lock."""
        if self.log.closed or self.log.read_only or self.synchronous or self._failed_at == self.log.state.n_events:
            return False, False
        short = bool(self._ahead) and len(self.log.state.pending) < self._wanted()
        return self._due(), self._owed() or (short and bool(np.any(self._candidates())))

    def _catch_up(self) -> Result | None:
        """Do a fit that is due, or the ranking that its model still owes. Under the turn."""
        self.correct()
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
        unlearnt = self.log.state.unlearnt
        # The last answers are learned too, though no batch of them comes together any more.
        last = bool(unlearnt) and self.exhausted and self._is_behind()
        return (len(unlearnt) >= self.setup.batch_size or last) and self.can_fit

    def _is_behind(self) -> bool:
        state = self.log.state
        return state.n_labelled > (state.rounds[-1].record.n_labelled if state.rounds else 0)

    @property
    def can_fit(self) -> bool:
        """Whether the labels that train tell two classes apart. Under the lock."""
        return teaches(self._training_labels())

    def _check_can_fit(self) -> None:
        y = self._training_labels()
        if not teaches(y):
            targets = self.targets
            columns = y.T == 1 if targets.many else [y == label for label in targets.classes]
            counts = {
                label: int(np.sum(of_class)) for label, of_class in zip(targets.classes.tolist(), columns, strict=True)
            }
            expected = "a class that some samples have and others have not" if targets.many else "at least two classes"
            raise ValueError(f"the labels that train are {counts}; expected labels of {expected} to fit.")

    def _training_labels(self) -> Any:
        """Return the labels of the training set, those that came with a modAL learner among them."""
        state, seed = self.log.state, self.setup.recipe.y_seed
        y = self.targets.y(state.codes[state.training_rows()])
        return y if seed is None else joined(seed, y)

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
        free = self._free(self._kept()) if rerank else self._candidates()
        missing = wanted if rerank else wanted - len(state.pending)
        rows = state.training_rows()
        key = (setup.random_state, state.n_events)
        return Job(
            X=setup.X,
            recipe=setup.recipe,
            targets=self.targets,
            rows=rows,
            codes=state.codes[rows],
            audit=self._audit(),
            test=setup.test,
            metrics=setup.metrics,
            watched=setup.watched,
            before=self._before,
            answered=rows[(state.changed_at[rows] > self._last_upto) & ~state.audit[rows]],
            draws=self._draws(rows),
            candidates=np.flatnonzero(self.setup.copies.once(free) if self._carries else free),
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
            cold_start=self.cold_start,
            history=self.history,
            rule=self.rule,
            upto=state.n_events,
            round=state.last_round + 1,
        )

    def _view(self, learner: Any, state: State) -> PoolView:
        """Return the pool as a model sees it, with every row a candidate."""
        rows, targets = state.training_rows(), state.targets
        return PoolView(
            X=lent(self.setup.X),
            candidates=np.arange(state.n_samples),
            labelled=rows,
            labels=targets.y(state.codes[rows]),
            classes=targets.classes,
            learner=learner,
            rng=np.random.default_rng((self.setup.random_state, state.n_events)),
            embedding=self.setup.features,
            seconds=state.seconds_of(rows),
        )

    @property
    def _last_upto(self) -> int:
        rounds = self.log.state.rounds
        return rounds[-1].upto if rounds else 0

    def _audit(self) -> Audit:
        state = self.log.state
        rows = state.audit_rows()
        mode = state.audit_mode if self.setup.audit else "off"
        return Audit(mode, rows, state.codes[rows], state.tested[rows], state.tested_at[rows])

    def _draws(self, rows: IntArray) -> Draws:
        """Return the training rows that were drawn with known probabilities, in the order of drawing."""
        state = self.log.state
        drawn: list[tuple[int, float]] = []
        # They weigh a score on the labelled set, which nobody takes where there is a test set.
        if self.setup.test is None:
            trains, asked = set(rows.tolist()), state.questions.items()
            drawn = [(row, each.probability) for row, each in asked if each.probability and row in trains]
        n_left = int(np.count_nonzero((state.status == CANDIDATE) | (state.status == PENDING)))
        return Draws(
            np.array([row for row, _ in drawn], np.intp), np.array([chance for _, chance in drawn], np.float64), n_left
        )

    def _refresh(self, job: Job) -> Result:
        """Do a turn without the lock, then swap its result in; that of a closed session, or given up, is dropped."""
        turns = self._turns.current
        with self._at_work(job):
            if not self.synchronous:
                self._notify()
            self._look_at_samples()
            if self._refit_if_resumed():
                job = replace(job, learner=self._learner, before=self._before)
            result = run(job)
            self._turns.check(turns)
            snapshot = self._kept_snapshot(job, result)
            with self.log.lock:
                self._turns.check(turns)
                if not self.log.closed:
                    self._swap(job, result, snapshot)
        return result

    @contextlib.contextmanager
    def _at_work(self, job: Job | None) -> Iterator[None]:
        """Say that a fit or selection runs, unless it is part of one that does. Under the turn."""
        turns, before = self._turns.current, self._running
        try:
            self._running = before or _Running(job, time.time())
            with self.callbacks.within():
                yield
        finally:
            if turns is self._turns.current:
                self._running = before

    def _look_at_samples(self) -> None:
        """See whether somebody wrote to the samples since the session was made."""
        now = self.setup.sketches
        if now == self._sketches:
            self.written_to = ""
            return
        name = "X" if now[0] != self._sketches[0] else "X_test"
        # A journal knows its pool, and no test set.
        journal = ", and a journal will not open with them" if name == "X" else ""
        self.written_to = (
            f"{name} was written to since the session was made: models now see other samples than those that were "
            f"labelled and scored before{journal}. Undo that, or begin a new session with a copy of the samples."
        )

    def _kept_snapshot(self, job: Job, result: Result) -> str:
        """Keep a model whose fit took long beside the journal; without the lock, for it may be large."""
        slow = result.record is not None and result.record.fit_seconds >= _SLOW_FIT
        if not slow or self.log.path is None or self.log.closed:
            return ""
        members = getattr(result.learner, "learner_list", [result.learner])
        name = _training_hash(job.rows, job.codes)
        return snapshots.write(self.log.path, name, [member.estimator for member in members])

    def _swap(self, job: Job, result: Result, snapshot: str) -> None:
        if result.fit_error is not None:
            error = told(result.fit_error, f"Fitting {self.setup.recipe.name} on {len(job.rows)} labels")
            cure = remedy(job.recipe, job.X, result.fit_error) if job.recipe.untried else ""
            if cure:
                # Where the error itself is raised, it is read there.
                result.fit_error.add_note(cure)
            note = " ".join(filter(None, [f"{error}.", cure, TRIES_AGAIN]))
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
                tested=result.tested,
                **self._made_with(),
                predictions=codes_hash(result.watched),
                snapshot=snapshot,
            )
            self.log.record(trained)
            self._learner, self._before = result.learner, result.watched
        if result.choice is None:
            self._failed_at = self.log.state.n_events
            self._work_error = told(result.query_error or ValueError("no questions"), f"Strategy {result.strategy!r}")
            return
        self._work_error = ""
        self._reserve = _ranked(result.choice)
        self._reserve_strategy, self._reserve_round = result.strategy, self.log.state.round
        self._top_up(job.wanted, rerank=job.rerank)
        if not self._ahead:
            # A session that is resumed has no reserve, and has to ask the same.
            self._reserve.clear()

    def _made_with(self) -> dict[str, Any]:
        """Return recipe and libraries of a new model, where they are others than those of the round before."""
        made = {"recipe": self.setup.recipe.description, "libraries": libraries()}
        before = self.log.state.made_with
        return {name: value for name, value in made.items() if value != before.get(name)}

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
        return self._unlike(free, kept)

    def _candidates(self) -> Any:
        """Return which rows may be asked beside those that are pending."""
        return self._unlike(self.log.state.status == CANDIDATE, self.log.state.pending)

    @property
    def _carries(self) -> bool:
        """Whether the answer to a sample counts for those that are identical."""
        return self.log.state.duplicates == "carry" and self.setup.copies.any

    def _unlike(self, free: Any, rows: Any) -> Any:
        """Return a mask of rows without those whose answer one of these questions will tell."""
        return self.setup.copies.without(free, rows) if self._carries and len(rows) else free

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
        free = self._unlike(free, list(kept))
        reserve = self._reserve.copy()
        questions = self._questions(reserve, free, n_new)
        if not questions:
            return
        rows, utilities, chances, audits = zip(*questions, strict=True)
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
                probability=chances if any(chances) else (),
            )
        )
        self._reserve = reserve

    def _questions(self, reserve: deque[_Ranked], free: Any, n: int) -> list[tuple[int, float, float | None, bool]]:
        """Return (row, utility, probability, audit) from the reserve, every so often one drawn from all free rows."""
        state = self.log.state
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
                rng = rng or np.random.default_rng((self.setup.random_state, state.n_events, 1))
                row, utility, chance = int(rng.choice(np.flatnonzero(free))), float("nan"), None
            else:
                reserve.popleft()
            free[row] = False
            if self._carries:
                free[self.setup.copies.of(row)] = False
            questions.append((row, utility, chance, audit))
            asked += 1
        return questions

    def _refit_if_resumed(self) -> bool:
        """Bring back the model of the newest round from its recipe, after a journal was opened; say whether it was."""
        with self.log.lock:
            rounds = self.log.state.rounds
            if self._learner is not None or not rounds:
                return False
            newest, state = rounds[-1], self.log.state_after_fit(-1)
            n_classes = self.log.state.n_classes_after(newest.upto)
        turns, rows = self._turns.current, state.training_rows()
        labels = state.targets.y(state.codes[rows])
        # It was fitted without the classes that were added since.
        labels = labels[:, :n_classes] if state.many else labels
        X, recipe = pool.take(self.setup.X, rows), self.setup.recipe
        kept = snapshots.read(self.log.path, newest.training_set, newest.snapshot) if self.log.path else None
        restored = None if kept is None else recipe.restored(X, labels, newest.seed, kept)
        learner = recipe.fit(X, labels, newest.seed) if restored is None else restored
        seen = sight(self._view(learner, state), self.setup.watched, state.targets)
        self._turns.check(turns)
        self._learner, self._before = learner, None if seen is None else seen.codes
        return True


def _ranked(choice: Choice) -> deque[_Ranked]:
    chances = [None] * len(choice.rows) if choice.probability is None else choice.probability.tolist()
    # NaN is none either.
    known = [chance if chance and chance > 0 else None for chance in chances]
    return deque(zip(choice.rows.tolist(), choice.utility.tolist(), known, strict=True))


def _raise_failed_query(result: Result | None) -> None:
    if result is not None and result.query_error is not None:
        raise result.query_error


def _training_hash(rows: IntArray, codes: IntArray) -> str:
    content = rows.astype("<i8").tobytes() + codes.astype("<i8").tobytes()
    return hashlib.sha256(content).hexdigest()[:32]
