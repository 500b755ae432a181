"""Random-sampling baseline, which a session is compared with while it goes on."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from alwidgets.data.labels import teaches
from alwidgets.data.pool import n_rows, take
from alwidgets.models.spec import ModelSpec
from alwidgets.scoring.curves import scored_rounds
from alwidgets.scoring.efficiency import area, data_utilization_rate, deficiency
from alwidgets.scoring.intervals import accuracy_interval
from alwidgets.scoring.outputs import KnownOutputs, Outputs
from alwidgets.scoring.scores import (
    ACCURACY,
    FEWEST_AUDITED,
    Metric,
    value_of,
)
from alwidgets.types import FloatArray, IntArray
from alwidgets.utils.streams import stream

BaselineSource = Literal["audit", "simulated"]

_N_POINTS = 8
# A score this near to that of the most frequent class does not count as better.
_LEAST_ABOVE = 0.005
_N_FOLDS = 5


@dataclass(frozen=True, eq=False)
class Baseline:
    """Scores of the same learner on labels drawn uniformly at random.

    Parameters
    ----------
    n_labeled : ndarray of shape (n_points,)
        How many labels, ascending.
    score, low, high : ndarray of shape (n_points,)
        Mean over the runs, and the limits of its 95 % interval.
    source : {"audit", "simulated"}
        Whether the labels are those of the audit questions, which were drawn at random, or drawn from the whole pool,
        with the present model's prediction where a sample has no label.
    metric : str
        What the score is.
    n_runs : int
        Draws.
    majority : float
        Score of always answering the most frequent class of what it was scored on; NaN where the metric cannot be had
        of predictions alone.
    n_scored : int or None
        How many samples it was scored on; None where that is not known.
    """

    n_labeled: IntArray
    score: FloatArray
    low: FloatArray
    high: FloatArray
    source: BaselineSource
    metric: str
    n_runs: int
    majority: float = float("nan")
    n_scored: int | None = None

    @property
    def name(self) -> str:
        """Name of the line."""
        return "random" if self.source == "audit" else "random, simulated"


@dataclass(frozen=True, slots=True)
class Efficiency:
    """Comparison of a session with random sampling.

    Parameters
    ----------
    area, baseline_area : float
        Mean score over the labels that both curves span.
    target : float
        The lower of the scores at which both end, each the mean of the last two.
    savings : float
        Share of the labels that the baseline needed for it, saved; negative when more were needed. NaN where the
        target is not clearly better than always answering the most frequent class: a model that knows nothing has it
        too.
    data_utilization_rate : float
        Labels needed for it, for each one that the baseline needed; NaN as the savings.
    deficiency : float
        Below 1 is better than random; NaN when the baseline did not rise.
    simulated : bool
        Whether the baseline was simulated.
    majority : float
        Score of always answering the most frequent class; NaN where it is not known.
    """

    area: float
    baseline_area: float
    target: float
    savings: float
    data_utilization_rate: float
    deficiency: float
    simulated: bool
    majority: float = float("nan")

    @property
    def sentence(self) -> str:
        """Summary of the label savings."""
        if np.isnan(self.savings):
            near = ", which is too near to be told apart" if self.target > self.majority + _LEAST_ABOVE else ""
            return (
                f"No saving can be told yet: the curves meet at a score of {self.target:.3f}, and always answering the "
                f"most frequent class reaches {self.majority:.3f}{near}."
            )
        against = "random sampling, simulated," if self.simulated else "random sampling"
        saved = f"{self.savings:.0%} fewer" if self.savings >= 0 else f"{-self.savings:.0%} more"
        return f"{saved} labels than {against} to a score of {self.target:.3f}."


def efficiency(n_labeled: IntArray, score: FloatArray, baseline: Baseline) -> Efficiency | None:
    """Compare a learning curve with a baseline; None if their ranges of labels do not overlap.

    Parameters
    ----------
    n_labeled : ndarray of shape (n_rounds,)
        Labels at each round, above 0, in any order: answers may have been undone.
    score : ndarray of shape (n_rounds,)
        Their scores; those that are NaN are left out.
    baseline : Baseline
        Of the same metric.
    """
    ours, theirs = scored_rounds(n_labeled, score), (baseline.n_labeled, baseline.score)
    if not len(ours[0]):
        return None
    first = max(ours[0][0], theirs[0][0])
    last = min(ours[0][-1], theirs[0][-1])
    if first >= last:
        return None
    n = np.unique(np.concatenate([[first, last], ours[0], theirs[0]]))
    n = n[(n >= first) & (n <= last)]
    curve, usual = np.interp(n, *ours), np.interp(n, *theirs)
    # As `labels_needed` smooths the ends: both curves reach it.
    target = float(min(np.mean(scores[-2:]) for _, scores in (ours, theirs)))
    needed: Any = data_utilization_rate(ours, theirs, target)
    # What the baseline's own interval cannot tell from knowing nothing is not a target.
    doubt = max(_LEAST_ABOVE, float(np.mean((baseline.high - baseline.score)[-2:])))
    if target <= baseline.majority + doubt or _lower_limit(target, baseline.n_scored) <= baseline.majority:
        needed = float("nan")
    return Efficiency(
        area=area(n, curve),
        baseline_area=area(n, usual),
        target=target,
        savings=1 - needed,
        data_utilization_rate=needed,
        deficiency=deficiency((n, curve), (n, usual)),
        simulated=baseline.source == "simulated",
        majority=baseline.majority,
    )


def _lower_limit(score: float, n: int | None) -> float:
    """Return the lower limit of the 95 % interval of a score, taken as the share that is right of n samples."""
    if not n or not 0 <= score <= 1:
        return score
    return accuracy_interval(round(score * n), n)[0]


def from_audit(
    X: Any,
    labels: Any,
    model_spec: ModelSpec,
    *,
    test: tuple[Any, Any] | None,
    metric: Metric = ACCURACY,
    n_runs: int = 10,
    seed: int = 0,
) -> Baseline:
    """Return the baseline of labels that were drawn at random: those of the audit.

    Parameters
    ----------
    X : array-like of shape (n_audit, ...)
        The audit samples.
    labels : ndarray of shape (n_audit,) or (n_audit, n_classes)
        Their labels.
    model_spec : ModelSpec
        The learner.
    test : tuple of (X, y) or None
        What to score on; None scores on a fifth of the audit that is left out in turn.
    metric : Metric
        What to measure.
    n_runs : int
        Draws for each number of labels.
    seed : int
        Where the draws start.

    Returns
    -------
    baseline : Baseline
        Up to as many labels as there are. O(n_runs) fits for each of at most 8 numbers of labels.

    Raises
    ------
    ValueError
        If there are fewer than 10 audit labels, or no model can be fitted on those drawn.
    """
    n = len(labels)
    if n < FEWEST_AUDITED:
        raise ValueError(
            f"there are {n} audit labels; expected at least {FEWEST_AUDITED} to draw a random baseline from."
        )
    how = metric, n_runs, seed
    if test is not None:
        return _summary(*_tested(X, labels, n, model_spec, test, how), "audit", how, test[1])
    return _summary(*_left_out(X, labels, model_spec, how), "audit", how, labels)


def simulated(
    X: Any,
    labels: Any,
    n_most: int,
    model_spec: ModelSpec,
    *,
    test: tuple[Any, Any],
    metric: Metric = ACCURACY,
    n_runs: int = 10,
    seed: int = 0,
) -> Baseline:
    """Return the baseline of random draws from a pool whose missing labels a model has filled in.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        The pool.
    labels : ndarray of shape (n_samples,) or (n_samples, n_classes)
        Given where there is one, predicted elsewhere.
    n_most : int
        The largest number of labels to draw.
    model_spec, metric, n_runs, seed
        As in `from_audit`.
    test : tuple of (X, y)
        What to score on, with true labels.

    Returns
    -------
    baseline : Baseline
        What a model learns from its own predictions is at best what it knows: where the present model is wrong the
        line is too low.

    Raises
    ------
    ValueError
        If no model can be fitted on the labels drawn.
    """
    how = metric, n_runs, seed
    return _summary(*_tested(X, labels, n_most, model_spec, test, how), "simulated", how, test[1])


def _tested(
    X: Any, labels: Any, n_most: int, model_spec: ModelSpec, test: tuple[Any, Any], how: tuple[Metric, int, int]
) -> tuple[IntArray, FloatArray]:
    """Return numbers of labels, and the scores on the test set of each run with each."""
    metric, n_runs, seed = how
    sizes = _sizes(n_most)
    scores = np.full((n_runs, len(sizes)), np.nan)
    for run in range(n_runs):
        order = stream("baseline", seed, run).permutation(n_rows(X))
        for place, size in enumerate(sizes.tolist()):
            learner = _fit(model_spec, X, labels, np.sort(order[:size]), seed + run)
            if learner is not None:
                scores[run, place] = value_of(Outputs(learner, test[0]), test[1], metric)
    return sizes, scores


def _left_out(X: Any, labels: Any, model_spec: ModelSpec, how: tuple[Metric, int, int]) -> tuple[IntArray, FloatArray]:
    """Return the same, with each sample scored by a model of labels among which it is not."""
    metric, n_runs, seed = how
    n = len(labels)
    sizes = _sizes(n - -(-n // _N_FOLDS))
    scores = np.full((n_runs, len(sizes)), np.nan)
    for run in range(n_runs):
        folds = np.array_split(stream("baseline", seed, run).permutation(n), _N_FOLDS)
        for place, size in enumerate(sizes.tolist()):
            predicted = np.empty_like(labels)
            for i, fold in enumerate(folds):
                rest = np.concatenate(folds[i + 1 :] + folds[:i])
                learner = _fit(model_spec, X, labels, np.sort(rest[:size]), seed + run)
                if learner is None:
                    break
                predicted[fold] = learner.predict(take(X, fold))
            else:
                scores[run, place] = value_of(KnownOutputs(predicted), labels, metric)
    return sizes, scores


def _fit(model_spec: ModelSpec, X: Any, labels: Any, rows: IntArray, seed: int) -> Any:
    """Return a learner fitted on some rows; None when they are of one class or too few for it."""
    if not teaches(labels[rows]):
        return None
    try:
        learner = model_spec.fit(take(X, rows), labels[rows], seed)
        # Some notice only now that they have seen too few: a nearest-neighbor classifier does.
        learner.predict(take(X, rows[:1]))
    except ValueError:
        return None
    return learner


def _sizes(n_most: int) -> IntArray:
    return np.unique(np.geomspace(min(FEWEST_AUDITED // 2, n_most), n_most, _N_POINTS).round().astype(np.intp))


def majority_score(y: Any, metric: Metric) -> float:
    """Return the score of always answering the most frequent label; NaN where it cannot be had of predictions alone.

    Examples
    --------
    >>> majority_score(np.array(["ham", "ham", "ham", "spam"]), ACCURACY)
    0.75
    """
    labels, counts = np.unique(y, axis=0, return_counts=True)
    always = np.repeat(labels[[np.argmax(counts)]], len(y), axis=0)
    with warnings.catch_warnings():
        # That some class is never predicted is the point.
        warnings.simplefilter("ignore")
        return value_of(KnownOutputs(always), y, metric)


def _summary(
    sizes: IntArray, scores: FloatArray, source: BaselineSource, how: tuple[Metric, int, int], y: Any
) -> Baseline:
    metric, n_runs, _ = how
    # A number of labels that most draws could not be fitted on would show the luck of the others.
    n_most, known = sizes[-1], np.mean(np.isfinite(scores), axis=0) > 0.5  # noqa: PLR2004
    scores, sizes = scores[:, known], sizes[known]
    if not len(sizes):
        raise ValueError(
            f"no model could be fitted on up to {n_most} labels drawn at random; expected labels of two classes or "
            "more. Label on, then try again."
        )
    mean, n = np.nanmean(scores, axis=0), np.isfinite(scores).sum(axis=0)
    spread = 1.96 * np.nanstd(scores, axis=0) / np.sqrt(n)
    low, high, majority = mean - spread, mean + spread, majority_score(y, metric)
    return Baseline(sizes, mean, low, high, source, metric.name, n_runs, majority, len(y))
