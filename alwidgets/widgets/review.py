"""Looking over one's answers: a table of them, what a model makes of each, and a second look at some."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import traitlets

from alwidgets.data.labels import in_words
from alwidgets.inspection.answers_table import SORTS, marks
from alwidgets.renderers.texts import visible
from alwidgets.session import view_of
from alwidgets.utils.errors import told
from alwidgets.utils.text import brief
from alwidgets.utils.threads import started
from alwidgets.views.messages import (
    class_of,
    field,
    id_of,
    label_of,
    number,
    value_of,
)
from alwidgets.views.payloads import send_payloads
from alwidgets.widgets.front_end import script, style
from alwidgets.widgets.session_control import SessionControl
from alwidgets.widgets.session_view import check_session

if TYPE_CHECKING:
    import pandas as pd

    from alwidgets.session import Session
    from alwidgets.types import Renderer

#: What the table can be narrowed to.
SHOWS = ("disagrees", "flagged", "slow", "skipped", "unsure", "changed", "noted")
_MOST_ROWS = 100
_AHEAD = 24
# What a key does here, of all that one does on the card.
_ACTIONS = ("skip", "undo", "unsure", "flag", "note", "find")


class Review(SessionControl):
    """Look over the answers of a session: filter, search, sort, change, flag, and answer some a second time, blind.

    The table is `Session.review`; what a key or a click does is `teach`, `skip`, `flag`, `unflag`, `note`, `undo`,
    `look_again` and `answer_again`.

    Parameters
    ----------
    session : Session
        Whose answers.
    render : callable, optional
        item -> what to show; default the session's `render`.
    """

    _esm = script("review/review.js")
    _css = style("common/sample.css", "common/answers.css", "review/review.css")
    # No trait holds a sample, a note or a label: a saved notebook leaks none.
    _status = traitlets.Dict().tag(sync=True)

    def __init__(self, session: Session, *, render: Renderer | None = None) -> None:
        check_session(session)
        self.renderer = render or session.render
        self._changes = 0
        self._checker: threading.Thread | None = None
        self._failed: tuple[int, str] = (0, "")
        super().__init__(session)

    def refresh(self) -> None:
        """Say that there is something new, and what the second look still has to ask."""
        session = self.session
        self._changes += 1
        checked, looks, round_now = view_of(session).checked(wait=False), view_of(session).looks, session.progress.round
        keys = session.shortcuts
        self._status = {
            "changes": self._changes,
            "classes": [visible(str(name)) for name in session.classes],
            "many": session.task.kind == "multi",
            "keys": {"classes": list(keys.classes), "actions": {name: keys.actions[name] for name in _ACTIONS}},
            "looks": looks[:_AHEAD],
            "n_looks": len(looks),
            "checking": self._is_checking(),
            "how": self._how(checked, round_now),
        }

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the labels are checked; return False when the timeout (seconds) ran out first."""
        checker = self._checker
        if checker is not None:
            checker.join(timeout)
        return not self._is_checking()

    def _is_checking(self) -> bool:
        checker = self._checker
        return checker is not None and checker.is_alive() and checker is not threading.current_thread()

    def _how(self, checked: Any, round_now: int) -> str:
        if self._failed[0] == round_now and self._failed[1]:
            return self._failed[1]
        if checked is None:
            return "Checking starts with the first model." if not round_now else ""
        problem = f" {checked.problem}." if checked.problem else ""
        return f"Checked in round {checked.round} by {checked.how}.{problem}"

    def _check_if_due(self) -> None:
        """Have the labels checked beside everything else when there is a newer model; only while somebody looks."""
        checked, round_now = view_of(self.session).checked(wait=False), self.session.progress.round
        due = round_now and self._failed[0] != round_now and (checked is None or checked.round != round_now)
        if due and not self._is_checking():
            check = partial(self._check_or_tell, round_now)
            self._checker = started(check, "alwidgets-review")
            if self._checker is None:
                check()
            else:
                self._follow()

    def _check_or_tell(self, round_now: int) -> None:
        try:
            view_of(self.session).checked()
        except Exception as error:  # noqa: BLE001 - whatever a user's estimator raises; nobody above could show it
            self._failed = round_now, told(error, "Checking the labels")
        finally:
            self._follow()

    def _hear(self, kind: str, content: dict[str, Any], _buffers: Any) -> None:
        if kind == "need":
            send_payloads(self, content.get("items"))
        else:
            self._look(content)

    def _look(self, content: dict[str, Any]) -> None:
        """Send the order of the answers that a query finds, and the rows of some of them."""
        self._check_if_due()
        items, query = content.get("items"), content.get("query")
        reply: dict[str, Any] = {"kind": "seen", "request": field(content, "request", int)}
        buffers = []
        if query is not None:
            found, reply["counts"] = self._found(query)
            order = found["item"].to_numpy(np.int32)
            buffers = [order.tobytes()]
            items = order[:_MOST_ROWS].tolist() if items is None else items
        reply["rows"] = self._rows(self._checked_items(items))
        agreement = self.session.agreement
        reply["agreement"] = str(agreement) if agreement.n else ""
        self.send(reply, buffers)

    def _found(self, query: Any) -> tuple[pd.DataFrame, dict[str, int]]:
        """Return the answers that a query finds, and how many there are of each mark among those of its class."""
        show, sort = field(query, "show", str), field(query, "sort", str)
        if show != "all" and show not in SHOWS:
            raise ValueError(f"show is {brief(show)}; expected one of {['all', *SHOWS]}.")
        code = query.get("label")
        label = None if code is None else class_of(code, self.session.classes)
        if sort not in SORTS:
            raise ValueError(f"sort is {brief(sort)}; expected one of {list(SORTS)}.")
        every = self.session.review(label, search=field(query, "search", str), sort=sort, wait=False)
        counts = {name: int(marks(every, name).sum()) for name in SHOWS} | {"all": len(every)}
        return every if show == "all" else every[marks(every, show)], counts

    def _checked_items(self, items: Any) -> list[int]:
        if not isinstance(items, list) or len(items) > _MOST_ROWS:
            raise ValueError(f"items is {brief(items)}; expected a list of at most {_MOST_ROWS} rows.")
        for item in items:
            if isinstance(item, bool) or not isinstance(item, int):
                raise TypeError(f"item is {brief(item)}; expected a row number of X.")
        return items

    def _rows(self, items: list[int]) -> list[dict[str, Any]]:
        """Return answers for the page: classes as numbers, and what there is none of as None."""
        classes, frame = self.session.classes, view_of(self.session).answers(items)
        for name in ("label", "predicted", "second"):
            values: Any = [None if label is None else value_of(label, classes) for label in frame[name]]
            frame[name] = values
        frame["at"] = frame["at"].map(lambda at: at.timestamp())
        records: Any = frame.astype(object).where(frame.notna(), None).to_dict("records")
        return [{name: _plain(value) for name, value in record.items()} for record in records]

    def _relabel(self, event_id: str, content: dict[str, Any]) -> dict[str, Any]:
        label = label_of(content.get("value"), self.session.classes)
        self.session.teach(field(content, "item", int), label, event_id=event_id, via="review")
        return {"said": f"changed to {_said(label)}"}

    def _skip(self, event_id: str, content: dict[str, Any]) -> dict[str, Any]:
        unsure = field(content, "unsure", bool)
        self.session.skip(field(content, "item", int), unsure=unsure, event_id=event_id)
        return {"said": "skipped as unsure" if unsure else "skipped"}

    def _flag(self, event_id: str, content: dict[str, Any]) -> dict[str, Any]:
        self.session.flag(field(content, "item", int), field(content, "note", str), event_id=event_id)
        return {"said": "flagged"}

    def _unflag(self, event_id: str, content: dict[str, Any]) -> dict[str, Any]:
        self.session.unflag(field(content, "item", int), event_id=event_id)
        return {"said": "flag taken away"}

    def _note(self, event_id: str, content: dict[str, Any]) -> dict[str, Any]:
        note = field(content, "note", str)
        self.session.note(field(content, "item", int), note, event_id=event_id)
        return {"said": "note kept" if note.strip() else "note taken away"}

    def _undo(self, event_id: str, content: dict[str, Any]) -> dict[str, Any]:
        taken_back = self.session.undo(event_id=event_id, target=id_of(content, "target"))
        return {"said": "taken back" if taken_back else "it was taken back already"}

    def _look_again(self, event_id: str, content: dict[str, Any]) -> dict[str, Any]:
        share = number(content, "share")
        rows = self.session.look_again(float("nan") if share is None else share, event_id=event_id)
        return {
            "said": f"{len(rows)} to answer again" if len(rows) else "there is no label old enough to be answered again"
        }

    def _answer_again(self, event_id: str, content: dict[str, Any]) -> dict[str, Any]:
        value = content.get("value")
        label = None if value is None else label_of(value, self.session.classes)
        self.session.answer_again(
            field(content, "item", int), label, event_id=event_id, seconds=number(content, "seconds"),
            shown_at=number(content, "shown_at"),
        )  # fmt: skip
        return {"said": "cannot tell, next" if label is None else f"answered {_said(label)}, next"}

    def _take_over(self, _event_id: str, _content: dict[str, Any]) -> dict[str, Any]:
        self.session.take_over()
        return {"said": "taken over"}

    _CHANGES: ClassVar[dict[str, Callable[..., dict[str, Any] | None]]] = {
        "label": _relabel,
        "skip": _skip,
        "flag": _flag,
        "unflag": _unflag,
        "note": _note,
        "undo": _undo,
        "look_again": _look_again,
        "second": _answer_again,
        "take_over": _take_over,
    }
    _OTHERS: ClassVar[tuple[str, ...]] = ("need", "look")


def _said(label: Any) -> str:
    return in_words(tuple(label) if isinstance(label, list) else label)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
