"""Rules of the named strategies, which apply a kernel to the data it needs from the pool.

A function of a view gives one utility per candidate; an object with `select` chooses a batch as a whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from alwidgets import kernels
from alwidgets.data.conversion import dense, matrix
from alwidgets.data.lending import lend
from alwidgets.data.pool import narrowed, stack
from alwidgets.kernels.arrays import quiet
from alwidgets.models.introspection import estimator_of
from alwidgets.models.softmax import last_step
from alwidgets.strategies.cold_start import diverse_start
from alwidgets.strategies.large_pools import best_in_blocks, is_large
from alwidgets.strategies.passes import badge_in_passes, goes_in_passes, k_center_in_passes
from alwidgets.strategies.pool_view import PoolView
from alwidgets.strategies.uncertainty import Margin, spread_of
from alwidgets.types import FloatArray, IntArray
from alwidgets.utils.streams import ALIKE, stream
from alwidgets.utils.threads import blas_threads

# Refits cost seconds: expected error makes at most so many, shared among the classes of the most uncertain
# candidates, and measures the error on this many rows.
_MOST_REFITS, _FEWEST_REFITTED, _MOST_REFITTED, _MOST_EVALUATED = 200, 5, 50, 500
_MOST_STEPPED, _MOST_STEPPED_EVALUATED = 200, 500
# A k-means batch is chosen among this many times as many candidates (Zhdanov's choice).
_PRESELECTED = 10


@dataclass(frozen=True)
class Batch:
    """A function (view, n) -> positions, as a batch strategy."""

    select: Callable[[PoolView, int], IntArray]


def random(view: PoolView) -> FloatArray:
    """Return uniform numbers."""
    return view.rng.random(len(view.candidates))


def vote_entropy(view: PoolView) -> FloatArray:
    """Compute the entropy of the members' votes."""
    return kernels.vote_entropy(view.votes, len(view.classes))


def variation_ratio(view: PoolView) -> FloatArray:
    """Return the share of members outvoted."""
    return kernels.variation_ratio(view.votes, len(view.classes))


def consensus_entropy(view: PoolView) -> FloatArray:
    """Return the entropy of the members' mean probabilities."""
    return kernels.consensus_entropy(view.member_probas)


def bald(view: PoolView) -> FloatArray:
    """Return the mean divergence of the members from their mean."""
    return kernels.kl_to_consensus(view.member_probas)


def max_disagreement(view: PoolView) -> FloatArray:
    """Return the largest divergence of a member from the mean."""
    return kernels.kl_to_consensus(view.member_probas, reduce="max")


@quiet
def expected_gradient_length(view: PoolView) -> FloatArray:
    """Return the gradient that a label is expected to make."""
    inputs = model_inputs(view, view.candidates)
    # The kernel asks only for lengths, which one column can have as well.
    return kernels.expected_gradient_length(narrowed(inputs), view.proba)


