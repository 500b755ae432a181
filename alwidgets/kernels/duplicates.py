"""Near-duplicate rows: those that point nearly the same way."""

from __future__ import annotations

import numpy as np

from alwidgets.kernels.arrays import check_matrix, quiet, tiles
from alwidgets.types import BoolArray, FloatArray

# What rounding may make of the cosine of two rows that point in the same direction.
_ROUNDING = 1e-12


@quiet
def duplicated(X: FloatArray, threshold: float, X_known: FloatArray | None = None) -> BoolArray:
    r"""Mark the rows that are near duplicates of a known row, or of an earlier row that is not marked.

    .. math:: \frac{x_i \cdot x_j}{\lVert x_i \rVert_2 \lVert x_j \rVert_2} \ge \tau

    where :math:`\tau` is the threshold. Rows of zeros are near duplicates of each other and of no other row.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_features)
        Samples, the most wanted first.
    threshold : float
        Cosine similarity from which two rows are near duplicates, above 0 and at most 1. At 1, those that point in
        the same direction.
    X_known : ndarray of shape (n_known, n_features), optional
        Samples that are there already.

    Returns
    -------
    duplicated : ndarray of bool, shape (n_rows,)
        The others differ from each other and from what is known. O(n_rows * (n_rows + n_known) * n_features) time,
        O((n_rows + n_known) * n_features) memory.

    Raises
    ------
    ValueError
        If `X` is not a matrix, holds NaN or infinity, or `threshold` is not in (0, 1].

    Examples
    --------
    >>> duplicated(np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 0.1]]), 0.95)
    array([False, False,  True])
    """
    X = check_matrix(X, "X")
    if not 0 < threshold <= 1:
        raise ValueError(f"threshold is {threshold}; expected a cosine similarity above 0, at most 1.")
    rows, known = _directions(X), _directions(X[:0] if X_known is None else check_matrix(X_known, "X_known"))
    found = np.zeros(len(X), bool)
    for part in tiles(len(X), len(known)):
        found[part] = is_near(rows[part] @ known.T, threshold).any(axis=1)
    for row in range(len(X)):
        if not found[row]:
            found[row + 1 :] |= is_near(rows[row + 1 :] @ rows[row], threshold)
    return found


@quiet
def cosine_similarity(X: FloatArray, Y: FloatArray) -> FloatArray:
    """Compute the cosine similarity of each row of X to each row of Y, in float64.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_features)
        Numbers of any size: their squares need not be.
    Y : ndarray of shape (n_others, n_features)
        The rows to compare with.

    Returns
    -------
    similarity : ndarray of shape (n_rows, n_others)
        In [-1, 1]; 1 of two rows of zeros, 0 of one and another. O(n_rows * n_others * n_features).

    Examples
    --------
    >>> cosine_similarity(np.array([[2.0, 0.0], [0.0, 0.0]]), np.array([[1.0, 0.0], [0.0, 1.0]]))
    array([[1., 0.],
           [0., 0.]])
    """
    similarity: FloatArray = _directions(X) @ _directions(Y).T
    return similarity


def is_near(similarity: FloatArray, threshold: float) -> BoolArray:
    """Return where a cosine similarity reaches a threshold, but for rounding."""
    near: BoolArray = similarity >= threshold - _ROUNDING
    return near


def _directions(X: FloatArray) -> FloatArray:
    """Return rows of length 1; those of zeros only have a direction of their own."""
    values = np.asarray(X, np.float64)
    # Squares of very small numbers are 0, of very large ones infinite.
    largest = np.abs(values).max(axis=1, initial=0, keepdims=True)
    values = values / np.where(largest > 0, largest, 1)
    values /= np.where(largest > 0, np.linalg.norm(values, axis=1, keepdims=True), 1)
    return np.hstack([values, largest == 0])
