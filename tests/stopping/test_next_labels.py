"""What the next labels cost and bring, against curves whose law is known."""

import math
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from alwidgets.scoring.scores import Score
from alwidgets.session.progress import advise, duration, money
from alwidgets.stopping import Budget, History, Round, any_of, marginal_gain
from alwidgets.stopping.next_labels import cheapest_number, fitted, forecast

PRICES = Budget(cost_per_label=0.1, currency="EUR", n_predictions=1000, cost_per_error=1.0)


def accuracy(n, a=0.95, b=0.9, c=0.8):
    return a - b * np.asarray(n, float) ** -c


def history(scores, budget=PRICES, *, step=10, n_labeled=None, metric="accuracy", **given):
    """Return a history with a round each `step` labels, measured on 1000 samples."""
    rounds = tuple(
        Round(i, step * i, step * i, score, score, score, "held out", 1000, 0.1, 0.0, 0.0, "margin", metric=metric)
        for i, score in enumerate(map(float, scores), start=1)
    )
    n_labeled = step * len(rounds) if n_labeled is None else n_labeled
    return History(rounds, budget, **{"n_labeled": n_labeled, "seconds": 0.0} | given)


def of_law(n_rounds=12, budget=PRICES, **given):
    return history(accuracy(10 * np.arange(1, n_rounds + 1)), budget, **given)


@pytest.mark.parametrize(
    ("b", "c", "price", "errors"),
    [(0.9, 0.8, 0.1, 1000.0), (2.0, 1.0, 0.129, 8.76), (0.5, 0.3, 0.05, 500.0), (1.0, 0.5, 1.0, 1e6)],
)
def test_the_closed_form_of_the_cheapest_number_is_where_a_fine_grid_is_least(b, c, price, errors):
    n = np.geomspace(1, 1e6, 200_001)
    least = n[np.argmin(price * n + errors * (1 - (1 - b * n**-c)))]
    assert cheapest_number(b, c, cost_per_label=price, error_cost=errors) == pytest.approx(least, rel=2e-4)


def test_the_cheapest_number_of_a_frozen_example_is_139():
    # b = 0.9, c = 0.8, 1000 errors at 1 against labels at 0.1.
    n = np.arange(1, 1000)
    assert n[np.argmin(0.1 * n + 1000 * (1 - accuracy(n)))] == 139
    assert round(cheapest_number(0.9, 0.8, cost_per_label=0.1, error_cost=1000.0), 2) == 138.98


def test_errors_that_cost_nothing_are_worth_no_label_and_free_labels_have_no_cheapest_number():
    assert cheapest_number(0.9, 0.8, cost_per_label=0.1, error_cost=0.0) == 0
    for price in (0.0, -1.0, math.nan):
        with pytest.raises(ValueError, match="expected a price above 0"):
            cheapest_number(0.9, 0.8, cost_per_label=price, error_cost=1.0)


def test_a_forecast_of_a_known_law_tells_its_gain_worth_and_cheapest_number():
    ahead = forecast(of_law())
    gain = accuracy(170) - accuracy(120)
    assert (ahead.n_labels, ahead.cost, ahead.metric) == (50, 5.0, "accuracy")
    assert ahead.gain.value == pytest.approx(gain, abs=1e-4)
    assert ahead.gain.low <= gain <= ahead.gain.high
    assert ahead.worth.value == pytest.approx(1000 * ahead.gain.value)
    assert (ahead.worth.low, ahead.worth.high) == pytest.approx((1000 * ahead.gain.low, 1000 * ahead.gain.high))
    assert ahead.cheapest.value == pytest.approx(138.98, rel=0.04)  # the steps of the grid
    assert ahead.cheapest.low <= 138.98 <= ahead.cheapest.high


def test_the_interval_of_the_cheapest_number_holds_the_true_one_of_a_law_seen_through_noise():
    held = 0
    for seed in range(40):
        noise = np.random.default_rng(seed).normal(0, 0.01, 15)
        found = forecast(history(accuracy(10 * np.arange(1, 16)) + noise)).cheapest
        held += found.low <= 138.98 <= found.high
    assert held >= 34


