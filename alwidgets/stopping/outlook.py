"""Forecast of the labels that a criterion still needs."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from alwidgets.types import FloatArray

# Further back, the trend was another.
_ROUNDS = 10
# A line through fewer points has no spread to tell.
_FEWEST_ROUNDS = 4
# Nothing is known so many times farther than the labels seen.
_FARTHEST = 10


def labels_to_go(
    values: Sequence[float | None], n_labeled: Sequence[int], threshold: float, *, below: bool
) -> tuple[float, float, float] | None:
    """Forecast the labels until a criterion's value reaches its threshold, if its trend continues.

    A line through the last 10 rounds whose slope is the median of those between all pairs of rounds (Theil-Sen): a
    few odd rounds do not turn it. The interval holds the slope with 95 % (Sen's, from the ranks of the slopes), if
    the trend is a line and rounds err independently, which they seldom do: read it as a hint.

    Parameters
    ----------
    values : sequence of float or None, length n_rounds
        The criterion's value in each round, oldest first; None and NaN are left out.
    n_labeled : sequence of int, length n_rounds
        Labels given by then.
    threshold : float
        What the value is on its way to.
    below : bool
        True when it must come down to it, False when it must rise.

    Returns
    -------
    to_go : tuple of float (value, low, high) or None
        In labels, 0 or more; zeros when the newest value is there. None with fewer than 4 rounds, when the value does
        not move towards the threshold, or the way is more than 10 times the labels so far; `high` is at most that.
        O(1).

    Raises
    ------
    ValueError
        If the two sequences differ in length.

    References
    ----------
    .. [1] Sen (1968), Estimates of the regression coefficient based on Kendall's tau, JASA 63, 1379-1389.

    Examples
    --------
    >>> value, low, high = labels_to_go([0.5, 0.4, 0.3, 0.2], [10, 20, 30, 40], 0.1, below=True)
    >>> round(value, 6)
    10.0
    """
    if len(values) != len(n_labeled):
        raise ValueError(f"values has length {len(values)} and n_labeled {len(n_labeled)}; expected one each a round.")
    x, y = _latest(values, n_labeled)
    if not len(y) or not math.isfinite(threshold):
        return None
    # Turned so that the value always comes down, to 0.
    y = (y - threshold) * (1 if below else -1)
    if y[-1] <= 0:
        return 0.0, 0.0, 0.0
    if len(y) < _FEWEST_ROUNDS or np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    return _crossing(x, y)


def _latest(values: Sequence[float | None], n_labeled: Sequence[int]) -> tuple[FloatArray, FloatArray]:
    """Return labels and values of the latest rounds that have one, oldest first."""
    known: list[tuple[float, float]] = []
    for i in range(len(values) - 1, -1, -1):
        value = values[i]
        if value is not None and math.isfinite(value):
            known.append((n_labeled[i], value))
        if len(known) == _ROUNDS:
            break
    pairs = np.array(known[::-1], np.float64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _crossing(x: FloatArray, y: FloatArray) -> tuple[float, float, float] | None:
    """Return the distance from the last x to where a falling y reaches 0, with the interval of its slope."""
    from scipy.stats import theilslopes

    slope, _, steepest, shallowest = theilslopes(y, x)
    if slope >= 0:
        return None
    height = max(0.0, float(np.median(y - slope * x) + slope * x[-1]))
    farthest = _FARTHEST * float(x[-1])
    value = height / -slope
    if value > farthest:
        return None
    low = height / -min(slope, steepest) if math.isfinite(steepest) else 0.0
    high = height / -shallowest if shallowest < 0 else farthest
    return float(value), float(low), float(min(high, farthest))
