"""Bad input of the API: each is refused with a status and a sentence, and nothing of the session has changed."""

import io
import json
import socket
from http.client import HTTPConnection

import numpy as np
import pytest

import alwidgets as alw
from alwidgets.service import api
from alwidgets.service.operations import JSON
from alwidgets.service.session_api import OPERATIONS
from tests.service.visitor import Caller, ask

GOOD = {"event_id": "e1", "item": 3, "label": "left"}


@pytest.fixture
def page(make_session, serve):
    return serve(make_session(team=alw.Team(["ann", "bob"], experts=["eve"], answers=1)), viewers=["vic"])


@pytest.fixture
def ann(page, caller):
    return caller(page, "ann")


def refused(reply, status, words):
    """Check that a reply is of this status, and says why."""
    assert (reply.status, reply.json()["status"]) == (status, status), reply.body
    assert words in reply.json()["error"], reply.body
    assert reply.json().keys() == {"status", "error"}
    return True


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"", 400, "not JSON"),
        (b"{", 400, "not JSON in UTF-8, line 1, column 2"),
        (b"\xff\xfe", 400, "not JSON in UTF-8"),
        (b'{"event_id": "e1", "item": NaN, "label": "left"}', 400, "The body has NaN, which JSON has not; expected a"),
        (b"[" * 2**21, 413, "A body may have 1,048,576 bytes"),
        (b"[" * 60_000, 400, "not JSON"),
        ([], 422, "the body is []; expected an object"),
        ({}, 422, "the body has no 'event_id'; expected 'event_id', 'item', 'label'"),
        (GOOD | {"item": "3"}, 422, "item is '3'; expected a whole number"),
        (GOOD | {"item": True}, 422, "item is true; expected a whole number"),
        (GOOD | {"item": None}, 422, "item is null; expected a whole number"),
        (GOOD | {"label": True}, 422, "label is true; expected one of ['left', 'right']."),
        (GOOD | {"label": {"a": [None, False]}}, 422, "label is {'a': [null, false]}; expected a text or a number"),
        (None, 422, "the body is null; expected an object"),
        (GOOD | {"item": 3.5}, 422, "item is 3.5; expected a whole number"),
        (GOOD | {"item": -1}, 422, "item is -1; expected at least 0"),
        (GOOD | {"item": 120}, 404, "There is no item 120; expected 0 to 119."),
        (GOOD | {"item": 10**30}, 422, "expected at least 0 and at most"),
        (GOOD | {"label": "up"}, 422, "label 'up' is unknown; expected one of ['left', 'right']."),
        (GOOD | {"label": {"a": 1}}, 422, "label is {'a': 1}; expected a text or a number"),
        (GOOD | {"label": ["left"]}, 422, "label ['left'] is unknown"),
        (GOOD | {"event_id": ""}, 422, "event_id has 0 characters; expected at least 1"),
        (GOOD | {"event_id": "x" * 101}, 422, "event_id has 101 characters; expected at most 100"),
        (GOOD | {"event_id": 3}, 422, "event_id is 3; expected a text"),
        (GOOD | {"event_id": "\ud800"}, 422, "half of a surrogate pair"),
        (GOOD | {"seconds": -1}, 422, "seconds is -1; expected at least 0"),
        (GOOD | {"seconds": "2"}, 422, "seconds is '2'; expected a number or null"),
        (GOOD | {"seconds": 1e9}, 422, "seconds is 1000000000.0; expected at least 0 and at most 604800"),
        (GOOD | {"round": 9999}, 404, "There is no round 9999; expected 0 to 0, or null for the newest."),
        (GOOD | {"session": "another"}, 409, "for another session"),
        (GOOD | {"unsure": 1}, 422, "unsure is 1; expected true or false"),
        (GOOD | {"as_of": 10**9}, 409, "as_of is 1000000000, and"),
        (GOOD | {"annotator": "bob"}, 422, "the body has 'annotator'; expected no other than"),
    ],
)  # fmt: skip
def test_an_answer_that_is_none_is_refused(page, ann, body, status, words):
    before = page.session.progress.n_events
    reply = ann.call("POST", "/v1/answers", b"null" if body is None else body)
    assert refused(reply, status, words)
    assert len(page.session.answers) == 0
    assert page.session.progress.n_events >= before
    assert ann.call("POST", "/v1/answers", GOOD).status == 200


