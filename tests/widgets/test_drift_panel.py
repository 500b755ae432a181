"""The panel of drift in a notebook: it follows the session, tells by messages, and leaks nothing into the file."""

import json

import pytest

import alwidgets as alw


@pytest.fixture
def panel(make_session, blobs):
    session = make_session(X=blobs[0][:60], test=None, audit=0.5)
    session.extend(blobs[0][60:] + 4, source="monday")
    return alw.DriftPanel(session)


def test_it_tells_what_it_found_when_it_is_asked_and_saves_none_of_it(panel, page):
    before = panel._changes
    page.say(panel, kind="look")
    assert panel.wait(60)
    found = [content for content, _ in page.sent if content["kind"] == "drift"]
    assert found[-1]["checked"]["moved"]
    # The alarm is an event, of which all pages are told.
    assert panel._changes > before
    assert "monday" not in json.dumps(panel.get_state(), default=str)


def test_its_button_is_offered_in_a_notebook_and_counts_once(panel, page):
    assert panel._may == ["ask_audit"]
    message = {"kind": "ask_audit", "n": 5, "part": "monday", "event_id": "one"}
    text = "5 audit questions of 'monday': next to be asked"
    assert [page.say(panel, **message) for _ in range(2)] == [[{"kind": "ack", "event_id": "one", "text": text}]] * 2
    assert len(panel.session.query(5)) == 5
    (reply,) = page.say(panel, kind="ask_audit", n=5, part="friday", event_id="two")
    assert reply["kind"] == "refused"
    assert "part is 'friday'; expected one of" in reply["error"]


def test_it_ends_with_its_session(panel):
    panel.session.close()
    assert panel.comm is None


def test_what_it_cannot_show_is_refused(make_session):
    with pytest.raises(TypeError, match="session is an int; expected a Session"):
        alw.DriftPanel(3)
    with pytest.raises(ValueError, match="level is 2"):
        alw.DriftPanel(make_session(), level=2)
