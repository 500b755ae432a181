"""The loop behind a session: questions kept ready, retrains when they are due, models swapped when they are done.

The lock of the event log is held to read and to record, never while a model is fitted or the pool is scored.
"""

from __future__ import annotations

import contextlib
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from alwidgets.annotation.team import Team
from alwidgets.journal.events import ColdStartEnded
from alwidgets.journal.log import EventLog, new_id
from alwidgets.journal.state import CANDIDATE, PENDING
from alwidgets.loop import recording
from alwidgets.loop.callbacks import Callbacks
from alwidgets.loop.cycles import Cycles
from alwidgets.loop.deciding import with_decisions
from alwidgets.loop.executor import Fits
from alwidgets.loop.freeze import freeze
from alwidgets.loop.job import Job, Result
from alwidgets.loop.queue import Queue
from alwidgets.loop.restore import Rollback, compared_with_recorded, kept_snapshot, restored
from alwidgets.loop.rounds import Rounds
from alwidgets.loop.run import run
from alwidgets.loop.samples import Samples
from alwidgets.loop.settings import LoopSettings
from alwidgets.loop.setup import Setup
from alwidgets.loop.training import can_fit, check_can_fit, is_behind
from alwidgets.loop.trouble import Trouble
from alwidgets.loop.worker import Background
from alwidgets.models import keeping
from alwidgets.stopping.rules import problems
from alwidgets.types import IntArray

_RATE_WINDOW = 20
# How long to wait for a fit where it could be given up: so many seconds, and so many times as long as the last took.
_PATIENCE, _TIMES_LONGER = 60.0, 3.0


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


