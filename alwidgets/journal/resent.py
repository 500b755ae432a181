"""Changes that come again: an id that is there already must be of the very same change."""

from __future__ import annotations

from typing import Any

from alwidgets.journal.events import Answer, Event
from alwidgets.journal.state import State
from alwidgets.utils.text import short_repr


class OtherChangeError(ValueError):
    """An id is that of another change than the one that it came with: nothing was recorded.

    Parameters
    ----------
    event_id : str
        The id.
    """

    def __init__(self, event_id: str) -> None:
        super().__init__(f"event_id {short_repr(event_id)} is of something else that happened; draw another one.")


def recorded_as(state: State, event_id: str | None, kind: type[Event], **said: Any) -> Event | None:
    """Return the event that has an id, None where there is none. Under the lock.

    Parameters
    ----------
    state : State
        What happened.
    event_id : str or None
        The id of the change that came; None where it has none.
    kind : type
        Its kind; an answer may have been kept as a second one.
    **said : object
        What it says: whose it is, of which item, ...

    Raises
    ------
    OtherChangeError
        If the event is of another kind or says something else.
    """
    event = state.recorded(event_id)
    if event_id is None or (event is None and event_id not in state.seen):
        return None
    if event is None:
        # It was undone before it came, which only an answer can be.
        if not issubclass(kind, Answer):
            raise OtherChangeError(event_id)
        return None
    same_kind = isinstance(event, Answer if issubclass(kind, Answer) else kind)
    if not same_kind or any(not _equal(getattr(event, name, None), value) for name, value in said.items()):
        raise OtherChangeError(event_id)
    return event


def _equal(one: Any, other: Any) -> bool:
    # 1, 1.0 and True are three labels.
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)
