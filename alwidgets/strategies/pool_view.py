"""What a query strategy sees of a session."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from alwidgets.pool import chunks, is_text, n_rows, take
from alwidgets.types import FloatArray, IntArray

# Above this share of the pool it is cheaper to predict every row than to copy the candidates out.
_DENSE = 0.5


@dataclass(frozen=True, eq=False)
class PoolView:
    """The pool at the moment of a query. Nothing in it may be changed.

    Parameters
    ----------
    X : ndarray, CSR matrix, DataFrame or array of str, of shape (n_samples, ...)
        All samples; ``view.take(view.candidates)`` are those that may be asked, and of an array
        ``view.X[view.candidates]`` are the same.
    candidates : ndarray of shape (n_candidates,)
        Row numbers of the samples that may be asked, ascending.
    labelled : ndarray of shape (n_labelled,)
        Row numbers of the training set, ascending.
    labels : ndarray of shape (n_labelled,)
        Their labels.
    classes : ndarray of shape (n_classes,)
        The declared classes; the columns of `proba` follow this order.
    learner : estimator or None
        The fitted modAL learner; None before the first fit.
    rng : numpy.random.Generator
        The only randomness to use, so that a session can be repeated.
    """

    X: Any
    candidates: IntArray
    labelled: IntArray
    labels: Any
    classes: Any
    learner: Any
    rng: np.random.Generator

    def take(self, rows: IntArray) -> Any:
        """Return the samples at these row numbers, by position also of a DataFrame."""
        return take(self.X, rows)

    @cached_property
    def proba(self) -> FloatArray:
        """Class probabilities of the candidates, shape (n_candidates, n_classes).

        A class that the model has not seen has probability 0.
        """
        proba = self._predict("predict_proba")
        known, declared = np.asarray(self.learner.classes_).tolist(), np.asarray(self.classes).tolist()
        if known == declared:
            return proba
        column_of = {label: column for column, label in enumerate(declared)}
        for label in known:
            if label not in column_of:
                raise ValueError(f"the model knows the class {label!r}; expected only {declared}.")
        aligned = np.zeros((len(proba), len(declared)), proba.dtype)
        aligned[:, [column_of[label] for label in known]] = proba
        return aligned

    @cached_property
    def decision(self) -> FloatArray:
        """Values of the decision function at the candidates, as scikit-learn returns them."""
        return self._predict("decision_function")

    @cached_property
    def n_classes_seen(self) -> int:
        """How many of the declared classes have a label."""
        return len(set(self.labels.tolist()))

    def _predict(self, method: str) -> FloatArray:
        if self.learner is None:
            raise ValueError(f"There is no fitted model yet, so no {method}; label at least one sample of two classes.")
        predict = getattr(self.learner, method)
        total = n_rows(self.X)
        if len(self.candidates) < _DENSE * total:
            return np.asarray(predict(take(self.X, self.candidates)))
        parts = [predict(self.X if _whole(rows, total) else _slice(self.X, rows)) for rows in chunks(self.X)]
        values = np.asarray(parts[0] if len(parts) == 1 else np.concatenate(parts))
        return values if len(self.candidates) == total else values[self.candidates]


def _whole(rows: slice, total: int) -> bool:
    return bool(rows.start == 0 and rows.stop == total)


def _slice(X: Any, rows: slice) -> Any:
    return X[rows] if isinstance(X, np.ndarray) or is_text(X) else take(X, np.arange(rows.start, rows.stop))
