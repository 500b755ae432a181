"""k_center against a brute force over all distances."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.spatial.distance import cdist

from alwidgets.kernels import k_center


def brute_force(X, X_labeled, n):
    chosen = []
    for _ in range(min(n, len(X))):
        centers = np.vstack([X_labeled, X[chosen]])
        if len(centers):
            nearest = cdist(X, centers).min(axis=1)
            nearest[chosen] = -1
            chosen.append(int(nearest.argmax()))
        else:
            chosen.append(int(cdist(X, [X.mean(axis=0)]).argmin()))
    return chosen


def points(seed, n_labeled):
    generator = np.random.default_rng(seed)
    return generator.normal(size=(60, 3)), generator.normal(size=(n_labeled, 3))


@pytest.mark.parametrize("n", [0, 1, 12, 60, 100])
@pytest.mark.parametrize("n_labeled", [0, 1, 9])
@pytest.mark.parametrize("seed", range(4))
def test_it_picks_what_a_brute_force_picks(seed, n_labeled, n):
    X, X_labeled = points(seed, n_labeled)
    assert k_center(X, X_labeled, n).tolist() == brute_force(X, X_labeled, n)


def test_the_frozen_example_stays():
    X = np.random.default_rng(0).normal(size=(60, 2))
    assert (k_center(X[10:], X[:10], 5) + 10).tolist() == [37, 34, 20, 25, 39]


@pytest.mark.parametrize("offset", [0.0, 1e6, 1e9])
def test_points_far_from_the_origin_are_told_apart(offset):
    X, X_labeled = points(1, 5)
    assert k_center(X + offset, X_labeled + offset, 10).tolist() == brute_force(X, X_labeled, 10)


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
    X, X_labeled = points(2, 4)
    before = X.copy()
    X.setflags(write=False)
    X_labeled.setflags(write=False)
    k_center(X, X_labeled, 5)
    np.testing.assert_array_equal(X, before)


@pytest.fixture
def small_rounds(monkeypatch):
    """Few rows are looked at together, so that a small pool takes as many rounds as a large one."""
    monkeypatch.setattr("alwidgets.kernels.distances.TILE_NUMBERS", 1)


@pytest.mark.parametrize("n_labeled", [0, 1, 300])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_many_rounds_pick_what_a_brute_force_picks(small_rounds, dtype, n_labeled):
    generator = np.random.default_rng(n_labeled)
    X = (generator.integers(0, 8, (2000, 1)) * 3 + generator.normal(size=(2000, 5))).astype(dtype)
    X_labeled = generator.normal(size=(n_labeled, 5)).astype(dtype)
    assert k_center(X, X_labeled, 200).tolist() == brute_force(X.astype(float), X_labeled.astype(float), 200)


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(1, 5), st.integers(1, 150))
def test_ties_go_to_the_lowest_row(seed, n_features, n_labeled, n):
    generator = np.random.default_rng(seed)
    X = generator.integers(0, 4, (150, n_features)).astype(float)
    X_labeled = generator.integers(0, 4, (n_labeled, n_features)).astype(float)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("alwidgets.kernels.distances.TILE_NUMBERS", 1)
        assert k_center(X, X_labeled, n).tolist() == brute_force(X, X_labeled, n)


@pytest.mark.parametrize("offset", [0, 100, 10_000])
@pytest.mark.parametrize("n_labeled", [0, 20])
def test_float32_picks_what_float64_picks(small_rounds, n_labeled, offset):
    X = (offset + np.random.default_rng(offset).normal(size=(1000, 16))).astype(np.float32)
    X, X_labeled = X[n_labeled:], X[:n_labeled]
    assert (k_center(X, X_labeled, 100) == k_center(X.astype(float), X_labeled.astype(float), 100)).all()


def test_clusters_far_apart_are_told_apart_inside():
    generator = np.random.default_rng(0)
    X = np.concatenate([1e4 * i + 1e-3 * generator.normal(size=(200, 3)) for i in range(3)])
    assert k_center(X, X[:2], 60).tolist() == brute_force(X, X[:2], 60)


@pytest.mark.parametrize("scale", [1e-30, 1e25])
def test_float32_squares_that_overflow_or_vanish_do_not_matter(scale):
    X = np.random.default_rng(7).normal(size=(300, 3)).astype(np.float32) * np.float32(scale)
    assert k_center(X, X[:3], 40).tolist() == brute_force(X.astype(float) / scale, X[:3].astype(float) / scale, 40)


def test_the_order_of_the_rows_does_not_matter(small_rounds):
    X, X_labeled = points(3, 5)
    order = np.random.default_rng(0).permutation(len(X))
    assert (order[k_center(X[order], X_labeled, 30)] == k_center(X, X_labeled, 30)).all()


def test_duplicates_of_what_is_labeled_come_last_in_row_order():
    X = np.repeat([[0.0], [1.0], [2.0]], 3, axis=0)
    assert k_center(X, np.array([[1.0]]), 9).tolist() == [0, 6, 1, 2, 3, 4, 5, 7, 8]


@pytest.mark.parametrize("layout", ["F", "strided", "memmap"])
def test_every_layout_gives_the_same_rows(layout, tmp_path):
    X, X_labeled = points(6, 4)
    if layout == "memmap":
        np.save(tmp_path / "X.npy", X)
        given_X = np.load(tmp_path / "X.npy", mmap_mode="r")
    else:
        given_X = np.repeat(X, 2, axis=0)[::2] if layout == "strided" else np.asfortranarray(X)
    assert (k_center(given_X, X_labeled, 20) == k_center(X, X_labeled, 20)).all()


def test_the_pool_is_not_copied():
    X = np.random.default_rng(0).normal(size=(60_000, 64)).astype(np.float32)
    tracemalloc.start()
    k_center(X, X[:100], 50)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < X.nbytes / 2


def test_no_rows_and_no_features_are_no_trouble():
    assert k_center(np.empty((0, 3)), np.empty((0, 3)), 4).shape == (0,)
    assert k_center(np.empty((3, 0)), np.empty((0, 0)), 3).tolist() == [0, 1, 2]


def test_scikit_activeml_picks_the_same():
    pool = pytest.importorskip("skactiveml.pool")
    X, X_labeled = points(8, 5)
    y = np.concatenate([np.zeros(5), np.full(len(X), np.nan)])
    theirs = pool.CoreSet(random_state=0).query(np.vstack([X_labeled, X]), y, batch_size=20)
    assert k_center(X, X_labeled, 20).tolist() == (np.asarray(theirs) - 5).tolist()


@pytest.mark.parametrize(
    ("X", "X_labeled", "cure"),
    [
        (np.ones((3, 2)), np.ones((1, 3)), "expected two matrices with the same number of columns"),
        (np.ones(3), np.ones((1, 3)), r"X is an ndarray of shape \(3,\) and dtype float64; expected an array of"),
        (csr_matrix(np.eye(3)), np.eye(3), "sparse matrix first, with TruncatedSVD"),
        (np.eye(3), [[1, 2, 3]], "X_labeled is a list"),
        (np.array([[0.0], [np.nan]]), np.ones((1, 1)), "X row 1 is not finite"),
        (np.ones((1, 1)), np.array([[np.inf]]), "X_labeled row 0 is not finite"),
    ],
)
def test_a_wrong_argument_is_refused(X, X_labeled, cure):
    with pytest.raises(ValueError, match=cure):
        k_center(X, X_labeled, 1)