@pytest.mark.parametrize("kind", ["", "text/plain", "application/octet-stream", "application/x-www-form-urlencoded"])
def test_a_body_of_another_type_is_refused(ann, kind):
    reply = ann.call("POST", "/v1/answers", json.dumps(GOOD).encode(), **{"Content-Type": kind or "x"})
    assert refused(reply, 415, "expected application/json")
    assert ann.call("POST", "/v1/answers", GOOD, **{"Content-Type": "application/json; charset=utf-8"}).status == 200


@pytest.mark.parametrize("query", ["n=0", "n=51", "n=", "n=1.5", "n=abc", "n=99999999999999999999"])
def test_a_number_of_questions_that_is_none_is_refused(ann, query):
    assert refused(ann.call("GET", f"/v1/next?{query}"), 422, "n is ")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("n=1&n=3", "the address has the parameter 'n' 2 times; expected it once."),
        ("n=%FF", "the parameter 'n' of the address is not in UTF-8; expected UTF-8, percent-encoded."),
    ],
)
def test_a_parameter_that_cannot_be_told_is_refused(ann, query, words):
    assert refused(ann.call("GET", f"/v1/next?{query}"), 422, words)


def test_what_an_address_does_not_know_is_refused_at_all_of_them(page, caller):
    who = caller(page, "eve")
    for operation in OPERATIONS:
        body, kind = None if operation.body is None else b"{}", {"Content-Type": operation.takes}
        reply = who.call(operation.method, f"{operation.path}?ronud=9999", body, **kind)
        expected = f"no other than {list(operation.query)}" if operation.query else "none"
        assert refused(reply, 422, f"the address has the parameter 'ronud'; expected {expected}.")
        if operation.body is None:
            reply = who.call(operation.method, operation.path, {"ronud": 9999})
            assert refused(reply, 422, "the body has 'ronud'; expected nothing in it.")
            assert refused(who.call(operation.method, operation.path, b"{"), 400, "not JSON")
        elif operation.takes == JSON:
            more = {"ronud": 9999} | dict.fromkeys(operation.body["required"], "x")
            reply = who.call(operation.method, operation.path, more)
            assert refused(reply, 422, "the body has 'ronud'; expected no other")


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (None, "A token is expected"), ("", "A token is expected"), ("Bearer", "A token is expected"),
        ("Bearer wrong", "This token is nobody's"), ("Basic d3Jvbmc=", "This token is nobody's"),
        ("Bearer \xe9", "This token is nobody's"),
    ],
)  # fmt: skip
def test_who_says_not_who_they_are_gets_nothing(page, header, words):
    headers = {} if header is None else {"Authorization": header}
    for method, path in (("GET", "/v1/next"), ("POST", "/v1/answers"), ("GET", "/v1/export"), ("GET", "/metrics")):
        reply = ask(page.url + path[1:], method, b"{}" if method == "POST" else None, **headers)
        assert refused(reply, 401, words)
        assert reply.headers["Www-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("name", "method", "path"),
    [
        ("ann", "GET", "/v1/labels"), ("ann", "GET", "/v1/export"), ("ann", "POST", "/v1/predict"),
        ("ann", "GET", "/metrics"), ("vic", "GET", "/v1/next"), ("vic", "POST", "/v1/answers"),
        ("vic", "GET", "/v1/labels"),
    ],
)  # fmt: skip
def test_a_role_does_only_what_it_may(page, caller, name, method, path):
    who = caller(page, name)
    reply = who.call(method, path, GOOD if method == "POST" else None)
    assert refused(reply, 403, f"This token is of the role {'viewer' if name == 'vic' else 'annotator'}")


