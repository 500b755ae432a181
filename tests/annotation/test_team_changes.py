"""A team that is another one when a journal is opened again: what is refused, and what becomes of the labels."""

import warnings

import numpy as np
import pytest

import alwidgets as alw
from tests.faults.sample import ended


@pytest.fixture
def path(tmp_path):
    return tmp_path / "session.alw"


@pytest.fixture
def reopened(make_session, path):
    """A function that opens the journal with a team, and returns the session and all that it warned of."""
    opened = []

    def reopen(*names, **changes):
        labels = changes.pop("labels", None)
        for session in opened:
            ended(session)
        opened.clear()
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            team = alw.Team(names, **changes) if names else None
            opened.append(make_session(journal=path, audit=0, test=None, team=team, labels=labels))
        return opened[0], " ".join(str(each.message) for each in told)

    return reopen


@pytest.mark.parametrize("item", [12.0, True, np.True_, 12.5, "12"])
def test_gold_that_is_no_row_number_is_refused_and_the_journal_goes_on(reopened, make_session, path, item):
    session, _ = reopened("ann", "bob")
    session.teach(3, "left", annotator="ann")
    ended(session)
    with pytest.raises(TypeError, match=r"gold has the item .*; expected a row number of X, a whole number"):
        make_session(journal=path, audit=0, team=alw.Team(["ann", "bob"], gold={item: "left"}))
    assert reopened("ann", "bob")[0].labels["item"].tolist() == [3]


def test_row_numbers_of_numpy_are_gold_as_those_of_python(reopened):
    session, _ = reopened("ann", "bob", gold={np.int32(12): "left"})
    session, told = reopened("ann", "bob", gold={12: "left"})
    assert (list(session.team.members.gold), [type(row) for row in session.team.members.gold]) == ([12], [int])
    assert not told


def test_labels_that_leave_since_they_are_gold_now_and_come_back_are_told(reopened):
    session, told = reopened("ann", "bob")
    for item in (1, 2, 3):
        session.teach(item, "left", annotator="ann")
    assert not told
    session, told = reopened("ann", "bob", gold={1: "left", 2: "right", 9: "left"})
    assert told.startswith("2 labels left the training set, since item 1 and 1 more are gold now")
    assert session.labels["item"].tolist() == [3]
    session, told = reopened("ann", "bob", gold={1: "left", 9: "left"})
    assert told.startswith("1 label came into the training set, since item 2 is gold no longer")
    assert sorted(session.labels["item"]) == [2, 3]
    session, told = reopened("ann", "bob", gold={1: "right", 8: "left"})
    assert not told


def test_gold_that_nobody_answered_comes_and_goes_without_a_word(reopened):
    assert [reopened("ann", "bob", gold=gold)[1] for gold in ({}, {1: "left"}, {2: "left"}, {})] == [""] * 4


def test_of_the_labels_before_a_team_gold_keeps_none_and_known_ones_are_told_as_such(reopened):
    session, _ = reopened(labels={5: "left", 6: "right"})
    session.teach(0, "left")
    session.teach(1, "left")
    session, told = reopened("ann", "bob", gold={0: "left"})
    assert (
        "2 samples have labels that were given as known: they keep their labels, one answer each, and are not" in told
    )
    assert (
        "1 sample was labeled before there was a team: it keeps its label, one answer, and is not asked again" in told
    )
    assert "1 label left the training set, since item 0 is gold now" in told
    assert sorted(session.labels["item"]) == [1, 5, 6]


def test_a_name_that_reads_like_another_one_s_is_refused_also_over_two_openings(reopened, make_session, path):
    session, _ = reopened("ann", "bob")
    session.teach(3, "left", annotator="ann")
    ended(session)
    with pytest.raises(ValueError, match="team has 'Ann', and 'ann' has answered in this journal; expected that name"):
        make_session(journal=path, audit=0, team=alw.Team(["Ann", "bob"]))
    with pytest.raises(ValueError, match="team has 'ANN'"):
        make_session(journal=path, audit=0, team=alw.Team(["bob"], experts=["ANN"]))
    session, _ = reopened("ann", "Bob", "Annette")
    assert session.answers["annotator"].tolist() == ["ann"]
