"""Grid of strategies, learners and batch sizes on the same splits."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import numpy as np
from joblib import effective_n_jobs

from alwidgets.annotation.team import Team
from alwidgets.data.conversion import dense
from alwidgets.data.label_kinds import is_indicator, kind_of_y
from alwidgets.data.labels import plain_labels
from alwidgets.data.pool import as_samples, n_rows
from alwidgets.loop.plan import model_spec
from alwidgets.models.presets import learner_of
from alwidgets.session.label_validation import check_class_names
from alwidgets.session.row_validation import check_order, order_of
from alwidgets.session.team import check_team
from alwidgets.session.validation import FeaturesOf, check_features, check_scoring
from alwidgets.simulation.annotators import SimulatedAnnotator
from alwidgets.simulation.cache import Cache, open_cache
from alwidgets.simulation.comparison import Comparison
from alwidgets.simulation.protocols import POOL_SHARE, Protocol, ProtocolName, PublishedName, protocol_of
from alwidgets.simulation.recognition import check_cache_key, data_hash, part_hash, run_hash
from alwidgets.simulation.runs import Entry, GridSettings, outcomes
from alwidgets.simulation.teams import check_people
from alwidgets.strategies.choose import named, strategy_name
from alwidgets.strategies.protocols import Strategy, StrategyName
from alwidgets.types import Learner, Samples, Scoring
from alwidgets.utils.checks import check_count, check_journal, check_seed
from alwidgets.utils.progress import tqdm
from alwidgets.utils.text import type_name

if TYPE_CHECKING:
    import pandas as pd

_STRATEGIES = ("margin", "random")
_N_LABELS, _BATCH_SIZE = 100, 8
# Seeds of which a run cannot be are passed over, at most so many for each that can.
_MOST_SEEDS = 10
_MANY = "expected a label a row, or in a multilabel task an array of 0 and 1 with a column a class"


def simulate(  # noqa: PLR0913 - one keyword each for what is compared and how
    X: Samples,
    y: Samples,
    *,
    learner: Learner | Sequence[Learner] | Mapping[str, Learner] | None = None,
    strategies: Sequence[StrategyName | PublishedName | Strategy] | None = None,
    n_runs: int = 10,
    n_labels: int | None = None,
    batch_size: int | Sequence[int] | None = None,
    random_state: int = 0,
    scoring: Scoring = "accuracy",
    features: FeaturesOf = "labels",
    annotator: SimulatedAnnotator | Mapping[str, SimulatedAnnotator] | None = None,
    team: Team | None = None,
    protocol: ProtocolName | None = None,
    cache: str | Path | None = None,
    cache_key: str | None = None,
    journal: str | Path | None = None,
    n_jobs: int | None = None,
    progress: bool = False,
) -> Comparison:
    """Run sessions against known labels: each strategy with each learner and batch size, all on the same splits.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        Samples; in each run three fifths are the pool and the rest the held-out set.
    y : array-like of shape (n_samples,) or (n_samples, n_classes)
        Their labels; in a multilabel task an indicator matrix.
    learner : classifier, Pipeline, modAL learner or str; or a list, or a dict of name -> one
        Cloned for every session. "logistic regression", "SVC rbf", "k-NN" and "forest" are those of `Race`. Others of a
        list are called what their classes are.
    strategies : sequence of str, callable or object with `select`
        What to compare; default margin and random, or those of the protocol.
    n_runs : int
        Splits. All strategies meet the same, and start with the same labels.
    n_labels : int, optional
        Labels a session gives, of a team answers, several an item; default 100.
    batch_size : int or sequence of int, optional
        Answers between two retrains; default 8.
    random_state : int
        Seeds splits, sessions and annotator.
    scoring : str, callable, list or dict of these
        What to measure, as in `Session`; the first is compared.
    features : {"labels", "pool"}
        On what the steps of Pipelines before the last one are fitted, as in `Session`.
    annotator : SimulatedAnnotator, or dict of name to one, optional
        Who answers; default one who knows every label. With a team each of its people by name, or one whom all are
        like.
    team : Team, optional
        By what rules the answers of several people become labels. They answer in turn, each errs independently, and
        experts settle what is disputed. Curves then have `n_answers`, the answers that were paid for, which all
        strategies are compared at, and `consensus_accuracy`, the share of the labels that are right.
    protocol : {"lu2023"}, optional
        The splits, learner and sums of a published benchmark of two classes [1]_: seeds `random_state` and up, twenty
        labels to start with, features scaled, SVC, one label a round until the pool is empty. `strategies` may then be
        the paper's "Uniform", "US-C", "US-NC", "QBC" and "Core-Set".
    cache : str or Path, optional
        Folder where finished runs are kept: what is there is not run again. A run is recognized by its samples, labels,
        learner, strategy, settings and split, and only used when all libraries are those it was made with; one that
        failed is run again.
    cache_key : str, optional
        Stands for the code of functions and classes of your own, of which `cache` sees the names only; it is required
        where there are any. Give another one whenever you change them, or a file that they read.
    journal : str or Path, optional
        New folder where each run keeps its events, as a session does: "margin, GaussianNB, batches of 8, run 0.alw".
        The pool of run 0 is ``X[np.load("run 0.npy")]``, with the protocol scaled; `Session` opens the one with the
        other, and `replay` replays it. Answers are made durable one by one, which takes its time; not together with
        `cache`, since what is there is not run.
    n_jobs : int, optional
        Processes; -1 for one a core, -2 for one less, and so on, as joblib has it. Default what
        ``joblib.parallel_config`` says, as with the workers of a Dask cluster, or 1. The result is the same for any
        number, and samples are sent once, not with each run.
    progress : bool
        Whether to show how far it is, by tqdm.

    Returns
    -------
    Comparison
        Curves, `summary()`, `savings()`, `wins()`, `ranks()` and `plot()`. Costs a fit and a scoring of pool and
        held-out set a round. A run that fails is in `failures`, and the others go on; so are the runs of a strategy
        with a learner that lacks what it needs.

    Raises
    ------
    ValueError, TypeError
        If an argument is not what it should be, no strategy suits any learner, or every run failed.
    ImportError
        If `progress` is wanted and tqdm is not installed.
    KeyboardInterrupt
        As it came; with a cache, calling again with the same arguments goes on after the runs that are done.

    Warns
    -----
    RuntimeWarning
        If runs in the cache cannot be used; they are run again.

    References
    ----------
    .. [1] Lu, Li & Lin (2023), Re-benchmarking pool-based active learning for binary classification, arXiv:2306.08954.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.naive_bayes import GaussianNB
    >>> X, y = load_iris(return_X_y=True)
    >>> result = simulate(X, y, learner=GaussianNB(), n_runs=2, n_labels=24)
    >>> sorted(result.summary()["strategy"])
    ['margin', 'random']
    """
    how = protocol_of(protocol)
    _check_free(how, learner, n_labels, batch_size, team)
    samples, labels, classes = _check_data(X, y)
    how.check(classes, kind_of_y(labels))
    chosen = _strategies(how, strategies)
    learners = _learners(how.learner() if how.learner else learner)
    _check_pairs(learners, chosen)
    for _, each in learners:
        check_features(features, model_spec(each, "random"))
    sizes = [1] if how.name else batch_sizes(_BATCH_SIZE if batch_size is None else batch_size)
    settings = GridSettings(
        classes=classes,
        n_labels=None if how.name else check_count("n_labels", _N_LABELS if n_labels is None else n_labels),
        random_state=_check_start(random_state),
        scoring=scoring,
        features=features,
        annotator=check_people(annotator, team),
        protocol=protocol,
        kind=kind_of_y(labels),
        team=team,
    )
    _try_answers(settings, labels)
    check_scoring(scoring)
    _check_rounds(settings, sizes, len(labels))
    runs = _runs(how, labels, settings.random_state, check_count("n_runs", n_runs))
    kept = open_cache(cache, [part for _, part in [*chosen, *learners]])
    grid = product(runs, learners, sizes, chosen)
    folder, n_processes, bar = _check_journals(journal, kept), _check_jobs(n_jobs), _bar(progress=progress)
    shared = _shared(kept, samples, labels, settings, check_cache_key(cache_key))
    tasks = _tasks(grid, shared, folder)
    if folder is not None:
        _write_pools(folder, {run: how.split(labels, settings.random_state, run) for run in runs})
    found = _Work(samples, labels, settings, kept, n_processes).all(tasks, bar)
    which = [
        {"strategy": task.strategy[0], "learner": task.learner[0], "batch_size": task.batch_size, "run": task.run}
        for task in tasks
    ]
    return compared(which, found, protocol=how.name)


def check_strategy_names(strategies: Any) -> list[str]:
    """Return the names of the strategies, and check that they are unique."""
    if isinstance(strategies, str) or not hasattr(strategies, "__len__") or not len(strategies):
        raise TypeError(f"strategies is {strategies!r}; expected a list of at least one, such as ['margin', 'random'].")
    names = [strategy if isinstance(strategy, str) else strategy_name(strategy) for strategy in strategies]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"strategies has {name!r} more than once; expected different names, one line each.")
    return names


def batch_sizes(batch_size: Any) -> list[int]:
    """Return the batch sizes behind one or several."""
    several = isinstance(batch_size, Sequence | np.ndarray) and not isinstance(batch_size, str) and len(batch_size) > 0
    sizes = [check_count("batch_size", size) for size in (batch_size if several else [batch_size])]
    if len(set(sizes)) < len(sizes):
        raise ValueError(f"batch_size is {batch_size!r}; expected different sizes, one line each.")
    return sizes


@dataclass(frozen=True, eq=False)
class _Work:
    """Data and settings to run tasks with.

    Parameters
    ----------
    X, y : array-like
        Samples and labels.
    settings : GridSettings
        What all runs share.
    cache : Cache or None
        Where runs are kept.
    n_jobs : int
        Processes.
    """

    X: Any
    y: Any
    settings: GridSettings
    cache: Cache | None
    n_jobs: int

    def all(self, tasks: list[Entry], bar: Callable[..., Iterable[Any]]) -> list[dict[str, Any]]:
        """Return the outcome of each task, from the cache if possible."""
        found = self._found(tasks)
        todo = [task for task, outcome in zip(tasks, found, strict=True) if outcome is None]
        new: list[dict[str, Any]] = []
        running = outcomes(self.X, self.y, self.settings, todo, self.cache, self.n_jobs)
        try:
            for outcome in bar(running, total=len(tasks), initial=len(tasks) - len(todo), unit="run"):
                new.append(outcome)  # noqa: PERF402 - an interrupt is told how many there are
        except KeyboardInterrupt as interrupt:
            with warnings.catch_warnings():
                # joblib tells of runs that are cut off; so does the note, when no process can keep another.
                warnings.simplefilter("ignore")
                running.close()
            interrupt.add_note(self._left(tasks, len(new)))
            raise
        rest = iter(new)
        return [next(rest) if outcome is None else outcome for outcome in found]

    def _found(self, tasks: list[Entry]) -> list[dict[str, Any] | None]:
        """Read the outcomes of tasks from the cache, and warn about unusable ones."""
        if self.cache is None:
            return [None] * len(tasks)
        read = [self.cache.read(task.key) for task in tasks]
        problems = [why for _, why in read if why]
        if problems:
            kinds = "; ".join(f"{problems.count(why)} {why}" for why in dict.fromkeys(problems))
            warnings.warn(
                f"{len(problems)} of the {len(tasks)} runs are in {self.cache.folder} but cannot be used: {kinds}. "
                "They are run again.",
                RuntimeWarning,
                stacklevel=4,
            )
        # What failed may do so no more: memory, files and networks come and go.
        return [None if _is_lost(outcome) else outcome for outcome, _ in read]

    def _left(self, tasks: list[Entry], n_done: int) -> str:
        """Describe the runs kept after an interrupt, with at least `n_done` runs done in this call."""
        n = len(tasks)
        if self.cache is None:
            return f"{n_done} of {n} runs were done, and no curve is kept; give cache='folder' to go on another time."
        n_kept = sum(not _is_lost(self.cache.read(task.key)[0]) for task in tasks)
        return (
            f"{n_kept} of {n} runs are done and kept in {self.cache.folder}; call simulate with the same arguments to "
            "go on after them."
        )


def _is_lost(outcome: dict[str, Any] | None) -> bool:
    """Return whether a run is missing or has no curve."""
    return outcome is None or bool(outcome["failure"] and outcome["failure"]["lost"])


def _bar(*, progress: bool) -> Callable[..., Iterable[Any]]:
    """Return a progress bar for iterables: tqdm, or a function that shows nothing."""
    if not progress:
        return lambda iterable, **_: iterable
    bar: Callable[..., Iterable[Any]] = tqdm()
    return bar


def _check_free(how: Protocol, learner: Any, n_labels: Any, batch_size: Any, team: Any) -> None:
    """Raise if an argument is fixed by the protocol."""
    given = {"learner": learner, "n_labels": n_labels, "batch_size": batch_size}
    fixed = [name for name, value in given.items() if value is not None]
    if how.name and fixed:
        raise ValueError(f"protocol {how.name!r} fixes {', '.join(given)}; leave out {' and '.join(fixed)}.")
    if how.name and team is not None:
        raise ValueError(f"protocol {how.name!r} is of one person; leave out team.")
    if not how.name and learner is None:
        raise TypeError("learner is missing; expected a classifier, such as LogisticRegression(), or several.")


def _check_data(X: Any, y: Any) -> tuple[Any, Any, tuple[Any, ...]]:
    check_order("y", y, order_of(X=X))
    samples, labels = as_samples(X, allow_nan=True), _as_labels(y)
    if labels.ndim not in (1, 2) or len(labels) != n_rows(samples):
        raise ValueError(f"X has {n_rows(samples)} rows but y has shape {labels.shape}; give one label per row.")
    if is_indicator(labels):
        if not np.isin(labels, (0, 1)).all():
            raise ValueError(f"y has shape {labels.shape} and other values than 0 and 1; {_MANY}.")
        return samples, labels, tuple(range(labels.shape[1]))
    try:
        distinct = np.unique(labels)
    except TypeError:
        kinds = sorted({type(label).__name__ for label in labels.tolist()})
        raise TypeError(f"y has labels of the types {kinds}; expected one type, and a label in each row.") from None
    classes = check_class_names(distinct)
    return samples, labels, classes


def _as_labels(y: Any) -> Any:
    if dense(y) is not y:
        raise TypeError(f"y is {type_name(y)}; {_MANY}, such as y.toarray().")
    try:
        return plain_labels(y)
    except ValueError:
        raise ValueError(f"y is {type_name(y)} of rows that differ in length; {_MANY}.") from None


def _check_start(random_state: Any) -> int:
    seed = check_seed(random_state)
    if seed is None:
        raise ValueError("random_state is None; expected an integer of at least 0, so that the splits can be repeated.")
    return seed


def _try_answers(settings: GridSettings, labels: Any) -> None:
    """Raise if an annotator cannot answer for these labels, or the rules of the team are not for them."""
    answering = settings.annotator
    people = answering.values() if isinstance(answering, Mapping) else [answering]
    for each in filter(None, people):
        each.answers(labels, classes=settings.classes)
    check_team(settings.team, len(labels), settings.classes, settings.kind, None)


def _check_jobs(n_jobs: Any) -> int:
    if n_jobs is None:
        return int(effective_n_jobs(None))
    if isinstance(n_jobs, bool) or not isinstance(n_jobs, Integral) or n_jobs == 0:
        raise ValueError(
            f"n_jobs is {n_jobs!r}; expected a number of processes, -1 for one a core, -2 for one less, or None."
        )
    return int(effective_n_jobs(int(n_jobs)))


def _check_rounds(settings: GridSettings, sizes: list[int], n_samples: int) -> None:
    n_pool, largest = int(POOL_SHARE * n_samples), max(sizes)
    if settings.n_labels is not None and settings.n_labels < largest:
        raise ValueError(
            f"n_labels is {settings.n_labels} but batch_size is {largest}; expected labels for a round at least."
        )
    if n_pool < largest:
        raise ValueError(
            f"X has {n_samples} rows, of which three fifths are the pool; expected a pool of at least batch_size, "
            f"{largest}."
        )


def _strategies(how: Protocol, strategies: Any) -> list[tuple[str, Any]]:
    """Return the names and the strategies to compare."""
    given = (list(how.strategies) or _STRATEGIES) if strategies is None else strategies
    names = check_strategy_names(given)
    made = [how.strategies[each]() if isinstance(each, str) and each in how.strategies else each for each in given]
    return list(zip(names, made, strict=True))


def _learners(learner: Any) -> list[tuple[str, Any]]:
    """Return the learners by name."""
    if isinstance(learner, Mapping):
        found = [(str(name), learner_of(each)) for name, each in learner.items()]
    else:
        several = learner if isinstance(learner, list | tuple) else [learner]
        found = [(each if isinstance(each, str) else "", learner_of(each)) for each in several]
    if not found:
        raise ValueError(f"learner is {learner!r}; expected at least one classifier.")
    # Random sampling suits them all: it is only looked whether they are classifiers.
    found = [
        (name or made.name, each) for name, each, made in ((*pair, model_spec(pair[1], "random")) for pair in found)
    ]
    names = [name for name, _ in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"learner has {twice!r} more than once; give a dict of name -> learner to tell them apart.")
    return found


def _check_pairs(learners: list[tuple[str, Any]], strategies: list[tuple[str, Any]]) -> None:
    """Raise if an object is not a strategy, or if no strategy suits any of the learners."""
    for _, strategy in strategies:
        named(strategy)
    misfits = []
    for (_, learner), (_, strategy) in product(learners, strategies):
        try:
            model_spec(learner, strategy)
        except ValueError as error:
            misfits.append(error)
    if len(misfits) == len(learners) * len(strategies):
        raise misfits[0]


def _runs(how: Protocol, labels: Any, seed: int, n_runs: int) -> list[int]:
    """Return the runs that can be."""
    possible = (run for run in range(_MOST_SEEDS * n_runs) if how.split(labels, seed, run) is not None)
    runs = list(islice(possible, n_runs))
    if len(runs) < n_runs:
        raise ValueError(
            f"only {len(runs)} of {_MOST_SEEDS * n_runs} splits start with labels of two classes; expected {n_runs}. "
            f"Protocol {how.name!r} starts with twenty labels drawn at random."
        )
    return runs


def _shared(
    kept: Cache | None, samples: Any, labels: Any, settings: GridSettings, cache_key: str | None
) -> dict[str, Any]:
    """Return the inputs that all runs share that are kept; empty where none are."""
    if kept is None:
        return {}
    settings_hash = part_hash(settings, cache_key)
    return {"data": data_hash(samples, labels), "settings": settings_hash, "cache_key": cache_key}


def _tasks(grid: Iterable[Any], shared: dict[str, Any], folder: Path | None) -> list[Entry]:
    """Return a task for each part of the grid."""
    tasks, hashes = [], dict[int, str]()

    def hash_of(part: Any) -> str:
        # Each is in many tasks; the grid holds it, so that no number of one comes twice.
        if id(part) not in hashes:
            hashes[id(part)] = part_hash(part, shared["cache_key"])
        return hashes[id(part)]

    for run, learner, size, strategy in grid:
        about: dict[str, Any] = {}
        if shared:
            about = shared | {"strategy": hash_of(strategy[1]), "learner": hash_of(learner[1])}
            about |= {"batch_size": size, "run": run}
        journal = None if folder is None else folder / _file_name(strategy[0], learner[0], size, run)
        tasks.append(Entry(strategy, learner, size, run, run_hash(about) if about else "", about, journal))
    return tasks


def _check_journals(journal: Any, cache: Cache | None) -> Path | None:
    folder = check_journal(journal)
    if folder is not None and cache is not None:
        raise ValueError(
            "cache and journal are both given; expected one of them: what the cache has is not run, and has no journal."
        )
    if folder is not None and folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise ValueError(f"journal is {str(folder)!r}, which exists; expected the name of a new folder.")
    return folder


def _file_name(strategy: str, learner: str, batch_size: int, run: int) -> str:
    # No two names become the same, and none a path.
    return quote(f"{strategy}, {learner}, batches of {batch_size}, run {run}.alw", safe=" ,()")


def _write_pools(folder: Path, splits: dict[int, Any]) -> None:
    """Write which rows of X are the pool of each run."""
    folder.mkdir(parents=True, exist_ok=True)
    for run, split in splits.items():
        np.save(folder / f"run {run}.npy", split.pool)


def compared(which: list[dict[str, Any]], found: list[dict[str, Any]], **about: str) -> Comparison:
    """Return the comparison of runs.

    Parameters
    ----------
    which : list of dict
        Strategy, run and what else tells one from another.
    found : list of dict
        What came of each.
    **about
        Other parameters of `Comparison`.

    Raises
    ------
    ValueError
        If every run failed.
    """
    import pandas as pd

    failures = [at | outcome["failure"] for at, outcome in zip(which, found, strict=True) if outcome["failure"]]
    if sum(failure["lost"] for failure in failures) == len(which):
        raise ValueError(f"none of {len(which)} runs has a curve; the first failed with: {failures[0]['error']}")
    curves = pd.concat(_frames(which, found), ignore_index=True)
    metric = next(outcome["metric"] for outcome in found if outcome["curve"]["score"])
    columns = [*which[0], "n_labeled", "error", "lost"]
    return Comparison(curves, metric, pd.DataFrame(failures, columns=columns), **about)


def _frames(which: list[dict[str, Any]], found: list[dict[str, Any]]) -> Iterator[pd.DataFrame]:
    import pandas as pd

    for at, outcome in zip(which, found, strict=True):
        if outcome["curve"]["score"]:
            yield pd.DataFrame(at | outcome["curve"]).astype({"seconds": float, "cost": float})
