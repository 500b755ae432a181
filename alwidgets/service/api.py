"""An API over HTTP: who calls, how often, with what; what is done is of the operations."""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Protocol

from tornado.iostream import StreamClosedError
from tornado.web import HTTPError

from alwidgets.service.common_api import POOLS, Common
from alwidgets.service.denied import DeniedError
from alwidgets.service.handling import Handler
from alwidgets.service.limits import Allowance
from alwidgets.service.listening import Route, ThreadedServer
from alwidgets.service.metrics import Requests
from alwidgets.service.operations import JSON, Call, Operation, Reply
from alwidgets.service.people import Person
from alwidgets.service.policy import NOTHING
from alwidgets.service.schemas import SchemaError
from alwidgets.utils.errors import format_error
from alwidgets.utils.text import sanitize, short_repr

#: Requests that somebody may send at once, and a second from then on.
BURST, A_SECOND = 400, 100
#: The same of what computes, of which a few run and some wait.
HEAVY_BURST, HEAVY_A_SECOND = 10_000, 5_000
_MOST_HEAVY = 64
_THREADS, _HEAVY_THREADS = 16, 2
# What computes on few bytes, and was that quick once in the last times, holds up nobody: on a machine that is busy any
# call may take long, and none is quick that waits for something else.
_FEW_BYTES, _QUICK_SECONDS, _LAST_TIMES = 4096, 0.002, 8


class KeyHolders(Protocol):
    """Holder of keys, who knows whose each is."""

    def person(self, key: str) -> Person | None:
        """Return the person of a key, None for nobody's."""


class Api:
    """Some operations on a service.

    Parameters
    ----------
    service : Common
        What the operations act on.
    operations : sequence of Operation
        What there is to do.
    keys : KeyHolders
        Of those who may.
    """

    def __init__(self, service: Common, operations: Sequence[Operation], keys: KeyHolders) -> None:
        self.service, self.operations, self.keys = service, operations, keys
        self.requests = Requests()
        self.threads = ThreadPoolExecutor(_THREADS, POOLS[0])
        #: Of what computes.
        self.heavy = ThreadPoolExecutor(_HEAVY_THREADS, POOLS[1])
        self._n_heavy = 0
        self._took: deque[float] = deque(maxlen=_LAST_TIMES)
        service.belong(self)
        self._allowances: defaultdict[tuple[Person, bool], Allowance] = defaultdict(lambda: Allowance(BURST, A_SECOND))

    @property
    def routes(self) -> list[Route]:
        """Routes for a server."""
        at: dict[str, dict[str, Operation]] = {}
        for operation in self.operations:
            at.setdefault(operation.path, {})[operation.method] = operation
        return [(path.replace(".", r"\."), _Called, {"api": self, "operations": own}) for path, own in at.items()]

    def close(self) -> None:
        """Let go of its threads."""
        self.threads.shutdown(wait=False, cancel_futures=True)
        self.heavy.shutdown(wait=False, cancel_futures=True)

    def admitted(self, operation: Operation, authorization: str) -> Person | None:
        """Return the person who calls.

        Raises
        ------
        DeniedError
            If nobody may call it so, or so often.
        """
        if not operation.roles:
            return None
        scheme, _, key = authorization.partition(" ")
        person = self.keys.person(key.strip()) if scheme.lower() == "bearer" and key else None
        if person is None:
            why = (
                "This token is nobody's, or not any more."
                if key
                else "A token is expected: 'Authorization: Bearer ...'."
            )
            raise DeniedError(401, why, {"WWW-Authenticate": "Bearer"})
        if person.role not in operation.roles:
            who = " or ".join(operation.roles)
            raise DeniedError(403, f"This token is of the role {person.role}; this is for the role {who}.")
        self._check_pace(person, heavy=operation.heavy)
        return person

    def _check_pace(self, person: Person, *, heavy: bool) -> None:
        key = person, heavy
        if heavy and key not in self._allowances:
            self._allowances[key] = Allowance(HEAVY_BURST, HEAVY_A_SECOND)
        if (seconds := self._allowances[key].refuse()) > 0:
            raise DeniedError(
                429,
                "Too many requests came with this token.",
                {"Retry-After": f"{seconds:.0f}" if seconds > 1 else "1"},
            )

    async def done(self, operation: Operation, read: Callable[[], Call], n_bytes: int) -> Reply:
        """Do what is asked, beside what else is; what is long is read there too.

        Raises
        ------
        DeniedError
            If it cannot be done.
        """
        if operation.waits:
            return await operation.act(self.service, read())  # type: ignore[misc, no-any-return]
        loop, act = asyncio.get_running_loop(), partial(_acted, operation, self.service, read)
        if not operation.heavy:
            return await loop.run_in_executor(self.threads, act)
        is_small = n_bytes <= _FEW_BYTES
        if is_small and min(self._took, default=math.inf) < _QUICK_SECONDS and self.service.models.at_hand:
            # On the way to another thread and back it would take twice as long.
            return self._timed(act)
        if self._n_heavy >= _MOST_HEAVY:
            raise DeniedError(503, f"{_MOST_HEAVY} requests wait already.", {"Retry-After": "1"})
        self._n_heavy += 1
        try:
            return await loop.run_in_executor(self.heavy, partial(self._timed, act) if is_small else act)
        finally:
            self._n_heavy -= 1

    def _timed(self, act: Callable[[], Reply]) -> Reply:
        """Call it, and keep in mind how long that took."""
        begin = time.monotonic()
        try:
            return act()
        finally:
            self._took.append(time.monotonic() - begin)


