"""Ask a strategy for rows, and name its mistakes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from alwidgets.kernels import top_k
from alwidgets.strategies.named import NAMED, NamedStrategy
from alwidgets.strategies.pool_view import PoolView
from alwidgets.types import BatchStrategy, FloatArray, IntArray, Strategy


@dataclass(frozen=True, eq=False)
class Choice:
    """Rows to ask, best first.

    Parameters
    ----------
    rows : ndarray of shape (n,)
        Row numbers in the pool.
    utility : ndarray of shape (n,)
        Their utilities; NaN from a batch strategy, which gives none.
    """

    rows: IntArray
    utility: FloatArray


def resolve(strategy: str | NamedStrategy | Strategy, learner: Any) -> NamedStrategy | Strategy:
    """Return the strategy behind a name, a function or an object with `select`, if the learner suits it.

    Raises
    ------
    ValueError
        If the name is unknown, or the learner lacks what the strategy needs.
    TypeError
        If it is neither a name, a function, nor an object with a `select` method.
    """
    if isinstance(strategy, str):
        if strategy not in NAMED:
            raise ValueError(
                f"Unknown strategy {strategy!r}; expected one of {sorted(NAMED)}, a function of a PoolView, or "
                "an object with a `select` method."
            )
        strategy = NAMED[strategy]
    if isinstance(strategy, NamedStrategy):
        _check_learner(strategy, learner)
        return strategy
    if isinstance(strategy, type):
        raise TypeError(f"strategy is the class {strategy.__name__}; expected an object: {strategy.__name__}().")
    if isinstance(strategy, BatchStrategy) or callable(strategy):
        return strategy
    raise TypeError(
        f"strategy is {strategy!r}; expected one of {sorted(NAMED)}, a function of a PoolView, or an object "
        "with a `select` method."
    )


def strategy_name(strategy: NamedStrategy | Strategy) -> str:
    """Return what to call a strategy in the journal and on screen."""
    if isinstance(strategy, NamedStrategy):
        return strategy.name
    return str(getattr(strategy, "__name__", None) or type(strategy).__name__)


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
    if isinstance(strategy, BatchStrategy):
        positions = _checked_positions(strategy.select(view, n), view, n, strategy_name(strategy))
        return Choice(view.candidates[positions], np.full(n, np.nan))
    function = strategy.utility if isinstance(strategy, NamedStrategy) else strategy
    utility = _checked_utility(function(view), view, strategy_name(strategy))
    positions = top_k(utility, n, view.rng)
    return Choice(view.candidates[positions], utility[positions])


def _check_learner(strategy: NamedStrategy, learner: Any) -> None:
    method = next((method for method in strategy.needs if hasattr(learner, method)), None)
    if method == "decision_function":
        _check_one_column_a_class(learner, strategy.name)
    if method is not None or not strategy.needs:
        return
    name = type(getattr(learner, "estimator", learner)).__name__
    wrap = "wrap each member" if hasattr(learner, "learner_list") else "wrap it"
    instead = f"use 'margin' or {wrap}" if hasattr(learner, "decision_function") else wrap
    raise ValueError(
        f"{name} has no {' or '.join(strategy.needs)}, which {strategy.name!r} needs; {instead} in "
        "CalibratedClassifierCV."
    )


def _check_one_column_a_class(learner: Any, strategy: str) -> None:
    # With three classes there are as many pairs: the shape of the values would not tell.
    estimator = getattr(learner, "estimator", learner)
    parameters = estimator.get_params(deep=True) if hasattr(estimator, "get_params") else {}
    for name, value in parameters.items():
        if name.split("__")[-1] == "decision_function_shape" and value == "ovo":
            raise ValueError(
                f"{type(estimator).__name__} has {name}='ovo', one decision value a pair of classes; {strategy!r} "
                f"needs one a class: set {name}='ovr', which predicts the same."
            )


def _checked_utility(utility: Any, view: PoolView, name: str) -> FloatArray:
    try:
        values = np.asarray(utility, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name} returned {utility!r}; expected one number for each candidate.") from error
    expected = (len(view.candidates),)
    if values.shape != expected:
        raise ValueError(f"{name} returned shape {values.shape}; expected one utility per candidate, {expected}.")
    if np.isnan(values).any():
        row = int(view.candidates[np.isnan(values)][0])
        raise ValueError(f"{name} returned NaN for row {row} of X; expected a number for each candidate.")
    return values


def _checked_positions(positions: Any, view: PoolView, n: int, name: str) -> IntArray:
    try:
        values = np.asarray(positions)
    except ValueError as error:
        raise TypeError(f"{name}.select returned {positions!r}; expected {n} row numbers.") from error
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
    unique, counts = np.unique(values, return_counts=True)
    if len(unique) < n:
        raise ValueError(f"{name}.select returned {unique[counts > 1][0]} more than once; expected distinct rows.")
    return values
