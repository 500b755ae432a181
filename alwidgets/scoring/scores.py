"""Scores: the data they were measured on, the number of samples, and their uncertainty.

Actively chosen labels are a biased test set. A score is therefore always one of these kinds, and says which:

- *held out*: on a test set of its own;
- *audit*: on questions drawn uniformly at random, never trained on;
- *test then train*: on such questions too, each predicted by the model of the time and only then trained on. It is an
  estimate of how the models of the last 100 such questions did, on the average, on the samples that had no answer yet:
  neither of the newest model, which is better as a rule, nor of the whole pool. Where most of a small pool is labeled,
  what is left is easy, and the score is too high for the pool; only held-out samples tell of new ones;
- *weighted*: cross-validated on the labeled set, weighted by how likely each sample was to be asked;
- *cross-validated*: on the labeled set as it is, biased by how it was chosen.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

import numpy as np

from alwidgets.data.label_kinds import is_indicator
from alwidgets.data.labels import equal_labels
from alwidgets.data.pool import take
from alwidgets.scoring.average_precision import AveragePrecision
from alwidgets.scoring.by_part import ByPart
from alwidgets.scoring.intervals import accuracy_interval
from alwidgets.scoring.outputs import FoldOutputs, KnownOutputs, Outputs
from alwidgets.scoring.resamples import resampled
from alwidgets.types import BoolArray, Class, FloatArray, IntArray
from alwidgets.utils.streams import stream

ScoreKind = Literal["held out", "audit", "test then train", "weighted", "cross-validated"]

_N_FOLDS = 5
_N_RESAMPLES = 200
_MOST_NEAR = 4
#: Random questions that a score needs: on fewer its interval says nothing.
FEWEST_AUDITED = 10
#: Kinds of scores that are measured on audit answers.
OF_AUDITS = ("audit", "test then train")
# What can be measured on samples of one class. The other metrics of scikit-learn are 0, or 1, there by convention.
_OF_ANY_CLASS = frozenset({"accuracy_score", "top_k_accuracy_score", "zero_one_loss", "hamming_loss"})


@dataclass(frozen=True, slots=True)
class Score:
    """A score with its 95 % interval.

    Parameters
    ----------
    value : float
        Larger is better; NaN when nothing could be measured.
    low, high : float
        Limits of the interval.
    kind : ScoreKind
        What it was measured on.
    n : int
        On how many samples.
    metric : str
        What was measured.
    problem : str
        Why it could not be measured; empty when it could, or when there was nothing to measure on.
    later : bool
        Whether it could not be measured yet: further answers may be enough. False also when it was measured.
    """

    value: float
    low: float
    high: float
    kind: ScoreKind
    n: int
    metric: str = "accuracy"
    problem: str = ""
    later: bool = False

    @property
    def measured(self) -> bool:
        """True if there is a value: a missing one is never shown as a number."""
        return bool(np.isfinite(self.value))


@dataclass(frozen=True, slots=True)
class ClassScore:
    """Recall and precision of one class.

    Parameters
    ----------
    label : str, int, float or bool
        The class.
    recall, precision : float
        Share of its samples that are predicted as it, and share of what is predicted as it that is; NaN where
        there is none.
    n : int
        Its samples in what the score was measured on.
    """

    label: Class
    recall: float
    precision: float
    n: int


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric.

    Parameters
    ----------
    name : str
        What it is called.
    scorer : callable or None
        (estimator, X, y) -> float, larger is better; None is the accuracy, with all classes right in multilabel tasks.
    """

    name: str
    scorer: Callable[..., float] | None = None

    @property
    def needs_classes(self) -> bool:
        """True if it is undefined on samples of one class, such as recall without positives."""
        function = getattr(self.scorer, "_score_func", None)
        module, name = (str(getattr(function, attribute, "")) for attribute in ("__module__", "__name__"))
        return module.startswith("sklearn.") and name not in _OF_ANY_CLASS


ACCURACY = Metric("accuracy")


