"""How many labels are left, against lines whose crossing is known."""

import math

import numpy as np
import pytest

from alwidgets.stopping.outlook import labels_to_go

LABELS = [10, 20, 30, 40, 50, 60]


@pytest.mark.parametrize(
    ("values", "threshold", "below", "to_go"),
    [
        ([0.6, 0.5, 0.4, 0.3, 0.2, 0.1], 0.05, True, 5),
        ([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], 0.9, False, 30),
        ([-1, -2, -3, -4, -5, -6], -8, True, 20),
        ([0.6, None, 0.4, math.nan, 0.2, 0.1], 0.0, True, 10),
    ],
)
def test_a_line_meets_its_threshold_where_it_does(values, threshold, below, to_go):
    assert labels_to_go(values, LABELS, threshold, below=below) == pytest.approx((to_go,) * 3)


@pytest.mark.parametrize(
    ("values", "threshold", "below"),
    [
        ([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], 0.05, True),
        ([0.6, 0.5, 0.4, 0.3, 0.2, 0.1], 0.9, False),
        ([0.5] * 6, 0.1, True),
        ([None, None, None, 0.4, 0.3, 0.2], 0.1, True),
        ([0.6, 0.5999, 0.5998, 0.5997, 0.5996, 0.5995], 0.1, True),
        ([None] * 6, 0.1, True),
        ([0.6, 0.5, 0.4, 0.3, 0.2, 0.1], math.nan, True),
    ],
    ids=["moves away", "falls", "stands", "too few", "too slow", "nothing known", "no threshold"],
)
def test_nothing_is_said_of_what_does_not_come_near(values, threshold, below):
    assert labels_to_go(values, LABELS, threshold, below=below) is None


@pytest.mark.parametrize(("last", "below"), [(0.1, True), (0.05, True), (0.1, False), (0.2, False)])
def test_at_the_threshold_there_is_no_way_left(last, below):
    assert labels_to_go([0.5, last], [8, 16], 0.1, below=below) == (0, 0, 0)


def test_rounds_without_new_labels_give_no_trend():
    assert labels_to_go([0.5, 0.4, 0.3, 0.2], [8] * 4, 0.1, below=True) is None


def test_one_odd_round_does_not_turn_the_trend():
    values = [0.9, 0.8, 0.7, 0.05, 0.5, 0.4, 0.3]
    value, low, high = labels_to_go(values, range(10, 80, 10), 0.1, below=True)
    assert low <= value <= high
    assert value == pytest.approx(20, abs=1)


def test_only_the_last_ten_rounds_with_a_value_count():
    late = [1.0 - 0.05 * i for i in range(10)]
    expected = labels_to_go(late, range(500, 600, 10), 0.2, below=True)
    assert labels_to_go([0.1, 7.0, *late], [8, 16, *range(500, 600, 10)], 0.2, below=True) == expected


def test_the_interval_mostly_holds_the_truth_and_stays_in_order():
    generator = np.random.default_rng(0)
    labels = np.arange(10, 110, 10)
    n_held = 0
    for _ in range(200):
        values = 1 - 0.005 * labels + generator.normal(0, 0.02, 10)
        value, low, high = labels_to_go(values.tolist(), labels.tolist(), 0.25, below=True)
        assert 0 <= low <= value <= high <= 1000
        # The height of the line at the newest round is a guess, too.
        n_held += low - 5 <= 50 <= high + 5
    assert n_held >= 180


def test_an_open_end_is_ten_times_the_labels_so_far():
    value, low, high = labels_to_go([0.5, 0.3, 0.6, 0.4, 0.2, 0.45], LABELS, 0.1, below=True)
    assert low < value < high == 600


def test_two_sequences_of_different_rounds_are_refused():
    with pytest.raises(ValueError, match="values has length 2 and n_labeled 1; expected one each a round"):
        labels_to_go([0.1, 0.2], [8], 0.1, below=True)


def test_values_and_labels_with_ties_give_an_ordered_answer_or_none():
    generator = np.random.default_rng(1)
    answers = []
    for _ in range(400):
        labels = np.cumsum(generator.integers(0, 2, 12)) + 1
        values = generator.integers(0, 4, 12) + np.arange(12)[::-1] // 3
        answers.append(labels_to_go(values.tolist(), labels.tolist(), -1.0, below=True))
    known = [answer for answer in answers if answer is not None]
    assert 100 < len(known) < 400
    assert all(0 <= low <= value <= high < math.inf for value, low, high in known)
