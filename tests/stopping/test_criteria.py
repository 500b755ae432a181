"""Every criterion against a history worked manually, small-text, and the contract of all."""

import dataclasses
import inspect
import math
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from alwidgets.stopping import (
    CRITERIA,
    Budget,
    History,
    ModelOutputs,
    Round,
    Signals,
    any_of,
    budget,
    committee_agreement,
    contradictory_information,
    f_change_bound,
    gradient,
    oracle_accuracy,
    overall_uncertainty,
    plateau,
    predicted_f_change,
    stabilizing_predictions,
    support_saturated,
    target,
)
from alwidgets.stopping.signals import signals
from alwidgets.types import Reading


def history(told=(), scores=None, *, limits=None, **given):
    """Return a history of as many rounds as there are signals, or scores."""
    told = [item if isinstance(item, Signals) else Signals(n_watched=9, n_unlabeled=9, **item) for item in told]
    scores = list(scores) if scores is not None else [math.nan] * len(told)
    told = told or [Signals()] * len(scores)
    rounds = tuple(
        Round(i, 8 * i, 8 * i, score, score, score, "audit", 10, 0.1, 0.0, 0.0, "margin", signals=signals)
        for i, (score, signals) in enumerate(zip(scores, told, strict=True), start=1)
    )
    return History(rounds, limits or Budget(), n_labeled=8 * len(rounds), seconds=0.0, **given)


every = pytest.mark.parametrize("name", sorted(CRITERIA))
# What a series of this signal must do for its criterion: (signal, rounds that do not fire, rounds that do, value).
MANUAL = {
    "stabilizing_predictions": ("kappa", [1, 0.98, 0.985, 0.99], [0.5, 0.985, 0.99, 1.0], 2.975 / 3),
    "predicted_f_change": ("f_change", [0.01, 0.05, 0.01, 0.0], [0.9, 0.04, 0.01, 0.049], 0.049),
    "classification_change": ("changed", [0.0, 0.001], [0.5, 0.0], 0.0),
    "overall_uncertainty": ("entropy", [0.001, 0.01], [0.4, 0.009], 0.009),
    "max_uncertainty": ("max_entropy", [0.001, 0.01], [0.4, 0.009], 0.009),
    "batch_uncertainty": ("batch_entropy", [0.0001, 0.001], [0.4, 0.0009], 0.0009),
    "expected_error": ("expected_error", [0.001, 0.01], [0.4, 0.009], 0.009),
    "confidence_peak": ("confidence", [0.9, 0.8, 0.7, 0.7], [0.1, 0.9, 0.85, 0.84, 0.80], 0.01),
    "contradictory_information": ("contradiction", [4, 3, 2.5, 2.6], [9, 4, 3, 2.5, 1], 0.5),
    "variance_model": ("confidence_variance", [0.1, 0.05, 0.06], [0.02, 0.10, 0.08, 0.05], 0.02),
    "margin_exhausted": ("inside_margin", [0, 1], [5, 0], 0),
    "support_saturated": ("n_support", [7, 7, 8], [9, 7, 7, 7], 0),
    "gradient": (
        "expected_f",
        [0.5] * 20,
        # The medians of ten are 0.5, then just above.
        [*[0.4] * 5, *[0.5] * 6, *[0.50004] * 5],
        0.00002,
    ),
}


@pytest.mark.parametrize("name", sorted(MANUAL))
def test_a_criterion_fires_where_its_statistic_has_reached_the_threshold(name):
    signal, no, yes, value = MANUAL[name]
    spared, fired = (CRITERIA[name](history([{signal: item} for item in series])) for series in (no, yes))
    assert (spared.fired, fired.fired) == (False, True)
    assert fired.value == pytest.approx(value)
    assert fired.possible
    assert spared.possible
    side = 1 if fired.below else -1
    assert side * (fired.value - fired.threshold) <= 1e-12


@pytest.mark.parametrize("name", sorted(MANUAL))
def test_a_round_without_its_signal_ends_what_must_run_on(name):
    signal, _, yes, _ = MANUAL[name]
    for gap in (None, math.nan):
        told = [{signal: item} for item in yes]
        reading = CRITERIA[name](history([*told, {signal: gap}]))
        assert (reading.value, reading.fired) == (None, False)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("overall_uncertainty", "the model gives no probabilities"),
        ("max_uncertainty", "the model gives no probabilities"),
        ("batch_uncertainty", "the model gives no probabilities"),
        ("expected_error", "the model gives no probabilities"),
        ("gradient", "the model gives no probabilities"),
        ("confidence_peak", "the model gives no probabilities"),
        ("contradictory_information", "the model gives no probabilities"),
        ("variance_model", "the model gives no probabilities"),
        ("committee_agreement", "the model is not a committee"),
        ("margin_exhausted", "the model has no decision function with a margin"),
        ("support_saturated", "the model has no support vectors"),
    ],
)
def test_a_criterion_that_this_model_cannot_meet_says_so(name, reason):
    reading = CRITERIA[name](history([{"kappa": 1.0}] * 12))
    assert (reading.possible, reading.fired, reading.why) == (False, False, reason)
    assert CRITERIA[name](history([Signals()] * 12)).possible


