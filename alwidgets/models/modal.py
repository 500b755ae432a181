"""modAL's learners on today's scikit-learn, NumPy and pandas, with modAL and without it.

modAL 0.4.2 still imports, but most of what it does after that fails or errs quietly with current releases of
what it stands on. Where it is installed the two classes here *are* modAL learners, with all methods replaced. Nothing
of modAL itself is patched: a learner that a user made with modAL's own classes is rebuilt as one of these (`spec`).
"""

from __future__ import annotations

import contextlib
import copy
import functools
import inspect
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.ensemble import StackingClassifier, VotingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.metrics import accuracy_score
from sklearn.pipeline import Pipeline
from sklearn.utils import check_X_y, get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from alwidgets.data.conversion import as_rows, one_row, without_names
from alwidgets.data.kinds import pool_of
from alwidgets.data.label_kinds import is_indicator, kind_of_y
from alwidgets.data.lending import Loans
from alwidgets.data.pool import (
    beside,
    n_rows,
    stack,
    take,
)
from alwidgets.models.kept_steps import Kept, asked
from alwidgets.models.modal_fallback import (
    COMMITTEE_ASKS,
    LEARNER_ASKS,
    MODAL_COMMITTEE,
    MODAL_LEARNER,
)
from alwidgets.types import IntArray
from alwidgets.utils.text import redacted


def _estimator_has(method: str) -> Callable[[Any], bool]:
    return lambda learner: hasattr(learner.estimator, method)


def _members_have(method: str) -> Callable[[Any], bool]:
    return lambda committee: all(hasattr(member, method) for member in committee.learner_list)


