"""One turn of the loop: clone, fit, score, select; and the thread that does it while the annotator goes on.

`run` is a pure function of a frozen `Job`: it touches no session, holds no lock, and fits a clone, so that
nobody ever predicts with a model that is being refitted. Its `Result` is swapped in by the session.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from alwidgets.learners import Committee
from alwidgets.pool import take
from alwidgets.recipes import Recipe
from alwidgets.scores import Score, ScoreKind, accuracy, cross_validated
from alwidgets.stopping import History, Round, Rule
from alwidgets.strategies import Choice, ColdStart, Features, PoolView, choose, chooses_batches, strategy_name
from alwidgets.types import FloatArray, IntArray

#: What the questions before a usable model are called.
COLD_START = "cold start"
_PACKAGE = str(Path(__file__).parent)


@dataclass(frozen=True, eq=False)
class Job:
    """All that a turn needs, taken under the session's lock and never changed after.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        The pool.
    recipe : Recipe
        The learner and its strategy.
    classes : ndarray of shape (n_classes,)
        The declared classes.
    rows, codes : ndarray of shape (n_learnt,)
        The training set: row numbers and positions in `classes`.
    audit_rows, audit_codes : ndarray of shape (n_audit,)
        Samples that only measure.
    test : tuple of (X, y) or None
        The held-out set.
    candidates : ndarray of shape (n_candidates,)
        Rows that may be asked.
    n : int
        Questions to rank.
    wanted : int
        Questions that should be pending in the end.
    rerank : bool
        Whether they replace what is pending and need not be kept.
    batch_size : int
        How many of them a batch strategy sees as one batch.
    learner : ActiveLearner, Committee or None
        The present model, used when this turn fits none.
    fit : bool
        Whether to fit a new one.
    seed : int
        Where the fit's randomness starts.
    selection_key : tuple of int
        Where the selection's randomness starts.
    features : Features
        Where samples are compared.
    seconds : ndarray of shape (n_learnt,)
        How long each answer of the training set took; NaN where it was not measured.
    cold_start : ColdStart
        How the first questions are chosen.
    history : History
        Rounds so far and what is spent.
    rule : Rule
        The stopping rule.
    cross_validate : bool
        Score on the labelled set when there is neither a test set nor an audit.
    upto : int
        Events the job knows.
    """

    X: Any
    recipe: Recipe
    classes: Any
    rows: IntArray
    codes: IntArray
    audit_rows: IntArray
    audit_codes: IntArray
    test: tuple[Any, Any] | None
    candidates: IntArray
    n: int
    wanted: int
    rerank: bool
    batch_size: int
    learner: Any
    fit: bool
    seed: int
    selection_key: tuple[int, ...]
    features: Features
    seconds: FloatArray
    cold_start: ColdStart
    history: History
    rule: Rule
    cross_validate: bool
    upto: int

    @property
    def labels(self) -> Any:
        """Labels of the training set."""
        return self.classes[self.codes]


@dataclass(frozen=True, eq=False)
class Result:
    """What a turn found.

    Parameters
    ----------
    learner : ActiveLearner, Committee or None
        The new model; None when none was fitted.
    record : Round or None
        How it did.
    choice : Choice or None
        Questions, best first; None when choosing or the fit before it failed.
    strategy : str
        What chose them.
    fit_error, query_error : Exception or None
        What went wrong.
    """

    learner: Any
    record: Round | None
    choice: Choice | None
    strategy: str
    fit_error: Exception | None = None
    query_error: Exception | None = None


def run(job: Job) -> Result:
    """Do one turn: fit and score if the job says so, then select. Errors are part of the result."""
    learner, record = job.learner, None
    if job.fit:
        try:
            learner, record = _fitted(job)
        except Exception as error:  # noqa: BLE001 - whatever a user's estimator raises
            return Result(None, None, None, "", fit_error=error)
    cold = learner is None or is_cold(job.labels, len(job.classes), job.recipe, job.cold_start)
    name = COLD_START if cold else strategy_name(job.recipe.strategy)
    if record is not None:
        record = replace(record, strategy=name)
        record = replace(record, readings=job.rule.read(replace(job.history, rounds=(*job.history.rounds, record))))
    try:
        choice = _chosen(job, learner, cold=cold) if job.n else Choice(np.empty(0, np.intp), np.empty(0))
    except Exception as error:  # noqa: BLE001 - whatever a user's strategy raises
        if record is not None and _cannot_predict(learner, job):
            # A model that cannot tell anything of the pool is none: the one before goes on.
            return Result(None, None, None, "", fit_error=error)
        return Result(learner if record else None, record, None, name, query_error=error)
    return Result(learner if record else None, record, choice, name)


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
        labels = np.concatenate([recipe.y_seed, labels])
    return cold_start.lasts(labels, n_classes)


def told(error: BaseException, what: str) -> str:
    """Return a failure as a sentence: what failed, where in the user's own code, and that nothing is lost."""
    frames = traceback.extract_tb(error.__traceback__)
    outside = [frame for frame in frames if not frame.filename.startswith(_PACKAGE)]
    inside = [frame for frame in outside if "site-packages" not in frame.filename] or outside
    place = f" (line {inside[-1].lineno} of {inside[-1].name})" if inside else ""
    reason = str(error).rstrip(" .")
    return f"{what} failed: {type(error).__name__}: {reason}{place}"


