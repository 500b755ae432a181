import math

import numpy as np
import pytest

from alwidgets.stopping import CRITERIA, Budget, History, Round, Rule, all_of, any_of, as_rule, budget, plateau
from alwidgets.types import Reading


def rounds(scores):
    return tuple(
        Round(i, 8 * i, 8 * i, score, score, score, "held out", 10, 0.1, 0.0, 0.0, "margin")
        for i, score in enumerate(scores, start=1)
    )


def history(scores=(), limits=None, n_labelled=0, seconds=0.0):
    return History(rounds(scores), limits or Budget(), n_labelled, seconds)


@pytest.mark.parametrize(
    ("limits", "n_labelled", "seconds", "value", "why"),
    [
        (Budget(labels=100), 25, 0, 0.25, "25 of 100 labels spent"),
        (Budget(labels=100), 100, 0, 1.0, "100 of 100 labels spent"),
        (Budget(cost=10, cost_per_label=0.5, currency="EUR"), 21, 0, 1.05, "10.50 of 10 EUR spent"),
        (Budget(minutes=2), 0, 90, 0.75, "1.5 of 2 minutes spent"),
        (Budget(labels=100, minutes=1), 10, 54, 0.9, "0.9 of 1 minutes spent"),
        (Budget(), 10**6, 1e9, None, "no limit was set"),
    ],
)
def test_a_budget_is_spent_by_its_most_spent_part(limits, n_labelled, seconds, value, why):
    reading = budget(history((), limits, n_labelled, seconds))
    assert (reading.value, reading.why) == (value if value is None else pytest.approx(value), why)
    assert reading.fired is (value is not None and value >= 1)


@pytest.mark.parametrize(
    ("scores", "gain", "fired"),
    [
        ([0.5, 0.6, 0.7, 0.8, 0.9], None, False),
        ([0.5, 0.6, 0.7, 0.8, *[0.9] * 7], 0.4, False),
        ([0.5, 0.9, 0.9, 0.902, *[0.9] * 8], 0.002, True),
        ([0.9, *[0.8] * 10], -0.1, True),
        ([0.900, 0.906, *[0.9] * 9], 0.006, False),
        ([0.9, math.nan, *[0.9] * 9], None, False),
        ([0.9, math.nan, *[0.9] * 10], 0.0, True),
    ],
)
def test_a_plateau_is_ten_rounds_that_bring_less_than_half_a_point(scores, gain, fired):
    reading = plateau(history(scores))
    assert reading.value == (gain if gain is None else pytest.approx(gain))
    assert reading.fired is fired


def test_any_of_needs_one_and_all_of_needs_every_criterion():
    spent = history([0.5, 0.6], Budget(labels=1), n_labelled=1)
    flat = history([0.9] * 11, Budget(labels=1), n_labelled=1)
    for given, any_fires, all_fires in ((history(), False, False), (spent, True, False), (flat, True, True)):
        for rule, fires in ((any_of("budget", "plateau"), any_fires), (all_of("budget", "plateau"), all_fires)):
            readings = rule.read(given)
            assert [reading.name for reading in readings] == ["budget", "plateau"]
            assert rule.fired(readings) is fires


