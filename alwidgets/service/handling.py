"""Requests: with headers that allow a page nothing but its own files, and errors in words."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from tornado.web import HTTPError, RequestHandler, stream_request_body

from alwidgets.service.denied import DeniedError
from alwidgets.service.metrics import UNKNOWN
from alwidgets.service.policy import policy

if TYPE_CHECKING:
    from alwidgets.service.listening import ThreadedServer

_LOG = logging.getLogger(__name__)
_METHODS = ("GET", "POST")


@stream_request_body
class Handler(RequestHandler):
    """A request: with headers that allow a page nothing but its own files."""

    #: Bytes that a body may have.
    MOST_BYTES: ClassVar[int] = 16 * 1024

    def initialize(self, server: ThreadedServer) -> None:
        """Take the server."""
        self.server: Any = server
        self._chunks: list[bytes] = []
        self._n_bytes = 0
        #: Why it is not answered, once its body has come.
        self.refusal: DeniedError | None = None

    @property
    def path_name(self) -> str:
        """Path in a log: addresses have keys in them, which belong into none."""
        return str(self.request.path)

    @property
    def body(self) -> bytes:
        """Bytes that came with it."""
        return b"".join(self._chunks)

    def take_body(self) -> bytes:
        """Return the bytes that came with it, and keep none of them."""
        body, self._chunks = self.body, []
        return body

    @property
    def most_bytes(self) -> int:
        """Bytes that its body may have."""
        return self.MOST_BYTES

    @property
    def content_policy(self) -> str:
        """Content-Security-Policy of the reply."""
        return policy()

    @property
    def own_headers(self) -> dict[str, str]:
        """Headers of every reply."""
        return {
            "Content-Security-Policy": self.content_policy,
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
            "Cache-Control": "no-store",
        }

    def set_default_headers(self) -> None:
        """Set the headers of every reply."""
        for name, value in self.own_headers.items():
            self.set_header(name, value)
        self.clear_header("Server")

    def prepare(self) -> None:
        """Refuse what comes from pages of others, and what is too long."""
        self.server.begin(self)
        if not is_own(self):
            self.refuse(DeniedError(403, "Requests from other pages are not answered."))
            return
        length = self.request.headers.get("Content-Length", "0")
        if length.isdecimal() and int(length) > self.most_bytes:
            self._refuse_size()

    def data_received(self, chunk: bytes) -> None:
        """Keep what comes of the body, as far as it may be that long."""
        self._n_bytes += len(chunk)
        if self._finished or self.refusal is not None:
            return
        if self._n_bytes > self.most_bytes:
            self._refuse_size()
        else:
            self._chunks.append(chunk)

    def on_finish(self) -> None:
        """Note that it is answered."""
        self.server.end(self)

    def on_connection_close(self) -> None:
        """Note that nobody waits for the answer, or that its body will not come."""
        super().on_connection_close()
        self.server.end(self)

    def deny(self, error: DeniedError) -> None:
        """Answer with a status, and why."""
        self.set_status(error.status, self.reason(error))
        for name, value in error.headers.items():
            self.set_header(name, value)
        self.finish({"status": error.status, "error": str(error)})

    def reason(self, error: DeniedError) -> str | None:  # noqa: ARG002 - for those that say it
        """Return the words beside the status; None for the usual ones."""
        return None

    def refuse(self, error: DeniedError) -> None:
        """Answer with a status at once: the rest of the request is not read, so that the connection ends with it."""
        self.set_header("Connection", "close")
        self.deny(error)

    def _refuse_size(self) -> None:
        self._chunks.clear()
        self.refuse(DeniedError(413, f"A body may have {self.most_bytes:,} bytes here; this one has more."))

    def log_exception(self, *about: Any) -> None:
        """Log what went wrong, without the address; what somebody sent that cannot be is told to them alone."""
        if not isinstance(about[1], HTTPError):
            _LOG.error("A request failed: %s", type(about[1]).__name__, exc_info=about[1])

    def write_error(self, status_code: int, **_details: Any) -> None:
        """Answer with a status, and a sentence, after an error that nobody expected."""
        if status_code == 405:  # noqa: PLR2004 - a method that is not there
            own = [name for name in _METHODS if self.answers(name)]
            self.set_header("Allow", ", ".join(own))
            why = f"There is nothing to do here by {self.request.method}; expected {' or '.join(own)}."
        else:
            why = f"This cannot be answered ({status_code})."
        self.finish({"status": status_code, "error": why})

    def answers(self, method: str) -> bool:
        """Return whether there is an answer to a method."""
        return getattr(type(self), method.lower()) is not getattr(RequestHandler, method.lower())


class NothingThere(Handler):
    """A request for what is not there."""

    path_name = UNKNOWN

    def prepare(self) -> None:
        """Read what comes: the connection goes on behind it."""
        self.server.begin(self)

    def data_received(self, chunk: bytes) -> None:
        """Keep nothing of it."""

    def get(self) -> None:
        """Answer that there is nothing."""
        self.deny(DeniedError(404, "There is nothing at this address."))

    head = post = put = delete = patch = options = get


def is_own(handler: RequestHandler) -> bool:
    """Return whether a request comes from a page of this server, or from no page."""
    headers = handler.request.headers
    origin = headers.get("Origin")
    # A proxy may name itself: no page of others can set these.
    names = {headers.get("Host", "").lower(), headers.get("X-Forwarded-Host", "").split(",")[0].strip().lower()} - {""}
    return origin is None or urlsplit(origin).netloc.lower() in names
