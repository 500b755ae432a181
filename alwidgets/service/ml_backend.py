"""ML backend of Label Studio: a session's model gives an existing project pre-labels, and is trained from there.

Label Studio hands the token of the project's owner to whatever says it is a backend. Here nobody reads that: of a
request the labeling config, the tasks and the action are taken, and all else is dropped. No answer is taken from it
either, which anybody could have sent: it is a hint that there are answers to fetch.

Requests to some of these addresses carry no password, so the address itself has a key in it, as a link of the page has.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import logging
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from tornado.web import RequestHandler, stream_request_body

from alwidgets.bridges import hints
from alwidgets.service import keys
from alwidgets.service.pre_labels import check_config, model_version, pre_labels
from alwidgets.session import Session
from alwidgets.utils.errors import format_error
from alwidgets.utils.text import sanitize

_LOG = logging.getLogger(__name__)
_Value = TypeVar("_Value")
# A batch of tasks, of which each may hold an image; of the rest of a request nothing is kept.
_MOST_BYTES = 64 * 1024 * 1024
# Label Studio gives up after 100; a fit goes on.
_TRAINING_SECONDS = 60.0
_MOST_LETTERS = 300


def routes(session: Session) -> list[tuple[str, type[RequestHandler], dict[str, Any]]]:
    """Return the routes of a session's ML backend, for an application of Tornado; `path` is where they lie.

    Parameters
    ----------
    session : Session
        Whose model.
    """
    own = {"session": session, "key": _key(session)}
    return [(r"/ml/([\w-]{43})/(health|setup|predict|webhook|versions)", _Backend, own)]


def path(session: Session) -> str:
    """Return the path that Label Studio is to be given, with a key in it: whoever has it can ask the model.

    Of a session with a journal it is the same after a restart, as the links of the page are.
    """
    return f"/ml/{_key(session)}"


def _key(session: Session) -> str:
    return keys.address_key(session.session_id, "ml_backend", kept=session.journal is not None)


@stream_request_body
class _Backend(RequestHandler):
    """One request of Label Studio."""

    #: In a log: the address has a key in it.
    path_name = "/ml"

    def initialize(self, session: Session, key: str, **_of_the_server: Any) -> None:
        self._session, self._key = session, key
        self._parts: list[bytes] = []

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Content-Type-Options", "nosniff")

    def prepare(self) -> None:
        if not hmac.compare_digest(self.path_args[0], self._key):
            self._deny(404, "There is nothing at this address.")
        elif "Origin" in self.request.headers:
            self._deny(403, "Requests from pages are not answered.")
        elif self._session.closed:
            self._deny(503, "The session is closed.")
        else:
            connection: Any = self.request.connection
            connection.set_max_body_size(_MOST_BYTES)

    def data_received(self, chunk: bytes) -> None:
        self._parts.append(chunk)

    def get(self, _key: str, what: str) -> None:
        """Say that it is there, or which models there are."""
        version = model_version(self._session)
        if what == "health":
            self.finish({"status": "UP", "model_class": "alwidgets", "model_version": version})
        elif what == "versions":
            self.finish({"versions": [version]})
        else:
            self._deny(405, "This address is for POST.")

    async def post(self, _key: str, what: str) -> None:
        """Do what Label Studio wants."""
        try:
            if what == "setup":
                check_config(self._session, self._taken("schema")["schema"])
                self.finish({"model_version": model_version(self._session)})
            elif what == "predict":
                taken = self._taken("tasks", "label_config")
                found = await _beside(lambda: pre_labels(self._session, taken["tasks"], taken["label_config"]))
                self.finish({"results": found})
            elif what == "webhook":
                await self._hear(str(self._taken("action")["action"]))
            else:
                self._deny(405, "This address is for GET.")
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            self._deny(400, str(error))

    async def _hear(self, action: str) -> None:
        """Take a webhook for no more than a hint."""
        if action == "START_TRAINING":
            hints.give(self._session.session_id)
            await self._train()
        else:
            # What this session brings there is no news.
            n = hints.give(self._session.session_id) if "ANNOTATION" in action else 0
            self.finish({"status": "noted", "n_waiting": n})

    async def _train(self) -> None:
        fit = asyncio.ensure_future(_beside(self._session.retrain))
        done, _ = await asyncio.wait([fit], timeout=_TRAINING_SECONDS)
        if not done:
            fit.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
            self.set_status(202)
            self.finish({"status": "training"})
        elif (error := fit.exception()) is not None:
            self._deny(409, format_error(error, "Training"))
        else:
            self.finish({"status": "trained", "model_version": model_version(self._session)})

    def _taken(self, *names: str) -> dict[str, Any]:
        """Return some fields of the request; all else in it is dropped, the token of its owner with it.

        Raises
        ------
        ValueError
            If one is missing, or it is not JSON; the message has nothing of it.
        """
        body, self._parts = b"".join(self._parts), []
        try:
            found = json.loads(body)
        except ValueError:
            found = None
        if not isinstance(found, dict) or not found.keys() >= set(names):
            # Neither the request nor the error of its parser, which has it, is to be in a traceback.
            del body, found
            raise ValueError(f"the request is not understood; expected a JSON object with {', '.join(names)}.")
        return {name: found[name] for name in names}

    def _deny(self, status: int, why: str) -> None:
        """Answer with a status and why: Label Studio shows what stands beside the status."""
        short = sanitize(why).encode("ascii", "replace").decode().replace("\n", " ")[:_MOST_LETTERS]
        self.set_status(status, short)
        self.finish({"error": why})

    def log_exception(self, *about: Any) -> None:
        """Log what went wrong, without the address and what was sent."""
        _LOG.error("A request of Label Studio failed: %s", type(about[1]).__name__)

    def write_error(self, status_code: int, **_details: Any) -> None:
        self.finish({"error": f"This cannot be answered ({status_code})."})


async def _beside(call: Callable[[], _Value]) -> _Value:
    """Run a function on a thread of its own, which nobody waits for at the end, and return its value."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[_Value] = loop.create_future()

    def end(value: Any, error: BaseException | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(value)
        else:
            future.set_exception(error)

    def work() -> None:
        value, failed = None, None
        try:
            value = call()
        except Exception as error:  # noqa: BLE001 - of a learner of the user's
            failed = error
        with contextlib.suppress(RuntimeError):
            # The server may have ended meanwhile.
            loop.call_soon_threadsafe(end, value, failed)

    threading.Thread(target=work, name="alwidgets-ml-backend", daemon=True).start()
    return await future
