"""Scores of a pool whose parts were sampled to different degrees: each part counts as much as it has rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from alwidgets.scoring.intervals import wilson_interval
from alwidgets.types import BoolArray, FloatArray, IntArray

#: A part says nothing with fewer random questions that have an answer.
FEWEST_OF_PART = 5
# Parts that have fewer, and that together have no larger share of the pool, count with the part before them.
_NEGLIGIBLE = 0.1


@dataclass(frozen=True, eq=False)
class ByPart:
    """The parts that samples which measure were drawn from.

    Parameters
    ----------
    part : ndarray of shape (n_samples,)
        Place of the part of each sample.
    n_rows : tuple of int
        Rows of each part.
    names : tuple of str
        What each is called.
    """

    part: IntArray
    n_rows: tuple[int, ...]
    names: tuple[str, ...]

    @property
    def lacking(self) -> str:
        """Name of the largest part without enough answers, if such parts are a large share of the pool, and how many.

        Empty where every part that counts has enough.
        """
        few, shares = self._n < FEWEST_OF_PART, self._shares
        if float(shares[few].sum()) <= _NEGLIGIBLE:
            return ""
        place = int(np.argmax(np.where(few, shares, -1.0)))
        return (
            f"{FEWEST_OF_PART} random questions of part {self.names[place]!r} have an answer; {self._n[place]} "
            f"{'has' if self._n[place] == 1 else 'have'}"
        )

    @cached_property
    def strata(self) -> list[tuple[IntArray, float]]:
        """The places of the samples of each stratum, and its share of the pool.

        A stratum is a part, with the small ones after it that have too few answers to be one.
        """
        joined = np.maximum(np.cumsum(self._n >= FEWEST_OF_PART) - 1, 0)
        of_sample = joined[self.part]
        return [
            (np.flatnonzero(of_sample == place), float(self._shares[joined == place].sum()))
            for place in range(int(joined[-1]) + 1)
        ]

    @property
    def weights(self) -> FloatArray:
        """Weight of each sample, 1 on the average: a stratum's share of the pool over its share of the samples."""
        found = np.empty(len(self.part))
        for rows, share in self.strata:
            found[rows] = share * len(self.part) / len(rows)
        return found

    def draws(self, n_resamples: int, rng: np.random.Generator) -> IntArray:
        """Draw bootstrap resamples within each stratum: places of samples, shape (n_resamples, n_samples)."""
        drawn = [rows[rng.integers(len(rows), size=(n_resamples, len(rows)))] for rows, _ in self.strata]
        return np.concatenate(drawn, axis=1)

    def representative(self, rng: np.random.Generator) -> IntArray:
        """Draw as many samples as possible of which each stratum has its share of the pool, ascending places.

        None where a part lacks answers.
        """
        if self.lacking:
            return np.empty(0, np.intp)
        n = min(len(rows) / share for rows, share in self.strata)
        drawn = [rng.choice(rows, round(share * n), replace=False) for rows, share in self.strata]
        return np.sort(np.concatenate(drawn))

    def accuracy(self, right: BoolArray) -> tuple[float, float, float]:
        """Return the accuracy of the pool and its interval, of samples that are right or wrong."""
        counts = [(int(right[rows].sum()), len(rows), share) for rows, share in self.strata]
        return stratified_accuracy(counts)

    @cached_property
    def _n(self) -> IntArray:
        return np.bincount(self.part, minlength=len(self.n_rows))

    @property
    def _shares(self) -> FloatArray:
        return np.array(self.n_rows) / sum(self.n_rows)


def by_part(rows: IntArray, parts: Sequence[tuple[str, int]]) -> ByPart | None:
    """Return the parts that these rows of a pool lie in; None of a pool of one part.

    Parameters
    ----------
    rows : ndarray of shape (n_samples,)
        Row numbers.
    parts : sequence of (str, int)
        Name and number of rows of each part, in their order.

    Examples
    --------
    >>> by_part(np.array([0, 7]), [("first", 5), ("monday", 5)]).part
    array([0, 1])
    """
    if len(parts) < 2:  # noqa: PLR2004 - nothing to weigh
        return None
    names, n_rows = zip(*parts, strict=True)
    return ByPart(np.searchsorted(np.cumsum(n_rows), rows, side="right"), n_rows, names)


def stratified_accuracy(counts: Sequence[tuple[int, int, float]]) -> tuple[float, float, float]:
    r"""Return the share of right answers in a pool of several strata, and its 95 % interval.

    .. math:: p = \sum_h W_h \hat p_h, \qquad
              p - \sqrt{\sum_h W_h^2 (\hat p_h - l_h)^2}, \qquad p + \sqrt{\sum_h W_h^2 (u_h - \hat p_h)^2}

    where :math:`W_h` is the share of stratum h in the pool, :math:`\hat p_h` its share of right answers, and
    :math:`l_h, u_h` the limits of its Wilson interval.

    Parameters
    ----------
    counts : sequence of (int, int, float)
        Of each stratum how many were right, how many tried, and its share of the pool.

    References
    ----------
    .. [1] Cochran (1977), Sampling Techniques, chapter 5.
    .. [2] Zou & Donner (2008), Construction of confidence limits about effect measures: a general approach, Statistics
       in Medicine 27, 1693-1702.

    Examples
    --------
    >>> [round(value, 3) for value in stratified_accuracy([(57, 60, 0.25), (15, 20, 0.75)])]
    [0.8, 0.635, 0.904]
    """
    value = below = above = 0.0
    for n_right, n, share in counts:
        low, high = wilson_interval(n_right, n)
        value += share * n_right / n
        below += (share * (n_right / n - low)) ** 2
        above += (share * (high - n_right / n)) ** 2
    return value, max(0.0, value - math.sqrt(below)), min(1.0, value + math.sqrt(above))
