"""One page that is open: what it says is done in its order, and what is new of the session is told to it."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from functools import partial
from typing import Any
from urllib.parse import quote

from alwidgets.service.people import Part, Person, denial, parts_of
from alwidgets.service.wire import packed, unpacked
from alwidgets.session import Session, view_of
from alwidgets.utils.errors import format_error
from alwidgets.views.dispatch import receive
from alwidgets.views.view import View, whose

_LOG = logging.getLogger(__name__)
# Share of the time that bringing all pages up to date may take.
_SHARE = 0.1


class Pace:
    """Pace at which pages are brought up to date: slower with many of them, so that answers are taken without delay."""

    def __init__(self) -> None:
        self.n_pages = 0

    def rest(self, seconds: float) -> float:
        """Return for how long a page has news enough, after it took so many seconds to bring it up to date."""
        return self.n_pages * seconds / _SHARE


class Conversation:
    """An open page of somebody, and a thread that does what it says.

    Parameters
    ----------
    session : Session
        The session that is shown.
    person : Person
        Whose page it is: all its messages are of that person.
    send : callable
        str or bytes -> None: to the page, from any thread.
    ended : callable
        Called when nothing is done any more, because the session is closed or the page failed.
    pace : Pace
        Of all pages of the session.
    """

    def __init__(
        self,
        session: Session,
        person: Person,
        send: Callable[[str | bytes], None],
        ended: Callable[[], None],
        pace: Pace,
    ) -> None:
        self.person = person
        self._ended = ended
        self._session = session
        self._send = send
        self._pace = pace
        self._parts = {part.name: part for part in parts_of(person.role, session)}
        self._views: dict[str, tuple[Part, View]] = {}
        self._shown: dict[str, dict[str, Any]] = {}
        self._turn = threading.Condition()
        self._said: deque[tuple[str | bytes, Future[None]]] = deque()
        self._is_old, self._not_before = True, 0.0
        self._lives = self._closed = False
        pace.n_pages += 1
        self._unfollow = view_of(session).on_change(self._note_change)
        threading.Thread(target=self._work, name=f"alwidgets-page {person.name}", daemon=True).start()

    def say(self, data: str | bytes) -> Future[None]:
        """Take what the page says; what is returned is done when that is done."""
        done: Future[None] = Future()
        with self._turn:
            if self._closed:
                done.set_result(None)
            else:
                self._said.append((data, done))
                self._turn.notify()
        return done

    def stay(self) -> None:
        """Note that the page lives: what is before the person stays there, and what others let go of may come."""
        with self._turn:
            self._lives = self._is_old = True
            self._turn.notify()

    def leave(self) -> None:
        """Note that the person has left for now: what is before them is for others."""
        if self.person.role != "viewer":
            view_of(self._session).release(self.person.name)

    def close(self) -> None:
        """End it; what was said and is not begun is not done, and the page says it again when it is back."""
        self._unfollow()
        with self._turn:
            if self._closed:
                return
            self._closed = True
            self._pace.n_pages -= 1
            left = [done for _, done in self._said]
            self._said.clear()
            self._turn.notify()
        for done in left:
            done.set_result(None)

    def _note_change(self) -> None:
        """Note that the session has changed: it is told when there is time, many changes at once."""
        with self._turn:
            if not self._is_old:
                self._is_old = True
                self._turn.notify()

    def _work(self) -> None:
        # Here, since those who listen may take their time.
        leaves = view_of(self._session).enter(self.person.name)
        try:
            self._opened(next(iter(self._parts)))
            while (turn := self._next()) is not None:
                turn()
        except Exception:  # noqa: BLE001 - a view may raise anything where nothing is expected
            # The page connects anew, and says again what was not acknowledged.
            _LOG.exception("A page of %s failed; it connects anew.", self.person.name)
        finally:
            self.close()
            self._ended()
            leaves()

    def _opened(self, name: str) -> tuple[Part, View]:
        """Return a part of the page: most are looked at by few, and are made when they are."""
        if name not in self._views:
            part = self._parts[name]
            view = part.make(self._session, partial(self._tell, name), self._note_change, annotator=self.person.name)
            self._views[name] = part, view
            with self._turn:
                self._is_old, self._not_before = True, 0.0
        return self._views[name]

    def _opened_or_told(self, name: str) -> tuple[Part, View] | None:
        """Return a part that the page speaks of; None for one that cannot be made, of which it is told why."""
        part = self._parts[name]
        try:
            return self._opened(name)
        except Exception as error:  # noqa: BLE001 - what a part needs of the session may be the user's own
            _LOG.warning("The %s of %s could not be shown: %s", name, self.person.name, type(error).__name__)
            self._send(packed({"part": name, "problem": format_error(error, f"Showing the {part.title.lower()}")}))
            return None

    def _next(self) -> Callable[[], None] | None:
        """Wait for something to do, and return it: what was said before what is new; None when there is no more."""
        with self._turn:
            while not self._closed:
                now = time.monotonic()
                if self._said:
                    return partial(self._do, *self._said.popleft())
                if self._is_old and now >= self._not_before:
                    self._is_old = False
                    return self._bring_up_to_date
                self._turn.wait(self._not_before - now if self._is_old else None)
        return None

    def _do(self, data: str | bytes, done: Future[None]) -> None:
        try:
            content, buffers = unpacked(data)
            name, message = content["part"], content["message"]
            if (opened := self._opened_or_told(name)) is not None:
                self._receive(*opened, message, buffers)
        except (ValueError, TypeError, KeyError) as error:
            _LOG.warning("A message of %s could not be read: %s", self.person.name, error)
        finally:
            done.set_result(None)

    def _receive(self, part: Part, view: View, message: Any, buffers: list[bytes]) -> None:
        def why_not(kind: str) -> str:
            return "" if part.allows(kind, view) else denial(self.person.role, kind)

        # The view is this person's: a message that names another is refused.
        receive(view, message, buffers, denial=why_not)

    def _bring_up_to_date(self) -> None:
        if self._session.closed:
            self.close()
            return
        begin = time.thread_time()
        if self._lives and self.person.role != "viewer":
            self._lives = False
            view_of(self._session).renew(self.person.name)
        for name, (part, view) in self._views.items():
            self._refresh(name, part, view)
        self._not_before = time.monotonic() + self._pace.rest(time.thread_time() - begin)

    def _refresh(self, name: str, part: Part, view: View) -> None:
        """Tell what has changed of a part, or why that cannot be told; whatever changes next is the next try."""
        before = self._shown.get(name, {})
        with view.lock:
            try:
                found = {f"_{key}": value for key, value in view.refresh().items()}
                now = part.fixed(view) | found | {"_session": self._whose(), "_stale": "", "_may": sorted(part.changes)}
            except Exception as error:  # noqa: BLE001 - what a refresh calls may raise anything
                if self._session.closed:
                    return
                _LOG.exception("A page of %s could not be brought up to date.", self.person.name)
                why = format_error(error, "Bringing this up to date")
                now = before | {"_stale": f"{why}. Answers are kept, and the next change tries again."}
        changed = {key: value for key, value in now.items() if key not in before or before[key] != value}
        if changed:
            self._shown[name] = now
            self._send(packed({"part": name, "state": changed}))

    def _whose(self) -> Mapping[str, object]:
        """Return the person and session whose changes the browser keeps: two people may share one."""
        return whose(self._session) | {"id": f"{self._session.session_id}/{quote(self.person.name, safe='')}"}

    def _tell(self, name: str, message: Any, buffers: list[bytes]) -> None:
        self._send(packed({"part": name, "message": message}, buffers))
