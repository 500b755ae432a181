"""From utilities to rows."""

from __future__ import annotations

import math

import numpy as np

from alwidgets.kernels.arrays import check_nonnegative, quiet, tiles
from alwidgets.types import FloatArray, IntArray


@quiet
def top_k(utility: FloatArray, k: int, rng: np.random.Generator) -> IntArray:
    """Return the rows of the k largest utilities, largest first, ties in random order.

    Parameters
    ----------
    utility : ndarray of shape (n_candidates,)
        Larger = ask sooner. Infinite values are allowed, NaN is not.
    k : int
        How many; all rows when `k` is larger than their number.
    rng : numpy.random.Generator
        Orders the ties, also those at the edge: each of them is equally likely to be in.

    Returns
    -------
    rows : ndarray of shape (min(k, n_candidates),)
        Row numbers. O(n_candidates) time beside O(k log k) for the order.

    Raises
    ------
    ValueError
        If `utility` holds NaN, is not a row of numbers, or `k` is negative.
    TypeError
        If `k` is not a whole number.

    Examples
    --------
    >>> top_k(np.array([0.1, 0.9, 0.5]), 2, np.random.default_rng(0))
    array([1, 2])
    """
    utility = np.asarray(utility)
    if utility.ndim != 1 or utility.dtype.kind not in "fiub":
        raise ValueError(
            f"utility has shape {utility.shape} and dtype {utility.dtype}; expected numbers, (n_candidates,)."
        )
    best = Best(check_nonnegative(k, "k"))
    for rows in tiles(len(utility), 1):
        tile = utility[rows]
        # The largest is NaN if any is.
        if np.isnan(tile.max()):
            row = rows.start + int(np.flatnonzero(np.isnan(tile))[0])
            raise ValueError(f"utility has NaN in row {row}; expected a number for each candidate.")
        kept = np.flatnonzero(tile >= best.edge)
        best.offer(rows.start + kept, tile[kept])
    return best.take(rng)[0]


class Best:
    """The k largest utilities of those offered, and all that tie with the last of them.

    Parameters
    ----------
    k : int
        How many.
    """

    def __init__(self, k: int) -> None:
        self._k = k
        #: What a utility must reach to be among the k largest so far.
        self.edge = -math.inf if k else math.inf
        self._rows: list[IntArray] = []
        self._utility: list[FloatArray] = []
        self._n = 0
        self._n_enough = k

    def offer(self, rows: IntArray, utility: FloatArray) -> None:
        """Take these rows into account; they come in ascending order, call after call."""
        self._rows.append(rows)
        self._utility.append(utility)
        self._n += len(rows)
        if self._n >= self._n_enough:
            self._drop()

    def join(self, later: Best) -> None:
        """Take into account what another kept of rows that come behind these."""
        for rows, utility in zip(later._rows, later._utility, strict=True):
            self.offer(rows, utility)

    def take(self, rng: np.random.Generator) -> tuple[IntArray, FloatArray]:
        """Return rows and utilities, largest first; ties, also those for the last place, in random order."""
        if len(self._rows) != 1:
            self._drop()
        rows, utility = self._rows[0], self._utility[0]
        inside, tied = np.flatnonzero(utility > self.edge), np.flatnonzero(utility == self.edge)
        n_missing = min(self._k, len(rows)) - len(inside)
        if len(tied) > n_missing:
            tied = rng.choice(tied, n_missing, replace=False)
        kept = np.concatenate([inside, tied])
        kept = kept[np.lexsort([rng.random(len(kept)), -utility[kept]])]
        return rows[kept], utility[kept]

    def kept(self) -> tuple[IntArray, FloatArray]:
        """Return rows, ascending, and utilities of all that may be among the k largest."""
        self._drop()
        return self._rows[0], self._utility[0]

    def _drop(self) -> None:
        """Raise the edge to the k-th largest, and forget what is below."""
        rows = np.concatenate([np.empty(0, np.intp), *self._rows])
        utility = np.concatenate(self._utility) if self._utility else np.empty(0)
        if 0 < self._k <= len(rows):
            self.edge = float(np.partition(utility, len(rows) - self._k)[len(rows) - self._k])
        kept = np.flatnonzero(utility >= self.edge)
        self._rows, self._utility, self._n = [rows[kept]], [utility[kept]], len(kept)
        # Ties may be many: the next time is after as much again has come.
        self._n_enough = 2 * max(self._n, self._k) + 256


