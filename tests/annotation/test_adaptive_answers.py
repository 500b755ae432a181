"""By default an item gets two answers until people agree, then one, but for each tenth: as long as they agree."""

import warnings

import numpy as np
import pytest

import alwidgets as alw

PEOPLE = ["a1", "a2", "a3"]


@pytest.fixture
def labeled(make_session, blobs):
    """A session with so many answers, of people who are wrong so often."""
    y = np.tile(blobs[1], 3)
    X = np.vstack([blobs[0] + shift for shift in (0, 0.01, 0.02)])

    def make(n, noise=0.0, **changes):
        made = {"X": X, "team": alw.Team(PEOPLE), "audit": 0, "stop": None, "batch_size": 50, "strategy": "random"}
        session = make_session(**made | changes)
        people = {
            name: alw.SimulatedAnnotator(noise).answers(y, random_state=place) for place, name in enumerate(PEOPLE)
        }
        return session.run(people, n)

    return make


def n_of(session):
    """Answers to each item, in the order in which they were asked first."""
    return session.answers.groupby("item", sort=False).size().to_numpy()


def test_who_agrees_is_asked_once_and_each_tenth_item_twice(labeled):
    session = labeled(200)
    given = n_of(session)
    assert (given[:19] == 2).all()
    later = given[25:-4]
    assert set(later.tolist()) == {1, 2}
    assert np.mean(later == 2) == pytest.approx(0.1, abs=0.04)
    assert set(session.labels["how"]) == {"consensus", "single"}


def test_who_differs_goes_on_to_be_asked_twice_and_more(labeled):
    assert (n_of(labeled(150, noise=0.3))[:-4] >= 2).all()


def test_when_people_begin_to_differ_it_shows_and_items_get_two_answers_again(labeled):
    session = labeled(100)
    assert n_of(session)[-10:].mean() < 1.5
    truth = dict(zip(session.labels["item"], session.labels["label"], strict=True))
    for item in list(truth)[:40]:
        wrong = "left" if truth[item] == "right" else "right"
        if session.labels.set_index("item").loc[item, "n_answers"] == 1:
            name = session.answers.set_index("item").loc[item, "annotator"]
            other = next(each for each in PEOPLE if each != name)
            session.teach(item, wrong, annotator=other)
    state = session._core.log.state
    assert not state.agreed
    fresh = state.pending[0]
    assert state.wanted(fresh) == 2


def test_what_is_said_is_what_happens_and_a_sample_that_measures_keeps_its_answers(labeled):
    assert (n_of(labeled(120, team=alw.Team(PEOPLE, answers=2)))[:-4] == 2).all()
    audited = labeled(150, audit=0.2, team=alw.Team(PEOPLE, audit_answers=3))
    assert (audited.labels.query("audit")["n_answers"] == 3).all()
    asked = labeled(100)
    item = asked.labels.query("how == 'single'")["item"].iloc[0]
    asked.team.ask_more(int(item), 3)
    assert asked._core.log.state.missing[item] == 2


def test_a_journal_that_is_opened_again_goes_on_alike_with_and_without_its_team(labeled, make_session, tmp_path):
    made = {"journal": tmp_path / "a.alw"}
    session = labeled(120, **made)
    rules, X = session.team.members, session.X
    wanted = [session._core.log.state.wanted(row) for row in range(360)]
    asked = session.query(3, annotator="a1").tolist()
    session.close()
    for team in (rules, None):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            again = make_session(X=X, team=team, audit=0, stop=None, batch_size=50, strategy="random", **made)
        assert again.team.members.adaptive
        assert [again._core.log.state.wanted(row) for row in range(360)] == wanted
        assert again.query(3, annotator="a1").tolist() == asked
        n_events = again.progress.n_events
        again.close()
    assert n_events == session.progress.n_events


@pytest.mark.parametrize("undone", [[], ["a1"], ["a2", "a1", "a3"], ["a1"] * 12])
def test_after_an_undo_too_a_journal_that_is_opened_again_asks_everybody_the_same_next(
    labeled, make_session, tmp_path, undone
):
    made = {"journal": tmp_path / "a.alw"}
    session = labeled(100, **made)
    agreed = session._core.log.state.agreed
    for name in undone:
        session.undo(annotator=name)
    # Somebody thinks again of what was equal: people differ, and agree no more.
    frame = session.answers.query("standing")
    twice = frame[frame.duplicated("item")].head(8)
    for item, name, label in zip(twice["item"], twice["annotator"], twice["label"], strict=True):
        session.teach(int(item), "left" if label == "right" else "right", annotator=name)
    assert agreed
    assert not session._core.log.state.agreed
    session.undo(8, annotator=twice["annotator"].iloc[-1])
    session.wait()
    for name in PEOPLE:
        session.team.release(name)

    def standing(opened):
        state = opened._core.log.state
        counted = state.n_doubled, state.n_agreed, dict(state.missing), list(state.pending)
        return counted, [state.wanted(row) for row in range(360)]

    before, X, rules = standing(session), session.X, session.team.members
    asked = {name: session.query(4, annotator=name).tolist() for name in PEOPLE}
    session.close()
    again = make_session(X=X, team=rules, audit=0, stop=None, batch_size=50, strategy="random", **made)
    assert standing(again) == before
    assert {name: again.query(4, annotator=name).tolist() for name in PEOPLE} == asked


def test_a_team_of_one_has_one_answer_each():
    assert alw.Team(["ann"]).answers == 1
    assert not alw.Team(["ann", "bob"], answers=2).adaptive
