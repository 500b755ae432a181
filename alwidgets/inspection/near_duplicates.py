"""Samples that are nearly the same as another."""

from __future__ import annotations

import numpy as np

from alwidgets.kernels.duplicates import cosine_similarity, is_near
from alwidgets.strategies import Features
from alwidgets.types import IntArray

# Rows whose features are held at once.
_AT_ONCE = 20_000


def near_duplicates_of(item: int, rows: IntArray, features: Features, threshold: float) -> IntArray:
    """Return the rows with features nearly parallel to those of a sample, nearest first, without the sample.

    Parameters
    ----------
    item : int
        The sample's row.
    rows : ndarray of int, shape (n_rows,)
        Rows to choose from.
    features : Features
        In which they are compared.
    threshold : float
        Cosine similarity, above 0 and at most 1.

    Returns
    -------
    rows : ndarray of int
        Empty where samples cannot be compared. Costs O(n_rows * n_features).
    """
    if features.raw is None or not len(rows):
        return np.empty(0, np.intp)
    here = features.at(np.array([item]))
    parts = [rows[start : start + _AT_ONCE] for start in range(0, len(rows), _AT_ONCE)]
    similarity = np.concatenate([cosine_similarity(features.at(part), here)[:, 0] for part in parts])
    near = np.flatnonzero(is_near(similarity, threshold) & (rows != item))
    found: IntArray = rows[near[np.argsort(-similarity[near], kind="stable")]]
    return found