def test_a_single_bad_round_makes_nothing_impossible():
    reading = overall_uncertainty(history([{"entropy": 0.5}, {}]))
    assert (reading.value, reading.possible, reading.why) == (None, True, "needs a measured round, has 0")
    assert not overall_uncertainty(history([{"entropy": 0.5}, *[{}] * 5])).possible


def test_a_round_without_a_batch_makes_nothing_impossible():
    assert CRITERIA["batch_uncertainty"](history([{"entropy": 0.5}])).possible
    reading = committee_agreement(history([{"agreement": 0.5}]))
    assert (reading.possible, reading.value, reading.threshold) == (True, None, 0.5)


def test_a_stop_set_without_an_unlabeled_row_cannot_be_unsure():
    reading = overall_uncertainty(history([Signals(n_watched=9, n_unlabeled=0, kappa=1.0)]))
    assert (reading.possible, reading.why) == (False, "no row of the stop set is unlabeled")


@pytest.mark.parametrize(("batch", "fired"), [(0.3, False), (0.8, True), (0.9, True)])
def test_a_committee_that_agrees_on_its_batch_as_elsewhere_has_no_more_to_ask(batch, fired):
    reading = committee_agreement(history([{"agreement": 0.8, "batch_agreement": batch}]))
    assert (reading.value, reading.threshold, reading.fired, reading.below) == (batch, 0.8, fired, False)


@pytest.mark.parametrize(
    ("rounds", "value", "n"),
    [
        ([(4, 1.0), (5, 0.8)], None, 9),
        ([(4, 1.0), (3, 0.0), (4, 1.0), (3, 1.0)], 0.7, 10),
        ([(8, 0.0), (4, 0.75), (8, 0.875)], 10 / 12, 12),
        ([(12, 0.5), (12, 11 / 12)], 11 / 12, 12),
        ([(12, 1.0), (0, None)], 1.0, 12),
    ],
)
def test_answers_of_rounds_are_taken_together_until_there_are_ten(rounds, value, n):
    reading = oracle_accuracy(history([{"n_answered": count, "answered_right": share} for count, share in rounds]))
    assert reading.value == (value if value is None else pytest.approx(value))
    assert reading.fired is (value is not None and value >= 0.9)
    assert str(n) in reading.why


def test_kappa_bounds_how_far_f_can_have_moved():
    assert f_change_bound(0.99) == pytest.approx(4 * 0.01 / 0.99)
    assert f_change_bound(0.99, precision=0.9) == pytest.approx(0.0213, abs=1e-4)
    assert (f_change_bound(1), f_change_bound(0.5), f_change_bound(0), f_change_bound(-1)) == (0, 1, 1, 1)
    for kappa, precision in ((1.1, 0), (math.nan, 0), (0.9, -0.1), (0.9, math.nan)):
        with pytest.raises(ValueError, match=r"(kappa|precision) is .*; expected a number from"):
            f_change_bound(kappa, precision)


def test_the_bound_holds_for_any_two_models_and_any_truth():
    generator = np.random.default_rng(0)
    for _ in range(200):
        truth, a = generator.integers(0, 2, (2, 60))
        b = np.where(generator.random(60) < 0.1, 1 - a, a)
        told = signals(
            stop_set=ModelOutputs(b),
            unlabeled=np.ones(60, bool),
            before=a,
            batch=None,
            answered=None,
            answered_codes=None,
            n_classes=2,
        )
        f_of_a, f_of_b = (2 * (x & truth).sum() / (x.sum() + truth.sum()) for x in (a, b))
        assert abs(f_of_a - f_of_b) <= f_change_bound(told.kappa)


def test_the_sentence_holds_the_bound_of_the_lowest_kappa():
    why = stabilizing_predictions(history([{"kappa": kappa} for kappa in (0.99, 1.0, 0.98)])).why
    assert (
        why == "predictions agree with those before, kappa 0.990; with two classes, F moved at most 8.2 points a round"
    )
    assert "F moved" not in stabilizing_predictions(history([{"kappa": 0.1}] * 3)).why


@pytest.mark.parametrize(
    ("low", "fired"),
    [(0.949, False), (0.95, True), (math.nan, False)],
)
def test_a_target_is_reached_by_the_lower_end_of_the_score(low, fired):
    last = dataclasses.replace(history(scores=[0.99])[0], score_low=low)
    reading = target(dataclasses.replace(history(), rounds=(last,)))
    assert (reading.fired, reading.below) == (fired, False)
    assert reading.value == (None if math.isnan(low) else low)


