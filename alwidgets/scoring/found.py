"""Bound on the number of samples of a class in all, by draws at random."""

from __future__ import annotations

import numpy as np

from alwidgets.types import BoolArray, IntArray

# A bet that suits many missing ones loses on few, and the other way round: the capital is spread over these.
_STAKES = np.array([0.2, 0.4, 0.6, 0.8, 1.0])


def most_by_draws(
    hit: BoolArray, found: IntArray, n_left: IntArray, *, n_found: int, n_unread: int, confidence: float = 0.95
) -> int:
    r"""Return the largest number of samples of a class that uniform draws do not rule out, whenever one looks.

    Were there K in all, draw i would be of the class with the probability :math:`\mu_i = (K - f_i) / N_i`, whatever
    happened before: :math:`f_i` were found by then, and N_i were left. Whoever bets against it, with a stake of
    :math:`\lambda / (1 - \mu_i)` of what they have, has :math:`\prod_i (1 + \lambda (\mu_i - x_i) / (1 - \mu_i))` in
    the end, a martingale that starts at 1: it ever reaches 1 / (1 - confidence) with a probability of at most
    1 - confidence (Ville). A K with such a capital is ruled out, at all times together. The capital is the mean
    over five :math:`\lambda` up to 1, where it is the inverse of the probability of no hit at all.

    Parameters
    ----------
    hit : ndarray of bool, shape (n_draws,)
        Which draws were of the class, in the order of drawing.
    found : ndarray of shape (n_draws,)
        Samples of the class that had been taken out before each draw.
    n_left : ndarray of shape (n_draws,)
        Samples that each was drawn from, uniformly.
    n_found, n_unread : int
        Samples of the class found, and samples unread, by now.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    most : int
        From `n_found` to `n_found` + `n_unread`. O(n_draws log n_unread).

    References
    ----------
    .. [1] Waudby-Smith & Ramdas (2020), Confidence sequences for sampling without replacement, NeurIPS.
    .. [2] Lewis, Gray & Noel (2023), Confidence sequences for evaluating one-phase technology-assisted review, ICAIL.

    Examples
    --------
    >>> none = np.zeros(50, bool)
    >>> most_by_draws(none, np.full(50, 20), np.arange(100, 50, -1), n_found=20, n_unread=50)
    25
    """
    low, high = n_found, n_found + n_unread
    while low < high:
        middle = (low + high + 1) // 2
        # Draws from before are of pools that held them all.
        chance = np.clip((middle - found) / np.maximum(n_left, 1), 0, 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            gain = 1 + _STAKES[:, None] * np.where(hit, -1.0, chance / (1 - chance))
        capital = float(np.mean(np.prod(gain, axis=1)))
        ruled_out = not capital < 1 / (1 - confidence)
        low, high = (low, middle - 1) if ruled_out else (middle, high)
    return low
