"""Points whose distances are measured in blocks, rows against rows, for clusters and balls.

`kernels.distances` measures rows against centers that come one after the other, and keeps the nearest. Both take
differences where a product would lose digits; here in units about the mean of all points, since sums over balls and
clusters need the same digits for each pair, there about the centers at hand, in the numbers that were given. In one of
the two manners the last digits of the other would differ, and with them the questions of journals.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from alwidgets.kernels.arrays import check_matrix, in_units, power_of_two, tiles
from alwidgets.kernels.distances import row_norms
from alwidgets.types import FloatArray, IntArray

# Distances go by blocks of this many rows to this many others, 1 MB; the first is below what a byte can count.
FEW, MANY = 128, 1024

# Squared distances below so many rounding errors are taken again, from differences.
_EIGHT_DIGITS = 1e8


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows, as distances need them: their numbers, coordinates from the origin, and squared norms."""

    rows: IntArray
    values: FloatArray
    norms: FloatArray


@dataclass(frozen=True, slots=True)
class Points:
    """The rows of X, then those of X_labeled, as if they were one matrix, that is never made.

    The mean of X is the origin: far from it squared norms would cancel. A sparse matrix stays where it is. The unit
    is a power of two near the largest coordinate: squares stay within range, and no digit is lost. What comes in such
    numbers that not even their differences would is in a unit of its own before that.
    """

    X: Any
    X_labeled: FloatArray
    origin: FloatArray | None
    unit: float
    own: float = 1.0

    @classmethod
    def of(cls, X: Any, X_labeled: FloatArray | None = None) -> Points:
        """Return the points of checked matrices, or check X when it comes alone."""
        if hasattr(X, "tocsr"):
            return cls(_check_sparse(X), np.empty((0, X.shape[1])), None, power_of_two(np.abs(X.data).max(initial=0)))
        if X_labeled is None:
            X = check_matrix(X, "X")
            X_labeled = np.empty((0, X.shape[1]), X.dtype)
        if X.shape[1] == 0:
            raise ValueError(f"X has shape {X.shape}; expected at least one column to measure distances in.")
        own, (X, X_labeled) = in_units(X, X_labeled)
        total = np.zeros(X.shape[1])
        for rows in tiles(*X.shape):
            # In one order of addition, however X lies in memory: the origin is then the same to the last bit.
            total += np.ascontiguousarray(X[rows], np.float64).sum(axis=0)
        origin = total / max(1, len(X))
        ends = [ends(part, axis=0) for part in (X, X_labeled) if len(part) for ends in (np.min, np.max)]
        return cls(X, X_labeled, origin, power_of_two(np.abs([end - origin for end in ends]).max(initial=0)), own)

    def __len__(self) -> int:
        return int(self.X.shape[0]) + len(self.X_labeled)

    @property
    def n_features(self) -> int:
        """The number of columns."""
        return int(self.X.shape[1])

    def take(self, rows: IntArray) -> Any:
        """Return rows as float64, as they are; CSR when X is."""
        if self.origin is None:
            return self.X[rows].astype(np.float64)
        n_first = len(self.X)
        second = rows >= n_first
        if not second.any():
            return self.X[rows].astype(np.float64)
        values = np.empty((len(rows), self.n_features))
        values[~second] = self.X[rows[~second]]
        values[second] = self.X_labeled[rows[second] - n_first]
        return values

    def centered(self, rows: IntArray) -> Any:
        """Return rows as float64, seen from the origin, in units."""
        values = self.take(rows)
        if self.origin is None:
            values.data /= self.unit
            return values
        values -= self.origin
        values /= self.unit
        return values

    def block(self, rows: IntArray) -> Block:
        """Return rows as distances need them."""
        values = self.centered(rows)
        return Block(rows, values, row_norms(values))

    def squared(self, left: Block, right: Block) -> FloatArray:
        """Return squared distances, in units, eight digits of them right, also those of points that nearly coincide."""
        squared: FloatArray = left.values @ right.values.T
        squared *= -2
        squared += left.norms[:, None]
        squared += right.norms
        error = rounding(self.n_features, np.float64) * (left.norms.max() + right.norms.max())
        unsure = squared <= _EIGHT_DIGITS * error
        if unsure.any():
            i, j = np.nonzero(unsure)
            squared[i, j] = self.squared_pairs(left.rows[i], right.rows[j])
        return squared

    def squared_pairs(self, left: IntArray, right: IntArray) -> FloatArray:
        """Return the squared distance, in units, of each row on the left to the one beside it on the right.

        It is summed from differences, in an order that depends on the pair alone.
        """
        squared = np.empty(len(left))
        for part in tiles(len(left), self.n_features):
            difference = self.take(left[part]) - self.take(right[part])
            difference /= self.unit
            difference *= difference
            squared[part] = difference.sum(axis=1)
        return squared


def _check_sparse(X: Any) -> Any:
    if X.format != "csr" or X.dtype.kind not in "fiub":
        raise ValueError(f"X is a {X.format} matrix of dtype {X.dtype}; expected numbers as CSR. Call X.tocsr().")
    if not np.isfinite(X.data).all():
        bad = int(np.flatnonzero(~np.isfinite(X.data))[0])
        row = int(np.searchsorted(X.indptr, bad, side="right")) - 1
        raise ValueError(f"X row {row} is not finite; expected numbers to measure distances between.")
    return X


def rounding(n_features: int, dtype: type[np.floating[Any]]) -> float:
    """Bound the rounding error of a squared distance, relative to the sum of the two squared norms.

    That is what n_features products, as many sums and the move to the origin come to, with a margin of two.
    """
    return 2 * (n_features + 8) * float(np.finfo(dtype).eps)
