"""What to ask before a model can say what it is unsure of: samples unlike each other."""

from __future__ import annotations

from typing import Any

import numpy as np

from alwidgets.pool import is_sparse, n_rows, take
from alwidgets.strategies.pool_view import Choice, PoolView
from alwidgets.types import IntArray

# Clusters are found on at most this many candidates; the spread of a larger pool shows in such a sample.
_MOST_ROWS = 10_000
_MOST_CLUSTERS = 300
# Points nearer than this, relative to their spread, are one point to the arithmetic of k-means.
_COINCIDE = 1e-7


def diverse_start(view: PoolView, features: Any, n: int) -> Choice:
    """Return `n` rows that cover the pool: the members nearest to the k-means centres nothing labelled is in.

    The pool is cut into as many clusters as there are samples labelled and wanted. Clusters without a
    labelled sample come first, larger before smaller; each gives the sample nearest to its centre.

    Parameters
    ----------
    view : PoolView
        The pool.
    features : ndarray or CSR matrix of shape (n_samples, n_features), or None
        Where distances are measured; None draws at random, for samples that have no features.
    n : int
        How many.

    Returns
    -------
    choice : Choice
        Utilities are the sizes of the clusters as a share of the pool; NaN for random rows.

    References
    ----------
    .. [1] Nguyen & Smeulders (2004), Active learning using pre-clustering, ICML.
    """
    n = min(n, len(view.candidates))
    if features is None or n == 0:
        return _random(view, n)
    candidates = view.candidates
    if len(candidates) > max(n, _MOST_ROWS):
        candidates = np.sort(view.rng.choice(candidates, max(n, _MOST_ROWS), replace=False))
    rows = np.concatenate([candidates, view.labelled])
    n_clusters = min(len(view.labelled) + n, _MOST_CLUSTERS, len(candidates))
    cluster, distance = _k_means(_points(features, rows), n_clusters, view.rng)
    n_clusters = int(cluster.max()) + 1

    size = np.bincount(cluster[: len(candidates)], minlength=n_clusters)
    covered = np.zeros(n_clusters, bool)
    covered[cluster[len(candidates) :]] = True
    best_first = np.lexsort([distance[: len(candidates)], cluster[: len(candidates)]])
    members = np.split(best_first, np.cumsum(size)[:-1])
    order = np.lexsort([view.rng.random(n_clusters), -size, covered])
    picks, utility = [], []
    # Round after round over the clusters, so that one with many members is asked again only after the others.
    for depth in range(int(size.max())):
        for k in order:
            if depth < size[k]:
                picks.append(members[k][depth])
                utility.append(size[k] / len(candidates))
        if len(picks) >= n:
            break
    return Choice(candidates[np.array(picks[:n], np.intp)], np.array(utility[:n]))


def _random(view: PoolView, n: int) -> Choice:
    return Choice(view.rng.choice(view.candidates, n, replace=False), np.full(n, np.nan))


def _points(features: Any, rows: IntArray) -> Any:
    points = take(features, rows)
    if is_sparse(points):
        points.data = np.nan_to_num(points.data.astype(np.float64), copy=False)
        return points
    points = np.asarray(points, dtype=np.float64)
    missing = np.isnan(points)
    if missing.any():
        means = np.nanmean(np.where(missing.all(axis=0), 0, points), axis=0)
        points = np.where(missing, means, points)
    scale = points.std(axis=0)
    # Features in different units must not decide alone what is near; constant ones say nothing.
    return (points - points.mean(axis=0)) / np.where(scale > 0, scale, 1)


def _k_means(points: Any, n_clusters: int, rng: np.random.Generator) -> tuple[IntArray, Any]:
    """Return each point's cluster and its distance to the centre; fewer clusters when points coincide."""
    from sklearn.cluster import KMeans, MiniBatchKMeans

    from alwidgets.threads import blas_threads

    seed = int(rng.integers(2**31))
    n_clusters = min(n_clusters, _n_distinct(points, rng))
    large = n_rows(points) * n_clusters > 200_000  # noqa: PLR2004 - beyond this the full k-means takes seconds
    model = (MiniBatchKMeans if large else KMeans)(n_clusters, n_init=1, random_state=seed)
    # One thread: several add up in an order that differs from run to run, and so could the questions.
    with blas_threads(1):
        distances = model.fit_transform(points)
    cluster = distances.argmin(axis=1)
    return cluster, distances[np.arange(len(cluster)), cluster]


def _n_distinct(points: Any, rng: np.random.Generator) -> int:
    """Return how many points differ, as seen on a random line: k-means warns when asked for more clusters."""
    places = np.sort(points @ rng.normal(size=points.shape[1]))
    return 1 + int(np.sum(np.diff(places) > _COINCIDE * max(1.0, np.abs(places).max())))
