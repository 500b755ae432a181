"""From utilities to rows."""

from __future__ import annotations

import operator

import numpy as np

from alwidgets.types import FloatArray, IntArray


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
        If `utility` holds NaN, is no row of numbers, or `k` is negative.
    TypeError
        If `k` is no whole number.

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
    if operator.index(k) < 0:
        raise ValueError(f"k is {k}; expected 0 or more.")
    if np.isnan(utility).any():
        row = int(np.flatnonzero(np.isnan(utility))[0])
        raise ValueError(f"utility has NaN in row {row}; expected a number for each candidate.")
    k = min(k, len(utility))
    if k == 0:
        return np.empty(0, np.intp)
    # The k-th largest splits the rows into those surely in and those that tie for the last places.
    edge = np.partition(utility, len(utility) - k)[len(utility) - k]
    inside = np.flatnonzero(utility > edge)
    tied = np.flatnonzero(utility == edge)
    n_missing = k - len(inside)
    if len(tied) > n_missing:
        tied = rng.choice(tied, n_missing, replace=False)
    rows = np.concatenate([inside, tied])
    order = np.lexsort([rng.random(k), -utility[rows]])
    return rows[order]


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
        If a utility is negative or NaN, `utility` is no row of numbers, `n` is negative or `power` not above 0.
    TypeError
        If `n` is no whole number.

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
    with np.errstate(divide="ignore"):
        key = np.log(utility, dtype=np.float64)
    key *= power
    key += rng.gumbel(size=len(key))
    return top_k(key, n, rng)
