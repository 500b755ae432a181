"""The stop set: rows on which successive models are compared."""

from __future__ import annotations

import numpy as np

from alwidgets.types import IntArray
from alwidgets.utils.streams import stream

# Bloodgood & Vijay-Shanker compare the predictions of two models on as many samples.
_MOST = 2000
_BLOCK = 1 << 20


def stop_set_of(n_first: int, n_samples: int, random_state: int) -> IntArray:
    r"""Return the stop set of a pool, ascending: that of the pool as it was before begins it.

    Up to 2,000 random rows that the pool began with. Row i that came later is one of it with the probability
    :math:`\min(1, 2000 / (i + 1))`: as likely as a draw of 2,000 from the pool of then, so that whatever comes is seen,
    and a pool that doubles adds at most 2,000.

    Parameters
    ----------
    n_first, n_samples : int
        Rows that the pool began with, and that it has.
    random_state : int
        Where the session's randomness starts.

    Examples
    --------
    >>> stop_set_of(3, 5, 0)
    array([0, 1, 2, 3, 4])
    """
    rng = stream("stop set", random_state)
    found = [np.sort(rng.choice(n_first, min(_MOST, n_first), replace=False))]
    for start in range(n_first, n_samples, _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, n_samples))
        found.append(rows[rng.random(len(rows)) * (rows + 1) < _MOST])
    return np.concatenate(found)
