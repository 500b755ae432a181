"""Scores of a pool that grew: each part counts as much as it has rows, however many of its samples were asked."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, make_scorer

from alwidgets.scoring.by_part import ByPart, by_part, strata_of, stratified_accuracy
from alwidgets.scoring.intervals import wilson_interval
from alwidgets.scoring.outputs import KnownOutputs
from alwidgets.scoring.scores import as_metrics, measure

PARTS = [("first", 1000), ("monday", 3000)]


def said(right, rng):
    """Labels, and predictions of them that are right or wrong as they are to be."""
    y = rng.integers(2, size=len(right))
    return y, np.where(right, y, 1 - y)


def test_the_interval_holds_the_truth_by_part_and_seldom_when_all_count_alike():
    # 1,000 samples with an error of 5 %, and 3,000 that came later with 25 %, of which fewer were asked so far.
    rng, truth, n_runs = np.random.default_rng(0), 0.8, 600
    rows = np.repeat([0, 1000], [60, 20])
    held, values = {"alike": 0, "by part": 0}, {"alike": [], "by part": []}
    for _ in range(n_runs):
        y, predicted = said(rng.random(80) < np.repeat([0.95, 0.75], [60, 20]), rng)
        for name, parts in (("alike", None), ("by part", by_part(rows, PARTS))):
            score = measure(KnownOutputs(predicted), y, "audit", parts=parts)[0]
            held[name] += score.low <= truth <= score.high
            values[name].append(score.value)
    assert np.mean(values["alike"]) == pytest.approx(0.90, abs=0.01)
    assert np.mean(values["by part"]) == pytest.approx(truth, abs=0.01)
    assert held["alike"] / n_runs < 0.5
    assert 0.92 < held["by part"] / n_runs < 0.98


def test_the_accuracy_is_the_mean_of_the_parts_by_their_rows():
    value, low, high = stratified_accuracy([(19, 20, 0.25), (15, 30, 0.75)])
    (l1, h1), (l2, h2) = wilson_interval(19, 20), wilson_interval(15, 30)
    assert value == pytest.approx(0.25 * 0.95 + 0.75 * 0.5)
    assert low == pytest.approx(value - np.hypot(0.25 * (0.95 - l1), 0.75 * (0.5 - l2)))
    assert high == pytest.approx(value + np.hypot(0.25 * (h1 - 0.95), 0.75 * (h2 - 0.5)))


@pytest.mark.parametrize("metric", ["f1_macro", "balanced_accuracy"])
def test_other_metrics_weigh_samples_by_their_parts(rng, metric):
    rows = np.repeat([0, 1000], [90, 30])
    y, predicted = said(rng.random(120) < np.repeat([0.95, 0.6], [90, 30]), rng)
    parts = by_part(rows, PARTS)
    assert parts.weights.tolist() == pytest.approx(np.repeat([0.25 / 0.75, 0.75 / 0.25], [90, 30]).tolist())
    found = measure(KnownOutputs(predicted), y, "audit", metrics=as_metrics(metric), parts=parts)[0]
    alike = measure(KnownOutputs(predicted), y, "audit", metrics=as_metrics(metric))[0]
    if metric == "f1_macro":
        assert found.value == pytest.approx(f1_score(y, predicted, average="macro", sample_weight=parts.weights))
    assert found.value < alike.value - 0.1
    assert found.low < found.value < found.high


def test_a_function_that_cannot_weigh_says_so(rng):
    y, predicted = said(rng.random(40) < 0.8, rng)
    parts = by_part(np.repeat([0, 1000], 20), PARTS)
    own = as_metrics([lambda estimator, X, y: 1.0, make_scorer(accuracy_score)])
    mine, score, *_ = measure(KnownOutputs(predicted), y, "audit", metrics=own, parts=parts)
    assert "give a scorer made by make_scorer" in mine.problem
    assert 0.5 < score.value < 1


@pytest.mark.parametrize(
    ("n", "n_rows", "lacking"),
    [
        ((20, 4), (1000, 3000), "5 random questions of part 'b' have an answer; 4 have"),
        ((20, 1), (1000, 300), "5 random questions of part 'b' have an answer; 1 has"),
        ((20, 5), (1000, 3000), ""),
        ((20, 0), (1000, 100), ""),
        ((20, 3, 4), (1000, 90, 100), "5 random questions of part 'c' have an answer; 4 have"),
        ((3, 4), (500, 500), "5 random questions of part 'a' have an answer; 3 have"),
    ],
)
def test_a_large_part_that_was_hardly_asked_leaves_the_score_unmeasured(rng, n, n_rows, lacking):
    parts = ByPart(np.repeat(np.arange(len(n)), n), n_rows, ("a", "b", "c")[: len(n)])
    assert parts.lacking == lacking
    y, predicted = said(rng.random(sum(n)) < 0.8, rng)
    score = measure(KnownOutputs(predicted), y, "audit", parts=parts)[0]
    if lacking and sum(n) >= 10:
        assert score.problem == f"accuracy is measured once {lacking}"
    assert np.isnan(score.value) == bool(lacking)


def test_small_parts_count_with_the_part_before_them():
    parts = ByPart(np.array([0] * 6 + [1] * 2 + [2] * 8), (900, 50, 50), ("a", "b", "c"))
    assert [(rows.tolist(), share) for rows, share in parts.strata] == [
        ([0, 1, 2, 3, 4, 5, 6, 7], pytest.approx(0.95)), ([8, 9, 10, 11, 12, 13, 14, 15], pytest.approx(0.05)),
    ]  # fmt: skip
    first = ByPart(np.array([0, 1, 1, 1, 1, 1]), (50, 950), ("a", "b"))
    assert [share for _, share in first.strata] == [1.0]


def test_a_pool_of_one_part_has_none():
    assert by_part(np.arange(9), [("first", 100)]) is None


def test_answers_to_stand_for_the_pool_are_as_many_of_each_part_as_it_has_rows(rng):
    parts = by_part(np.repeat([0, 1000], [60, 21]), PARTS)
    drawn = parts.representative(rng)
    assert len(np.unique(drawn)) == 28
    assert (drawn < 60).sum() == 7
    assert by_part(np.repeat([0, 1000], [60, 2]), PARTS).representative(rng).tolist() == []


def test_small_parts_are_taken_together_until_each_stratum_can_be_measured(rng):
    parts = [("first", 100), *((f"s{i}", 1) for i in range(300)), ("monday", 3000)]
    assert strata_of(parts)[1:3] == (("s0 to s49", 50), ("s50 to s99", 50))
    rows = np.concatenate([np.arange(10), 100 + np.array([10, 60, 70, 110, 120, 130]), 400 + np.arange(9)])
    found = by_part(rows, parts)
    assert found.names == ("first", "s0 to s149", "s150 to s299", "monday")
    assert found.lacking == ""
    # The last of them has no answers, and counts with those before.
    assert [round(share * 3400) for _, share in found.strata] == [100, 300, 3000]
    alone = by_part(rows[:16], parts[:-1])
    assert alone.lacking == "5 random questions of part 's150 to s299' have an answer; 0 have"


def test_what_a_rule_asked_is_a_stratum_beside_the_rest_of_the_parts():
    asked = np.arange(1000, 2500)
    found = by_part(np.array([5, 1003, 2600, 1004]), PARTS, asked)
    assert found.names == ("first", "monday", "what a rule asked on arrival")
    assert found.n_rows == (1000, 1500, 1500)
    assert found.part.tolist() == [0, 2, 1, 2]
    assert by_part(np.repeat([5, 2600, 1003], [5, 5, 3]), PARTS, asked).lacking == (
        "5 random questions of what a rule asked on arrival have an answer; 3 have"
    )
