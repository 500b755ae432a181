"""A server over HTTP on a thread of its own: it answers while the main thread is busy in a cell."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import threading
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from tornado.web import Application, RequestHandler

from alwidgets.service.connections import BoundedServer
from alwidgets.service.handling import NothingThere
from alwidgets.service.logs import log_request

# What is being answered when a server stops has as long as this to be answered.
_GRACE_SECONDS = 10.0
# Of an address that this machine has not, and of a name that leads to none.
_NO_ADDRESS = (errno.EADDRNOTAVAIL, socket.EAI_NONAME, socket.EAI_AGAIN, socket.EAI_FAMILY)

#: Path, handler and its arguments, as Tornado takes them; each handler gets the server as well.
Route = tuple[str, type[RequestHandler], dict[str, Any]]


def unheard(host: str, port: int, error: Exception) -> str:
    """Return why a server cannot listen somewhere, and what to do about it, in a sentence without its full stop."""
    why = getattr(error, "strerror", None) or error
    if getattr(error, "errno", None) in _NO_ADDRESS:
        expected = "expected an address of this machine, as 127.0.0.1, or 0.0.0.0 for all that it has"
    else:
        expected = "pass another port, or 0"
    return f"cannot listen on {host}, port {port} ({why}); {expected}"


class ThreadedServer:
    """A running server.

    Parameters
    ----------
    host : str
        Where it listens.
    port : int
        0 for a free one.
    routes : sequence of (str, RequestHandler, dict)
        What it answers.
    cut : callable, optional
        Called with the status by which a request was answered before all of it was there.

    Raises
    ------
    OSError
        If it cannot listen there.
    """

    #: What else the application is told.
    settings: ClassVar[dict[str, Any]] = {}

    def __init__(
        self, host: str, port: int, routes: Sequence[Route], cut: Callable[[int], None] = lambda _: None
    ) -> None:
        self.routes = list(routes)
        self._cut = cut
        self._requests: set[RequestHandler] = set()
        self._http: BoundedServer | None = None
        self._socket = self.listening(host, port)
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

    @staticmethod
    def listening(host: str, port: int) -> socket.socket:
        """Return a socket that listens somewhere; OSError if it cannot."""
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)

    @property
    def running(self) -> bool:
        """True while it takes connections."""
        return not self._over

    @property
    def stopping(self) -> bool:
        """True once it is to stop."""
        return self._stopped is None or self._stopped.is_set()

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

    def begin(self, request: RequestHandler) -> None:
        """Know of a request that is being answered; on the server's thread."""
        self._requests.add(request)

    def end(self, request: RequestHandler) -> None:
        """Know that it is answered, or that nobody waits for that any more."""
        self._requests.discard(request)
        self._one_less.set()
        if self._http is not None:
            self._http.answered(request.request.connection, known=getattr(request, "person", None) is not None)

    async def work(self) -> None:
        """Do what is to be done as long as it serves; canceled when it stops."""

    def leave(self) -> None:
        """End what is open besides requests, once it is to stop."""

    def ended(self) -> None:
        """Let others know that it serves no more."""

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
            self.ended()

    async def _run(self) -> None:
        self._stopped, self._one_less = asyncio.Event(), asyncio.Event()
        self._http = http = BoundedServer(self._application(), cut=self._cut)
        http.add_socket(self._socket)
        self._ready.set()
        work = asyncio.create_task(self.work())
        await self._stopped.wait()
        work.cancel()
        http.stop()
        self.leave()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._answered(), _GRACE_SECONDS)
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(http.close_all_connections(), 2)
        # A connection that was closed is told so in the next turns of the loop.
        rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        _, pending = await asyncio.wait(rest, timeout=1) if rest else ((), ())
        for task in pending:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    async def _answered(self) -> None:
        """Wait until all requests are answered that came before it was to stop."""
        while self._requests:
            self._one_less.clear()
            await self._one_less.wait()

    def _application(self) -> Application:
        return Application(
            [(path, handler, {"server": self, **given}) for path, handler, given in self.routes],
            default_handler_class=NothingThere,
            default_handler_args={"server": self},
            log_function=log_request,
            compress_response=True,
            **self.settings,
        )
