"""Query strategies of other libraries as batch strategies of ours: modAL's, scikit-activeml's and small-text's.

Each sees the pool in its own library's way and answers in ours; what it draws, changes or leaves behind stays here.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import inspect
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from alwidgets.data.label_kinds import BOTH_KINDS, MULTICLASS, MULTILABEL, LabelKind
from alwidgets.strategies.features import features_of
from alwidgets.strategies.pool_view import PoolView
from alwidgets.types import IntArray
from alwidgets.utils.text import redacted, type_name

_PROBA = ("predict_proba",)
_VOTES = ("vote",)
_VOTE_PROBA = ("vote_proba",)
# What modAL's own functions ask of a learner. Of a user's own function nobody knows.
_MODAL_NEEDS = {
    "uncertainty_sampling": _PROBA,
    "margin_sampling": _PROBA,
    "entropy_sampling": _PROBA,
    "uncertainty_batch_sampling": _PROBA,
    "vote_entropy_sampling": _VOTES,
    "consensus_entropy_sampling": _VOTE_PROBA,
    "max_disagreement_sampling": _VOTE_PROBA,
}
# Parameters of scikit-activeml's `query` that take a model, and what the learner must be able to do for it.
_SKACTIVEML_MODELS = {
    "clf": _PROBA,
    "estimator": _PROBA,
    "discriminator": _PROBA,
    "ensemble": _VOTE_PROBA,
}
_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
# NumPy's global generator is one for all threads.
_GLOBAL_GENERATOR = threading.RLock()


def from_modal(query_strategy: Callable[..., Any]) -> FromModal:
    """Return a modAL query strategy as a batch strategy, for a session or anything made of strategies.

    modAL's own functions, and all others that take a learner and a pool, need not be wrapped: ``strategy=`` knows them.

    Parameters
    ----------
    query_strategy : callable
        ``f(learner, X_pool, n_instances=1) -> indices`` or ``(indices, metrics)``: a function of modAL's, a
        `functools.partial` of one, or a user's own. It sees the session's learner with its labeled set. One without
        `n_instances` is asked again, of what it left, until there are enough.

    Returns
    -------
    strategy : object with `select`
        Ties that modAL draws from NumPy's global generator follow the session's seed, and the generator is left
        as it was.

    Raises
    ------
    TypeError
        If it is not callable.

    Examples
    --------
    >>> def least_sure(learner, X_pool, n_instances=1):
    ...     return np.argsort(learner.predict_proba(X_pool).max(axis=1))[:n_instances]
    >>> from_modal(least_sure).__name__
    'least_sure'
    """
    if not callable(query_strategy) or isinstance(query_strategy, type):
        raise TypeError(
            f"query_strategy is {redacted(repr(query_strategy))}; expected a function f(learner, X_pool, "
            "n_instances=1) that returns row numbers, as modAL's do."
        )
    return FromModal(query_strategy)


def from_skactiveml(query_strategy: Any) -> FromSkactiveml:
    """Return a pool-based strategy of scikit-activeml as a batch strategy.

    It sees the candidates and what is labeled as features, where our strategies compare samples too, and in
    place of a classifier the session's model, already fitted.

    Parameters
    ----------
    query_strategy : SingleAnnotatorPoolQueryStrategy
        Such as ``skactiveml.pool.UncertaintySampling(method="entropy")``. It is cloned for every query: its
        `random_state` then follows the session's seed, its labels are those of the session.

    Returns
    -------
    strategy : object with `select`
        Needs probabilities where the strategy's `query` takes a `clf`, a committee where it takes an `ensemble`.

    Raises
    ------
    ModuleNotFoundError
        If scikit-activeml is not installed.
    TypeError
        If it is not such a strategy, or is one for regression.

    Notes
    -----
    A strategy that asks the model about points which are not samples (DropQuery) says so when it is queried.

    References
    ----------
    .. [1] Kottke et al. (2021), scikit-activeml: a library and toolbox for active learning algorithms.

    Examples
    --------
    >>> from skactiveml.pool import CoreSet  # doctest: +SKIP
    >>> session = alw.Session(X, classes=["ham", "spam"], strategy=from_skactiveml(CoreSet()))  # doctest: +SKIP
    """
    base = _imported("skactiveml.base", "skactiveml").SingleAnnotatorPoolQueryStrategy
    if not isinstance(query_strategy, base):
        raise TypeError(
            f"query_strategy is {redacted(repr(query_strategy))}; expected an object of a class in skactiveml.pool, "
            "such as skactiveml.pool.CoreSet()."
        )
    unknown = [name for name in _asked_for(query_strategy) if name not in _SKACTIVEML_MODELS]
    if unknown:
        raise TypeError(
            f"{type(query_strategy).__name__}.query needs {unknown[0]!r}, which a session has not; expected a strategy "
            f"for classification, one that needs nothing or one of {list(_SKACTIVEML_MODELS)}."
        )
    return FromSkactiveml(query_strategy)


def from_small_text(query_strategy: Any) -> FromSmallText:
    """Return a query strategy of small-text as a batch strategy.

    It sees the candidates and what is labeled as a `SklearnDataset` of features, and in place of a classifier
    the session's model, already fitted, whose `embed` gives these features.

    Parameters
    ----------
    query_strategy : small_text.QueryStrategy
        Such as ``small_text.BreakingTies()``. It is copied for every query; what it draws from NumPy's global
        generator follows the session's seed, and the generator is left as it was.

    Returns
    -------
    strategy : object with `select`
        Best first where the strategy has a score for each sample.

    Raises
    ------
    ModuleNotFoundError
        If small-text is not installed.
    TypeError
        If it is not such a strategy.

    References
    ----------
    .. [1] Schroeder et al. (2023), Small-Text: active learning for text classification in Python, EACL.

    Examples
    --------
    >>> from small_text import BreakingTies  # doctest: +SKIP
    >>> session = alw.Session(X, classes=["ham", "spam"], strategy=from_small_text(BreakingTies()))  # doctest: +SKIP
    """
    base = _imported("small_text", "small-text").QueryStrategy
    if not isinstance(query_strategy, base):
        raise TypeError(
            f"query_strategy is {redacted(repr(query_strategy))}; expected a query strategy of small-text, such as "
            "small_text.BreakingTies()."
        )
    return FromSmallText(query_strategy)


def speaks_modal(strategy: Any) -> bool:
    """Return whether a callable takes `n_instances`, or a learner and a pool, as modAL's query strategies do.

    Ours take one argument, the view.
    """
    try:
        parameters = inspect.signature(strategy).parameters if callable(strategy) else {}
    except ValueError:
        # Some callables written in C have no signature.
        return False
    needed = [each for each in parameters.values() if each.default is each.empty and each.kind in _POSITIONAL]
    return "n_instances" in parameters or len(needed) == len(("classifier", "X"))


@contextlib.contextmanager
def seeded(rng: np.random.Generator) -> Iterator[None]:
    """Seed NumPy's global generator, which other libraries draw from, and give it back as it was."""
    with _GLOBAL_GENERATOR:
        before = np.random.get_state()  # noqa: NPY002
        np.random.seed(int(rng.integers(2**32)))  # noqa: NPY002
        try:
            yield
        finally:
            np.random.set_state(before)  # noqa: NPY002


