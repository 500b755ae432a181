"""The panel shows how things stand over there, on what a real server once answered."""

import json

import pytest

import alwidgets as alw
from alwidgets.bridges.client import LabelStudioError
from alwidgets.views import states
from tests.bridges import real
from tests.bridges.sample import make
from tests.bridges.scenario import EXCHANGE, Replayer, always_the_same, served, tell
from tests.views.test_sent import fault


def test_the_panel_follows_every_call_and_shows_what_does_not_fit(monkeypatch):
    always_the_same(monkeypatch)
    session = make()
    replayer = Replayer(json.loads(EXCHANGE.read_text()), session.session_id)
    seen, panels = [], []

    def studio_of():
        studio = alw.LabelStudio(session, url, real.LEGACY)
        panels.append(alw.LabelStudioPanel(studio))
        panels[-1].observe(lambda change: seen.append(change["new"]), "_shown")
        return studio

    with served(replayer) as url:
        tell(session, studio_of, lambda *_: None)
    shown = panels[-1]._shown
    assert shown["url"].startswith(f"{url}/projects/")
    assert shown["problem"] == ""
    assert shown["n_quarantined"] == len(shown["quarantined"]) == 3
    assert {each["annotator"] for each in shown["quarantined"]} == {real.OWNER}
    assert (seen[0]["n_open"], seen[0]["n_answers"]) == (8, 0)
    assert fault({"shown": shown}, states.StudioState) is None
    # The server has gone.
    with pytest.raises(LabelStudioError):
        panels[-1].studio.pull()
    assert "does not answer" in panels[-1]._shown["problem"]
    assert panels[-1]._shown["n_quarantined"] == 3
    panels[-1].close()
    with pytest.raises(LabelStudioError):
        panels[-1].studio.push()
    session.close()


def test_a_panel_on_anything_but_a_bridge_is_refused():
    with pytest.raises(TypeError, match="studio is an int; expected a LabelStudio"):
        alw.LabelStudioPanel(3)
