"""What a sender does while what it sends to is away, and when it is back."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from alwidgets.tracking.facts import metrics_of, params_of
from alwidgets.tracking.sender import Sender


class Elsewhere:
    """Somewhere that can be away; it keeps what it was brought."""

    def __init__(self):
        self.there = 0
        self.here = 0
        self.away = False
        self.n_tries = 0

    def bring(self):
        self.n_tries += 1
        if self.away:
            raise ConnectionError("https://anna:pssst@host is away")
        self.there = self.here
        return False


@pytest.fixture
def elsewhere():
    return Elsewhere()


@pytest.fixture
def sender(elsewhere, monkeypatch):
    monkeypatch.setattr("alwidgets.tracking.sender._FIRST_PAUSE", 0.01)
    made = Sender(elsewhere.bring, "Sending")
    yield made
    made.stop()
    made.join()


def test_news_is_brought_by_another_thread(sender, elsewhere):
    elsewhere.here = 3
    sender.wake()
    assert sender.wait(30)
    assert (elsewhere.there, sender.problem) == (3, "")


def test_however_much_happens_it_is_brought_at_once(elsewhere, sender):
    free, busy = threading.Event(), threading.Event()
    bring = elsewhere.bring

    def waits():
        busy.set()
        free.wait(30)
        return bring()

    sender._bring = waits
    sender.wake()
    assert busy.wait(30)
    for number in range(1000):
        elsewhere.here = number
        sender.wake()
    free.set()
    assert sender.wait(30)
    assert (elsewhere.there, elsewhere.n_tries) == (999, 2)


def test_what_fails_is_said_once_kept_and_brought_later(sender, elsewhere, caplog):
    elsewhere.away = True
    for elsewhere.here in (1, 2, 3):
        sender.wake()
        assert not sender.wait(30)
    assert "Sending failed: ConnectionError: https://***@host is away" in sender.problem
    assert "What waits is kept, and sent later; labeling goes on." in sender.problem
    assert len(caplog.records) == 1
    assert "pssst" not in caplog.text
    elsewhere.away = False
    assert sender.wait(30)
    assert (elsewhere.there, sender.problem) == (3, "")
    elsewhere.away = True
    sender.wake()
    assert not sender.wait(30)
    assert len(caplog.records) == 2


def test_a_try_that_takes_long_is_told_before_it_fails(elsewhere, sender, monkeypatch):
    monkeypatch.setattr("alwidgets.tracking.sender._SLOW", 0.0)
    free, busy = threading.Event(), threading.Event()
    sender._bring = lambda: busy.set() or not free.wait(30)
    assert sender.problem == ""
    sender.wake()
    assert busy.wait(30)
    assert "Sending has taken 0 s until now, and is tried on. What waits is kept" in sender.problem
    free.set()
    assert sender.wait(30)
    assert sender.problem == ""


def test_it_tries_again_by_itself(sender, elsewhere):
    tried_again = threading.Event()
    bring = elsewhere.bring

    def tells():
        bring()
        tried_again.set()
        return False

    sender._bring = tells
    elsewhere.away = True
    sender.wake()
    assert not sender.wait(30)
    elsewhere.away = False
    assert tried_again.wait(30)


def test_when_there_will_be_no_more_the_thread_ends_and_nothing_waits(elsewhere, sender):
    sender._bring = lambda: elsewhere.bring() or True
    sender.wake()
    assert sender.wait(30)
    sender.join()
    sender.wake()
    assert sender.wait(30)
    assert elsewhere.n_tries == 1


def test_a_sender_that_was_stopped_keeps_nobody_waiting(sender, elsewhere):
    elsewhere.away = True
    sender.wake()
    assert not sender.wait(30)
    sender.stop()
    sender.join()
    assert not sender.wait()
    assert elsewhere.n_tries == 1


def test_a_session_says_numbers_and_hashes_and_nothing_that_was_not_measured(make_session, blobs):
    session = make_session(scoring=["accuracy", "f1_macro"]).run(blobs[1], 16)
    trained = [event for event in session.events if event.kind == "trained"]
    metrics = metrics_of(trained[-1])
    last = session.rounds[-1]
    assert metrics["accuracy"] == last.score
    assert metrics["f1_macro"] == last.scores[1].value
    assert metrics["round"] == last.round
    params = params_of(session)
    assert params["pool_fingerprint"] == session.identity["pool"]["content"]
    assert params["n_samples"] == "120"
    assert set(map(type, params.values())) == {str}
    unknown = replace(trained[-1], record=replace(trained[-1].record, score=np.nan, scores=()))
    assert not [name for name in metrics_of(unknown) if name.startswith("accuracy")]
