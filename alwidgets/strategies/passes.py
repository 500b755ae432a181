"""Batches chosen among all candidates of a pool that is read in blocks, by some passes over it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from alwidgets.data.kinds import pool_of
from alwidgets.kernels.badge import badge_of
from alwidgets.kernels.diversity import k_center_of
from alwidgets.models.introspection import bears_threads
from alwidgets.strategies.large_pools import is_large
from alwidgets.strategies.pool_view import PoolView
from alwidgets.types import FloatArray, IntArray
from alwidgets.utils.threads import in_threads


def goes_in_passes(view: PoolView) -> bool:
    """Return whether a pool is too large to have the features of all candidates in memory.

    Those of an array are made as they always were: sums of all rows end in other digits when they are added up in
    another order, and no session is to ask otherwise than it did.
    """
    return is_large(view.X) and not isinstance(view.X, np.ndarray)


def k_center_in_passes(view: PoolView, n: int) -> IntArray:
    """Choose what `k_center` does, with ties in the same random order."""
    order = view.rng.permutation(len(view.candidates))
    return np.asarray(order[k_center_of(_Points(view, order), view.features.at(view.labeled), n)])


def badge_in_passes(view: PoolView, n: int) -> IntArray:
    """Choose what `badge` does, by the same draws."""
    return badge_of(_GradientsOfBlocks(view), n, view.rng)


class _Points:
    """Features of the candidates in a random order, read in the order of the pool."""

    def __init__(self, view: PoolView, order: IntArray) -> None:
        self._view, self._order = view, order
        self._place: IntArray = np.empty_like(order)
        self._place[order] = np.arange(len(order))
        self.largest, self.unit = 0.0, 1.0
        self._known: tuple[IntArray, FloatArray] | None = None
        first = view.features.at(view.candidates[:1])
        self.shape, self.dtype = (len(order), first.shape[1]), first.dtype

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: IntArray) -> FloatArray:
        """Return points by their numbers; those of the last call are at hand, since few are asked for again."""
        if self._known is not None:
            known, points = self._known
            place = np.minimum(np.searchsorted(known, rows), len(known) - 1)
            if np.array_equal(known[place], rows):
                return points[place]
        distinct, place = np.unique(rows, return_inverse=True)
        points = self._in_unit(self._view.features.at(self._view.candidates[self._order[distinct]]))
        self._known = distinct, points
        return points[place]

    def blocks(self) -> Iterator[tuple[IntArray, FloatArray]]:
        """Yield numbers of points, and them."""
        # In the unit that was.
        self._known = None
        for places, points in in_threads(self._block, _spans(self._view)):
            yield self._place[places], self._in_unit(points)

    def _block(self, places: slice) -> tuple[slice, FloatArray]:
        return places, self._view.features.at(self._view.candidates[places])

    def _in_unit(self, points: FloatArray) -> FloatArray:
        if len(points):
            self.largest = max(self.largest, float(points.max()), -float(points.min()))
        return points if self.unit == 1 else (points / self.unit).astype(points.dtype, copy=False)


class _GradientsOfBlocks:
    """Features and probabilities of the candidates."""

    def __init__(self, view: PoolView) -> None:
        self._view = view

    def __len__(self) -> int:
        return len(self._view.candidates)

    def at(self, rows: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return those of candidates by their numbers."""
        distinct, place = np.unique(rows, return_inverse=True)
        some = replace(self._view, candidates=self._view.candidates[distinct])
        X, proba = _of(some)
        return X[place], proba[place]

    def blocks(self) -> Iterator[tuple[int, FloatArray, FloatArray]]:
        """Yield the number of the first candidate, features and probabilities."""
        work: Any = in_threads if bears_threads(self._view.learner) else map
        return (
            (first, *found) for first, found in work(lambda block: (block[0], _of(block[1])), self._view.in_blocks())
        )


def _of(view: PoolView) -> tuple[FloatArray, FloatArray]:
    return view.features.at(view.candidates), view.proba


def _spans(view: PoolView) -> Iterator[slice]:
    """Yield the places of the candidates in each block of the pool."""
    for rows in pool_of(view.X).blocks():
        first, last = np.searchsorted(view.candidates, (rows.start, rows.stop)).tolist()
        if last > first:
            yield slice(first, last)
