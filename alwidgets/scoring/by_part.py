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
#: Parts with fewer rows, as samples that come one by one, are taken together with those beside them.
FEWEST_ROWS = 50
#: Between the names of the first and the last of several parts.
TO = " to "
#: What the stratum is called of what was asked as it came.
ON_ARRIVAL = "what a rule asked on arrival"
# Parts that have fewer, and that together have no larger share of the pool, count with the part before them.
_NEGLIGIBLE = 0.1


def strata_of(parts: Sequence[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """Return the parts of a pool, those of few rows that follow each other joined until they have 50 together.

    What the pool began with stays by itself. A stratum that is full stays as it is, whatever comes.

    Parameters
    ----------
    parts : sequence of (str, int)
        Name and number of rows of each part, in their order.

    Examples
    --------
    >>> strata_of([("first", 20), ("a", 20), ("b", 30), ("c", 10), ("d", 1000)])
    (('first', 20), ('a to b', 50), ('c', 10), ('d', 1000))
    """
    found: list[tuple[list[str], int]] = []
    for place, (name, n_rows) in enumerate(parts):
        if place > 1 and max(n_rows, found[-1][1]) < FEWEST_ROWS:
            names, n = found.pop()
            found.append(([*names[:1], name], n + n_rows))
        else:
            found.append(([name], n_rows))
    return tuple((TO.join(names), n) for names, n in found)


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
        return self.lacking_of("random questions")

    def lacking_of(self, questions: str) -> str:
        """Return `lacking` of questions that are called so."""
        few, shares = self._n < FEWEST_OF_PART, self._shares
        if float(shares[few].sum()) <= _NEGLIGIBLE:
            return ""
        place = int(np.argmax(np.where(few, shares, -1.0)))
        name = self.names[place]
        what = name if name == ON_ARRIVAL else f"part {name!r}"
        return (
            f"{FEWEST_OF_PART} {questions} of {what} have an answer; {self._n[place]} "
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


def by_part(rows: IntArray, parts: Sequence[tuple[str, int]], asked: IntArray | None = None) -> ByPart | None:
    """Return the parts that these rows of a pool lie in; None of a pool of one part.

    Small parts are taken together, as of `strata_of`; and those of at most a tenth of the pool, or of 100 rows, with
    fewer than 5 of these rows, together with the small ones that follow until they have 5.

    Parameters
    ----------
    rows : ndarray of shape (n_samples,)
        Row numbers.
    parts : sequence of (str, int)
        Name and number of rows of each part, in their order.
    asked : ndarray of shape (n_asked,), optional
        Rows that a rule asked as they came, ascending. They are a stratum of their own, of which some measure: random
        questions that were asked later are of the others.

    Examples
    --------
    >>> by_part(np.array([0, 7]), [("first", 5), ("monday", 5)]).part
    array([0, 1])
    """
    if len(parts) < 2:  # noqa: PLR2004 - nothing to weigh
        return None
    strata = strata_of(parts)
    ends = np.cumsum([n for _, n in strata])
    n_each = np.bincount(np.searchsorted(ends, rows, side="right"), minlength=len(strata))
    most, names, n_rows, n_open = max(_NEGLIGIBLE * ends[-1], 2 * FEWEST_ROWS), list[str](), list[int](), FEWEST_OF_PART
    for place, ((name, n), n_answers) in enumerate(zip(strata, n_each.tolist(), strict=True)):
        small = place > 0 and n <= most
        if small and n_open < FEWEST_OF_PART:
            names[-1], n_open = f"{names[-1].split(TO)[0]}{TO}{name.split(TO)[-1]}", n_open + n_answers
            n_rows[-1] += n
        else:
            names.append(name)
            n_rows.append(n)
            n_open = n_answers if small else FEWEST_OF_PART
    of_sample: IntArray = np.searchsorted(np.cumsum(n_rows), rows, side="right")
    if asked is None or not len(asked):
        return ByPart(of_sample, tuple(n_rows), tuple(names))
    # Of all that a rule asked the same share measures, so that it is one stratum, whatever part it came with.
    of_rule = np.isin(rows, asked)
    left = np.array(n_rows) - np.diff(np.searchsorted(asked, np.cumsum(n_rows)), prepend=0)
    of_sample[of_rule] = len(n_rows)
    return ByPart(of_sample, (*left.tolist(), len(asked)), (*names, ON_ARRIVAL))


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
