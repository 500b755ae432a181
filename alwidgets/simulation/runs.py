"""One session against known labels, from its split to its curve."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Generator, Mapping
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from alwidgets.annotation.team import Team
from alwidgets.data.label_kinds import LabelKind
from alwidgets.data.pool import take
from alwidgets.journal.events import Answer, Failed, Labeled
from alwidgets.loop.conformance import NOTE
from alwidgets.loop.recording import TRIES_AGAIN
from alwidgets.session.session import Session
from alwidgets.session.validation import FeaturesOf
from alwidgets.simulation.annotators import SimulatedAnnotator
from alwidgets.simulation.cache import Cache
from alwidgets.simulation.protocols import protocol_of
from alwidgets.simulation.teams import People, answers_of, columns_of, is_priced
from alwidgets.stopping import Budget
from alwidgets.strategies.protocols import Strategy, StrategyName
from alwidgets.utils.errors import format_error
from alwidgets.utils.threads import blas_threads

#: What a simulated annotator's errors are drawn with, beside the seed and the run.
_ANNOTATOR = 4

#: A session, who answers, what is labeled first, and how many labels to give.
Begun: TypeAlias = tuple[Session, Any, tuple[int, ...], int]
#: A session that is over, to columns of its curve by round.
Columns: TypeAlias = Callable[[Session], Mapping[int, Mapping[str, float | None]]]


@dataclass(frozen=True, eq=False)
class GridSettings:
    """GridSettings shared by all runs of a simulation.

    Parameters
    ----------
    classes : tuple
        All labels there are.
    n_labels : int or None
        Labels to give; None for the whole pool.
    random_state : int
        Seeds splits, sessions and annotators.
    scoring : str, callable, list or dict of these
        What to measure.
    features : {"labels", "pool"}
        On what the steps of Pipelines before the last one are fitted.
    annotator : SimulatedAnnotator, dict of str to one, or None
        Who answers, with a team each of it; None knows every label.
    protocol : str or None
        How the samples are split.
    kind : LabelKind
        Whether a label is one class or any number.
    team : Team or None
        By what rules several answers become labels.
    """

    classes: tuple[Any, ...]
    n_labels: int | None
    random_state: int
    scoring: Any
    features: FeaturesOf
    annotator: SimulatedAnnotator | People | None
    protocol: str | None
    kind: LabelKind
    team: Team | None = None


@dataclass(frozen=True, eq=False)
class Entry:
    """A session to be run.

    Parameters
    ----------
    strategy, learner : tuple of (str, object)
        What they are called, and they.
    batch_size : int
        Answers between two retrains.
    run : int
        Which split.
    key : str
        What it is kept as; empty when it is not kept.
    about : dict
        What that is a hash of.
    journal : Path or None
        Where its events are kept.
    """

    strategy: tuple[str, StrategyName | Strategy]
    learner: tuple[str, Any]
    batch_size: int
    run: int
    key: str
    about: dict[str, Any]
    journal: Path | None = None


def outcomes(
    X: Any, y: Any, settings: GridSettings, tasks: list[Entry], cache: Cache | None, n_jobs: int
) -> Generator[Any, None, None]:
    """Yield the outcomes of the tasks, in their order; what is done is kept before the next begins."""
    if n_jobs == 1:
        yield from (_kept(X, y, settings, cache, task) for task in tasks)
        return
    from joblib import Parallel, delayed

    # Arrays that are arguments are sent once: memory maps of this machine's processes, scattered over a cluster's.
    yield from Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(_kept)(X, y, settings, cache, task) for task in tasks
    )


def _kept(X: Any, y: Any, settings: GridSettings, cache: Cache | None, task: Entry) -> dict[str, Any]:
    columns = None if settings.team is None else partial(_columns, y, settings, task)
    outcome = outcome_of(partial(_begun, X, y, settings, task), f"Run {task.run} of {task.strategy[0]!r}", columns)
    if cache is not None:
        cache.write(task.key, task.about, outcome)
    return outcome


def outcome_of(begin: Callable[[], Begun], name: str, columns: Columns | None = None) -> dict[str, Any]:
    """Run a session and return its curve and what failed, as values that JSON has.

    Parameters
    ----------
    begin : callable
        () -> the session and what it is run with.
    name : str
        What an error calls the run.
    columns : callable, optional
        Session -> round -> what its curve has beside the usual, or otherwise.

    Returns
    -------
    outcome : dict
        ``metric``; ``curve``, a list each of n_labeled, score, seconds and cost, the last two of None where nobody
        measured or priced them, and what `columns` has; ``failure``, None or n_labeled,
        error and whether there is no curve for it.
    """
    # One thread, or the last digits depend on how many processes share the machine.
    with blas_threads(1), warnings.catch_warnings():
        # A fit that failed is told by the outcome.
        warnings.filterwarnings("ignore", r"Fitting .* failed", RuntimeWarning)
        # Of copies a session tells, and here are many.
        warnings.filterwarnings("ignore", r".* writes into the samples it is given", RuntimeWarning)
        warnings.filterwarnings("ignore", NOTE, RuntimeWarning)
        session, error = None, ""
        try:
            session, oracle, start, n_labels = begin()
            session.run(oracle, n_labels, first=start)
            _learn_rest(session)
        except Exception as raised:  # noqa: BLE001 - whatever a user's estimator or strategy raises
            error = format_error(raised, name)
        finally:
            # Its journal may be opened by another.
            if session is not None:
                session.close()
    return _told_of(session, error, columns)


def _learn_rest(session: Session) -> None:
    """Train on the last labels if they do not fill a batch."""
    if session.progress.n_behind:
        # Labels of one class teach nothing, and a fit that failed is told by the session.
        with suppress(Exception):
            session.retrain()


def _begun(X: Any, y: Any, settings: GridSettings, task: Entry) -> Begun:
    protocol, answering = protocol_of(settings.protocol), settings.annotator
    annotator = answering if isinstance(answering, SimulatedAnnotator) else None
    # There is one: runs that cannot be are not tasks.
    split: Any = protocol.split(y, settings.random_state, task.run)
    X_pool, X_test = protocol.prepared(take(X, split.pool), take(X, split.test))
    session = Session(
        X_pool,
        classes=settings.classes,
        task=settings.kind.task,
        learner=task.learner[1],
        # One that remembers must not remember other runs.
        strategy=deepcopy(task.strategy[1]),
        batch_size=task.batch_size,
        budget=Budget(cost_per_label=(annotator.cost if annotator else None) or 0.0),
        stop=None,
        test=(X_test, y[split.test]),
        scoring=settings.scoring,
        features=settings.features,
        random_state=settings.random_state + task.run,
        journal=task.journal,
        # Every row is one of the known labels, and what it costs is counted.
        duplicates="ask",
        team=settings.team,
    )
    truth, n_pool = y[split.pool], len(split.pool)
    seed = (settings.random_state, task.run, _ANNOTATOR)
    if isinstance(answering, Mapping):
        # Several answers an item: more than the pool has samples, but for what nobody is left to answer.
        people = answers_of(answering, truth, settings.classes, seed)
        return session, people, split.start, settings.n_labels or n_pool
    oracle = truth
    if annotator is not None:
        oracle = annotator.answers(truth, classes=settings.classes, random_state=seed)
    return session, oracle, split.start, min(settings.n_labels or n_pool, n_pool)


def _columns(y: Any, settings: GridSettings, task: Entry, session: Session) -> Mapping[int, Mapping[str, float | None]]:
    """Return the columns of a team's curve that one person's has not."""
    split: Any = protocol_of(settings.protocol).split(y, settings.random_state, task.run)
    people: Any = settings.annotator
    found = columns_of(session.events, y[split.pool], people, settings.classes, settings.kind)
    return found if is_priced(people) else {round: each | {"cost": None} for round, each in found.items()}  # noqa: A001


def _told_of(session: Session | None, error: str, columns: Columns | None) -> dict[str, Any]:
    rounds = [] if session is None else [item for item in session.rounds if np.isfinite(item.score)]
    names = ("n_labeled", "score", "seconds", "cost")
    unknown = set() if session is None else _unmeasured(session)
    curve = {name: [None if name in unknown else getattr(item, name) for item in rounds] for name in names}
    if session is not None and columns is not None and rounds:
        beside = columns(session)
        curve |= {name: [beside[item.round][name] for item in rounds] for name in beside[rounds[0].round]}
    metric, failure = "", None
    if session is not None:
        metric = session.rounds[-1].metric if session.rounds else ""
        failure = _failure(session, error, has_curve=bool(rounds))
    elif error:
        failure = {"n_labeled": 0, "error": error, "lost": True}
    if failure is not None and failure["lost"]:
        curve = {name: [] for name in names}
    return {"metric": metric, "curve": curve, "failure": failure}


def _unmeasured(session: Session) -> set[str]:
    """Name those of "seconds" and "cost" that were not measured or priced."""
    timed = any(isinstance(event, Answer) and event.seconds is not None for event in session.events)
    priced = session.budget.cost_per_label > 0 or (timed and session.budget.cost_per_hour > 0)
    return {name for name, known in (("seconds", timed), ("cost", priced)) if not known}


def _failure(session: Session, error: str, *, has_curve: bool) -> dict[str, Any] | None:
    """Return the error that ended the run, or the first of those it went on after; None when there was none."""
    events, standing = session.events, error or session.progress.error
    failed = next((event for event in events if isinstance(event, Failed)), None)
    if standing:
        return {"n_labeled": session.progress.n_labeled, "error": _reason(standing), "lost": True}
    if not has_curve:
        problems = [score.problem for item in session.rounds for score in item.scores[:1] if score.problem]
        why = problems[0] if problems else "no model was fitted: all labels given are of one class, or too few."
        return {"n_labeled": session.progress.n_labeled, "error": why, "lost": True}
    if failed is None:
        return None
    n_labeled = sum(isinstance(event, Labeled) for event in events[: failed.upto])
    return {"n_labeled": n_labeled, "error": _reason(failed.error), "lost": False}


def _reason(error: str) -> str:
    """Return an error without what a session says for comfort: a run that is over has no next batch."""
    return error.removesuffix(TRIES_AGAIN).rstrip()
