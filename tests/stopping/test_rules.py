import dataclasses
import math
from functools import partial
from typing import get_args

import numpy as np
import pytest

from alwidgets.models.presets import LEARNERS
from alwidgets.stopping import (
    CRITERIA,
    Budget,
    CriterionName,
    History,
    Round,
    Rule,
    all_of,
    any_of,
    at_least,
    budget,
    patience,
    plateau,
    target,
)
from alwidgets.stopping.rules import as_rule
from alwidgets.types import LearnerName, Reading


def rounds(scores):
    return tuple(
        Round(i, 8 * i, 8 * i, score, score, score, "held out", 10, 0.1, 0.0, 0.0, "margin")
        for i, score in enumerate(scores, start=1)
    )


def history(scores=(), limits=None, n_labeled=0, seconds=0.0):
    return History(rounds(scores), limits or Budget(), n_labeled, seconds)


@pytest.mark.parametrize(
    ("limits", "n_labeled", "seconds", "value", "why"),
    [
        (Budget(labels=100), 25, 0, 0.25, "25 of 100 labels spent"),
        (Budget(labels=100), 100, 0, 1.0, "100 of 100 labels spent"),
        (Budget(cost=10, cost_per_label=0.5, currency="EUR"), 21, 0, 1.05, "10.50 of 10 EUR spent"),
        (Budget(minutes=2), 0, 90, 0.75, "1.5 of 2 minutes spent"),
        (Budget(labels=100, minutes=1), 10, 54, 0.9, "0.9 of 1 minutes spent"),
        (Budget(), 10**6, 1e9, None, "no limit was set"),
    ],
)
def test_a_budget_is_spent_by_its_most_spent_part(limits, n_labeled, seconds, value, why):
    reading = budget(history((), limits, n_labeled, seconds))
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
    spent = history([0.5, 0.6], Budget(labels=1), n_labeled=1)
    flat = history([0.9] * 11, Budget(labels=1), n_labeled=1)
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
        (
            lambda: all_of("plateu"),
            ValueError,
            r"Unknown stopping criterion 'plateu'; expected one of \['batch_uncertainty'",
        ),
        (lambda: as_rule(5), TypeError, "stopping criterion is 5; expected"),
    ],
)
def test_what_is_no_criterion_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()


@pytest.mark.filterwarnings("ignore:The stopping criterion 'mine'")
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
    session = make_session(stop=lambda seen: Reading("n", None, None, seen.n_labeled >= 10, "ten are enough"))
    assert session.run(blobs[1]).progress.n_labeled == 10
    assert session.advice.sentence == "You may stop: <lambda> (ten are enough)."
    session = make_session(budget=6, stop="budget").run(blobs[1])
    assert session.progress.n_labeled == 6
    assert session.history["budget"].tolist() == [4 / 6]


def test_a_criterion_is_asked_once_for_what_stands(make_session, blobs):
    asked = []

    def ten(seen):
        asked.append(seen.n_labeled)
        return Reading("n", None, None, seen.n_labeled >= 10, "ten are enough")

    session = make_session(stop=ten, batch_size=100)
    session.teach(0, str(blobs[1][0]))
    assert session.advice is session.advice
    session.teach(1, str(blobs[1][1]))
    assert not session.advice.stop
    session.adjust(labels=50)
    assert not session.advice.stop
    assert asked == sorted(asked)
    assert len(asked) == 3


def test_advice_says_how_good_the_model_is_and_what_the_last_round_brought(make_session, blobs):
    session = make_session()
    assert session.advice.sentence == "Keep going: the first model has yet to be trained."
    first, second = session.run(blobs[1], 8).rounds
    gain = (second.score - first.score) * 100
    assert f"accuracy is {second.score:.2f} (95 %: {second.score_low:.2f} to " in session.advice.sentence
    assert f"held-out samples, {gain:+.1f} points since the round before." in session.advice.sentence
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
        ({"cost_per_label": -1}, "cost_per_label is -1; expected a number of 0 or more"),
    ],
)
def test_a_budget_of_nonsense_is_refused(given, message):
    with pytest.raises(ValueError, match=message):
        Budget(**given)


def test_a_score_known_only_roughly_is_no_plateau(make_session, blobs):
    # Audits of one to a few samples: the first is right by chance, the next are not.
    noise = np.random.default_rng(0).choice(["left", "right"], 120)
    session = make_session(test=None, audit=0.2).run(noise, 60)
    assert len(session.rounds) > 6
    plateau = next(reading for reading in session.advice.readings if reading.name == "plateau")
    assert (plateau.value, plateau.fired) == (None, False)
    assert "known to 10 points" in plateau.why


def firing(*scripts):
    """Return criteria that fire where their script, one letter a round, has a 1."""
    return [
        lambda seen, script=script: Reading("", 0.0, 0.0, script[len(seen) - 1 : len(seen)] == "1", why=script)
        for script in scripts
    ]


