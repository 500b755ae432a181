"""Base of all views: a way to the page, and tables of its messages; and most of them a session."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from alwidgets.session import Session, view_of
from alwidgets.session.validation import check_annotator
from alwidgets.utils.text import type_name
from alwidgets.views.fields import Subject
from alwidgets.views.messages import Change
from alwidgets.views.sent import Sent
from alwidgets.views.states import Whose

#: (message, binary parts) -> None.
Send = Callable[[Sent, list[bytes]], None]
#: The kind of message, a TypedDict, and what does what it says: a method of the view that takes it, checked.
Handlers = Mapping[str, tuple[type, Callable[..., Any]]]

# Of a larger team some are named where that is enough.
_NAMED = 5


class BaseView:
    """Content of a page, and the effect of its messages.

    Parameters
    ----------
    send : callable
        (message, buffers) -> None: sends to the page, from any thread.
    changed : callable
        Called when what the page shows has changed; then `refresh` tells what.
    """

    #: Changes to a session, by the kind of message; what one returns, a `Done`, goes with the acknowledgement.
    CHANGES: ClassVar[Handlers] = {}
    #: Messages that change nothing of a session.
    REQUESTS: ClassVar[Handlers] = {}
    #: Whose page it is: whoever sends its messages. None where a message may say so.
    annotator: str | None = None

    def __init__(self, send: Send, changed: Callable[[], None]) -> None:
        self.send = send
        self.changed = changed
        # What a page shows is read and sent under one lock: two threads cannot overtake each other with an older one.
        self.lock = threading.RLock()

    @property
    def subject(self) -> Subject:
        """Owner of the samples and the classes that messages name by their numbers."""
        raise NotImplementedError

    def refresh(self) -> Mapping[str, object]:
        """Return all that the page shows, as JSON can hold it, and send what is new of the rest. Under the lock."""
        raise NotImplementedError


class View(BaseView):
    """Content of a page on a session, and the effect of its messages.

    Parameters
    ----------
    session : Session
        The session that is shown.
    send : callable
        (message, buffers) -> None: sends to the page, from any thread.
    changed : callable
        Called when what the page shows has changed without an event of the session; then `refresh` tells what.
    annotator : str, optional
        Whose page it is: its messages are of that person, and one that names another is refused. Default whoever a
        message names, else the session's annotator.
    """

    #: Kinds of changes that in a team are somebody's, and never nobody's.
    ANSWERS: ClassVar[frozenset[str]] = frozenset()

    def __init__(
        self, session: Session, send: Send, changed: Callable[[], None], *, annotator: str | None = None
    ) -> None:
        check_session(session)
        super().__init__(send, changed)
        self.annotator = check_annotator(annotator)
        self.session = session
        self.view_model = view_of(session)

    def check_member(self) -> None:
        """Raise ValueError where the session has a team, and whose page it is is not in it."""
        if self.annotator is not None and (team := self.session.team) is not None:
            team.members.role(self.annotator)

    @property
    def nobodys(self) -> str:
        """Words that say that it takes no answers, where a team answers and this is the page of none of them."""
        team = self.session.team
        if team is None or (self.annotator or self.session.annotator) is not None or not self.ANSWERS:
            return ""
        people = [*team.members.annotators, *team.members.experts]
        names = ", ".join(people[:_NAMED]) + (f" and {len(people) - _NAMED} more" if len(people) > _NAMED else "")
        return (
            "A team labels this session, and this is the page of none of them, so it takes no answers. Pass "
            f"annotator= with one of the team ({names}), or give each a link with session.serve()."
        )

    @property
    def offered(self) -> list[str]:
        """Kinds of changes that the page offers in a notebook: those that would not be refused."""
        return sorted(self.CHANGES.keys() - self.ANSWERS if self.nobodys else self.CHANGES)

    @property
    def subject(self) -> Session:
        """The session."""
        return self.session


def signed(message: Change) -> dict[str, Any]:
    """Return the annotator of a change and the id of its event, as the session's methods take them."""
    return {"annotator": message["annotator"], "event_id": message["event_id"]}


def check_session(session: Any) -> None:
    """Raise TypeError for anything but a session."""
    if not isinstance(session, Session):
        raise TypeError(f"session is {type_name(session)}; expected a Session.")


def whose(session: Session) -> Whose:
    """Return the session that a page shows, whether what is acknowledged is on disk, and who keeps one from writing."""
    return {"id": session.session_id, "saved": session.journal is not None, "lock_owner": view_of(session).lock_owner}
