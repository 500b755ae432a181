"""An id is of one change: what comes again counts once, and another change with it is refused in words."""

import shutil

import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

import alwidgets as alw
from alwidgets.journal.resent import OtherChangeError
from alwidgets.session import view_of

TAKEN = "event_id 'x' is of something else that happened; draw another one."


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.alw"


@pytest.fixture
def session(make_session):
    team = alw.Team(["a1", "a2", "a3"], experts=["e1"], answers=2)
    return make_session(team=team, audit=0)


CHANGES = {
    "label": lambda s: s.teach(3, "left", annotator="a1", event_id="x"),
    "label of another": lambda s: s.teach(3, "left", annotator="a2", event_id="x"),
    "label of another item": lambda s: s.teach(4, "left", annotator="a1", event_id="x"),
    "another label": lambda s: s.teach(3, "right", annotator="a1", event_id="x"),
    "skip": lambda s: s.skip(3, annotator="a1", event_id="x"),
    "skip for others": lambda s: s.skip(3, unsure=True, annotator="a1", event_id="x"),
    "flag": lambda s: s.flag(3, "odd", annotator="a1", event_id="x"),
    "flag of another item": lambda s: s.flag(4, "odd", annotator="a1", event_id="x"),
    "note": lambda s: s.note(3, "odd", annotator="a1", event_id="x"),
    "another note": lambda s: s.note(3, "even", annotator="a1", event_id="x"),
    "no flag": lambda s: s.unflag(3, annotator="a1", event_id="x"),
    "undo": lambda s: s.undo(target="other", annotator="a1", event_id="x"),
    "undo of another": lambda s: s.undo(target="one", annotator="a2", event_id="x"),
    "settlement": lambda s: s.settle(3, "left", annotator="e1", event_id="x"),
    "another settlement": lambda s: s.settle(3, "right", annotator="e1", event_id="x"),
    "weight": lambda s: s.team.weigh("a1", 0.5, annotator="e1", event_id="x"),
    "another weight": lambda s: s.team.weigh("a2", 0.5, annotator="e1", event_id="x"),
    "more answers": lambda s: s.team.ask_more([3], 3, annotator="e1", event_id="x"),
    "questions": lambda s: s.enqueue([8, 9], annotator="a1", event_id="x"),
    "other questions": lambda s: s.enqueue([7], annotator="a1", event_id="x"),
    "only some": lambda s: s.ask_only([8, 9], annotator="a1", event_id="x"),
    "only others": lambda s: s.ask_only([7], annotator="a1", event_id="x"),
    "all again": lambda s: s.ask_only(None, annotator="a1", event_id="x"),
    "repeats": lambda s: s.request_repeats([1], annotator="a1", event_id="x"),
    "setting": lambda s: s.adjust(cost_per_label=2, annotator="a1", event_id="x"),
    "decision": lambda s: s.decide("stop", annotator="a1", event_id="x"),
    "other decision": lambda s: s.decide("go on", annotator="a1", event_id="x"),
}


@pytest.mark.parametrize("first", CHANGES)
def test_a_change_that_comes_again_counts_once_and_another_one_with_its_id_is_refused(session, first):
    for name in ("a1", "a2"):
        session.teach(1, "left", annotator=name)
        session.teach(2, "left", annotator=name, event_id={"a1": "other", "a2": "one"}[name])
    CHANGES[first](session)
    known = session.events[:]
    CHANGES[first](session)
    assert session.events == known
    for name in CHANGES.keys() - {first}:
        with pytest.raises(OtherChangeError, match=TAKEN):
            CHANGES[name](session)
    assert session.events == known


def test_what_was_kept_as_a_second_answer_counts_once_too(make_session):
    session = make_session(audit=0)
    session.teach(3, "left")
    session.teach(3, "right", as_of=0, event_id="x")
    session.teach(3, "right", as_of=0, event_id="x")
    assert session.agreement.n == 1
    with pytest.raises(ValueError, match=TAKEN):
        session.teach(3, "left", as_of=0, event_id="x")


def test_a_skip_for_others_that_was_kept_as_a_second_answer_counts_once_too(make_session):
    session = make_session(audit=0)
    session.teach(3, "left")
    for _ in range(2):
        session.skip(3, unsure=True, as_of=0, event_id="x")
    assert len(session.repeats) == 1


