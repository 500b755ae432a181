"""Connections that send nothing, too little or too much: each is told why if it can be, and none holds others off."""

import contextlib
import json
import socket
import sys
import threading

import numpy as np
import pytest

from alwidgets.service import connections

GOOD = {"event_id": "e1", "item": 3, "label": "left"}


@pytest.fixture
def hasty(monkeypatch):
    """A server that waits for nothing long."""
    monkeypatch.setattr(connections, "_LOOK_SECONDS", 0.02)
    monkeypatch.setattr(connections, "_SECONDS", dict.fromkeys(connections._SECONDS, 0.2))


@pytest.fixture
def wire():
    """A function that opens a connection, which is closed with the test."""
    with contextlib.ExitStack() as opened:

        def open_one(page, *parts, address="127.0.0.1"):
            it = opened.enter_context(socket.create_connection(("127.0.0.1", page.port), 30, (address, 0)))
            for part in parts:
                it.sendall(part)
            return it

        yield open_one


def rest(it):
    """Return all that comes over a connection until it is closed."""
    found = b""
    with contextlib.suppress(ConnectionResetError):
        while chunk := it.recv(65536):
            found += chunk
    return found


def said(found):
    """Return status, sentence and header of a reply over a connection that is closed after it."""
    head, _, body = found.partition(b"\r\n\r\n")
    assert b"Connection: close" in head
    content = json.loads(body)
    assert content.keys() == {"status", "error"}
    assert head.startswith(f"HTTP/1.1 {content['status']} ".encode())
    return content["status"], content["error"]


def begun(key, more=""):
    return f"POST /v1/answers HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {key}\r\n{more}".encode()


@pytest.mark.usefixtures("hasty")
def test_a_header_and_a_body_that_come_in_drops_are_ended_with_a_sentence(make_session, serve, caller, wire):
    page = serve(make_session(), ["ann"])
    ann = caller(page, "ann")
    header = wire(page, b"GET /v1/next HTTP/1.1\r\nHost")
    body = wire(page, begun(ann.key, "Content-Length: 100\r\n\r\n{"))
    chunks = wire(page, begun(ann.key, "Transfer-Encoding: chunked\r\n\r\n5\r\n{"))
    unknown = wire(page, begun("wrong", "Content-Length: 100\r\n\r\n{"))
    assert said(rest(header)) == (408, "The header did not come within 0.2 seconds.")
    for each in (body, chunks, unknown):
        assert said(rest(each)) == (408, "The body did not come within 0.2 seconds.")
    assert ann.call("POST", "/v1/answers", GOOD).status == 200
    assert len(page.session.answers) == 1


def figures(who):
    """Return how many requests were answered, by status, of those whose path is not known."""
    start = 'alwidgets_http_requests_total{method="other",path="unknown",status="'
    lines = who.call("GET", "/metrics").body.decode().splitlines()
    return {line[len(start) :][:3]: int(line.rpartition(" ")[2]) for line in lines if line.startswith(start)}


@pytest.mark.usefixtures("hasty")
def test_requests_that_are_cut_are_among_the_figures(make_session, serve, caller, wire):
    page = serve(make_session(), ["ann"], viewers=["vic"])
    vic = caller(page, "vic")
    assert figures(vic) == {}
    assert said(rest(wire(page, b"GET /v1/next HTTP/1.1\r\nHost")))[0] == 408
    assert said(rest(wire(page, begun("wrong", "Content-Length: 100\r\n\r\n{"))))[0] == 408
    too_long = begun("wrong", f"Content-Length: {connections._MOST_BODY + 1}\r\n\r\n")
    assert said(rest(wire(page, too_long)))[0] == 413
    # What was only opened asked for nothing.
    assert rest(wire(page)) == b""
    assert figures(vic) == {"408": 2, "413": 1}


