"""Models brought back after a rollback or a restart."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from alwidgets.data import pool
from alwidgets.journal.events import Trained
from alwidgets.journal.log import EventLog
from alwidgets.journal.state import State
from alwidgets.loop.evaluate import codes_hash
from alwidgets.loop.fit_task import FitTask
from alwidgets.loop.fitting import Fitted, fitted
from alwidgets.loop.freeze import pool_view
from alwidgets.loop.job import Job, Result
from alwidgets.loop.setup import Setup
from alwidgets.loop.stop_set import predict_stop_set
from alwidgets.loop.training import training_set
from alwidgets.models import snapshots
from alwidgets.types import IntArray

# A model that took so many seconds to fit is kept beside the journal.
_SLOW_FIT = 5.0


@dataclass(frozen=True, slots=True)
class Rollback:
    """Comparison of a restored model with the recorded one.

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


def training_hash(rows: IntArray, codes: IntArray) -> str:
    """Return the hash of a training set: 32 hexadecimal digits."""
    content = rows.astype("<i8").tobytes() + codes.astype("<i8").tobytes()
    return hashlib.sha256(content).hexdigest()[:32]


def restored(setup: Setup, log: EventLog, fit: Callable[[FitTask], Fitted]) -> tuple[Any, IntArray | None] | None:
    """Return the model of the newest round, fitted anew from its spec or read, and what it predicts; None without.

    Takes the lock of the log, and lets go of it before the fit.
    """
    with log.lock:
        rounds = log.state.rounds
        if not rounds:
            return None
        newest, state = rounds[-1], log.state_after_fit(-1)
        n_classes = log.state.n_classes_after(newest.upto)
    learner = _remade(setup, log, newest, state, n_classes, fit)
    seen = predict_stop_set(pool_view(setup, learner, state), setup.stop_set, state.targets)
    return learner, None if seen is None else seen.codes


def model_of(setup: Setup, log: EventLog, number: int) -> Any:
    """Return the model of a round, fitted anew from its spec or read, whether or not the round stands.

    Takes the lock of the log, and lets go of it before the fit.

    Raises
    ------
    ValueError
        If there was no such round, or the session is closed.
    """
    with log.lock:
        log.check_open()
        state = log.state.at_round(number)
        trained = state.rounds[-1]
        n_classes = log.state.n_classes_after(trained.upto)
    # Here, whatever else is fitted: where the session fits it fits one model at a time.
    return _remade(setup, log, trained, state, n_classes, fitted)


def _remade(
    setup: Setup, log: EventLog, trained: Trained, state: State, n_classes: int, fit: Callable[[FitTask], Fitted]
) -> Any:
    rows, codes = training_set(state, trained.settled_as)
    labels = state.targets.y(codes)
    # It was fitted without the classes that were added since.
    labels = state.kind.first_classes(labels, n_classes)
    X, model_spec = pool.take(setup.X, rows), setup.model_spec
    kept = snapshots.read(log.path, trained.training_set, trained.snapshot) if log.path else None
    read = None if kept is None else model_spec.restored(X, labels, trained.seed, kept)
    return fit(FitTask(model_spec, X, labels, trained.seed, upto=trained.upto)).learner if read is None else read


def kept_snapshot(log: EventLog, job: Job, result: Result) -> str:
    """Keep a model whose fit took long beside the journal; without the lock, for it may be large."""
    slow = result.record is not None and result.record.fit_seconds >= _SLOW_FIT
    if not slow or log.path is None or log.closed:
        return ""
    members = getattr(result.learner, "learner_list", [result.learner])
    name = training_hash(job.rows, job.codes)
    return snapshots.write(log.path, name, [member.estimator for member in members])


def compared_with_recorded(log: EventLog, before: IntArray | None) -> Rollback:
    """Say whether the newest round's model, which was fitted anew, is the one that was recorded. Under the lock."""
    newest, state = log.state.rounds[-1], log.state_after_fit(-1)
    same = training_hash(*training_set(state, newest.settled_as)) == newest.training_set
    # The stop set of then is what that of a pool that grew since begins with.
    if before is not None and newest.record.signals.n_watched:
        before = before[: newest.record.signals.n_watched]
    return Rollback(newest.record.round, same, not newest.predictions or codes_hash(before) == newest.predictions)
