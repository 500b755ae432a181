"""Errors of a part are looked at several times as answers come, and all looks together keep to their level."""

import re
from functools import cache

import numpy as np
import pytest

from alwidgets.inspection.drift import drift
from alwidgets.inspection.part_drift import ENOUGH, Errors, Looks, PartDrift, class_shares, looks_at

N_BEFORE, N_NOW, N_RUNS = 100, 80, 400


@cache
def alarms(before, now):
    """The share of streams with an alarm at any time, for error rates before and in the part."""
    rng = np.random.default_rng(0)
    found = [looks_at(rng.random(N_BEFORE) < before, rng.random(N_NOW) < now).p_value < 0.05 for _ in range(N_RUNS)]
    return np.mean(found)


def test_false_alarms_are_no_more_than_the_level_however_often_one_looks():
    assert alarms(0.1, 0.1) <= 0.05
    assert alarms(0.3, 0.3) <= 0.05


def test_errors_that_became_many_are_seen():
    assert alarms(0.05, 0.3) >= 0.9


def test_a_look_is_at_10_20_40_answers_and_what_comes_between_changes_nothing():
    before = np.arange(60) < 3
    wrong = np.arange(40) % 4 == 0
    assert [looks_at(before, wrong[:n]).n_tests for n in (0, 9, 10, 19, 20, 39, 40)] == [0, 0, 1, 1, 2, 2, 3]
    assert looks_at(before, wrong[:13]).p_value == looks_at(before, wrong[:19]).p_value
    assert looks_at(before, wrong[:9]) == Looks(1.0, 0, Errors(3, 60), Errors(3, 9))
    # Once it is an alarm it stays one.
    many = np.concatenate([np.ones(10, bool), np.zeros(70, bool)])
    assert looks_at(before, many[:10]).p_value == looks_at(before, many).p_value < 0.05


def test_without_answers_before_nothing_is_compared():
    assert looks_at(np.empty(0, bool), np.ones(20, bool)).p_value == 1.0


@pytest.mark.parametrize(
    ("shift", "errors", "n_free", "match"),
    [
        (0, Looks(1.0, 0, Errors(3, 60), Errors(0, 0)), 100, "No drift seen in 'monday'"),
        (1, Looks(1.0, 0, Errors(3, 60), Errors(0, 4)), 100, "others than before .*: ask 16 audit questions of it"),
        (1, Looks(1.0, 0, Errors(3, 60), Errors(0, 4)), 3, "ask 3 audit questions of it"),
        (1, Looks(0.6, 2, Errors(3, 60), Errors(2, 20)), 100, "the errors are not: 2 of 20 audit answers, against"),
        (1, Looks(0.01, 2, Errors(3, 60), Errors(8, 20)), 100, "errs more on 'monday': 8 of 20 .* label more"),
        (0, Looks(0.01, 2, Errors(30, 60), Errors(0, 20)), 100, "The model errs less on 'monday': 0 of 20"),
    ],
)  # fmt: skip
def test_the_advice_is_one_sentence(shift, errors, n_free, match):
    X = np.random.default_rng(0).normal(size=(100, 2))
    found = PartDrift("monday", drift(X[:50], X[50:] + 3 * shift), errors, None, n_free, 0.05)
    assert re.search(match, found.sentence)
    assert found.moved == (shift or errors.p_value < 0.05)
    assert found.sentence.count("\n") == 0


def test_predicted_classes_are_shares():
    found = class_shares(np.array(["a", "b", "a", "a"]), np.array(["b", "b"]), ["a", "b", "c"])
    assert found.to_numpy().tolist() == [["a", 0.75, 0.0], ["b", 0.25, 1.0], ["c", 0.0, 0.0]]
    assert ENOUGH == 20
