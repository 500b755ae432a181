"""A site over HTTP and WebSocket, on a thread of its own: it answers while the main thread is busy in a cell."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from tornado.httpserver import HTTPServer
from tornado.web import Application, RequestHandler
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from alwidgets.service.conversation import Conversation
from alwidgets.service.people import Person
from alwidgets.service.site import A_SECOND, BURST, MOST_BYTES, Asset, DeniedError, Site, assets, plotly, policy
from alwidgets.service.wire import KEY_HEADER, PROTOCOL, packed

_LOG = logging.getLogger(__name__)
# A page says something each so many seconds (see `talk.js`), and one that nobody looks at each minute.
_BEAT_SECONDS = 10
_SILENT_SECONDS = 90
# What a browser says when a page is closed; a connection that is lost says nothing.
_LEFT = (1000, 1001)
_MOST_REQUEST = 16 * 1024
_SLOWED = f"More than {A_SECOND} messages a second came from this page; the rest is taken more slowly."


class PageServer:
    """A running server.

    Parameters
    ----------
    site : Site
        What it serves.
    host : str
        Where it listens.
    port : int
        0 for a free one.
    routes : sequence
        Of others, for an application of Tornado.

    Raises
    ------
    OSError
        If it cannot listen there.
    """

    def __init__(self, site: Site, host: str, port: int, routes: Sequence[Any] = ()) -> None:
        self.site = site
        self.routes = routes
        self.talks: set[_Talk] = set()
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, port), family=family)
        self._socket.setblocking(False)  # noqa: FBT003 - it has no name
        self.port: int = self._socket.getsockname()[1]
        # The one that has `add_reader` on every system.
        self._loop = asyncio.SelectorEventLoop()
        self._stopped: asyncio.Event | None = None
        self._ready = threading.Event()
        self._over = False
        self._thread = threading.Thread(target=self._serve, name="alwidgets-server", daemon=True)
        self._thread.start()
        self._ready.wait()

    @property
    def running(self) -> bool:
        """True while it takes connections."""
        return not self._over

    def stop(self) -> None:
        """Take no more connections, and end those that are open; may be called twice, and from any thread."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._stop)

    def wait(self, timeout: float | None = None) -> None:
        """Wait until it has stopped, and its port is free."""
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout)

    def soon(self, act: Callable[[], None]) -> None:
        """Do something on the server's thread; nothing once it has stopped."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(act)

    def _stop(self) -> None:
        if self._stopped is not None:
            self._stopped.set()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._run())
        finally:
            self._over = True
            self._ready.set()
            self._socket.close()
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            asyncio.set_event_loop(None)
            self._loop.close()
            self.site.tell()

    async def _run(self) -> None:
        self._stopped = asyncio.Event()
        http = HTTPServer(
            _application(self), xheaders=False, max_body_size=_MOST_REQUEST, max_header_size=_MOST_REQUEST
        )
        http.add_socket(self._socket)
        self._ready.set()
        beats = asyncio.create_task(self._beat())
        await self._stopped.wait()
        beats.cancel()
        http.stop()
        for talk in tuple(self.talks):
            talk.end("closed")
            talk.on_close()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(http.close_all_connections(), 2)
        # A connection that was closed is told so in the next turns of the loop.
        rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        _, pending = await asyncio.wait(rest, timeout=1) if rest else ((), ())
        for task in pending:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    def make_room(self, key: str) -> None:
        """End connections of somebody that are silent: each one that was lost leaves one behind for a while."""
        person = self.site.keys.person(key)
        for talk in tuple(self.talks):
            if talk.person == person and talk.silent_for > 2 * _BEAT_SECONDS:
                talk.end("silent")
                talk.on_close()

    async def _beat(self) -> None:
        """Let pages know that the connection stands, and end those of which nothing was heard."""
        while True:
            await asyncio.sleep(_BEAT_SECONDS)
            for talk in tuple(self.talks):
                talk.beat()


def _application(server: PageServer) -> Application:
    own = {"server": server}
    return Application(
        [
            (r"/", _Page, own),
            (r"/enter", _Enter, own),
            (r"/talk", _Talk, own),
            (r"/plotly\.js", _Plotly, own),
            (r"/([\w]+\.(?:js|css))", _Asset, own),
            *server.routes,
        ],
        default_handler_class=_Missing,
        default_handler_args=own,
        # Addresses have keys in them, and belong into no log.
        log_function=lambda _handler: None,
        websocket_max_message_size=MOST_BYTES,
        compress_response=True,
    )


class _Handler(RequestHandler):
    """A request: with headers that allow a page nothing but its own files."""

    def initialize(self, server: PageServer) -> None:
        self.server = server

    def set_default_headers(self) -> None:
        for name, value in {
            "Content-Security-Policy": policy(),
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
            "Cache-Control": "no-store",
        }.items():
            self.set_header(name, value)
        self.clear_header("Server")

    def prepare(self) -> None:
        if not _is_own(self):
            self.deny(DeniedError(403, "Requests from other pages are not answered."))

    def deny(self, error: DeniedError) -> None:
        """Answer with a status, and why."""
        self.set_status(error.status)
        self.finish({"error": str(error)})

    def log_exception(self, *about: Any) -> None:
        """Log what went wrong, without the address."""
        error = about[1]
        _LOG.error("A request failed: %s", type(error).__name__, exc_info=error)

    def write_error(self, status_code: int, **_details: Any) -> None:
        self.finish({"error": f"This cannot be answered ({status_code})."})


class _Missing(_Handler):
    def prepare(self) -> None:
        self.deny(DeniedError(404, "There is nothing at this address."))


class _Page(_Handler):
    """The page itself, which is the same for everybody: it has nothing of the session in it."""

    def get(self) -> None:
        key = self.get_query_argument("key", "")
        if key and self.server.site.keys.person(key) is None:
            self.set_status(403)
        asset = assets()["page.html"]
        self.set_header("Content-Type", asset.kind)
        self.finish(asset.content)


class _Asset(_Handler):
    """Scripts and stylesheets, by names that are known: no address leads to a file."""

    def get(self, name: str) -> None:
        asset = assets().get(name)
        if asset is None:
            self.deny(DeniedError(404, "There is nothing at this address."))
            return
        self.send(asset, asset.content)

    def send(self, asset: Asset, content: bytes) -> None:
        """Send a file, unless the browser has it."""
        self.set_header("Content-Type", asset.kind)
        self.set_header("Cache-Control", "no-cache")
        self.set_header("Etag", f'"{asset.tag}"')
        if self.check_etag_header():
            self.set_status(304)
            self.finish()
        else:
            self.finish(content)


class _Plotly(_Asset):
    """plotly.js: it is large, so it is packed once, and beside the answers that wait."""

    async def get(self) -> None:  # type: ignore[override]
        asset = await asyncio.to_thread(plotly)
        if "gzip" not in self.request.headers.get("Accept-Encoding", ""):
            self.send(asset, asset.content)
            return
        content = await asyncio.to_thread(lambda: asset.packed)
        self.set_header("Content-Encoding", "gzip")
        self.set_header("Vary", "Accept-Encoding")
        self.send(asset, content)


class _Enter(_Handler):
    """The entry: the person of a key, and a ticket."""

    def get(self) -> None:
        key = self.request.headers.get(KEY_HEADER, "")
        try:
            if self.server.site.is_full(key):
                self.server.make_room(key)
            self.finish(self.server.site.enter(key))
        except DeniedError as error:
            self.deny(error)


class _Talk(WebSocketHandler):
    """An open page."""

    def initialize(self, server: PageServer) -> None:
        self.server = server
        self._conversation: Conversation | None = None
        self._heard_at = time.monotonic()
        self._busy = False
        self._allowance = _Allowance()
        self._ends = False

    def set_default_headers(self) -> None:
        self.clear_header("Server")

    def prepare(self) -> None:
        try:
            self.person = self._admitted()
        except DeniedError as error:
            self.set_status(error.status)
            self.finish({"error": str(error)})

    def _admitted(self) -> Person:
        """Return the person who comes; a ticket is used up by it."""
        if not self.check_origin(""):
            raise DeniedError(403, "Requests from other pages are not answered.")
        if self.request.headers.get("Upgrade", "").lower() != "websocket":
            raise DeniedError(400, "This address is for a WebSocket.")
        offered = [each.strip() for each in self.request.headers.get("Sec-WebSocket-Protocol", "").split(",")]
        return self.server.site.person(offered[1] if len(offered) > 1 else "")

    def check_origin(self, origin: str) -> bool:  # noqa: ARG002 - the request has it
        """Return whether it comes from a page of this server."""
        return _is_own(self)

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        """Choose the one that is not a ticket."""
        return PROTOCOL if PROTOCOL in subprotocols else None

    def open(self, *_args: str, **_kwargs: str) -> None:
        """Begin to talk."""
        self.set_nodelay(True)
        self.server.talks.add(self)
        self._conversation = self.server.site.begin(self.person, self._send, self._end)

    async def on_message(self, message: str | bytes) -> None:
        """Do what it says; the next one is read after that."""
        self._heard_at = time.monotonic()
        if self._conversation is None:
            return
        if not message:
            self._conversation.stay()
            return
        self._busy = True
        if (seconds := self._allowance.wait()) > 0:
            if self._allowance.first:
                self._write(packed({"notice": _SLOWED}))
            await asyncio.sleep(seconds)
        await asyncio.wrap_future(self._conversation.say(message))
        self._busy = False
        self._heard_at = time.monotonic()

    def on_close(self) -> None:
        """End what was begun for it."""
        self.server.talks.discard(self)
        if self._conversation is not None:
            # A connection that was lost comes back; what is before the person stays there meanwhile.
            left = self.close_code in _LEFT and not self._ends
            self.server.site.end(self._conversation, left=left)

    def beat(self) -> None:
        """Say that the connection stands, unless nothing was heard for long."""
        if self.silent_for > _SILENT_SECONDS:
            self.end("silent")
        else:
            self._write("")

    @property
    def silent_for(self) -> float:
        """Seconds since anything was heard of the page; 0 while it waits for what it said."""
        return 0.0 if self._busy else time.monotonic() - self._heard_at

    def end(self, why: str) -> None:
        """Close the connection from here."""
        self._ends = True
        self.close(_LEFT[1], why)

    def log_exception(self, *about: Any) -> None:
        """Log what went wrong, without the ticket."""
        _LOG.error("A connection failed: %s", type(about[1]).__name__, exc_info=about[1])

    def _send(self, data: str | bytes) -> None:
        self.server.soon(lambda: self._write(data))

    def _end(self) -> None:
        self.server.soon(lambda: self.end("ended"))

    def _write(self, data: str | bytes) -> None:
        with contextlib.suppress(WebSocketClosedError):
            # What could not be sent over a connection that is gone is asked for again over the next one.
            self.write_message(data, binary=isinstance(data, bytes)).add_done_callback(_forget)


def _forget(sent: asyncio.Future[None]) -> None:
    if not sent.cancelled():
        sent.exception()


def _is_own(handler: RequestHandler) -> bool:
    """Return whether a request comes from a page of this server, or from no page."""
    headers = handler.request.headers
    origin = headers.get("Origin")
    # A proxy may name itself: no page of others can set these.
    names = {headers.get("Host", "").lower(), headers.get("X-Forwarded-Host", "").split(",")[0].strip().lower()} - {""}
    return origin is None or urlsplit(origin).netloc.lower() in names


class _Allowance:
    """Allowance of messages that may come at once; the next one is to wait."""

    def __init__(self) -> None:
        self._left, self._at = float(BURST), time.monotonic()
        self._told = False
        self.first = False

    def wait(self) -> float:
        """Count a message, and return for how many seconds it is to wait."""
        now = time.monotonic()
        self._left = min(BURST, self._left + A_SECOND * (now - self._at)) - 1
        self._at = now
        waits = self._left < 0
        self.first = waits and not self._told
        self._told |= waits
        return -self._left / A_SECOND if waits else 0.0