def _acted(operation: Operation, service: Common, read: Callable[[], Call]) -> Reply:
    return operation.act(service, read())  # type: ignore[return-value]


def _only(name: str, values: Sequence[bytes]) -> str:
    """Return the value of a parameter of an address, which is there once."""
    if len(values) > 1:
        raise SchemaError(f"the address has the parameter {short_repr(name)} {len(values)} times; expected it once.")
    try:
        return values[0].decode("utf-8")
    except UnicodeDecodeError:
        why = f"the parameter {short_repr(name)} of the address is not in UTF-8; expected UTF-8, percent-encoded."
        raise SchemaError(why) from None


class _Called(Handler):
    """A request to an operation."""

    def initialize(self, server: ThreadedServer, api: Api, operations: dict[str, Operation]) -> None:  # type: ignore[override]
        super().initialize(server)
        self.api, self.operations = api, operations
        self.person: Person | None = None
        self.began = time.monotonic()

    @property
    def own_headers(self) -> dict[str, str]:
        """Headers of every reply: few, as it is data and never shown as a page."""
        return {"Content-Security-Policy": NOTHING, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}

    @property
    def most_bytes(self) -> int:
        """Bytes that its body may have."""
        operation = self.operations.get(str(self.request.method))
        return self.MOST_BYTES if operation is None else operation.most_bytes

    def prepare(self) -> None:
        """Let in who may, before the body is read."""
        operation = self.operations.get(str(self.request.method))
        if operation is not None:
            try:
                self.person = self.api.admitted(operation, self.request.headers.get("Authorization", ""))
            except DeniedError as error:
                self.server.begin(self)
                self.refuse(error)
                return
        super().prepare()

    def refuse(self, error: DeniedError) -> None:
        """Answer once the body was read, and is nowhere: who still sends would see a lost connection, and no answer."""
        self.refusal = error

    async def get(self) -> None:
        """Answer."""
        await self._answer()

    async def post(self) -> None:
        """Answer."""
        await self._answer()

    def answers(self, method: str) -> bool:
        """Return whether there is an answer to a method."""
        return method in self.operations

    async def _answer(self) -> None:
        if self.refusal is not None:
            self.deny(self.refusal)
            return
        operation = self.operations.get(str(self.request.method))
        if operation is None:
            raise HTTPError(405)
        try:
            reply = await self.api.done(operation, partial(self._call, operation), self._n_bytes)
        except DeniedError as error:
            self.deny(error)
        except (SchemaError, ValueError, TypeError) as error:
            self.deny(DeniedError(422, sanitize(str(error))))
        except TimeoutError as error:
            # A fit that does not end holds up an export.
            self.deny(DeniedError(503, sanitize(str(error)), {"Retry-After": "10"}))
        except OSError as error:
            # What is sound and could not be written may be sent again.
            notes = getattr(error, "__notes__", ())
            self.deny(DeniedError(503, " ".join([format_error(error, "Saving"), *notes]), {"Retry-After": "5"}))
        else:
            await self._send(reply)

    def _call(self, operation: Operation) -> Call:
        query = {name: _only(name, values) for name, values in self.request.query_arguments.items()}
        kind = self.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if operation.body is not None:
            operation.check_type(kind)
        return Call(self.person, operation.queried(query), operation.read(self.body))

    async def _send(self, reply: Reply) -> None:
        self.set_header("Content-Type", reply.content_type)
        for name, value in reply.headers.items():
            self.set_header(name, value)
        if reply.content_type == JSON and not isinstance(reply.content, bytes):
            self.finish(json.dumps(reply.content, allow_nan=False, separators=(",", ":"), ensure_ascii=False))
            return
        if isinstance(reply.content, bytes):
            self.finish(reply.content)
            return
        try:
            for part in reply.content:
                self.write(part)
                # Who reads slowly is not waited for by a memory that grows.
                await self.flush()
            self.finish()
        except StreamClosedError:
            self.server.end(self)

    def on_finish(self) -> None:
        """Count it."""
        super().on_finish()
        self.api.requests.count(
            str(self.request.method) if self.request.method in self.operations else "other",
            next(iter(self.operations.values())).path,
            self.get_status(),
            time.monotonic() - self.began,
        )
