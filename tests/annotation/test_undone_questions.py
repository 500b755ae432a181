"""What somebody undoes is their next question at once, and before nobody else while they are there."""

import shutil

import pytest

import alwidgets as alw
from alwidgets.loop.dealing import Dealing
from alwidgets.session import view_of


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.alw"


@pytest.fixture
def make_team_session(make_session):
    def make(answers=1, **changes):
        team = alw.Team(["a1", "a2", "a3"], experts=["e1"], answers=answers)
        return make_session(**{"team": team, "audit": 0} | changes)

    return make


@pytest.mark.parametrize("answers", [1, 2])
def test_what_one_undoes_is_ones_next_question_before_all_others(make_team_session, answers):
    session = make_team_session(answers)
    asked = session.query(6, annotator="a1").tolist()
    session.teach(asked[0], "left", annotator="a1")
    session.teach(asked[1], "left", annotator="a1")
    held = session.query(6, annotator="a1").tolist()
    assert session.undo(2, annotator="a1") == [asked[1], asked[0]]
    assert session.query(6, annotator="a1").tolist() == [*asked[:2], *held[:4]]
    assert view_of(session).questions("a1", 6) == [*asked[:2], *held[:4]]


def test_what_one_undoes_goes_to_nobody_else_while_one_is_there_and_to_others_then(make_team_session):
    session = make_team_session()
    core, now = session._core, [0.0]
    core.dealing = Dealing(core.log, session.team.members, 0, core.engine.query, 4, clock=lambda: now[0])
    (item,) = session.query(1, annotator="a1").tolist()
    session.teach(item, "left", annotator="a1")
    session.undo(annotator="a1")
    assert item not in session.query(9, annotator="a2")
    now[0] = 100.0
    session.team.renew("a1")
    now[0] = 200.0
    assert item not in session.query(9, annotator="a2")
    now[0] = 300.0
    session.team.release("a2")
    assert session.query(1, annotator="a2").tolist() == [item]


def test_it_is_so_in_a_session_that_nobody_was_asked_in_yet(make_team_session):
    session = make_team_session()
    session.teach(7, "left", annotator="a1")
    session.undo(annotator="a1")
    assert 7 not in session.query(9, annotator="a2")
    assert session.query(1, annotator="a1").tolist() == [7]


def test_what_others_still_owe_is_asked_of_as_many_as_it_lacks(make_team_session):
    session = make_team_session(2)
    session.teach(7, "left", annotator="a1")
    session.teach(7, "right", annotator="a2")
    session.undo(annotator="a1")
    assert session.query(1, annotator="a1").tolist() == [7]
    assert 7 not in session.query(9, annotator="a3")


def test_what_somebody_has_who_was_asked_meanwhile_is_before_both(make_team_session):
    session = make_team_session()
    (item,) = session.query(1, annotator="a1").tolist()
    session.team.release("a1")
    assert session.query(1, annotator="a2").tolist() == [item]
    session.teach(item, "left", annotator="a1")
    session.undo(annotator="a1")
    assert item in session.query(1, annotator="a1")
    assert item in session.query(9, annotator="a2")


def test_an_answer_that_an_expert_undoes_is_asked_of_the_team(make_team_session):
    session = make_team_session()
    session.teach(7, "left", annotator="a1", event_id="one")
    session.undo(target="one", annotator="e1")
    assert session.query(1, annotator="e1").tolist() == []
    assert session.query(1, annotator="a2").tolist() == [7]


def test_a_journal_that_is_opened_asks_it_next_of_whoever_comes_first(make_team_session, path):
    session = make_team_session(journal=path)
    session.query(4, annotator="a1")
    session.teach(7, "left", annotator="a1")
    session.undo(annotator="a1")
    session.close()
    shutil.copytree(path, path.with_name("copy.alw"))
    for folder, name in ((path, "a1"), (path.with_name("copy.alw"), "a2")):
        assert make_team_session(journal=folder).query(1, annotator=name).tolist() == [7]


def test_of_people_who_are_no_team_each_has_what_they_undid(make_session):
    session = make_session(batch_size=40, test=None, audit=0)
    view = view_of(session)
    view.set_prefetch(24)
    session.query(24)
    end = view.share(2)
    before = view.questions("ann", 6)
    assert not set(before) & set(view.questions("bob", 6))
    session.teach(before[2], "left", annotator="ann")
    assert before[2] not in view.questions("ann", 6)
    session.undo(annotator="ann")
    assert before[2] not in view.questions("bob", 30)
    assert view.questions("ann", 6)[0] == before[2]
    # Who has no page keeps nothing from the others.
    view.release("ann")
    view.release("bob")
    session.teach(before[0], "left", annotator="Zoe")
    session.undo(annotator="Zoe")
    assert before[0] in view.questions("bob", 6)
    end()
