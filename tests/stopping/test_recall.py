"""Rules of stopping by recall: worked examples."""

from dataclasses import replace
from math import comb

import numpy as np
import pytest

from alwidgets.stopping import (
    Budget,
    History,
    Round,
    Signals,
    drawn_recall,
    knee,
    knee_budget,
    quant_ci,
    recall_test,
)  # fmt: skip
from alwidgets.stopping.recall import most_by_test


def history(found, read, n_samples=1000, **newest):
    """A round for each (found, read); the newest with more signals."""
    told = [Signals(n_found=f, n_read=n, n_unread=n_samples - n) for f, n in zip(found, read, strict=True)]
    told[-1] = replace(told[-1], **newest)
    rounds = [
        Round(k + 1, n, n, 0.5, 0.4, 0.6, "audit", 20, 0.1, 0.0, 0.0, "margin", signals=each)
        for k, (n, each) in enumerate(zip(read, told, strict=True))
    ]
    return History(tuple(rounds), Budget(), read[-1], 0.0)


def test_the_test_rules_out_what_would_have_been_found():
    # 60 of 100 unread were read since, and none was of the class: were there 3, one of C(40, 3) / C(100, 3) such reads.
    assert comb(40, 3) / comb(100, 3) > 0.05 > comb(40, 4) / comb(100, 4)
    assert most_by_test(np.array([20, 20]), np.array([50, 110]), 40) == 23
    reading = recall_test(history([20, 20], [50, 110], 150), threshold=0.86)
    assert (reading.value, reading.fired) == (20 / 23, True)
    assert not recall_test(history([20, 20], [50, 110], 150)).fired


def test_the_test_is_sure_once_all_is_read():
    assert recall_test(history([5, 20], [100, 1000])).value == 1


def test_a_find_since_makes_the_test_less_sure():
    assert recall_test(history([20, 21], [50, 500])).value < recall_test(history([21, 21], [50, 500])).value


def test_random_questions_bound_the_recall():
    assert drawn_recall(history([19], [400], n_at_most=20)).fired
    assert not drawn_recall(history([18], [400], n_at_most=20)).fired
    assert drawn_recall(history([18], [400])).why == "needs answers to random questions, has none"


def test_the_knee_needs_more_where_few_were_found():
    # 160 in the first 200, none in the 2,000 since: (160 / 200) / (1 / 2000) = 1600.
    assert knee(history([160, 160], [200, 2200], 9000)).fired
    # The slope ratio is 40 for both; of 160 found 6 are enough, of 20 it takes 136.
    assert knee(history([160, 160], [200, 250], 9000)).value == pytest.approx(40)
    assert knee(history([160, 160], [200, 250], 9000)).fired
    few = knee(history([20, 20], [20, 60], 9000))
    assert (few.value, few.threshold, few.fired) == (pytest.approx(40), 136, False)


def test_the_budget_method_reads_as_much_as_ten_of_the_class_would_take_at_random():
    # Ten times 1,000 over 50 found are 200.
    assert knee_budget(history([50, 50], [100, 200])).fired
    assert not knee_budget(history([50, 50], [100, 190])).fired
    assert not knee_budget(history([10, 50], [100, 300])).fired
    assert knee_budget(history([10, 50], [100, 750])).fired


def test_the_models_own_expectation_less_two_deviations():
    told = {"expected_read": 95.0, "expected_unread": 5.0, "variance_read": 4.0, "variance_unread": 5.0}
    reading = quant_ci(history([90], [300], **told))
    assert reading.value == pytest.approx(0.95 - 2 * (0.95**2 / 100**2 * 9 + 4 / 100**2) ** 0.5)
    assert not reading.fired
    assert quant_ci(history([90], [300])).why == "the model gives no probabilities"


@pytest.mark.parametrize("rule", [recall_test, drawn_recall, knee, knee_budget, quant_ci])
def test_a_session_that_seeks_nothing_has_no_recall(rule):
    seen = history([20], [100])
    plain = replace(seen, rounds=(replace(seen[0], signals=Signals()),))
    assert (rule(plain).possible, rule(plain).why) == (False, "the session seeks no class; give find=")


def test_each_part_of_a_pool_that_grew_is_tested_by_what_was_read_of_it():
    before = history([20, 20], [50, 110], 150, strata=((150, 20, 110, 40),)).rounds
    first = (replace(before[0], signals=replace(before[0].signals, strata=((150, 20, 50, 100),))), before[1])
    now = history([22], [130], 250, strata=((150, 20, 110, 40), (100, 2, 20, 80))).rounds
    grown = History((*first, *now), Budget(), 130, 0.0, n_samples=250, growths=((2, 100),))
    # Of the first part as before, at 97.5 %; of the second, at which nobody looked twice, all may be of the class.
    of_first = most_by_test(np.array([20, 20]), np.array([50, 110]), 40, 0.975)
    assert recall_test(grown).value == 22 / (of_first + 2 + 80)
    assert recall_test(grown.since_growth()).value == recall_test(grown).value
    read_since = history([22], [170], 250, strata=((150, 20, 110, 40), (100, 2, 60, 40))).rounds
    more = replace(grown, rounds=(*grown.rounds, *read_since))
    of_second = most_by_test(np.array([2, 2]), np.array([20, 60]), 40, 0.975)
    assert recall_test(more).value == 22 / (of_first + of_second)


@pytest.mark.parametrize("rule", [recall_test, drawn_recall, knee, knee_budget, quant_ci])
def test_nothing_is_known_of_what_came_since_the_last_round(rule):
    told = {"expected_read": 95.0, "expected_unread": 0.0, "variance_read": 0.0, "variance_unread": 0.0}
    seen = history([100, 100], [200, 900], n_at_most=100, **told)
    assert rule(seen).fired or rule is quant_ci
    grown = replace(seen, n_samples=1030, growths=((2, 30),))
    assert (rule(grown).fired, rule(grown).value) == (False, None)
    assert rule(grown).why == "not known of the 30 samples that came since the last round"


def test_the_knee_of_a_pool_that_grew_is_of_the_curve_since():
    curve = history([160, 160, 165, 170], [200, 900, 1000, 1010], 3000)
    assert knee(curve).fired
    grown = replace(curve, n_samples=3000, growths=((2, 2000),))
    assert not knee(grown).fired
    # Three quarters of the 2,000 that were unread at the first round since.
    assert knee_budget(grown).value == pytest.approx(10 / 1500)
