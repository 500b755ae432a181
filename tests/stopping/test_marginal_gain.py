import math
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from alwidgets.scoring.curves import fit
from alwidgets.scoring.scores import Score
from alwidgets.stopping import Budget, History, Round, any_of, marginal_gain

PRICES = Budget(cost_per_label=0.5, n_predictions=1000, cost_per_error=0.1, currency="EUR")


def rounds_of(*scores, width=0.1):
    """Return rounds of 10 labels each with these accuracies, whose intervals reach so far down."""
    return tuple(
        Round(
            i, 10 * i, 10 * i, score, score - width, min(score + width, 1.0), "held out", 100, 0.1, 0.0, 0.0, "margin"
        )
        for i, score in enumerate(scores, 1)
    )


def history_of(rounds, budget=PRICES, n_samples=1000):
    return History(rounds, budget, n_labeled=10 * len(rounds), seconds=0.0, n_samples=n_samples)


def test_before_a_curve_it_fires_where_not_even_a_perfect_model_would_pay():
    # 50 labels cost 25 EUR. Errors cost 100 EUR if all predictions are wrong, and up to 20 % are.
    reading = marginal_gain(history_of(rounds_of(0.9)))
    assert (reading.fired, reading.possible) == (True, True)
    assert reading.value == pytest.approx(20 / 25)
    assert reading.why == "the next 50 labels cost 25.00 EUR and could not save more than 20.00"


def test_before_a_curve_a_model_that_may_still_pay_is_only_waited_for():
    reading = marginal_gain(history_of(rounds_of(0.8)))
    assert (reading.fired, reading.value, reading.why) == (
        False,
        None,
        "needs 5 rounds with an accuracy, the last known to 10 points",
    )


def test_two_lucky_samples_are_no_perfect_model():
    assert marginal_gain(history_of(rounds_of(1.0, width=0.001))).fired
    assert not marginal_gain(history_of(rounds_of(1.0, width=0.84))).fired


def test_before_a_curve_an_accuracy_beside_another_first_metric_counts():
    first = replace(rounds_of(0.2)[0], metric="f1", scores=(Score(0.97, 0.95, 0.99, "held out", 100),))
    assert marginal_gain(history_of((first,))).value == pytest.approx(5 / 25)
    without = replace(first, scores=(Score(0.97, 0.95, 0.99, "held out", 100, "recall"),))
    assert marginal_gain(history_of((without,))).why == "needs 5 rounds with an accuracy, the last known to 10 points"


@pytest.mark.parametrize("rounds", [(), rounds_of(math.nan)])
def test_without_an_accuracy_it_does_not_fire(rounds):
    assert not marginal_gain(history_of(rounds)).fired


def test_with_a_curve_it_is_what_the_law_gains_and_as_much_more_as_a_quantile_lies_above_the_middle():
    scores = (0.6, 0.7, 0.74, 0.78, 0.79, 0.82)
    history = history_of(rounds_of(*scores, width=0.05))
    n = np.arange(10, 70, 10)
    curve = fit(n, scores, rng=np.random.default_rng(0), resolution=1 / 100)
    draws, law = np.diff(curve.draws([60, 110]), axis=1), np.diff(curve.at([60, 110]))[0]
    for confidence in (0.5, 0.9):
        gain = law + np.quantile(draws, confidence) - np.median(draws)
        reading = marginal_gain(history, confidence=confidence)
        assert reading.value == pytest.approx(100 * gain / 25)
        assert reading.fired == (100 * gain < 25)
    assert marginal_gain(history, confidence=0.9).value > marginal_gain(history).value


def test_it_needs_prices_and_something_to_label():
    rounds = rounds_of(0.9)
    for budget, missing in (
        (Budget(cost_per_label=1.0), "needs n_predictions and cost_per_error in the budget"),
        (Budget(n_predictions=10, cost_per_error=1.0), "needs cost_per_label or cost_per_hour in the budget"),
    ):
        reading = marginal_gain(history_of(rounds, budget))
        assert (reading.possible, reading.fired, reading.why) == (False, False, missing)
    assert marginal_gain(history_of(rounds, n_samples=10)).why == "nothing is left to label"


def test_a_confidence_that_is_none_is_read_as_not_fired_with_the_reason():
    rule = any_of(partial(marginal_gain, confidence=1.5))
    (reading,) = rule.read(history_of(rounds_of(0.6, 0.7, 0.74, 0.78, 0.79, width=0.05)))
    assert (reading.fired, reading.value) == (False, None)
    assert reading.why.startswith("failed: ValueError")
