"""Wrapper for classifiers that only accept the labels 0, 1, 2, ..., to accept any labels."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags
from sklearn.utils.metaestimators import available_if

from alwidgets.data.label_kinds import MULTICLASS, ShapeError
from alwidgets.utils.text import short_repr


def _fitted_has(method: str) -> Any:
    return lambda self: hasattr(getattr(self, "estimator_", self.estimator), method)


class Encoded(ClassifierMixin, MetaEstimatorMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A classifier fitted on 0, 1, 2, ... for the classes among its labels; it answers with the classes.

    Parameters
    ----------
    estimator : classifier
        Cloned for each fit.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The classes among the labels, sorted.
    estimator_ : classifier
        The fitted one, whose classes are their positions.

    Examples
    --------
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> model = Encoded(KNeighborsClassifier(1)).fit([[0.0], [1.0]], ["ham", "spam"])
    >>> model.predict([[0.9]]), model.estimator_.predict([[0.9]])
    (array(['spam'], dtype='<U4'), array([1]))
    """

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator

    def __sklearn_tags__(self) -> Any:
        return get_tags(self.estimator)

    def fit(self, X: Any, y: Any, **fit_params: Any) -> Encoded:
        """Fit a clone of the estimator on the positions of the labels in `classes_`."""
        self.classes_, codes = np.unique(np.asarray(y), return_inverse=True)
        self.estimator_ = clone(self.estimator).fit(X, codes, **fit_params)
        return self

    def predict(self, X: Any) -> Any:
        """Return the predicted classes.

        Raises
        ------
        ValueError
            If the estimator predicts anything but the positions of classes.
        """
        name, k = type(self.estimator_).__name__, len(self.classes_)
        n_samples = X.shape[0] if hasattr(X, "shape") else len(X)
        said = MULTICLASS.as_predictions(self.estimator_.predict(X), n_samples, name)
        codes = _whole_numbers(said)
        if codes is not None and (not len(codes) or 0 <= codes.min() <= codes.max() < k):
            return self.classes_[codes]
        if codes is not None and codes.min() >= 0 and codes.max() < self._n_outputs(X):
            return self.classes_[self.predict_proba(X).argmax(axis=1)]
        strange = next(value for value in said.tolist() if not _is_code(value, k))
        raise ShapeError(
            f"{name} predicts {short_repr(strange)} after a fit on the codes 0 to {k - 1} of the classes "
            f"{short_repr(self.classes_.tolist())}; expected one of these codes for each sample."
        )

    def _n_outputs(self, X: Any) -> int:
        """Return the number of outputs of a network that may predict classes without a label; 0 if unknown."""
        if not hasattr(self.estimator_, "predict_proba"):
            return 0
        shape = np.shape(self.estimator_.predict_proba(X))
        return int(shape[1]) if len(shape) == 2 else 0  # noqa: PLR2004

    @available_if(_fitted_has("predict_proba"))  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Any) -> Any:
        """Return the class probabilities, columns in the order of `classes_`.

        Networks have an output for each class there may be: those of classes without a label are left out.
        """
        proba = np.asarray(self.estimator_.predict_proba(X))
        known = proba[:, : len(self.classes_)]
        if known.shape == proba.shape or not np.allclose(proba.sum(axis=1), 1, atol=1e-3):
            return proba
        return known / known.sum(axis=1, keepdims=True)

    @available_if(_fitted_has("decision_function"))  # type: ignore[untyped-decorator]
    def decision_function(self, X: Any) -> Any:
        """Return the values of the estimator's decision function."""
        return self.estimator_.decision_function(X)

    @property
    def feature_names_in_(self) -> Any:
        """The names of the columns it was fitted on, where there were such."""
        return self.estimator_.feature_names_in_


def _whole_numbers(said: Any) -> Any:
    """Convert predictions to whole numbers; None if they are not whole."""
    if said.dtype == object and all(isinstance(value, Real) for value in said.tolist()):
        said = said.astype(np.float64)
    if said.dtype.kind not in "iufb" or not np.all(np.isfinite(said)):
        return None
    codes = said.astype(np.intp)
    return codes if np.array_equal(codes, said) else None


def _is_code(value: Any, n_classes: int) -> bool:
    return isinstance(value, int | float | np.integer | np.floating) and bool(
        0 <= value < n_classes and value == int(value)
    )


def encoded(estimator: Any) -> Any:
    """Return a clone of a classifier that takes any labels; of a Pipeline it is the last step that is wrapped.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> encoded(GaussianNB())
    Encoded(estimator=GaussianNB())
    """
    made = clone(estimator)
    if isinstance(made, Pipeline):
        name, last = made.steps[-1]
        return made.set_params(**{name: Encoded(last)})
    return Encoded(made)


def bare(estimator: Any) -> Any:
    """Return the wrapped estimator, or any other object unchanged."""
    return estimator.estimator if isinstance(estimator, Encoded) else estimator