def as_metrics(scoring: Any) -> tuple[Metric, ...]:
    """Return the metrics behind `scoring`.

    Parameters
    ----------
    scoring : str, callable, list of these, or dict of name to one of these
        Names of scikit-learn's scorers, or functions (estimator, X, y) -> float.

    Raises
    ------
    ValueError
        If a name is unknown or given twice, or there is nothing.
    TypeError
        If something is neither a name nor a function.

    Examples
    --------
    >>> [metric.name for metric in as_metrics(["accuracy", "f1_macro"])]
    ['accuracy', 'f1_macro']
    """
    if isinstance(scoring, Mapping):
        metrics = tuple(replace(_metric(scorer), name=str(name)) for name, scorer in scoring.items())
    elif isinstance(scoring, list | tuple):
        metrics = tuple(map(_metric, scoring))
    else:
        metrics = (_metric(scoring),)
    if not metrics:
        raise ValueError(f"scoring is {scoring!r}; expected at least one metric, such as 'accuracy'.")
    names = [metric.name for metric in metrics]
    if any(metric.name == ACCURACY.name and metric.scorer is not None for metric in metrics):
        raise ValueError(f"scoring is {scoring!r}; expected another name than 'accuracy' for another metric.")
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"scoring has {name!r} more than once; expected different names.")
    return metrics


def _metric(scorer: Any) -> Metric:
    if scorer == "accuracy":
        return ACCURACY
    if isinstance(scorer, str):
        from sklearn.metrics import get_scorer, get_scorer_names

        if scorer not in get_scorer_names():
            near = _near(scorer, get_scorer_names()) or ["accuracy", "balanced_accuracy", "f1_macro"]
            raise ValueError(f"Unknown metric {scorer!r}; expected a scorer of scikit-learn, such as {near}.")
        return Metric(scorer, get_scorer(scorer))
    if not callable(scorer):
        raise TypeError(
            f"scoring is {scorer!r}; expected the name of a scorer or a function (estimator, X, y) -> float."
        )
    function = getattr(scorer, "_score_func", scorer)
    return Metric(str(getattr(function, "__name__", type(scorer).__name__)), scorer)


def _near(name: str, known: Sequence[str]) -> list[str]:
    """Return similar names for a misspelled one: those that it begins, then those spelled alike."""
    from difflib import get_close_matches

    begun = [each for each in known if name and each.startswith(name)]
    return list(dict.fromkeys([*begun, *get_close_matches(name, known, _MOST_NEAR)]))[:_MOST_NEAR]


_BASES: dict[str, str] = {
    "held out": "measured on {n} held-out samples",
    "audit": "measured on {n} random questions",
    "test then train": "measured on {n} random questions, each before it was learned",
    "weighted": "cross-validated on {n} labels, weighted by how likely each was to be asked",
    "cross-validated": "cross-validated on {n} labels, biased: they were chosen",
}


def basis(kind: str, n: int) -> str:
    """Name what a score was measured on.

    Examples
    --------
    >>> basis("audit", 40)
    'measured on 40 random questions'
    """
    return _BASES.get(kind, f"{kind} on {{n}} samples").replace("{n}", f"{n:,}")


