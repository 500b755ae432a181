"""k_center against a brute force over all distances."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.spatial.distance import cdist

from alwidgets.kernels import k_center


def brute_force(X, X_labelled, n):
    chosen = []
    for _ in range(min(n, len(X))):
        centres = np.vstack([X_labelled, X[chosen]])
        if len(centres):
            nearest = cdist(X, centres).min(axis=1)
            nearest[chosen] = -1
            chosen.append(int(nearest.argmax()))
        else:
            chosen.append(int(cdist(X, [X.mean(axis=0)]).argmin()))
    return chosen


def points(seed, n_labelled):
    generator = np.random.default_rng(seed)
    return generator.normal(size=(60, 3)), generator.normal(size=(n_labelled, 3))


@pytest.mark.parametrize("n", [0, 1, 12, 60, 100])
@pytest.mark.parametrize("n_labelled", [0, 1, 9])
@pytest.mark.parametrize("seed", range(4))
def test_it_picks_what_a_brute_force_picks(seed, n_labelled, n):
    X, X_labelled = points(seed, n_labelled)
    assert k_center(X, X_labelled, n).tolist() == brute_force(X, X_labelled, n)


def test_the_frozen_example_stays():
    X = np.random.default_rng(0).normal(size=(60, 2))
    assert (k_center(X[10:], X[:10], 5) + 10).tolist() == [37, 34, 20, 25, 39]


@pytest.mark.parametrize("offset", [0.0, 1e6, 1e9])
def test_points_far_from_the_origin_are_told_apart(offset):
    X, X_labelled = points(1, 5)
    assert k_center(X + offset, X_labelled + offset, 10).tolist() == brute_force(X, X_labelled, 10)


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.int64, np.uint8])
def test_every_kind_of_number_gives_what_float64_gives(dtype):
    # Squares lie at different distances from each other, and are exact in every type.
    X = (np.arange(12)[:, None] ** 2).astype(dtype)
    assert k_center(X, X[:2], 6).tolist() == brute_force(X.astype(float), X[:2].astype(float), 6)


def test_rows_that_are_all_alike_are_each_given_once():
    assert sorted(k_center(np.ones((5, 2)), np.ones((1, 2)), 5).tolist()) == [0, 1, 2, 3, 4]


def test_the_covering_radius_is_at_most_twice_the_best():
    from itertools import combinations

    X = np.random.default_rng(5).normal(size=(12, 2))
    distance = cdist(X, X)
    best = min(distance[:, list(three)].min(axis=1).max() for three in combinations(range(12), 3))
    greedy = distance[:, k_center(X, np.empty((0, 2)), 3)].min(axis=1).max()
    assert best <= greedy <= 2 * best


def test_a_read_only_input_is_left_alone():
    X, X_labelled = points(2, 4)
    before = X.copy()
    X.setflags(write=False)
    X_labelled.setflags(write=False)
    k_center(X, X_labelled, 5)
    np.testing.assert_array_equal(X, before)


@pytest.mark.parametrize(
    ("X", "X_labelled", "cure"),
    [
        (np.ones((3, 2)), np.ones((1, 3)), "expected two matrices with the same number of columns"),
        (np.ones(3), np.ones((1, 3)), r"X is a ndarray of shape \(3,\) and dtype float64; expected an array of"),
        (csr_matrix(np.eye(3)), np.eye(3), "sparse matrix first, with TruncatedSVD"),
        (np.eye(3), [[1, 2, 3]], "X_labelled is a list"),
        (np.array([[0.0], [np.nan]]), np.ones((1, 1)), "X row 1 is not finite"),
        (np.ones((1, 1)), np.array([[np.inf]]), "X_labelled row 0 is not finite"),
    ],
)
def test_a_wrong_argument_is_refused(X, X_labelled, cure):
    with pytest.raises(ValueError, match=cure):
        k_center(X, X_labelled, 1)
