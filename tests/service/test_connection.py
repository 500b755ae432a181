"""A session elsewhere, labeled in from a kernel: each answer once, over restarts, and in words where that is not so."""

import json
import logging
import socket
import threading
import traceback
import warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

import alwidgets as alw
from alwidgets.service import client, server, site
from alwidgets.service.link import Link
from alwidgets.service.outbox import Outbox
from alwidgets.service.wire import packed
from tests.service.test_kills import events_of
from tests.service.visitor import ask


@pytest.fixture
def page(make_session, serve):
    return serve(make_session(batch_size=1000, audit=0), ["ann", "bob"], experts=["eve"], viewers=["vic"])


@pytest.fixture
def connect():
    """A function that connects a link, until the test is over; what the card hears is in `heard`."""
    labelers = []

    def make(link):
        labeler = alw.connect(link)
        labelers.append(labeler)
        labeler.heard = []
        labeler.send = lambda content, buffers=None: labeler.heard.append((content, buffers))
        return labeler

    yield make
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        for labeler in labelers:
            labeler.close()


def say(labeler, **message):
    """Deliver what a page says."""
    labeler._handle_msg({"content": {"data": {"method": "custom", "content": message}}, "buffers": []})


def label(labeler, item, value=0, **fields):
    say(labeler, **{"kind": "answer", "event_id": f"answer {item}", "item": item, "value": value, "round": 0} | fields)


def until(labeler, done):
    """Wait until something is so, which is looked at whenever the card is told something."""
    told = threading.Event()
    labeler.observe(lambda _change: told.set())
    before, labeler.send = labeler.send, lambda *given: (before(*given), told.set())
    while not done():
        assert told.wait(60)
        told.clear()
    labeler.send = before


def labels(page):
    return page.session.labels[["item", "label", "annotator"]].values.tolist()


def key_of(link):
    return link.split("?key=")[1]


def test_an_answer_is_given_in_the_name_of_whose_link_it_is(page, connect):
    ann, bob = connect(page.links["ann"]), connect(page.links["bob"])
    label(ann, 3, 0)
    assert ann.wait(60)
    label(bob, 4, 1)
    assert bob.wait(60)
    assert labels(page) == [[3, "left", "ann"], [4, "right", "bob"]]
    assert ({"kind": "ack", "event_id": "answer 3"}, []) in ann.heard
    assert repr(ann) == f"ConnectedLabeler('ann', annotator, {page.url}, connected)"


def test_the_card_has_all_that_the_card_of_the_session_has(page, connect):
    ann = connect(page.links["ann"])
    until(ann, lambda: ann._queue)
    here = alw.Labeler(page.session, annotator="ann")
    assert ann._esm == here._esm
    # What is chosen first may still be on its way, to one of them.
    page.session.wait()
    until(ann, lambda: ann._status["n_events"] == len(page.session.events) and not ann._status["busy"])
    for name in ("_task", "_classes", "_keys", "_status", "_queue", "_recent"):
        assert getattr(ann, name) == getattr(here, name)
    assert ann._session["id"] == f"{page.session.session_id}/ann"
    here.close()


def test_samples_come_when_they_are_needed_also_as_bytes(make_session, serve, connect):
    import numpy as np

    page = serve(make_session(render=lambda _item: np.zeros((8, 8), np.uint8)), ["ann"])
    ann = connect(page.links["ann"])
    say(ann, kind="need", items=[3])
    until(ann, lambda: ann.heard)
    ((message, (picture,)),) = ann.heard
    assert message["item"] == 3
    assert picture.startswith(b"\x89PNG")


def test_what_a_role_may_not_do_is_refused_as_on_its_page_and_not_offered(page, connect):
    ann, eve = connect(page.links["ann"]), connect(page.links["eve"])
    say(ann, kind="add_class", event_id="one", name="middle")
    assert ann.wait(60)
    assert "This link is for an annotator" in ann.heard[-1][0]["error"]
    say(eve, kind="add_class", event_id="two", name="middle")
    assert eve.wait(60)
    assert page.session.classes == ("left", "right", "middle")
    assert "add_class" not in ann._may
    assert "add_class" in eve._may


def test_what_is_too_long_is_refused_here_and_the_connection_stays(page, connect):
    ann = connect(page.links["ann"])
    say(ann, kind="note", event_id="long", item=3, note="x" * site.MOST_BYTES)
    assert [said["kind"] for said, _ in ann.heard] == ["refused"]
    assert "too long to be sent: at most 256 KiB" in ann.heard[0][0]["error"]
    label(ann, 3)
    assert ann.wait(60)
    assert labels(page) == [[3, "left", "ann"]]