def test_a_label_costs_its_price_and_its_share_of_the_hours():
    budget = Budget(cost_per_label=0.1, cost_per_hour=36.0)
    ahead = forecast(of_law(budget=budget, seconds=600.0))  # 5 s a label, 0.05 of the hour's price
    assert ahead.cost == pytest.approx(50 * 0.15)
    assert ahead.seconds == pytest.approx(250)
    only_hours = forecast(of_law(budget=Budget(cost_per_hour=36.0), seconds=600.0))
    assert only_hours.cost == pytest.approx(2.5)


def test_without_prices_or_times_a_forecast_leaves_them_out():
    ahead = forecast(of_law(budget=Budget()))
    assert (ahead.cost, ahead.seconds, ahead.worth, ahead.cheapest) == (None, None, None, None)
    free = forecast(of_law(budget=Budget(n_predictions=1000, cost_per_error=1.0)))
    assert free.worth.value > 0
    assert free.cheapest is None


@pytest.mark.parametrize(
    ("budget", "n_samples", "batch_size", "ahead"),
    [
        (Budget(), None, 8, 50),
        (Budget(), None, 80, 80),
        (Budget(), 150, 8, 30),
        (Budget(labels=130), None, 8, 10),
        (Budget(labels=130), 125, 8, 5),
        (Budget(labels=100), None, 8, 50),  # spent already
    ],
)
def test_a_forecast_goes_no_farther_than_the_pool_and_the_budget(budget, n_samples, batch_size, ahead):
    assert forecast(of_law(budget=budget, n_samples=n_samples, batch_size=batch_size)).n_labels == ahead


def test_there_is_no_forecast_with_too_few_rounds_labels_or_nothing_left():
    assert forecast(of_law(4)) is None
    assert forecast(of_law(5)) is not None
    assert forecast(of_law(1)) is None
    assert forecast(History((), PRICES, 0, 0.0)) is None
    assert forecast(of_law(n_samples=120)) is None
    assert forecast(of_law(), 0) is None
    assert forecast(of_law(n_labeled=0)) is None


def test_rounds_without_a_score_or_a_label_are_left_out_of_the_fit():
    known = of_law()
    gaps = replace(known.rounds[0], n_labeled=5, score=math.nan)
    before_labels = replace(known.rounds[0], n_labeled=0, score=0.2)
    assert forecast(replace(known, rounds=(before_labels, gaps, *known.rounds))).gain == forecast(known).gain
    assert forecast(history([math.nan] * 8)) is None
    assert fitted(replace(known, rounds=(known.rounds[0],) * 8)) is None


def test_errors_are_priced_by_the_accuracy_whatever_the_score_is():
    rounds = []
    for item in of_law().rounds:
        right = Score(item.score, item.score, item.score, "held out", 1000, "accuracy")
        other = -10.0 / item.n_labeled
        rounds.append(
            replace(
                item,
                score=other,
                metric="neg_log_loss",
                scores=(replace(right, value=other, metric="neg_log_loss"), right),
            )
        )
    priced = History(tuple(rounds), PRICES, 120, 0.0)
    ahead = forecast(priced)
    assert ahead.metric == "neg_log_loss"
    assert ahead.gain.value == pytest.approx(10 / 120 - 10 / 170, rel=0.05)
    assert ahead.worth == forecast(of_law()).worth
    assert marginal_gain(priced).value == marginal_gain(of_law()).value
    without = forecast(history(accuracy(10 * np.arange(1, 13)), metric="f1_macro"))
    assert (without.worth, without.cheapest) == (None, None)