def measure(
    outputs: Outputs | KnownOutputs | FoldOutputs,
    y: Any,
    kind: ScoreKind,
    *,
    metrics: Sequence[Metric] = (ACCURACY,),
    seed: int = 0,
    weights: FloatArray | None = None,
    classes: Sequence[Class] = (),
    parts: ByPart | None = None,
) -> tuple[Score, ...]:
    """Return the scores of what a model says of samples it was not trained on.

    Parameters
    ----------
    outputs : Outputs, KnownOutputs or FoldOutputs
        What it says of them.
    y : ndarray of shape (n_samples,) or (n_samples, n_classes)
        Their labels; in a multilabel task an indicator matrix.
    kind : ScoreKind
        What these samples are.
    metrics : sequence of Metric
        What to measure.
    seed : int
        Where the resamples of the intervals start.
    weights : ndarray of shape (n_samples,), optional
        How much each counts; their mean is 1 where all count the same.
    classes : sequence of str, int, float or bool
        The declared classes, to name those that are missing.
    parts : ByPart, optional
        The parts of a pool that grew, which the samples are of: each counts as much as it has rows.

    Returns
    -------
    scores : tuple of Score
        One a metric. The interval of the accuracy is exact, or by part as of `stratified_accuracy`; that of others, and
        of what is weighted, is from 200 bootstrap resamples. What cannot be measured is NaN and says why in `problem`:
        the scorer fails, there are fewer than 10 random questions, or fewer than 5 of a part, all samples are of one
        class and the metric needs others, as on random questions the accuracy does too, or fewer than 5 of the class of
        an average precision were met.

    Examples
    --------
    >>> y = np.array(["ham", "spam", "spam", "ham"])
    >>> measure(KnownOutputs(np.array(["ham", "spam", "ham", "ham"])), y, "held out")[0].value
    0.75
    """
    if not len(y):
        return unmeasured(kind, metrics)
    if kind in OF_AUDITS and len(y) < FEWEST_AUDITED:
        why = f"{{}} is measured from {FEWEST_AUDITED} random questions on; {len(y)} have an answer"
        return unmeasured(kind, metrics, why, n=len(y), later=True)
    if parts is not None and (lacking := parts.lacking):
        return unmeasured(kind, metrics, f"{{}} is measured once {lacking}", n=len(y), later=True)
    missing = _missing(y, classes)
    scores: list[Score] = []
    for metric in metrics:
        # Random questions that met one class only say nothing of the others: an accuracy of 1 there is no news.
        if missing and (metric.needs_classes or (classes and kind in OF_AUDITS and metric.scorer is None)):
            why = f"{{}} is not measured yet: {_WHERE[kind]} {missing}"
            scores += unmeasured(kind, [metric], why, n=len(y), later=kind != "held out")
        elif kind in OF_AUDITS and isinstance(metric.scorer, AveragePrecision) and (why := metric.scorer.lacking(y)):
            scores += unmeasured(kind, [metric], why, n=len(y), later=True)
        else:
            scores.append(_score(outputs, y, kind, metric, seed, weights, parts))
    return tuple(scores)


_WHERE: dict[str, str] = {
    "held out": "the test set has",
    "audit": "the audit has",
    "test then train": "the audit has",
    "weighted": "the labels have",
    "cross-validated": "the labels have",
}


def _missing(y: Any, classes: Sequence[Class]) -> str:
    """Describe the classes missing for a score; empty if none are."""
    if is_indicator(y):
        return "" if np.asarray(y).any() else "no sample with a label"
    present = np.unique(y)
    if len(present) > 1:
        return ""
    others = [label for label in classes if label != present[0]]
    return f"no {others[0]!r}" if len(others) == 1 else f"only {present[:1].tolist()[0]!r}"


def value_of(outputs: Outputs | KnownOutputs, y: Any, metric: Metric) -> float:
    """Return a metric alone, without its interval; NaN where its scorer fails, or the labels are of one class."""
    if metric.scorer is None:
        return float(np.mean(equal_labels(outputs.get("predict"), y)))
    if metric.needs_classes and _missing(y, ()):
        return np.nan
    try:
        return _scorer_of_rows(outputs, y, metric, None)(np.arange(len(y)))
    except Exception:  # noqa: BLE001 - a user's scorer may raise anything
        return np.nan


def cross_validated(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    seed: int,
    metrics: Sequence[Metric] = (ACCURACY,),
    weights: FloatArray | None = None,
) -> tuple[Score, ...]:
    """Return the scores over stratified folds of the labeled set; biased, since the labels were chosen.

    NaN while some class has fewer than two labels. In a multilabel task the folds are drawn at random, and it is
    NaN below four labels. The interval takes the labeled samples for a random
    sample, which they are not; with `weights` (see `lure_weights`) each counts as often as it stands for others,
    a weight of 0 trains only, the kind is "weighted", and the interval is from 200 bootstrap resamples.
    """
    from sklearn.base import clone
    from sklearn.model_selection import KFold, StratifiedKFold

    kind: ScoreKind = "cross-validated" if weights is None else "weighted"
    # No folds have equal shares of all combinations of classes.
    largest = len(y) // 2 if is_indicator(y) else int(np.unique(y, return_counts=True)[1].min())
    n_folds = min(_N_FOLDS, largest)
    if n_folds < 2:  # noqa: PLR2004 - one fold leaves nothing to train on
        return unmeasured(kind, metrics, "{} is measured once every class has two labels", later=True)
    folds = (KFold if is_indicator(y) else StratifiedKFold)(n_folds, shuffle=True, random_state=seed)
    outputs = FoldOutputs(clone(estimator), X, y, folds)
    return measure(outputs, y, kind, metrics=metrics, seed=seed, weights=weights)


