import math

import numpy as np
import pytest
from sklearn.metrics import auc

from alwidgets.scoring.efficiency import (
    area,
    data_utilization_rate,
    deficiency,
    label_savings,
    labels_needed,
)

RANDOM = ([10, 20, 30, 40], [0.25, 0.5, 0.75, 1.0])


def test_the_area_is_the_mean_score_over_the_labels():
    # 10 labels at 0.6 on average, then 20 at 0.8.
    assert area([10, 20, 40], [0.5, 0.7, 0.9]) == pytest.approx((10 * 0.6 + 20 * 0.8) / 30)
    rng = np.random.default_rng(0)
    n, score = np.cumsum(rng.integers(1, 9, 30)), rng.random(30)
    assert area(n, score) == pytest.approx(auc(n, score) / (n[-1] - n[0]))


def test_the_area_of_one_round_is_its_score_and_of_none_nan():
    assert area([8], [0.7]) == 0.7
    assert math.isnan(area([], []))
    assert area([8, 16, 24], [0.5, np.nan, 0.7]) == pytest.approx(0.6)


def test_the_labels_needed_lie_on_the_smoothed_curve():
    # Smoothed: 0.375, 0.5, 0.75, 0.875; half-way between the second and the third round is 0.625.
    n, score = [10, 20, 40, 60], [0.25, 0.5, 0.75, 1.0]
    assert labels_needed(n, score, 0.625) == pytest.approx(20 + 20 * (0.625 - 0.5) / 0.25)
    assert labels_needed(n, score, 0.875) == pytest.approx(60)


def test_a_curve_that_dips_needs_the_labels_after_the_dip():
    score = [0.2, 0.8, 0.8, 0.8, 0.2, 0.2, 0.8, 0.8, 0.8]
    n = np.arange(10, 100, 10)
    # Smoothed: 0.5, 0.6, 0.8, 0.6, 0.4, 0.4, 0.6, 0.8, 0.8: below 0.5 for the last time at 60.
    assert labels_needed(n, score, 0.5) == pytest.approx(65)


def test_a_curve_never_below_the_target_needs_its_first_round_and_one_that_ends_below_none():
    for share in (0.1, 0.7, 0.9):
        assert labels_needed([8, 16, 24, 32], [share] * 4, share) == 8
    assert labels_needed([8, 16, 24], [0.9, 0.9, 0.1], 0.6) is None
    assert labels_needed([8], [0.9], 0.9) == 8
    assert labels_needed([8, 16], [0.4, 0.6], 0.5) == 8
    assert labels_needed([8], [np.nan], 0.9) is None


def test_savings_are_what_is_not_used():
    # 20 labels against 25.
    curve = ([10, 20, 30], [0.25, 0.625, 1.0])
    assert data_utilization_rate(curve, RANDOM, 0.625) == pytest.approx(0.8)
    assert label_savings(curve, RANDOM, 0.625) == pytest.approx(0.2)
    assert label_savings(RANDOM, curve, 0.625) == pytest.approx(-0.25)
    assert label_savings(RANDOM, RANDOM, 0.625) == 0


def test_there_is_no_saving_for_a_target_that_one_curve_does_not_reach():
    low = ([10, 20, 30, 40], [0.1, 0.2, 0.3, 0.4])
    for curve, baseline in ((low, RANDOM), (RANDOM, low)):
        assert data_utilization_rate(curve, baseline, 0.625) is None
        assert label_savings(curve, baseline, 0.625) is None


def test_the_deficiency_compares_what_is_lacking_to_the_last_score_of_the_baseline():
    # The baseline lacks 0.75 + 0.5 + 0.25 of its last score, the curve 0.75 + 0.25 + 0 - 0.
    assert deficiency(([10, 20, 30, 40], [0.25, 0.75, 1.0, 1.0]), RANDOM) == pytest.approx(1 / 1.5)
    assert deficiency(RANDOM, RANDOM) == 1
    assert deficiency(([10, 20], [0.9, 0.9]), ([10, 20], [0.5, 0.7])) == pytest.approx(-2)


def test_a_baseline_that_learns_nothing_has_no_deficiency():
    assert math.isnan(deficiency(([10, 20], [0.5, 0.7]), ([10, 20], [0.5, 0.5])))
    assert math.isnan(deficiency(([], []), ([], [])))


def test_an_error_says_what_was_given_and_what_to_give():
    with pytest.raises(ValueError, match=r"n_labeled has shape \(3,\) but score has \(2,\); give one score per round"):
        area([8, 16, 24], [0.5, 0.6])
    with pytest.raises(ValueError, match="a number of labels is -8"):
        labels_needed([-8, 16], [0.5, 0.6], 0.5)
    with pytest.raises(ValueError, match="target is nan; expected a score"):
        label_savings(RANDOM, RANDOM, math.nan)
    with pytest.raises(ValueError, match=r"scores at \[10.0, 20.0\] labels but the baseline at .* Cut both"):
        deficiency(([10, 20], [0.5, 0.6]), RANDOM)
