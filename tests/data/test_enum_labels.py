"""Classes and labels that are members of an Enum, or NumPy's, are the plain values behind them."""

from enum import Enum, IntEnum, StrEnum

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

import alwidgets as alw
from alwidgets.data.labels import plain


class Mixed(str, Enum):  # noqa: UP042 - what many have from before there was a StrEnum
    LEFT = "left"
    RIGHT = "right"


class Text(StrEnum):
    LEFT = "left"
    RIGHT = "right"


class Member(Enum):
    LEFT = "left"
    RIGHT = "right"


class Number(IntEnum):
    LEFT = 1
    RIGHT = 10


class NumpyText(np.str_):
    __slots__ = ()


KINDS = {
    "a str and Enum": list(Mixed),
    "an Enum itself": Mixed,
    "a StrEnum": list(Text),
    "an Enum of texts": list(Member),
    "an IntEnum": list(Number),
    "NumPy's texts": [np.str_("left"), np.str_("right")],
    "a class derived from NumPy's texts": [NumpyText("left"), NumpyText("right")],
    "NumPy's numbers": list(np.array([1, 10])),
}


@pytest.fixture(params=list(KINDS))
def members(request):
    return KINDS[request.param]


def plain_of(members):
    return [1, 10] if isinstance(next(iter(members)), (int, np.integer)) else ["left", "right"]


@pytest.fixture
def labels(members, blobs):
    """The label of each row as a member."""
    return [list(members)[int(side == "right")] for side in blobs[1]]


def test_a_session_learns_from_members_and_says_plain_labels(make_session, blobs, members, labels):
    X, expected = blobs[0], plain_of(members)
    session = make_session(classes=members, test=(X[::5], labels[::5])).run(labels, 20)
    assert list(session.classes) == expected
    assert list(map(type, session.classes)) == list(map(type, expected))
    assert session.progress.round == 5
    assert session.rounds[-1].score > 0.8
    assert set(session.labels["label"]) == set(expected)
    assert {type(label) for label in session.labels["label"]} == {type(expected[0])}
    assert sorted(np.unique(session.learner.predict(X)).tolist()) == expected


def test_members_are_taught_reviewed_and_have_keys(make_session, members):
    first, second = members
    session = make_session(test=None, classes=members, task=alw.Task(keys={second: "x"}))
    session.teach(0, first)
    session.teach(1, second, suggested=first)
    session.answer_repeat(0, second)
    assert session.labels["label"].tolist() == plain_of(members)
    assert session.review(label=second)["item"].tolist() == [1]
    assert session.shortcuts.classes[1] == "x"
    session.remap({first: "h"})
    assert session.shortcuts.classes == ("h", "x")


def test_a_journal_opened_again_has_the_same_classes(make_session, members, labels, tmp_path):
    given = {"classes": members, "test": None, "journal": tmp_path / "a.alw"}
    session = make_session(**given).run(labels, 20)
    again = make_session(**given)
    assert again.classes == session.classes == tuple(plain_of(members))
    assert again.labels.equals(session.labels)
    assert make_session(**given | {"classes": plain_of(members)}).classes == session.classes


def test_a_class_that_is_a_member_can_be_added(make_session):
    class More(Enum):
        UP = "up"

    session = make_session(classes=Member)
    session.add_class(More.UP)
    session.teach(0, More.UP)
    assert session.classes == ("left", "right", "up")


@pytest.mark.parametrize("held", [list, np.array, pd.Series], ids=["list", "array", "Series"])
def test_labels_held_by_a_list_an_array_or_a_series_count_the_same(make_session, blobs, held):
    y = [Member(side) for side in blobs[1]]
    session = make_session(classes=Member, test=(blobs[0][::5], held(y[::5]))).run(held(y), 20)
    other = make_session().run(blobs[1], 20)
    assert session.history["score"].equals(other.history["score"])
    assert session.labels["item"].equals(other.labels["item"])


def test_members_may_be_any_number_of_classes(blobs):
    X, y = blobs
    learner = OneVsRestClassifier(LogisticRegression())
    session = alw.Session(X, classes=Mixed, learner=learner, task="multi", batch_size=4, random_state=0)
    session.run([[Mixed(side)] for side in y], 12)
    assert set(session.labels["label"]) == {("left",), ("right",)}


def test_a_simulation_takes_members(blobs):
    X, y = blobs
    given = {"learner": LogisticRegression(), "strategies": ["margin"], "n_runs": 1, "n_labels": 8, "batch_size": 4}
    with_members = alw.simulate(X, [Mixed(side) for side in y], **given)
    assert with_members.curves["score"].equals(alw.simulate(X, y, **given).curves["score"])


def test_labeling_functions_may_return_members():
    L = alw.weak_labels.label_matrix([lambda _item: Mixed.RIGHT, lambda _item: None], ["x"], list(Mixed))
    assert L.tolist() == [[1, -1]]


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        (Mixed.LEFT, "left"), (Number.RIGHT, 10), (Member.LEFT, "left"), (NumpyText("left"), "left"),
        (np.float64(2), 2.0), (np.bool_(True), True), (True, True), (None, None),
    ],
)  # fmt: skip
def test_the_plain_value_of_a_label_is_of_a_plain_type(label, expected):
    assert (plain(label), type(plain(label))) == (expected, type(expected))


def test_a_member_that_holds_no_label_is_refused(make_session):
    class Place(Enum):
        HERE = (0, 1)
        THERE = (1, 0)

    with pytest.raises(TypeError, match=r"classes has <Place.HERE: \(0, 1\)>; expected str, int, float or bool"):
        make_session(classes=Place)


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        ([1, 1.0], "classes has 1 and 1.0, which are equal; expected distinct values"),
        ([0.0, -0.0], "classes has 0.0 and -0.0, which are equal"),
        ([True, 1], "classes has True and 1, which are equal"),
        ([2, 0, False], "classes has 0 and False, which are equal"),
        ([np.int64(3), 3.0], "classes has 3 and 3.0, which are equal"),
        ([Number.LEFT, 1], "classes has 1 more than once"),
        ([Text.LEFT, "left"], "classes has 'left' more than once"),
    ],
)
def test_equal_classes_are_refused(make_session, classes, message):
    with pytest.raises(ValueError, match=message):
        make_session(classes=classes)
