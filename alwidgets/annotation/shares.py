"""Shares of right answers with their intervals, an annotator each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from alwidgets.scoring.intervals import wilson_interval
from alwidgets.types import FloatArray


def shares(n_right: Sequence[float], n: Sequence[int]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return shares and the ends of their 95 % intervals (Wilson); NaN of none.

    Examples
    --------
    >>> [values.round(2).tolist() for values in shares([9, 0], [10, 0])]
    [[0.9, nan], [0.6, nan], [0.98, nan]]
    """
    nan = float("nan")
    each = [(k / m, *wilson_interval(k, m)) if m else (nan, nan, nan) for k, m in zip(n_right, n, strict=True)]
    share, low, high = np.array(each).reshape(-1, 3).T
    return share, low, high
