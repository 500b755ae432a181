"""The pool as a map: where samples lie, what is known of them; and labels for what lies together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, get_args

import numpy as np

from alwidgets.inspection.projection import in_unit_square, project
from alwidgets.journal.log import new_id
from alwidgets.journal.resent import OtherChangeError
from alwidgets.loop.worker import Background
from alwidgets.renderers.texts import visible
from alwidgets.utils.errors import format_error
from alwidgets.utils.text import short_repr
from alwidgets.views import messages
from alwidgets.views.fields import check_rows
from alwidgets.views.messages import Color, Done
from alwidgets.views.payloads import payloads_of
from alwidgets.views.plotly_js import send_plotly
from alwidgets.views.states import Fact, PoolMapState
from alwidgets.views.view import Handlers, Send, View, signed

if TYPE_CHECKING:
    from alwidgets.inspection.predictions import Predictions
    from alwidgets.session import Session
    from alwidgets.types import FloatArray, IntArray, Label

_COLORS = get_args(Color)
_MOST_SHOWN = 48
_NO_CLASS = -1


@dataclass
class _Group:
    """Label and rows of a request, those that are given it together, how many have it, and whether it was undone."""

    label: Label
    asked: list[int]
    rows: list[int]
    n_given: int = 0
    undone: bool = False

    @property
    def stands(self) -> bool:
        return self.n_given > 0 and not self.undone


class PoolMapView(View):
    """A pool in two dimensions, colored by label, prediction or uncertainty; what lies together is labeled together.

    What is long is sent as binary messages.

    Parameters
    ----------
    session : Session
        The session whose pool is shown.
    send, changed : callable
        As of a `View`.
    projection : array-like of shape (n_samples, 2) or callable, optional
        Where the samples lie, or a function X -> (n_samples, 2); default the two main components of the features.
    color : {"uncertainty", "label", "prediction", "part"}
        What the colors say.
    annotator : str, optional
        Whose page it is, as of a `View`.
    """

    def __init__(
        self,
        session: Session,
        send: Send,
        changed: Callable[[], None],
        projection: Any = None,
        color: Color = "uncertainty",
        *,
        annotator: str | None = None,
    ) -> None:
        super().__init__(session, send, changed, annotator=annotator)
        if session.task.multilabel:
            raise ValueError("the session has a task 'multi'; a PoolMap colors samples that have one class each.")
        self._projection, self._n_placed = projection, session.n_samples
        self.points: FloatArray = project(session.X, self.view_model.features, projection)
        self.points.flags.writeable = False
        self.color = _check_color(color)
        self.selected: IntArray = np.empty(0, np.intp)
        self._inspected: list[int] = []
        # Labels that were given together, by the id of what asked for it, oldest first.
        self._groups: dict[str, _Group] = {}
        # As the page knows them.
        self._codes: IntArray = np.full(session.n_samples, _NO_CLASS, np.int32)
        self._predictions: Predictions | None = None
        self._predicted_for: Any = None
        self._problem = self._misplaced = ""
        self._worker = Background(self._predict)

    def refresh(self) -> PoolMapState:
        """Return colors, keys and what is known of the samples shown; send the labels that changed.

        A new model's predictions are made beside everything else.
        """
        # Those that were added since are shown once they have a place.
        codes = self.view_model.codes[: len(self.points)]
        changed = np.flatnonzero(codes != self._codes)
        self._codes = codes
        keys = self.session.shortcuts
        if len(changed):
            self._send_labels(changed, reset=False)
        name = self._last_group()
        if self._newest_round() != self._predicted_for or self.session.n_samples != self._n_placed:
            self._worker.wake()
        return {
            "color": self.color,
            "classes": [str(name) for name in self.session.classes],
            "parts": [(visible(part.name), part.n_rows) for part in self.view_model.parts],
            "keys": {"classes": list(keys.classes), "actions": {"find": keys.actions["find"]}},
            "shown": self._facts(),
            "undoable": {"group": name, "n": 0 if name is None else self._groups[name].n_given},
            "n_only": self.session.progress.n_only,
            "n_samples": len(self.points),
            "problem": self._problem,
        }

    def _newest_round(self) -> Any:
        return self.session.progress.round or None

    def _predict(self) -> None:
        """Predict the pool in the worker's thread; errors are caught, since no caller could show them."""
        newest, predictions, problem = self._newest_round(), None, ""
        self._place_added()
        try:
            predictions = self.session.predictions()
        except Exception as error:  # noqa: BLE001 - whatever a user's estimator raises
            problem = format_error(error, "Predicting the pool")
        problem = self._misplaced or problem
        with self.lock:
            self._predicted_for, self._predictions, self._problem = newest, predictions, problem
            self._send_predictions()
        self.changed()

    def _place_added(self) -> None:
        """Place the samples anew if some were added; where that is not possible, those before stay where they are."""
        n_samples = self.session.n_samples
        if n_samples == self._n_placed:
            return
        self._n_placed = n_samples
        try:
            points = project(self.session.X, self.view_model.features, self._projection)
        except Exception as error:  # noqa: BLE001 - whatever a user's function raises
            self._misplaced = format_error(error, "Placing the samples that were added")
            return
        points.flags.writeable = False
        with self.lock:
            self.points, self._predictions = points, None
            self._codes = self.view_model.codes[: len(points)]
        self._misplaced = ""
        self._send_map()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the colors are those of the newest model; False when the timeout in seconds ran out first."""
        return self._worker.wait(timeout)

    # What is done on the map, from the page or from Python

    def set_color(self, color: Any) -> None:
        """Set what the colors say."""
        self.color = _check_color(color)
        self.changed()

    def select(self, rows: Any) -> None:
        """Select samples; what was selected before no longer is."""
        chosen = self._rows(rows)
        with self.lock:
            self.selected = chosen
            self._send_selected()

    def inspect(self, rows: Any) -> None:
        """Show what samples are, at most the first 48; none for nothing."""
        self._inspected = self._rows(rows)[:_MOST_SHOWN].tolist()
        self.changed()

    def inspect_uncertain(self) -> int:
        """Show the most uncertain sample without a label, or the next one after that which is shown; return its row.

        Raises
        ------
        ValueError
            If there is no model yet, it tells no uncertainty, or every sample has a label.
        """
        uncertainty = None if self._predictions is None else self._predictions.uncertainty
        if uncertainty is None:
            why = "there is no model yet" if self._predictions is None else "the model provides no uncertainty"
            raise ValueError(
                f"{why}; expected one that gives probabilities. Label until it is trained, or select rows."
            )
        rows = np.flatnonzero(self.view_model.codes[: len(uncertainty)] == _NO_CLASS)
        if not len(rows):
            raise ValueError("every sample has a label; expected one without.")
        rows = rows[np.argsort(-uncertainty[rows], kind="stable")]
        if len(self._inspected) == 1:
            (shown,) = self._inspected
            less = uncertainty[rows] < uncertainty[shown]
            after = np.flatnonzero(less | ((uncertainty[rows] == uncertainty[shown]) & (rows > shown)))
            # After the last comes the first again.
            rows = rows[after[:1]] if len(after) else rows
        self.inspect(rows[0])
        return int(rows[0])

    def label(self, label: Label, rows: Any = None, *, relabel: bool = False) -> list[int]:
        """Give samples a label, the selected ones by default; return the rows of those that got it."""
        return self._give(label, self._chosen(rows), new_id(), self.annotator, relabel=relabel).rows

    def undo(self) -> list[int]:
        """Undo all labels that were given together last, and return their rows; what came since stays."""
        name = self._last_group()
        return [] if name is None else self._undo_event(name, new_id(), self.annotator)

    def enqueue(self, rows: Any = None) -> IntArray:
        """Make samples without a label the next questions, the selected ones by default, and return them."""
        return self.session.enqueue(self._chosen(rows), annotator=self.annotator)

    def ask_only(self, rows: Any = None) -> IntArray:
        """Ask only some samples from now on, the selected ones by default; return those without an answer."""
        return self.session.ask_only(self._chosen(rows), annotator=self.annotator)

    def _chosen(self, rows: Any) -> IntArray:
        """Return row numbers of the pool, those that are selected for None."""
        if rows is None and not len(self.selected):
            raise ValueError("nothing is selected; select samples first, or pass rows.")
        return self.selected if rows is None else self._rows(rows)

    def _rows(self, rows: Any) -> IntArray:
        return check_rows(rows, self.session.n_samples)

    def _give(self, label: Label, rows: IntArray, name: str, annotator: str | None, *, relabel: bool) -> _Group:
        """Label rows as a group; a repeated request continues with the rows of the first one, without duplicates."""
        if name not in self._groups:
            chosen = rows if relabel else rows[self.view_model.codes[rows] == _NO_CLASS]
            self._groups[name] = _Group(label, rows.tolist(), chosen.tolist())
        group, n_before = self._groups[name], self._groups[name].n_given
        if (group.label, group.asked) != (label, rows.tolist()):
            raise OtherChangeError(name)
        try:
            for row in group.rows[n_before:]:
                self.session.teach(row, label, event_id=_id_in(name, row), via="map", annotator=annotator)
                group.n_given += 1
        except OSError as error:
            error.add_note(f"{group.n_given} of {len(group.rows)} were labeled before.")
            raise
        finally:
            if group.n_given > n_before:
                self.changed()
        return group

    def _undo_event(self, name: str, event_id: str, annotator: str | None) -> list[int]:
        if name not in self._groups:
            raise ValueError(
                f"the labels {short_repr(name)} were not given on this map, but before the kernel or the cell was run "
                "again; undo them in the review."
            )
        group, rows = self._groups[name], []
        for row in reversed(group.rows[: group.n_given]):
            rows += self.session.undo(target=_id_in(name, row), event_id=_id_in(event_id, row), annotator=annotator)
        group.undone = True
        self.changed()
        return rows

    def _last_group(self) -> str | None:
        return next((name for name in reversed(self._groups) if self._groups[name].stands), None)

    # Messages

    def _label_group(self, message: messages.LabelGroup) -> Done:
        label, rows = message["value"], message["rows"]
        group = self._give(label, rows, message["event_id"], message["annotator"], relabel=message["relabel"])
        return {"text": f"{len(group.rows)} labeled as {label}"}

    def _undo_group(self, message: messages.Undo) -> Done:
        n = len(self._undo_event(message["target"], message["event_id"], message["annotator"]))
        return {"text": f"{n} label{'' if n == 1 else 's'} undone"}

    def _enqueue(self, message: messages.Enqueue) -> Done:
        rows = self.session.enqueue(message["rows"], **signed(message))
        return {"text": f"queued next: {len(rows)}"}

    def _ask_only(self, message: messages.AskOnly) -> Done:
        n = len(self.session.ask_only(message["rows"], **signed(message)))
        return {"text": f"asked from now on: only these {n}" if n else "all may be asked again"}

    ANSWERS = frozenset({"label", "undo"})
    CHANGES: ClassVar[Handlers] = {
        "label": (messages.LabelGroup, _label_group),
        "undo": (messages.Undo, _undo_group),
        "enqueue": (messages.Enqueue, _enqueue),
        "ask_only": (messages.AskOnly, _ask_only),
    }

    def _need(self, message: messages.Need) -> None:
        for payload, buffers in payloads_of(self.session, message["items"], self.session.render, message["side"]):
            self.send(payload, buffers)

    def _send_all(self, _message: messages.Message) -> None:
        """Send what a page needs to draw the map, which it asks for when it opens."""
        self._send_map()

    def _send_map(self) -> None:
        with self.lock:
            self.send({"kind": "points"}, [in_unit_square(self.points).T.astype("<f4").tobytes()])
            self._send_labels(np.flatnonzero(self._codes != _NO_CLASS), reset=True)
            self._send_predictions()
            self._send_selected()

    def _send_labels(self, rows: IntArray, *, reset: bool) -> None:
        self.send(
            {"kind": "labels", "reset": reset},
            [rows.astype("<u4").tobytes(), self._codes[rows].astype("<i2").tobytes()],
        )

    def _send_predictions(self) -> None:
        predictions = self._predictions
        if predictions is None:
            self.send({"kind": "predictions"}, [])
            return
        n = len(self.points)
        buffers = [predictions.codes[:n].astype("<i2").tobytes()]
        if predictions.uncertainty is not None:
            # Enough for colors.
            buffers.append(np.round(255 * np.clip(predictions.uncertainty[:n], 0, 1)).astype(np.uint8).tobytes())
        self.send({"kind": "predictions"}, buffers)

    def _send_selected(self) -> None:
        self.send({"kind": "selected"}, [self.selected.astype("<u4").tobytes()])

    REQUESTS: ClassVar[Handlers] = {
        "need_plotly": (messages.Message, send_plotly),
        "need_points": (messages.Message, _send_all),
        "need": (messages.Need, _need),
        "color": (messages.Colors, lambda self, message: self.set_color(message["color"])),
        "select": (messages.Rows, lambda self, message: self.select(message["rows"])),
        "inspect": (messages.Rows, lambda self, message: self.inspect(message["rows"])),
        "uncertain": (messages.Message, lambda self, _message: self.inspect_uncertain()),
    }

    def _facts(self) -> list[Fact]:
        """Return the known properties of the samples on screen, with classes as positions."""
        predictions = self._predictions
        facts: list[Fact] = []
        for row in self._inspected:
            code = int(self._codes[row])
            known = predictions is not None and predictions.confidence is not None
            facts.append(
                {
                    "row": row,
                    "label": None if code == _NO_CLASS else code,
                    "prediction": int(predictions.codes[row]) if predictions is not None else None,
                    "confidence": float(predictions.confidence[row]) if known else None,  # type: ignore[union-attr,index]
                }
            )
        return facts


def _check_color(color: Any) -> Color:
    if color not in _COLORS:
        raise ValueError(f"color is {short_repr(color)}; expected one of {list(_COLORS)}.")
    checked: Color = color
    return checked


def _id_in(name: str, row: int) -> str:
    """Return the id of one row's event among those that have one name together."""
    return f"{name} {row}"
