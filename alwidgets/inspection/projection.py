"""The pool in two dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from alwidgets.data.lending import lend
from alwidgets.data.parts import whole
from alwidgets.data.pool import n_rows
from alwidgets.kernels.arrays import quiet
from alwidgets.types import FloatArray
from alwidgets.utils.threads import blas_threads

if TYPE_CHECKING:
    from alwidgets.strategies import Features


# The two directions are found on at most this many rows; so many rows are projected at once.
_SAMPLE_ROWS = 10_000


def project(X: Any, features: Features, projection: Any = None) -> FloatArray:
    """Return a point for each sample.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        The pool.
    features : Features
        Where its samples are compared.
    projection : array-like of shape (n_samples, 2) or callable, optional
        The points, or a function X -> (n_samples, 2); default the two main components of the features, found on at most
        10,000 of them, the same whenever asked.

    Returns
    -------
    points : ndarray of shape (n_samples, 2)
        Finite. By default costs O(n_samples * n_features) beside what the features cost.

    Raises
    ------
    ValueError
        If the samples cannot be compared, or the points are not what they should be.

    Examples
    --------
    >>> from alwidgets.strategies import Features
    >>> X = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]])
    >>> project(X, Features(X), X)[2]
    array([2., 2.])
    >>> float(abs(project(X, Features(X))[:, 1]).max()) < 1e-9
    True
    """
    if projection is None:
        return _main_components(features, n_rows(X))
    return _check_points(lend(projection, whole(X)) if callable(projection) else projection, n_rows(X))


def in_unit_square(points: FloatArray) -> Any:
    """Return points as float32 from 0 to 1 along each axis: numbers that lie close together far from 0 stay apart.

    Examples
    --------
    >>> in_unit_square(np.array([[1e9, 5.0], [1e9 + 1, 5.0]])).tolist()
    [[0.0, 0.5], [1.0, 0.5]]
    """
    low, high = points.min(axis=0), points.max(axis=0)
    # Halved first: the extent of numbers near the largest there are is not one of them.
    extent = high / 2 - low / 2
    scaled = (points / 2 - low / 2) / np.where(extent > 0, extent, 1)
    return np.where(extent > 0, scaled, 0.5).astype(np.float32)


@quiet
def _main_components(features: Features, n_samples: int) -> FloatArray:
    """Return the features along their two directions of largest variance."""
    from sklearn.decomposition import PCA

    if features.raw is None:
        raise ValueError(
            "The samples are not numbers and cannot be laid out; pass `projection=`, an array of shape (n_samples, 2) "
            "or a function X -> (n_samples, 2), or give the session `embed=` or a Pipeline that makes numbers of them."
        )
    points = np.zeros((n_samples, 2))
    sample = features.at(features.sample(_SAMPLE_ROWS)).astype(np.float64)
    # A pool without spread divides by it.
    with blas_threads(1):
        # Two directions need two samples and two columns; without them the rest of the map is flat.
        fitted = PCA(min(2, *sample.shape), random_state=0).fit(sample)
        for start in range(0, n_samples, _SAMPLE_ROWS):
            rows = np.arange(start, min(start + _SAMPLE_ROWS, n_samples))
            points[rows, : fitted.n_components_] = fitted.transform(features.at(rows).astype(np.float64))
    return points


def _check_points(values: Any, n_samples: int) -> FloatArray:
    points = np.asarray(values)
    if points.shape != (n_samples, 2) or points.dtype.kind not in "iuf":
        raise ValueError(
            f"projection has shape {points.shape} and dtype {points.dtype}; expected numbers of shape "
            f"({n_samples}, 2), one point a sample: an array, or a function X -> (n_samples, 2)."
        )
    points = points.astype(np.float64)
    if not np.isfinite(points).all():
        row = int(np.flatnonzero(~np.isfinite(points).all(axis=1))[0])
        raise ValueError(f"projection has {points[row].tolist()} in row {row}; expected finite numbers.")
    return points