def test_what_is_not_there_is_said_to_be_so(ann):
    assert refused(ann.call("GET", "/v1/nothing"), 404, "nothing at this address")
    for method, path, allowed in (
        ("POST", "/v1/next", "GET"),
        ("GET", "/v1/answers", "POST"),
        ("DELETE", "/readyz", "GET"),
    ):
        reply = ann.call(method, path, {} if method == "POST" else None)
        assert refused(reply, 405, f"expected {allowed}")
        assert reply.headers["Allow"] == allowed


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404), ("POST", "/nothing", 404), ("PUT", "/v1/next/", 404),
        ("POST", "/ml/no-such-key/predict", 404), ("PUT", "/v1/status", 405), ("POST", "/v1/undo", 401),
        ("GET", "/nothing.js", 404),
    ],
)  # fmt: skip
def test_a_connection_goes_on_behind_what_is_not_answered(page, method, path, status):
    connection = HTTPConnection("127.0.0.1", page.port)
    body = {} if method == "GET" else {"body": b"x" * 100_000}
    connection.request(method, path, **body)
    connection.sock.settimeout(30)
    reply = connection.getresponse()
    reply.read()
    assert (reply.status, reply.will_close) == (status, False)
    before = connection.sock
    connection.request("GET", "/healthz")
    assert connection.getresponse().status == 200
    assert connection.sock is before
    connection.close()


def test_a_connection_that_ends_with_a_reply_is_told(page):
    connection = HTTPConnection("127.0.0.1", page.port)
    connection.request("GET", "/", headers={"Origin": "http://evil.example"})
    reply = connection.getresponse()
    assert (reply.status, reply.will_close) == (403, True)
    connection.close()


def test_requests_from_other_pages_are_refused(ann):
    assert refused(ann.call("GET", "/v1/next", Origin="http://evil.example"), 403, "other pages")


def test_who_asks_too_often_is_told_when_to_come_again(page, caller, monkeypatch):
    monkeypatch.setattr(api, "BURST", 3)
    monkeypatch.setattr(api, "A_SECOND", 0.01)
    ann = caller(page, "ann")
    for _ in range(3):
        assert ann.call("GET", "/v1/status").status == 200
    reply = ann.call("GET", "/v1/status")
    assert refused(reply, 429, "Too many requests")
    assert 90 <= int(reply.headers["Retry-After"]) <= 100
    assert caller(page, "bob").call("GET", "/v1/status").status == 200


@pytest.mark.parametrize(
    ("samples", "words"),
    [
        ([], "samples has 0 values; expected at least 1"),
        ([[1, 2, 3]], "The model cannot predict these samples: X has 3 features"),
        ([[1, 2], [1, 2, 3]], "samples have 2 to 3 numbers"),
        (["a text"], "The model cannot predict these samples"),
        ([[1, 2, 3, "4"]], "samples[0][3] is '4'; expected a number or null"),
        ([[1, 2, 3, None]], "The model cannot predict these samples: Input X contains NaN."),
        ([[1, 2, 3, 10**400]], "a number that no float can hold"),
        ([[1, 2, 3, 4], "a"], "of several kinds"),
        ([3], "samples[0] is 3; expected a text or a list or an object"),
        ("abc", "samples is 'abc'; expected a list"),
    ],
)  # fmt: skip
def test_samples_that_the_model_cannot_predict_are_refused(page, caller, blobs, samples, words):
    for item in range(8):
        page.session.teach(item, blobs[1][item], annotator="ann")
    page.session.retrain()
    assert refused(caller(page, "vic").call("POST", "/v1/predict", {"samples": samples}), 422, words)


def npy(values):
    content = io.BytesIO()
    np.save(content, values)
    return content.getvalue()


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"", 400, "not a file of NumPy"),
        (b"\x93NUMPY\x01\x00v\x00{", 400, "not a file of NumPy"),
        (npy(np.eye(4))[:-1], 400, "expected those of shape (4, 4)"),
        (npy(np.eye(4)).replace(b"(4, 4)", b"(9, 9)"), 400, "expected those of shape (9, 9)"),
        (npy(np.ones(4)), 422, "shape (4,)"),
        (npy(np.array([["a"]])), 422, "expected numbers"),
        (npy(np.ones((0, 4))), 422, "shape (0, 4)"),
        (npy(np.array([[None]], object)), 422, "expected numbers"),
    ],
)  # fmt: skip
def test_files_of_numpy_that_are_none_are_refused(page, caller, body, status, words):
    reply = caller(page, "vic").call("POST", "/v1/predict-array", body, **{"Content-Type": "application/octet-stream"})
    assert refused(reply, status, words)


