"""The panel of drift without a widget: what was found of a part, what to do about it, and what is recorded."""

import json
import threading

import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB

from alwidgets.journal.events import Asked, Drifted
from alwidgets.views import sent
from alwidgets.views.drift import DriftView
from tests.views.test_sent import fault


@pytest.fixture
def make_grown(make_session, blobs, tmp_path):
    """A function that makes a session whose second part lies elsewhere, and has its classes the other way round."""

    def make(moved=4, **changes):
        X, y = blobs
        given = {"X": X[:60], "test": None, "audit": 0.5, "journal": tmp_path / "a.alw"} | changes
        session = make_session(**given)
        session.run(y[:60], 24)
        session.extend(X[60:] + np.array([0, 0, 0, moved]), source="monday")
        return session

    return make


def look(page, part=None):
    """Ask for what was found, and return it."""
    before = len(page.sent)
    page.say({"kind": "look", "part": part})
    assert page.view.wait(60)
    return page.sent[before:][-1][0]


def test_it_shows_what_the_sessions_own_check_finds(open_page, make_grown):
    session = make_grown()
    figures = look(open_page(DriftView, session))
    assert fault(figures, sent.DriftShown) is None
    json.dumps(figures, allow_nan=False)
    found, shown = session.drift(), figures["checked"]
    assert (shown["part"], shown["sentence"], shown["n_to_ask"]) == ("monday", found.sentence, 20)
    assert [each["name"] for each in shown["columns"]] == ["3"]
    assert shown["columns"][0]["now"] - shown["columns"][0]["before"] == pytest.approx(4, abs=0.5)
    assert [name for name, _, _ in shown["classes"]] == ["left", "right"]
    assert sum(now for _, _, now in shown["classes"]) == pytest.approx(1)
    first, monday = figures["parts"]
    assert first["error"] == pytest.approx(session.parts["error"].iloc[0])
    # None of its answers tells, so that there is no error, which is not one of 0.
    assert (monday["error"], monday["n_audit"]) == (None, 0)
    assert shown["errors"] == "Errors are compared once 10 audit questions of it have an answer; 0 have."
    assert monday["drifted"] == "samples"


def test_its_button_asks_what_it_advises_once_however_often_it_is_sent(open_page, make_grown):
    session = make_grown()
    page = open_page(DriftView, session)
    advised = look(page)["checked"]
    message = {"kind": "ask_audit", "n": advised["n_to_ask"], "part": advised["part"], "event_id": "one"}
    replies = [page.reply(message) for _ in range(2)]
    assert replies[0] == {"kind": "ack", "event_id": "one", "text": "20 audit questions of 'monday': next to be asked"}
    assert replies[1] == replies[0]
    (asked,) = (event for event in session.events if isinstance(event, Asked) and event.id == "one")
    assert all(asked.audit)
    assert set(asked.items) <= set(range(60, 120))


def test_answers_change_the_advice_and_each_alarm_is_listed_after_reopening(open_page, make_grown, make_session):
    session = make_grown()
    page = open_page(DriftView, session)
    before = look(page)
    X, truth = session.X[:], np.where(np.asarray(session.X[:])[:, 0] > 0, "left", "right")
    for row in session.ask_audit(20).tolist():
        session.teach(row, truth[row])
    session.retrain()
    after = look(page)
    assert [each["of"] for each in before["alarms"]] == ["samples"]
    assert after["checked"]["errors"].startswith("Errors on audit answers: ")
    assert after["checked"]["n_to_ask"] == 0
    known = after["alarms"]
    assert known[0] == before["alarms"][0]
    assert known[0]["sentence"] == before["checked"]["sentence"]
    session.close()
    again = make_session(X=np.asarray(X), test=None, audit=0.5, journal=session.journal)
    assert look(open_page(DriftView, again))["alarms"] == known


def test_a_check_that_found_what_is_known_is_not_made_again(open_page, make_grown, monkeypatch):
    session = make_grown()
    page = open_page(DriftView, session)
    first = look(page)["checked"]
    monkeypatch.setattr(session, "drift", None)
    assert look(page)["checked"] == first
    monkeypatch.undo()
    session.teach(61, "left")
    # Of the samples, which are as they were, nothing is worked out anew.
    monkeypatch.setattr("alwidgets.session.drifting.drift_of", None)
    assert look(page)["checked"]["compared"] == first["compared"]


def test_an_older_part_can_be_looked_at(open_page, make_grown, blobs):
    session = make_grown(moved=0)
    session.extend(blobs[0] + np.array([3, 0, 0, 0]), source="tuesday")
    page = open_page(DriftView, session)
    assert look(page)["checked"]["part"] == "tuesday"
    assert look(page, "monday")["checked"]["part"] == "monday"
    assert not look(page, "monday")["checked"]["moved"]
    assert look(page, "friday")["checked"]["part"] == "tuesday"


def test_without_parts_or_with_too_few_samples_it_says_so(open_page, make_session, blobs):
    session = make_session(X=blobs[0][:60], test=None)
    page = open_page(DriftView, session)
    figures = look(page)
    assert figures["checked"] is None
    assert "there is nothing to compare" in figures["without"]
    session.extend(blobs[0][60:70], source="monday")
    shown = look(page)["checked"]
    assert shown["sentence"].startswith("Not checked: part 'monday' has 10 samples")
    assert (shown["n_to_ask"], shown["moved"]) == (0, False)


def test_without_an_audit_nothing_is_advised_that_cannot_be_done(open_page, make_grown, blobs):
    session = make_grown(audit=0, test=(blobs[0][:20], blobs[1][:20]), journal=None)
    shown = look(open_page(DriftView, session))["checked"]
    assert shown["n_to_ask"] == 0
    assert "whether the model is still right of it is not known" in shown["sentence"]


REACHED, GO_ON = threading.Event(), threading.Event()


class Slow(GaussianNB):
    """A learner that predicts nothing in the thread of a check until it may."""

    def predict(self, X):
        if threading.current_thread().name == "alwidgets-drift":
            REACHED.set()
            assert GO_ON.wait(60)
        return super().predict(X)


def test_nobody_who_labels_waits_for_a_check(open_page, make_grown):
    session = make_grown(learner=Slow())
    page = open_page(DriftView, session)
    page.say({"kind": "look"})
    assert REACHED.wait(60)
    try:
        (row,) = session.query(1)
        session.teach(int(row), "left")
        assert int(row) in session.labels["item"].tolist()
        assert not page.view.wait(0)
    finally:
        GO_ON.set()
    assert page.view.wait(60)
    assert [each for each in session.events if isinstance(each, Drifted)]
