"""ML backend of Label Studio: a session's model gives an existing project pre-labels, and is trained from there.

Label Studio hands the token of the project's owner to whatever says it is a backend. Here nobody reads that: of a
request the labeling config, the tasks and the action are taken, and all else is dropped. No answer is taken from it
either, which anybody could have sent: it is a hint that there are answers to fetch.

Requests to some of these addresses carry no password, so the address itself has a key in it, as a link of the page has.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from alwidgets.bridges import hints
from alwidgets.service import keys
from alwidgets.service.denied import DeniedError
from alwidgets.service.handling import Handler
from alwidgets.service.policy import NOTHING
from alwidgets.service.pre_labels import check_config, model_version, pre_labels
from alwidgets.session import Session
from alwidgets.utils.errors import format_error
from alwidgets.utils.text import sanitize

if TYPE_CHECKING:
    from alwidgets.service.listening import Route, ThreadedServer

_LOG = logging.getLogger(__name__)
# Label Studio gives up after 100; a fit goes on.
_TRAINING_SECONDS = 60.0
_MOST_LETTERS = 300


def routes(session: Session) -> list[Route]:
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


class _Backend(Handler):
    """One request of Label Studio."""

    #: A batch of tasks, of which each may hold an image; of the rest of a request nothing is kept.
    MOST_BYTES = 64 * 1024 * 1024
    #: In a log: the address has a key in it.
    path_name = "/ml"

    def initialize(self, server: ThreadedServer, session: Session, key: str) -> None:  # type: ignore[override]
        super().initialize(server)
        self._session, self._key = session, key

    @property
    def content_policy(self) -> str:
        """Content-Security-Policy of what is not a page."""
        return NOTHING

    def prepare(self) -> None:
        """Let in who has the address, and no page."""
        super().prepare()
        if self._finished:
            return
        if not hmac.compare_digest(self.path_args[0], self._key):
            self.refuse(DeniedError(404, "There is nothing at this address."))
        elif "Origin" in self.request.headers:
            self.refuse(DeniedError(403, "Requests from pages are not answered."))
        elif self._session.closed:
            self.refuse(DeniedError(503, "The session is closed."))

    def get(self, _key: str, what: str) -> None:
        """Say that it is there, or which models there are."""
        version = model_version(self._session)
        if what == "health":
            self.finish({"status": "UP", "model_class": "alwidgets", "model_version": version})
        elif what == "versions":
            self.finish({"versions": [version]})
        else:
            self.deny(DeniedError(405, "This address is for POST.", {"Allow": "POST"}))

    async def post(self, _key: str, what: str) -> None:
        """Do what Label Studio wants."""
        try:
            if what == "setup":
                check_config(self._session, self._taken("schema")["schema"])
                self.finish({"model_version": model_version(self._session)})
            elif what == "predict":
                taken = self._taken("tasks", "label_config")
                act = partial(pre_labels, self._session, taken["tasks"], taken["label_config"])
                found = await asyncio.get_running_loop().run_in_executor(self.server.api.heavy, act)
                self.finish({"results": found})
            elif what == "webhook":
                await self._hear(str(self._taken("action")["action"]))
            else:
                self.deny(DeniedError(405, "This address is for GET.", {"Allow": "GET"}))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            self.deny(DeniedError(400, str(error)))

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
        fit = asyncio.wrap_future(self.server.api.service.retraining())
        done, _ = await asyncio.wait([fit], timeout=_TRAINING_SECONDS)
        if not done:
            fit.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
            self.set_status(202)
            self.finish({"status": "training"})
        elif (error := fit.exception()) is not None:
            self.deny(DeniedError(409, format_error(error, "Training")))
        else:
            self.finish({"status": "trained", "model_version": model_version(self._session)})

    def _taken(self, *names: str) -> dict[str, Any]:
        """Return some fields of the request; all else in it is dropped, the token of its owner with it.

        Raises
        ------
        ValueError
            If one is missing, or it is not JSON; the message has nothing of it.
        """
        body = self.take_body()
        try:
            found = json.loads(body)
        except ValueError:
            found = None
        if not isinstance(found, dict) or not found.keys() >= set(names):
            # Neither the request nor the error of its parser, which has it, is to be in a traceback.
            del body, found
            raise ValueError(f"the request is not understood; expected a JSON object with {', '.join(names)}.")
        return {name: found[name] for name in names}

    def reason(self, error: DeniedError) -> str:
        """Say why beside the status: Label Studio shows that."""
        return sanitize(str(error)).encode("ascii", "replace").decode().replace("\n", " ")[:_MOST_LETTERS]

    def log_exception(self, *about: Any) -> None:
        """Log what went wrong, without the address and what was sent."""
        _LOG.error("A request of Label Studio failed: %s", type(about[1]).__name__)
