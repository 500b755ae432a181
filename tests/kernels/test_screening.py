"""Screening gives what scoring every row gives: the same rows, the same utilities, the same refusals."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from alwidgets.data.lending import lent
from alwidgets.kernels import entropy, least_confidence, margin, most_uncertain, most_uncertain_linear, ratio, top_k

KERNELS = [least_confidence, margin, ratio, entropy]
every_kernel = pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.__name__)
PEAKEDNESS = {"flat": 50.0, "even": 1.0, "peaked": 0.05}


def rng():
    return np.random.default_rng(9)


def scored(kernel, proba, k):
    utility = kernel(proba)
    rows = top_k(utility, k, rng())
    return rows, utility[rows]


def assert_same(kernel, proba, k):
    rows, utility = most_uncertain(kernel, proba, k, rng())
    expected, expected_utility = scored(kernel, proba, k)
    np.testing.assert_array_equal(rows, expected)
    np.testing.assert_array_equal(utility, expected_utility)


@every_kernel
@pytest.mark.parametrize("peakedness", PEAKEDNESS.values(), ids=PEAKEDNESS)
@pytest.mark.parametrize("n_classes", [1, 2, 3, 10, 100])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_it_gives_the_rows_and_utilities_of_scoring_all(kernel, peakedness, n_classes, dtype):
    proba = np.random.default_rng(1).dirichlet(np.full(n_classes, peakedness), 20_000).astype(dtype)
    for k in (0, 1, 100, 30_000):
        assert_same(kernel, proba, k)
    assert_same(kernel, np.asfortranarray(proba), 10)


@every_kernel
def test_rows_that_all_tie_are_drawn_as_by_top_k(kernel):
    for row in ([0.25] * 4, [1.0, 0, 0, 0]):
        assert_same(kernel, np.tile(row, (30_000, 1)), 50)


@every_kernel
def test_sums_within_the_tolerance_change_nothing(kernel):
    proba = np.random.default_rng(2).dirichlet(np.full(10, 1.0), 20_000)
    proba *= np.random.default_rng(3).uniform(0.9992, 1.0008, (20_000, 1))
    proba[5] = [-0.0009, 1.0009, *[0] * 8]
    proba[17_000] = [0.5, 0.5005, *[0] * 7, -0.0005]
    assert_same(kernel, proba, 40)


@every_kernel
@given(
    st.lists(st.lists(st.sampled_from([0.0, 1e-9, 0.1, 0.3, 0.5, 1.0]), min_size=4, max_size=4), max_size=40),
    st.integers(0, 50),
)
def test_any_rows_with_any_ties(kernel, rows, k):
    proba = np.array(rows, float).reshape(-1, 4) + np.array([1e-3, 0, 0, 0])
    proba /= proba.sum(axis=1, keepdims=True)
    assert_same(kernel, proba, k)


@every_kernel
@pytest.mark.parametrize("bad", [[np.nan, 0.5, 0.5], [0.5, 0.2, 0.2], [2, -1, 0]], ids=["NaN", "sum", "negative"])
def test_a_bad_row_is_refused_though_it_would_not_be_chosen(kernel, bad):
    proba = np.full((30_000, 3), 1 / 3)
    proba[29_000] = bad
    with pytest.raises(ValueError, match=r"^proba row 29000 is .*sum to 1"):
        most_uncertain(kernel, proba, 1, rng())


def test_only_the_uncertainty_kernels_can_be_screened():
    with pytest.raises(ValueError, match=r"expected one of least_confidence, margin, ratio, entropy"):
        most_uncertain(np.sum, np.ones((2, 1)), 1, rng())


@every_kernel
def test_it_takes_little_memory_beside_its_input(kernel):
    proba = np.random.default_rng(0).dirichlet(np.ones(10), 500_000)
    tracemalloc.start()
    most_uncertain(kernel, proba, 100, rng())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < proba.nbytes / 6


def model(n_classes, n_features=7):
    generator = np.random.default_rng(n_classes)
    X = generator.normal(size=(30_000, n_features))
    y = (X @ generator.normal(size=(n_features, n_classes)) + generator.normal(size=(30_000, n_classes))).argmax(axis=1)
    return X, LogisticRegression().fit(X[:500], y[:500])


def linear(kernel, X, candidates, learner, k):
    return most_uncertain_linear(kernel, X, candidates, (learner.coef_, learner.intercept_), k, rng())


@every_kernel
@pytest.mark.parametrize("n_classes", [2, 3, 10])
@pytest.mark.parametrize("share", [1.0, 0.8, 0.1])
def test_a_linear_model_is_screened_as_its_probabilities_are_scored(kernel, n_classes, share):
    X, learner = model(n_classes)
    candidates = np.flatnonzero(np.random.default_rng(4).random(len(X)) < share)
    proba = learner.predict_proba(X[candidates])
    for k in (0, 1, 60, 40_000):
        positions, utility = linear(kernel, X, candidates, learner, k)
        expected, expected_utility = scored(kernel, proba, k)
        np.testing.assert_allclose(utility, expected_utility, atol=1e-12)
        if k <= 60:
            np.testing.assert_array_equal(positions, expected)
        else:
            assert sorted(positions) == sorted(expected)


@every_kernel
def test_a_pool_in_float32_gives_the_picks_of_the_same_pool_in_float64(kernel):
    X, learner = model(5)
    single = X.astype(np.float32)
    everything = np.arange(len(X))
    positions, utility = linear(kernel, single, everything, learner, 50)
    expected, expected_utility = linear(kernel, single.astype(np.float64), everything, learner, 50)
    np.testing.assert_array_equal(positions, expected)
    np.testing.assert_allclose(utility, expected_utility, atol=1e-12)


@pytest.mark.parametrize("mode", ["r", "r+", "c"])
def test_a_memory_map_gives_what_the_array_gives_and_stays_as_it_is(mode, tmp_path):
    X, learner = model(3)
    np.save(tmp_path / "X.npy", X)
    mapped = np.load(tmp_path / "X.npy", mmap_mode=mode)
    if mode == "c":
        # Kept in memory only: giving these pages back would lose it.
        mapped[7] += 1
        X[7] += 1
    for kernel in KERNELS:
        got, expected = (linear(kernel, each, np.arange(len(X)), learner, 30) for each in (mapped, X))
        np.testing.assert_array_equal(got[0], expected[0])
    np.testing.assert_array_equal(mapped, X)


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_row_without_a_finite_decision_is_named(value, n_classes):
    X, learner = model(n_classes)
    X[20_000, 3] = value
    with pytest.raises(ValueError, match="X row 20000 gives no finite decision"):
        linear(margin, X, np.arange(100, len(X)), learner, 5)


def test_a_row_that_is_no_candidate_may_be_anything():
    X, learner = model(3)
    expected = linear(margin, X, np.arange(100, len(X)), learner, 5)[0]
    X[50] = np.nan
    np.testing.assert_array_equal(linear(margin, X, np.arange(100, len(X)), learner, 5)[0], expected)


def test_large_logits_do_not_overflow():
    X = np.array([[-1e4], [1e4], [1e-3], [0.0]])
    weights = (np.array([[1.0]]), np.array([0.0]))
    positions, utility = most_uncertain_linear(margin, X, np.arange(4), weights, 4, rng())
    assert positions[:2].tolist() == [3, 2]
    np.testing.assert_allclose(utility, [1, 1 - np.tanh(5e-4), 0, 0], atol=1e-12)


def test_a_file_is_fetched_ahead_and_given_back_also_of_what_is_lent(tmp_path, monkeypatch):
    advised = []
    monkeypatch.setattr("alwidgets.kernels.arrays._advise", lambda mapped, *what: advised.append(what))
    X, learner = model(3)
    np.save(tmp_path / "X.npy", X)
    held = np.load(tmp_path / "X.npy", mmap_mode="r")
    for X_given in (held, lent(held)):
        advised.clear()
        linear(margin, X_given, np.arange(len(X)), learner, 5)
        assert len(advised) >= 2
    for X_given in (X, np.load(tmp_path / "X.npy", mmap_mode="c")):
        advised.clear()
        linear(margin, X_given, np.arange(len(X)), learner, 5)
        assert advised == []


@pytest.mark.parametrize("share", [1.0, 0.1])
def test_spans_in_threads_give_the_picks_of_one_span_with_its_ties(monkeypatch, share):
    X, learner = model(3)
    # Each row comes four times, in spans far from each other.
    X = np.tile(X[:10_000], (4, 1))
    candidates = np.flatnonzero(np.random.default_rng(4).random(len(X)) < share)
    expected = [linear(kernel, X, candidates, learner, 50) for kernel in KERNELS]
    monkeypatch.setattr("alwidgets.kernels.screening._MOST_ROWS", 2048)
    monkeypatch.setattr("alwidgets.kernels.screening._SPAN_NUMBERS", 1)
    for kernel, (positions, utility) in zip(KERNELS, expected, strict=True):
        got = linear(kernel, X, candidates, learner, 50)
        np.testing.assert_array_equal(got[0], positions)
        np.testing.assert_allclose(got[1], utility, atol=1e-12)
    X[candidates[-1]] = np.nan
    with pytest.raises(ValueError, match=f"X row {candidates[-1]} gives no finite decision"):
        linear(margin, X, candidates, learner, 5)


@every_kernel
@pytest.mark.parametrize("kind", [np.uint8, np.bool_, np.int64])
def test_a_pool_of_whole_numbers_is_screened_as_the_same_in_floats(kernel, kind):
    X = np.random.default_rng(3).integers(0, 2, (5000, 12)).astype(kind)
    weights = (np.random.default_rng(4).normal(size=(1, 12)), np.array([0.1]))
    for coef in (weights, (np.repeat(weights[0], 3, axis=0) * [[1], [2], [-1]], np.zeros(3))):
        found, expected = (
            most_uncertain_linear(kernel, each, np.arange(len(X)), coef, 50, rng())[1] for each in (X, X.astype(float))
        )
        np.testing.assert_allclose(found, expected, atol=1e-12)


@every_kernel
def test_columns_far_from_zero_hide_nothing(kernel):
    generator = np.random.default_rng(5)
    X = generator.normal(size=(5000, 4)) + np.array([0, 0, 0, 1e6])
    coef = generator.normal(size=(3, 4))
    intercept = -coef[:, 3] * 1e6
    for pool in (X, X.astype(np.float32)):
        proba = np.exp(pool.astype(float) @ coef.T + intercept)
        proba /= proba.sum(axis=1, keepdims=True)
        utility = most_uncertain_linear(kernel, pool, np.arange(len(X)), (coef, intercept), 100, rng())[1]
        np.testing.assert_allclose(utility, np.sort(kernel(proba))[::-1][:100], atol=1e-6)


def test_sums_at_the_tolerance_are_refused_as_by_the_kernels():
    proba = np.full((600, 4), 0.25)
    proba[5, 0] -= 1e-3
    for score in (margin, lambda proba: most_uncertain(margin, proba, 3, rng())):
        with pytest.raises(ValueError, match=r"^proba row 5 is"):
            score(proba)


@every_kernel
def test_no_rows_have_utilities_of_the_type_of_the_input(kernel):
    assert most_uncertain(kernel, np.empty((0, 3), np.float32), 5, rng())[1].dtype == np.float32


@every_kernel
@pytest.mark.parametrize("layout", ["C", "F", "strided", "columns", "backwards"])
def test_rows_of_any_layout_are_screened_as_they_are(kernel, layout):
    proba = np.random.default_rng(6).dirichlet(np.ones(9), 3000)
    given = {
        "C": proba,
        "F": np.asfortranarray(proba),
        "strided": np.repeat(proba, 2, axis=0)[::2],
        "columns": np.repeat(proba, 2, axis=1)[:, ::2],
        "backwards": proba[::-1].copy()[::-1],
    }[layout]
    for dtype in (np.float64, np.float32):
        assert_same(kernel, given.astype(dtype, order="K"), 30)
    assert_same(kernel, given, 30)
