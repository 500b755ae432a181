"""What advice must not do: conclude from too little, contradict itself, or keep still about what cannot fire."""

import math
from dataclasses import replace

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression

import alwidgets as alw
from alwidgets.scoring.scores import Score
from alwidgets.session.progress import advise
from alwidgets.stopping import Budget, History, Round, all_of, any_of, marginal_gain, plateau, unless_priced
from alwidgets.stopping.next_labels import fitted
from alwidgets.types import Reading
from alwidgets.views.figures import learning_curve

PRICES = Budget(cost_per_label=0.1, n_predictions=100_000, cost_per_error=1.0, currency="EUR")


def rounds_of(scores, kind="held out", width=0.04, first=1):
    return tuple(
        Round(i, 10 * i, 10 * i, score, score - width / 2, score + width / 2, kind, 100, 0.1, 0.0, 0.0, "margin")
        for i, score in enumerate(scores, first)
    )


def history_of(rounds, budget=PRICES):
    return History(rounds, budget, n_labeled=rounds[-1].n_labeled, seconds=0.0, n_samples=1000)


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    return X / 16, y


def test_an_accuracy_known_only_roughly_is_no_reason_to_stop(digits):
    X, y = digits
    learner = LogisticRegression(max_iter=200)
    session = alw.Session(X[:400], classes=range(10), learner=learner, budget=PRICES, random_state=0)
    session.run(y[:400], 120)
    reading = next(reading for reading in session.advice.readings if reading.name == "marginal_gain")
    assert session.rounds[-1].score_kind == "audit"
    assert (reading.value, reading.fired) == (None, False)
    assert "known to 10 points" in reading.why
    cheap = replace(PRICES, n_predictions=500)
    assert marginal_gain(history_of(rounds_of([0.9] * 12), cheap)).fired
    assert not marginal_gain(history_of(rounds_of([0.9] * 12, width=0.3), cheap)).fired


@pytest.mark.parametrize("probabilities", [True, False], ids=["sure", "constant"])
def test_a_model_that_always_says_the_same_is_not_taken_for_a_stable_one(digits, probabilities):
    X, y = digits
    learner = DummyClassifier(strategy="most_frequent" if probabilities else "prior")
    session = alw.Session(
        X[:300], classes=range(10), learner=learner, strategy="random", test=(X[300:600], y[300:600]), random_state=0,
        batch_size=5, stop=any_of("stabilizing_predictions", "predicted_f_change", "classification_change",
                                  "overall_uncertainty", "max_uncertainty", "expected_error"),
    ).run(y[:300], 60)  # fmt: skip
    assert not session.advice.stop
    assert {reading.why for reading in session.advice.readings} == {"the model predicts one class only"}


def test_scores_of_another_kind_are_no_earlier_part_of_the_curve():
    held = rounds_of(np.linspace(0.6, 0.9, 15), "audit")
    then = rounds_of(np.linspace(0.5, 0.52, 12), "cross-validated", first=16)
    both = history_of((*held, *then))
    assert [item.score_kind for item in both.comparable] == ["cross-validated"] * 12
    assert plateau(both).value == pytest.approx(plateau(history_of(then)).value)
    assert fitted(history_of((*held, *then[:4]))) is None
    figure = learning_curve(both)
    kinds = {trace.name: trace.line.dash for trace in figure.data}
    assert (kinds["accuracy"], kinds["audit"]) == ("dash", "solid")


def test_rounds_of_labels_that_were_undone_are_behind_nobody():
    forward = rounds_of(np.linspace(0.5, 0.9, 10))
    back = replace(forward[4], round=11, score=0.7)
    assert [item.n_labeled for item in history_of((*forward, back)).comparable] == [10, 20, 30, 40, 50]
    assert history_of((*forward, back)).comparable[-1].score == 0.7


def test_seconds_per_label_are_those_of_the_labels_that_were_timed(make_session, blobs):
    session = make_session(budget=Budget(cost_per_hour=30, currency="EUR"))
    for row in range(20):
        session.teach(row, blobs[1][row])
    for row in range(20, 25):
        session.teach(row, blobs[1][row], seconds=6.0)
    assert session.rounds.seconds_per_label == 6.0
    assert session.rounds.cost_per_label == pytest.approx(0.05)


def test_where_prices_are_known_they_decide_and_else_the_others_do():
    flat = rounds_of([0.9] * 12)
    rule = any_of(unless_priced("plateau"))
    assert advise(rule, history_of(flat, Budget())).stop
    priced = advise(rule, history_of(flat))
    assert not priced.stop
    assert priced.readings[0].why.endswith("; the prices decide")
    with pytest.raises(TypeError, match="expected a single one"):
        unless_priced(any_of("plateau"))


def test_a_rule_that_cannot_fire_says_so():
    sentence = advise(all_of("marginal_gain", "plateau"), history_of(rounds_of([0.9] * 12), Budget())).sentence
    assert sentence.endswith(
        "This rule cannot fire: marginal_gain needs n_predictions and cost_per_error in the budget."
    )


def test_labels_that_cost_more_than_they_bring_are_said_to():
    dear = replace(PRICES, cost_per_label=500.0)
    assert (
        "less than they cost"
        in advise(any_of("budget"), history_of(rounds_of(0.9 - 1 / np.arange(10, 22)), dear)).sentence
    )


@pytest.mark.parametrize("fired", [math.nan, "yes", None, 1])
def test_a_criterion_that_says_neither_yes_nor_no_does_not_stop(fired):
    (reading,) = any_of(lambda _: Reading("x", 1.0, 2.0, fired, "?")).read(history_of(rounds_of([0.9])))
    assert not reading.fired
    assert "expected True or False" in reading.why


def test_a_criterion_whose_value_is_no_number_does_not_stop():
    (reading,) = any_of(lambda _: Reading("x", math.nan, 2.0, fired=True, why="?")).read(history_of(rounds_of([0.9])))
    assert (reading.value, reading.fired) == (None, False)


def test_a_score_that_is_missing_is_said_also_when_something_else_advises_to_stop():
    lost = Score(math.nan, math.nan, math.nan, "held out", 100, "mine", "mine failed: no license")
    last = replace(rounds_of([0.9])[0], score=math.nan, score_low=math.nan, score_high=math.nan, scores=(lost,))
    sentence = advise(any_of("budget"), History((last,), Budget(labels=5), n_labeled=10, seconds=0.0)).sentence
    assert sentence == "You may stop: budget (10 of 5 labels spent). There is no score: mine failed: no license."


def test_a_metric_keeps_the_name_it_was_given_and_only_the_accuracy_is_called_so(make_session, blobs):
    session = make_session(scoring={"right": "accuracy"}).run(blobs[1], 8)
    assert [score.metric for score in session.rounds[-1].scores] == ["right", "accuracy"]
    with pytest.raises(ValueError, match="expected another name than 'accuracy'"):
        make_session(scoring={"accuracy": "f1_macro"})


def test_a_simulated_baseline_is_not_drawn_from_what_it_is_scored_on(digits):
    from sklearn.neighbors import KNeighborsClassifier

    X, y = digits
    session = alw.Session(
        X[:200], classes=range(10), learner=KNeighborsClassifier(1), audit=0.3, batch_size=10, random_state=0
    ).run(y[:200], 190)
    assert session.random_baseline("simulated", n_runs=3).score[-1] < 1
