"""What Label Studio 1.23 was asked and answered is asked again, and understood as it was then."""

import json

import alwidgets as alw
from tests.bridges import real
from tests.bridges.sample import make
from tests.bridges.scenario import EXCHANGE, Replayer, always_the_same, served, tell


def test_a_recorded_exchange_is_asked_and_understood_again(monkeypatch):
    always_the_same(monkeypatch)
    session = make()
    replayer = Replayer(json.loads(EXCHANGE.read_text()), session.session_id)
    with served(replayer) as url:
        tell(session, lambda: alw.LabelStudio(session, url, real.LEGACY), lambda *_: None)
    session.close()
    assert replayer.wrong == []
    assert replayer.place == len(replayer.said)


def test_what_was_recorded_holds_no_token():
    assert real.LEGACY not in EXCHANGE.read_text()
