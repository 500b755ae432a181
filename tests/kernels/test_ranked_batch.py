"""ranked_batch against modAL and a brute force."""

import tracemalloc
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modAL.batch import ranked_batch as modal_ranked_batch
from modAL.batch import uncertainty_batch_sampling
from scipy.spatial.distance import cdist

from alwidgets.kernels.ranked_batch import ranked_batch
from alwidgets.kernels.uncertainty import least_confidence


def brute_force(utility, X, X_labeled, n):
    chosen, left = [], len(X)
    if not len(X_labeled):
        chosen = [int(cdist(X, X).mean(axis=0).argmin())]
    for _ in range(min(n, len(X)) - len(chosen)):
        centers = np.vstack([X_labeled, X[chosen]])
        alpha = left / (left + len(centers))
        score = alpha * (1 - 1 / (1 + cdist(X, centers).min(axis=1))) + (1 - alpha) * utility
        score[chosen] = -np.inf
        chosen.append(int(score.argmax()))
        left -= 1
    return chosen


def points(seed, n=80, n_labeled=5):
    generator = np.random.default_rng(seed)
    X = generator.normal(size=(n, 3))
    return generator.random(n), X, generator.normal(size=(n_labeled, 3))


def in_small_rounds(patch):
    patch.setattr("alwidgets.kernels.distances.TILE_NUMBERS", 1)


@pytest.mark.parametrize("n", [0, 1, 12, 80, 100])
@pytest.mark.parametrize("n_labeled", [0, 1, 9, 200])
def test_it_picks_what_a_brute_force_picks(n_labeled, n, monkeypatch):
    in_small_rounds(monkeypatch)
    utility, X, X_labeled = points(n_labeled, n_labeled=n_labeled)
    assert ranked_batch(utility, X, X_labeled, n).tolist() == brute_force(utility, X, X_labeled, n)[:n]


@pytest.mark.parametrize("scale", [0.01, 1.0, 100.0])
@pytest.mark.parametrize("n_labeled", [1, 50, 2000])
def test_many_rounds_pick_what_a_brute_force_picks(n_labeled, scale, monkeypatch):
    in_small_rounds(monkeypatch)
    utility, X, X_labeled = points(n_labeled, 600, n_labeled)
    X, X_labeled = X * scale, X_labeled * scale
    assert ranked_batch(utility, X, X_labeled, 200).tolist() == brute_force(utility, X, X_labeled, 200)


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 200))
def test_ties_go_to_the_lowest_row(seed, n_labeled, n):
    generator = np.random.default_rng(seed)
    X, X_labeled = generator.integers(0, 5, (200, 1)) * 1.0, generator.integers(0, 5, (n_labeled, 1)) * 1.0
    utility = generator.integers(0, 3, 200) / 2
    with pytest.MonkeyPatch.context() as patch:
        in_small_rounds(patch)
        assert ranked_batch(utility, X, X_labeled, n).tolist() == brute_force(utility, X, X_labeled, n)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_modal_picks_the_same(dtype):
    _, X, X_labeled = (values.astype(dtype) for values in points(1, 400, 30))
    proba = np.random.default_rng(0).dirichlet(np.ones(3), 400).astype(dtype)
    learner = SimpleNamespace(
        on_transformed=False,
        X_training=X_labeled,
        transform_without_estimating=lambda X: X,
        predict_proba=lambda X: proba,
    )
    theirs = uncertainty_batch_sampling(learner, X, n_instances=100)[0]
    assert ranked_batch(least_confidence(proba), X, X_labeled, 100).tolist() == theirs.tolist()


@pytest.mark.parametrize("seed", range(4))
def test_modal_starts_from_nothing_in_the_same_way(seed):
    utility, X, _ = points(seed, 600)
    theirs = modal_ranked_batch(
        SimpleNamespace(on_transformed=False, X_training=None), X, utility, 50, metric="euclidean", n_jobs=None
    )[0]
    assert ranked_batch(utility, X, np.empty((0, 3)), 50).tolist() == theirs.tolist()


