"""A fit sent to another process and its model brought back: what is pickled, and what a worker does with it."""

from __future__ import annotations

import traceback
import uuid
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import cloudpickle
from sklearn import config_context, get_config

from alwidgets.loop.evaluate import Measurement
from alwidgets.loop.fit_task import FitTask
from alwidgets.loop.fitting import Fitted, fitted
from alwidgets.models.keeping import keep_for_fit
from alwidgets.models.spec import ModelSpec, estimators_of, members_of
from alwidgets.scoring.scores import Metric
from alwidgets.utils.errors import ElsewhereError
from alwidgets.utils.text import sanitize, words
from alwidgets.utils.workers import working_for


class FitTooLongError(BaseException):
    """A fit took longer than it may; no `Exception`, which learners and what is around them catch to go on."""


@dataclass(frozen=True, eq=False)
class _Model:
    """A fitted model on its way back, without the samples it was fitted on.

    Parameters
    ----------
    estimators : list of estimator
        One a member.
    n_copies : list of int
        Calls of each that were lent a copy.
    seconds : float
        How long the fit took.
    measured : Measurement
        Its scores.
    warned : list of (Warning, str, int)
        What was warned of, with file and line.
    """

    estimators: list[Any]
    n_copies: list[int]
    seconds: float
    measured: Measurement
    warned: list[tuple[Any, str, int]]


@dataclass(frozen=True, eq=False)
class _Raised:
    """An error on its way back.

    Parameters
    ----------
    error : BaseException or None
        None where it cannot be pickled.
    name, message : str
        Its class and its text.
    text : str
        Its traceback as it is printed.
    frames : list of FrameSummary
        Its traceback.
    """

    error: BaseException | None
    name: str
    message: str
    text: str
    frames: list[traceback.FrameSummary]


@dataclass(frozen=True)
class Parcel:
    """A fit in bytes, under the name that it has in its session.

    Parameters
    ----------
    session : str
        Id of the session.
    upto : int
        Events of it that the fit knows.
    seed : int
        Where its randomness starts.
    content : bytes
        The rows that train and measure, the learner, and the settings of scikit-learn.
    attempt : str
        Tells a fit that is tried again from the one before, where results are kept by what was sent.
    """

    session: str
    upto: int
    seed: int
    content: bytes
    attempt: str = field(default_factory=lambda: uuid.uuid4().hex)


def pack(task: FitTask, session: str) -> Parcel:
    """Return a fit in bytes; raise TypeError that names what cannot be pickled."""
    sent, measures = replace(task, model_spec=task.model_spec.without_strategy), task.measures
    keep_for_fit(
        sent.model_spec, task.X, *(() if measures is None else (measures.X_audit, (measures.test or [None])[0]))
    )
    try:
        return Parcel(session, task.upto, task.seed, cloudpickle.dumps((sent, get_config())))
    except Exception:
        check_sendable(task.model_spec, () if task.measures is None else task.measures.metrics)
        for name, value in (("X", task.X), ("test", task.measures and task.measures.test)):
            _check(name, value)
        raise


def check_sendable(model_spec: ModelSpec, metrics: tuple[Metric, ...]) -> None:
    """Raise TypeError, with its name, if what every fit sends cannot be pickled."""
    _check(f"the learner {model_spec.name}", model_spec.without_strategy)
    for metric in metrics:
        _check(f"the metric {metric.name!r} of scoring", metric)


def _check(name: str, value: Any) -> None:
    try:
        cloudpickle.dumps(value)
    except Exception as error:
        raise TypeError(
            f"{name} cannot be sent to another process ({_short(error)}); fit_in expects what can be pickled: leave "
            "locks, open files, connections and the session itself out of it, make them in fit, or fit in the kernel "
            "with fit_in=None."
        ) from error


def _short(error: Exception) -> str:
    return sanitize(f"{type(error).__name__}: {words(error)}").rstrip(" .")


def work(parcel: Parcel, home: str) -> bytes:
    """Fit and measure in a worker: the only function that an executor is given.

    Parameters
    ----------
    parcel : Parcel
        What `pack` made.
    home : str
        The process of the session.

    Returns
    -------
    back : bytes
        The model, or what was raised, for `unpack`.
    """
    with working_for(home) as away:
        try:
            task, config = cloudpickle.loads(parcel.content)
            with config_context(**config), warnings.catch_warnings(record=away) as caught:
                made = fitted(task)
            return _packed_model(task, made, caught or [])
        except BaseException as error:  # noqa: BLE001 - it is raised in the kernel
            return failure(error)


def unpack(back: bytes, task: FitTask) -> Fitted:
    """Return the model that came back, with the samples it was fitted on; or raise what the fit raised."""
    found = cloudpickle.loads(back)
    if isinstance(found, _Raised):
        error = found.error or type(found.name, (RuntimeError,), {})(found.message)
        raise _of_a_fit(error) from ElsewhereError(found.text, found.frames)
    for member, n_copies in zip(members_of(task.model_spec.template), found.n_copies, strict=True):
        member.loans.n_copies = n_copies
    for message, filename, line in found.warned:
        warnings.warn_explicit(message, type(message), filename, line)
    learner = task.model_spec.around(task.X, task.y, task.seed, found.estimators)
    return Fitted(learner, found.seconds, found.measured)


def _of_a_fit(error: BaseException) -> Exception:
    """Return an error that ends a fit and nothing else, not the thread of the kernel that hears of it."""
    if isinstance(error, Exception):
        return error
    if isinstance(error, FitTooLongError):
        return TimeoutError(str(error))
    if isinstance(error, KeyboardInterrupt):
        return RuntimeError("the process that fitted was interrupted.")
    said = sanitize(f"{type(error).__name__}({words(error)})")
    return RuntimeError(f"the learner was about to end the process that fits, by {said}; expected that it only raises.")


def _packed_model(task: FitTask, made: Fitted, caught: list[warnings.WarningMessage]) -> bytes:
    back = _Model(
        estimators_of(made.learner),
        [member.loans.n_copies for member in members_of(task.model_spec.template)],
        made.seconds,
        made.measured,
        list(_sendable(caught)),
    )
    _check(f"the fitted {task.model_spec.name}", back.estimators)
    return cloudpickle.dumps(back)  # type: ignore[no-any-return]


def _sendable(caught: list[warnings.WarningMessage]) -> Iterator[tuple[Any, str, int]]:
    for each in caught:
        try:
            cloudpickle.dumps(each.message)
        except Exception:  # noqa: BLE001, S112 - a warning that cannot be told here keeps no model back
            continue
        yield each.message, each.filename, each.lineno


def failure(error: BaseException) -> bytes:
    """Return an error in bytes, for `unpack` to raise."""
    text = "".join(traceback.format_exception(error))
    frames = list(traceback.extract_tb(error.__traceback__))
    raised = _Raised(error, type(error).__name__, str(error), text, frames)
    try:
        content = cloudpickle.dumps(raised)
        # Some can be written, and not read.
        cloudpickle.loads(content)
    except Exception:  # noqa: BLE001 - whatever a user's error holds
        return cloudpickle.dumps(replace(raised, error=None))  # type: ignore[no-any-return]
    return content  # type: ignore[no-any-return]
