"""Ask a strategy for rows, and name its mistakes."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from alwidgets.data.label_kinds import BOTH_KINDS, LabelKind
from alwidgets.data.pool import n_rows
from alwidgets.kernels import top_k
from alwidgets.models.introspection import estimator_of
from alwidgets.models.softmax import is_softmax_regression
from alwidgets.strategies.adapters import FromModal, speaks_modal
from alwidgets.strategies.large_pools import MOST_COMPARED, best_in_blocks, is_large, sampled
from alwidgets.strategies.named import NAMED, NamedStrategy
from alwidgets.strategies.pool_view import Choice, PoolView
from alwidgets.strategies.protocols import BatchStrategy, Strategy
from alwidgets.strategies.rules import random
from alwidgets.strategies.uncertainty import Margin, Uncertainty
from alwidgets.types import FloatArray, IntArray
from alwidgets.utils.text import redacted, sanitize, short_repr


def resolve(strategy: str | NamedStrategy | Strategy, learner: Any) -> NamedStrategy | Strategy:
    """Return the strategy behind a name, a function or an object with `select`, if the learner suits it.

    Raises
    ------
    ValueError
        If the name is unknown, or the learner lacks what the strategy needs.
    TypeError
        If it is neither a name, a function, nor an object with a `select` method.
    """
    known = named(strategy)
    check_learner(known, learner)
    return known


def named(strategy: str | NamedStrategy | Strategy) -> NamedStrategy | Strategy:
    """Return the strategy behind a name or a modAL function, any other as it is; errors as in `resolve`."""
    if isinstance(strategy, str):
        if strategy not in NAMED:
            raise ValueError(
                f"Unknown strategy {strategy!r}; expected one of {sorted(NAMED)}, a function of a PoolView, or "
                "an object with a `select` method."
            )
        return NAMED[strategy]
    if isinstance(strategy, type):
        raise TypeError(f"strategy is the class {strategy.__name__}; expected an object: {strategy.__name__}().")
    if isinstance(strategy, NamedStrategy | BatchStrategy):
        return strategy
    if callable(strategy):
        return FromModal(strategy) if speaks_modal(strategy) else strategy
    raise TypeError(
        f"strategy is {redacted(repr(strategy))}; expected one of {sorted(NAMED)}, a function of a PoolView, or an "
        "object with a `select` method."
    )


def needs_features(strategy: NamedStrategy | Strategy) -> bool:
    """Return whether a strategy, or a part of one, compares samples."""
    if isinstance(strategy, NamedStrategy):
        return strategy.features
    return bool(getattr(strategy, "features", False)) or any(map(needs_features, getattr(strategy, "parts", ())))


def check_pool(strategy: NamedStrategy | Strategy, n_samples: int, n_classes: int) -> None:
    """Raise ValueError if what a strategy, or a part of it, was given is for another pool."""
    for part in getattr(strategy, "parts", ()):
        check_pool(part, n_samples, n_classes)
    if hasattr(strategy, "check_pool"):
        strategy.check_pool(n_samples, n_classes)


def check_kind(strategy: NamedStrategy | Strategy, kind: LabelKind) -> None:
    """Raise ValueError if a strategy, or a part of one, is not for labels of this kind: one class, or any number.

    A user's own is taken to know what it does.
    """
    for part in getattr(strategy, "parts", ()):
        check_kind(part, kind)
    if kind not in getattr(strategy, "kinds", BOTH_KINDS):
        expected = sorted(name for name, each in NAMED.items() if kind in each.kinds)
        raise ValueError(
            f"{strategy_name(strategy)!r} makes no sense where a label is {kind.described}; expected one of "
            f"{expected}, or a strategy of your own."
        )


def strategy_name(strategy: NamedStrategy | Strategy) -> str:
    """Return the name of a strategy for the journal and the display."""
    if isinstance(strategy, NamedStrategy):
        return strategy.name
    return sanitize(str(getattr(strategy, "__name__", None) or type(strategy).__name__))


def choose(strategy: NamedStrategy | Strategy, view: PoolView, n: int) -> Choice:
    """Return the `n` rows that the strategy wants asked, best first; fewer only when the pool has fewer.

    Raises
    ------
    ValueError, TypeError
        If what the strategy returned is not what it should be; the message names the strategy. Its own
        exceptions pass through untouched.
    """
    n = min(n, len(view.candidates))
    if n == 0:
        return Choice(np.empty(0, np.intp), np.empty(0))
    name = strategy_name(strategy)
    rule: Any = strategy.rule if isinstance(strategy, NamedStrategy) else strategy
    if is_on_sample(strategy, view.X):
        view = sampled(view)
        n = min(n, len(view.candidates))
    if hasattr(rule, "draw"):
        positions, probability = rule.draw(view, n)
        return Choice(view.candidates[positions], np.full(n, np.nan), probability)
    if _sees_batches(rule):
        positions = _check_positions(rule.select(view, n), view, n, name)
        return Choice(view.candidates[positions], np.full(n, np.nan))
    if isinstance(rule, Uncertainty | Margin) and (rule.is_linear(view) or not is_large(view.X)):
        positions, utility = rule.best(view, n)
        return Choice(view.candidates[positions], utility.astype(np.float64))
    if isinstance(strategy, NamedStrategy) and _is_by_blocks(strategy) and is_large(view.X):
        positions, utility = best_in_blocks(partial(utility_of, strategy), view, n)
        return Choice(view.candidates[positions], utility.astype(np.float64))
    utility = utility_of(strategy, view)
    positions = top_k(utility, n, view.rng)
    # The only rule that gives every candidate the same chance.
    chances = 1.0 / (len(view.candidates) - np.arange(n)) if rule is random else None
    return Choice(view.candidates[positions], utility[positions], chances)


def is_on_sample(strategy: NamedStrategy | Strategy, X: Any) -> bool:
    """Return whether a strategy chooses among a random sample of a pool, which is too large for it.

    Of an array, a memory map too, it compares all samples.
    """
    if isinstance(strategy, NamedStrategy) and not isinstance(X, np.ndarray):
        return strategy.in_blocks == "sample" and is_large(X) and n_rows(X) > MOST_COMPARED
    return False


def _is_by_blocks(strategy: NamedStrategy) -> bool:
    """Return whether the utility of a candidate depends on it and the model alone; a random one on those before it."""
    return strategy.in_blocks == "exact" and strategy.rule is not random


def chooses_batches(strategy: NamedStrategy | Strategy) -> bool:
    """Return whether a strategy chooses a batch as a whole, and gives no utilities."""
    return _sees_batches(strategy.rule if isinstance(strategy, NamedStrategy) else strategy)


def _sees_batches(rule: Any) -> bool:
    # As `isinstance` tells it of a protocol, which takes longer than many a strategy.
    return hasattr(rule, "select")


def utility_of(strategy: NamedStrategy | Strategy, view: PoolView) -> FloatArray:
    """Return the utility of every candidate, float64, of a strategy that gives one."""
    rule: Any = strategy.rule if isinstance(strategy, NamedStrategy) else strategy
    if _sees_batches(rule):
        raise TypeError(f"{strategy_name(strategy)} chooses batches as a whole; expected one that gives utilities.")
    return _check_utility(rule(view), view, strategy_name(strategy))


def check_learner(strategy: NamedStrategy | Strategy, learner: Any) -> None:
    """Raise ValueError if the learner lacks what the strategy, or a part of it, needs."""
    for part in getattr(strategy, "parts", ()):
        check_learner(part, learner)
    needs: tuple[str, ...] = getattr(strategy, "needs", ())
    name, asker = type(estimator_of(learner)).__name__, strategy_name(strategy)
    if isinstance(strategy, NamedStrategy) and strategy.linear and not is_softmax_regression(learner):
        raise ValueError(
            f"{name} is not, and does not end in, a LogisticRegression with its default penalty, intercept and class "
            f"weights, which {asker!r} needs; use 'expected_error', which refits any model."
        )
    method = next((method for method in needs if hasattr(learner, method)), None)
    if method == "decision_function":
        _check_one_column_a_class(learner, asker)
    if method is not None or not needs:
        return
    committee = hasattr(learner, "learner_list")
    if not committee and needs[0].startswith("vote"):
        raise ValueError(
            f"{name} is a single model, and {asker!r} needs several that vote; make them of it with "
            f"alwidgets.committee({name}(), n_members=5)."
        )
    missing = " or ".join("predict_proba" if method == "vote_proba" else method for method in needs)
    raise ValueError(f"{name} has no {missing}, which {asker!r} needs; {_instead(learner, committee=committee)}.")


def _instead(learner: Any, *, committee: bool) -> str:
    """Suggest how to make a learner provide probabilities, or how to do without them."""
    from sklearn.ensemble import VotingClassifier

    members = learner.learner_list if committee else [learner]
    wrap = f"wrap {'each member' if committee else 'it'} in CalibratedClassifierCV"
    if all(hasattr(member, "decision_function") for member in members):
        return wrap if committee else f"use 'margin' or {wrap}"
    # What calibrates needs one of both.
    if isinstance(estimator_of(members[0]), VotingClassifier):
        return (
            "give voting='soft', of members that give probabilities, or make a committee of the members with "
            "alwidgets.committee([...]), which 'vote_entropy' asks by"
        )
    return (
        "a model that gives neither probabilities nor a decision function suits 'random', 'k_means' or 'k_center', or "
        "'vote_entropy' with several in alwidgets.committee([...])"
    )


def _check_one_column_a_class(learner: Any, strategy: str) -> None:
    # With three classes there are as many pairs: the shape of the values would not tell.
    estimator = estimator_of(learner)
    parameters = estimator.get_params(deep=True) if hasattr(estimator, "get_params") else {}
    for name, value in parameters.items():
        if name.split("__")[-1] == "decision_function_shape" and value == "ovo":
            raise ValueError(
                f"{type(estimator).__name__} has {name}='ovo', one decision value a pair of classes; {strategy!r} "
                f"needs one a class: set {name}='ovr', which predicts the same."
            )


def _check_utility(utility: Any, view: PoolView, name: str) -> FloatArray:
    try:
        values = np.asarray(utility, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name} returned {short_repr(utility)}; expected one number for each candidate.") from error
    expected = (len(view.candidates),)
    if values.shape != expected:
        raise ValueError(f"{name} returned shape {values.shape}; expected one utility per candidate, {expected}.")
    if np.isnan(values).any():
        row = int(view.candidates[np.isnan(values)][0])
        raise ValueError(f"{name} returned NaN for row {row} of X; expected a number for each candidate.")
    return values


def _check_positions(positions: Any, view: PoolView, n: int, name: str) -> IntArray:
    try:
        values = np.asarray(positions)
    except ValueError as error:
        raise TypeError(f"{name}.select returned {short_repr(positions)}; expected {n} row numbers.") from error
    if values.shape != (n,):
        raise ValueError(f"{name}.select returned shape {values.shape}; expected {n} row numbers, shape ({n},).")
    if values.dtype.kind not in "iu":
        raise TypeError(f"{name}.select returned dtype {values.dtype}; expected row numbers into view.candidates.")
    n_candidates = len(view.candidates)
    outside = values[(values < 0) | (values >= n_candidates)]
    if len(outside):
        raise ValueError(
            f"{name}.select returned {outside[0]}, which is not a candidate; expected row numbers into "
            f"view.candidates, 0 to {n_candidates - 1}."
        )
    if len(set(values.tolist())) < n:
        unique, counts = np.unique(values, return_counts=True)
        raise ValueError(f"{name}.select returned {unique[counts > 1][0]} more than once; expected distinct rows.")
    return values