@pytest.mark.parametrize("offset", [0, 100, 10_000])
@pytest.mark.parametrize("n_labeled", [0, 20])
def test_float32_picks_what_float64_picks(n_labeled, offset):
    generator = np.random.default_rng(offset)
    X = (offset + generator.normal(size=(500, 16))).astype(np.float32)
    utility, X, X_labeled = generator.random(500 - n_labeled, dtype=np.float32), X[n_labeled:], X[:n_labeled]
    single = ranked_batch(utility, X, X_labeled, 100)
    double = ranked_batch(utility.astype(float), X.astype(float), X_labeled.astype(float), 100)
    assert single.tolist() == double.tolist()


def test_points_far_from_the_origin_are_told_apart():
    utility, X, X_labeled = points(2)
    assert (ranked_batch(utility, X + 1e9, X_labeled + 1e9, 30) == ranked_batch(utility, X, X_labeled, 30)).all()


def test_the_order_of_the_rows_does_not_matter():
    utility, X, X_labeled = points(3)
    order = np.random.default_rng(0).permutation(len(X))
    shuffled = ranked_batch(utility[order], X[order], X_labeled, 30)
    assert (order[shuffled] == ranked_batch(utility, X, X_labeled, 30)).all()


def test_with_much_labeled_the_utility_decides():
    utility = np.array([0.2, 0.9, 0.5])
    assert ranked_batch(utility, np.array([[0.0], [1.0], [2.0]]), np.ones((10_000, 1)), 2).tolist() == [1, 2]


def test_with_little_labeled_the_farthest_row_comes_first():
    utility = np.array([1.0, 0.5, 0.0])
    assert ranked_batch(utility, np.array([[0.0], [1.0], [100.0]]), np.zeros((1, 1)), 1).tolist() == [2]


def test_rows_that_are_all_alike_are_each_given_once():
    assert ranked_batch(np.ones(5), np.ones((5, 2)), np.empty((0, 2)), 5).tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("layout", ["F", "strided", "memmap"])
def test_a_read_only_input_of_any_layout_gives_the_same_rows_and_is_left_alone(layout, tmp_path):
    utility, X, X_labeled = points(4)
    if layout == "memmap":
        np.save(tmp_path / "X.npy", X)
        given_X = np.load(tmp_path / "X.npy", mmap_mode="r")
    else:
        given_X = np.repeat(X, 2, axis=0)[::2] if layout == "strided" else np.asfortranarray(X)
    for values in (utility, given_X, X_labeled):
        values.setflags(write=False)
    assert (ranked_batch(utility, given_X, X_labeled, 20) == ranked_batch(utility, X, X_labeled, 20)).all()
    np.testing.assert_array_equal(given_X, X)


def test_the_pool_is_not_copied():
    X = np.random.default_rng(0).normal(size=(60_000, 64)).astype(np.float32)
    utility = np.random.default_rng(1).random(60_000)
    tracemalloc.start()
    ranked_batch(utility, X, X[:100], 30)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < X.nbytes / 2


def test_a_start_from_nothing_makes_no_matrix_of_all_distances():
    X = np.random.default_rng(0).normal(size=(3000, 4))
    tracemalloc.start()
    ranked_batch(np.ones(3000), X, np.empty((0, 4)), 1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3000 * 3000 * 8 / 10


def test_no_rows_give_no_rows():
    assert ranked_batch(np.empty(0), np.empty((0, 3)), np.ones((2, 3)), 4).shape == (0,)


@pytest.mark.parametrize(
    ("utility", "X", "n", "cure"),
    [
        (np.ones(2), np.ones((3, 1)), 1, r"utility has shape \(2,\).*expected one number for each row of X, \(3,\)"),
        ([1.0], np.ones((1, 1)), 1, "utility has shape list"),
        (np.array([0.5, np.nan]), np.ones((2, 1)), 1, "nan in row 1; expected numbers in"),
        (np.array([0.5, 1.7]), np.ones((2, 1)), 1, "1.7 in row 1.*Use least_confidence, or scale it"),
        (np.ones(1), np.array([[np.nan]]), 1, "X row 0 is not finite"),
        (np.ones(1), np.ones((1, 2)), 1, "same number of columns"),
        (np.ones(1), np.ones((1, 1)), -1, "n is -1; expected 0 or more"),
    ],
)
def test_a_wrong_argument_is_refused(utility, X, n, cure):
    with pytest.raises(ValueError, match=cure):
        ranked_batch(utility, X, np.ones((1, 1)), n)
