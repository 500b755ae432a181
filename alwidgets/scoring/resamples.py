"""Scores of many resamples at once, computed from class counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from alwidgets.data.label_kinds import MULTILABEL, LabelKind, is_indicator, kind_of_y
from alwidgets.types import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class _Counts:
    """Counts in each resample.

    Parameters
    ----------
    right, true, predicted : ndarray of shape (n_resamples, n_classes)
        Samples of each class that are predicted as it, samples of it, and samples predicted as it.
    there : ndarray of shape (n_resamples, n_classes)
        Which classes a mean over the classes is of.
    """

    right: FloatArray
    true: FloatArray
    predicted: FloatArray
    there: Any


def resampled(scorer: Any, y: Any, predicted: Any, draws: IntArray) -> FloatArray | None:
    """Return a scorer's value of each resample; None where it takes more than the counts of each class.

    Parameters
    ----------
    scorer : callable
        Those of scikit-learn that `make_scorer` makes of F, precision, recall and Jaccard scores, of averages
        "macro", "micro" and "weighted", and of the balanced accuracy, are known.
    y, predicted : ndarray of shape (n_samples,) or (n_samples, n_classes)
        Labels and predictions; in a multilabel task indicator matrices.
    draws : ndarray of int of shape (n_resamples, n_samples)
        Row numbers.

    Returns
    -------
    values : ndarray of shape (n_resamples,) or None
        As the scorer gives them. O(n_resamples * n_samples * n_classes).

    Examples
    --------
    >>> from sklearn.metrics import get_scorer
    >>> y, predicted = np.array(["ham", "spam", "spam"]), np.array(["ham", "ham", "spam"])
    >>> resampled(get_scorer("f1_macro"), y, predicted, np.array([[0, 1, 2], [0, 0, 2]])).round(2)
    array([0.67, 1.  ])
    """
    value_of = _value_of(scorer, kind_of_y(y))
    if value_of is None:
        return None
    n_resamples, n_samples = draws.shape
    places = draws + n_samples * np.arange(n_resamples)[:, None]
    # How often each sample is in each resample.
    often = np.bincount(places.ravel(), minlength=draws.size).reshape(draws.shape).astype(np.float64)
    labels = None if is_indicator(y) else np.union1d(y, predicted)
    of_y, of_predicted = (_indicator(values, labels) for values in (y, predicted))
    right, true, predicted = (often @ columns for columns in (of_y * of_predicted, of_y, of_predicted))
    # A label of one class that neither is nor is predicted in a resample is not one of its classes.
    there = np.ones(true.shape, bool) if labels is None else (true + predicted) > 0
    return value_of(_Counts(right, true, predicted, there))


def _indicator(values: Any, labels: Any) -> FloatArray:
    columns: FloatArray = (values if labels is None else values[:, None] == labels).astype(np.float64)
    return columns


def _value_of(scorer: Any, kind: LabelKind) -> Callable[[_Counts], FloatArray] | None:
    """Return the function that computes a scorer's value from counts; None if there is none."""
    from sklearn.metrics import balanced_accuracy_score

    function, given = getattr(scorer, "_score_func", None), dict(getattr(scorer, "_kwargs", {}))
    if function is None or getattr(scorer, "_sign", 0) != 1 or getattr(scorer, "_response_method", "") != "predict":
        return None
    if function is balanced_accuracy_score:
        return None if kind is MULTILABEL or given else _balanced_accuracy
    ratio, average = _ratios().get(function), given.pop("average", None)
    # A `pos_label` is for the average "binary"; what else may be given changes what is counted.
    if ratio is None or average not in ("macro", "micro", "weighted") or set(given) - {"pos_label"}:
        return None
    return lambda counts: _averaged(ratio, counts, average)


def _ratios() -> dict[Any, Callable[[FloatArray, FloatArray, FloatArray], FloatArray]]:
    """Return the functions that compute per-class scores from right, true and predicted."""
    from sklearn.metrics import f1_score, jaccard_score, precision_score, recall_score

    return {
        f1_score: lambda right, true, predicted: _divided(2 * right, true + predicted),
        precision_score: lambda right, _true, predicted: _divided(right, predicted),
        recall_score: lambda right, true, _predicted: _divided(right, true),
        jaccard_score: lambda right, true, predicted: _divided(right, true + predicted - right),
    }


def _averaged(ratio: Callable[..., FloatArray], counts: _Counts, average: str) -> FloatArray:
    right, true, predicted = counts.right, counts.true, counts.predicted
    if average == "micro":
        return ratio(*(of_class.sum(axis=1) for of_class in (right, true, predicted)))
    weights = true if average == "weighted" else counts.there.astype(np.float64)
    return _divided((ratio(right, true, predicted) * weights).sum(axis=1), weights.sum(axis=1))


def _balanced_accuracy(counts: _Counts) -> FloatArray:
    n_true = np.count_nonzero(counts.true, axis=1).astype(np.float64)
    return _divided(_divided(counts.right, counts.true).sum(axis=1), n_true)


def _divided(above: FloatArray, below: FloatArray) -> FloatArray:
    """Return the ratio; 0 where there is nothing below, as scikit-learn has it."""
    ratio: FloatArray = np.divide(above, below, out=np.zeros(np.shape(above)), where=np.asarray(below) > 0)
    return ratio
