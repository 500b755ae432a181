"""One turn of the loop: clone, fit, score, select; and the thread that does it while the annotator goes on.

`run` is a pure function of a frozen `Job`: it touches no session, holds no lock, and fits a clone, so that
nobody ever predicts with a model that is being refitted. Its `Result` is swapped in by the session.
"""

from __future__ import annotations

import os
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from alwidgets.evaluation import measurement, watch
from alwidgets.jobs import Job, Result
from alwidgets.lending import lent
from alwidgets.pool import is_frame, sketch, take
from alwidgets.recipes import Recipe
from alwidgets.redaction import presentable, words
from alwidgets.stopping import Round
from alwidgets.strategies import Choice, ColdStart, PoolView, choose, chooses_batches, strategy_name
from alwidgets.targets import joined
from alwidgets.types import IntArray

#: What the questions before a usable model are called.
COLD_START = "cold start"
_PACKAGE = str(Path(__file__).parent)
# How often who waits looks whether what it waits for has been given up.
_GLANCE = 0.05


def run(job: Job) -> Result:
    """Do one turn: fit and measure if the job says so, select, and read the criteria. Errors are part of the result."""
    learner, record = job.learner, None
    tested: tuple[tuple[int, int | tuple[int, ...]], ...] = ()
    no_model = learner is None and not job.fit
    cold = no_model or is_cold(job.labels, len(job.classes), job.recipe, job.cold_start)
    name = COLD_START if cold else strategy_name(job.recipe.strategy)
    if job.fit:
        try:
            learner, record, tested = _fitted(job, name)
        except Exception as error:  # noqa: BLE001 - whatever a user's estimator raises
            return Result(None, None, None, "", fit_error=error)
    view = _view(job, learner)
    choice, query_error, watched = None, None, None
    try:
        chosen = _chosen(job, view, cold=cold) if job.n else Choice(np.empty(0, np.intp), np.empty(0))
        _check_unwritten(job, view, name)
        choice = chosen
    except Exception as error:  # noqa: BLE001 - whatever a user's strategy raises
        if record is not None and _cannot_predict(learner, job):
            # A model that cannot tell anything of the pool is none: the one before goes on.
            return Result(None, None, None, "", fit_error=error)
        query_error = error
    # Where nothing reads them, nothing is looked at.
    if record is not None and job.rule.criteria:
        record, watched = _read(job, record, view, choice)
    return Result(learner if record else None, record, choice, name, tested, watched, query_error=query_error)


def _check_unwritten(job: Job, view: PoolView, name: str) -> None:
    """Refuse what a strategy that set columns of its DataFrame has chosen; arrays it cannot write to."""
    if is_frame(job.X) and sketch(view.X) != sketch(job.X):
        raise ValueError(
            f"{name} wrote into view.X, which is lent to be read; let it write into a copy, view.X.copy()."
        )


def _read(job: Job, record: Round, view: PoolView, choice: Choice | None) -> tuple[Round, IntArray | None]:
    """Return the round with what the criteria read of it, and what the model predicts for the stop set."""
    asked = choice.rows[: job.batch_size] if choice is not None else np.empty(0, np.intp)
    seen = watch(job, view, asked)
    record = replace(record, signals=seen.signals)
    history = replace(job.history, rounds=(*job.history.rounds, record))
    return replace(record, readings=job.rule.read(history)), seen.codes


def _cannot_predict(learner: Any, job: Job) -> bool:
    try:
        learner.predict(take(job.X, job.candidates))
    except Exception:  # noqa: BLE001 - whatever a user's estimator raises
        return True
    return False


def is_cold(labels: Any, n_classes: int, recipe: Recipe, cold_start: ColdStart) -> bool:
    """Return whether questions are still those of the cold start.

    Labels that came with a modAL learner count like those given here.
    """
    if recipe.y_seed is not None:
        labels = joined(recipe.y_seed, labels)
    return cold_start.lasts(labels, n_classes)


def told(error: BaseException, what: str) -> str:
    """Return a failure as a sentence: what failed, why, and where in the user's own code; without secrets."""
    frames = traceback.extract_tb(error.__traceback__)
    outside = [frame for frame in frames if not frame.filename.startswith(_PACKAGE)]
    inside = [frame for frame in outside if "site-packages" not in frame.filename] or outside
    place = f" (line {inside[-1].lineno} of {inside[-1].name})" if inside else ""
    return f"{what} failed: {type(error).__name__}: {_reason(error)}{place}"


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError) and isinstance(error.filename, str | os.PathLike):
        # Where a file lies is nobody's business but its owner's.
        return presentable(f"{error.strerror}: {Path(error.filename).name!r}")
    return presentable(words(error)).rstrip(" .")