@dataclass(frozen=True)
class FromModal:
    """Strategy made by `from_modal`."""

    query_strategy: Callable[..., Any]

    @property
    def __name__(self) -> str:
        return str(getattr(self._function, "__name__", type(self._function).__name__))

    @property
    def needs(self) -> tuple[str, ...]:
        """Methods of the learner, any one of which is enough."""
        own = str(getattr(self._function, "__module__", "")).startswith("modAL.")
        return _MODAL_NEEDS.get(self.__name__, ()) if own else ()

    @property
    def kinds(self) -> tuple[LabelKind, ...]:
        """The kinds of labels that it is for: of modAL's own any number of classes for those in its module for them."""
        module = str(getattr(self._function, "__module__", ""))
        if module == "modAL.multilabel":
            return (MULTILABEL,)
        return (MULTICLASS,) if module.startswith("modAL.") else BOTH_KINDS

    @property
    def _function(self) -> Any:
        function = self.query_strategy
        while isinstance(function, functools.partial):
            function = function.func
        return function

    def select(self, view: PoolView, n: int) -> IntArray:
        """Return row numbers into ``view.candidates``, as a learner that asks by this strategy gives them."""
        if not hasattr(view.learner, "query"):
            raise TypeError(
                f"the learner is {type_name(view.learner)}; expected a fitted modAL learner, which "
                f"{self.__name__!r} asks."
            )
        learner = copy.copy(view.learner)
        learner.query_strategy = self.query_strategy
        # Distances between samples that are not numbers are measured behind the learner's Pipeline.
        learner.on_transformed |= features_of(view.take(view.candidates[:1]), None) is None
        with seeded(view.rng):
            rows: IntArray = learner.query(view.take(view.candidates), n_instances=n)[0]
        return rows


