"""Calls over real HTTP: what a server may answer is told with what to do, and never with the token."""

import base64
import contextlib
import copy
import json
import logging
import pickle
import socket
import threading
import time
import traceback

import cloudpickle
import pytest

import alwidgets as alw
from alwidgets.bridges import hints
from alwidgets.bridges.client import Client, LabelStudioError
from tests.bridges.sample import make
from tests.bridges.scenario import served

LEGACY = "0123456789abcdef0123456789abcdef01234567"


def signed(kind, **claims):
    """Return a token as Label Studio makes them."""
    parts = [json.dumps(part).encode() for part in ({"alg": "HS256"}, {"token_type": kind, **claims})]
    return ".".join([*(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts), "c2lnbmVk"])


PERSONAL = signed("refresh", exp=9e9, iat=1, jti="of the tests")


class Said:
    """A server that says what it is told to, and keeps what it was asked."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    def answer(self, method, path, body, headers):
        self.asked.append((method, path, body, headers.get("Authorization")))
        status, content = self.answers.pop(0)
        return status, content if isinstance(content, bytes) else json.dumps(content).encode()


def access(number, seconds=300):
    now = int(time.time())
    return signed("access", exp=now + seconds, iat=now, jti=number)


def test_a_legacy_token_is_sent_as_it_is():
    said = Said((200, {"a": 1}), (204, b""))
    with served(said) as url:
        client = Client(url + "/", LEGACY)
        assert client.call("GET", "/api/x", what="Asking") == {"a": 1}
        assert client.call("DELETE", "/api/x", what="Asking") is None
    assert [each[3] for each in said.asked] == [f"Token {LEGACY}"] * 2


def test_a_personal_token_is_exchanged_once_and_again_before_it_ends():
    first, second = access(1), access(2, seconds=20)
    renewed, done = [(200, {"access": token}) for token in (first, second)], (200, {})
    said = Said(renewed[0], done, done, renewed[1], done, renewed[0], done)
    with served(said) as url:
        client = Client(url, PERSONAL)
        client.call("GET", "/api/x", what="Asking")
        client.call("GET", "/api/x", what="Asking")
        client._renew_at = 0.0
        client.call("GET", "/api/x", what="Asking")
        # That one ends within half a minute: it is renewed before.
        client.call("GET", "/api/x", what="Asking")
    refresh = ("POST", "/api/token/refresh/", json.dumps({"refresh": PERSONAL}).encode(), None)
    assert said.asked[0] == said.asked[3] == said.asked[5] == refresh
    assert [each[3] for each in said.asked if each[3]] == [
        f"Bearer {first}", f"Bearer {first}", f"Bearer {second}", f"Bearer {first}",
    ]  # fmt: skip


def test_a_token_that_ended_early_is_renewed_and_the_call_made_again():
    said = Said(
        (200, {"access": access(1)}), (401, {"detail": "expired"}), (200, {"access": access(2)}), (201, {"id": 3})
    )
    with served(said) as url:
        assert Client(url, PERSONAL).call("POST", "/api/x", {"b": 1}, what="Asking") == {"id": 3}
    assert [each[1] for each in said.asked] == ["/api/token/refresh/", "/api/x"] * 2


@pytest.mark.parametrize(
    ("answer", "message", "may_pass"),
    [
        ((401, {"detail": f"Invalid {LEGACY}."}), r"refused the token \(Invalid \*\*\*\)\. It is wrong", False),
        ((403, {"detail": "Not yours."}), r"Asking failed: Label Studio answered 403 \(Not yours\)\.$", False),
        ((404, {"detail": "None."}), r"project 3 is not there any more, .* goes on in a new project\.$", False),
        ((404, b"<html>"), r"there is no Label Studio at http://127", False),
        ((200, b"<html>"), r"what answers at http://127.* is not Label Studio", True),
        ((200, b'{"tasks": [{"id"'), r"is not Label Studio, or only half of its answer came", True),
        ((302, b""), r"only leads on to another address; give that one", False),
        ((400, {"validation_errors": {"title": "Short."}}), r"answered 400 \(\{'title': 'Short\.'\}\)\.$", False),
        ((500, {"detail": "It broke."}), r"answered 500 \(It broke\)\. Try again\.$", True),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_told_with_what_to_do(answer, message, may_pass):
    with served(Said(answer)) as url, pytest.raises(LabelStudioError, match=message) as caught:
        Client(url, LEGACY).call("GET", "/api/x", what="Asking", of="project 3")
    assert caught.value.may_pass is may_pass
    assert LEGACY not in str(caught.value)


def test_a_token_is_not_sent_on_to_where_a_server_leads():
    seen = Said((302, b""))
    with served(seen) as url:
        client = Client(url, LEGACY)
        with pytest.raises(LabelStudioError, match="only leads on"):
            client.call("GET", "/api/x", what="Asking")
    assert len(seen.asked) == 1


def test_a_server_that_is_away_is_told():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(LabelStudioError, match=r"does not answer \(.*refused\)\. Look whether it runs") as caught:
        Client(url, LEGACY).call("GET", "/api/x", what="Asking")
    assert (caught.value.status, caught.value.may_pass) == (0, True)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("localhost:8080", "url is 'localhost:8080'; expected the address"),
        ("file:///etc/passwd", "expected the address"),
        ("http://", "expected the address"),
        ("http://me:pssst@host", "has a name or a password in it"),
        ("http://host:port", "url cannot be read"),
        (8080, "url is an int"),
    ],
)
def test_an_address_that_can_be_none_is_refused(url, message):
    with pytest.raises((ValueError, TypeError), match=message) as caught:
        Client(url, LEGACY)
    assert "pssst" not in str(caught.value)


@pytest.mark.parametrize(
    ("token", "message"),
    [
        ("secret-of-somebody", "token has 18 characters and is of neither kind"),
        (access(1), "is an access token, which ends within minutes"),
        (None, "token is None"),
        ("a.b.c", "of neither kind"),
    ],
)
def test_a_token_that_can_be_none_is_refused_and_not_shown(token, message):
    with pytest.raises((ValueError, TypeError), match=message) as caught:
        Client("http://localhost", token)
    assert token is None or token not in str(caught.value)


@pytest.mark.parametrize("token", [LEGACY, PERSONAL])
def test_a_token_is_in_no_text_no_file_and_no_traceback(token, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    ours = access(1)
    user, project = {"id": 1, "email": "me@example.com"}, {
        "id": 3, "title": "t", "description": "", "created_at": "2026-11-29T15:08:40.393646Z", "model_version": "",
        "label_config": '<View><Text name="text" value="$text"/><Choices name="label" toName="text">'
        '<Choice value="ham"/><Choice value="spam"/></Choices></View>',
    }  # fmt: skip
    exchanged, secrets = ([], [token]) if token == LEGACY else ([(200, {"access": ours})], [token, ours])
    # Also where the server says it.
    said = Said(*exchanged, (200, user), (200, project), (500, {"detail": " ".join(secrets)}))
    session = make(journal=tmp_path / "session.alw")
    with served(said) as url:
        studio = alw.LabelStudio(session, url, token, 3)
        with pytest.raises(LabelStudioError) as caught:
            studio.pull()
    assert caught.value.__context__ is None
    frames = traceback.TracebackException.from_exception(caught.value, capture_locals=True).stack
    told = str([frame.locals for frame in frames if "test_client" not in frame.filename])
    assert "Fetching the answers" in told
    for attempt in (pickle.dumps, cloudpickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match="holds a token, which is written to no file"):
            attempt(studio)
    texts = [told, repr(studio), str(studio), repr(studio._client), caplog.text, repr(vars(session))]
    session.close()
    texts += [path.read_text() for path in (tmp_path / "session.alw").rglob("*") if path.suffix in (".json", ".jsonl")]
    for secret in secrets:
        assert [text for text in texts if secret in text] == []


class Waits(threading.Event):
    """News that never come: keeps for how long they were awaited."""

    def __init__(self):
        super().__init__()
        self.waited = []

    def wait(self, timeout=None):
        self.waited.append(timeout)


def test_a_server_that_is_away_is_waited_for_and_a_refused_token_is_not(monkeypatch, caplog):
    session = make()
    studio = object.__new__(alw.LabelStudio)
    studio.session = session
    failures = [LabelStudioError("away", 0), LabelStudioError("broken", 502), None, LabelStudioError("no", 401)]
    news = Waits()
    monkeypatch.setattr(hints, "awaited", lambda _: contextlib.nullcontext(news))

    def step():
        failure = failures.pop(0)
        if failure:
            raise failure

    studio.step = step
    with pytest.raises(LabelStudioError, match="no"):
        studio.run(until=1, poll_seconds=2)
    assert news.waited == [4, 8, 2]
    # Once an outage.
    assert caplog.messages == ["away It is tried again."]
    session.close()


def test_a_hint_ends_the_pause_of_whoever_waits_at_that_session():
    session, looks = make(), []
    studio = object.__new__(alw.LabelStudio)
    studio.session = session

    def pull():
        looks.append(hints.give("another session"))
        looks.append(hints.give(session.session_id))
        if len(looks) > 2:
            raise LabelStudioError("enough", 401)

    studio.pull = pull
    with pytest.raises(LabelStudioError, match="enough"):
        # It would wait for a day.
        studio.run(until=1, poll_seconds=86400, push=False)
    assert looks == [0, 1, 0, 1]
    assert hints.give(session.session_id) == 0
    session.close()