def expected_error(view: PoolView) -> FloatArray:
    """Return minus the error that is left after a refit, of the most uncertain candidates; others follow."""
    from sklearn.base import clone

    n_tried = int(np.clip(_MOST_REFITS // len(view.classes), _FEWEST_REFITTED, _MOST_REFITTED))
    tried, evaluated = _tried(view, n_tried, _MOST_EVALUATED)
    X_eval = view.take(evaluated)
    estimator = estimator_of(view.learner)
    X, y = _taught(view)

    def proba_after(i: int, c: int) -> FloatArray:
        X_after = stack(X, view.take(view.candidates[tried[[i]]]))
        refitted = lend(clone(estimator).fit, X_after, np.append(y, view.classes[[c]]))
        return view.aligned(lend(refitted.predict_proba, X_eval), refitted)

    with blas_threads(1):
        return _followed(view, tried, kernels.expected_error(view.proba[tried], proba_after))


def expected_error_one_step(view: PoolView) -> FloatArray:
    """Return minus the error left after a few Newton steps, of the most uncertain candidates; others follow."""
    tried, evaluated = _tried(view, _MOST_STEPPED, _MOST_STEPPED_EVALUATED)
    rows, (X, _) = view.candidates[tried], _taught(view)
    utility = kernels.expected_error_one_step(
        _dense(model_inputs(view, rows)),
        view.proba[tried],
        _dense(model_inputs(view, evaluated)),
        view.proba_of(evaluated),
        _dense(_inputs(view, X)),
        view.aligned(lend(estimator_of(view.learner).predict_proba, X), view.learner),
        C=last_step(view.learner).C,
    )
    return _followed(view, tried, utility)


def information_density(view: PoolView) -> FloatArray:
    """Return margin times the mean cosine similarity to the candidates.

    Features are centered, so that a similarity can be below 0; the least counts 0.
    """
    density = kernels.information_density(view.features.at(view.candidates))
    return spread_of(Margin()(view)) * spread_of(density)


def contrastive(view: PoolView) -> FloatArray:
    """Compute the divergence between the predictions for a candidate and for its labeled neighbors."""
    X, X_labeled = _points(view)
    return kernels.contrastive(X, view.proba, X_labeled, view.proba_of(view.labeled))


def k_center(view: PoolView, n: int) -> IntArray:
    """Choose what is farthest from all that is labeled or chosen."""
    if goes_in_passes(view):
        return k_center_in_passes(view, n)
    order, X, X_labeled = _shuffled(view)
    return np.asarray(order[kernels.k_center(X, X_labeled, n)])


def ranked_batch(view: PoolView, n: int) -> IntArray:
    """Choose what is uncertain and unlike what is labeled or chosen."""
    utility = spread_of(Margin()(view))
    # Distances to a boundary know no unit; against similarities the largest counts 1.
    utility /= max(1.0, float(utility.max()))
    order, X, X_labeled = _shuffled(view)
    return np.asarray(order[kernels.ranked_batch(utility[order], X, X_labeled, n)])


def badge(view: PoolView, n: int) -> IntArray:
    """Choose by k-means++ among the gradients."""
    if goes_in_passes(view):
        return badge_in_passes(view, n)
    return kernels.badge(view.features.at(view.candidates), view.proba, n, view.rng)


def typiclust(view: PoolView, n: int) -> IntArray:
    """Choose the most typical of each cluster in which nothing is labeled."""
    return kernels.typiclust(*_points(view), n, view.rng)


def prob_cover(view: PoolView, n: int) -> IntArray:
    """Choose what covers most of what is not covered."""
    features = view.features

    def radius() -> float:
        sample = features.at(features.sample(_MOST_EVALUATED * 4))
        return kernels.cover_radius(sample, len(view.classes), stream("cover radius", ALIKE))

    order, X, X_labeled = _shuffled(view)
    return np.asarray(order[kernels.prob_cover(X, X_labeled, n, features.known(("radius", len(view.classes)), radius))])


def k_means(view: PoolView, n: int) -> IntArray:
    """Choose the members nearest to the centers of the clusters nothing labeled is in."""
    return np.searchsorted(view.candidates, diverse_start(view, n).rows)


def weighted_k_means(view: PoolView, n: int) -> IntArray:
    """Choose by k-means, weighted by the margin, among the most uncertain candidates."""
    if is_large(view.X):
        best, utility = best_in_blocks(Margin(), view, _PRESELECTED * n)
        return _clustered(view, best, spread_of(utility), n)
    return clustered_batch(view, spread_of(Margin()(view)), n)


def clustered_batch(view: PoolView, utility: FloatArray, n: int) -> IntArray:
    """Return positions nearest to the centers of the clusters of the best candidates, weighted by utility."""
    best = kernels.top_k(utility, _PRESELECTED * n, view.rng)
    return _clustered(view, best, utility[best], n)


def _clustered(view: PoolView, best: IntArray, utility: FloatArray, n: int) -> IntArray:
    return np.asarray(best[kernels.k_means_batch(view.features.at(view.candidates[best]), n, view.rng, utility)])


def model_inputs(view: PoolView, rows: IntArray) -> Any:
    """Return the inputs of the learner's last step for these samples."""
    return _inputs(view, view.take(rows))


def _inputs(view: PoolView, X: Any) -> Any:
    from sklearn.pipeline import Pipeline

    estimator = estimator_of(view.learner)
    if isinstance(estimator, Pipeline) and len(estimator) > 1:
        X = lend(estimator[:-1].transform, X)
    return matrix(X)


def _taught(view: PoolView) -> tuple[Any, Any]:
    """Return the learner's training set: the labeled rows and the initial samples of a modAL learner."""
    X = getattr(view.learner, "X_training", None)
    if X is None or hasattr(view.learner, "learner_list"):
        return view.take(view.labeled), view.labels
    return X, np.asarray(view.learner.y_training)


def _points(view: PoolView) -> tuple[FloatArray, FloatArray]:
    return view.features.at(view.candidates), view.features.at(view.labeled)


def _shuffled(view: PoolView) -> tuple[IntArray, FloatArray, FloatArray]:
    """Return the candidates' positions in random order, their features in it, and those of what is labeled.

    Where a tie goes to the first row, no row is preferred for its place in the pool.
    """
    order = view.rng.permutation(len(view.candidates))
    return order, view.features.at(view.candidates[order]), view.features.at(view.labeled)


def _dense(X: Any) -> FloatArray:
    return np.asarray(dense(X))


def _followed(view: PoolView, tried: IntArray, utility: FloatArray) -> FloatArray:
    """Return the utilities of the candidates that were tried; the others come after, in the order of the margin."""
    margin = Margin()(view)
    order = np.argsort(margin, kind="stable")
    followed = np.empty(len(margin))
    followed[order] = np.arange(len(margin)) / len(margin)
    followed += utility.min() - 1
    followed[tried] = utility
    return followed


def _tried(view: PoolView, n: int, n_evaluated: int) -> tuple[IntArray, IntArray]:
    """Return the positions of the most uncertain candidates, and rows of the pool to measure the error on."""
    tried = np.sort(Margin().best(view, n)[0])
    n_evaluated = min(n_evaluated, len(view.candidates))
    return tried, np.sort(view.rng.choice(view.candidates, n_evaluated, replace=False))