@pytest.mark.parametrize(
    ("n", "kind", "metric", "possible"),
    [
        (71, "held out", "accuracy", False),
        (72, "held out", "accuracy", True),
        (10, "audit", "accuracy", True),
        (10, "held out", "f1", True),
    ],
)
def test_a_small_test_set_cannot_show_a_high_target(n, kind, metric, possible):
    last = Round(1, 8, 8, 0.9, 0.8, 0.95, kind, n, 0.1, 0.0, 0.0, "margin", metric=metric)
    reading = target(dataclasses.replace(history(), rounds=(last,)))
    assert reading.possible is possible
    assert ("even without an error" in reading.why) is not possible


@pytest.mark.parametrize("criterion", [plateau, target])
def test_what_has_no_score_for_ten_rounds_cannot_be_expected_to_get_one(criterion):
    assert criterion(history(scores=[math.nan] * 9)).possible
    reading = criterion(history(scores=[math.nan] * 10))
    assert (reading.possible, reading.why) == (False, "no score could be measured in the last 10 rounds")
    assert criterion(history(scores=[math.nan] * 10 + [0.5])).possible


def test_a_plateau_is_as_long_and_as_flat_as_one_says():
    seen = history(scores=[0.5, 0.7, 0.71, 0.72])
    assert plateau(seen, window=2).value == pytest.approx(0.02)
    assert not plateau(seen, window=2).fired
    assert plateau(seen, window=2, threshold=0.03).fired


def test_a_budget_without_a_limit_cannot_be_spent():
    assert not budget(history()).possible
    spent = budget(history(scores=[0.5], limits=Budget(labels=10)), threshold=0.8)
    assert (spent.value, spent.threshold, spent.fired, spent.below) == (0.8, 0.8, True, False)


def test_the_annotators_hours_count_as_money():
    seen = dataclasses.replace(history(limits=Budget(cost=30, cost_per_hour=60)), seconds=900)
    assert budget(seen).value == pytest.approx(0.5)


def test_the_expected_f_must_rise_to_its_highest_and_hardly():
    def read(*series):
        return gradient(history([{"expected_f": f} for f in series]), window=2)

    assert read(0.5, 0.5, 0.5).fired is False
    assert read(0.5, 0.5, 0.6).fired is False
    assert read(0.5, 0.5, 0.50002).fired is True
    assert read(0.9, 0.9, 0.5, 0.5, 0.50002).fired is False
    assert read(0.5, 0.5, 0.4).value == pytest.approx(-0.05)


def test_predictions_are_stable_where_small_text_finds_them_stable():
    small_text = pytest.importorskip("small_text.stopping_criteria", exc_type=ImportError)
    generator = np.random.default_rng(0)
    n_fired = np.zeros(3, int)
    for _ in range(3):
        theirs = small_text.KappaAverage(3), small_text.ClassificationChange(3), small_text.OverallUncertainty(3)
        codes, before, told = generator.integers(0, 3, 60), None, []
        for i in range(30):
            if generator.random() < 0.7:
                codes = np.where(generator.random(60) < 0.05 / (1 + i), (codes + 1) % 3, codes)
            proba = np.full((60, 3), 0.01 / (1 + i))
            proba[np.arange(60), codes] = 1 - 0.02 / (1 + i)
            everything = np.ones(60, bool)
            told.append(
                signals(
                    stop_set=ModelOutputs(codes, proba),
                    unlabeled=everything,
                    before=before,
                    batch=None,
                    answered=None,
                    answered_codes=None,
                    n_classes=3,
                )
            )
            before = codes
            seen = history(told)
            ours = (
                stabilizing_predictions,
                CRITERIA["classification_change"],
                partial(overall_uncertainty, threshold=0.05),
            )
            fired = [criterion(seen).fired for criterion in ours]
            indices = np.arange(60)
            assert fired == [item.stop(predictions=codes, proba=proba, indices_stopping=indices) for item in theirs]
            n_fired += fired
    assert (n_fired > 5).all()
    assert (n_fired < 85).all()


def test_the_change_of_f_is_small_where_small_text_finds_it_small():
    small_text = pytest.importorskip("small_text.stopping_criteria", exc_type=ImportError)
    generator = np.random.default_rng(1)
    theirs, seen = small_text.DeltaFScore(2), []
    codes = generator.integers(0, 2, 200)
    theirs.stop(predictions=codes)
    outcomes = []
    for _ in range(60):
        now = np.where(generator.random(200) < generator.choice([0.01, 0.03]), 1 - codes, codes)
        both, either = np.sum(now & codes), np.sum(now) + np.sum(codes)
        seen.append({"f_change": 1 - 2 * both / either})
        outcomes.append(predicted_f_change(history(seen)).fired)
        assert outcomes[-1] == theirs.stop(predictions=now)
        codes = now
    assert 0 < sum(outcomes) < 60


