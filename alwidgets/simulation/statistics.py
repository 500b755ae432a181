"""Statistics of a comparison: paired tests, intervals over runs, and ranks with their critical difference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from alwidgets.scoring.efficiency import Curve, data_utilization_rate, labels_needed
from alwidgets.types import FloatArray
from alwidgets.utils.streams import stream

_N_RESAMPLES = 500
# Resamples of fewer splits are hardly more than the splits themselves, and an interval of them far too short.
_FEWEST_SPLITS = 5
#: What is called significant.
LEVEL = 0.05
# Share of a difference that may be rounding.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Paired:
    """Paired comparison of two strategies on the same splits.

    Parameters
    ----------
    n : int
        Splits that both have.
    difference : float
        Mean of the first's area under the curve minus the second's.
    wins, ties, losses : int
        Splits in which the first has the larger, an equal, the smaller area.
    p_t, p_wilcoxon : float
        p-values of the paired t test and of Wilcoxon's signed-rank test; 1 where no split differs, NaN for less than
        two splits; that of the t test also NaN where all differ by the same.
    """

    n: int
    difference: float
    wins: int
    ties: int
    losses: int
    p_t: float
    p_wilcoxon: float


def paired(first: Any, second: Any) -> Paired:
    """Compare two strategies by their areas on the same splits.

    Parameters
    ----------
    first, second : array-like of shape (n_runs,)
        Areas, larger = better.

    Returns
    -------
    paired : Paired

    References
    ----------
    .. [1] Wilcoxon (1945), Individual comparisons by ranking methods, Biometrics Bulletin 1, 80-83.

    Examples
    --------
    >>> found = paired([0.9, 0.8, 0.9], [0.8, 0.8, 0.7])
    >>> found.wins, found.ties, found.losses, round(found.difference, 3), round(found.p_t, 3)
    (2, 1, 0, 0.1, 0.225)
    """
    difference = np.asarray(first, np.float64) - np.asarray(second, np.float64)
    signs = np.sign(difference)
    wins, ties, losses = (int(np.sum(signs == sign)) for sign in (1, 0, -1))
    mean = float(difference.mean()) if len(difference) else float("nan")
    return Paired(len(difference), mean, wins, ties, losses, *_p_values(difference))


def _p_values(difference: FloatArray) -> tuple[float, float]:
    if len(difference) < 2:  # noqa: PLR2004 - one tells no spread
        return float("nan"), float("nan")
    if not difference.any():
        return 1.0, 1.0
    from scipy.stats import ttest_1samp, wilcoxon

    # Differences that are all equal but for their last digits have no spread that t could be measured in.
    spread = np.ptp(difference) > _ROUNDING * np.abs(difference).max()
    p_t = float(ttest_1samp(difference, 0.0).pvalue) if spread else float("nan")
    return p_t, float(wilcoxon(difference).pvalue)


def within(curve: Curve, span: tuple[float, float]) -> Curve:
    """Return the part of a curve between two numbers of labels, which it has; between rounds on the line that joins.

    Examples
    --------
    >>> within((np.array([10, 20, 40]), np.array([0.5, 0.7, 0.9])), (15, 40))
    (array([15, 20, 40]), array([0.6, 0.7, 0.9]))
    """
    (n_labeled, score), (low, high) = curve, span
    if (n_labeled[0], n_labeled[-1]) == span:
        return curve
    inner = n_labeled[(n_labeled > low) & (n_labeled < high)]
    grid = np.unique([low, *inner.tolist(), high])
    return grid, np.interp(grid, n_labeled, score)


@dataclass(frozen=True, eq=False)
class Runs:
    """The curves of one strategy, at the labels that all of its runs reach.

    Parameters
    ----------
    names : ndarray of shape (n_runs,)
        Which splits.
    n_labeled : ndarray of shape (n_rounds,)
        Labels.
    scores : ndarray of shape (n_runs, n_rounds)
        Scores, between two rounds on the line that joins them.
    """

    names: Any
    n_labeled: FloatArray
    scores: FloatArray

    @property
    def mean(self) -> Curve:
        """The mean curve."""
        return self.n_labeled, self.scores.mean(axis=0)

    def of(self, names: Any) -> FloatArray:
        """Return the scores of these splits."""
        place = {name: i for i, name in enumerate(self.names.tolist())}
        return self.scores[[place[name] for name in names]]


def runs_of(curves: dict[Any, Curve]) -> Runs:
    """Return the curves of a strategy, split -> (labels, scores), on one grid."""
    low = max(float(n[0]) for n, _ in curves.values())
    high = min(float(n[-1]) for n, _ in curves.values())
    grid = np.unique(np.concatenate([np.asarray(n, np.float64) for n, _ in curves.values()]))
    grid = grid[(grid >= low) & (grid <= high)]
    return Runs(np.array(list(curves)), grid, np.array([np.interp(grid, n, y) for n, y in curves.values()]))


def savings(curve: Runs, baseline: Runs, target: float, seed: int = 0) -> dict[str, float]:
    """Compute the label savings of a strategy over the baseline for a target, with a 95 % interval.

    Parameters
    ----------
    curve, baseline : Runs
        Of the same splits where they have them.
    target : float
        A score of the mean curves.
    seed : int
        Where the resamples start.

    Returns
    -------
    savings : dict
        labels_needed, baseline_needed, data_utilization_rate, label_savings, savings_low, savings_high. NaN where a
        curve does not reach the target; the interval is of 500 bootstrap resamples of the splits that both have, those
        that reach the target, and NaN where less than half of them do or there are fewer than five splits.
    """
    needed, usual = labels_needed(*curve.mean, target), labels_needed(*baseline.mean, target)
    ratio = data_utilization_rate(curve.mean, baseline.mean, target)
    low, high = _interval(curve, baseline, target, seed)
    found = {"labels_needed": needed, "baseline_needed": usual, "data_utilization_rate": ratio}
    found |= {"label_savings": None if ratio is None else 1 - ratio}
    return {name: float("nan") if value is None else value for name, value in found.items()} | {
        "savings_low": low,
        "savings_high": high,
    }


def _interval(curve: Runs, baseline: Runs, target: float, seed: int) -> tuple[float, float]:
    both = [name for name in curve.names.tolist() if name in set(baseline.names.tolist())]
    if len(both) < _FEWEST_SPLITS:
        return float("nan"), float("nan")
    ours, theirs = curve.of(both), baseline.of(both)
    rng = stream("resamples", seed)
    ratios = []
    for drawn in rng.integers(len(both), size=(_N_RESAMPLES, len(both))):
        means = (curve.n_labeled, ours[drawn].mean(axis=0)), (baseline.n_labeled, theirs[drawn].mean(axis=0))
        ratios.append(data_utilization_rate(*means, target))
    reached = [1 - ratio for ratio in ratios if ratio is not None]
    if len(reached) < _N_RESAMPLES / 2:
        return float("nan"), float("nan")
    low, high = np.quantile(reached, [LEVEL / 2, 1 - LEVEL / 2]).tolist()
    return low, high


def speed_up(curve: Runs, baseline: Runs, targets: FloatArray) -> float:
    """Compute the ratio of the baseline's labels to a curve's, averaged over targets that both reach."""
    ratios = [data_utilization_rate(baseline.mean, curve.mean, target) for target in targets.tolist()]
    reached = [ratio for ratio in ratios if ratio is not None]
    return float(np.mean(reached)) if reached else float("nan")


@dataclass(frozen=True, eq=False)
class Ranks:
    """Mean ranks of strategies over splits, and how far they must be apart to differ.

    Parameters
    ----------
    names : tuple of str
        The strategies, best first.
    mean_rank : ndarray of shape (n_strategies,)
        1 = best.
    critical_difference : float
        Mean ranks closer than this do not differ at the 5 % level (Nemenyi); NaN for less than two splits.
    p : float
        Of Friedman's test that all are alike; NaN for less than three strategies or two splits.
    n : int
        Splits.
    """

    names: tuple[str, ...]
    mean_rank: FloatArray
    critical_difference: float
    p: float
    n: int


def ranked(names: list[str], areas: FloatArray) -> Ranks:
    r"""Rank strategies on each split, and say which mean ranks differ.

    .. math:: CD = q_{0.05} \sqrt{\frac{k (k + 1)}{6 N}}

    where k is the number of strategies, N that of splits, and :math:`q_{0.05}` the 0.95-quantile of the studentized
    range of k values, divided by :math:`\sqrt 2`.

    Parameters
    ----------
    names : list of str
        The strategies.
    areas : ndarray of shape (n_splits, n_strategies)
        Larger = better.

    Returns
    -------
    ranks : Ranks

    References
    ----------
    .. [1] Demsar (2006), Statistical comparisons of classifiers over multiple data sets, JMLR 7, 1-30.

    Examples
    --------
    >>> ranks = ranked(["a", "b", "c"], np.array([[0.9, 0.8, 0.7]] * 4))
    >>> ranks.mean_rank.tolist(), round(ranks.critical_difference, 3)
    ([1.0, 2.0, 3.0], 1.657)
    """
    from scipy.stats import friedmanchisquare, rankdata, studentized_range

    n, k = areas.shape
    mean = rankdata(-areas, axis=1).mean(axis=0)
    order = np.argsort(mean, kind="stable")
    enough = n > 1 and k > 1
    q = float(studentized_range.ppf(1 - LEVEL, k, np.inf)) / np.sqrt(2) if enough else float("nan")
    alike = float("nan")
    if enough and k > 2:  # noqa: PLR2004 - of two, the paired tests tell
        alike = float(friedmanchisquare(*areas.T).pvalue) if np.ptp(areas, axis=1).any() else 1.0
    return Ranks(tuple(names[i] for i in order), mean[order], float(q * np.sqrt(k * (k + 1) / (6 * n))), alike, n)
