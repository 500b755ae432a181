"""The panel of a team in a notebook: it follows the session, tells by messages, and leaks nothing into the file."""

import json

import pytest

import alwidgets as alw


@pytest.fixture
def panel(make_session):
    session = make_session(team=alw.Team(["ann", "bob"], experts=["eve"]), audit=0)
    for name, label in (("ann", "left"), ("bob", "right")):
        session.teach(3, label, annotator=name)
    return alw.TeamPanel(session)


def test_the_panel_tells_the_team_when_it_is_asked_and_saves_none_of_it(panel, page):
    page.say(panel, kind="look")
    assert panel.wait(60)
    (figures,) = [content for content, _ in page.sent if content["kind"] == "team"]
    assert [each["name"] for each in figures["people"]] == ["ann", "bob", "eve"]
    assert figures["n_disputed"] == 1
    saved = json.dumps(panel.get_state(), default=str)
    assert not [name for name in ("bob", "eve", "left") if f'"{name}"' in saved]


def test_it_follows_the_session_and_ends_with_it(panel):
    before = panel._changes
    panel.session.note(3, "odd", annotator="ann")
    assert panel._changes == before + 1
    panel.session.close()
    assert panel.comm is None


def test_all_changes_are_offered_in_a_notebook_and_made(panel, page):
    assert panel._may == ["ask_again", "reopen", "settle", "weigh"]
    message = {"kind": "settle", "item": 3, "value": 1, "reason": "", "annotator": "eve", "event_id": "one"}
    (reply,) = page.say(panel, **message)
    assert reply == {"kind": "ack", "event_id": "one", "text": "row 3 settled: right"}
    assert panel.session.disputed().empty


def test_a_panel_on_anything_but_a_session_is_refused():
    with pytest.raises(TypeError, match="session is an int; expected a Session"):
        alw.TeamPanel(3)


@pytest.mark.parametrize("make", [alw.Labeler, alw.Review, alw.TeamPanel])
def test_a_widget_of_somebody_who_is_not_in_the_team_is_refused_and_follows_nothing(panel, make, caplog):
    session, before = panel.session, len(panel.session._core.listeners._of_changes)
    with pytest.raises(ValueError, match="annotator is 'zz'; expected one of the team: 'ann', 'bob', 'eve'"):
        make(session, annotator="zz")
    session.teach(4, "left", annotator="ann")
    assert not caplog.records
    assert len(session._core.listeners._of_changes) == before


def test_a_widget_whose_first_look_fails_follows_nothing(panel, monkeypatch, caplog):
    before = len(panel.session._core.listeners._of_changes)
    with monkeypatch.context() as patch:
        patch.setattr(type(panel.session), "shortcuts", property(lambda _: 1 / 0))
        with pytest.raises(ZeroDivisionError):
            alw.Labeler(panel.session, annotator="ann")
    panel.session.note(3, "odd", annotator="ann")
    assert not caplog.records
    assert len(panel.session._core.listeners._of_changes) == before
