"""One cycle of the loop: clone, fit, score, select; and the thread that does it while the annotator goes on.

`run` is a pure function of a frozen `Job`: it touches no session, holds no lock, and fits a clone, so that
nobody ever predicts with a model that is being refitted. Its `Result` is swapped in by the session.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from alwidgets.data.kinds import pool_of
from alwidgets.data.labels import concat_labels
from alwidgets.data.lending import is_copied, lent
from alwidgets.data.pool import take
from alwidgets.loop.fit_task import FitTask, fit_task
from alwidgets.loop.fitting import Fitted, fitted
from alwidgets.loop.job import Job, Result
from alwidgets.loop.searching import with_search
from alwidgets.loop.stop_set import compare_on_stop_set
from alwidgets.models.spec import ModelSpec
from alwidgets.stopping import Round
from alwidgets.strategies import Choice, ColdStart, PoolView
from alwidgets.strategies.choose import choose, chooses_batches, strategy_name
from alwidgets.types import IntArray
from alwidgets.utils.streams import stream

#: What the questions before a usable model are called.
COLD_START = "cold start"


def run(job: Job, fit: Callable[[FitTask], Fitted] = fitted) -> Result:
    """Do one cycle: fit and measure if the job says so, select, read the criteria. Errors are part of the result.

    Parameters
    ----------
    job : Job
        What it needs.
    fit : callable
        Does the fit and its measurement, here or elsewhere.
    """
    learner, record = job.learner, None
    tested: tuple[tuple[int, int | tuple[int, ...]], ...] = ()
    no_model = learner is None and not job.fit
    cold = no_model or is_cold(job.labels, len(job.classes), job.model_spec, job.cold_start)
    name = COLD_START if cold else strategy_name(job.model_spec.strategy)
    if job.fit:
        try:
            learner, record, tested = _fitted(job, name, fit)
        except Exception as error:  # noqa: BLE001 - whatever a user's estimator raises
            return Result(None, None, None, "", fit_error=error)
    view = _view(job, learner)
    choice, query_error, stop_set = None, None, None
    try:
        # What a strategy sets in its view, nobody else reads.
        chosen = _chosen(job, view.with_candidates(view.candidates), cold=cold)
        _check_unwritten(job, view, name)
        choice = chosen
    except Exception as error:  # noqa: BLE001 - whatever a user's strategy raises
        if record is not None and _cannot_predict(learner, job):
            # A model that cannot tell anything of the pool does not count: the one before goes on.
            return Result(None, None, None, "", fit_error=error)
        query_error = error
        # The criteria read nothing of what a strategy that failed has set in its view.
        view = _view(job, learner)
    # Where nothing reads them, nothing is looked at.
    if record is not None and job.rule.criteria:
        record, stop_set = _read(job, record, view, choice)
    return Result(learner if record else None, record, choice, name, tested, stop_set, query_error=query_error)


def _check_unwritten(job: Job, view: PoolView, name: str) -> None:
    """Refuse what a strategy that set columns of its DataFrame has chosen; arrays it cannot write to."""
    if is_copied(job.X) and pool_of(view.X).sketch() != pool_of(job.X).sketch():
        raise ValueError(
            f"{name} wrote into view.X, which is lent to be read; let it write into a copy, view.X.copy()."
        )


def _read(job: Job, record: Round, view: PoolView, choice: Choice | None) -> tuple[Round, IntArray | None]:
    """Return the round with what the criteria read of it, and what the model predicts for the stop set."""
    # The criteria are about the pool: of a few samples that alone are asked they read nothing.
    told = choice is not None and not len(job.only)
    asked = choice.rows[: job.batch_size] if choice is not None and told else np.empty(0, np.intp)
    seen = compare_on_stop_set(job, view, asked)
    record = replace(record, signals=with_search(job, view, seen.signals))
    history = replace(job.history, rounds=(*job.history.rounds, record))
    return replace(record, readings=job.rule.read(history)), seen.codes


def _cannot_predict(learner: Any, job: Job) -> bool:
    try:
        learner.predict(take(job.X, job.candidates))
    except Exception:  # noqa: BLE001 - whatever a user's estimator raises
        return True
    return False


def is_cold(labels: Any, n_classes: int, model_spec: ModelSpec, cold_start: ColdStart) -> bool:
    """Return whether questions are still those of the cold start.

    Labels that came with a modAL learner count like those given here.
    """
    if model_spec.y_seed is not None:
        labels = concat_labels(model_spec.y_seed, labels)
    return cold_start.lasts(labels, n_classes)


def _fitted(
    job: Job, asking: str, fit: Callable[[FitTask], Fitted]
) -> tuple[Any, Round, tuple[tuple[int, int | tuple[int, ...]], ...]]:
    made = fit(fit_task(job))
    measured, history = made.measured, job.history
    score = measured.scores[0]
    record = Round(
        round=job.round,
        n_labeled=history.n_labeled,
        n_learned=len(job.rows),
        score=score.value,
        score_low=score.low,
        score_high=score.high,
        score_kind=score.kind,
        score_n=score.n,
        fit_seconds=made.seconds,
        seconds=history.seconds,
        cost=history.cost,
        strategy=asking,
        metric=score.metric,
        scores=measured.scores,
        per_class=measured.per_class,
        n_answers=history.n_answers,
    )
    return made.learner, record, measured.tested


def _view(job: Job, learner: Any) -> PoolView:
    return PoolView(
        X=lent(job.X),
        candidates=job.candidates,
        labeled=job.rows,
        labels=job.labels,
        classes=job.classes,
        learner=learner,
        rng=stream("questions", *job.selection_key),
        embedding=job.features,
        seconds=job.seconds,
        elsewhere=job.score_in,
    )


def _chosen(job: Job, view: PoolView, *, cold: bool) -> Choice:
    if not job.n:
        return Choice(np.empty(0, np.intp), np.empty(0))
    if cold:
        return choose(job.cold_start.strategy, view, job.n)
    strategy = job.model_spec.strategy
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
