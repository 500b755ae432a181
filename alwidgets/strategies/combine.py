"""Combined strategies: diverse batches, mixtures, phases, costs, transferred probabilities.

Each is an object that `strategy=` takes, and names what it is made of in `parts`.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any, ClassVar

import numpy as np

from alwidgets import kernels
from alwidgets.data.kinds import pool_of
from alwidgets.data.label_kinds import MULTICLASS
from alwidgets.data.labels import counts_of
from alwidgets.data.pool import n_rows
from alwidgets.kernels import duplicated
from alwidgets.kernels.arrays import check_nonnegative, check_proba, quiet
from alwidgets.strategies.choose import choose, named, needs_features, strategy_name, utility_of
from alwidgets.strategies.named import NAMED, NamedStrategy
from alwidgets.strategies.pool_view import PoolView
from alwidgets.strategies.protocols import Strategy, StrategyName
from alwidgets.strategies.rules import clustered_batch
from alwidgets.strategies.uncertainty import spread_of
from alwidgets.types import FloatArray, IntArray

# A guard against near-duplicates looks at this many times as many rows as it is to give.
_LOOKED_AT = 4
# Labels per class, and per label wanted of each, after which a class that was never seen is taken not to be there.
_MOST_LABELS_PER_CLASS = 20
# These look into the model, beside its probabilities.
_OF_A_FITTED_MODEL = ("expected_gradient_length", "expected_error", "expected_error_one_step")
# Below so many measured answers, what an answer costs is taken to be the same for all.
_FEWEST_MEASURED = 10


def power(utility: StrategyName | Strategy, exponent: float = 1.0) -> Power:
    """Return a strategy that draws its batch at random, in proportion to a power of the utility.

    A batch of the very best is often one question asked many times; a drawn one is not. Utilities below 0 (those of
    a decision function) are moved until the least is 0.

    Parameters
    ----------
    utility : str, NamedStrategy or callable
        What gives one utility a candidate.
    exponent : float
        Above 0; the larger, the nearer to the best, and near 0 uniform.

    Returns
    -------
    strategy : Power

    Raises
    ------
    ValueError, TypeError
        If `utility` chooses batches as a whole, or `exponent` is not a number above 0.

    References
    ----------
    .. [1] Kirsch et al. (2023), Stochastic batch acquisition: a simple baseline for deep active learning, TMLR.

    Examples
    --------
    >>> power("margin").__name__
    'power(margin)'
    """
    if not _is_positive(exponent):
        raise ValueError(f"exponent is {exponent!r}; expected a number above 0.")
    return Power(_utility(utility), float(exponent))


def weighted_k_means(utility: StrategyName | Strategy) -> WeightedKMeans:
    """Return a strategy that clusters the ten times as many best and asks the nearest to each center.

    Utilities weigh the clusters' members; they are moved as in `power`.

    References
    ----------
    .. [1] Zhdanov (2019), Diverse mini-batch active learning, arXiv:1901.05954.

    Examples
    --------
    >>> weighted_k_means("entropy").__name__
    'weighted_k_means(entropy)'
    """
    return WeightedKMeans(_utility(utility))


def distinct(strategy: StrategyName | Strategy, threshold: float = 0.95) -> Distinct:
    """Return a strategy that skips what is nearly the same as something labeled or already in the batch.

    Parameters
    ----------
    strategy : str, NamedStrategy, callable or object with `select`
        What ranks the candidates: four times as many as wanted are looked at, and more until enough of them differ.
        Only when the whole pool has no more do near-duplicates follow.
    threshold : float
        Cosine similarity of the features from which two samples are nearly the same, in (0, 1].

    Examples
    --------
    >>> distinct("margin", 0.9).__name__
    'distinct(margin)'
    """
    if not _is_positive(threshold, most=1):
        raise ValueError(f"threshold is {threshold!r}; expected a cosine similarity above 0 and at most 1.")
    return Distinct(named(strategy), float(threshold))


def mix(shares: Mapping[StrategyName | Strategy, float]) -> Mix:
    """Return a strategy that gives each part its share of the questions.

    Over the questions of a session the shares are kept as nearly as whole questions allow; in a batch smaller than
    the number of parts chance decides, by the shares, whose turn it is.

    Parameters
    ----------
    shares : mapping of strategy to float
        Names, functions or objects with `select`, and positive numbers; they need not sum to 1.

    Examples
    --------
    >>> mix({"margin": 0.7, "typiclust": 0.3}).__name__
    'mix(margin 0.7, typiclust 0.3)'
    """
    if not isinstance(shares, Mapping) or not shares:
        raise TypeError(f"shares is {shares!r}; expected a mapping such as {{'margin': 0.7, 'typiclust': 0.3}}.")
    for part, share in shares.items():
        if not _is_positive(share):
            raise ValueError(f"the share of {part!r} is {share!r}; expected a number above 0.")
    total = float(sum(shares.values()))
    return Mix(tuple(named(part) for part in shares), tuple(float(share) / total for share in shares.values()))


def phases(first: StrategyName | Strategy, then: StrategyName | Strategy, labels_per_class: int = 20) -> Phases:
    """Return a strategy that asks by one rule while labels are few, and by another after.

    With few labels the typical teaches most, with many the uncertain.

    Parameters
    ----------
    first, then : str, NamedStrategy, callable or object with `select`
        The two rules, such as "typiclust" and "margin".
    labels_per_class : int
        The second takes over at this many labels times the number of classes.

    References
    ----------
    .. [1] Hacohen, Dekel & Weinshall (2022), Active learning on a budget: opposite strategies suit high and low
           budgets, ICML.

    Examples
    --------
    >>> phases("typiclust", "margin").__name__
    'phases(typiclust, margin)'
    """
    if check_nonnegative(labels_per_class, "labels_per_class") < 1:
        raise ValueError("labels_per_class is 0; expected at least 1.")
    return Phases((named(first), named(then)), labels_per_class)


def per_cost(utility: StrategyName | Strategy, cost: Any = "seconds") -> PerCost:
    """Return a strategy that divides another's utility by what an answer costs.

    Parameters
    ----------
    utility : str, NamedStrategy or callable
        What gives one utility a candidate; moved as in `power`.
    cost : array-like of shape (n_samples,), or str
        What each sample costs to label, above 0, in any unit: one number a sample, or the name of a column of the
        DataFrame that is the pool. "seconds" learns it from the time the answers took:
        a ridge regression of the logarithm of the seconds on the features, and on the length of a text.

    References
    ----------
    .. [1] Settles, Craven & Friedland (2008), Active learning with real annotation costs, NIPS workshop on
           cost-sensitive learning.

    Examples
    --------
    >>> per_cost("margin", cost=[1.0, 5.0, 2.0]).__name__
    'per_cost(margin)'
    """
    if isinstance(cost, str):
        return PerCost(_utility(utility), cost)
    values = np.asarray(cost, dtype=np.float64)
    if values.ndim != 1 or not (np.isfinite(values) & (values > 0)).all():
        raise ValueError("cost has a value that is not a finite number above 0; expected one per row of X.")
    return PerCost(_utility(utility), values)


def transfer(proba: FloatArray, strategy: StrategyName | Strategy = "margin") -> Transfer:
    """Return a strategy that asks by the probabilities of another model, for the time before there is an own one.

    Parameters
    ----------
    proba : ndarray of shape (n_samples, n_classes)
        What the other model (or a label model over weak labels) says of every sample, columns in the order of the
        session's classes.
    strategy : str, NamedStrategy, callable or object with `select`
        What reads them.

    Raises
    ------
    ValueError
        If `proba` are not probabilities, or `strategy` asks a model for more than these: votes, gradients, a refit.

    Examples
    --------
    >>> transfer(np.full((10, 2), 0.5), "entropy").__name__
    'transfer(entropy)'
    """
    reader = named(strategy)
    if (unfit := _needs_more_than_proba(reader)) is not None:
        raise ValueError(f"{unfit!r} needs more than probabilities; expected 'margin', 'entropy' or the like.")
    return Transfer(reader, check_proba(np.asarray(proba)))


def stratified(groups: Any) -> Stratified:
    """Return a strategy that asks each group in turn, at random within it.

    Parameters
    ----------
    groups : array-like of shape (n_samples,)
        The group of each sample: a column of the table, or the clusters of your choice.

    Examples
    --------
    >>> stratified(["north", "south", "south"]).__name__
    'stratified'
    """
    values = np.asarray(groups)
    if values.ndim != 1 or not len(values):
        raise ValueError(f"groups has shape {values.shape}; expected one group per row of X.")
    return Stratified(np.unique(values.astype(str), return_inverse=True)[1])


@dataclass(frozen=True, eq=False)
class _OfOne:
    """A strategy made of one other."""

    called: ClassVar[str]
    part: NamedStrategy | Strategy

    @property
    def __name__(self) -> str:
        return f"{self.called}({strategy_name(self.part)})"

    @property
    def parts(self) -> tuple[Any, ...]:
        """Strategies that this one combines."""
        return (self.part,)


@dataclass(frozen=True, eq=False)
class _RankedByOne(_OfOne):
    """A batch strategy that starts from how one other ranks the candidates."""

    def asks_by(self, view: PoolView) -> tuple[Any, PoolView]:
        """Return the strategy that ranks, and what it sees."""
        return self.part, view


@dataclass(frozen=True, eq=False)
class Power(_RankedByOne):
    """See `power`."""

    called = "power"

    exponent: float

    def select(self, view: PoolView, n: int) -> IntArray:
        """Return positions in the order they were drawn."""
        return self.draw(view, n)[0]

    def draw(self, view: PoolView, n: int) -> tuple[IntArray, FloatArray]:
        """Return positions in the order they were drawn, and how likely each was among those left then."""
        utility = spread_of(utility_of(self.part, view))
        positions = kernels.power_sample(utility, n, view.rng, power=self.exponent)
        return positions, kernels.draw_probability(utility, positions, power=self.exponent)


@dataclass(frozen=True, eq=False)
class WeightedKMeans(_RankedByOne):
    """See `weighted_k_means`."""

    called = "weighted_k_means"
    features = True  # it compares samples

    def select(self, view: PoolView, n: int) -> IntArray:
        """Return positions, heaviest cluster first."""
        return clustered_batch(view, spread_of(utility_of(self.part, view)), n)


@dataclass(frozen=True, eq=False)
class Distinct(_RankedByOne):
    """See `distinct`."""

    called = "distinct"
    features = True  # it compares samples

    threshold: float

    def select(self, view: PoolView, n: int) -> IntArray:
        """Return positions, what is unlike the others before what is like them."""
        n_looked_at = _LOOKED_AT * n
        while True:
            rows = choose(self.part, view, n_looked_at).rows
            alike = duplicated(view.features.at(rows), self.threshold, view.features.at(view.labeled))
            if np.count_nonzero(~alike) >= n or n_looked_at >= len(view.candidates):
                break
            n_looked_at *= _LOOKED_AT
        return np.searchsorted(view.candidates, np.concatenate([rows[~alike], rows[alike]])[:n])


@dataclass(frozen=True, eq=False)
class Mix:
    """See `mix`."""

    parts: tuple[Any, ...]
    shares: tuple[float, ...]

    @property
    def __name__(self) -> str:
        each = (f"{strategy_name(part)} {share:g}" for part, share in zip(self.parts, self.shares, strict=True))
        return f"mix({', '.join(each)})"

    def select(self, view: PoolView, n: int) -> IntArray:
        """Return positions, the parts taking turns."""
        # Evenly spaced marks on a line of the shares give each part its share, give or take one question.
        marks = (np.arange(n) + view.rng.random()) / n
        turns = view.rng.permutation(np.searchsorted(np.cumsum(self.shares)[:-1], marks, side="right"))
        rows, left = np.empty(n, np.intp), view
        for k, part in enumerate(self.parts):
            mine = np.flatnonzero(turns == k)
            rows[mine] = choose(part, left, len(mine)).rows
            left = replace(left, candidates=np.setdiff1d(left.candidates, rows[mine]))
        return np.searchsorted(view.candidates, rows)


@dataclass(frozen=True, eq=False)
class Phases:
    """See `phases`."""

    parts: tuple[Any, ...]
    labels_per_class: int

    @property
    def __name__(self) -> str:
        return f"phases({', '.join(map(strategy_name, self.parts))})"

    def asks_by(self, view: PoolView) -> tuple[Any, PoolView]:
        """Return the rule of the present phase, and what it sees."""
        early = len(view.labeled) < self.labels_per_class * len(view.classes)
        return self.parts[0 if early else 1], view

    def select(self, view: PoolView, n: int) -> IntArray:
        """Choose with the strategy of the current phase."""
        rows = choose(self.asks_by(view)[0], view, n).rows
        return np.searchsorted(view.candidates, rows)


@dataclass(frozen=True, eq=False)
class PerCost(_OfOne):
    """See `per_cost`."""

    called = "per_cost"

    cost: FloatArray | str

    def __call__(self, view: PoolView) -> FloatArray:
        """Return utility per unit of cost."""
        utility = spread_of(utility_of(self.part, view))
        if isinstance(self.cost, str):
            measured = self.cost == "seconds"
            return utility / (_expected_seconds(view) if measured else _column(view, self.cost))
        self.check_pool(n_rows(view.X), len(view.classes))
        return utility / self.cost[view.candidates]

    def check_pool(self, n_samples: int, n_classes: int) -> None:  # noqa: ARG002 - the same for all
        """Raise ValueError if there is not one cost a sample."""
        if not isinstance(self.cost, str) and len(self.cost) != n_samples:
            raise ValueError(f"cost has {len(self.cost)} values but X has {n_samples} rows; give one per row.")


@dataclass(frozen=True, eq=False)
class Transfer:
    """See `transfer`."""

    kinds: ClassVar = (MULTICLASS,)  # probabilities that sum to 1

    strategy: NamedStrategy | Strategy
    proba: FloatArray

    @property
    def __name__(self) -> str:
        return f"transfer({strategy_name(self.strategy)})"

    @property
    def features(self) -> bool:
        """True if it compares samples."""
        return needs_features(self.strategy)

    def asks_by(self, view: PoolView) -> tuple[Any, PoolView]:
        """Return the strategy that reads the probabilities, and a view with these."""
        self.check_pool(n_rows(view.X), len(view.classes))
        return self.strategy, replace(view, source_proba=self.proba)

    def select(self, view: PoolView, n: int) -> IntArray:
        """Choose with the strategy, using the given probabilities."""
        rows = choose(*self.asks_by(view), n).rows
        return np.searchsorted(view.candidates, rows)

    def check_pool(self, n_samples: int, n_classes: int) -> None:
        """Raise ValueError if there is not one row a sample, one column a class."""
        if self.proba.shape != (n_samples, n_classes):
            raise ValueError(
                f"proba has shape {self.proba.shape} for {n_samples} samples and {n_classes} classes; expected one "
                "row a sample, one column a class."
            )


@dataclass(frozen=True, eq=False)
class Stratified:
    """See `stratified`."""

    groups: IntArray

    @property
    def __name__(self) -> str:
        return "stratified"

    def select(self, view: PoolView, n: int) -> IntArray:
        """Return positions: of the groups with fewest labels first, larger groups before smaller."""
        self.check_pool(n_rows(view.X), len(view.classes))
        group = self.groups[view.candidates]
        size = np.bincount(self.groups)
        shuffled = view.rng.permutation(len(group))
        # How many of its group come before it in the shuffled order, beside those that are labeled.
        order = shuffled[np.argsort(group[shuffled], kind="stable")]
        starts = np.cumsum(np.bincount(group, minlength=len(size))) - np.bincount(group, minlength=len(size))
        turn = np.empty(len(group), np.intp)
        turn[order] = np.arange(len(group)) - starts[group[order]]
        turn += np.bincount(self.groups[view.labeled], minlength=len(size))[group]
        return np.lexsort([view.rng.random(len(group)), -size[group], turn])[:n]

    def check_pool(self, n_samples: int, n_classes: int) -> None:  # noqa: ARG002 - the same for all
        """Raise ValueError if there is not one group a sample."""
        if len(self.groups) != n_samples:
            raise ValueError(f"groups has {len(self.groups)} values but X has {n_samples} rows; give one per row.")


def _needs_more_than_proba(strategy: Any) -> str | None:
    """Return the name of the first part that asks a model for more than the probabilities of the pool, or None."""
    if isinstance(strategy, NamedStrategy):
        asks_model = bool(strategy.needs) and "predict_proba" not in strategy.needs
        return strategy.name if asks_model or strategy.name in _OF_A_FITTED_MODEL else None
    return next(filter(None, map(_needs_more_than_proba, getattr(strategy, "parts", ()))), None)


def _utility(strategy: StrategyName | Strategy) -> NamedStrategy | Strategy:
    """Return a strategy that gives each candidate a utility; raise if it chooses whole batches."""
    known = named(strategy)
    rule = known.rule if isinstance(known, NamedStrategy) else known
    if hasattr(rule, "select"):
        raise ValueError(
            f"{strategy_name(known)!r} chooses batches as a whole; expected a strategy that gives each candidate a "
            "utility, such as 'margin'."
        )
    return known


def _column(view: PoolView, name: str) -> FloatArray:
    """Return the costs of the candidates from a column of the pool."""
    column = pool_of(view.X).column(name)
    if column is None:
        raise ValueError(f"cost is {name!r}; expected 'seconds', a column of X, or one number per row of X.")
    values = column[view.candidates]
    if not (np.isfinite(values) & (values > 0)).all():
        raise ValueError(f"column {name!r} has a value that is not a finite number above 0; expected costs.")
    return np.asarray(values)


@quiet
def _expected_seconds(view: PoolView) -> FloatArray:
    """Predict the answer time of each candidate; the same for all if it cannot be predicted."""
    from sklearn.linear_model import RidgeCV

    seconds = np.full(len(view.labeled), np.nan) if view.seconds is None else view.seconds
    measured = np.flatnonzero(np.isfinite(seconds) & (seconds > 0))
    if len(measured) < _FEWEST_MEASURED:
        return np.ones(len(view.candidates))
    known, asked = _describing(view, view.labeled[measured]), _describing(view, view.candidates)
    if not known.shape[1]:
        return np.ones(len(view.candidates))
    model = RidgeCV(np.logspace(-1, 4, 6)).fit(known, np.log(seconds[measured]))
    # A guess beyond what was ever measured is worth nothing.
    fastest, slowest = np.log(seconds[measured].min()), np.log(seconds[measured].max())
    return np.asarray(np.exp(np.clip(model.predict(asked), fastest, slowest)))


def _describing(view: PoolView, rows: IntArray) -> Any:
    columns: list[Any] = [np.empty((len(rows), 0))]
    lengths = pool_of(view.X).lengths(rows)
    if lengths is not None:
        columns.append(np.log1p(lengths)[:, None])
    if view.features.raw is not None:
        columns.append(view.features.at(rows))
    return np.concatenate(columns, axis=1)


@dataclass(frozen=True, eq=False)
class ColdStart:
    """Strategy and length of the cold start, which chooses the first questions.

    Parameters
    ----------
    strategy : str, NamedStrategy, callable or object with `select`
        One that needs no model of the session's: "k_means", "random", "typiclust", "prob_cover", "k_center",
        `stratified`, `transfer`.
    labels_per_class : int
        Until every class has so many labels, or some classes seem not to be in the pool: there are twenty times
        as many labels as classes. In a multilabel task, until so many samples have, and so many lack, each class.
    most_labels : int, optional
        It ends after so many labels at the latest, whatever classes are missing; with 0 as soon as there is a model.
        Default twenty times `labels_per_class` times the number of classes. `Session.end_cold_start` ends it at once.

    Examples
    --------
    >>> ColdStart("typiclust", labels_per_class=2).labels_per_class
    2
    """

    strategy: Any = "k_means"
    labels_per_class: int = 1
    most_labels: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "strategy", named(self.strategy))
        if check_nonnegative(self.labels_per_class, "labels_per_class") < 1:
            raise ValueError("labels_per_class is 0; expected at least 1.")
        if self.most_labels is not None:
            check_nonnegative(self.most_labels, "most_labels")
        if model_needed := _needs_model(self.strategy):
            raise ValueError(
                f"{model_needed!r} needs a model, and the cold start is before there is one; expected one of "
                f"{sorted(name for name, each in NAMED.items() if not each.needs)}, stratified or transfer."
            )

    def lasts(self, labels: Any, n_classes: int) -> bool:
        """Return whether questions are still chosen this way after these labels."""
        most = self.most_labels
        if len(labels) >= (_MOST_LABELS_PER_CLASS * self.labels_per_class * n_classes if most is None else most):
            return False
        counts = counts_of(labels)
        return len(counts) < n_classes or bool(counts.min() < self.labels_per_class)


def _needs_model(strategy: Any) -> str | None:
    """Return the name of the first part that needs a model, None when there is none."""
    if isinstance(strategy, NamedStrategy):
        return strategy.name if strategy.needs else None
    return next(filter(None, map(_needs_model, getattr(strategy, "parts", ()))), None)


def _is_positive(value: Any, most: float = sys.float_info.max) -> bool:
    return not isinstance(value, bool) and isinstance(value, Real) and 0 < float(value) <= most