class Engine:
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
        self._undecided = ""
        self._trouble = Trouble(log)
        # One fit, and the selection after it, at a time; beside it one selection. Both are taken before the log's lock,
        # never after.
        self._cycles, self._selections = Cycles(), Cycles()
        self._running: _Running | None = None
        self._fits = Fits(setup.fit_in, log.session_id)
        self.callbacks = Callbacks()
        self.samples = Samples(setup)
        self._warned_of: set[str] = set()
        self._background = Background(self._work)
        self.team: Team | None = None  # who answers, where that is not one person
        self._learner: Any = None
        self._before: IntArray | None = None  # what it predicts for the stop set
        self.queue = Queue(setup, log)
        self._failed_at = -1  # the event after which no questions could be chosen; tried again after the next
        self._answered_at: deque[float] = deque(maxlen=_RATE_WINDOW)
        self.settings = LoopSettings(setup.budget, setup.rule, log)
        self.rounds = Rounds(log, self.settings, setup.retrain_every or setup.batch_size, setup.metrics, self.callbacks)

    @property
    def learner(self) -> Any:
        """The newest round's learner; the unfitted one before the first."""
        # Read once: a rollback in another thread takes it away between two looks.
        learner = self._learner
        if learner is None and self.log.state.rounds:
            self.log.check_open()
            with self._cycles.taken(), self._at_work(None):
                self._refit_if_resumed()
                learner = self._learner
        return self.setup.model_spec.template if learner is None else learner

    def at_hand(self, number: int) -> Any:
        """Return the learner of a round if that is the newest and there; None otherwise. Waits for nothing."""
        with self.log.lock:
            rounds = self.log.state.rounds
            return self._learner if rounds and rounds[-1].record.round == number else None

    @property
    def wanted(self) -> int:
        """Number of questions that should be pending. Under the lock."""
        return self.queue.wanted(self.labels_per_minute)

    @property
    def error(self) -> str:
        """Last unresolved error other than a failed fit; empty if there is none."""
        return self._trouble.text

    @property
    def busy_since(self) -> float | None:
        """Start of the running fit or selection, in seconds since 1970; None if none runs."""
        return None if (running := self._running) is None else running.since

    @property
    def notices(self) -> dict[str, str]:
        """Messages for the user that are not errors, by topic. Under the lock."""
        rounds = self.log.state.rounds
        failed = problems(rounds[-1].record.readings) if rounds else {}
        undecided = self._undecided and f"The newest model learned labels by the {self._undecided}."
        setup = self.setup
        told = {"loans": setup.model_spec.notice, "consensus": undecided, "scoring": setup.scoring_problem}
        return {about: text for about, text in told.items() if text} | failed

    def warn(self, stacklevel: int) -> None:
        """Issue each new warning once: modified samples, failing criteria, copies of samples."""
        with self.log.lock:
            news = self.notices | ({"samples": self.samples.written_to} if self.samples.written_to else {})
        for about, notice in news.items():
            if about not in self._warned_of:
                self._warned_of.add(about)
                warnings.warn(notice, RuntimeWarning, stacklevel=stacklevel + 1)

    def wake_if_outdated(self) -> None:
        """Have the worker score again what corrections have changed; what follows is told to the views."""
        with self.log.lock:
            outdated = self.rounds.outdated and not self.log.closed and not self.synchronous
        if outdated:
            self._background.wake()

    @property
    def exhausted(self) -> bool:
        """True if no sample is left to ask, nor to be answered by others of a team. Under the lock."""
        status = self.log.state.status
        return not self.log.state.missing and not bool(np.any((status == CANDIDATE) | (status == PENDING)))

    @property
    def n_askable(self) -> int:
        """Return the number of samples that may still be asked, besides the pending ones."""
        with self.log.lock:
            return int(np.count_nonzero(self.queue.candidates()))

    @property
    def labels_per_minute(self) -> float | None:
        """Pace of the last 20 answers; None before there are three."""
        times = self._answered_at
        if len(times) < 3 or times[-1] <= times[0]:  # noqa: PLR2004 - two gaps tell a pace
            return None
        return 60 * (len(times) - 1) / (times[-1] - times[0])

    def query(self, n: int | None) -> IntArray:
        """Return the pending rows, asking for more when fewer are pending than wanted.

        A fit that is due comes first: what is asked must not depend on how fast the worker is. Where questions are kept
        ready, or several people ask, nobody waits for a fit: the present model chooses what is missing.
        """
        with self.log.lock:
            self.log.check_open()
            pending = self.log.state.pending
            wanted = n or len(pending) or self.setup.batch_size
            if not self.log.read_only:
                self.queue.top_up(wanted)
            # What a model that is due, or has yet to rank the pool, would withdraw at once is not asked. Who only reads
            # asks nothing: what is pending is what its owner asked.
            enough = self.log.read_only or len(pending) >= wanted
            enough = enough and (self.log.read_only or self._several or not (self._due() or self._owed()))
            # Not before a model that was saved is brought back.
            beside = self._several and (self._learner is not None or not self.log.state.rounds)
        try:
            if not enough and beside:
                _raise_failed_query(self._ask_beside(wanted))
            elif not enough:
                with self._cycles.taken():
                    _raise_failed_query(self._catch_up())
                    _raise_failed_query(self._ask(wanted))
        finally:
            self.changed()
        with self.log.lock:
            return np.array(self.log.state.pending[:wanted], np.intp)

    def retrain(self) -> None:
        """Fit now and select anew; raise what went wrong."""
        self.rounds.correct()
        try:
            with self._cycles.taken():
                with self.log.lock:
                    self.log.check_open()
                    check_can_fit(self.setup.model_spec, self.log.state)
                    job = self._frozen(fit=True, wanted=self.wanted)
                result = self._refresh(job)
        finally:
            self.changed()
        if result.fit_error is not None:
            raise result.fit_error
        _raise_failed_query(result)

    def learn_rest(self) -> None:
        """Fit if there are answers that no fit has seen and that a model can learn from; whether it worked is seen."""
        with self.log.lock:
            wanted = bool(self.log.state.unlearned) and can_fit(self.setup.model_spec, self.log.state)
        if wanted:
            # A fit that failed is in the state.
            with contextlib.suppress(Exception):
                self.retrain()

    def retrain_if_due(self, stacklevel: int) -> None:
        """Do what the worker would, in this thread; a failed fit warns, a failed selection raises."""
        result = self._catch_up()
        if result is not None:
            self._notify()
        if result is not None and result.fit_error is not None:
            warnings.warn(self.log.state.failure or "", RuntimeWarning, stacklevel=stacklevel + 1)
        _raise_failed_query(result)

    def answered(self, n: int) -> None:
        """Count answers for the pace, and go on."""
        self._answered_at.extend([time.monotonic()] * n)
        self.changed()

    def enqueue(self, rows: list[int], annotator: str | None, event_id: str | None) -> IntArray:
        """Make rows that have no label the next questions."""
        with self.log.lock:
            self.log.check_open()
            chosen = np.array(self.queue.enqueue(rows, annotator, event_id), np.intp)
        self.changed()
        return chosen

    def compare_with_recorded(self) -> Rollback:
        """Refit the newest round's model and say whether it is the one that was recorded."""
        _ = self.learner
        with self.log.lock:
            return compared_with_recorded(self.log, self._before)

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Keep cycles out, and start anew from the log after what is done in here."""
        with self._taken(self._patience):
            yield
            self._learner = self._before = None
            self.queue.clear()
            self._failed_at = -1
            self._trouble.say("")
            with self.log.lock:
                self.settings.readjust()

    def end_cold_start(self, annotator: str | None) -> None:
        """Record that the cold start is over, and have the newest model rank the pool."""
        with self.log.lock:
            self.log.check_open()
            self.log.record(ColdStartEnded(id=new_id(), at=time.time(), annotator=annotator))
            self.queue.clear()
        self.changed()

    def let_go(self) -> None:
        """Release the pool and everything computed from it, and end its fits; for a closed log."""
        self._fits.close()
        keeping.let_go(self.setup.model_spec.template, *filter(None, [self._learner]))
        self.setup = self.queue.setup = replace(self.setup, X=None, items=None, embed=None, test=None)
        self.queue.clear()

    def set_prefetch(self, n: int) -> None:
        """Keep at least `n` questions pending from now on."""
        self.queue.ahead = max(self.queue.ahead, n)
        self.changed()

    def changed(self) -> None:
        """Refill the queue from the reserve, wake the worker if there is work, tell the views."""
        if self.synchronous:
            return
        with self.log.lock:
            if self.log.closed:
                return
            if self.queue.ahead and not self.log.read_only:
                self._top_up_or_tell()
            needed = self.rounds.outdated or any(self._needs())
        if needed:
            self._background.wake()
        self._notify()

    @contextlib.contextmanager
    def exclusive(self, *, patient: bool = True) -> Iterator[None]:
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
                cycles = self._cycles.current
                try:
                    self.synchronous = True
                    yield
                except KeyboardInterrupt:
                    # Who interrupts wants nothing to go on by itself before the next answer.
                    self._failed_at = self.log.state.n_events
                    raise
                finally:
                    if cycles is self._cycles.current:
                        self.synchronous = False
        finally:
            self.changed()

    def _taken(self, seconds: float | None) -> Any:
        """Take a cycle; warn if that takes longer than a number of seconds."""
        return self._cycles.taken(seconds, lambda: self._waited_for)

    @property
    def _patience(self) -> float:
        """Return the time to wait for a fit that may never end, in seconds."""
        rounds = self.log.state.rounds
        return _PATIENCE + (_TIMES_LONGER * rounds[-1].record.fit_seconds if rounds else 0.0)

    @property
    def _waited_for(self) -> str:
        since = self.busy_since
        runs = (
            "another call"
            if since is None
            else f"a fit of {self.setup.model_spec.name}, for {time.time() - since:.0f} s"
        )
        return (
            f"{runs} is running and has not ended. Call wait() to wait for it, or abandon_fit() to give it up; nothing "
            "has changed."
        )

    def wait(self, timeout: float | None = None) -> bool:
        """Join the worker; False when the timeout in seconds ran out first."""
        return self._background.wait(timeout)

    def abandon_fit(self, annotator: str | None = None) -> bool:
        """Give up the fit or selection that runs: what it finds is dropped, whenever it comes; say whether one ran."""
        with self.log.lock:
            running = self._running
            if running is None:
                return False
            self._cycles.give_up()
            self._selections.give_up()
            self._background.give_up()
            self._running, self.synchronous = None, False
            self._tell_given_up(running, annotator)
        self._fits.cancel()
        self.changed()
        return True

    def _tell_given_up(self, running: _Running, annotator: str | None) -> None:
        job, after = running.job, f"was given up after {time.time() - running.since:.0f} s"
        if job is not None and job.fit and not self.log.closed and not self.log.read_only:
            self.log.record(recording.given_up(self.setup.model_spec.name, job, after, annotator))
            return
        what = "Bringing the model back" if job is None else "Choosing the next questions"
        self._trouble.say(f"{what} {after}; the next answer tries again.")
        self._failed_at = self.log.state.n_events

    def _work(self) -> None:
        """Do cycles until there is nothing to do; what fails is shown, not raised."""
        cycles = self._cycles.current
        try:
            while True:
                self._correct_and_tell()
                with self._cycles.taken():
                    cycles = self._cycles.current
                    with self.log.lock:
                        if self.rounds.outdated:
                            continue
                        fit, questions = self._needs()
                        if not fit and not questions:
                            break
                        job = self._frozen(fit=fit, wanted=self.wanted)
                    self._refresh(job)
                self._notify()
        except BaseException as error:
            # Nobody above could show it; of what was given up nobody wants to know.
            if cycles is self._cycles.current:
                self._trouble.tell_of_saving(error, "The background worker")
                self._failed_at = self.log.state.n_events
            if isinstance(error, KeyboardInterrupt):
                raise
        finally:
            self._notify()

    def _correct_and_tell(self) -> None:
        with self.log.lock:
            outdated = self.rounds.outdated
        if outdated:
            self.rounds.correct()
            self._notify()

    def _needs(self) -> tuple[bool, bool]:
        """Return whether a fit is due, and whether questions are missing. Under the lock."""
        if self.log.closed or self.log.read_only or self.synchronous or self._failed_at == self.log.state.n_events:
            return False, False
        short = bool(self.queue.ahead) and len(self.log.state.pending) < self.wanted
        return self._due(), self._owed() or (short and bool(np.any(self.queue.candidates())))

    def _catch_up(self) -> Result | None:
        """Do a fit that is due, or the ranking that its model still owes. Under the cycle."""
        self.rounds.correct()
        with self.log.lock:
            if self.log.closed:
                return None
            fit = self._due()
            if not fit and not self._owed():
                return None
            job = self._frozen(fit=fit, wanted=self.wanted)
        return self._refresh(job)

    def _ask(self, wanted: int) -> Result | None:
        """Choose what is missing until so many questions are pending. Under the cycle."""
        with self.log.lock:
            if self.log.closed or len(self.log.state.pending) >= wanted:
                return None
            job = self._frozen(fit=False, wanted=wanted)
        return self._refresh(job) if len(job.candidates) else None

    @property
    def _several(self) -> bool:
        """True if questions are kept ready, or several people ask: nobody of them waits for a fit."""
        return bool(self.queue.ahead) or (self.team is not None and not self.synchronous)

    def _ask_beside(self, wanted: int) -> Result | None:
        """Choose what is missing by the present model, whatever fit runs meanwhile."""
        with self._selections.taken():
            cycles = self._selections.current
            while (job := self._frozen_beside(wanted)) is not None:
                with self.callbacks.within():
                    result = run(job)
                with self.log.lock:
                    self._selections.check(cycles)
                    if self.log.closed:
                        return result
                    if job.round == self.log.state.last_round + 1:
                        self._swap(job, result, "")
                        return result
                    # A model that came meanwhile has ranked the pool, and chosen better.
                    self.queue.top_up(wanted)
        return None

    def _frozen_beside(self, wanted: int) -> Job | None:
        """Freeze what a selection needs; None where nothing is missing, or nothing is left."""
        with self.log.lock:
            if self.log.closed or len(self.log.state.pending) >= wanted:
                return None
            job = self._frozen(fit=False, wanted=wanted)
        return job if len(job.candidates) else None

    def _owed(self) -> bool:
        """Return whether the newest model has yet to rank the pool, after a crash or a failure of its strategy."""
        state = self.log.state
        if state.ranked == state.round or self._failed_at == state.n_events:
            return False
        kept = self.queue.kept()
        return len(kept) < self.wanted and bool(np.any(self.queue.free(kept)))

    def _due(self) -> bool:
        state = self.log.state
        n_new, every = len(state.unlearned), self.setup.retrain_every
        # The last answers are learned too, though no batch of them comes together any more.
        last = bool(n_new) and self.exhausted and is_behind(state)
        return every is not None and (n_new >= every or last) and can_fit(self.setup.model_spec, self.log.state)

    def _frozen(self, *, fit: bool, wanted: int) -> Job:
        """Freeze what a cycle needs. Under the lock."""
        return freeze(
            self.setup, self.log.state, self.queue, learner=self._learner, before=self._before,
            history=self.rounds.history, rule=self.settings.rule, fit=fit, rerank=fit or self._owed(), wanted=wanted,
            team=self.team,
        )  # fmt: skip

    def _refresh(self, job: Job) -> Result:
        """Do a cycle without the lock, then swap its result in; that of a closed session, or given up, is dropped."""
        cycles = self._cycles.current
        with self._at_work(job):
            if not self.synchronous:
                self._notify()
            self.samples.look(self.setup)
            job = with_decisions(job)
            if self._refit_if_resumed():
                job = replace(job, learner=self._learner, before=self._before)
            result = run(job, self._fits)
            self._cycles.check(cycles)
            snapshot = kept_snapshot(self.log, job, result)
            with self.log.lock:
                self._cycles.check(cycles)
                if not self.log.closed:
                    self._swap(job, result, snapshot)
        return result

    @contextlib.contextmanager
    def _at_work(self, job: Job | None) -> Iterator[None]:
        """Say that a fit or selection runs, unless it is part of one that does. Under the cycle."""
        cycles, before = self._cycles.current, self._running
        try:
            self._running = before or _Running(job, time.time())
            with self.callbacks.within():
                yield
        finally:
            if cycles is self._cycles.current:
                self._running = before

    def _swap(self, job: Job, result: Result, snapshot: str) -> None:
        if result.fit_error is not None:
            self.log.record(recording.failed(self.setup.model_spec.name, job, result.fit_error))
            return
        if result.record is not None:
            self.log.record(
                recording.trained(
                    self.setup, self.log, job, result, result.record, snapshot=snapshot, fitted_in=self._fits.where
                )
            )
            self._learner, self._before, self._undecided = result.learner, result.stop_set, job.undecided
        if result.choice is None:
            self._failed_at = self.log.state.n_events
            self._trouble.tell(result.query_error or ValueError("no questions"), f"Strategy {result.strategy!r}")
            return
        self._trouble.say("")
        self.queue.fill(result.choice, result.strategy, job)

    def _top_up_or_tell(self) -> None:
        """Refill the queue after an answer, which stands even if the questions cannot be written."""
        try:
            self.queue.top_up(self.wanted)
        except OSError as error:
            self._trouble.tell_of_saving(error, "Saving the next questions")

    def _refit_if_resumed(self) -> bool:
        """Bring back the model of the newest round, after a journal was opened; say whether it was."""
        if self._learner is not None:
            return False
        cycles = self._cycles.current
        found = restored(self.setup, self.log, self._fits)
        if found is None:
            return False
        self._cycles.check(cycles)
        self._learner, self._before = found
        return True


def _raise_failed_query(result: Result | None) -> None:
    if result is not None and result.query_error is not None:
        raise result.query_error
