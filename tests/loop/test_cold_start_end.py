"""A class that never comes does not keep the cold start going for ever."""

import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB

import alwidgets as alw
from alwidgets.session import view_of
from alwidgets.strategies import ColdStart

CLASSES = ["left", "right", "other"]


@pytest.fixture
def waiting(make_session, blobs, tmp_path):
    """A function that makes a session of which one class is not in the pool."""
    X, y = blobs

    def make(**changes):
        given = {"X": X, "classes": CLASSES, "learner": GaussianNB(), "journal": tmp_path / "a.alw"} | changes
        session = make_session(**given)
        return session if session.progress.n_labeled else session.run(y, 24)

    return make


def test_a_class_that_is_missing_keeps_the_cold_start_going_and_is_named(waiting, blobs):
    session = waiting(journal=None)
    assert session.progress.phase == "cold start"
    assert session.progress.waits_for == ("other",)
    session.teach(int(session.query(1)[0]), "other")
    session.retrain()
    assert session.progress.waits_for == ()
    assert session.progress.phase == "margin"


def test_once_it_is_ended_the_newest_model_asks(waiting, blobs):
    session = waiting()
    before = view_of(session).queue
    session.end_cold_start(annotator="ann")
    session.end_cold_start()
    session.wait()
    assert session.progress.phase == "margin"
    assert session.progress.waits_for == ()
    session.query()
    margin = np.sort(session.learner.predict_proba(session.X[session.query(1)]), axis=1)
    free = np.setdiff1d(np.arange(120), session.labels["item"])
    proba = np.sort(session.learner.predict_proba(session.X[free]), axis=1)
    assert margin[0, -1] - margin[0, -2] == pytest.approx((proba[:, -1] - proba[:, -2]).min())
    assert view_of(session).queue != before
    assert [event.kind for event in session.events].count("cold_start_ended") == 1
    assert session.audit_log["annotator"].tolist()[-1] == "ann"
    queue = view_of(session).queue
    assert view_of(waiting()).queue == queue
    assert waiting().run(blobs[1], 8).history["strategy"].tolist()[-1] == "margin"


def test_with_a_card_that_looks_ahead_what_nobody_has_seen_is_withdrawn(waiting):
    session = waiting(journal=None)
    view_of(session).set_prefetch(12)
    session.wait()
    session.end_cold_start()
    session.wait()
    strategies = [session._core.log.state.questions[row].strategy for row in view_of(session).queue]
    assert set(strategies[2:]) == {"margin"}


def test_before_there_is_a_model_it_goes_on_until_the_first(make_session, blobs):
    session = make_session(classes=CLASSES, learner=GaussianNB())
    asked = session.query(4).tolist()
    session.end_cold_start()
    assert session.query(4).tolist() == asked
    assert session.progress.phase == "cold start"
    session.run(blobs[1], 8)
    assert session.progress.phase == "margin"


@pytest.mark.parametrize("cold_start", [None, ColdStart(most_labels=0), ColdStart("random", most_labels=8)])
def test_it_can_be_told_beforehand_how_long_it_may_last(make_session, blobs, cold_start):
    session = make_session(classes=CLASSES, learner=GaussianNB(), cold_start=cold_start).run(blobs[1], 16)
    assert session.progress.phase == "margin"
    assert session.history["strategy"].tolist()[-1] == "margin"


def test_by_default_it_ends_after_twenty_labels_a_class(make_session, blobs):
    session = make_session(classes=CLASSES, learner=GaussianNB(), cold_start="random").run(blobs[1], 64)
    assert session.history["strategy"].tolist().count("cold start") == 14
    assert session.progress.phase == "margin"


@pytest.mark.parametrize(("most", "error"), [(-1, ValueError), (1.5, TypeError), ("8", TypeError)])
def test_a_limit_that_is_no_number_of_labels_is_refused(most, error):
    with pytest.raises(error, match=r"most_labels is .*; expected"):
        ColdStart(most_labels=most)


def test_the_card_is_told_what_the_cold_start_waits_for_and_can_end_it(waiting):
    session = waiting(journal=None)
    labeler = alw.Labeler(session)
    assert labeler._status["waits_for"] == ["other"]
    labeler._receive(None, {"kind": "end_cold_start", "event_id": "one"}, [])
    session.wait()
    assert session.progress.phase == "margin"
    assert labeler._status["waits_for"] == []
