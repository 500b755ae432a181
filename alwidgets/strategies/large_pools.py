"""Choosing in a pool that is better not in memory at once: a block at a time, or among a random sample of it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from alwidgets.data.kinds import pool_of
from alwidgets.kernels.screening import LinearScreen, UncertaintyKernel, most_uncertain_linear, spans
from alwidgets.kernels.selection import Best
from alwidgets.models.introspection import bears_threads
from alwidgets.strategies.pool_view import PoolView
from alwidgets.types import FloatArray, IntArray
from alwidgets.utils.streams import stream
from alwidgets.utils.threads import blas_threads, in_threads

# Smaller pools are scored at once, and what a model says of them is kept.
_LARGE_BYTES = 2**28
#: Candidates among which a strategy chooses that compares all of them with each other.
MOST_COMPARED = 100_000


def is_large(X: Any) -> bool:
    """Return whether a pool is gone through a block at a time."""
    held = pool_of(X)
    return held.kind == "array" and held.row_bytes * held.n_rows > _LARGE_BYTES


def sampled(view: PoolView) -> PoolView:
    """Return the view with at most so many candidates as are compared, drawn at random."""
    if len(view.candidates) <= MOST_COMPARED:
        return view
    return view.with_candidates(np.sort(view.rng.choice(view.candidates, MOST_COMPARED, replace=False)))


def best_in_blocks(utility_of: Callable[[PoolView], FloatArray], view: PoolView, n: int) -> tuple[IntArray, FloatArray]:
    """Return the positions and utilities of the n best candidates, as `top_k` would, with few blocks in memory.

    Blocks are scored elsewhere where that is asked for, or in threads where the learner is known to bear it.
    """
    if view.elsewhere is not None and view.source_proba is None:
        scorer = _UtilityScorer(utility_of, _light(view.learner), view.classes, view.labels[:0], n)
        blocks = _places(view.candidates, pool_of(view.X).blocks())
        found = view.elsewhere.best(view.X, view.candidates, blocks, scorer, n)
        if found is not None:
            return found.take(view.rng)
    best = Best(n)

    def scored(block: tuple[int, PoolView]) -> tuple[int, FloatArray]:
        return block[0], utility_of(block[1])

    with blas_threads(1):
        work = in_threads if bears_threads(view.learner) else map
        for first, utility in work(scored, view.in_blocks()):
            kept = np.flatnonzero(utility >= best.edge)
            best.offer(first + kept, utility[kept])
    return best.take(view.rng)


def best_of_linear(
    kernel: UncertaintyKernel, weights: tuple[FloatArray, FloatArray], view: PoolView, n: int
) -> tuple[IntArray, FloatArray]:
    """Return the positions and utilities of the n candidates about which a linear model is most uncertain."""
    X, candidates = view.X, view.candidates
    if view.elsewhere is not None and is_large(X):
        screen = LinearScreen(kernel, weights, n, dense=2 * len(candidates) >= len(X))
        found = view.elsewhere.best(X, candidates, spans(candidates, X.shape[1]), screen, n)
        if found is not None:
            return found.take(view.rng)
    # The products are small: a second thread would spend its time waiting.
    with blas_threads(1):
        return most_uncertain_linear(kernel, X, candidates, weights, n, view.rng)


@dataclass(frozen=True, eq=False)
class _UtilityScorer:
    """The best of a block by utilities that depend on nothing but the sample and the model."""

    utility_of: Callable[[PoolView], FloatArray]
    learner: Any
    classes: Any
    labels: Any
    n: int

    def __call__(self, samples: Any, candidates: IntArray) -> Best:
        # Utilities are no matter of chance: nothing is drawn.
        nothing, rng = np.empty(0, np.intp), stream("questions", 0)
        view = PoolView(samples, candidates, nothing, self.labels, self.classes, self.learner, rng).of_block(samples)
        best = Best(self.n)
        best.offer(np.arange(len(candidates)), self.utility_of(view))
        return best


def _places(candidates: IntArray, blocks: Iterable[slice]) -> Iterator[tuple[int, int]]:
    """Yield the places of the first candidate in each block, and behind the last, where there are any."""
    for rows in blocks:
        first, last = np.searchsorted(candidates, (rows.start, rows.stop)).tolist()
        if last > first:
            yield first, last


def _light(learner: Any) -> Any:
    """Return a fitted learner without what is not needed to predict: its training set, and what is kept of the pool."""
    made = copy.copy(learner)
    for name in ("X_training", "y_training", "kept", "query_strategy"):
        if hasattr(made, name):
            setattr(made, name, None)
    if hasattr(made, "learner_list"):
        made.learner_list = [_light(member) for member in made.learner_list]
    return made