def test_answers_wait_while_the_session_is_not_reached_and_are_sent_once_when_it_is_back(page, connect):
    ann = connect(page.links["ann"])
    label(ann, 3)
    assert ann.wait(60)
    port = page.port
    page.close()
    until(ann, lambda: not ann.connected)
    for item in (4, 5):
        # As a page says it again when it hears nothing.
        label(ann, item)
        label(ann, item)
    say(ann, kind="note", event_id="n", item=4, note="odd")
    assert not ann.wait(0)
    assert (ann.n_waiting, "2 answers and 1 change" in ann._stale) == (3, True)
    assert ann._stale.startswith(f"Not connected to {page.url}: ")
    assert repr(ann).endswith("not connected, 2 answers and 1 change not acknowledged)")
    again = page.session.serve(["ann", "bob"], port=port)
    ann.wake()
    until(ann, lambda: ann.connected)
    assert ann.wait(60)
    assert sorted(labels(again)) == [[item, "left", "ann"] for item in (3, 4, 5)]
    assert page.session.notes == {4: "odd"}
    # With other links it says so, and goes on to try.
    newer = page.session.serve(["ann", "bob"], port=port, new_links=True)
    ann.wake()
    until(ann, lambda: "not valid" in ann._stale)
    newer.close()


def test_answers_are_sent_once_when_a_session_with_a_journal_is_served_again(make_session, serve, connect, tmp_path):
    page = serve(make_session(journal=tmp_path / "spam.alw", audit=0), ["ann"])
    ann = connect(page.links["ann"])
    page.session.close()
    until(ann, lambda: not ann.connected)
    label(ann, 4)
    page = serve(make_session(journal=tmp_path / "spam.alw", audit=0), ["ann"])
    ann.wake()
    until(ann, lambda: ann.connected)
    assert ann.wait(60)
    label(ann, 4)
    assert ann.wait(60)
    assert labels(page) == [[4, "left", "ann"]]
    assert ann._stale == ""
    # What else was asked for is asked for again by the card.
    assert ({"kind": "again"}, []) in ann.heard


def test_no_answer_is_lost_or_doubled_when_the_server_is_killed_again_and_again(tmp_path, connect, killable):
    running, given = killable(tmp_path), {}
    link = running.links["ann"]
    ann = connect(link)
    for turn in range(2):
        for item in range(20 * turn, 20 * turn + 10):
            label(ann, item)
        running.kill()
        for item in range(20 * turn + 10, 20 * turn + 20):
            label(ann, item)
        given |= {f"answer {item}": item for item in range(20 * turn, 20 * turn + 20)}
        until(ann, lambda: not ann.connected)
        running = killable(tmp_path)
        assert running.links["ann"] == link
        ann.wake()
        assert ann.wait(60)
    running.kill()
    written = [(event["id"], event["item"]) for event in events_of(tmp_path) if event["kind"] == "labeled"]
    assert sorted(written) == sorted(given.items())


def test_a_link_is_connected_once_and_leaves_its_questions_to_others_when_it_is_closed(make_session, serve, connect):
    team = alw.Team(["ann", "bob"], answers=1)
    page = serve(make_session(team=team, batch_size=30, test=None, audit=0))
    ann = connect(page.links["ann"])
    assert connect(page.links["ann"]) is ann
    assert page.open_pages["ann"] == 1
    until(ann, lambda: ann._queue)
    assert {lease.item for lease in page.session.team.active} == set(ann._queue)
    ann.close()
    while page.session.team.active:
        pass
    ann.close()
    assert connect(page.links["ann"]) is not ann


def test_questions_stay_before_whoever_has_the_card_open_and_are_let_go_of_where_nobody_has(
    make_session, serve, connect, monkeypatch
):
    monkeypatch.setattr(client, "_BEAT_SECONDS", 0.05)
    team = alw.Team(["ann", "bob"], answers=1, lease_seconds=0.5)
    page = serve(make_session(team=team, batch_size=30, test=None, audit=0))
    ann = connect(page.links["ann"])
    until(ann, lambda: ann._queue)
    before = {(lease.item, lease.attempt) for lease in page.session.team.active}
    # A page answers a beat by saying that it is there.
    for _ in range(20):
        n_beats = len(ann.heard)
        until(ann, lambda n=n_beats: len(ann.heard) > n)
        say(ann, kind="there")
        assert before <= {(lease.item, lease.attempt) for lease in page.session.team.active}
    while page.session.team.active:
        pass
    assert ann.connected


