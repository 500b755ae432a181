"""Distances, and greedy choices by them, against SciPy and a brute force."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from alwidgets.kernels.distances import (
    NearestCenter,
    choose_greedily,
    nearest_to_mean,
    row_norms,
    squared_distances,
)


def points(seed, n, n_features=4):
    return np.random.default_rng(seed).normal(size=(n, n_features))


def test_norms_are_sums_of_squares():
    X = points(0, 50)
    np.testing.assert_allclose(row_norms(X), (X**2).sum(axis=1))


def test_norms_of_float32_are_found_in_float64():
    X = points(0, 50).astype(np.float32)
    np.testing.assert_array_equal(row_norms(X), row_norms(X.astype(float)))


def test_equal_rows_have_equal_norms_wherever_they_lie():
    X = np.tile(points(0, 1, 37), (1000, 1))
    assert len(set(row_norms(X).tolist())) == 1


@pytest.mark.parametrize("offset", [0.0, 1e6, 1e9])
def test_distances_are_those_of_scipy(offset):
    X, centers = points(0, 60) + offset, points(1, 7) + offset
    np.testing.assert_allclose(squared_distances(X, centers), cdist(X, centers, "sqeuclidean"), rtol=1e-10)


@pytest.mark.parametrize("step", [1e-3, 1e-7, 1e-12])
def test_rows_close_to_each_other_keep_their_digits(step):
    X = points(0, 60)
    centers = X + step * points(1, 60)
    np.testing.assert_allclose(squared_distances(X, centers), cdist(X, centers, "sqeuclidean"), rtol=1e-10)


def test_equal_rows_are_at_distance_zero():
    X = points(0, 60, 33)
    assert not np.diag(squared_distances(X, X)).any()


def test_distances_too_large_to_square_are_infinite_and_those_beside_them_right():
    X = np.array([[1e200], [3.0], [1.0]])
    assert squared_distances(X, X[1:]).tolist() == [[np.inf, np.inf], [0, 4], [4, 0]]


def test_no_centers_and_no_rows_give_no_distances():
    assert squared_distances(np.ones((3, 2)), np.ones((0, 2))).shape == (3, 0)
    assert squared_distances(np.ones((0, 2)), np.ones((3, 2))).shape == (0, 3)


@pytest.mark.parametrize("offset", [0.0, 1e9])
def test_the_row_nearest_to_the_mean_is_found_far_from_the_origin(offset):
    X = points(3, 500)
    assert nearest_to_mean(X + offset) == cdist(X, [X.mean(axis=0)]).argmin()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_bound_is_never_below_the_distance_and_equals_it_once_updated(dtype):
    X, X_labeled = (20 + points(4, 300)).astype(dtype), (20 + points(5, 6)).astype(dtype)
    nearest = NearestCenter(X, X_labeled, 3)
    nearest.estimate()
    for row in (5, 99, 200):
        nearest.choose(row)
        exact = cdist(X, np.vstack([X_labeled, X[nearest.chosen]]), "sqeuclidean").min(axis=1)
        assert (nearest.bound >= exact * (1 - 1e-13)).all()
        asked = np.arange(row, row + 40)
        nearest.update(asked)
        np.testing.assert_allclose(nearest.bound[asked], exact[asked], rtol=1e-13, atol=0)
        assert (nearest.bound >= exact * (1 - 1e-13)).all()


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(1, 3), st.floats(-1, 1))
def test_greedy_choices_are_those_of_scoring_every_row_for_every_pick(seed, n_features, drift):
    # Small whole numbers tie; a drift makes scores rise or fall from pick to pick. 300 rows are looked at together, or
    # with small tiles take several rounds.
    generator = np.random.default_rng(seed)
    X = generator.integers(0, 6, (300, n_features)).astype(float)
    taste = generator.integers(0, 4, 300) / 4

    def score(squared, rows, k):
        return squared + drift * k * taste[rows]

    chosen, X_labeled = [], X[:1] + 0.5
    for k in range(40):
        squared = cdist(X, np.vstack([X_labeled, X[chosen]]), "sqeuclidean").min(axis=1)
        utility = score(squared, slice(None), k)
        utility[chosen] = -np.inf
        chosen.append(int(utility.argmax()))
    assert choose_greedily(NearestCenter(X, X_labeled, 40), 40, score).tolist() == chosen
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("alwidgets.kernels.distances.TILE_NUMBERS", 1)
        assert choose_greedily(NearestCenter(X, X_labeled, 40), 40, score).tolist() == chosen
