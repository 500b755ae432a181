"""Connections of a server: so many at once, and each has so long for what it is to send.

A connection waits while it is the turn of whoever opened it: to send a header or a body, or to read a reply. Where
there is no room for another one, one that waits is closed: of those that never showed a key, else of all, the oldest of
the address that has most of them. So whoever opens thousands and sends nothing takes the room from nobody else.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import socket
import sys
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPConnection, HTTPHeaders, HTTPMessageDelegate, RequestStartLine, ResponseStartLine
from tornado.iostream import IOStream, StreamClosedError

from alwidgets.service.denied import DeniedError
from alwidgets.service.logs import log_cut
from alwidgets.service.policy import NOTHING

if TYPE_CHECKING:
    from tornado.web import Application

_LOG = logging.getLogger(__name__)
_MOST_HEADER = 16 * 1024
# What is longer than its address takes is read to its end, up to here, so that whoever sends it gets to read why not.
_MOST_BODY = 64 * 2**20
_MOST_CONNECTIONS = 1000
# As many files may be open where a system does not tell; its `select` knows no more than 512.
_FILES = 512
_Turn: TypeAlias = Literal["first", "header", "body", "reply", "rest"]
# For a header of a new connection, for the next one, for a body, for reading a reply, and for what is sent in vain.
_SECONDS: dict[_Turn, float] = {"first": 20.0, "header": 60.0, "body": 60.0, "reply": 120.0, "rest": 10.0}
_LOOK_SECONDS = 1.0
_TELL_SECONDS = 60.0


class BoundedServer(HTTPServer):
    """A server with an end to the connections that it holds, and to the time that each may wait.

    Parameters
    ----------
    application : Application
        What it serves.
    cut : callable
        Called with the status of what is answered here: a request that is not all there, or a connection too many.
    """

    def initialize(self, application: Application, *, cut: Callable[[int], None]) -> None:  # type: ignore[override]
        """Take the application; Tornado's own limits, which close a connection without a word, are lifted."""
        super().initialize(application, xheaders=False, max_body_size=sys.maxsize, max_header_size=_MOST_HEADER)
        self.conn_params.header_timeout = None
        self._count_cut = cut
        self._most = most_connections()
        self._lines: dict[IOStream, _Line] = {}
        #: By whether a key was shown, and address; each in the order in which they began to wait.
        self._waiting: dict[tuple[bool, Any], dict[_Line, None]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._told_at = -_TELL_SECONDS

    def handle_stream(self, stream: IOStream, address: Any) -> None:
        """Take a connection; where there is no room, another one that waits makes it."""
        if len(self._lines) >= self._most and not self._make_room():
            self.tell(
                stream,
                DeniedError(
                    503,
                    "So many requests are being answered that there is no room for another connection.",
                    {"Retry-After": "1"},
                ),
            )
            stream.close()
            return
        # Without the port, of which the same machine has many.
        self._lines[stream] = line = _Line(self, stream, address[0] if isinstance(address, tuple) else address)
        self.waits(line, "first")
        super().handle_stream(stream, address)

    def start_request(self, server_conn: Any, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        """Take what comes of the next request of a connection."""
        delegate = super().start_request(server_conn, request_conn)
        line = self._lines.get(server_conn.stream)
        return delegate if line is None else line.begin(delegate)

    def on_close(self, server_conn: Any) -> None:
        """Forget a connection that is closed, or was made a WebSocket."""
        super().on_close(server_conn)
        self._forget(server_conn.stream)

    def answered(self, connection: Any, *, known: bool) -> None:
        """Note that a request is answered, and whether by then it was known whose it is."""
        line = self._lines.get(connection.stream)
        if line is not None and line.turn is None:
            line.known |= known
            self.waits(line, "reply")

    def waits(self, line: _Line, turn: _Turn) -> None:
        """Have a connection wait from now on."""
        self.works(line)
        line.turn, line.until, line.group = turn, time.monotonic() + _SECONDS[turn], (line.known, line.address)
        self._waiting.setdefault(line.group, {})[line] = None
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_LOOK_SECONDS, self._look)

    def works(self, line: _Line) -> None:
        """Have it wait no more: it is this server's turn."""
        if line.turn is not None:
            group = self._waiting[line.group]
            del group[line]
            if not group:
                del self._waiting[line.group]
            line.turn = None

    def tell(self, stream: IOStream, error: DeniedError) -> None:
        """Answer over a connection on which nothing else will be."""
        log_cut(error.status)
        self._count_cut(error.status)
        _tell(stream, error)

    def _forget(self, stream: IOStream) -> None:
        line = self._lines.pop(stream, None)
        if line is not None:
            self.works(line)

    def _make_room(self) -> bool:
        """Close a connection that waits; False where none does."""
        if not self._waiting:
            return False
        if time.monotonic() - self._told_at >= _TELL_SECONDS:
            self._told_at = time.monotonic()
            _LOG.warning("There are %s connections; those that have sent nothing for longest are closed.", self._most)
        group = max(self._waiting, key=lambda group: (not group[0], len(self._waiting[group])))
        line = next(iter(self._waiting[group]))
        if line.is_amid:
            self.tell(
                line.stream, DeniedError(408, "This request had not come by the time that others needed its room.")
            )
        self._forget(line.stream)
        line.stream.close()
        return True

    def _look(self) -> None:
        """End the connections that have waited for too long."""
        now = time.monotonic()
        for line in [line for group in self._waiting.values() for line in group if line.until <= now]:
            line.end()
        again = bool(self._waiting)
        self._timer = asyncio.get_running_loop().call_later(_LOOK_SECONDS, self._look) if again else None


class _Line(HTTPMessageDelegate):
    """A connection, and what comes of its request.

    Parameters
    ----------
    server : BoundedServer
        Whose.
    stream : IOStream
        Its bytes.
    address : object
        Where it comes from.
    """

    def __init__(self, server: BoundedServer, stream: IOStream, address: Any) -> None:
        self.stream, self.address = stream, address
        #: Whether a request over it showed a key.
        self.known = False
        #: What it waits for; None while it does not.
        self.turn: _Turn | None = None
        self.until = 0.0
        self.group: tuple[bool, Any] = (False, address)
        self._server = server
        self._next: HTTPMessageDelegate | None = None
        self._n_bytes, self._is_cut, self._is_first = 0, False, True

    @property
    def is_amid(self) -> bool:
        """True in the midst of a request; a connection that was only opened, or is kept open, is not in one."""
        # There is no public word for what has come of a header.
        return self.turn == "body" or (
            self.turn in ("first", "header") and getattr(self.stream, "_read_buffer_size", 0) > 0
        )

    def begin(self, delegate: HTTPMessageDelegate) -> _Line:
        """Take the next request."""
        self._next, self._n_bytes = delegate, 0
        if not self._is_first:
            self._server.waits(self, "header")
        self._is_first = False
        return self

    def end(self) -> None:
        """End it, since it has waited for too long; who is in the midst of a request is told why."""
        turn = self.turn
        if self.is_amid:
            what = "body" if turn == "body" else "header"
            self._cut(DeniedError(408, f"The {what} did not come within {_SECONDS[turn or 'header']:g} seconds."))
        else:
            self.stream.close()

    # What Tornado says of a request

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> Awaitable[None] | None:
        """Take a header."""
        length = headers.get("Content-Length", "")
        if length.isdecimal() and (len(length) > len(str(sys.maxsize)) or int(length) > _MOST_BODY):
            # Who waits to be told to go on is not; and Tornado, which reads what comes all the same, has no word on it.
            headers.pop("Expect", None)
            headers["Content-Length"] = str(sys.maxsize)
            self._cut(_too_long())
        if self._next is None:
            return None
        if length or "Transfer-Encoding" in headers:
            self.turn, self.until = "body", time.monotonic() + _SECONDS["body"]
        return self._next.headers_received(start_line, headers)

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        """Take a part of a body."""
        self._n_bytes += len(chunk)
        if self._n_bytes > _MOST_BODY and not self._is_cut:
            self._cut(_too_long())
        return None if self._is_cut or self._next is None else self._next.data_received(chunk)

    def finish(self) -> None:
        """Take the end of a request; what was cut is not answered a second time."""
        if not self._is_cut and self._next is not None:
            self._server.works(self)
            self._next.finish()

    def on_connection_close(self) -> None:
        """Note that the rest of a request will not come."""
        if self._next is not None:
            self._next.on_connection_close()

    def _cut(self, error: DeniedError) -> None:
        """Answer a request that is not there, and take what comes of it for a while: else the answer may be lost."""
        if self.turn != "body":
            self._next = None
        self._is_cut = True
        self._server.tell(self.stream, error)
        self._server.waits(self, "rest")


def most_connections() -> int:
    """Return the number of connections that a server may hold: half of the files that this process may open at most."""
    try:
        import resource
    except ImportError:
        n_files = _FILES
    else:
        n_files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        n_files = n_files if n_files > 0 else 2 * _MOST_CONNECTIONS
    return max(1, min(_MOST_CONNECTIONS, n_files // 2))


def _too_long() -> DeniedError:
    return DeniedError(413, f"A body may have {_MOST_BODY:,} bytes anywhere; this one has more.")


def _tell(stream: IOStream, error: DeniedError) -> None:
    content = json.dumps({"status": error.status, "error": str(error)}).encode()
    head = {
        "Content-Type": "application/json; charset=UTF-8", "Content-Length": str(len(content)), "Connection": "close",
        "Cache-Control": "no-store", "Content-Security-Policy": NOTHING, "X-Content-Type-Options": "nosniff",
        **error.headers,
    }  # fmt: skip
    lines = [f"HTTP/1.1 {error.status} {HTTPStatus(error.status).phrase}", *(f"{name}: {head[name]}" for name in head)]
    with contextlib.suppress(StreamClosedError):
        sent = stream.write("\r\n".join([*lines, "", ""]).encode() + content)
        sent.add_done_callback(lambda _sent: _end_writing(stream))


def _end_writing(stream: IOStream) -> None:
    """Let the other side know that nothing more comes."""
    with contextlib.suppress(OSError):
        if stream.socket is not None:
            stream.socket.shutdown(socket.SHUT_WR)