def test_a_connection_that_is_silent_is_made_anew(page, connect, monkeypatch):
    monkeypatch.setattr(client, "_BEAT_SECONDS", 0.05)
    monkeypatch.setattr(client, "_SILENT_SECONDS", 0.2)
    ann = connect(page.links["ann"])
    until(ann, lambda: not ann.connected)
    until(ann, lambda: ann.connected)
    label(ann, 3)
    assert ann.wait(60)


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda page: page.links["ann"] + "x", ValueError, "This link is not valid, or not any more"),
        (lambda page: page.links["vic"], ValueError, "this link is of 'vic', a viewer, who labels nothing"),
        (lambda page: page.url, ValueError, "link has no key; expected a link of a page, such as 'http://127"),
        (
            lambda page: page.links["ann"].replace("?", "page.js/?"),
            ValueError,
            r"not a page of a session \(status 404\)",
        ),
        (lambda page: page.links["ann"].replace(str(page.port), "0"), ValueError, "not the address of a page"),
        (lambda page: "ann?key=secret", ValueError, "not the address of a page"),
        (lambda page: "http://me:secret@127.0.0.1/?key=secret", ValueError, "not the address of a page"),
        (lambda page: "http://127.0.0.1:9000000/?key=secret", ValueError, "not the address of a page"),
        (lambda page: "http://127.0.0.1/?key=secret%0Aone", ValueError, "letters that none has"),
        (lambda page: None, TypeError, "link is None; expected a link of a page"),
    ],
)
def test_a_link_that_leads_nowhere_is_told_without_its_key(page, make, error, words):
    link = make(page)
    with pytest.raises(error, match=words) as told:
        alw.connect(link)
    text = "".join(traceback.format_exception(told.value))
    assert "secret" not in text
    assert key_of(page.links["ann"]) not in text


def test_where_nobody_answers_it_is_said_and_nothing_is_left_running():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    with pytest.raises(ConnectionError, match=r"127\.0\.0\.1:\d+/: .*refused.*Is the session served"):
        alw.connect(f"http://127.0.0.1:{port}/?key=secret")
    assert not [thread for thread in threading.enumerate() if thread.name == "alwidgets-connection"]


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b'"x"', b'{"ticket": "t"}', b"<html>", b'{"error": "no"}'])
def test_another_server_is_told_from_a_page(body):
    class Other(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_given):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Other) as other:
        threading.Thread(target=other.serve_forever).start()
        try:
            with pytest.raises(ValueError, match=r"not a page of a session \(status 200\)"):
                alw.connect(f"http://127.0.0.1:{other.server_port}/?key=secret")
        finally:
            other.shutdown()


def test_what_cannot_be_taken_is_no_end_of_the_connection(page, connect):
    ann = connect(page.links["ann"])
    next(iter(page._server.site.conversations))._send(packed({"part": "labeler", "state": {"_queue": "no list"}}))
    until(ann, lambda: not ann.connected)
    assert "could not be taken" in ann._stale
    until(ann, lambda: ann.connected)
    label(ann, 3)
    assert ann.wait(60)


def test_a_session_that_is_closed_is_told(page, connect, monkeypatch):
    monkeypatch.setattr(type(page.session), "closed", property(lambda _self: True))
    with pytest.raises(ValueError, match=r"This session is closed\. When it is open again, this link works again"):
        connect(page.links["ann"])


def test_a_key_is_in_no_trait_repr_or_log(page, connect, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    ann = connect(page.links["ann"] + "&token=let-me-in")
    label(ann, 3)
    assert ann.wait(60)
    page.close()
    until(ann, lambda: not ann.connected)
    seen = [ann.get_state(), ann._repr_mimebundle_(), repr(ann), repr(vars(ann)), caplog.text, *capfd.readouterr()]
    seen += [repr(vars(ann._connection)), repr(Link.of(page.links["ann"]))]
    said = json.dumps(seen, default=repr)
    assert "ann" in said
    assert key_of(page.links["ann"]) not in said
    assert "let-me-in" not in said


def test_a_key_is_not_sent_on_to_where_an_answer_points(page, serve, make_session, connect, monkeypatch):
    asked = []

    def elsewhere(handler):
        asked.append(handler.request.headers.get("X-Alwidgets-Key"))
        handler.redirect(f"{other.url}enter")

    other = serve(make_session(), ["bob"])
    before = server._Enter.get

    def get(handler):
        if handler.server.site.session is page.session:
            elsewhere(handler)
        else:
            asked.append("elsewhere")
            before(handler)

    monkeypatch.setattr(server._Enter, "get", get)
    with pytest.raises(ValueError, match=r"not a page of a session \(status 302\)"):
        connect(page.links["ann"])
    assert asked == [key_of(page.links["ann"])]
    assert ask(page.url).status == 200


def test_a_change_that_could_not_be_saved_waits_until_it_is_said_again():
    outbox = Outbox()
    outbox.put("e", "answer", "data")
    assert outbox.take_due() == ["data"]
    outbox.put("e", "answer", "data")
    assert outbox.take_due() == []
    outbox.settle({"kind": "refused", "event_id": "e", "retry": True})
    assert outbox.take_due() == ["data"]
    outbox.settle({"kind": "refused", "event_id": "e", "retry": False})
    assert len(outbox) == 0


def test_without_tornado_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "tornado.httpclient", None)
    monkeypatch.delitem(__import__("sys").modules, "alwidgets.service.client", raising=False)
    with pytest.raises(ImportError, match=r'install "alwidgets\[page\]"'):
        alw.connect("http://127.0.0.1:8000/?key=secret")