@pytest.mark.parametrize(
    ("make", "outcomes"),
    [
        (any_of, "01111111"),
        (all_of, "00000001"),
        (lambda a, b, c: at_least(2, a, b, c), "00010111"),
        (lambda a, b, c: at_least(1, a, b, c), "01111111"),
        (lambda a, b, c: any_of(a, all_of(b, c)), "00011111"),
        (lambda a, b, c: all_of(any_of(a, b), c), "00010101"),
        (lambda a, b, c: at_least(2, any_of(a, b), all_of(b, c), c), "00010101"),
        (lambda a, b, c: any_of(any_of(any_of(a)), all_of(all_of(b), any_of(c))), "00011111"),
    ],
)
def test_rules_within_rules_count_as_one(make, outcomes):
    # The eight columns are all ways that three criteria can fire or not.
    rule = make(*firing("00001111", "00110011", "01010101"))
    for n, outcome in enumerate(outcomes, start=1):
        readings = rule.read(history([0.5] * n))
        assert (
            len(readings) == 3 + (len(rule.criteria) == 3 and not all(isinstance(p, tuple) for p in rule.criteria)) * 2
        )
        assert rule.fired(readings) is (outcome == "1")


def test_readings_of_a_rule_within_come_in_its_place_under_names_of_their_own():
    rule = any_of("budget", all_of("plateau", partial(plateau, window=3)), "target", any_of("budget"))
    names = [reading.name for reading in rule.read(history())]
    assert names == ["budget", "plateau", "plateau 2", "target", "budget 2"]
    assert any_of(partial(partial(target, threshold=0.5))).sentence == "target"


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (any_of("budget"), "budget"),
        (any_of("budget", "plateau"), "any of: budget, plateau"),
        (any_of("budget", all_of("target", "plateau")), "any of: budget, (all of: target, plateau)"),
        (at_least(2, "budget", any_of(all_of("target")), "plateau"), "at least 2 of: budget, target, plateau"),
        (all_of(patience("plateau", 2), "budget"), "all of: plateau for 2 rounds, budget"),
        (any_of(patience(any_of("target", "plateau"))), "(any of: target, plateau) for 3 rounds"),
    ],
)
def test_a_rule_reads_as_a_sentence(rule, sentence):
    assert rule.sentence == sentence
    assert repr(rule) == f"<Rule {sentence}>"


@pytest.mark.parametrize(
    ("script", "values"),
    [("110111", [1, 2, 0, 1, 2, 3]), ("1111", [1, 2, 3, 3]), ("000", [0, 0, 0]), ("011110", [0, 1, 2, 3, 3, 0])],
)
def test_patience_waits_for_rounds_running(script, values):
    [criterion] = firing(script)
    for n, value in enumerate(values, start=1):
        [reading] = any_of(patience(criterion)).read(history([0.5] * n))
        assert (reading.value, reading.threshold, reading.fired) == (value, 3, value == 3)
        assert reading.why == f"fired in {value} of 3 rounds running: {script}"
        assert not reading.below


def test_patience_of_a_rule_waits_for_the_rule():
    a, b = firing("1010", "0101")
    for rule, value in ((any_of(a, b), 4), (all_of(a, b), 0), (a, 0), (b, 1)):
        assert patience(rule, 4)(history([0.5] * 4)).value == value


def test_patience_with_what_is_impossible_is_impossible():
    assert patience("budget")(history()).possible is False
    assert patience(any_of("budget", "plateau"))(history()).possible is True
    assert patience(all_of("budget", "plateau"))(history()).possible is False


def test_patience_looks_at_what_was_spent_by_then():
    seen = History(rounds([0.5, 0.5, 0.5]), Budget(labels=16), n_labeled=30, seconds=0.0)
    [reading] = any_of(patience("budget", 2)).read(seen)
    assert (reading.value, reading.fired) == (2, True)
    [reading] = any_of(patience("budget", 3)).read(seen)
    assert (reading.value, reading.fired) == (2, False)


def test_patience_with_a_function_that_raises_is_told_its_error():
    [reading] = any_of(patience(lambda _: 1 / 0, 2)).read(history([0.5]))
    assert (reading.name, reading.fired) == ("<lambda> for 2 rounds", False)
    assert "failed: ZeroDivisionError: division by zero" in reading.why


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: at_least(2, "budget"), "k is 2; expected a whole number from 1 to 1"),
        (lambda: at_least(0, "budget"), "k is 0; expected"),
        (lambda: at_least("budget", "plateau"), "k is 'budget'; expected"),
        (lambda: at_least(1), "at_least got no criteria"),
        (lambda: patience("plateau", 0), "n_rounds is 0; expected a whole number of 1 or more"),
        (lambda: patience("plateau", 1.5), r"n_rounds is 1\.5; expected"),
        (lambda: patience("plateu"), "Unknown stopping criterion 'plateu'"),
    ],
)
def test_numbers_that_make_no_rule_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_reading_keeps_its_direction_and_whether_it_can_fire():
    given = Reading("mine", 0.5, 1.0, fired=False, why="so", possible=False, below=False)
    [reading] = any_of(lambda _: given).read(history())
    assert reading == dataclasses.replace(given, name="<lambda>")


def test_no_rule_never_advises_to_stop():
    rule = as_rule(None)
    assert rule.sentence == "never"
    assert not rule.fired(())


def test_the_names_that_a_type_checker_knows_are_those_that_there_are():
    assert get_args(CriterionName) == tuple(CRITERIA)
    assert get_args(LearnerName) == tuple(LEARNERS)
