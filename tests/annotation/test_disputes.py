"""Items that a team leaves without a label: none of them is in limbo, an expert is asked every one."""

import pytest

import alwidgets as alw


def team(*names, **changes):
    return alw.Team(list(names), experts=["eve"], **{"answers": 2, "at_most": 2} | changes)


@pytest.fixture
def make(make_session):
    return lambda rules, **changes: make_session(**{"team": rules, "audit": 0} | changes)


def disputed(session):
    return session.disputed()["item"].tolist()


def test_what_all_were_unsure_of_is_for_an_expert_to_settle(make):
    session = make(team("ann", "bob"))
    for name in ("ann", "bob"):
        assert disputed(session) == []
        session.skip(7, unsure=True, annotator=name)
    assert session.disputed()["answers"].tolist() == [{"ann": None, "bob": None}]
    assert session.query(1, annotator="eve").tolist() == [7]
    session.settle(7, "left", annotator="eve")
    assert disputed(session) == []
    assert session.labels["how"].tolist() == ["settled"]


def test_what_an_expert_finds_no_label_for_either_is_settled(make):
    session = make(team("ann", "bob"))
    for name in ("ann", "bob"):
        session.skip(7, unsure=True, annotator=name)
    session.settle(7, None, annotator="eve")
    assert disputed(session) == []
    session.undo(annotator="eve")
    assert disputed(session) == [7]


def test_what_all_said_cannot_be_answered_is_no_dispute(make):
    session = make(team("ann", "bob"))
    for name in ("ann", "bob"):
        session.skip(7, annotator=name)
    assert disputed(session) == []
    assert session.progress.n_skipped == 1


def test_what_the_only_people_answered_whose_word_does_not_count_is_disputed_until_it_counts(make):
    session = make(team("ann", "bob"))
    for name in ("ann", "bob"):
        session.teach(7, "left", annotator=name)
        session.team.weigh(name, 0)
    assert disputed(session) == [7]
    assert session.query(1, annotator="eve").tolist() == [7]
    session.team.weigh("ann", 1)
    assert disputed(session) == []
    assert session.labels["label"].tolist() == ["left"]


def test_a_tie_that_nobody_is_left_to_break_is_disputed_when_fewer_people_go_on_and_asked_when_more_do(make, tmp_path):
    path = tmp_path / "a.alw"
    session = make(team("ann", "bob", "cy", at_most=3), journal=path)
    session.teach(7, "left", annotator="ann")
    session.teach(7, "right", annotator="bob")
    assert disputed(session) == []
    fewer = make(team("ann", "bob"), journal=path)
    assert disputed(fewer) == [7]
    more = make(team("ann", "bob", "cy", at_most=3), journal=path)
    assert disputed(more) == []
    assert more.query(1, annotator="cy").tolist() == [7]


def test_more_answers_that_were_asked_for_are_asked_when_those_who_can_give_them_are_back(make, tmp_path):
    path = tmp_path / "a.alw"
    session = make(team("ann", "bob", "cy", at_most=3), journal=path)
    for name in ("ann", "bob"):
        session.teach(7, "left", annotator=name)
    session.team.ask_more([7], 3)
    make(team("ann", "bob"), journal=path)
    again = make(team("ann", "bob", "cy", at_most=3), journal=path)
    assert again.query(1, annotator="cy").tolist() == [7]