def test_the_marginal_gain_is_what_a_unit_of_money_saves():
    reading = marginal_gain(of_law(), confidence=0.5)
    assert reading.value == pytest.approx(1000 * (accuracy(170) - accuracy(120)) / 5.0, rel=0.03)
    assert reading.fired == (reading.value < 1)
    assert not marginal_gain(of_law(), threshold=0.1).fired
    cheap = marginal_gain(of_law(budget=replace(PRICES, cost_per_label=1e-4)))
    assert not cheap.fired
    dear = marginal_gain(of_law(budget=replace(PRICES, cost_per_label=10.0)))
    assert dear.fired
    assert dear.why == f"the next 50 labels cost 500.00 EUR and save at most {dear.value * 500:.2f}, 60% sure"


def test_a_surer_marginal_gain_reads_the_upper_end_of_the_band():
    noisy = history(accuracy(10 * np.arange(1, 13)) + np.random.default_rng(0).normal(0, 0.01, 12))
    assert marginal_gain(noisy, confidence=0.975).value > marginal_gain(noisy).value


@pytest.mark.parametrize(
    ("budget", "missing"),
    [
        (Budget(), "n_predictions and cost_per_error"),
        (Budget(cost_per_label=0.1), "n_predictions and cost_per_error"),
        (Budget(cost_per_label=0.1, cost_per_error=1.0), "n_predictions and cost_per_error"),
        (Budget(n_predictions=10, cost_per_error=1.0), "cost_per_label or cost_per_hour"),
        # Hours cost something, but no answer was timed.
        (Budget(n_predictions=10, cost_per_error=1.0, cost_per_hour=9.0), "cost_per_label or cost_per_hour"),
    ],
)
def test_without_prices_the_marginal_gain_cannot_fire_and_says_what_is_missing(budget, missing):
    reading = marginal_gain(of_law(budget=budget))
    assert (reading.possible, reading.fired, reading.value) == (False, False, None)
    assert reading.why == f"needs {missing} in the budget"


def test_the_marginal_gain_says_why_it_cannot_tell_yet():
    for given, why in [
        (of_law(4), "needs 5 rounds with an accuracy, the last known to 10 points"),
        (of_law(n_samples=120), "nothing is left to label"),
        (of_law(n_labeled=0), "no answer stands"),
    ]:
        reading = marginal_gain(given)
        assert (reading.value, reading.fired, reading.possible, reading.why) == (None, False, True, why)


@pytest.mark.parametrize(
    "scores",
    [[0.8] * 12, np.linspace(0.9, 0.6, 12), [1.0] * 12, [0.0] * 12],
    ids=["flat", "falling", "perfect", "nothing right"],
)
def test_a_curve_that_does_not_rise_advises_to_stop_and_says_what_it_found(scores):
    given = history(scores)
    ahead = forecast(given)
    assert ahead.gain.low <= ahead.gain.value <= ahead.gain.high
    assert ahead.gain.value == pytest.approx(0, abs=1e-9)
    as_fitted = partial(marginal_gain, confidence=0.5)
    reading = as_fitted(given)
    assert reading.fired
    assert reading.why.startswith("the next 50 labels cost 5.00 EUR and should save ")
    assert "-0.00" not in reading.why
    assert reading.why in advise(any_of(as_fitted), given).sentence


def test_a_forecast_is_the_same_whenever_it_is_asked_for():
    noisy = accuracy(10 * np.arange(1, 13)) + np.random.default_rng(3).normal(0, 0.02, 12)
    assert forecast(history(noisy)) == forecast(history(list(noisy)))


@pytest.mark.parametrize(
    ("amount", "said"),
    [(0.5, "0.50 EUR"), (19.99, "19.99 EUR"), (20, "20 EUR"), (-3, "-3.00 EUR"), (1e6, "1,000,000 EUR")],
)
def test_money_has_cents_only_where_they_matter(amount, said):
    assert money(amount, "EUR") == said
    assert money(amount, "") == said.removesuffix(" EUR")


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.2, "0 s"), (89, "89 s"), (90, "2 min"), (5399, "90 min"), (5400, "1.5 h")]
)
def test_a_duration_is_said_in_the_unit_a_person_uses(seconds, said):
    assert duration(seconds) == said