def unmeasured(
    kind: ScoreKind, metrics: Sequence[Metric] = (ACCURACY,), why: str = "", *, n: int = 0, later: bool = False
) -> tuple[Score, ...]:
    """Return NaN scores with the reason why they cannot be measured yet; `{}` stands for the metric."""
    return tuple(
        Score(np.nan, np.nan, np.nan, kind, n, metric.name, why.replace("{}", metric.name), later) for metric in metrics
    )


def per_class(y: Any, predicted: Any, classes: Sequence[Class]) -> tuple[ClassScore, ...]:
    """Return recall and precision of each class; labels and predictions may be indicator matrices.

    Examples
    --------
    >>> per_class(np.array(["ham", "ham", "spam"]), np.array(["ham", "spam", "spam"]), ["spam"])[0].precision
    0.5
    """
    y, predicted = np.asarray(y), np.asarray(predicted)
    scores = []
    for place, label in enumerate(classes):
        true, said = (values[:, place] == 1 if is_indicator(y) else values == label for values in (y, predicted))
        n_right, n_true, n_said = (int(np.count_nonzero(those)) for those in (true & said, true, said))
        recall, precision = (n_right / n if n else np.nan for n in (n_true, n_said))
        scores.append(ClassScore(label, recall, precision, n_true))
    return tuple(scores)


def _score(
    outputs: Any, y: Any, kind: ScoreKind, metric: Metric, seed: int, weights: FloatArray | None, parts: ByPart | None
) -> Score:
    n = len(y)
    if metric.scorer is None and parts is not None:
        return Score(*parts.accuracy(equal_labels(outputs.get("predict"), y)), kind, n, metric.name)
    if metric.scorer is None and weights is None:
        n_correct = int(np.count_nonzero(equal_labels(outputs.get("predict"), y)))
        return Score(n_correct / n, *accuracy_interval(n_correct, n), kind, n, metric.name)
    try:
        with warnings.catch_warnings():
            # A resample may lack a class: scikit-learn says so for each.
            warnings.simplefilter("ignore")
            of_parts = weights if parts is None else parts.weights
            value, values = _resampled(outputs, y, metric, seed, of_parts, parts)
    except Exception as error:  # noqa: BLE001 - a user's scorer may raise anything
        problem = f"{metric.name} failed: {type(error).__name__}: {error}"
        return Score(np.nan, np.nan, np.nan, kind, n, metric.name, problem)
    if not np.isfinite(value):
        return unmeasured(kind, [metric], f"{metric.name} gave {value}", n=n)[0]
    if _divides_by_no_prediction(outputs, metric):
        return unmeasured(kind, [metric], "{} is not measured yet: the model predicts no positive", n=n, later=True)[0]
    low, high = np.nanquantile(values, [0.025, 0.975]).tolist()
    if low == high and weights is None:
        # Where nothing was wrong no resample differs; the exact interval of the accuracy says how sure that is.
        n_correct = int(np.sum(equal_labels(outputs.get("predict"), y)))
        exact = accuracy_interval(n_correct, n)
        low, high = min(low, value + exact[0] - n_correct / n), max(high, value + exact[1] - n_correct / n)
    return Score(value, min(low, value), max(high, value), kind, n, metric.name)


def _divides_by_no_prediction(outputs: Any, metric: Metric) -> bool:
    """Return whether a metric is a share of what is predicted as the positive class, and nothing is."""
    function = getattr(metric.scorer, "_score_func", None)
    if getattr(function, "__name__", "") != "precision_score":
        return False
    average = getattr(metric.scorer, "_kwargs", {}).get("average", "binary")
    predicted = outputs.get("predict")
    positive = getattr(metric.scorer, "_kwargs", {}).get("pos_label", 1)
    return average == "binary" and not is_indicator(predicted) and not np.any(np.asarray(predicted) == positive)