@pytest.mark.parametrize(
    "name", sorted(name for name, f in CRITERIA.items() if "window" in inspect.signature(f).parameters)
)
def test_a_window_of_no_round_is_refused(name):
    with pytest.raises(ValueError, match="window is 0; expected 1 or more"):
        CRITERIA[name](history([{}] * 3), window=0)


def some_signals(generator):
    """Return signals in their ranges, any of them missing."""
    values = {}
    for field in dataclasses.fields(Signals):
        if field.name == "strata":
            values["strata"] = tuple(map(tuple, generator.integers(0, 6, (generator.integers(3), 4)).tolist()))
            continue
        missing = generator.choice([None, math.nan], p=[0.8, 0.2]) if field.default is None else 0
        whole = field.name.startswith("n_") or field.name == "inside_margin"
        known = int(generator.integers(0, 6)) if whole else float(generator.choice([0, 1, generator.random() ** 4]))
        values[field.name] = known if generator.random() < 0.9 else missing
    return Signals(**values)


@pytest.fixture(scope="module")
def histories():
    """Return 600 random histories."""
    return [some_history(seed) for seed in range(600)]


def some_history(seed):
    generator = np.random.default_rng(seed)
    n = int(generator.integers(0, 25))
    scores = np.where(generator.random(n) < 0.2, math.nan, generator.random(n).round(2))
    priced = Budget(labels=40, cost_per_label=0.1, n_predictions=1000, cost_per_error=0.05)
    limits = generator.choice([Budget(), priced, Budget(labels=100, minutes=1)])
    return history([some_signals(generator) for _ in range(n)], scores.tolist(), limits=limits)


def checked(name, reading):
    assert isinstance(reading, Reading)
    assert reading.name == name
    assert reading.value is None or (type(reading.value) is float and math.isfinite(reading.value))
    assert type(reading.fired) is bool
    assert type(reading.possible) is bool
    assert type(reading.below) is bool
    assert reading.why
    if reading.fired:
        assert reading.possible
        side = 1 if reading.below else -1
        assert side * (reading.value - reading.threshold) <= 0
    return reading


@every
def test_a_criterion_answers_whatever_the_history(histories, name):
    criterion = CRITERIA[name]
    readings = [checked(name, criterion(seen)) for seen in histories]
    again = [criterion(seen) for seen in histories]
    assert [replace(reading, value=None) for reading in again] == [replace(reading, value=None) for reading in readings]
    # Which way NumPy 1 and BLAS add depends on where an array lies in memory: the last bit may differ.
    assert [reading.value for reading in again] == [
        None if reading.value is None else pytest.approx(reading.value, rel=1e-12, abs=1e-300) for reading in readings
    ]
    assert len({reading.fired for reading in readings}) == 2 or name in ("gradient", "knee")


@every
def test_a_criterion_does_not_see_later_rounds(histories, name):
    for seen in histories[:20]:
        for n in range(len(seen)):
            earlier = dataclasses.replace(seen, rounds=seen.rounds[:n], n_labeled=8 * n)
            assert CRITERIA[name](seen.before(n)) == CRITERIA[name](earlier)


@every
def test_at_first_nothing_fires_and_the_sentence_says_what_is_missing(name):
    for seen in (history(), history([Signals()]), history([{}]), history([Signals()] * 30), history([{}] * 30)):
        reading = checked(name, CRITERIA[name](seen))
        assert (reading.value, reading.fired) == (None, False)
    if name != "budget":
        assert CRITERIA[name](history()).why.startswith(("needs ", "can judge after "))


@every
def test_a_series_that_stands_still_is_read_alike_however_long_it_is(name):
    told = Signals(9, 9, *[0.5] * 11, 9, 0.5, 2.0, 0.9, 0.5, 3, 7)
    seen = [history([told] * n, [0.5] * n) for n in (20, 40)]
    first, later = (checked(name, CRITERIA[name](item)) for item in seen)
    assert first == later
    assert first.fired is (name in ("plateau", "support_saturated"))


@every
def test_a_criterion_is_called_as_its_function_is(name):
    assert CRITERIA[name].__name__ == name
    assert any_of(name).sentence == name


def test_parameters_are_given_by_partial():
    [reading] = any_of(partial(contradictory_information, window=1)).read(
        history([{"contradiction": 2}, {"contradiction": 1}])
    )
    assert (reading.name, reading.value, reading.fired) == ("contradictory_information", 1, True)
    assert not support_saturated(history([{"n_support": 7}] * 3), window=3).fired