class ActiveLearner(MODAL_LEARNER):  # type: ignore[misc]
    """A learner as modAL has it, which works on current scikit-learn, NumPy and pandas.

    Parameters
    ----------
    estimator : classifier
        The scikit-learn model.
    query_strategy : callable
        ``f(learner, X_pool, n_instances=1) -> indices`` or ``(indices, metrics)``.
    X_training, y_training : array-like of shape (n_labeled, ...), optional
        The labeled set; the estimator is fitted on it at once.
    bootstrap_init : bool
        Fit the first time on a bootstrap sample of it, with at least one sample of each class.
    on_transformed : bool
        Whether modAL's strategies measure distances behind the estimator's preprocessing.
    force_all_finite : bool
        False lets NaN through to an estimator that accepts it.
    random_state : int or None
        Seeds the bootstrap.
    **fit_kwargs
        Passed to the estimator's `fit`.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> learner = ActiveLearner(GaussianNB(), X_training=np.array([[0.0], [4.0]]), y_training=np.array([0, 1]))
    >>> learner.teach(np.array([[1.0]]), np.array([0]))
    >>> learner.X_training.shape
    (3, 1)
    """

    def __init__(
        self,
        estimator: Any,
        query_strategy: Callable[..., Any] = LEARNER_ASKS,
        X_training: Any = None,
        y_training: Any = None,
        bootstrap_init: bool = False,
        on_transformed: bool = False,
        force_all_finite: bool = True,
        random_state: int | None = None,
        **fit_kwargs: Any,
    ) -> None:
        self.estimator = estimator
        self.query_strategy = query_strategy
        self.on_transformed = on_transformed
        self.loans = Loans()
        #: What is kept of the estimator's leading steps; None where nothing is.
        self.kept: Kept | None = None
        self.force_all_finite = force_all_finite
        self.bootstrap_init = bootstrap_init
        self.random_state = random_state
        self.X_training = X_training
        self.y_training = y_training
        if X_training is not None:
            self._fit_to_known(bootstrap=bootstrap_init, **fit_kwargs)

    def __repr__(self, N_CHAR_MAX: int = 700) -> str:
        n_labeled = 0 if self.X_training is None else len(self.y_training)
        return redacted(f"ActiveLearner({self.estimator!r}, n_labeled={n_labeled})")

    def __sklearn_tags__(self) -> Any:
        return get_tags(self.estimator)

    def __sklearn_clone__(self) -> ActiveLearner:
        # Folds of the labeled set are of the same texts.
        made: ActiveLearner = BaseEstimator.__sklearn_clone__(self)
        made.kept = self.kept
        return made

    @property
    def classes_(self) -> Any:
        """The classes the estimator has seen."""
        return self.estimator.classes_

    def __sklearn_is_fitted__(self) -> bool:
        try:
            check_is_fitted(self.estimator)
        except NotFittedError:
            return False
        return True

    def predict(self, X: Any, **kwargs: Any) -> Any:
        """Predict one class per sample, or an indicator matrix in a multilabel task."""
        predicted = self._asked("predict", X, **kwargs)
        if kwargs:
            # Some return more than predictions when told to.
            return predicted
        n_samples = len(X) if isinstance(X, list) else n_rows(X)
        return kind_of_y(self.y_training).as_predictions(predicted, n_samples, type(self.estimator).__name__)

    @available_if(_estimator_has("predict_proba"))  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Any, **kwargs: Any) -> Any:
        """Return the class probabilities, columns in the order of `classes_`."""
        return self._asked("predict_proba", X, **kwargs)

    @available_if(_estimator_has("decision_function"))  # type: ignore[untyped-decorator]
    def decision_function(self, X: Any, **kwargs: Any) -> Any:
        """Return the values of the estimator's decision function."""
        return self._asked("decision_function", X, **kwargs)

    def score(self, X: Any, y: Any, **kwargs: Any) -> Any:
        """Return the estimator's score, the accuracy if it has no other."""
        return self._asked("score", X, y, **kwargs)

    def transform_without_estimating(self, X: Any) -> Any:
        """Return the input of the last step of the estimator's Pipeline; of an ensemble that of each member."""
        X = self._like_training(X)
        several = isinstance(self.estimator, VotingClassifier | StackingClassifier)
        models = self.estimator.estimators_ if several else [self.estimator]
        parts = [part for part in (self._before_last(each, X) for each in models) if part is not None]
        return beside(parts) if parts else X

    def _before_last(self, estimator: Any, X: Any) -> Any:
        """Return the input of the last step of a Pipeline; None for other estimators."""
        if not isinstance(estimator, Pipeline):
            return None
        kept = self.kept if estimator is self.estimator else None
        rest = None if kept is None else kept.rest(estimator, X)
        if rest is not None:
            transformed = asked("transform", rest[0][:-1], rest[1]) if len(rest[0]) > 1 else rest[1]
        else:
            transformed = self.loans.to(estimator[:-1].transform, X) if len(estimator) > 1 else X
        return without_names(transformed)

    def fit(self, X: Any, y: Any, bootstrap: bool = False, **fit_kwargs: Any) -> ActiveLearner:
        """Forget the labeled set, take this one and fit; on an error the learner stays as it was."""
        X, y = self._check_samples(X, y)
        with _all_or_nothing([self]):
            self.X_training, self.y_training = X, y
            self._fit_to_known(bootstrap=bootstrap, **fit_kwargs)
        return self

    def teach(self, X: Any, y: Any, bootstrap: bool = False, only_new: bool = False, **fit_kwargs: Any) -> None:
        """Add samples to the labeled set and refit; on an error the learner stays as it was.

        Parameters
        ----------
        X : array-like of shape (n_new, ...)
            New samples; one sample may come as a single row with a single label.
        y : array-like of shape (n_new,)
            Their labels.
        bootstrap : bool
            Fit on a bootstrap sample with at least one sample of each class.
        only_new : bool
            Fit on the new samples alone, and do not keep them.
        **fit_kwargs
            Passed to the estimator's `fit`.
        """
        X, y = self._check_samples(X, y)
        with _all_or_nothing([self]):
            if not only_new:
                if self.X_training is not None:
                    X, y = stack(self.X_training, X), np.concatenate([np.asarray(self.y_training), y])
                self.X_training, self.y_training = X, y
            self._fit_on_new(X, y, bootstrap=bootstrap, **fit_kwargs)

    def query(self, X_pool: Any, *query_args: Any, return_metrics: bool = False, **query_kwargs: Any) -> Any:
        """Return the row numbers to ask, best first, and the rows; at most as many as the pool has.

        Raises
        ------
        NotFittedError
            If the estimator has not been fitted.
        """
        self._check_fitted()
        return _query(self, X_pool, query_args, query_kwargs, return_metrics=return_metrics)

    def _asked(self, method: str, X: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            # Read once: it is forgotten when a session is closed.
            kept = None if kwargs else self.kept
            rest = None if kept is None else kept.rest(self.estimator, X)
            if rest is not None:
                return asked(method, *rest, *args)
            return self.loans.to(getattr(self.estimator, method), self._like_training(X), *args, **kwargs)
        except Exception:
            # Never having been fitted explains all else. To look takes longer than a small prediction.
            self._check_fitted()
            raise

    def _check_fitted(self) -> None:
        if not self.__sklearn_is_fitted__():
            raise NotFittedError(_unfitted(type(self.estimator).__name__))

    def _check_samples(self, X: Any, y: Any) -> tuple[Any, Any]:
        if np.ndim(y) == 0:
            # One sample as users write it: teach(X[3], y[3]).
            X, y = one_row(X), [y]
        y = np.asarray(y)
        check_X_y(
            X, y, accept_sparse=True, ensure_2d=False, allow_nd=True, multi_output=True, dtype=None,
            ensure_all_finite=self.force_all_finite,
        )  # fmt: skip
        return X, y

    def _fit_to_known(self, bootstrap: bool = False, **fit_kwargs: Any) -> ActiveLearner:
        return self._fit_on_new(self.X_training, self.y_training, bootstrap=bootstrap, **fit_kwargs)

    def _fit_on_new(self, X: Any, y: Any, bootstrap: bool = False, **fit_kwargs: Any) -> ActiveLearner:
        if bootstrap:
            rows = _stratified_bootstrap(np.asarray(y), np.random.default_rng(self.random_state))
            X = [X[i] for i in rows] if isinstance(X, list) else take(X, rows)
            y = np.asarray(y)[rows]
        kept = None if fit_kwargs else self.kept
        if kept is None or not kept.fit(self.estimator, X, y):
            self.loans.to(self.estimator.fit, X, y, **fit_kwargs)
        return self

    def _like_training(self, X: Any) -> Any:
        # modAL's strategies turn a DataFrame into an array; the estimator wants its column names back.
        names = getattr(self.estimator, "feature_names_in_", None)
        if names is not None and isinstance(X, np.ndarray) and X.ndim == 2 and X.shape[1] == len(names):  # noqa: PLR2004
            import pandas as pd

            return pd.DataFrame(X, columns=names)
        return X


class Committee(MODAL_COMMITTEE):  # type: ignore[misc]
    """A committee as modAL has it, which works on current scikit-learn, NumPy and pandas.

    Parameters
    ----------
    learner_list : list of ActiveLearner
        The members.
    query_strategy : callable
        ``f(committee, X_pool, n_instances=1) -> indices`` or ``(indices, metrics)``.
    on_transformed : bool
        Whether modAL's strategies measure distances behind the members' preprocessing.
    """

    def __init__(
        self,
        learner_list: list[ActiveLearner],
        query_strategy: Callable[..., Any] = COMMITTEE_ASKS,
        on_transformed: bool = False,
    ) -> None:
        self.learner_list = learner_list
        self.query_strategy = query_strategy
        self.on_transformed = on_transformed
        self.X_training = learner_list[0].X_training if learner_list else None
        self._set_classes()

    def __iter__(self) -> Iterator[ActiveLearner]:
        return iter(self.learner_list)

    def __len__(self) -> int:
        return len(self.learner_list)

    def __repr__(self, N_CHAR_MAX: int = 700) -> str:
        return f"Committee([{', '.join(map(repr, self.learner_list))}])"

    def __sklearn_tags__(self) -> Any:
        return get_tags(self.learner_list[0].estimator)

    def __sklearn_is_fitted__(self) -> bool:
        return self.classes_ is not None

    def fit(self, X: Any, y: Any, **fit_kwargs: Any) -> Committee:
        """Forget the labeled sets, take this one and fit every member; on an error all stay as they were."""
        with _all_or_nothing(self.learner_list):
            for member in self.learner_list:
                member.fit(X, y, **fit_kwargs)
        self._learned()
        return self

    def rebag(self, **fit_kwargs: Any) -> None:
        """Refit every member on a bootstrap sample of its labeled set; on an error all stay as they were."""
        with _all_or_nothing(self.learner_list):
            for member in self.learner_list:
                member._fit_to_known(bootstrap=True, **fit_kwargs)  # noqa: SLF001 - as modAL has it
        self._learned()

    def teach(self, X: Any, y: Any, bootstrap: bool = False, only_new: bool = False, **fit_kwargs: Any) -> None:
        """Add samples to every member's labeled set and refit; as in `ActiveLearner.teach`, all or none."""
        with _all_or_nothing(self.learner_list):
            for member in self.learner_list:
                member.teach(X, y, bootstrap=bootstrap, only_new=only_new, **fit_kwargs)
        self._learned()

    def _learned(self) -> None:
        self._set_classes()
        self.X_training = self.learner_list[0].X_training

    def _set_classes(self) -> None:
        seen: list[Any] = [getattr(each.estimator, "classes_", ()) for each in self.learner_list]
        # Some have classes before a fit, and none in them.
        fitted = bool(seen) and all(np.ndim(known) == 1 and len(known) for known in seen)
        self.classes_: Any = np.unique(np.concatenate(seen)) if fitted else None
        self.n_classes_ = 0 if self.classes_ is None else len(self.classes_)

    def transform_without_estimating(self, X: Any) -> Any:
        """Return the inputs of the last steps of the members' Pipelines, side by side."""
        return beside([member.transform_without_estimating(X) for member in self.learner_list])

    def query(self, X_pool: Any, *query_args: Any, return_metrics: bool = False, **query_kwargs: Any) -> Any:
        """Return the row numbers to ask, best first, and the rows; at most as many as the pool has.

        Raises
        ------
        NotFittedError
            If the members have not been fitted.
        """
        if self.classes_ is None:
            raise NotFittedError(_unfitted("The committee"))
        return _query(self, X_pool, query_args, query_kwargs, return_metrics=return_metrics)

    @available_if(_members_have("predict_proba"))  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Any, **kwargs: Any) -> Any:
        """Return the mean of the members' class probabilities."""
        return np.mean(self.vote_proba(X, **kwargs), axis=1)

    @available_if(_members_have("predict_proba"))  # type: ignore[untyped-decorator]
    def vote_proba(self, X: Any, **kwargs: Any) -> Any:
        """Return every member's class probabilities, shape (n_samples, n_members, n_classes)."""
        rows = as_rows(X)
        proba = np.zeros((n_rows(rows), len(self.learner_list), self.n_classes_))
        for place, member in enumerate(self.learner_list):
            # One that has not seen a class gives it no probability.
            proba[:, place, np.searchsorted(self.classes_, member.classes_)] = member.predict_proba(rows, **kwargs)
        return proba

    def predict(self, X: Any, **kwargs: Any) -> Any:
        """Predict the class with the largest mean probability, or by majority vote if there are no probabilities."""
        if hasattr(self, "predict_proba"):
            return self.classes_[self.predict_proba(X, **kwargs).argmax(axis=1)]
        votes = self.vote(X, **kwargs)
        shares = np.stack([(votes == label).mean(axis=1) for label in self.classes_], axis=1)
        return self.classes_[shares.argmax(axis=1)]

    def vote(self, X: Any, **kwargs: Any) -> Any:
        """Return every member's predicted class, shape (n_samples, n_members)."""
        return np.stack([member.predict(X, **kwargs) for member in self.learner_list], axis=1)

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Return the accuracy."""
        return accuracy_score(y, self.predict(X), sample_weight=sample_weight)


def _unfitted(name: str) -> str:
    return f"{name} has not been fitted, so it can tell nothing; teach it samples of two classes first."


@contextlib.contextmanager
def _all_or_nothing(learners: list[Any]) -> Iterator[None]:
    """Bring labeled sets and models back as they were when a fit fails halfway."""
    before = [(each, each.X_training, each.y_training, copy.deepcopy(vars(each.estimator))) for each in learners]
    try:
        yield
    except BaseException:
        for each, X, y, fitted in before:
            each.X_training, each.y_training = X, y
            vars(each.estimator).clear()
            vars(each.estimator).update(fitted)
        raise


def _plain(X: Any) -> Any:
    """Return lists and numeric DataFrames as arrays, which is what modAL's strategies can take rows of."""
    rows = as_rows(X)
    # A learner that was fitted elsewhere has no samples of its own.
    return without_names(rows) if rows is not None and pool_of(rows).numeric else rows


