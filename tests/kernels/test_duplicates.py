"""duplicated and cosine_similarity against loops over all pairs."""

import numpy as np
import pytest
from sklearn.metrics.pairwise import cosine_similarity as expected_similarity

from alwidgets.kernels import duplicated
from alwidgets.kernels.duplicates import cosine_similarity


def brute_force(X, threshold, known=()):
    def near(a, b):
        if not a.any() or not b.any():
            return not a.any() and not b.any()
        return a @ b / np.sqrt((a @ a) * (b @ b)) >= threshold - 4e-16

    X = np.asarray(X, np.longdouble)
    kept, marked = [np.asarray(each, np.longdouble) for each in known], []
    for row in X:
        marked.append(any(near(row, other) for other in kept))
        if not marked[-1]:
            kept.append(row)
    return marked


@pytest.mark.parametrize("n", [0, 1, 2, 40, 300])
@pytest.mark.parametrize("threshold", [0.2, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("n_known", [0, 3, 50])
def test_marked_is_what_is_near_a_known_row_or_one_before_that_is_not_marked(n, threshold, n_known):
    rng = np.random.default_rng(n)
    X, known = rng.normal(size=(n, 3)), rng.normal(size=(n_known, 3))
    assert duplicated(X, threshold, known).tolist() == brute_force(X, threshold, known)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, int])
def test_rows_that_point_the_same_way_are_duplicates_whatever_their_length(dtype):
    X = np.array([[1, 2], [3, 6], [-1, -2], [0, 0], [5, 10], [0, 0]]).astype(dtype)
    assert duplicated(X, 1.0).tolist() == [False, True, False, False, True, True]


def test_a_row_of_zeros_is_like_another_and_like_no_other_row():
    X = np.array([[0.0, 0.0], [1.0, 0.0]])
    assert duplicated(X, 1e-9).tolist() == [False, False]
    assert duplicated(X, 1e-9, np.zeros((1, 2))).tolist() == [True, False]


def test_copies_of_random_rows_are_found_at_a_threshold_of_one():
    X = np.random.default_rng(0).normal(size=(300, 60))
    scale = np.random.default_rng(1).uniform(0.1, 100, size=(300, 1))
    assert duplicated(X * scale, 1.0, X).all()
    assert not duplicated(X, 1.0).any()


@pytest.mark.parametrize("scale", [1e-300, 1e-160, 1.0, 1e160, 1e300])
def test_numbers_of_any_size_are_compared(scale):
    X = np.random.default_rng(3).normal(size=(40, 3))
    assert duplicated(X * scale, 0.9).tolist() == duplicated(X, 0.9).tolist()
    np.testing.assert_allclose(cosine_similarity(X * scale, X), expected_similarity(X, X), atol=1e-14)


def test_the_result_is_the_same_for_any_layout():
    X = np.random.default_rng(4).normal(size=(60, 4))
    wide = np.zeros((60, 8))
    wide[:, ::2] = X
    for other in (np.asfortranarray(X), wide[:, ::2]):
        assert duplicated(other, 0.95).tolist() == duplicated(X, 0.95).tolist()


@pytest.mark.parametrize(
    ("X", "threshold", "message"),
    [
        (np.ones(3), 0.9, "X"),
        (np.array([[1.0, np.nan]]), 0.9, "X"),
        (np.array([[1.0, np.inf]]), 0.9, "X"),
        (np.ones((2, 2)), 0.0, "threshold is 0.0; expected a cosine similarity above 0, at most 1"),
        (np.ones((2, 2)), 1.5, r"threshold is 1.5; expected"),
    ],
)
def test_bad_input_is_refused(X, threshold, message):
    with pytest.raises(ValueError, match=message):
        duplicated(X, threshold)