@pytest.mark.usefixtures("hasty")
def test_a_connection_that_asks_for_nothing_is_closed_without_a_word(make_session, serve, wire):
    page = serve(make_session(), ["ann"])
    assert rest(wire(page)) == b""
    kept = wire(page, b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
    assert rest(kept).count(b"HTTP/1.1") == 1


def test_what_comes_after_a_request_was_cut_is_not_answered_a_second_time(
    make_session, serve, caller, wire, monkeypatch
):
    monkeypatch.setattr(connections, "_LOOK_SECONDS", 0.02)
    monkeypatch.setitem(connections._SECONDS, "body", 0.2)
    page = serve(make_session(), ["ann"])
    ann, body = caller(page, "ann"), json.dumps(GOOD).encode()
    it = wire(page, begun(ann.key, f"Content-Length: {len(body)}\r\n\r\n"), body[:5])
    first = it.recv(65536)
    it.sendall(body[5:])
    it.shutdown(socket.SHUT_WR)
    assert said(first + rest(it))[0] == 408
    assert len(page.session.answers) == 0


@pytest.mark.parametrize("path", ["/v1/answers", "/enter", "/talk", "/nothing"])
def test_a_body_of_more_than_any_may_have_is_refused_before_it_comes(make_session, serve, wire, path):
    page = serve(make_session(), ["ann"])
    for length in (connections._MOST_BODY + 1, 10**30, "9" * 5000):
        it = wire(
            page,
            f"POST {path} HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: {length}\r\n\r\n".encode(),
        )
        found = b""
        while b"}" not in found:
            found += it.recv(65536)
        it.close()
        assert said(found) == (413, "A body may have 67,108,864 bytes anywhere; this one has more.")


def test_a_body_in_parts_is_refused_when_it_has_more_and_the_reply_comes_though_the_rest_is_on_its_way(
    make_session, serve, caller, wire, monkeypatch
):
    monkeypatch.setattr(connections, "_MOST_BODY", 2**21)
    page = serve(make_session(), ["ann"])
    part = b"%x\r\n%s\r\n" % (2**16, b"x" * 2**16)
    it = wire(page, begun(caller(page, "ann").key, "Transfer-Encoding: chunked\r\n\r\n"), *[part] * 100, b"0\r\n\r\n")
    it.shutdown(socket.SHUT_WR)
    assert said(rest(it))[0] == 413


# How many there are ------------------------------------------------------------------------------------------------


@pytest.fixture
def narrow(make_session, serve, monkeypatch):
    """A page with room for few connections."""
    monkeypatch.setattr(connections, "_MOST_CONNECTIONS", 12)
    return serve(make_session(), ["ann"])


@pytest.mark.parametrize(
    "half", ["", "GET /v1/next HTTP/1.1\r\nHost", "POST /v1/answers HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{"]
)
def test_whoever_opens_many_and_ends_no_request_holds_nobody_off(narrow, caller, wire, half):
    ann = caller(narrow, "ann")
    kept = wire(narrow)

    def asks():
        kept.sendall(f"GET /v1/status HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {ann.key}\r\n\r\n".encode())
        assert kept.recv(12) == b"HTTP/1.1 200"
        while not kept.recv(65536).endswith(b"}"):
            pass

    asks()
    for turn in range(4):
        held = [wire(narrow, half.encode()) for _ in range(12)]
        # One that showed a key stays, and new ones are answered.
        asks()
        assert ann.answer(turn, "left").status == 200
    # Of those that stand there are no more than there may be.
    first = rest(held[0])
    assert first == b"" or said(first)[0] == 408
    assert len(narrow.session.answers) == 4


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has many addresses of its own without being asked to")
def test_one_address_that_has_all_the_room_gives_it_to_another(narrow, wire):
    other = wire(narrow, b"GET /heal", address="127.0.0.2")
    for _ in range(3):
        for _ in range(12):
            wire(narrow, b"GET /heal")
        assert wire(narrow, b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").recv(12) == b"HTTP/1.1 200"
    other.sendall(b"thz HTTP/1.1\r\nHost: a\r\n\r\n")
    assert other.recv(12) == b"HTTP/1.1 200"


def test_there_is_no_room_where_all_is_at_work(make_session, serve, caller, wire, monkeypatch):
    begun, let_go = threading.Event(), threading.Event()

    def slow(view):
        begun.set()
        assert let_go.wait(60)
        return np.zeros(len(view.candidates))

    monkeypatch.setattr(connections, "_MOST_CONNECTIONS", 1)
    page = serve(make_session(cold_start=slow), ["ann"])
    key = caller(page, "ann").key
    works = wire(page, f"GET /v1/next HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {key}\r\n\r\n".encode())
    assert begun.wait(60)
    found = rest(wire(page))
    assert said(found) == (503, "So many requests are being answered that there is no room for another connection.")
    assert b"Retry-After: 1" in found
    let_go.set()
    assert works.recv(12) == b"HTTP/1.1 200"


def test_others_too_may_open_files(monkeypatch):
    resource = pytest.importorskip("resource")
    for n_files, most in ((1024, 512), (resource.RLIM_INFINITY, 1000), (20_000, 1000), (1, 1)):
        monkeypatch.setattr(resource, "getrlimit", lambda _which, n=n_files: (n, n))
        assert connections.most_connections() == most
