"""top_k against sorting."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from alwidgets.kernels import top_k

# Few different values, so that most draws have ties, also at the edge.
UTILITIES = st.lists(st.sampled_from([-np.inf, -1.0, 0.0, 0.5, 2.0, np.inf]), max_size=30)


@given(UTILITIES, st.integers(0, 40), st.integers(0, 5))
def test_the_rows_are_distinct_and_their_utilities_the_largest_best_first(utility, k, seed):
    utility = np.array(utility, float)
    utility.setflags(write=False)
    rows = top_k(utility, k, np.random.default_rng(seed))
    assert len(set(rows.tolist())) == len(rows) == min(k, len(utility))
    np.testing.assert_array_equal(utility[rows], np.sort(utility)[::-1][:k])
    np.testing.assert_array_equal(rows, top_k(utility, k, np.random.default_rng(seed)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_without_ties_it_is_the_sorted_order(dtype):
    utility = np.random.default_rng(1).permutation(5000).astype(dtype)
    expected = np.argsort(-utility)
    for k in (0, 1, 7, 4999, 5000, 9000):
        np.testing.assert_array_equal(top_k(utility, k, np.random.default_rng(0)), expected[:k])


def test_ties_at_the_edge_are_equally_likely_to_be_in():
    utility = np.array([1.0, *[0.5] * 8, 0.0])
    counts = np.zeros(10)
    for seed in range(2000):
        counts[top_k(utility, 4, np.random.default_rng(seed))] += 1
    assert counts[0] == 2000
    assert counts[9] == 0
    assert chisquare(counts[1:9]).pvalue > 1e-3


def test_ties_come_in_every_order():
    orders = {tuple(top_k(np.zeros(3), 3, np.random.default_rng(seed)).tolist()) for seed in range(100)}
    assert len(orders) == 6


@pytest.mark.parametrize(
    ("utility", "k", "cure"),
    [
        (np.array([0.0, np.nan]), 1, "utility has NaN in row 1; expected a number for each candidate"),
        (np.zeros((2, 2)), 1, r"utility has shape \(2, 2\) and dtype float64; expected numbers, \(n_candidates,\)"),
        (np.zeros(2), -1, "k is -1; expected 0 or more"),
    ],
)
def test_a_wrong_argument_is_refused(utility, k, cure):
    with pytest.raises(ValueError, match=cure):
        top_k(utility, k, np.random.default_rng(0))
