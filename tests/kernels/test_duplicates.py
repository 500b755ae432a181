"""near_duplicates against the components of a graph of all pairs."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import connected_components

from alwidgets.kernels import duplicates
from alwidgets.kernels.duplicates import near_duplicates


def brute_force(X, threshold):
    X = np.asarray(X, np.longdouble)
    length = np.sqrt((X**2).sum(axis=1))
    zero = length == 0
    unit = X / np.where(zero, 1, length)[:, None]
    alike = (unit @ unit.T >= threshold - 4e-16) | (zero[:, None] & zero)
    _, group = connected_components(alike)
    return [int(np.flatnonzero(group == g)[0]) for g in group]


@pytest.mark.parametrize("n", [0, 1, 2, 40, 300])
@pytest.mark.parametrize("threshold", [0.2, 0.5, 0.9, 0.99])
def test_groups_are_the_components_of_the_pairs_that_are_alike(n, threshold):
    X = np.random.default_rng(n).normal(size=(n, 3))
    assert near_duplicates(X, threshold).tolist() == brute_force(X, threshold)


@given(
    st.lists(st.tuples(st.integers(-2, 2), st.integers(-2, 2), st.integers(0, 1)), max_size=25),
    st.sampled_from([0.25, 0.5, 2**-0.5, 0.8, 1.0]),
)
@settings(max_examples=100, deadline=None)
def test_pairs_exactly_at_the_threshold_are_alike(rows, threshold):
    X = np.array(rows, float).reshape(-1, 3)
    expected = brute_force(X, threshold)
    assert near_duplicates(X, threshold).tolist() == expected
    assert near_duplicates(X.astype(np.float32), threshold).tolist() == expected
    assert near_duplicates(X.astype(int), threshold).tolist() == expected


@pytest.mark.parametrize("n_features", [1, 3, 64, 1000])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_exact_duplicates_and_multiples_are_found_at_threshold_one(n_features, dtype):
    X = np.random.default_rng(0).normal(size=(50, n_features)).astype(dtype) + 2
    both = np.concatenate([X, X, (3 * X.astype(float))]) if dtype == np.float64 else np.concatenate([X, X, 2 * X])
    group = near_duplicates(both, 1.0)
    # In one dimension all positive numbers point the same way.
    expected = np.tile(brute_force(np.sign(X), 1.0) if n_features == 1 else np.arange(50), 3)
    assert group.tolist() == expected.tolist()


def test_rows_a_hundred_millionth_apart_are_told_apart_at_threshold_one():
    X = np.array([[1.0, 0.0], [1.0, 1e-8], [1.0, 1e-17]])
    assert near_duplicates(X, 1.0).tolist() == [0, 1, 0]
    assert near_duplicates(X, 1 - 1e-15).tolist() == [0, 0, 0]


def test_rows_of_zeros_are_alike_among_themselves_only():
    X = np.array([[1.0, 0.0], [0.0, 0.0], [-1.0, 0.0], [0.0, 0.0], [0.0, -0.0]])
    assert near_duplicates(X, 1e-9).tolist() == [0, 1, 2, 1, 1]


def test_a_chain_is_one_group_and_opposite_rows_are_not_alike():
    angle = np.deg2rad(np.arange(0, 181, 10))
    X = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    assert set(near_duplicates(X, np.cos(np.deg2rad(11)))) == {0}
    assert near_duplicates(X[[0, -1]], 0.1).tolist() == [0, 1]


def test_a_group_has_its_lowest_row_whatever_the_order():
    generator = np.random.default_rng(4)
    X = np.repeat(generator.normal(size=(60, 5)), 5, axis=0) + 1e-4 * generator.normal(size=(300, 5))
    order = generator.permutation(300)
    group = near_duplicates(X[order], 0.999)
    assert group.tolist() == brute_force(X[order], 0.999)
    assert (group <= np.arange(300)).all()
    assert (group[group] == group).all()


@pytest.mark.parametrize("scale", [1e-310, 1e-200, 1e-30, 1e30, 1e200])
def test_the_unit_makes_no_difference(scale):
    X = np.random.default_rng(5).normal(size=(60, 3))
    assert near_duplicates(X * scale, 0.9).tolist() == near_duplicates(X, 0.9).tolist()


def test_blocks_make_no_difference(monkeypatch):
    X = np.random.default_rng(6).integers(-2, 3, size=(200, 3)).astype(float)
    expected = near_duplicates(X, 0.9).tolist()
    monkeypatch.setattr(duplicates, "_FEW", 7)
    monkeypatch.setattr(duplicates, "_MANY", 31)
    assert near_duplicates(X, 0.9).tolist() == expected == brute_force(X, 0.9)


def test_however_the_samples_lie_in_memory_the_answer_is_the_same_and_they_are_left_alone(tmp_path):
    X = np.random.default_rng(7).normal(size=(80, 3)).astype(np.float32)
    expected = near_duplicates(X, 0.95).tolist()
    read_only = X.copy()
    read_only.setflags(write=False)
    np.save(tmp_path / "X.npy", X)
    wide = np.repeat(np.repeat(X, 2, axis=0), 2, axis=1)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    for other in (read_only, mapped, np.asfortranarray(X), wide[::2, ::2], X.astype(np.float64)):
        before = other.copy()
        assert near_duplicates(other, 0.95).tolist() == expected
        np.testing.assert_array_equal(other, before)


def test_it_takes_little_memory_even_when_all_rows_are_alike():
    X = np.ones((6000, 16))
    tracemalloc.start()
    assert not near_duplicates(X, 1.0).any()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 6000 * 6000 * 4 / 8


@pytest.mark.parametrize(
    ("X", "threshold", "cure"),
    [
        (np.eye(2), 0.0, "threshold is 0.0; expected a cosine similarity above 0, at most 1"),
        (np.eye(2), 1.1, "threshold is 1.1"),
        (np.eye(2), np.nan, "threshold is nan"),
        (np.array([[1.0], [np.nan]]), 0.5, "X row 1 is not finite"),
        (np.ones(2), 0.5, r"X is a ndarray of shape \(2,\)"),
    ],
)
def test_a_wrong_argument_is_refused(X, threshold, cure):
    with pytest.raises(ValueError, match=cure):
        near_duplicates(X, threshold)
