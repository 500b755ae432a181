"""Content of a server: the files of the page, and who may open it; without a server."""

from __future__ import annotations

import gzip
import hashlib
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from alwidgets.service import turns
from alwidgets.service.conversation import Conversation, Pace
from alwidgets.service.denied import DeniedError
from alwidgets.service.people import ROLES, Person, parts_of
from alwidgets.service.tokens import Keyring
from alwidgets.session import Session
from alwidgets.views.front_end import script
from alwidgets.views.plotly_js import plotly_js

_LOG = logging.getLogger(__name__)
PACKAGE = Path(__file__).parents[1]
STATIC = Path(__file__).parent / "static"
#: Bytes of a message from a page; an answer has some hundreds.
MOST_BYTES = 256 * 1024
#: Messages that a page may send at once, and a second from then on. What comes faster waits.
BURST, A_SECOND = 400, 40
#: Pages that may be open with one link.
MOST_PAGES = 6
_TICKET_SECONDS = 30
_MOST_TICKETS = 1000
_KINDS = {".js": "text/javascript", ".css": "text/css", ".html": "text/html"}


@dataclass(frozen=True)
class Asset:
    """A file of the page, and what tells it from an older one."""

    content: bytes
    kind: str
    tag: str

    @cached_property
    def packed(self) -> bytes:
        """The content as gzip has it, for one that is large: made once."""
        return gzip.compress(self.content, 6)


@dataclass
class Site:
    """A session, and who may open a page of it.

    Parameters
    ----------
    session : Session
        The session that is served.
    keys : Keyring
        Of the people.

    Notes
    -----
    All but `n_open` is for one thread only, that of the server.
    """

    session: Session
    keys: Keyring
    pace: Pace = field(default_factory=Pace)
    conversations: set[Conversation] = field(default_factory=set)
    _listeners: list[Callable[[], None]] = field(default_factory=list)
    _tickets: dict[str, tuple[Person, float]] = field(default_factory=dict)

    def enter(self, key: str) -> dict[str, Any]:
        """Return the facts that a page is to know of whoever has a key, and a ticket for one connection.

        A key goes into no address and no list of protocols, which servers on the way write into their logs; a ticket
        does, and is worth nothing once it was used, or after half a minute.

        Raises
        ------
        DeniedError
            If the key is nobody's, the session is closed, or too many pages are open with it.
        """
        person = self.keys.person(key)
        if person is None:
            raise DeniedError(403, "This link is not valid, or not any more. Ask for a new one where you got it.")
        if self.session.closed:
            raise DeniedError(410, "This session is closed. When it is open again, this link works again.")
        self._check_room(person)
        now = time.monotonic()
        self._tickets = {each: known for each, known in self._tickets.items() if known[1] > now}
        if len(self._tickets) >= _MOST_TICKETS:
            raise DeniedError(429, "Too many pages connect at once. This one tries again.")
        ticket = secrets.token_urlsafe(16)
        self._tickets[ticket] = person, now + _TICKET_SECONDS
        parts = [
            {"name": part.name, "title": part.title, "inert": part.inert}
            for part in parts_of(person.role, self.session)
        ]
        return {"name": person.name, "role": person.role, "parts": parts, "ticket": ticket, "most_bytes": MOST_BYTES}

    def person(self, ticket: str) -> Person:
        """Take a ticket, and return whose it is.

        Raises
        ------
        DeniedError
            If it is none, or was used.
        """
        person, until = self._tickets.pop(ticket, (None, 0.0))
        if person is None or until < time.monotonic():
            raise DeniedError(403, "There is no such ticket.")
        self._check_room(person)
        return person

    def begin(self, person: Person, send: Callable[[str | bytes], None], ended: Callable[[], None]) -> Conversation:
        """Open a page of somebody; see `Conversation`."""
        conversation = Conversation(self.session, person, send, ended, self.pace)
        self.conversations.add(conversation)
        turns.page_opens()
        self.tell()
        return conversation

    def end(self, conversation: Conversation, *, left: bool) -> None:
        """Close a page, because the person left or for another reason."""
        if conversation in self.conversations:
            self.conversations.remove(conversation)
            turns.page_closes()
            self.tell()
        conversation.close()
        if left and not self.n_open(conversation.person):
            conversation.leave()

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call a function when a page is opened or closed, on the server's thread; return what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def tell(self) -> None:
        """Tell those who listen that something has changed."""
        for listener in tuple(self._listeners):
            try:
                listener()
            except Exception:  # noqa: BLE001 - of the user's
                _LOG.exception("A listener of a page failed; it is served on.")

    def n_open(self, person: Person) -> int:
        """Count the pages that somebody has open."""
        return sum(each.person == person for each in tuple(self.conversations))

    def is_full(self, key: str) -> bool:
        """Return whether as many pages are open with a key as may be."""
        person = self.keys.person(key)
        return person is not None and self.n_open(person) >= MOST_PAGES

    def _check_room(self, person: Person) -> None:
        if self.n_open(person) >= MOST_PAGES:
            raise DeniedError(429, f"This link is open in {MOST_PAGES} pages already. Close one of them.")


@cache
def assets() -> dict[str, Asset]:
    """Return all files of the page by their addresses."""
    files = {name: (STATIC / name).read_text(encoding="utf-8") for name in ("page.html", "page.css", "boot.js")}
    files["page.js"] = script("service/static/page.js", PACKAGE)
    for role in ROLES:
        for part in parts_of(role):
            files[f"{part.name}.js"] = part.front.script
            files[f"{part.name}.css"] = part.front.style
    return {name: _asset(name, text.encode()) for name, text in files.items()}


@cache
def plotly() -> Asset:
    """Return plotly.js, which is large, and no page of an annotator needs."""
    return _asset("plotly.js", plotly_js())


def _asset(name: str, content: bytes) -> Asset:
    kind = f"{_KINDS[Path(name).suffix]}; charset=utf-8"
    return Asset(content, kind, hashlib.sha256(content).hexdigest()[:32])
