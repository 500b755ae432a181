"""Items that a team disputes, as its panel and the review show them, and how an expert settles them there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alwidgets.data.labels import in_words
from alwidgets.journal.events import Undone
from alwidgets.journal.resent import OtherChangeError
from alwidgets.renderers.texts import visible
from alwidgets.session import Session
from alwidgets.views import messages
from alwidgets.views.fields import value_of
from alwidgets.views.messages import Done
from alwidgets.views.sent import Dispute, DisputesShown, Suggested
from alwidgets.views.view import Handlers, View, signed

if TYPE_CHECKING:
    import pandas as pd

    from alwidgets.types import Class

# Of more, some are shown: all of them are in `Session.disputed`.
_MOST = 30


def disputes_of(session: Session, disputed: pd.DataFrame, annotator: str | None) -> DisputesShown:
    """Return disputed items as they are shown to somebody, who settles them in that name, or to anybody."""
    team = session.team
    experts = [] if team is None else team.members.experts
    return {
        "kind": "disputes",
        "classes": [visible(str(name)) for name in session.classes],
        "experts": [name for name in experts if annotator in (None, name)],
        "disputes": [_dispute(row, session.classes) for row in disputed.head(_MOST).to_dict("records")],
        "n_disputed": len(disputed),
    }


def _dispute(row: dict[Any, Any], classes: tuple[Class, ...]) -> Dispute:
    answers = [
        (name, None if label is None else value_of(label, classes), row["seconds"][name])
        for name, label in row["answers"].items()
    ]
    return {"item": row["item"], "answers": answers, "note": row["note"], "flag": row["flag"]}


def _settle(view: View, message: messages.Settle) -> Done:
    item, label = message["item"], message["value"]
    view.session.settle(item, label, reason=message["reason"], **signed(message))
    said = "no label" if label is None else in_words(tuple(label) if isinstance(label, list) else label)
    return {"text": f"row {item} settled: {said}"}


def _reopen(view: View, message: messages.OfItem) -> Done:
    item = message["item"]
    settlement, before = view.view_model.settlement(item), view.view_model.recorded(message["event_id"])
    # What comes again is about the settlement of then.
    target = before.target if isinstance(before, Undone) else None if settlement is None else settlement.answer
    if target is not None and item not in view.session.undo(target=target, **signed(message)):
        raise OtherChangeError(message["event_id"])
    return {"text": f"row {item} is not settled any more"}


def _suggest(view: View, message: messages.About) -> None:
    """Say what the model makes of an item; only who asks is told."""
    team = view.session.team
    asks = view.annotator or next(iter(() if team is None else team.members.experts), None)
    found = view.session.suggestion(message["item"], annotator=asks)
    text = "No suggestion: there is no model yet, or the sample measures." if found is None else str(found)
    said: Suggested = {"kind": "suggest", "item": message["item"], "value": None, "text": text}
    view.send(said, [])


#: Changes that settle a dispute, and open it again.
CHANGES: Handlers = {"settle": (messages.Settle, _settle), "reopen": (messages.OfItem, _reopen)}
#: The word of the model, on demand.
REQUESTS: Handlers = {"suggest": (messages.About, _suggest)}
