"""What a team disputes, in the review of an expert: as in the panel, settled there and opened again."""

import numpy as np
import pytest

import alwidgets as alw
from alwidgets.views import sent
from alwidgets.views.review import ReviewView
from alwidgets.views.team import TeamView
from tests.views.test_sent import fault

QUERY = {"show": "all", "sort": "newest", "search": "", "label": None}


@pytest.fixture
def session(make_session, blobs):
    team = alw.Team(["ann", "bob"], experts=["eve"], answers=2)
    session = make_session(team=team, audit=0, batch_size=6, test=None)
    for item in range(8):
        for name in ("ann", "bob"):
            session.teach(item, str(blobs[1][item]), annotator=name)
    session.teach(9, "left", annotator="ann", seconds=3.0)
    session.teach(9, "right", annotator="bob", seconds=2.0)
    session.retrain()
    return session


@pytest.fixture
def review(open_page, session):
    return open_page(ReviewView, session, annotator="eve")


def disputes(page):
    replies = page.say({"kind": "look", "request": 1, "query": QUERY})
    return next(said for said in replies if said["kind"] == "disputes")


def test_the_review_of_an_expert_has_what_is_disputed_with_all_answers_side_by_side(review):
    shown = disputes(review)
    assert fault(shown, sent.DisputesShown) is None
    assert (shown["n_disputed"], shown["experts"], shown["classes"]) == (1, ["eve"], ["left", "right"])
    assert shown["disputes"] == [
        {"item": 9, "answers": [("ann", 0, 3.0), ("bob", 1, 2.0)], "note": "", "flag": ""},
    ]


def test_it_is_settled_there_and_opened_again(review, session):
    settled = review.reply({"kind": "settle", "item": 9, "value": 1, "reason": "forged", "event_id": "one"})
    assert settled == {"kind": "ack", "event_id": "one", "text": "row 9 settled: right"}
    assert disputes(review)["n_disputed"] == 0
    assert review.reply({"kind": "reopen", "item": 9, "event_id": "two"})["text"] == "row 9 is not settled any more"
    assert disputes(review)["n_disputed"] == 1
    assert [event.reason for event in session.events if event.kind == "settled"] == ["forged"]


@pytest.mark.parametrize("view", [ReviewView, TeamView])
def test_the_model_says_what_it_makes_of_one_when_it_is_asked(open_page, session, view):
    page = open_page(view, session, annotator="eve")
    (told,) = page.say({"kind": "suggest", "item": 9})
    assert fault(told, sent.Suggested) is None
    assert told["text"] == str(session.suggestion(9, annotator="eve"))
    assert "sure" in told["text"]


def test_without_a_team_nothing_is_said_of_disputes(open_page, make_session):
    session = make_session()
    session.teach(3, "left")
    replies = open_page(ReviewView, session).say({"kind": "look", "request": 1, "query": QUERY})
    assert [said["kind"] for said in replies] == ["seen"]
    assert np.size(session.disputed()) == 0