def _query(learner: Any, X_pool: Any, args: Any, kwargs: Any, *, return_metrics: bool) -> Any:
    rows = _plain(X_pool)
    n_pool = int(rows.shape[0])
    if args:
        args = (min(args[0], n_pool), *args[1:])
    elif "n_instances" in kwargs:
        kwargs = {**kwargs, "n_instances": min(kwargs["n_instances"], n_pool)}
    indices: Any
    metrics: Any
    if n_pool == 0 or 0 in (*args[:1], kwargs.get("n_instances")):
        indices, metrics = np.empty(0, int), np.empty(0)
    else:
        asked = learner
        if (taught := _plain(learner.X_training)) is not learner.X_training:
            # Strategies that measure distances compare the pool with the labeled set, row by row.
            asked = copy.copy(learner)
            asked.X_training = taught
        # Called once: a strategy's own exception reaches the user as it is.
        if "n_instances" in kwargs and not _takes_n(learner.query_strategy):
            n = kwargs.pop("n_instances")
            indices, metrics = _one_by_one(partial(learner.query_strategy, asked, *args, **kwargs), rows, n)
        else:
            result = learner.query_strategy(asked, rows, *args, **kwargs)
            indices, metrics = _best_first(learner.query_strategy, *_unpacked(result))
    instances = [X_pool[i] for i in indices] if isinstance(X_pool, list) else take(X_pool, indices)
    return (indices, instances, metrics) if return_metrics else (indices, instances)


