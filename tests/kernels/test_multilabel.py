"""The kernels for labels of any number of classes, against what their formulas say, written out."""

import math
from itertools import product

import numpy as np
import pytest

from alwidgets import kernels

OF_PROBA = ["set_least_confidence", "set_ratio", "set_entropy"]
OF_SCORES = ["binary_minimum", "avg_confidence", "max_score", "avg_score", "max_loss", "mean_max_loss"]


@pytest.fixture
def proba(rng):
    return np.concatenate([rng.random((40, 4)), [[0.5] * 4, [0.0, 1.0, 0.0, 1.0], [1.0, 1.0, 1.0, 0.5]]])


@pytest.fixture
def score(rng):
    return rng.normal(scale=2, size=(60, 4))


def sets_of(row):
    """The probability of each set of classes, largest first."""
    chances = [math.prod(p if has else 1 - p for p, has in zip(row, each, strict=True)) for each in
               product((0, 1), repeat=len(row))]  # fmt: skip
    return sorted(chances, reverse=True)


def test_least_confidence_is_what_the_most_probable_set_leaves(proba):
    expected = [1 - sets_of(row)[0] for row in proba]
    np.testing.assert_allclose(kernels.set_least_confidence(proba), expected, atol=1e-12)


def test_the_ratio_is_that_of_the_two_most_probable_sets(proba):
    expected = [sets_of(row)[1] / sets_of(row)[0] for row in proba]
    np.testing.assert_allclose(kernels.set_ratio(proba), expected, atol=1e-12)


def test_the_entropy_is_that_of_all_sets_as_a_share_of_the_largest(proba):
    expected = [-sum(p * math.log(p) for p in sets_of(row) if p > 0) / math.log(16) for row in proba]
    np.testing.assert_allclose(kernels.set_entropy(proba), expected, atol=1e-12)


def test_of_one_class_the_kernels_are_those_of_two_classes():
    p = np.linspace(0, 1, 21)
    both = np.stack([p, 1 - p], axis=1)
    for name in ("least_confidence", "ratio", "entropy"):
        of_sets = getattr(kernels, f"set_{name}")(p[:, None])
        np.testing.assert_allclose(of_sets, getattr(kernels, name)(both), atol=1e-12)
    np.testing.assert_allclose(1 + kernels.binary_minimum(2 * p[:, None] - 1), kernels.margin(both), atol=1e-12)


def test_confidences_and_scores_are_taken_over_the_classes(score):
    rows = score.tolist()
    assert kernels.binary_minimum(score).tolist() == [-min(map(abs, row)) for row in rows]
    assert kernels.max_score(score).tolist() == [max(row) for row in rows]
    np.testing.assert_allclose(kernels.avg_confidence(score), [-sum(map(abs, row)) / 4 for row in rows])
    np.testing.assert_allclose(kernels.avg_score(score), [sum(row) / 4 for row in rows])


def loss(row, only):
    """The hinge loss of all classes for a sample that has a single one."""
    return sum(max(0.0, 1 - (1 if c == only else -1) * s) for c, s in enumerate(row))


def test_the_maximum_loss_is_that_of_the_surest_class_alone(score):
    expected = [loss(row, row.index(max(row))) for row in score.tolist()]
    np.testing.assert_allclose(kernels.max_loss(score), expected)


def test_the_mean_maximum_loss_is_over_the_classes_that_are_predicted(score):
    score[0] = -abs(score[0])
    expected = []
    for row in score.tolist():
        given = [c for c, s in enumerate(row) if s > 0] or [row.index(max(row))]
        expected.append(sum(loss(row, c) for c in given) / len(given))
    np.testing.assert_allclose(kernels.mean_max_loss(score), expected)


@pytest.mark.parametrize("name", [*OF_PROBA, *OF_SCORES])
def test_a_candidate_has_the_same_utility_in_any_company_and_order_of_classes(name, rng):
    kernel, values = getattr(kernels, name), rng.random((50, 5))
    utility = kernel(values)
    assert utility.shape == (50,)
    order, classes = rng.permutation(50), rng.permutation(5)
    np.testing.assert_allclose(kernel(values[order]), utility[order])
    np.testing.assert_allclose(kernel(values[:, classes]), utility)
    np.testing.assert_allclose(kernel(values.astype(np.float32)), utility, atol=1e-5)


@pytest.mark.parametrize("name", [*OF_PROBA, *OF_SCORES])
@pytest.mark.parametrize("bad", [np.zeros(3), np.full((2, 3), np.nan), [[0.5]]])
def test_what_are_no_numbers_of_each_class_is_refused(name, bad):
    with pytest.raises(ValueError, match="expected"):
        getattr(kernels, name)(bad)


@pytest.mark.parametrize("name", OF_PROBA)
@pytest.mark.parametrize("value", [1.01, -0.01])
def test_what_is_no_probability_is_refused_by_its_row(name, value):
    proba = np.full((3, 2), 0.5)
    proba[1, 1] = value
    with pytest.raises(ValueError, match="proba row 1 is"):
        getattr(kernels, name)(proba)