def _fitted(job: Job) -> tuple[Any, Round]:
    start = time.perf_counter()
    learner = job.recipe.fit(take(job.X, job.rows), job.labels, job.seed)
    seconds = time.perf_counter() - start
    score = _score(job, learner)
    history = job.history
    return learner, Round(
        round=(history[-1].round if history else 0) + 1,
        n_labelled=history.n_labelled,
        n_learnt=len(job.rows),
        score=score.value,
        score_low=score.low,
        score_high=score.high,
        score_kind=score.kind,
        score_n=score.n,
        fit_seconds=seconds,
        seconds=history.seconds,
        cost=history.budget.spent(history.n_labelled),
        strategy="",
    )


def _score(job: Job, learner: Any) -> Score:
    if job.test is not None:
        return accuracy(learner, *job.test, "held out")
    if not job.cross_validate:
        kind: ScoreKind = "audit"
        return accuracy(learner, take(job.X, job.audit_rows), job.classes[job.audit_codes], kind)
    if isinstance(job.recipe.template, Committee):
        return Score(np.nan, np.nan, np.nan, "cross-validated", 0)
    try:
        # The fitted estimator's parameters: they hold the seeds that make its folds repeatable.
        X, y = job.recipe.training_set(take(job.X, job.rows), job.labels)
        return cross_validated(learner.estimator, X, y, seed=job.seed)
    except Exception:  # noqa: BLE001 - a model that was fitted may still fail on folds, which are smaller
        return Score(np.nan, np.nan, np.nan, "cross-validated", 0)


def _chosen(job: Job, learner: Any, *, cold: bool) -> Choice:
    view = PoolView(
        X=job.X,
        candidates=job.candidates,
        labelled=job.rows,
        labels=job.labels,
        classes=job.classes,
        learner=learner,
        rng=np.random.default_rng(job.selection_key),
        embedding=job.features,
        seconds=job.seconds,
    )
    if cold:
        return choose(job.cold_start.strategy, view, job.n)
    strategy = job.recipe.strategy
    if not chooses_batches(strategy):
        return choose(strategy, view, job.n)
    choices: list[Choice] = []
    while (missing := job.n - sum(len(choice.rows) for choice in choices)) > 0 and len(view.candidates):
        choices.append(choose(strategy, view, min(job.batch_size, missing)))
        view = replace(view, candidates=np.setdiff1d(view.candidates, choices[-1].rows))
    return Choice(
        np.concatenate([np.empty(0, np.intp), *(choice.rows for choice in choices)]),
        np.concatenate([np.empty(0), *(choice.utility for choice in choices)]),
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

    def wake(self) -> None:
        """Have the work done soon; returns at once."""
        with self._lock:
            self._wanted = True
            if self._alive() and not self._leaving:
                return
            self._leaving = False
            self._thread = threading.Thread(target=self._run, name="alwidgets-trainer", daemon=True)
            try:
                self._thread.start()
            except RuntimeError:
                # No threads here (a Python inside the browser): do it now.
                self._thread = None
        if self._thread is None:
            self._run()

    def wait(self, timeout: float | None = None) -> bool:
        """Return True when there is no work left, False when the timeout (in seconds) ran out first."""
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            with self._lock:
                thread = self._thread
            if thread is None or not thread.is_alive() or thread is threading.current_thread():
                return True
            thread.join(None if end is None else max(0.0, end - time.monotonic()))
            if thread.is_alive():
                return False

    def _alive(self) -> bool:
        # Asked of the thread itself: one that died of a SystemExit must not be waited for.
        return self._thread is not None and self._thread.is_alive()

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._wanted:
                    self._leaving = True
                    return
                self._wanted = False
            self._work()
