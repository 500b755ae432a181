"""Replay of a session's labels with other strategies or batch sizes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from alwidgets.data import pool
from alwidgets.data.kinds import pool_of
from alwidgets.data.label_kinds import kind_of_labels
from alwidgets.data.labels import label_of
from alwidgets.journal.decode import from_record
from alwidgets.journal.errors import JournalError
from alwidgets.journal.events import Labeled
from alwidgets.journal.identity import n_samples_of
from alwidgets.journal.reading import read
from alwidgets.journal.state import State, fold
from alwidgets.loop.plan import model_spec
from alwidgets.models.keeping import check_fits_on_pool, frozen_on_pool
from alwidgets.models.presets import learner_of
from alwidgets.scoring.scores import FEWEST_AUDITED
from alwidgets.session.oracle import SimulatedAnswers
from alwidgets.session.parts import check_parts
from alwidgets.session.session import Session
from alwidgets.session.validation import FeaturesOf
from alwidgets.simulation import Comparison, batch_sizes, check_strategy_names, compared, outcome_of
from alwidgets.stopping import Budget
from alwidgets.strategies import PoolView
from alwidgets.strategies.protocols import Strategy, StrategyName
from alwidgets.types import IntArray, Learner, Samples
from alwidgets.utils.checks import check_journal
from alwidgets.utils.text import type_name

#: What a comparison calls the session itself.
AS_IT_WAS = "as it was"
_STRATEGIES = ("margin", "random")
_PRICES = ("cost_per_label", "cost_per_hour", "currency")
_PASSED_ON = ("scoring", "embed", "cold_start", "task")


def replay(  # noqa: PLR0913 - one keyword each for what may be other than it was
    session: Session | str | Path,
    *,
    strategy: StrategyName | Strategy | None = None,
    strategies: Sequence[StrategyName | Strategy] | None = None,
    batch_size: int | Sequence[int] | None = None,
    X: Samples | None = None,
    learner: Learner | None = None,
    test: tuple[Samples, Samples] | None = None,
    scoring: Any = None,
    features: FeaturesOf | None = None,
) -> Comparison:
    """Label the labeled samples of a session anew, as other strategies or batch sizes would have asked for them.

    The samples that train are the pool, and their standing labels the oracle. Beside the strategies, the curve named
    "as it was" has the labels in the order in which they were given. All curves end with the same labels; how early
    they rise tells which was the best order. Samples that nobody labeled cannot be asked for, so a strategy that
    would have found others is shown too low. Each label takes the time that was measured, and costs what it did; of
    prices, a closed journal knows those that were set by `Session.adjust`, and no others.

    Parameters
    ----------
    session : Session, str or Path
        A session, or the folder of its journal.
    strategy : str, callable or object with `select`, optional
        One strategy to try.
    strategies : sequence of these, optional
        Several of them; default margin and random.
    batch_size : int or sequence of int, optional
        Answers between two retrains; default as it was. Of several, each is tried with every strategy.
    X : array-like, optional
        The pool; default the session's. A journal that no session of this kernel has open needs it.
    learner : classifier or str, optional
        The model, or its name as in `simulate`; default the session's, needed as `X` is.
    test : tuple of (X_test, y_test), optional
        What to score on; default the session's held-out set, or else its audit answers if they never trained.
    scoring : str, callable, list or dict of these, optional
        What to measure; default what the session does.
    features : {"labels", "pool"}, optional
        On what the steps of a Pipeline before the last one are fitted: with "pool" on all samples of the session,
        labeled or not. Default as in the session; "labels" for a journal that no session of this kernel has open.

    Returns
    -------
    Comparison
        `curves`, `summary()`, `regret()` and `plot()`, also `plot("regret")`. There is one past to replay, so there are
        no p-values: which order was the better one here need not be elsewhere. Costs a session each: as many fits as
        batches. What fails is in `failures`, and the others go on.

    Raises
    ------
    ValueError, TypeError
        If there is nothing to score on, fewer labels than a batch, X and learner are missing, a strategy is called
        "as it was", or everything failed.
    JournalError
        If the journal is damaged, or was made for another pool.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.naive_bayes import GaussianNB
    >>> X, y = load_iris(return_X_y=True)
    >>> held_out = np.arange(len(X)) % 3 == 0
    >>> pool, test = ~held_out, (X[held_out], y[held_out])
    >>> session = Session(X[pool], classes=[0, 1, 2], learner=GaussianNB(), test=test, random_state=0)
    >>> result = replay(session.run(oracle=y[pool], n_labels=32), strategies=["entropy", "random"])
    >>> sorted(result.summary()["strategy"])
    ['as it was', 'entropy', 'random']
    """
    if strategy is not None and strategies is not None:
        raise ValueError("strategy and strategies are both given; expected one of them.")
    tried = (_STRATEGIES if strategies is None else strategies) if strategy is None else [strategy]
    names = check_strategy_names(tried)
    if AS_IT_WAS in names:
        raise ValueError(f"a strategy is called {AS_IT_WAS!r}, as the session's own curve is; give it another name.")
    past = _past(session, X, learner_of(learner))
    given = past.given | {name: value for name, value in (("test", test), ("scoring", scoring)) if value is not None}
    if (features or past.features) == "pool":
        spec = model_spec(given["learner"], "random")
        check_fits_on_pool(spec)
        # The labeled samples are the pool of what is replayed: the steps are fitted before it.
        given["learner"] = frozen_on_pool(spec, past.X)
    rows, given["test"] = past.state.training_rows(), given.get("test") or past.audited()
    sizes = [past.batch_size] if batch_size is None else batch_sizes(batch_size)
    if len(rows) < max(sizes):
        raise ValueError(
            f"{len(rows)} labels train, but batch_size is {max(sizes)}; expected labels for a round at least."
        )
    order = _AsGiven(np.searchsorted(rows, past.order(rows)))
    runs: list[tuple[str, int, dict[str, Any]]] = [
        (AS_IT_WAS, past.batch_size, {"strategy": order, "cold_start": order})
    ]
    for size in sizes:
        batches = f", batches of {size}" if len(sizes) > 1 else ""
        runs += [(name + batches, size, {"strategy": each}) for name, each in zip(names, tried, strict=True)]
    labels = past.answers(rows)
    X_pool = pool.take(past.X, rows)
    found = []
    for name, size, how in runs:
        made = Session(X_pool, **given | how, batch_size=size, stop=None, duplicates="ask")
        found.append(outcome_of(partial(_begun, made, labels), repr(name)))
    return compared([{"strategy": name, "run": 0} for name, _, _ in runs], found, baseline=AS_IT_WAS)


def _begun(session: Session, answers: SimulatedAnswers) -> tuple[Session, SimulatedAnswers, tuple[int, ...], int]:
    return session, answers, (), session.n_samples


@dataclass(frozen=True, eq=False)
class _AsGiven:
    """Ask in the order in which the labels were given.

    Parameters
    ----------
    order : IntArray
        Rows of the pool, first label first.
    """

    order: IntArray

    def select(self, view: PoolView, n: int) -> IntArray:
        """Return row numbers into ``view.candidates``, first label first."""
        place = np.empty(len(self.order), np.intp)
        place[self.order] = np.arange(len(self.order))
        return np.argsort(place[view.candidates])[:n]


@dataclass(frozen=True, eq=False)
class _Past:
    """Data, state and settings of a recorded session.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        The pool.
    state : State
        What its events amount to.
    batch_size : int
        Answers between two retrains.
    given : dict
        Other arguments of `Session`.
    features : str
        On what the steps of a Pipeline before the last one were fitted.
    """

    X: Any
    state: State
    batch_size: int
    given: dict[str, Any] = field(default_factory=dict)
    features: FeaturesOf = "labels"

    def order(self, rows: IntArray) -> list[int]:
        """Return these rows in the order in which they were labeled."""
        labeled = dict.fromkeys(each.item for each in self.state.answers.values() if isinstance(each, Labeled))
        trains = set(rows.tolist())
        return [item for item in labeled if item in trains]

    def answers(self, rows: IntArray) -> SimulatedAnswers:
        """Return the standing labels of these rows, and how long each took."""
        targets = self.state.targets
        labels = (label_of(label, targets.classes) for label in targets.y(self.state.codes[rows]))
        return SimulatedAnswers(tuple(labels), tuple(self.state.seconds_of(rows).tolist()))

    def audited(self) -> tuple[Any, Any]:
        """Return (X, y) of the audit answers, if they are enough to score on and never trained."""
        rows = self.state.audit_rows()
        held_back = len(rows) if self.state.audit_mode == "hold_back" else 0
        if held_back < FEWEST_AUDITED:
            raise ValueError(
                f"there is nothing to score on: no held-out set, and {held_back} audit answers that never trained; "
                f"expected test=(X_test, y_test), or a session with at least {FEWEST_AUDITED} of them."
            )
        return pool.take(self.X, rows), self.state.targets.y(self.state.codes[rows])


def _past(session: Any, X: Any, learner: Any) -> _Past:
    if not isinstance(session, Session | str | Path):
        raise TypeError(f"session is {type_name(session)}; expected a Session, or the folder of its journal.")
    known = session if isinstance(session, Session) else Session.find_open(session)
    if known is None:
        return _read(check_journal(session), X, learner)
    samples = known.X if X is None else pool.as_samples(X, allow_nan=True)
    if pool.n_rows(samples) != known.n_samples:
        raise ValueError(f"X has {pool.n_rows(samples)} rows but the session has {known.n_samples}; give its pool.")
    given = known.init_params
    passed = {name: given[name] for name in _PASSED_ON} | {
        "classes": known.classes, "random_state": known.random_state, "test": given["test"],
        "learner": given["learner"] if learner is None else learner, "budget": known.budget,
    }  # fmt: skip
    state = fold(known.events, n_samples_of(known.identity), known.classes, known.task.label_kind)
    return _Past(samples, state, given["batch_size"], passed, given["features"])


def _read(path: Path | None, X: Any, learner: Any) -> _Past:
    missing = [name for name, value in (("X", X), ("learner", learner)) if value is None]
    if path is None or missing:
        raise ValueError(
            f"no session of this kernel has {path} open, and {' and '.join(missing)} is missing; expected "
            "replay(path, X=..., learner=...) with the pool and a classifier, or an open session."
        )
    identity, records = read(path)
    samples = pool.as_samples(X, allow_nan=True)
    n_begun, held = n_samples_of(identity), pool_of(samples)
    begun = held.first(min(n_begun, held.n_rows))
    if pool_of(begun).fingerprint() != identity["pool"]:
        raise JournalError(f"{path} was made for another pool than this X; give the one it was made with.")
    events = list(map(from_record, records))
    kind = kind_of_labels(event.label for event in events if isinstance(event, Labeled))
    state = fold(events, n_begun, tuple(identity["classes"]), kind)
    check_parts(samples, path, state)
    learned = [0, *(trained.record.n_learned for trained in state.rounds)]
    batch_size = max(1, int(np.median(np.diff(learned)))) if state.rounds else 1
    prices = {name: value for name, (_, value) in state.adjusted.items() if name in _PRICES}
    given = {
        "classes": state.classes, "random_state": identity["random_state"], "learner": learner,
        "task": kind.task, "budget": Budget(**prices),
    }  # fmt: skip
    return _Past(samples, state, batch_size, given)
