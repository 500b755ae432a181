"""What Label Studio 1.23 was asked and answered is asked again, and understood as it was then."""

import json

import pytest

import alwidgets as alw
from tests.bridges import real
from tests.bridges.sample import make
from tests.bridges.scenario import (
    EXCHANGE,
    OF_TEAM,
    Replayer,
    always_the_same,
    served,
    team_session,
    tell,
    tell_of_team,
)


@pytest.mark.parametrize(
    ("path", "start", "story"), [(EXCHANGE, make, tell), (OF_TEAM, team_session, tell_of_team)], ids=["alone", "a team"]
)
def test_a_recorded_exchange_is_asked_and_understood_again(monkeypatch, path, start, story):
    always_the_same(monkeypatch)
    session = start()
    replayer = Replayer(json.loads(path.read_text()), session.session_id)
    with served(replayer) as url:
        story(session, lambda **more: alw.LabelStudio(session, url, real.LEGACY, **more), lambda *_: None)
    session.close()
    assert replayer.wrong == []
    assert replayer.place == len(replayer.said)


@pytest.mark.parametrize("path", [EXCHANGE, OF_TEAM])
def test_what_was_recorded_holds_no_token(path):
    assert real.LEGACY not in path.read_text()
