"""Who sent a message: whose page it came from, on every page and for every kind of message."""

import threading

import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB

import alwidgets as alw
from alwidgets.views.labeling import LabelingView
from tests.views.test_messages import CHANGES, REQUESTS, binary, new_events


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_of_whoever_the_page_belongs_to(session, open_page, change):
    make, message, kinds = CHANGES[change]
    page, known = open_page(make, session, annotator="Ada"), len(session.events)
    assert page.reply({**message, "event_id": "one"})["kind"] == "ack"
    assert {event.annotator for event in new_events(session, known)[: len(kinds)]} <= {"Ada"}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_that_names_the_one_whose_page_it_is_is_made(session, open_page, change):
    make, message, _ = CHANGES[change]
    page = open_page(make, session, annotator="Ada")
    assert page.reply({**message, "event_id": "one", "annotator": "Ada"})["kind"] == "ack"


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_that_names_somebody_else_is_refused_and_changes_nothing(session, open_page, change):
    make, message, _ = CHANGES[change]
    page, known = open_page(make, session, annotator="Ada"), len(session.events)
    reply = page.reply({**message, "event_id": "one", "annotator": "Ben"})
    assert reply["kind"] == "refused"
    assert not reply["retry"]
    assert reply["error"] == "annotator is 'Ben'; expected 'Ada', whose page it is, or no name."
    assert len(session.events) == known


@pytest.mark.parametrize("request_", REQUESTS)
def test_a_request_that_names_somebody_else_is_answered_by_a_problem(session, open_page, request_):
    make, message, _ = REQUESTS[request_]
    page = open_page(make, session, annotator="Ada")
    (reply,) = page.say({**message, "annotator": "Ben"}, *binary(message))
    assert reply == {"kind": "problem", "error": "annotator is 'Ben'; expected 'Ada', whose page it is, or no name."}


def test_what_is_done_on_a_map_in_python_is_of_whoever_it_belongs_to(session):
    shown = alw.PoolMap(session, annotator="Ada")
    shown.label("right", [60])
    shown.undo()
    shown.enqueue([61])
    assert [(event.kind, event.annotator) for event in session.events[-3:]] == [
        ("labeled", "Ada"),
        ("undone", "Ada"),
        ("asked", "Ada"),
    ]
    shown.close()


@pytest.mark.parametrize("make", [alw.Labeler, alw.Review, alw.PoolMap, alw.StoppingPanel])
def test_a_widget_may_belong_to_somebody(session, make):
    shown = make(session, annotator="Ada")
    assert shown.view.annotator == "Ada"
    shown.close()
    with pytest.raises(TypeError, match="annotator is 5"):
        make(session, annotator=5)


class Hanging(GaussianNB):
    begun, goes_on = threading.Event(), threading.Event()
    hangs = False

    def fit(self, *args, **kwargs):
        if Hanging.hangs:
            Hanging.begun.set()
            assert Hanging.goes_on.wait(60)
        return super().fit(*args, **kwargs)


def test_a_fit_that_is_given_up_on_a_page_is_given_up_by_its_annotator(open_page):
    X = np.random.default_rng(0).normal(size=(40, 2))
    session = alw.Session(X, classes=[0, 1], learner=Hanging(), batch_size=2, audit=0, random_state=0)
    page = open_page(LabelingView, session, annotator="Ada")
    Hanging.hangs = True
    try:
        for row, label in enumerate([0, 1]):
            session.teach(row, label)
        assert Hanging.begun.wait(60)
        assert page.reply({"kind": "abandon_fit", "event_id": "one"})["kind"] == "ack"
    finally:
        Hanging.hangs = False
        Hanging.goes_on.set()
    (given_up,) = [event for event in session.events if event.kind == "failed"]
    assert given_up.annotator == "Ada"
    assert session.audit_log.query("what == 'failed'")["annotator"].tolist() == ["Ada"]
    session.close()