def _resampled(
    outputs: Any, y: Any, metric: Metric, seed: int, weights: FloatArray | None, parts: ByPart | None
) -> tuple[float, FloatArray]:
    """Return the value and that of 200 bootstrap resamples."""
    rng = stream("resamples", seed)
    n = len(y)
    if metric.scorer is None:
        # The weighted errors are fewer than what is right, and vary less.
        wrong = ~equal_labels(outputs.get("predict"), y) * (np.ones(n) if weights is None else weights)
        drawn = rng.integers(n, size=(_N_RESAMPLES, n))
        return float(1 - min(wrong.mean(), 1)), 1 - np.minimum(wrong[drawn].mean(axis=1), 1)
    score = _scorer_of_rows(outputs, y, metric, weights)
    draws = rng.integers(n, size=(_N_RESAMPLES, n)) if parts is None else parts.draws(_N_RESAMPLES, rng)
    value = score(np.arange(n))
    counted = resampled(metric.scorer, y, outputs.get("predict"), draws) if weights is None else None
    if counted is None:
        return value, np.array([score(drawn) for drawn in draws])
    return value, np.where(_lacks_classes(y, draws), np.nan, counted) if metric.needs_classes else counted


def _lacks_classes(y: Any, draws: IntArray) -> BoolArray:
    """Return a mask of the draws with only one class, or in a multilabel task without any label."""
    if is_indicator(y):
        labeled: BoolArray = np.any(y, axis=1)
        return np.asarray(~labeled[draws].any(axis=1))
    codes = np.unique(y, return_inverse=True)[1][draws]
    one: BoolArray = codes.min(axis=1) == codes.max(axis=1)
    return one


def _scorer_of_rows(outputs: Any, y: Any, metric: Metric, weights: FloatArray | None) -> Callable[[IntArray], float]:
    """Return row numbers -> score, from what the model has said already wherever that is enough."""
    scorer: Any = metric.scorer
    estimator, needs_classes = _estimator_of(outputs), metric.needs_classes
    if isinstance(outputs, KnownOutputs) and not is_indicator(y):
        # A class that was never predicted is one all the same.
        estimator.classes_ = np.union1d(outputs.classes, y)

    def of_known(rows: IntArray) -> float:
        if needs_classes and _missing(y[rows], ()):
            return np.nan
        extra = {} if weights is None else {"sample_weight": weights[rows]}
        return float(scorer(estimator, rows, y[rows], **extra))

    if hasattr(scorer, "_score_func"):  # scikit-learn's look at nothing but the predictions
        return of_known
    if weights is not None or not isinstance(outputs, Outputs):
        raise TypeError(
            "a function of X cannot weigh samples, and it cannot score predictions alone; give a scorer made by "
            "make_scorer"
        )

    def of_samples(rows: IntArray) -> float:
        return float(scorer(outputs.learner, take(outputs.X, rows), y[rows]))

    everything = np.arange(len(y))
    try:
        same = of_known(everything) == of_samples(everything)
    except Exception:  # noqa: BLE001 - it wants the samples themselves
        return of_samples
    return of_known if same else of_samples


def _estimator_of(outputs: Any) -> Any:
    """Return an estimator for scorers whose samples are row numbers of what is known already."""
    estimator = _estimator_class()()
    estimator.outputs_, estimator.classes_ = outputs, outputs.classes
    return estimator


@cache
def _estimator_class() -> Any:
    from sklearn.base import BaseEstimator, ClassifierMixin
    from sklearn.utils.metaestimators import available_if

    def knows(method: str) -> Callable[[Any], bool]:
        return lambda self: self.outputs_.has(method)

    class KnownEstimator(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
        """Answers with what is known of the rows it is given."""

        def fit(self, X: Any, y: Any) -> Any:
            raise NotImplementedError

        def predict(self, rows: IntArray) -> Any:
            return self.outputs_.get("predict")[rows]

        @available_if(knows("predict_proba"))  # type: ignore[untyped-decorator]
        def predict_proba(self, rows: IntArray) -> Any:
            return self.outputs_.get("predict_proba")[rows]

        @available_if(knows("decision_function"))  # type: ignore[untyped-decorator]
        def decision_function(self, rows: IntArray) -> Any:
            return self.outputs_.get("decision_function")[rows]

    return KnownEstimator
