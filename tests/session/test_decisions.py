"""Settings changed and decisions recorded while labeling goes on."""

import math
from functools import partial

import numpy as np
import pytest

from alwidgets.session import view_of
from alwidgets.stopping import Budget, all_of, any_of, plateau
from alwidgets.types import Reading


def reading_of(session, name):
    return next(reading for reading in session.advice.readings if reading.name == name)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("labels", 50),
        ("minutes", 12.5),
        ("cost_per_label", 0.15),
        ("cost_per_hour", 20),
        ("currency", "EUR"),
        ("n_predictions", np.int64(5000)),
        ("cost_per_error", 0.5),
    ],
)
def test_every_price_and_limit_can_be_set_and_is_kept_on_resuming(make_session, tmp_path, setting, value):
    given = {"journal": tmp_path / "a.alw"}
    session = make_session(**given)
    session.adjust(**{setting: value})
    assert getattr(session.budget, setting) == value
    assert getattr(make_session(**given).budget, setting) == value


def test_the_most_to_spend_is_set_together_with_the_price_it_needs(make_session, tmp_path):
    given = {"journal": tmp_path / "a.alw"}
    session = make_session(**given)
    session.adjust(cost=10, cost_per_label=0.1)
    assert session.budget == Budget(cost=10, cost_per_label=0.1)
    assert make_session(**given).budget == session.budget


def test_thresholds_and_needs_are_set_and_kept(make_session, blobs, tmp_path):
    given = {"journal": tmp_path / "a.alw", "stop": any_of("plateau", "target")}
    session = make_session(**given).run(blobs[1], 8)
    session.adjust(thresholds={"plateau": 0.2, "target": 0.5}, needs="all")
    for each in (session, make_session(**given)):
        assert each.rule.needs == "all"
        assert [reading.threshold for reading in each.advice.readings] == [0.2, 0.5]


def test_the_advice_follows_a_setting_at_once(make_session, blobs):
    session = make_session(stop="budget").run(blobs[1], 8)
    assert not session.advice.stop
    told = []
    view_of(session).on_change(lambda: told.append(session.advice.stop))
    session.adjust(labels=8)
    assert session.advice.stop
    assert told == [True]
    session.adjust(labels=80)
    assert not session.advice.stop


@pytest.mark.parametrize(
    "settings",
    [
        {"cost_per_label": -1},
        {"currency": "EUR", "labels": 0},
        {"currency": 5},
        {"price": 1},
        {"cost": 5},
        {"needs": 9, "cost_per_label": 1},
        {"thresholds": {"plateau": math.nan}, "cost_per_label": 1},
        {"thresholds": {"nothing": 1}},
        {"thresholds": 1},
        {"n_predictions": 10**400},
    ],
)
def test_what_is_refused_leaves_everything_as_it_was(make_session, settings):
    session = make_session()
    before = session.budget, session.rule, session.events
    with pytest.raises((ValueError, TypeError)):
        session.adjust(**settings)
    assert (session.budget, session.rule, session.events) == before


def test_setting_what_is_set_already_records_nothing(make_session):
    session = make_session(budget=30)
    session.adjust()
    session.adjust(labels=30, needs="any", thresholds={"plateau": 0.005})
    assert session.events == ()


def test_a_session_made_with_another_value_has_that_and_keeps_the_other_settings(make_session, tmp_path):
    given = {"journal": tmp_path / "a.alw"}
    session = make_session(**given, budget=Budget(labels=40))
    session.adjust(labels=50, cost_per_label=0.2, thresholds={"plateau": 0.1})
    other = make_session(**given, budget=Budget(labels=60), stop=any_of("budget", partial(plateau, threshold=0.3)))
    assert other.budget == Budget(labels=60, cost_per_label=0.2)
    assert reading_of(other, "plateau").threshold == 0.3
    as_before = make_session(**given, budget=Budget(labels=40))
    assert as_before.budget == Budget(labels=50, cost_per_label=0.2)
    assert reading_of(as_before, "plateau").threshold == 0.1


def test_a_setting_that_no_longer_fits_is_left_out_and_the_others_hold(make_session, tmp_path):
    given = {"journal": tmp_path / "a.alw"}
    session = make_session(**given, stop=any_of("budget", "plateau", "target"), budget=Budget(cost_per_label=0.1))
    session.adjust(needs=3, cost=10, currency="EUR", thresholds={"target": 0.5})
    fewer = make_session(**given, stop=any_of("budget", "plateau"), budget=Budget())
    assert fewer.rule.needs == "any"
    assert fewer.budget == Budget(currency="EUR")


