"""Weights that undo the bias of actively drawn labels."""

from __future__ import annotations

import numpy as np

from alwidgets.types import FloatArray


def lure_weights(probability: FloatArray, n_samples: int) -> FloatArray:
    r"""Compute the weights of M samples that were drawn one by one with known probabilities.

    .. math:: v_m = 1 + \frac{N - M}{N - m} \left( \frac{1}{(N - m + 1)\, q_m} - 1 \right)

    where N is the number of samples they were drawn from, M the number drawn, m = 1 ... M the place in the order of
    drawing and :math:`q_m` the probability with which the m-th was drawn among those that were left. The mean of
    :math:`v_m` times the loss of the m-th is then an unbiased estimate of the mean loss over all N.

    Parameters
    ----------
    probability : ndarray of shape (M,)
        q, in the order of drawing, in (0, 1].
    n_samples : int
        N, at least M.

    Returns
    -------
    weights : ndarray of shape (M,)
        0 or more. O(M).

    Raises
    ------
    ValueError
        If a probability is not in (0, 1], or more were drawn than there are.

    References
    ----------
    .. [1] Farquhar, Gal & Rainforth (2021), On statistical bias in active learning: how and when to fix it, ICLR.

    Examples
    --------
    >>> lure_weights(np.array([1 / 4, 1 / 3]), 4)  # drawn uniformly: all count the same
    array([1., 1.])
    """
    q = np.asarray(probability, np.float64)
    if q.ndim != 1 or not ((q > 0) & (q <= 1)).all():
        raise ValueError("probability has a value outside (0, 1]; expected how likely each sample was to be drawn.")
    n_drawn = len(q)
    if n_drawn > n_samples:
        raise ValueError(f"{n_drawn} samples were drawn of {n_samples}; expected at most as many as there are.")
    m = np.arange(1, n_drawn + 1)
    # After the last one is drawn nothing is left to stand for.
    left = np.maximum(n_samples - m, 1)
    return np.maximum(1 + (n_samples - n_drawn) / left * (1 / ((n_samples - m + 1) * q) - 1), 0.0)
