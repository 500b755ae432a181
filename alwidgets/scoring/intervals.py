"""Intervals of an accuracy."""

from __future__ import annotations

import math
from statistics import NormalDist


def accuracy_interval(n_correct: int, n: int, *, confidence: float = 0.95) -> tuple[float, float]:
    r"""Return the exact (Clopper-Pearson) interval of a share.

    .. math:: [B_{\alpha/2}(k, n - k + 1),\; B_{1-\alpha/2}(k + 1, n - k)]

    where k is the number correct, n the number tried, :math:`B_q(a, b)` the q-quantile of the Beta
    distribution and :math:`\alpha` one minus the confidence. It covers the true share at least that often.

    Parameters
    ----------
    n_correct : int
        k, from 0 to n.
    n : int
        At least 1.
    confidence : float
        In (0, 1).

    Returns
    -------
    low, high : float
        In [0, 1].

    References
    ----------
    .. [1] Clopper & Pearson (1934), The use of confidence or fiducial limits, Biometrika 26, 404-413.

    Examples
    --------
    >>> [round(limit, 4) for limit in accuracy_interval(9, 10)]
    [0.555, 0.9975]
    """
    from scipy.special import betaincinv

    alpha = 1 - confidence
    low = 0.0 if n_correct == 0 else float(betaincinv(n_correct, n - n_correct + 1, alpha / 2))
    high = 1.0 if n_correct == n else float(betaincinv(n_correct + 1, n - n_correct, 1 - alpha / 2))
    return low, high


def wilson_interval(n_correct: float, n: int, *, confidence: float = 0.95) -> tuple[float, float]:
    r"""Return the Wilson score interval of a share.

    .. math:: \frac{p + z^2 / 2n \pm z \sqrt{p (1 - p) / n + z^2 / 4n^2}}{1 + z^2 / n}

    where p is the share correct, n the number tried and z the quantile of the normal distribution at
    :math:`(1 + \text{confidence}) / 2`. Narrower than the exact interval, it covers the true share about that often,
    on the average over shares.

    Parameters
    ----------
    n_correct : float
        From 0 to n; also an expected number.
    n : int
        At least 1.
    confidence : float
        In (0, 1).

    Returns
    -------
    low, high : float
        In [0, 1].

    References
    ----------
    .. [1] Wilson (1927), Probable inference, the law of succession, and statistical inference, Journal of the American
           Statistical Association 22, 209-212.

    Examples
    --------
    >>> [round(limit, 4) for limit in wilson_interval(9, 10)]
    [0.5958, 0.9821]
    """
    z2, share = NormalDist().inv_cdf((1 + confidence) / 2) ** 2, n_correct / n
    middle, half = share + z2 / (2 * n), math.sqrt(z2 * share * (1 - share) / n + (z2 / (2 * n)) ** 2)
    low, high = ((middle + side * half) / (1 + z2 / n) for side in (-1, 1))
    # A rounding may lead past the ends.
    return max(0.0, low), min(1.0, high)
