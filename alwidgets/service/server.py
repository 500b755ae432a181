"""A site over HTTP and WebSocket, on a thread of its own: it answers while the main thread is busy in a cell."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Sequence
from typing import Any, ClassVar

from tornado.web import stream_request_body
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from alwidgets.service.api import Api
from alwidgets.service.conversation import Conversation
from alwidgets.service.denied import DeniedError
from alwidgets.service.handling import Handler, is_own
from alwidgets.service.limits import Allowance
from alwidgets.service.listening import Route, ThreadedServer
from alwidgets.service.people import Person
from alwidgets.service.site import A_SECOND, BURST, MOST_BYTES, Asset, Site, assets, plotly
from alwidgets.service.wire import KEY_HEADER, PROTOCOL, packed

_LOG = logging.getLogger(__name__)
# A page says something each so many seconds (see `talk.js`), and one that nobody looks at each minute.
_BEAT_SECONDS = 10
_SILENT_SECONDS = 90
# What a browser says when a page is closed; a connection that is lost says nothing.
_LEFT = (1000, 1001)
_SLOWED = f"More than {A_SECOND} messages a second came from this page; the rest is taken more slowly."


class PageServer(ThreadedServer):
    """A running server of a page.

    Parameters
    ----------
    site : Site
        What it serves.
    host : str
        Where it listens.
    port : int
        0 for a free one.
    api : Api, optional
        What it answers besides.
    routes : sequence of (str, RequestHandler, dict)
        The same, in Tornado's terms.

    Raises
    ------
    OSError
        If it cannot listen there.
    """

    settings: ClassVar[dict[str, Any]] = {"websocket_max_message_size": MOST_BYTES}

    def __init__(
        self,
        site: Site,
        host: str,
        port: int,
        api: Api | None = None,
        routes: Sequence[Route] = (),
    ) -> None:
        self.site, self.api = site, api
        self.talks: set[_Talk] = set()
        own: list[Route] = [
            (r"/", _Page, {}),
            (r"/enter", _Enter, {}),
            (r"/talk", _Talk, {}),
            (r"/plotly\.js", _Plotly, {}),
            (r"/([\w]+\.(?:js|css))", _Asset, {}),
        ]
        every = [*own, *(() if api is None else api.routes), *routes]
        super().__init__(host, port, every, *(() if api is None else (api.requests.cut,)))

    def leave(self) -> None:
        """End the pages that are open."""
        if self.api is not None:
            self.api.service.stopping = True
        for talk in tuple(self.talks):
            talk.end("closed")
            talk.on_close()

    def ended(self) -> None:
        """Tell those who follow who has a page open."""
        if self.api is not None:
            self.api.close()
        self.site.tell()

    def make_room(self, key: str) -> None:
        """End connections of somebody that are silent: each one that was lost leaves one behind for a while."""
        person = self.site.keys.person(key)
        for talk in tuple(self.talks):
            if talk.person == person and talk.silent_for > 2 * _BEAT_SECONDS:
                talk.end("silent")
                talk.on_close()

    async def work(self) -> None:
        """Let pages know that the connection stands, and end those of which nothing was heard."""
        while True:
            await asyncio.sleep(_BEAT_SECONDS)
            for talk in tuple(self.talks):
                talk.beat()


class _Page(Handler):
    """The page itself, which is the same for everybody: it has nothing of the session in it."""

    def get(self) -> None:
        key = self.get_query_argument("key", "")
        if key and self.server.site.keys.person(key) is None:
            self.set_status(403)
        asset = assets()["page.html"]
        self.set_header("Content-Type", asset.kind)
        self.finish(asset.content)


class _Asset(Handler):
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


class _Enter(Handler):
    """The entry: the person of a key, and a ticket."""

    def get(self) -> None:
        key = self.request.headers.get(KEY_HEADER, "")
        try:
            if self.server.site.is_full(key):
                self.server.make_room(key)
            self.finish(self.server.site.enter(key))
        except DeniedError as error:
            self.deny(error)


@stream_request_body
class _Talk(WebSocketHandler):
    """An open page."""

    path_name = "/talk"

    def initialize(self, server: PageServer) -> None:
        self.server = server
        self._conversation: Conversation | None = None
        self._heard_at = time.monotonic()
        self._busy = False
        self._allowance = Allowance(BURST, A_SECOND)
        self._ends = False

    def set_default_headers(self) -> None:
        self.clear_header("Server")

    def prepare(self) -> None:
        try:
            self.person = self._admitted()
        except DeniedError as error:
            self.set_status(error.status)
            # The rest of the request is not read.
            self.set_header("Connection", "close")
            self.finish({"status": error.status, "error": str(error)})

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
        return is_own(self)

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        """Choose the one that is not a ticket."""
        return PROTOCOL if PROTOCOL in subprotocols else None

    def data_received(self, chunk: bytes) -> None:
        """Keep nothing of a body: a page sends none."""

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