def test_who_has_left_the_team_may_send_again_what_is_recorded_of_them_and_nothing_else(make_session, path):
    def opened(*people, experts):
        team = alw.Team(people, experts=experts, answers=1)
        return make_session(team=team, audit=0, journal=path)

    sent = {
        "label": lambda s: s.teach(3, "left", annotator="gone", event_id="x1"),
        "skip": lambda s: s.skip(4, annotator="gone", event_id="x2"),
        "second answer": lambda s: s.answer_repeat(3, "right", annotator="gone", event_id="x3"),
        "flag": lambda s: s.flag(5, "odd", annotator="gone", event_id="x4"),
        "note": lambda s: s.note(5, "odd", annotator="gone", event_id="x5"),
        "no flag": lambda s: s.unflag(5, annotator="gone", event_id="x6"),
        "undo": lambda s: s.undo(annotator="gone", event_id="x7"),
        "settlement": lambda s: s.settle(6, "left", annotator="eve", event_id="x8"),
    }
    session = opened("gone", "ann", experts=["eve"])
    for send in sent.values():
        send(session)
    session.close()
    session = opened("ann", experts=["eli"])
    known = session.events[:]
    for send in sent.values():
        send(session)
    assert session.events == known
    with pytest.raises(OtherChangeError, match="event_id 'x1' is of something else"):
        session.teach(3, "right", annotator="gone", event_id="x1")
    with pytest.raises(ValueError, match="annotator is 'gone'; expected one of the team"):
        session.teach(3, "left", annotator="gone", event_id="new")
    with pytest.raises(ValueError, match="annotator is 'gone'; expected one of the team"):
        session.teach(3, "left", annotator="gone")
    assert session.events == known


def test_a_multilabel_answer_is_known_again_after_its_journal_was_opened(make_session, path):
    def make():
        learner = OneVsRestClassifier(LogisticRegression())
        return make_session(journal=path, classes=["left", "right"], task="multi", test=None, learner=learner)

    make().teach(3, ["right", "left"], event_id="x")
    session = make()
    session.teach(3, ["left", "right"], event_id="x")
    assert len(session.answers) == 1
    with pytest.raises(ValueError, match=TAKEN):
        session.teach(3, ["left"], event_id="x")


def test_an_undo_that_overtook_its_answer_is_that_of_whoever_named_it(session):
    session.undo(target="x", annotator="a1", event_id="gone")
    session.teach(3, "left", annotator="a1", event_id="x")
    assert session.answers.empty
    session.teach(3, "right", annotator="a2", event_id="x")
    assert session.answers[["annotator", "label"]].to_numpy().tolist() == [["a2", "right"]]
    # From now on it is the id of that answer.
    session.teach(3, "right", annotator="a2", event_id="x")
    for call in (lambda: session.teach(3, "left", annotator="a1", event_id="x"),
                 lambda: session.undo(target="x", annotator="a1")):  # fmt: skip
        with pytest.raises(ValueError, match=r"something else|the answer to item 3 is by 'a2'"):
            call()
    assert session.undo(target="x", annotator="a2") == [3]
    assert session.answers.empty


def test_two_whose_undo_overtook_their_answers_each_undo_their_own(session):
    for name in ("a1", "a2", "a1"):
        assert session.undo(target="x", annotator=name) == []
    assert [event.kind for event in session.events].count("undone") == 2
    for name in ("a1", "a2", "a3"):
        session.teach(3, "left", annotator=name, event_id="x")
    assert session.answers["annotator"].tolist() == ["a3"]


def test_it_is_read_from_the_journal_and_stays_so_after_a_rollback(make_session, path, blobs):
    team = alw.Team(["a1", "a2"], answers=1)
    session = make_session(team=team, audit=0, journal=path, retrain_every="manual")
    for item in range(8):
        session.teach(item, str(blobs[1][item]), annotator="a1")
    session.retrain()
    session.undo(target="x", annotator="a1")
    session.teach(30, "left", annotator="a2", event_id="x")
    session.close()
    session = make_session(team=team, audit=0, journal=path, retrain_every="manual")
    assert session.answers["annotator"].tolist()[-1] == "a2"
    session.rollback(1)
    assert len(session.answers) == 8
    session.rollback(None)
    assert session.answers["annotator"].tolist()[-1] == "a2"


def test_alone_an_undo_that_overtook_its_answer_undoes_it_whoever_says_it(make_session):
    session = make_session(audit=0)
    session.undo(target="x", annotator="ann")
    session.teach(3, "left", event_id="x")
    assert session.answers.empty
    with pytest.raises(ValueError, match=TAKEN):
        session.flag(3, event_id="x")
    assert view_of(session).remarks(None) == {}


def test_an_undo_that_came_too_early_in_one_copy_is_of_no_answer_of_another_in_the_other(make_session, tmp_path):
    team, copies = alw.Team(["a1", "a2"], answers=1), [tmp_path / "a.alw", tmp_path / "b.alw"]
    make_session(team=team, audit=0, journal=copies[0]).close()
    shutil.copytree(*copies)
    for folder, change in (
        (copies[0], lambda s: [s.undo(target=name, annotator="a1") for name in ("x", "y")]),
        (copies[1], lambda s: [s.teach(3, "left", annotator=f"a{n}", event_id="xy"[n - 1]) for n in (1, 2)]),
    ):
        session = make_session(team=team, audit=0, journal=folder)
        change(session)
        session.close()
    alw.merge(*copies, tmp_path / "both.alw")
    session = make_session(team=team, audit=0, journal=tmp_path / "both.alw")
    assert session.answers["annotator"].tolist() == ["a2"]
