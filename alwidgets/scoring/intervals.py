"""Intervals of an accuracy."""

from __future__ import annotations


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