@quiet
def power_sample(utility: FloatArray, n: int, rng: np.random.Generator, power: float = 1.0) -> IntArray:
    r"""Return rows drawn one after the other, without replacement, the likelier the larger their utility.

    .. math:: P(i) = \frac{u_i^\beta}{\sum_{j \in R} u_j^\beta}

    where :math:`u_i` is the utility of row i, :math:`\beta` the power and R the rows not drawn yet. The rows are
    the `n` largest of :math:`\beta \ln u_i + g_i`, with :math:`g_i` from the standard Gumbel distribution: largest
    first, that is the order of drawing.

    Parameters
    ----------
    utility : ndarray of shape (n_candidates,)
        0 or more, larger = ask sooner. Infinite ones are sure and come first, those of 0 come after all others; both
        in random order among themselves.
    n : int
        How many; all rows when `n` is larger than their number.
    rng : numpy.random.Generator
        Draws.
    power : float, default 1.0
        Above 0 and finite. The larger, the nearer to the `n` largest utilities; near 0 all are equally likely.

    Returns
    -------
    rows : ndarray of shape (min(n, n_candidates),)
        Distinct row numbers, in the order of drawing. O(n_candidates) time and memory, beside O(n log n).

    Raises
    ------
    ValueError
        If a utility is negative or NaN, `utility` is not a row of numbers, `n` is negative or `power` not above 0.
    TypeError
        If `n` is not a whole number.

    References
    ----------
    .. [1] Kirsch, Farquhar, Atighehchian, Jesson, Branchaud-Charron & Gal (2023), Stochastic batch acquisition: a
           simple baseline for deep active learning, TMLR.

    Examples
    --------
    >>> power_sample(np.array([0.0, 0.2, np.inf]), 3, np.random.default_rng(0))
    array([2, 1, 0])
    """
    utility = np.asarray(utility)
    if utility.ndim != 1 or utility.dtype.kind not in "fiub":
        raise ValueError(
            f"utility has shape {utility.shape} and dtype {utility.dtype}; expected numbers, (n_candidates,)."
        )
    if not 0 < power < np.inf:
        raise ValueError(f"power is {power}; expected a finite number above 0.")
    # Written so that NaN fails the comparison too.
    good = utility >= 0
    if not good.all():
        row = int(np.flatnonzero(~good)[0])
        raise ValueError(
            f"utility row {row} is {utility[row]}; expected 0 or more, for chances are proportional to it. "
            "Shift utilities that can be negative, by their minimum."
        )
    key = np.log(utility, dtype=np.float64)
    key *= power
    key += rng.gumbel(size=len(key))
    return top_k(key, n, rng)


@quiet
def draw_probability(utility: FloatArray, drawn: IntArray, power: float = 1.0) -> FloatArray:
    r"""Compute the probability with which `power_sample` drew each row among those left at its turn.

    Parameters
    ----------
    utility : ndarray of shape (n_candidates,)
        As given to `power_sample`.
    drawn : ndarray of shape (n,)
        Distinct rows, in the order of drawing.
    power : float, default 1.0
        As given to `power_sample`.

    Returns
    -------
    probability : ndarray of shape (n,)
        In [0, 1]; NaN where infinite utilities or only those of 0 were left. O(n_candidates).

    Examples
    --------
    >>> draw_probability(np.array([1.0, 1.0, 2.0]), np.array([2, 0]))
    array([0.5, 0.5])
    """
    utility = np.asarray(utility, np.float64)
    largest = utility.max(initial=0.0)
    if not 0 < largest < np.inf:
        return np.full(len(drawn), np.nan)
    weight = (utility / largest) ** power
    chosen = weight[drawn]
    # Summed from the smallest: what is left when nearly all is drawn must not be the rounding of what was.
    rest = weight.sum() - chosen.sum() if len(drawn) < len(weight) else 0.0
    left = np.maximum(rest, 0.0) + np.cumsum(chosen[::-1])[::-1]
    return np.where(left > 0, np.minimum(chosen / left, 1.0), np.nan)
