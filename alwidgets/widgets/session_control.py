"""What every widget that changes a session does with the messages of its page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import traitlets

from alwidgets.session import Session
from alwidgets.utils.errors import told
from alwidgets.utils.text import brief, presentable
from alwidgets.views.messages import field, id_of
from alwidgets.widgets.session_view import SessionView, check_session


class SessionControl(SessionView):
    """A widget whose page changes a session.

    A change has an id, which becomes that of its event: the page sends it until it is acknowledged, and it counts once
    however often it arrives, also where the kernel was another one the first time.

    Parameters
    ----------
    session : Session
        Followed until the widget or the session is closed.
    """

    # Whose changes a page keeps, whether what is acknowledged is on disk, and who keeps this kernel from writing.
    _session = traitlets.Dict().tag(sync=True)
    # What a message can ask to be changed; what it returns goes with the acknowledgement.
    _CHANGES: ClassVar[dict[str, Callable[..., dict[str, Any] | None]]] = {}
    # Other messages that there are.
    _OTHERS: ClassVar[tuple[str, ...]] = ()

    def __init__(self, session: Session, **traits: Any) -> None:
        check_session(session)
        # From the start: by it a page finds what it had not sent before it was loaded anew.
        super().__init__(session, _session=_told_of(session), **traits)
        self.on_msg(self._receive)

    def _catch_up(self) -> None:
        if not self.session.closed:
            with self._sending:
                self._session = _told_of(self.session)
        super()._catch_up()

    def _receive(self, _widget: Any, content: Any, buffers: Any) -> None:
        """Handle a message from the page. Jupyter shows no exception raised here, so none may leave."""
        try:
            kind = field(content, "kind", str)
            if kind in self._CHANGES:
                self._acknowledge(self._CHANGES[kind], content)
            elif kind in self._OTHERS:
                self._hear(kind, content, buffers)
            else:
                self._check_is_nothing(kind)
        except (ValueError, TypeError) as error:
            self.send({"kind": "problem", "error": presentable(str(error))})

    def _check_is_nothing(self, kind: str) -> None:
        # Where a page can send it there is a kernel, which is all that it wants to know.
        if kind != "there":
            kinds = [*self._CHANGES, *self._OTHERS, "there"]
            raise ValueError(f"message kind is {brief(kind)}; expected one of {kinds}.")

    def _hear(self, kind: str, content: dict[str, Any], buffers: Any) -> None:
        """Do what a message asks that changes nothing of the session."""
        raise NotImplementedError

    def _acknowledge(self, change: Callable[..., dict[str, Any] | None], content: dict[str, Any]) -> None:
        event_id = id_of(content, "event_id")
        reply: dict[str, Any] = {"kind": "ack", "event_id": event_id}
        try:
            reply |= change(self, event_id, content) or {}
        except OSError as error:
            # The change is sound and could not be written: the browser keeps it and tries again.
            notes = getattr(error, "__notes__", ())
            reply = self._refusal(event_id, " ".join([told(error, "Saving"), *notes]), retry=True)
            # Perhaps because another kernel took the session over: the page is to say so.
            self._follow()
        except (ValueError, TypeError) as error:
            reply = self._refusal(event_id, presentable(str(error)), retry=False)
        self.send(reply)

    def _refusal(self, event_id: str, why: str, *, retry: bool) -> dict[str, Any]:
        return {"kind": "refused", "event_id": event_id, "retry": retry, "error": why}


def _told_of(session: Session) -> dict[str, Any]:
    return {"id": session.session_id, "saved": session.journal is not None, "held_by": session.held_by}
