"""From a page's message to the view that does it, and to the one reply: acknowledged, refused, or a problem."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, cast

from alwidgets.utils.errors import format_error
from alwidgets.utils.text import sanitize, short_repr
from alwidgets.views import fields
from alwidgets.views.fields import RawMessage, check_message
from alwidgets.views.messages import Ack, Done, Message, Problem, Refusal
from alwidgets.views.view import BaseView

_LOG = logging.getLogger(__name__)


def receive(
    view: BaseView, content: Any, buffers: Sequence[Any] = (), *, denial: Callable[[str], str] = lambda _kind: ""
) -> None:
    """Do what a message says, and send the reply.

    A change has an id, which becomes that of its event: a page sends it until it is acknowledged, and it counts once
    however often it arrives, also where the kernel was another one the first time. Other messages are answered by what
    they ask for, or by nothing.

    Parameters
    ----------
    view : BaseView
        What the page shows.
    content : object
        What the message holds, whatever that is: nothing in it raises an error.
    buffers : sequence of bytes-like, optional
        Its binary parts.
    denial : callable, optional
        kind -> why whoever sent it may not do that, in words for the page; empty if they may, as by default.
    """
    received = RawMessage(content, buffers, view.subject, view.annotator)
    try:
        kind = fields.text(received, "kind")
        why = denial(kind)
        if kind in view.CHANGES:
            view.send(_changed(view, kind, received, why), [])
        elif kind in view.REQUESTS:
            _answer(view, kind, received, why)
        else:
            _check_is_nothing(view, kind, received)
    except (ValueError, TypeError) as error:
        problem: Problem = {"kind": "problem", "error": sanitize(str(error))}
        view.send(problem, [])


def _check_is_nothing(view: BaseView, kind: str, received: RawMessage) -> None:
    # Where a page can send it there is a session, which is all that it wants to know.
    if kind != "there":
        kinds = [*view.CHANGES, *view.REQUESTS, "there"]
        raise ValueError(f"message kind is {short_repr(kind)}; expected one of {kinds}.")
    check_message(Message, received)


def _answer(view: BaseView, kind: str, received: RawMessage, why_not: str) -> None:
    """Do what a request says, unless something is against it; whatever it raises is told, too."""
    message, act = view.REQUESTS[kind]
    if why_not:
        raise ValueError(why_not)
    try:
        act(view, check_message(message, received))
    except (ValueError, TypeError):
        raise
    except Exception as error:
        # A learner, a strategy or a renderer of one's own may raise anything, and Jupyter shows none of it here.
        _LOG.exception("A message of kind %s failed.", kind)
        raise ValueError(str(error)) from error


def _changed(view: BaseView, kind: str, received: RawMessage, why_not: str) -> Ack | Refusal:
    """Make a change, unless something is against it, and return the reply."""
    event_id = fields.event_id(received, "event_id")
    if why_not:
        return _refused(event_id, why_not, retry=False)
    message, act = view.CHANGES[kind]
    try:
        done: Done = act(view, check_message(message, received)) or {}
    except OSError as error:
        # The change is sound and could not be written: the page keeps it and tries again.
        notes = getattr(error, "__notes__", ())
        # Perhaps because another kernel took the session over: the page is to say so.
        view.changed()
        return _refused(event_id, " ".join([format_error(error, "Saving"), *notes]), retry=True)
    except (ValueError, TypeError) as error:
        return _refused(event_id, sanitize(str(error)), retry=False)
    return cast("Ack", {"kind": "ack", "event_id": event_id, **done})


def _refused(event_id: str, why: str, *, retry: bool) -> Refusal:
    return {"kind": "refused", "event_id": event_id, "retry": retry, "error": why}