def _takes_n(strategy: Callable[..., Any]) -> bool:
    """Return whether a strategy can be told how many rows to choose; modAL's documents know some that cannot."""
    try:
        parameters = inspect.signature(strategy).parameters.values()
    except ValueError:
        return True
    return any(each.name == "n_instances" or each.kind is each.VAR_KEYWORD for each in parameters)


def _one_by_one(choose: Callable[[Any], Any], rows: Any, n: int) -> tuple[IntArray, None]:
    """Return the rows that a strategy chooses when it is asked, of what it left, until there are enough."""
    left, chosen = np.arange(n_rows(rows)), np.empty(0, np.intp)
    while len(chosen) < n:
        places, _ = _unpacked(choose(take(rows, left)))
        if not len(places):
            raise ValueError("the query strategy returned no row; expected at least one.")
        chosen = np.append(chosen, left[places])
        left = np.delete(left, places)
    return chosen[:n], None


def _unpacked(result: Any) -> tuple[Any, Any]:
    # Only a tuple is (indices, metrics); two plain indices are two indices.
    if isinstance(result, tuple):
        indices, metrics = result
        return np.atleast_1d(np.asarray(indices)), np.atleast_1d(np.asarray(metrics))
    return np.atleast_1d(np.asarray(result)), None


def _best_first(strategy: Callable[..., Any], indices: Any, metrics: Any) -> tuple[IntArray, Any]:
    # modAL leaves the order of a batch to argpartition, which differs from processor to processor.
    while isinstance(strategy, functools.partial):
        strategy = strategy.func
    if metrics is None or np.shape(metrics) != indices.shape or not _is_modal(strategy):
        return indices, metrics
    smallest = strategy.__name__ == "margin_sampling"
    order = np.argsort(metrics if smallest else -metrics, kind="stable")
    return indices[order], metrics[order]


def _is_modal(strategy: Callable[..., Any]) -> bool:
    module = str(getattr(strategy, "__module__", ""))
    return module in ("modAL.uncertainty", "modAL.disagreement")


def _stratified_bootstrap(y: Any, rng: np.random.Generator) -> IntArray:
    """Return as many rows as there are, drawn with replacement, each class at least once.

    Of an indicator matrix at least one row with, and one without, each class, as far as there are such.
    """
    if is_indicator(y):
        kinds = [column == value for column in y.T for value in np.unique(column)]
        sure = np.unique([rng.choice(np.flatnonzero(kind)) for kind in kinds])
    else:
        sure = np.array([rng.choice(np.flatnonzero(y == label)) for label in np.unique(y)])
    return np.concatenate([sure, rng.choice(len(y), len(y) - len(sure))])
