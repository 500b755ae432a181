"""Held-out samples that are in the pool as well: what is labeled there trains the model that is scored on them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from alwidgets.data.kinds import pool_of
from alwidgets.data.pool import n_rows
from alwidgets.types import IntArray

# So many test samples are looked for, evenly spread, in at most so many numbers of the pool.
_MOST_LOOKED_FOR = 2_000
_MOST_NUMBERS = 2**23
_AT_ONCE = 4_096


def share_in_pool(X_test: Any, X: Any) -> float:
    """Compute the share of the test samples that exactly equal a sample of the pool.

    Parameters
    ----------
    X_test, X : array-like of shape (n_test, ...) and (n_samples, ...)
        As `alwidgets.data.pool.as_samples` gives them; one may be sparse and the other an array.

    Returns
    -------
    share : float
        In [0, 1]; found on 2,000 test samples, and of a pool of more than 8 million numbers on a part of it, so that
        it is at least so much there. Costs a second at most.

    Examples
    --------
    >>> share_in_pool(np.array([[1.0], [2.0]]), np.array([[2.0], [3.0]]))
    0.5
    """
    keys = list(_keys(X_test, _spread(n_rows(X_test), _MOST_LOOKED_FOR)))
    width = max(1, pool_of(X).n_features)
    found = set(keys).intersection(_keys(X, _spread(n_rows(X), max(_AT_ONCE, _MOST_NUMBERS // width))))
    return sum(key in found for key in keys) / len(keys)


def _spread(n: int, most: int) -> IntArray:
    return np.unique(np.linspace(0, n - 1, min(n, most)).round().astype(np.intp))


def _keys(X: Any, rows: IntArray) -> Iterator[Any]:
    held = pool_of(X)
    for start in range(0, len(rows), _AT_ONCE):
        yield from held.keys(rows[start : start + _AT_ONCE])
