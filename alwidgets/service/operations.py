"""Operations of an API: what each one takes, does and returns, in one value that serves and describes it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from alwidgets.service.denied import DeniedError
from alwidgets.service.people import Person, Role
from alwidgets.service.schemas import Schema, SchemaError, check, parsed
from alwidgets.utils.text import short_repr

JSON, NPY = "application/json", "application/octet-stream"
#: Why a request is not answered, by status.
ERRORS: dict[int, str] = {
    400: "The body is not JSON, or not a request at all.",
    401: "There is no token, or it is nobody's.",
    403: "The token is of somebody who may not do this.",
    404: "There is no such thing.",
    408: "It did not come in time.",
    409: "It contradicts what is there.",
    413: "The body is too large.",
    415: "The body is of another type.",
    422: "A value is not what it should be.",
    429: "Too many requests; `Retry-After` says when to come again.",
    500: "Something failed that should not; the log of the server has it.",
    503: "It cannot be done now; `Retry-After` says when to come again, where that is known.",
}  # fmt: skip
_WHOLE = re.compile(r"-?[0-9]{1,15}")
_ALL = (400, 408, 413, 422, 500, 503)
_OF_ROLES = (401, 403, 429)
# Of what takes none.
_NO_BODY: Schema = {"type": "object", "additionalProperties": False}


@dataclass(frozen=True)
class Call:
    """A request.

    Parameters
    ----------
    person : Person or None
        Who sent it; None where anybody may.
    query : mapping of str to object
        Parameters of the address, checked.
    body : object
        What JSON said, checked; bytes of any other type.
    """

    person: Person | None = None
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None

    @property
    def name(self) -> str:
        """Name of who sent it."""
        return "" if self.person is None else self.person.name


@dataclass(frozen=True)
class Reply:
    """An answer.

    Parameters
    ----------
    content : object
        What JSON can hold, or the bytes of another type, also in parts.
    content_type : str
        Which.
    headers : mapping of str to str
        What is said beside it.
    """

    content: Any
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Operation:
    """A thing to do at an address.

    Parameters
    ----------
    name : str
        Of the function in a client.
    method : {"GET", "POST"}
        Of HTTP.
    path : str
        Its address.
    summary, description : str
        In the document.
    act : callable
        (service, call) -> Reply, in a thread; or a coroutine function, on the server's own.
    returns : Schema
        What a reply in JSON holds.
    roles : tuple of str
        Who may; nobody has to say who they are where there are none.
    query : mapping of str to Schema
        Parameters of the address, none of which is required.
    body : Schema, optional
        What is sent.
    takes, gives : str
        Types of the body and of the reply.
    errors : tuple of int
        What else may come than what any may.
    most_bytes : int
        Of a body.
    quick : callable, optional
        Reads a body of some kind at once, as checked; returns None for another one.
    heavy : bool
        Whether it computes: such run a few at a time, and wait for each other.
    """

    name: str
    method: Literal["GET", "POST"]
    path: str
    summary: str
    act: Callable[[Any, Call], Reply | Awaitable[Reply]]
    returns: Schema
    description: str = ""
    roles: tuple[Role, ...] = ()
    query: Mapping[str, Schema] = field(default_factory=dict)
    body: Schema | None = None
    takes: str = JSON
    gives: str = JSON
    errors: tuple[int, ...] = ()
    most_bytes: int = 2**20
    quick: Callable[[bytes], Any] | None = None
    heavy: bool = False

    @cached_property
    def waits(self) -> bool:
        """True if it waits for others, and no thread is to wait with it."""
        return inspect.iscoroutinefunction(self.act)

    @property
    def statuses(self) -> tuple[int, ...]:
        """Statuses of replies other than 200."""
        own = (*(_OF_ROLES if self.roles else ()), *((415,) if self.body is not None else ()), *self.errors)
        return tuple(sorted({*_ALL, *own}))

    def queried(self, given: Mapping[str, str]) -> dict[str, Any]:
        """Return the parameters of an address; those that it does not have are left out.

        Raises
        ------
        SchemaError
            If one is not what it should be, or is none of this address.
        """
        for name in given.keys() - self.query.keys():
            known = f"no other than {list(self.query)}" if self.query else "none"
            raise SchemaError(f"the address has the parameter {short_repr(name)}; expected {known}.")
        found = {name: schema["default"] for name, schema in self.query.items() if "default" in schema}
        for name in self.query.keys() & given.keys():
            text: Any = given[name]
            if self.query[name]["type"] == "integer" and _WHOLE.fullmatch(text):
                text = int(text)
            check(text, self.query[name], name)
            found[name] = text
        return found

    def read(self, content: bytes) -> Any:
        """Return the value of a body, checked.

        Raises
        ------
        DeniedError
            If it is not JSON where that is expected.
        SchemaError
            If it is not what it should be.
        """
        if self.body is None:
            if content:
                check(parsed(content), _NO_BODY)
            return None
        if self.takes != JSON:
            return content
        body = None if self.quick is None else self.quick(content)
        if body is None:
            body = parsed(content)
            check(body, self.body)
        return body

    def check_type(self, content_type: str) -> None:
        """Check the type of a body.

        Raises
        ------
        DeniedError
            If it is another one.
        """
        if content_type != self.takes:
            raise DeniedError(415, f"The body is of type {content_type or 'none'!r}; expected {self.takes}.")
