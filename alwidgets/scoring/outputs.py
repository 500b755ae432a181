"""Outputs of a model that a scorer reads: fitted, predicted before, or of folds."""

from __future__ import annotations

from typing import Any

import numpy as np

from alwidgets.data.label_kinds import is_indicator, kind_of_y
from alwidgets.data.labels import marginals
from alwidgets.utils.threads import fit_threads


class Outputs:
    """Outputs of a fitted learner for fixed samples, computed once and on demand."""

    def __init__(self, learner: Any, X: Any) -> None:
        self.learner, self.X = learner, X
        self._known: dict[str, Any] = {}

    @property
    def classes(self) -> Any:
        """The classes the learner knows; None when it does not tell."""
        return _of_each_column(self.get("predict")) or getattr(self.learner, "classes_", None)

    def has(self, method: str) -> bool:
        """Return whether this method's output can be had."""
        return hasattr(self.learner, method)

    def get(self, method: str) -> Any:
        """Return the output of a method."""
        if method not in self._known:
            values = getattr(self.learner, method)(self.X)
            known = getattr(self.learner, "classes_", None)
            self._known[method] = marginals(values, known) if isinstance(values, list) else np.asarray(values)
        return self._known[method]


class KnownOutputs:
    """Predictions that are there already."""

    def __init__(self, predicted: Any) -> None:
        self._predicted = predicted
        self.classes = _of_each_column(predicted) or np.unique(predicted)

    def has(self, method: str) -> bool:
        """Return whether this method's output can be had."""
        return method == "predict"

    def get(self, _method: str) -> Any:
        """Return the output of a method."""
        return self._predicted


class FoldOutputs:
    """Outputs of clones, each fitted without a fold, for that fold."""

    def __init__(self, estimator: Any, X: Any, y: Any, folds: Any) -> None:
        self._estimator, self._X, self._y, self._folds = estimator, X, y, folds
        self._known: dict[str, Any] = {}
        self.classes = _of_each_column(y) or np.unique(y)

    def has(self, method: str) -> bool:
        """Return whether this method's output can be had."""
        return hasattr(self._estimator, method)

    def get(self, method: str) -> Any:
        """Return the output of a method."""
        from sklearn.model_selection import cross_val_predict

        if method not in self._known:
            with fit_threads(self._X):
                values = cross_val_predict(self._estimator, self._X, self._y, cv=self._folds, method=method)
            if isinstance(values, list):
                values = marginals(values, [np.unique(column) for column in self._y.T])
            if method == "predict":
                values = kind_of_y(self._y).as_predictions(values, len(self._y))
            self._known[method] = values
        return self._known[method]


def _of_each_column(y: Any) -> list[Any] | None:
    """Return the classes in scikit-learn's multilabel format; None in single-label tasks."""
    return [np.array([0, 1])] * y.shape[1] if is_indicator(y) else None
