"""power_sample against drawing one after the other."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from alwidgets.kernels.selection import power_sample

UTILITIES = st.lists(st.sampled_from([0.0, -0.0, 1e-300, 0.5, 2.0, 1e300, np.inf]), max_size=30)


def chance(weights, order):
    """Multiply the chances of drawing rows in this order, each among those left."""
    left, product = list(range(len(weights))), 1.0
    for row in order:
        product *= weights[row] / sum(weights[i] for i in left)
        left.remove(row)
    return product


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("n", [1, 2, 4])
def test_every_order_is_as_likely_as_drawing_one_after_the_other_makes_it(n, power):
    utility, generator = np.array([0.1, 0.2, 0.3, 0.7]), np.random.default_rng(0)
    orders = list(permutations(range(4), n))
    counts = dict.fromkeys(orders, 0)
    for _ in range(6000):
        counts[tuple(power_sample(utility, n, generator, power).tolist())] += 1
    expected = [6000 * chance(utility**power, order) for order in orders]
    assert chisquare(list(counts.values()), expected).pvalue > 1e-3


@given(UTILITIES, st.integers(0, 40), st.integers(0, 5))
def test_the_rows_are_distinct_sure_ones_first_and_zeros_last(utility, n, seed):
    utility = np.array(utility, float)
    utility.setflags(write=False)
    rows = power_sample(utility, n, np.random.default_rng(seed))
    assert rows.dtype == np.intp
    assert len(set(rows.tolist())) == len(rows) == min(n, len(utility))
    kind = np.where(utility == np.inf, 2, np.where(utility > 0, 1, 0))
    np.testing.assert_array_equal(kind[rows], np.sort(kind)[::-1][:n])
    np.testing.assert_array_equal(rows, power_sample(utility, n, np.random.default_rng(seed)))


@pytest.mark.parametrize("value", [0.0, np.inf])
def test_rows_that_are_all_impossible_or_all_sure_come_in_every_order(value):
    utility = np.full(3, value)
    orders = {tuple(power_sample(utility, 3, np.random.default_rng(seed)).tolist()) for seed in range(100)}
    assert len(orders) == 6


def test_a_great_power_gives_the_largest():
    utility = np.random.default_rng(1).permutation(np.arange(1.0, 101))
    rows = power_sample(utility, 10, np.random.default_rng(0), power=1e9)
    np.testing.assert_array_equal(rows, np.argsort(-utility)[:10])


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.int64, np.uint8, bool])
def test_every_kind_of_number_gives_what_float64_gives(dtype):
    utility = (np.arange(40) % 5).astype(dtype)
    rows = power_sample(utility, 20, np.random.default_rng(0))
    np.testing.assert_array_equal(rows, power_sample(utility.astype(float), 20, np.random.default_rng(0)))


@pytest.mark.parametrize(
    ("utility", "n", "power", "cure"),
    [
        (np.array([0.5, -0.2]), 1, 1.0, "utility row 1 is -0.2; expected 0 or more, .* Shift utilities that can be"),
        (np.array([0.5, np.nan]), 1, 1.0, "utility row 1 is nan; expected 0 or more"),
        (
            np.zeros((2, 2)),
            1,
            1.0,
            r"utility has shape \(2, 2\) and dtype float64; expected numbers",
        ),
        (np.zeros(2), -1, 1.0, "expected 0 or more"),
        (np.zeros(2), 1, 0.0, "power is 0.0; expected a finite number above 0"),
        (np.zeros(2), 1, np.nan, "power is nan"),
        (np.zeros(2), 1, np.inf, "power is inf"),
    ],
)
def test_a_wrong_argument_is_refused(utility, n, power, cure):
    with pytest.raises(ValueError, match=cure):
        power_sample(utility, n, np.random.default_rng(0), power)