@dataclass(frozen=True, eq=False)
class FromSkactiveml:
    """Strategy made by `from_skactiveml`."""

    query_strategy: Any
    features = True
    kinds = (MULTICLASS,)

    @property
    def __name__(self) -> str:
        return f"skactiveml {type(self.query_strategy).__name__}"

    @property
    def needs(self) -> tuple[str, ...]:
        """Methods of the learner, any one of which is enough."""
        return next((_SKACTIVEML_MODELS[name] for name in _asked_for(self.query_strategy)), ())

    def select(self, view: PoolView, n: int) -> IntArray:
        """Return row numbers into ``view.candidates``, as the strategy gives them."""
        from alwidgets.strategies.pool_classifier import PoolSamples, skactiveml_model

        samples = PoolSamples(view)
        models = {name: skactiveml_model(name, samples) for name in _asked_for(self.query_strategy)}
        # Labels go by their position in the session's classes: missing ones are NaN, whatever the labels are.
        y = np.append(np.full(len(view.candidates), np.nan), samples.codes)
        with seeded(view.rng):
            rows: IntArray = self._strategy(view).query(
                samples.points, y, candidates=np.arange(len(view.candidates)), batch_size=n, **models
            )
        return rows

    def _strategy(self, view: PoolView) -> Any:
        """Return a clone that draws by the session's seed and knows its labels by position."""
        from sklearn.base import clone

        code_of = {label: code for code, label in enumerate(np.asarray(view.classes).tolist())}
        made = clone(self.query_strategy)
        changes: dict[str, Any] = {}
        for name, value in made.get_params(deep=True).items():
            match name.split("__")[-1]:
                case "random_state":
                    changes[name] = int(view.rng.integers(2**31))
                case "missing_label":
                    changes[name] = np.nan
                case "classes" if value is not None:
                    changes[name] = [code_of[label] for label in np.asarray(value).tolist()]
        return made.set_params(**changes)


@dataclass(frozen=True, eq=False)
class FromSmallText:
    """Strategy made by `from_small_text`."""

    query_strategy: Any
    features = True
    needs = _PROBA
    kinds = (MULTICLASS,)

    @property
    def __name__(self) -> str:
        return f"small-text {type(self.query_strategy).__name__}"

    def select(self, view: PoolView, n: int) -> IntArray:
        """Return row numbers into ``view.candidates``, as the strategy gives them."""
        from alwidgets.strategies.pool_classifier import PoolSamples, SmallTextClassifier, small_text_dataset

        samples = PoolSamples(view)
        n_candidates = len(view.candidates)
        strategy = copy.deepcopy(self.query_strategy)
        with seeded(view.rng):
            rows = strategy.query(
                SmallTextClassifier(samples),
                small_text_dataset(samples),
                np.arange(n_candidates),
                np.arange(n_candidates, len(samples.points)),
                samples.codes,
                n=n,
            )
        return _best_first(np.asarray(rows), strategy)


def _best_first(rows: IntArray, strategy: Any) -> IntArray:
    """Return a batch in the order of the scores it was chosen by: small-text leaves it as argpartition does."""
    if not hasattr(strategy, "lower_is_better"):
        return rows
    confidence = strategy.scores_[rows] if strategy.lower_is_better else -strategy.scores_[rows]
    return rows[np.argsort(confidence, kind="stable")]


def _asked_for(query_strategy: Any) -> list[str]:
    """Return the names of the models that a strategy of scikit-activeml cannot be queried without."""
    parameters = inspect.signature(query_strategy.query).parameters.values()
    return [
        each.name
        for each in parameters
        if each.default is each.empty and each.name not in ("X", "y") and each.kind is not each.VAR_KEYWORD
    ]


def _imported(module: str, extra: str) -> Any:
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"{error.name} is not installed; install it with: pip install 'alwidgets[{extra}]'", name=error.name
        ) from error
