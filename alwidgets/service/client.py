"""A connection to a session that another process serves: for a kernel what `talk.js` is for a page."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import random
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any

from tornado.httpclient import HTTPClientError, HTTPRequest, HTTPResponse
from tornado.simple_httpclient import SimpleAsyncHTTPClient
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, websocket_connect

from alwidgets.service.link import Link
from alwidgets.service.outbox import Outbox
from alwidgets.service.wire import KEY_HEADER, PROTOCOL, packed, unpacked
from alwidgets.utils.text import sanitize

_LOG = logging.getLogger(__name__)
# As in `talk.js`.
_FIRST_SECONDS, _LONGEST_SECONDS = 0.5, 15.0
_BEAT_SECONDS, _SILENT_SECONDS = 10.0, 25.0
# A sample may be an image or a sound.
_MOST_HEARD = 2**28
# What a page answers where it lets nobody in.
_DENIALS = (403, 410, 429)
# What a browser says when it leaves, and Tornado where there is no status.
_LEFT, _NO_ANSWER = 1000, 599


class RefusedError(ValueError):
    """A link lets nobody in; why, in words."""


class Connection:
    """A connection to one part of a session elsewhere, made again whenever it is gone, on a thread of its own.

    A change that is said waits here until it is acknowledged. All else is meant for the moment, and is asked for again
    by whoever hears "again".

    Parameters
    ----------
    link : Link
        Where, and as whom.
    part : str
        Which part of the page.

    Attributes
    ----------
    name, role : str
        Who the link is for.
    state : dict
        All that is known of the part.
    problem : str
        Why there is no connection now, in words; empty while there is one.
    """

    def __init__(self, link: Link, part: str) -> None:
        self.link, self.part = link, part
        self.name = self.role = ""
        self.state: dict[str, Any] = {}
        self.problem = "not tried yet"
        self._most_bytes = 0
        self._outbox = Outbox()
        self._take: Callable[[], None] = lambda: None
        self._hear: Callable[[Any, list[bytes]], None] = lambda _message, _buffers: None
        # Of all that other threads look at.
        self._changed = threading.Condition(threading.RLock())
        self._first: Future[None] = Future()
        # The one that Tornado runs on, on every system.
        self._loop = asyncio.SelectorEventLoop()
        self._woken, self._ended = asyncio.Event(), asyncio.Event()
        self._socket: WebSocketClientConnection | None = None
        self._has_state = self._page_lives = False
        self._heard_at = 0.0
        self._thread = threading.Thread(target=self._run, name="alwidgets-connection", daemon=True)

    def open(self, timeout: float = 60) -> None:
        """Connect, and wait until the state is there; if that fails, nothing is left running.

        Raises
        ------
        RefusedError
            If the link lets nobody in, or what answers is not a page.
        ConnectionError
            If nobody answers.
        """
        self._thread.start()
        try:
            self._first.result(timeout)
        except TimeoutError:
            self.close()
            raise ConnectionError(f"{self.link.address} does not answer; is the session served there?") from None
        except BaseException:
            self.close()
            raise

    def follow(self, take: Callable[[], None], hear: Callable[[Any, list[bytes]], None]) -> None:
        """Have functions called, from the connection's thread: when state or problem changed, and with each message."""
        with self._changed:
            self._take, self._hear = take, hear
            take()

    @property
    def n_waiting(self) -> int:
        """Number of changes that were not acknowledged."""
        with self._changed:
            return len(self._outbox)

    @property
    def waiting(self) -> str:
        """Changes that were not acknowledged, in words: "3 answers and 1 change"."""
        with self._changed:
            return self._outbox.in_words()

    def in_words(self) -> str:
        """Return the reason why there is no connection, and the changes that wait; empty while there is one."""
        with self._changed:
            if not self.problem:
                return ""
            kept = f" Not sent yet: {self.waiting}, kept in this kernel until then." if self.n_waiting else ""
            return (
                f"Not connected to {self.link.address}: {self.problem.rstrip('.')}. It is tried again by itself, and "
                f"what is answered meanwhile is sent when the connection is back.{kept}"
            )

    def say(self, message: Any, buffers: list[bytes]) -> None:
        """Say what a page says, from any thread; a change is sent until it is acknowledged."""
        kind, event_id = (message.get(name) if isinstance(message, dict) else None for name in ("kind", "event_id"))
        self._page_lives = True
        if kind == "there":
            return
        data = packed({"part": self.part, "message": message}, buffers)
        n_bytes = len(data.encode() if isinstance(data, str) else data)
        if n_bytes > self._most_bytes:
            error = f"This is too long to be sent: at most {self._most_bytes // 1024} KiB."
            self._hear({"kind": "refused", "event_id": event_id, "retry": False, "error": error}, [])
            return
        if isinstance(kind, str) and isinstance(event_id, str):
            with self._changed:
                self._outbox.put(event_id, kind, data)
                if self.problem:
                    self._take()
            self._soon(self._deliver)
        else:
            self._soon(lambda: self._write(data))

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until all changes are acknowledged; False when the timeout (seconds) ran out first."""
        with self._changed:
            return self._changed.wait_for(lambda: not len(self._outbox), timeout)

    def wake(self) -> None:
        """Try again at once, if there is no connection."""
        self._soon(self._woken.set)

    def close(self) -> None:
        """Leave, so that what was before the person is for others; may be called twice."""
        self._soon(self._end)
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join(_BEAT_SECONDS)

    # On the connection's thread

    def _soon(self, act: Callable[[], Any]) -> None:
        with contextlib.suppress(RuntimeError):
            # The loop is closed once the connection is.
            self._loop.call_soon_threadsafe(act)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._stay())
        finally:
            asyncio.set_event_loop(None)
            self._loop.close()

    def _end(self) -> None:
        self._ended.set()
        self._woken.set()
        if self._socket is not None:
            self._socket.close(_LEFT)

    async def _stay(self) -> None:
        """Be connected, again and again, until it is over."""
        wait = _FIRST_SECONDS
        while not self._ended.is_set():
            try:
                await self._unless_over(self._connect())
                await self._listen()
                self._lose(ConnectionError("the connection is gone"))
            except (RefusedError, ConnectionError) as error:
                self._lose(error)
            except Exception as error:  # noqa: BLE001 - a page of another version may say what is not known here
                _LOG.exception("The connection to %s failed; it is made again.", self.link.address)
                self._lose(ConnectionError(f"what came could not be taken ({type(error).__name__})"))
            # Whoever was heard is there: the next try after that is an early one again.
            wait = _FIRST_SECONDS if self._has_state else min(_LONGEST_SECONDS, 2 * wait)
            self._has_state = False
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._woken.wait(), wait * random.uniform(0.5, 1))  # noqa: S311 - no secret
            self._woken.clear()

    async def _unless_over(self, trying: Coroutine[Any, Any, None]) -> None:
        """Wait for a try to connect, but no longer than anybody wants it."""
        tasks = asyncio.ensure_future(trying), asyncio.ensure_future(self._ended.wait())
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await tasks[0]

    async def _connect(self) -> None:
        """Come in, and open a WebSocket."""
        entry = await self._enter()
        request = HTTPRequest(
            f"{self.link.address.replace('http', 'ws', 1)}talk",
            headers=self.link.headers, follow_redirects=False, connect_timeout=_LONGEST_SECONDS,
        )  # fmt: skip
        try:
            self._socket = await websocket_connect(
                request, subprotocols=[PROTOCOL, entry["ticket"]], max_message_size=_MOST_HEARD
            )
        except (OSError, HTTPClientError, WebSocketClosedError) as error:
            raise ConnectionError(_why(error)) from None
        with self._changed:
            self.name, self.role, self._most_bytes = entry["name"], entry["role"], entry["most_bytes"]

    async def _enter(self) -> dict[str, Any]:
        """Show the key, and return whose it is, and a ticket."""
        request = HTTPRequest(
            f"{self.link.address}enter",
            headers={KEY_HEADER: self.link.key, **self.link.headers}, follow_redirects=False,
            connect_timeout=_LONGEST_SECONDS, request_timeout=_LONGEST_SECONDS,
        )  # fmt: skip
        client = SimpleAsyncHTTPClient(force_instance=True)
        try:
            reply = await client.fetch(request, raise_error=False)
        except (OSError, HTTPClientError) as error:
            raise ConnectionError(_why(error)) from None
        finally:
            client.close()
        entry = _entry_in(reply)
        if entry is None:
            raise RefusedError(
                f"what answers there is not a page of a session (status {reply.code}). Is it the whole address, as "
                "session.serve() gave it? Behind a Jupyter server there is its login in front of the page: add "
                "'&token=' and a token of that server to the link"
            )
        if "error" in entry:
            raise RefusedError(entry["error"])
        if self.part not in entry["parts"]:
            raise RefusedError(
                f"this link is of {entry['name']!r}, a {entry['role']}, who labels nothing; expected the link of an "
                "annotator or an expert. Open this one in a browser"
            )
        return entry

    async def _listen(self) -> None:
        """Take what comes until the connection is gone."""
        socket = self._socket
        if socket is None:
            return
        self._heard_at = time.monotonic()
        beats = asyncio.ensure_future(self._beat(socket))
        try:
            while (data := await socket.read_message()) is not None:
                self._heard_at = time.monotonic()
                if data:
                    self._receive(data)
        finally:
            beats.cancel()
            self._socket = None
            socket.close()

    async def _beat(self, socket: WebSocketClientConnection) -> None:
        """Say that the connection stands, and whether somebody looks at the page: only then questions stay there."""
        while True:
            await asyncio.sleep(_BEAT_SECONDS)
            if time.monotonic() - self._heard_at > _SILENT_SECONDS:
                socket.close()
                return
            self._write("" if self._page_lives else packed({"part": self.part, "message": {"kind": "there"}}))
            self._page_lives = False
            self._hear({"kind": "beat"}, [])

    def _receive(self, data: str | bytes) -> None:
        try:
            content, buffers = unpacked(data)
            ours = content.get("part") == self.part
        except (ValueError, AttributeError) as error:
            _LOG.warning("A message of %s could not be read: %s", self.link.address, type(error).__name__)
            return
        with self._changed:
            if ours and "state" in content:
                self._take_state(content["state"])
            elif ours and "message" in content:
                self._take_message(content["message"], buffers)

    def _take_state(self, state: dict[str, Any]) -> None:
        is_back, before = not self._has_state, (self.state, self.problem)
        # Over a new connection it is the whole state.
        self.state, self.problem = state if is_back else self.state | state, ""
        try:
            self._take()
        except Exception:
            # Of a page of another version, perhaps: what is shown stays as it was.
            self.state, self.problem = before
            raise
        self._has_state = True
        if is_back:
            if self._first.done():
                self._hear({"kind": "again"}, [])
            else:
                self._first.set_result(None)
            self._deliver()

    def _take_message(self, message: dict[str, Any], buffers: list[bytes]) -> None:
        if message.get("kind") in ("ack", "refused"):
            self._outbox.settle(message)
            self._changed.notify_all()
        self._hear(message, buffers)

    def _deliver(self) -> None:
        """Send what is due, if there is somebody to send it to."""
        with self._changed:
            if self._has_state and self._socket is not None:
                for data in self._outbox.take_due():
                    self._write(data)

    def _write(self, data: str | bytes) -> None:
        if self._socket is None:
            return
        with contextlib.suppress(WebSocketClosedError):
            sent = self._socket.write_message(data, binary=isinstance(data, bytes))
            sent.add_done_callback(lambda done: done.cancelled() or done.exception())

    def _lose(self, error: Exception) -> None:
        """Note that there is no connection, and why."""
        with self._changed:
            self.problem = str(error)
            self._outbox.send_again()
            self._take()
        if not self._first.done():
            self._ended.set()
            self._woken.set()
            self._first.set_exception(error)


def _entry_in(reply: HTTPResponse) -> dict[str, Any] | None:
    """Return the person and the ticket that a page gives, or the reason why none; None where it is not a page."""
    try:
        found = json.loads(reply.body)
        if reply.code in _DENIALS:
            return {"error": sanitize(str(found["error"]))}
        return {
            "name": sanitize(str(found["name"])),
            "role": sanitize(str(found["role"])),
            "parts": [str(part["name"]) for part in found["parts"]],
            "ticket": str(found["ticket"]),
            "most_bytes": int(found["most_bytes"]),
        }
    except (ValueError, TypeError, KeyError):
        return None


def _why(error: Exception) -> str:
    """Return the reason why nobody was reached, in words."""
    if isinstance(error, HTTPClientError):
        return "it does not answer" if error.code == _NO_ANSWER else f"it answers with status {error.code}"
    return getattr(error, "strerror", None) or "the connection was closed"
