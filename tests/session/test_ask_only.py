"""Only some samples are asked: those of a region, of a predicted class, with some words."""

import threading

import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB

import alwidgets as alw
from alwidgets.session import view_of

SOME = range(40, 70)


@pytest.fixture
def asked_on(make_session, blobs):
    """A function that makes a session with a model, which asks in the same order on every machine."""

    def make(**changes):
        session = make_session(**{"learner": GaussianNB(), "cold_start": None, "audit": 0} | changes)
        return session if session.progress.round else session.run(blobs[1], 8)

    return make


def answer(session, y, n):
    """Answer so many questions, a few at a time; return their rows."""
    rows = []
    while len(rows) < n:
        for row in session.query(min(4, n - len(rows))).tolist():
            session.teach(row, y[row])
            rows.append(row)
    return rows


def test_the_strategy_asks_the_best_of_them_and_of_all_again_when_none_is_left(asked_on, blobs):
    session = asked_on()
    free = np.setdiff1d(SOME, session.labels["item"])
    assert session.ask_only(SOME).tolist() == free.tolist()
    first = session.query(1)[0]
    proba = np.sort(session.learner.predict_proba(session.X[free]), axis=1)
    assert first == free[np.argmin(proba[:, -1] - proba[:, -2])]
    assert session.progress.n_only == len(free)
    assert set(answer(session, blobs[1], len(free))) == set(free)
    assert session.progress.n_only == 0
    assert not set(answer(session, blobs[1], 4)) & set(SOME)


def test_what_was_asked_of_others_is_withdrawn_and_none_means_all_again(asked_on, blobs):
    session = asked_on()
    session.query(4)
    session.ask_only(SOME)
    assert set(session.query(4)) <= set(SOME)
    session.ask_only(None)
    assert session.progress.n_only == 0
    assert session.query(4).tolist() == asked_on().query(4).tolist()


def test_a_question_that_a_person_wanted_stays(asked_on):
    session = asked_on()
    row = next(row for row in range(30) if row not in set(session.labels["item"]))
    session.enqueue(row)
    session.ask_only(SOME)
    assert session.query(2)[0] == row


def test_a_session_that_is_opened_again_asks_the_same(asked_on, blobs, tmp_path):
    journal = tmp_path / "a.alw"
    session = asked_on(journal=journal)
    session.ask_only(SOME, annotator="ann")
    answer(session, blobs[1], 4)
    expected = session.query(4).tolist()
    session.close()
    again = asked_on(journal=journal)
    assert again.query(4).tolist() == expected
    answer(again, blobs[1], 8)
    assert set(again.query(4)) <= set(SOME)
    assert again.audit_log.query("what == 'asked_only'")["annotator"].tolist() == ["ann"]


def test_the_audit_draws_from_the_whole_pool(asked_on, blobs):
    session = asked_on(audit=0.5, test=None)
    session.ask_only(SOME)
    rows = answer(session, blobs[1], 24)
    state = session.labels.set_index("item").loc[rows, "audit"]
    assert set(state.index[~state]) <= set(SOME)
    assert set(state.index[state]) - set(SOME)


def test_what_was_drawn_of_some_weighs_nothing_of_the_pool(asked_on, blobs):
    session = asked_on(strategy=alw.strategies.power("margin"), test=None)
    session.query(4)
    session.ask_only(SOME)
    session.query(4)
    *_, of_all, of_some = (event for event in session.events if event.kind == "asked")
    assert all(of_all.probability)
    assert set(of_some.items) <= set(SOME)
    assert of_some.probability == ()


def test_criteria_are_told_nothing_of_questions_that_are_of_some(asked_on, blobs):
    session = asked_on().run(blobs[1], 4)
    session.ask_only(SOME)
    session.run(blobs[1], 4)
    before, now = (each.signals for each in view_of(session).rounds.rounds[-2:])
    assert before.n_answered == 4
    assert before.batch_entropy is not None
    assert now.n_answered == 0
    assert now.batch_entropy is None
    assert now.kappa is not None


def test_of_samples_that_all_have_an_answer_none_can_be_asked(asked_on):
    session = asked_on()
    known = session.events[:]
    for rows in ([], session.labels["item"].tolist()):
        with pytest.raises(ValueError, match="expected some without an answer, or None to ask all"):
            session.ask_only(rows)
    assert session.events == known


def test_where_questions_are_kept_ready_they_are_of_these_at_once(asked_on):
    session = asked_on()
    view_of(session).set_prefetch(8)
    session.wait()
    session.ask_only(SOME)
    session.wait()
    queue = view_of(session).queue
    assert len(queue) >= 8
    assert set(queue) <= set(SOME)


def test_what_was_being_chosen_of_all_meanwhile_is_not_asked(asked_on):
    inside, go_on = threading.Event(), threading.Event()
    go_on.set()

    def by_row(view):
        inside.set()
        assert go_on.wait(60)
        return -view.candidates.astype(float)

    session = asked_on(strategy=by_row)
    inside.clear()
    go_on.clear()
    view_of(session).set_prefetch(8)
    assert inside.wait(60)
    session.ask_only(SOME)
    go_on.set()
    session.wait()
    assert set(view_of(session).queue) <= set(SOME)
    assert len(view_of(session).queue) >= 8


def test_a_rollback_keeps_it(asked_on, blobs):
    session = asked_on()
    session.ask_only(SOME)
    answer(session, blobs[1], 8)
    session.rollback(1)
    assert set(session.query(4)) <= set(SOME)


def test_of_several_people_who_wants_it_is_given_them_at_once_and_the_others_finish_what_is_before_them(asked_on):
    session = asked_on()
    view = view_of(session)
    view.set_prefetch(24)
    session.wait()
    end = view.share(2)
    ann, bob = view.questions("ann", 6), view.questions("bob", 6)
    session.ask_only(SOME, annotator="ann", event_id="a")
    session.wait()
    chosen = view.questions("ann", 6)
    assert len(chosen) == 6
    assert set(chosen) <= set(SOME)
    assert view.questions("bob", 6) == bob
    # Sent again, it takes nothing from anybody.
    session.ask_only(SOME, annotator="ann", event_id="a")
    assert view.questions("ann", 6) == chosen
    assert set(ann) - set(chosen) <= set(view.withdrawn)
    end()


def test_one_of_a_team_who_wants_it_is_given_them_at_once(make_session, blobs):
    team = alw.Team(["ann", "bob"], answers=1)
    session = make_session(learner=GaussianNB(), cold_start=None, audit=0, team=team)
    for row in range(8):
        session.teach(row, blobs[1][row], annotator="bob")
    bob = session.query(4, annotator="bob").tolist()
    session.query(4, annotator="ann")
    session.ask_only(SOME, annotator="ann")
    assert set(session.query(4, annotator="ann").tolist()) <= set(SOME)
    assert session.query(4, annotator="bob").tolist() == bob
