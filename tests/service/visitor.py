"""Somebody who opens a link: a real client of HTTP and WebSocket."""

import asyncio
import itertools
import json
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from alwidgets.service.wire import packed, unpacked

KEY_HEADER = "X-Alwidgets-Key"


@dataclass
class Reply:
    """What came back on a request."""

    status: int
    headers: dict
    body: bytes

    def json(self):
        return json.loads(self.body)


def ask(address, method="GET", data=None, **headers):
    """Send a request; any status is a reply."""
    request = urllib.request.Request(address, data, headers, method=method)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:  # noqa: S310
            return Reply(reply.status, dict(reply.headers), reply.read())
    except urllib.error.HTTPError as error:
        with error:
            return Reply(error.code, dict(error.headers), error.read())


class Caller:
    """A program that calls the API with the key of somebody."""

    _numbers = itertools.count()

    def __init__(self, address, key):
        self.address, self.key = address.rstrip("/"), key

    def call(self, method, path, body=None, **headers):
        """Call it; anything but bytes is sent as JSON."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        given = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"} | headers
        return ask(self.address + path, method, data, **{name: value for name, value in given.items() if value})

    def get(self, path):
        """Get something that is there."""
        reply = self.call("GET", path)
        assert reply.status == 200, reply.body
        return reply.json()

    def next(self, n=1):
        """Return the items that are asked."""
        return [question["item"] for question in self.get(f"/v1/next?n={n}")["questions"]]

    def answer(self, item, label, **fields):
        """Answer."""
        body = {"event_id": f"call {next(self._numbers)}", "item": item, "label": label} | fields
        return self.call("POST", "/v1/answers", body)


class Visitor:
    """Somebody who opens a link."""

    _numbers = itertools.count()

    def __init__(self, link):
        parts = urlsplit(link)
        self.address = f"{parts.scheme}://{parts.netloc}{parts.path}"
        self.key = parse_qs(parts.query)["key"][0]
        # On a thread: where a browser is driven beside it, this one has a loop already.
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        self.socket, self.states, self.heard, self.notices, self.problems = None, {}, [], [], []
        self.ended = True

    def enter(self, **headers):
        return ask(f"{self.address}enter", **{KEY_HEADER: self.key} | headers)

    def connect(self, ticket, **headers):
        """Open a WebSocket; raises HTTPClientError with the status where that is refused."""
        request = HTTPRequest(self.address.replace("http", "ws", 1) + "talk", headers=headers)
        self.socket = self._done(
            lambda: websocket_connect(request, subprotocols=["alwidgets", ticket], max_message_size=2**26)
        )
        self.ended = False

    def _done(self, act):
        async def done():
            return await asyncio.wait_for(act(), 30)

        return asyncio.run_coroutine_threadsafe(done(), self.loop).result()

    def open(self):
        """Come in and wait until the whole state of the first part is there; others come when they are looked at."""
        entry = self.enter()
        assert entry.status == 200, entry.body
        self.close_socket()
        self.states = {part["name"]: {} for part in entry.json()["parts"]}
        self.connect(entry.json()["ticket"])
        self.hear_until(lambda: next(iter(self.states.values())))
        return self

    def look_at(self, part):
        """Look at another part, and wait until its whole state is there."""
        self.say({"kind": "there"}, part)
        self.hear_until(lambda: self.states[part])
        return self.states[part]

    def say(self, message, part=None, buffers=()):
        data = packed({"part": part or next(iter(self.states)), "message": message}, buffers)
        self.send(data)

    def send(self, data):
        self._done(lambda: self.socket.write_message(data, binary=isinstance(data, bytes)))

    def hear(self):
        """Wait for what comes next; None when the connection is closed."""
        data = self._done(self.socket.read_message)
        if data is None:
            self.ended = True
            return None
        if data:
            message, buffers = unpacked(data)
            self.notices += [message["notice"]] if "notice" in message else []
            self.problems += [message["problem"]] if "problem" in message else []
            if "state" in message:
                self.states.setdefault(message["part"], {}).update(message["state"])
            if "message" in message:
                self.heard.append((message["message"], buffers))
        return data

    def hear_until(self, done):
        while not done():
            assert self.hear() is not None, "the connection was closed"

    def hear_all(self):
        """Wait until the connection is closed."""
        while not self.ended:
            self.hear()

    def reply(self, message, part=None):
        """Say something, and wait for the reply to it."""
        before = len(self.heard)
        self.say(message, part)
        kinds = ("ack", "refused", "problem")
        self.hear_until(lambda: any(said["kind"] in kinds for said, _ in self.heard[before:]))
        return next(said for said, _ in self.heard[before:] if said["kind"] in kinds)

    def label(self, item, value=0, event_id=None, **fields):
        event_id = event_id or f"answer {next(self._numbers)}"
        return self.reply({"kind": "answer", "event_id": event_id, "item": item, "value": value, "round": 0} | fields)

    def close_socket(self):
        if self.socket is not None:
            self._done(self._shut)
            self.hear_all()
            self.socket = None

    async def _shut(self):
        # As a browser does when a page is closed.
        self.socket.close(1001)

    def close(self):
        self.close_socket()
        self._done(_rest)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


async def _rest():
    """Wait for what still runs on the loop."""
    own = {task for task in asyncio.all_tasks() if task.get_coro().__qualname__.startswith(("Visitor", "_rest"))}
    tasks = asyncio.all_tasks() - own
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
