"""Density of samples in the pool."""

from __future__ import annotations

import numpy as np

from alwidgets.kernels.arrays import TILE_NUMBERS, check_matrix, in_units, quiet, tiles
from alwidgets.kernels.distances import CANCELLED, row_norms
from alwidgets.types import FloatArray


@quiet
def information_density(X: FloatArray, metric: str = "cosine") -> FloatArray:
    r"""Return the mean similarity of each row to all rows, itself among them.

    .. math:: u_i = \frac{1}{n} \sum_{j=1}^{n} s(x_i, x_j), \qquad
        s = \frac{x_i^\top x_j}{\lVert x_i \rVert \lVert x_j \rVert}
        \quad\text{or}\quad s = \frac{1}{1 + \lVert x_i - x_j \rVert_2}

    where :math:`x_i` is row i of `X`, n the number of rows, and the first s is "cosine", the second "euclidean".
    A row counts as similar to itself, as in modAL and in the paper: this adds 1/n to each row and changes no order.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Features or embeddings.
    metric : {"cosine", "euclidean"}, default "cosine"
        The similarity. A row of zeros has a cosine of 0 with every row, itself too.

    Returns
    -------
    density : ndarray of shape (n_samples,)
        Larger = denser. Cosine: in [-1, 1], O(n_samples * n_features) time, by the mean of the rows scaled to
        length 1. Euclidean: in (0, 1], O(n_samples^2 * n_features) time. Both exact, O(n_samples) memory.

    Raises
    ------
    ValueError
        If `X` is not a matrix, holds NaN or infinity, or the metric is unknown.

    References
    ----------
    .. [1] Settles & Craven (2008), An analysis of active learning strategies for sequence labeling tasks, EMNLP.

    Examples
    --------
    >>> information_density(np.array([[1.0, 0.0], [2.0, 0.0], [0.0, 1.0]])).round(3)
    array([0.667, 0.667, 0.333])
    """
    if metric not in _DENSITIES:
        raise ValueError(f"metric is {metric!r}; expected one of {', '.join(map(repr, _DENSITIES))}.")
    return _DENSITIES[metric](check_matrix(X, "X"))


def _cosine(X: FloatArray) -> FloatArray:
    density = np.zeros(len(X), X.dtype)
    total = np.zeros(X.shape[1])
    for rows in tiles(*X.shape):
        tile, inverse = _with_inverse_lengths(X[rows])
        total += inverse @ tile
    mean = (total / max(1, len(X))).astype(X.dtype)
    for rows in tiles(*X.shape):
        tile, inverse = _with_inverse_lengths(X[rows])
        density[rows] = np.einsum("ij,j->i", tile, mean) * inverse
    return density


def _with_inverse_lengths(tile: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the rows and one over their lengths, 0 for rows of zeros."""
    squares = np.einsum("ij,ij->i", tile, tile)
    limits = np.finfo(tile.dtype)
    odd = ~((squares > np.sqrt(limits.tiny)) & (squares < np.sqrt(limits.max)))
    if odd.any():
        # Squares of very small or large numbers are lost; the direction of a row does not depend on its scale.
        tile = tile.copy()
        largest = np.abs(tile[odd]).max(axis=1, keepdims=True, initial=0)
        tile[odd] /= np.where(largest > 0, largest, 1)
        squares = np.einsum("ij,ij->i", tile, tile)
    return tile, np.divide(1, np.sqrt(squares), out=np.zeros_like(squares), where=squares > 0)


def _euclidean(X: FloatArray) -> FloatArray:
    total = np.zeros(len(X))
    dtype = X.dtype
    unit, (X,) = in_units(X)
    # Far from the origin, and in single precision, the squared norms below would cancel to nothing.
    origin = X.sum(axis=0, dtype=np.float64) / max(1, len(X))
    step = int(TILE_NUMBERS**0.5)
    for rows in tiles(len(X), 1, step):
        left = X[rows] - origin
        for columns in tiles(len(X) - rows.start, 1, step):
            others = slice(rows.start + columns.start, rows.start + columns.stop)
            similarity = 1 / (1 + unit * _distances(left, X[others] - origin))
            total[rows] += similarity.sum(axis=1)
            if others != rows:
                total[others] += similarity.sum(axis=0)
    return (total / max(1, len(X))).astype(dtype)


def _distances(left: FloatArray, right: FloatArray) -> FloatArray:
    """Return the distance of each pair of rows; where a product has lost its digits, from differences."""
    norms = np.add.outer(np.einsum("ij,ij->i", left, left), np.einsum("ij,ij->i", right, right))
    # BLAS takes a matrix that lies transposed in memory several times slower at this size.
    distance: FloatArray = left @ np.ascontiguousarray(right.T)
    distance *= -2
    distance += norms
    norms *= CANCELLED
    i, j = np.nonzero(~(distance > norms))
    for part in tiles(len(i), left.shape[1]):
        distance[i[part], j[part]] = row_norms(left[i[part]] - right[j[part]])
    return np.sqrt(distance, out=distance)


_DENSITIES = {"cosine": _cosine, "euclidean": _euclidean}