def test_a_rule_within_a_rule_keeps_its_needs(make_session):
    session = make_session(stop=any_of("budget", all_of("plateau", "target")))
    session.adjust(thresholds={"target": 0.1})
    assert session.rule.sentence == "any of: budget, (all of: plateau, target)"


def test_corrected_rounds_are_read_by_the_rule_as_it_is_now_and_as_a_resumed_session_does(
    make_session, blobs, tmp_path
):
    y = blobs[1]
    given = {"test": None, "audit": 0.25, "stop": "target", "journal": tmp_path / "a.alw"}
    session = make_session(**given).run(y, 40)
    audited = session.labels.loc[session.labels["audit"], "item"]
    row = int(audited.iloc[0])
    session.teach(row, {"left": "right", "right": "left"}[y[row]])
    assert not session.rounds[-1].readings[0].fired
    session.adjust(thresholds={"target": 0.1})
    assert session.rounds[-1].readings[0].fired
    assert make_session(**given).rounds.rounds == session.rounds.rounds


def test_a_decision_is_kept_with_the_advice_it_was_made_on(make_session, blobs, tmp_path):
    given = {"journal": tmp_path / "a.alw", "budget": 8, "annotator": "Ada"}
    session = make_session(**given).run(blobs[1], 8)
    assert session.decisions.empty
    assert view_of(session).last_decision is None
    advice = session.advice.sentence
    session.decide("stop", "the budget is spent")
    session.adjust(labels=16)
    session.decide("go on", annotator="Bob")
    frame = session.decisions
    assert frame["decision"].tolist() == ["stop", "go on"]
    assert frame["reason"].tolist() == ["the budget is spent", ""]
    assert frame["advice"].tolist() == [advice, session.advice.sentence]
    assert frame["n_labeled"].tolist() == [8, 8]
    assert frame["annotator"].tolist() == ["Ada", "Bob"]
    assert str(frame["at"].dtype).startswith("datetime64")
    assert view_of(session).last_decision.decision == "go on"
    again = make_session(**given)
    assert again.decisions.equals(frame)
    assert view_of(again).last_decision == view_of(session).last_decision


@pytest.mark.parametrize("decision", ["Stop", "", "None", None, 1])
def test_what_is_no_decision_is_refused_and_not_recorded(make_session, decision):
    session = make_session()
    with pytest.raises(ValueError, match="expected 'stop' or 'go on'"):
        session.decide(decision)
    with pytest.raises(TypeError, match="annotator is ''"):
        session.decide("stop", annotator="")
    assert session.events == ()


def test_nothing_is_locked_by_a_decision_to_stop(make_session, blobs):
    session = make_session(budget=8).run(blobs[1], 8)
    session.decide("stop")
    session.run(blobs[1], 8)
    assert len(session.labels) == 16
    session.retrain()
    session.undo()
    assert len(session.labels) == 15


def test_an_answer_undone_counts_for_the_budget_at_once_and_for_the_score_after_the_retrain(make_session, blobs):
    y = blobs[1]
    session = make_session(budget=12, stop=any_of("budget", "target"), batch_size=100).run(y, 12)
    session.retrain()
    assert session.advice.stop
    score = reading_of(session, "target")
    session.undo(steps=6)
    assert reading_of(session, "budget").value == 0.5
    assert not reading_of(session, "budget").fired
    assert reading_of(session, "target") == score
    # The answers that stand turned round: the next model is as wrong as this one was right.
    other = {"left": "right", "right": "left"}
    for item in session.labels["item"]:
        session.teach(int(item), other[y[item]])
    assert reading_of(session, "target") == score
    session.retrain()
    assert reading_of(session, "target").value < 0.5 < score.value


def test_with_every_answer_undone_there_is_advice_still(make_session, blobs):
    session = make_session(budget=Budget(n_predictions=10, cost_per_error=1, cost_per_label=1), stop="marginal_gain")
    session.run(blobs[1], 32)
    assert session.advice.forecast is not None
    session.undo(steps=32)
    assert session.rounds.n_labeled == 0
    assert session.advice.forecast is None
    assert not session.advice.stop


def test_a_criterion_that_needs_its_threshold_given_has_nothing_to_set(make_session):
    def mine(history, threshold):
        return Reading("mine", 1.0, threshold, fired=False, why="")

    session = make_session(stop=any_of("budget", mine))
    with pytest.raises(ValueError, match="there is no setting 'mine'"):
        session.adjust(thresholds={"mine": 1})


def test_a_session_names_its_own_metric(make_session, blobs):
    assert ", f1_macro 0." in repr(make_session(scoring="f1_macro").run(blobs[1], 8)).replace("1.00", "0.99")
