"""Scores of resamples from counts are those that scikit-learn gives of each resample."""

import warnings

import numpy as np
import pytest
from sklearn.metrics import get_scorer, make_scorer, matthews_corrcoef, recall_score

from alwidgets.scoring.outputs import KnownOutputs
from alwidgets.scoring.resamples import resampled
from alwidgets.scoring.scores import Metric, measure

KNOWN = [
    "balanced_accuracy",
    *(f"{of}_{mean}" for of in ("f1", "precision", "recall", "jaccard") for mean in ("macro", "micro", "weighted")),
]


def one_by_one(scorer, y, predicted, draws):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [scorer._sign * scorer._score_func(y[rows], predicted[rows], **scorer._kwargs) for rows in draws]


@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.parametrize("labels", [["a", "b"], ["a", "b", "c", "d", "e"], [0, 1], [3, 1, 2, 40]], ids=str)
@pytest.mark.parametrize("n_samples", [1, 4, 30])
def test_of_one_class_a_sample_they_are_those_of_each_resample(rng, name, labels, n_samples):
    # Rare classes are absent from some resamples, or predicted only, or never predicted.
    share = np.linspace(0.9, 0.1, len(labels)) / np.linspace(0.9, 0.1, len(labels)).sum()
    y, predicted = (rng.choice(labels, n_samples, p=share) for _ in range(2))
    draws = rng.integers(n_samples, size=(20, n_samples))
    scorer = get_scorer(name)
    np.testing.assert_allclose(
        resampled(scorer, y, predicted, draws), one_by_one(scorer, y, predicted, draws), rtol=1e-13, atol=1e-13
    )


@pytest.mark.parametrize("name", KNOWN[1:])
def test_of_many_classes_a_sample_too(rng, name):
    y, predicted = (rng.random((12, 4)) < [0.6, 0.3, 0.1, 0.0] for _ in range(2))
    y, predicted, draws = y.astype(int), predicted.astype(int), rng.integers(12, size=(20, 12))
    scorer = get_scorer(name)
    np.testing.assert_allclose(
        resampled(scorer, y, predicted, draws), one_by_one(scorer, y, predicted, draws), rtol=1e-13, atol=1e-13
    )


@pytest.mark.parametrize(
    "scorer",
    [
        get_scorer("f1"), get_scorer("roc_auc"), get_scorer("neg_log_loss"), get_scorer("f1_samples"),
        make_scorer(matthews_corrcoef), make_scorer(recall_score, average="macro", labels=[0]),
        make_scorer(recall_score, average="macro", greater_is_better=False), lambda _model, _X, _y: 1.0,
    ],
)  # fmt: skip
def test_a_scorer_that_takes_more_is_left_to_score_each_resample(scorer):
    assert resampled(scorer, np.array([0, 1]), np.array([0, 1]), np.array([[0, 1]])) is None


@pytest.mark.parametrize("name", ["f1_macro", "balanced_accuracy"])
def test_an_interval_is_that_of_scoring_each_resample(rng, name):
    y, predicted = rng.integers(5, size=40), rng.integers(5, size=40)
    scorer = get_scorer(name)
    of_counts, of_each = (
        measure(KnownOutputs(predicted), y, "audit", metrics=(Metric(name, each),), seed=3)[0]
        for each in (scorer, make_scorer(lambda y, said: scorer._score_func(y, said, **scorer._kwargs)))
    )
    assert of_counts.value == of_each.value
    assert (of_counts.low, of_counts.high) == pytest.approx((of_each.low, of_each.high), abs=1e-13)
