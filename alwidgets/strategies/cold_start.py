"""Diverse selection of samples before there is a model."""

from __future__ import annotations

import numpy as np

from alwidgets import kernels
from alwidgets.strategies.pool_view import Choice, PoolView
from alwidgets.types import IntArray

# Clusters are found on at most this many candidates; the spread of a larger pool shows in such a sample.
_MOST_ROWS = 10_000
_MOST_CLUSTERS = 300
# So many labels a class come from the middle of clusters. Whoever has not met every class by then seeks a rare one,
# which lies in no middle: from then on it is mostly chance, and partly what is unlike all that is labeled.
_SPREAD_PER_CLASS = 4
_FAR_SHARE = 1 / 8


def diverse_start(view: PoolView, n: int) -> Choice:
    """Return `n` rows that cover the pool: the members nearest to the k-means centers nothing labeled is in.

    The pool is cut into as many clusters as there are samples labeled and wanted. Clusters without a
    labeled sample come first, larger before smaller; each gives the sample nearest to its center. Samples that have
    no features are drawn at random.

    Parameters
    ----------
    view : PoolView
        The pool.
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
    if view.features.raw is None or n == 0:
        return _random(view, n)
    candidates = view.candidates
    if len(candidates) > max(n, _MOST_ROWS):
        candidates = np.sort(view.rng.choice(candidates, max(n, _MOST_ROWS), replace=False))
    rows = np.concatenate([candidates, view.labeled])
    n_clusters = min(len(view.labeled) + n, _MOST_CLUSTERS, len(candidates))
    cluster, distance = kernels.k_means(view.features.at(rows), n_clusters, view.rng)
    n_clusters = int(cluster.max()) + 1

    size = np.bincount(cluster[: len(candidates)], minlength=n_clusters)
    covered = np.zeros(n_clusters, bool)
    covered[cluster[len(candidates) :]] = True
    order = np.lexsort([view.rng.random(n_clusters), -size, covered])
    ties = view.rng.random(len(candidates))
    best_first = np.lexsort([ties, distance[: len(candidates)], cluster[: len(candidates)]])
    members = np.split(best_first, np.cumsum(size)[:-1])
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


def mixed_start(view: PoolView, n: int) -> IntArray:
    """Return the positions of `n` candidates: first such as cover the pool, then mostly random ones.

    Four labels a class come from `diverse_start`. Of what follows seven in eight are drawn at random, and the eighth is
    the candidate farthest from all that is labeled (k-center): a class of one sample in a hundred is then never found
    much later than by chance, however it lies, and far sooner where it lies apart.

    Parameters
    ----------
    view : PoolView
        The pool.
    n : int
        How many, at most as many as there are candidates.

    Returns
    -------
    positions : ndarray of shape (n,)
        In `view.candidates`, in the order to ask.
    """
    n_spread = min(n, max(0, _SPREAD_PER_CLASS * len(view.classes) - len(view.labeled)))
    rows = diverse_start(view, n_spread).rows
    left = np.setdiff1d(view.candidates, rows)
    n_rest = n - len(rows)
    n_far = 0 if view.features.raw is None else min(n_rest, int(n_rest * _FAR_SHARE + view.rng.random()))
    far = _farthest(view, left, rows, n_far)
    drawn = view.rng.choice(np.setdiff1d(left, far), n_rest - len(far), replace=False)
    rest = view.rng.permutation(np.concatenate([far, drawn]))
    positions: IntArray = np.searchsorted(view.candidates, np.concatenate([rows, rest]))
    return positions


def _farthest(view: PoolView, candidates: IntArray, chosen: IntArray, n: int) -> IntArray:
    if n == 0:
        return candidates[:0]
    if len(candidates) > _MOST_ROWS:
        candidates = np.sort(view.rng.choice(candidates, _MOST_ROWS, replace=False))
    known = view.features.at(np.concatenate([view.labeled, chosen]))
    far: IntArray = candidates[kernels.k_center(view.features.at(candidates), known, n)]
    return far


def _random(view: PoolView, n: int) -> Choice:
    return Choice(view.rng.choice(view.candidates, n, replace=False), np.full(n, np.nan))
