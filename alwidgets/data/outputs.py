"""Validation and conversion of model outputs before they are used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from alwidgets.utils.text import short_repr

_TWO_DIMENSIONS = 2


class ShapeError(ValueError):
    """Predictions of the wrong shape: not one per sample."""


def as_predictions(values: Any, n_samples: int, *, name: str = "the model", many: bool = False) -> Any:
    """Bring predictions into an array with one row a sample.

    Parameters
    ----------
    values : array-like of shape (n_samples,), (n_samples, 1) or (n_samples, n_classes)
        What `predict` returned. A single column is flattened, a sparse matrix made dense.
    n_samples : int
        The samples that were predicted.
    name : str
        What to call the model in an error.
    many : bool
        Whether a label is any number of classes: an indicator matrix is expected then.

    Returns
    -------
    predictions : ndarray of shape (n_samples,) or (n_samples, n_classes)

    Raises
    ------
    ValueError
        If they are of another shape.

    Examples
    --------
    >>> as_predictions([["ham"], ["spam"]], 2).tolist()
    ['ham', 'spam']
    """
    found = np.asarray(values.toarray() if hasattr(values, "toarray") else values)
    if not many and found.ndim == _TWO_DIMENSIONS and found.shape[1] == 1:
        found = found[:, 0]
    if found.ndim != 1 + many or len(found) != n_samples:
        expected = "an indicator matrix with one row a sample" if many else "one class a sample"
        got = f"shape {found.shape}" if found.ndim else short_repr(values)
        raise ShapeError(f"predict of {name} returned {got} for {n_samples} samples; expected {expected}.")
    return found


def check_known(predicted: Any, classes: Sequence[Any], *, many: bool = False) -> None:
    """Raise ValueError unless each prediction is one of the classes, or in a multi-label task 0 or 1.

    Parameters
    ----------
    predicted : ndarray of shape (n_samples,) or (n_samples, n_classes)
        As from `as_predictions`.
    classes : sequence of str, int, float or bool
        The declared classes.
    many : bool
        Whether predictions are an indicator matrix.

    Examples
    --------
    >>> check_known(np.array([0.0, 1.0]), [0, 1])
    >>> check_known(np.array(["yes", "maybe"]), ["yes", "no"])
    Traceback (most recent call last):
    ...
    ValueError: the model predicts 'maybe' for 1 of 2 samples; expected one of the classes ['yes', 'no'].
    """
    if many and predicted.dtype == bool:
        return
    values = predicted.ravel().tolist()
    known = {0, 1} if many else set(classes)
    # One cheap look for the usual case.
    if predicted.dtype != object and known.issuperset(values):
        return
    # What has no hash is no class.
    unknown = [value for value in values if type(value).__hash__ is None or value not in known]
    if unknown:
        expected = "0 or 1 for each class" if many else f"one of the classes {short_repr(list(classes))}"
        raise ValueError(
            f"the model predicts {short_repr(unknown[0])} for {len(unknown)} of {len(values)} samples; expected"
            f" {expected}."
        )