def talk(page, *parts):
    """Send bytes as they are, and return all that comes back until the connection is closed."""
    with socket.create_connection(("127.0.0.1", page.port), 30) as wire:
        for part in parts:
            wire.sendall(part)
        found = b""
        while chunk := wire.recv(65536):
            found += chunk
        return found


def test_a_body_that_is_too_long_is_refused_before_it_is_there(page, ann):
    begin = f"POST /v1/answers HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {ann.key}\r\nConnection: close\r\n".encode()
    length = talk(page, begin, b"Content-Length: 2000000\r\n\r\n", b"x" * 2_000_000)
    assert length.startswith(b"HTTP/1.1 413 ")
    chunks = [b"%x\r\n%s\r\n" % (50_000, b"x" * 50_000)] * 40
    chunked = talk(page, begin, b"Transfer-Encoding: chunked\r\n\r\n", *chunks, b"0\r\n\r\n")
    assert chunked.startswith(b"HTTP/1.1 413 ")
    assert ann.call("POST", "/v1/answers", GOOD).status == 200


def test_what_fails_in_the_model_is_told_without_what_it_said(page, caller, monkeypatch, caplog):
    def broken(self):
        raise RuntimeError("the text of a sample")

    monkeypatch.setattr("alwidgets.service.models.SessionModels.current", broken)
    reply = caller(page, "vic").call("POST", "/v1/predict", {"samples": [[1, 2, 3, 4]]})
    assert refused(reply, 500, "cannot be answered")
    assert "A request failed: RuntimeError" in caplog.text


def test_a_disk_that_is_full_is_told_and_the_answer_may_be_sent_again(
    make_session, serve, caller, tmp_path, monkeypatch
):
    page = serve(make_session(journal=tmp_path / "a.alw"), ["ann"])
    ann = caller(page, "ann")
    with monkeypatch.context() as full:

        def no_space(*_args, **_kwargs):
            raise OSError(28, "No space left on device")

        full.setattr("alwidgets.journal.files.Journal.append", no_space)
        reply = ann.call("POST", "/v1/answers", GOOD)
        assert refused(reply, 503, "Saving failed: OSError: ")
        assert reply.headers["Retry-After"] == "5"
    assert ann.call("POST", "/v1/answers", GOOD).status == 200
    assert len(page.session.answers) == 1


def test_a_key_is_taken_from_the_header_alone(page, ann):
    assert refused(ask(f"{page.url}v1/next?key={ann.key}&token={ann.key}"), 401, "A token is expected")
    assert Caller(page.url, ann.key).call("GET", "/v1/status", Authorization=f"bearer {ann.key}").status == 200


def test_many_numbers_are_read_at_once_as_they_are_one_by_one(page, caller, blobs, monkeypatch):
    for item in range(8):
        page.session.teach(item, blobs[1][item], annotator="ann")
    page.session.retrain()
    eve = caller(page, "eve")
    rng = np.random.default_rng(0)
    samples = [*rng.normal(size=(5, 4)).tolist(), [1, -2, 3, 2**70], [1e-320, 0.1, -0.0, 1e15]]
    bodies = [
        json.dumps({"samples": samples}).encode(), b'{"samples": [[1, 2, 3, null]]}', b'{"samples": [[1, 2, 3, true]]}',
        b'{"samples": []}', b'{"samples": [[]]}', b'{"samples": [[1, 2, 3, NaN]]}', b'{"samples": [[1, 2, 3, 1e999]]}',
        b'{"samples": [[1, 2, 3, 4]], "more": 1}', b'{"samples": [[1, 2, 3, "4"]]}', b'{"samples": [[1, 2, 3, 4]',
        b'{"samples": [[1, 2, 3, 4], [1]]}', b'\xff{"samples": [[1, 2, 3, 4]]}', b'{"samples": [[1, 2, 3, 4], "a"]}',
    ]  # fmt: skip
    quick = [eve.call("POST", "/v1/predict", body) for body in bodies]
    monkeypatch.setattr("alwidgets.service.many_numbers._decoder", lambda: None)
    slow = [eve.call("POST", "/v1/predict", body) for body in bodies]
    assert [(reply.status, reply.json()) for reply in quick] == [(reply.status, reply.json()) for reply in slow]
    assert [reply.status for reply in quick][:2] == [200, 422]
