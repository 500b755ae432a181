"""Answers to items whose labels are known: how many are right, and whether that is too few."""

import pandas as pd
import pytest

import alwidgets as alw
from alwidgets.scoring.intervals import wilson_interval
from tests.annotation.tables import drawn, table_of


def test_only_answers_to_gold_items_count_and_the_last_one_stands():
    found = alw.gold_accuracy(table_of({"x": "a b a .", "y": "a a b b", "z": ". . . a"}), {0: "a", 1: "b"})
    assert found["n_gold"].to_dict() == {"x": 2, "y": 2, "z": 0}
    assert found["n_right"].to_dict() == {"x": 2, "y": 1, "z": 0}
    assert found.loc["y", ["accuracy", "low", "high"]].tolist() == [0.5, *wilson_interval(1, 2)]
    assert found.loc["z", ["accuracy", "low", "high"]].isna().all()
    assert "below" not in found


def test_who_is_surely_below_a_threshold_is_shown_and_who_has_answered_little_is_not():
    table, truth = drawn(200, [0.95, 0.5], coverage=1.0)
    gold = {item: int(truth[item]) for item in range(60)}
    assert alw.gold_accuracy(table, gold, threshold=0.8)["below"].to_dict() == {"a0": False, "a1": True}
    few = alw.gold_accuracy(table_of({"x": "a ."}), {0: "b", 1: "a"}, threshold=0.7)
    assert (few.loc["x", "accuracy"], few.loc["x", "below"]) == (0, False)


def test_a_label_that_nobody_gave_is_right_for_nobody():
    assert alw.gold_accuracy(table_of({"x": "a"}), {0: "q"})["n_right"].tolist() == [0]


def test_a_label_of_another_type_is_another_label():
    table = table_of({"x": "1"})
    assert alw.gold_accuracy(table, {0: 1})["n_right"].tolist() == [0]


def test_a_label_of_several_classes_is_right_as_a_whole():
    table = pd.DataFrame({"item": [0, 1], "annotator": ["x", "x"], "label": [("a", "b"), ("a",)]})
    assert alw.gold_accuracy(table, {0: ["a", "b"], 1: ("a", "b")})["n_right"].tolist() == [1]


def test_without_gold_or_answers_nothing_is_measured():
    assert alw.gold_accuracy(table_of({"x": "a"}), {})["accuracy"].isna().all()
    assert len(alw.gold_accuracy(table_of({}), {0: "a"}, threshold=0.5)) == 0


@pytest.mark.parametrize(
    ("gold", "options", "error", "message"),
    [
        (["a"], {}, TypeError, r"gold is \['a'\]; expected a dict of item to label"),
        ({0: None}, {}, ValueError, "gold of item 0 is None; expected its label"),
        ({0: {"a"}}, {}, ValueError, r"a label is \{'a'\}; expected a class, or a tuple of classes"),
        ({0: "q"}, {"classes": ["a", "b"]}, ValueError, r"gold of item 0 is 'q'; expected one of \['a', 'b'\]"),
        ({0: "a"}, {"threshold": 0}, ValueError, "threshold is 0; expected a number above 0 and at most 1"),
        ({0: "a"}, {"threshold": "high"}, TypeError, "threshold is 'high'; expected a number above 0"),
    ],
)
def test_bad_input_is_refused_in_words(gold, options, error, message):
    with pytest.raises(error, match=message):
        alw.gold_accuracy(table_of({"x": "a b"}), gold, **options)