def test_a_rule_is_made_of_a_name_a_function_or_a_rule():
    rule = all_of("budget")
    assert as_rule(rule) is rule
    assert as_rule("plateau").criteria == (("plateau", CRITERIA["plateau"]),)
    assert isinstance(as_rule(len), Rule)
    assert [name for name, _ in any_of(lambda _: None, lambda _: None).criteria] == ["<lambda>", "<lambda> 2"]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (any_of, ValueError, "any_of got no criteria; expected at least one of"),
        (lambda: all_of("plateu"), ValueError, r"Unknown stopping criterion 'plateu'; expected one of \['budget'"),
        (lambda: as_rule(5), TypeError, "stopping criterion is 5; expected"),
        (lambda: as_rule(None), TypeError, "stopping criterion is None; expected"),
    ],
)
def test_what_is_no_criterion_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize(
    ("answer", "value", "fired", "why"),
    [
        (None, None, False, "cannot tell yet"),
        (7, None, False, "returned 7; expected a Reading or None"),
        (Reading("x", np.float32(0.5), np.int64(1), np.bool_(True), "enough"), 0.5, True, "enough"),
        (Reading("x", math.inf, math.nan, fired=False, why="far"), None, False, "far"),
        (Reading("x", "much", None, fired=True, why=""), None, False, "failed: ValueError: could not convert"),
        (ZeroDivisionError("oh"), None, False, "failed: ZeroDivisionError: oh"),
    ],
)
def test_a_users_function_never_stands_in_the_way(make_session, blobs, tmp_path, answer, value, fired, why):
    def mine(history):
        if isinstance(answer, Exception):
            raise answer
        return answer

    [reading] = any_of(mine).read(history())
    assert (reading.name, reading.value, reading.fired) == ("mine", value, fired)
    assert reading.why.startswith(why)
    session = make_session(stop=mine, journal=tmp_path / "a.alw").run(blobs[1], 8)
    assert session.progress.error == ""
    assert "mine" in session.history
    assert session.advice.readings == (reading,)
    assert session.advice.stop is fired
    assert make_session(stop=mine, journal=tmp_path / "a.alw").rounds[-1].readings == (reading,)


def test_a_criterion_called_like_a_column_takes_none_away(make_session, blobs):
    def score(history):
        return Reading("score", 7.0, None, fired=False, why="")

    frame = make_session(stop=score).run(blobs[1], 8).history
    assert (frame["score"] <= 1).all()
    assert frame["score (criterion)"].tolist() == [7.0, 7.0]


def test_a_run_without_a_number_ends_when_the_rule_fires(make_session, blobs):
    session = make_session(stop=lambda seen: Reading("n", None, None, seen.n_labelled >= 10, "ten are enough"))
    assert session.run(blobs[1]).progress.n_labelled == 10
    assert session.advice.sentence == "You may stop: <lambda> (ten are enough)."
    session = make_session(budget=6, stop="budget").run(blobs[1])
    assert session.progress.n_labelled == 6
    assert session.history["budget"].tolist() == [4 / 6]


def test_advice_says_how_good_the_model_is_and_what_the_last_round_brought(make_session, blobs):
    session = make_session()
    assert session.advice.sentence == "Keep going: the first model has yet to be trained."
    first, second = session.run(blobs[1], 8).rounds
    gain = (second.score - first.score) * 100
    assert f"accuracy is {second.score:.2f} ({second.score_low:.2f} to " in session.advice.sentence
    assert f"held out), {gain:+.1f} points since the round before." in session.advice.sentence
    unscored = make_session(test=None, audit=0.01).run(blobs[1], 4)
    assert unscored.advice.sentence == "Keep going: there is nothing to measure on yet."


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"labels": 0}, "budget labels is 0; expected a number above 0"),
        ({"labels": "300"}, "budget labels is '300'; expected a number"),
        ({"labels": True}, "budget labels is True; expected"),
        ({"minutes": math.inf}, "budget minutes is inf"),
        ({"cost": 5}, "cost_per_label is 0; expected the price"),
        ({"cost_per_label": -1}, "cost_per_label is -1; expected an int or float of 0 or more"),
    ],
)
def test_a_budget_of_nonsense_is_refused(given, message):
    with pytest.raises(ValueError, match=message):
        Budget(**given)


def test_a_score_known_only_roughly_is_no_plateau(make_session, blobs):
    # Audits of one to a few samples: the first is right by chance, the next are not.
    noise = np.random.default_rng(0).choice(["left", "right"], 120)
    session = make_session(test=None, audit=0.1).run(noise, 60)
    assert len(session.rounds) > 6
    plateau = next(reading for reading in session.advice.readings if reading.name == "plateau")
    assert (plateau.value, plateau.fired) == (None, False)
    assert "known to 10 points" in plateau.why