def _fitted(job: Job, asking: str) -> tuple[Any, Round, tuple[tuple[int, int | tuple[int, ...]], ...]]:
    start = time.perf_counter()
    learner = job.recipe.fit(take(job.X, job.rows), job.labels, job.seed)
    seconds = time.perf_counter() - start
    measured = measurement(job, learner)
    score, history = measured.scores[0], job.history
    record = Round(
        round=job.round,
        n_labelled=history.n_labelled,
        n_learnt=len(job.rows),
        score=score.value,
        score_low=score.low,
        score_high=score.high,
        score_kind=score.kind,
        score_n=score.n,
        fit_seconds=seconds,
        seconds=history.seconds,
        cost=history.cost,
        strategy=asking,
        metric=score.metric,
        scores=measured.scores,
        per_class=measured.per_class,
    )
    return learner, record, measured.tested


def _view(job: Job, learner: Any) -> PoolView:
    return PoolView(
        X=lent(job.X),
        candidates=job.candidates,
        labelled=job.rows,
        labels=job.labels,
        classes=job.classes,
        learner=learner,
        rng=np.random.default_rng(job.selection_key),
        embedding=job.features,
        seconds=job.seconds,
    )


def _chosen(job: Job, view: PoolView, *, cold: bool) -> Choice:
    if cold:
        return choose(job.cold_start.strategy, view, job.n)
    strategy = job.recipe.strategy
    if not chooses_batches(strategy):
        return choose(strategy, view, job.n)
    choices: list[Choice] = []
    missing = min(job.n, len(view.candidates))
    while missing:
        if choices:
            view = view.with_candidates(np.setdiff1d(view.candidates, choices[-1].rows))
        choices.append(choose(strategy, view, min(job.batch_size, missing)))
        missing -= len(choices[-1].rows)
    drawn = [choice.probability for choice in choices if choice.probability is not None]
    return Choice(
        np.concatenate([np.empty(0, np.intp), *(choice.rows for choice in choices)]),
        np.concatenate([np.empty(0), *(choice.utility for choice in choices)]),
        np.concatenate(drawn) if drawn else None,
    )


class Background:
    """One daemon thread that lives only while there is work.

    Parameters
    ----------
    work : callable
        Called once for every wake, or once for several that came close together. Must not raise.
    """

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._wanted = False
        self._leaving = False
        self._given_up = 0

    def wake(self) -> None:
        """Have the work done soon; returns at once."""
        with self._lock:
            self._wanted = True
            if self._alive() and not self._leaving:
                return
            self._leaving = False
            number = self._given_up
            self._start(number)
        if self._thread is None:
            self._run(number)

    def give_up(self) -> None:
        """Let the next wake have a thread of its own, whatever becomes of this one."""
        with self._lock:
            self._given_up += 1
            self._thread, self._wanted, self._leaving = None, False, False

    def _start(self, number: int) -> None:
        # Not within the `with`: an interrupt at a `try` there would leave the lock taken.
        self._thread = threading.Thread(target=self._run, args=(number,), name="alwidgets-trainer", daemon=True)
        try:
            self._thread.start()
        except RuntimeError:
            # No threads here (a Python inside the browser): do it now.
            self._thread = None

    def wait(self, timeout: float | None = None) -> bool:
        """Return True when there is no work left, False when the timeout (in seconds) ran out first."""
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            with self._lock:
                thread = self._thread
            if thread is None or not thread.is_alive() or thread is threading.current_thread():
                return True
            left = _GLANCE if end is None else end - time.monotonic()
            thread.join(max(0.0, min(_GLANCE, left)))
            if thread.is_alive() and left <= 0:
                return False

    def _alive(self) -> bool:
        # Asked of the thread itself: one that died of a SystemExit must not be waited for.
        return self._thread is not None and self._thread.is_alive()

    def _run(self, number: int) -> None:
        while True:
            with self._lock:
                if number != self._given_up:
                    return
                if not self._wanted:
                    self._leaving = True
                    return
                self._wanted = False
            self._work()
