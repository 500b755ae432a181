"""The pool as a map: label, ask for, or look at what lies together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import traitlets

from alwidgets.inspection.projection import in_unit_square, project
from alwidgets.journal.log import new_id
from alwidgets.loop.worker import Background
from alwidgets.session import view_of
from alwidgets.utils.errors import told
from alwidgets.utils.text import brief
from alwidgets.views.messages import class_of, field, id_of
from alwidgets.views.payloads import send_payloads
from alwidgets.widgets.front_end import script, style
from alwidgets.widgets.plotly_js import plotly_js
from alwidgets.widgets.session_control import SessionControl
from alwidgets.widgets.session_view import check_session

if TYPE_CHECKING:
    from alwidgets.inspection.predictions import Predictions
    from alwidgets.session import Session
    from alwidgets.types import FloatArray, IntArray, Label

Color = Literal["label", "prediction", "uncertainty"]
_COLORS = ("label", "prediction", "uncertainty")
_MOST_SHOWN = 48
_NO_CLASS = -1


@dataclass
class _Group:
    """Rows that are given a label together, how many of them have it, and whether it was taken back."""

    rows: list[int]
    n_given: int = 0
    taken_back: bool = False

    @property
    def stands(self) -> bool:
        return self.n_given > 0 and not self.taken_back


class PoolMap(SessionControl):
    """Show the pool in two dimensions, coloured by label, prediction or uncertainty, and follow the session.

    Points that lie together can be selected with a lasso or a box, and labelled, asked next or looked at. Everything
    that is done in the widget is a method here.

    Parameters
    ----------
    session : Session
        Whose pool.
    projection : array-like of shape (n_samples, 2) or callable, optional
        Where the samples lie, or a function X -> (n_samples, 2) such as ``umap.UMAP().fit_transform``; default the two
        main components of the features in which the session compares samples.
    color : {"uncertainty", "label", "prediction"}
        What the colours say. Labels are those that were given here, also of samples that only measure.

    Raises
    ------
    ValueError
        If there is no such colour, the projection is not what it should be, or the samples are no numbers and cannot be
        laid out without one.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> import alwidgets as alw
    >>> X, y = load_iris(return_X_y=True)
    >>> session = alw.Session(X, classes=[0, 1, 2], learner=LogisticRegression(max_iter=1000), random_state=0)
    >>> map = alw.PoolMap(session, color="label")
    >>> map.select([50, 51, 52])
    >>> map.label(1).tolist()
    [50, 51, 52]
    >>> map.undo()
    [52, 51, 50]
    """

    _esm = script("map/pool_map.js")
    _css = style("common/sample.css", "common/answers.css", "map/pool_map.css")
    # State. What is long travels as binary messages, and no trait holds what a sample shows.
    _color = traitlets.Unicode("uncertainty").tag(sync=True)
    _classes = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _keys = traitlets.Dict().tag(sync=True)
    _shown = traitlets.List(traitlets.Dict()).tag(sync=True)
    # What `undo` would take back: the id of the group, and how many labels.
    _undoable = traitlets.Dict().tag(sync=True)
    _n_samples = traitlets.Int(0).tag(sync=True)
    _problem = traitlets.Unicode().tag(sync=True)

    def __init__(self, session: Session, projection: Any = None, color: Color = "uncertainty") -> None:
        check_session(session)
        if session.task.kind == "multi":
            raise ValueError("the session has a task 'multi'; a PoolMap colours samples that have one class each.")
        self.renderer = session.render
        self._points = project(session.X, view_of(session).features, projection)
        self._points.flags.writeable = False
        self._selected: IntArray = np.empty(0, np.intp)
        self._inspected: list[int] = []
        # Labels that were given together, by the id of what asked for it, oldest first.
        self._groups: dict[str, _Group] = {}
        self._codes: IntArray = np.full(session.n_samples, _NO_CLASS, np.int32)
        self._predictions: Predictions | None = None
        self._predicted_for: Any = None
        self._worker = Background(self._predict)
        super().__init__(session, _color=_checked_color(color), _n_samples=session.n_samples)

    @property
    def projection(self) -> FloatArray:
        """Where each sample lies, shape (n_samples, 2)."""
        return self._points

    @property
    def color(self) -> str:
        """What the colours say: "label", "prediction" or "uncertainty"."""
        return str(self._color)

    @color.setter
    def color(self, color: Color) -> None:
        self._color = _checked_color(color)

    @property
    def selected(self) -> IntArray:
        """The selected row numbers, in the order in which they were selected."""
        return self._selected.copy()

    def select(self, rows: Any) -> None:
        """Select samples; what was selected before no longer is.

        Parameters
        ----------
        rows : int or sequence of int
            Row numbers in `X`; none for nothing.
        """
        chosen = self._rows(rows)
        with self._sending:
            self._selected = chosen
            self._send_selected()

    def label(self, label: Label, rows: Any = None, *, relabel: bool = False) -> IntArray:
        """Give samples a label; `undo` takes all of them back at once.

        Parameters
        ----------
        label : str, int, float or bool
            One of the classes.
        rows : int or sequence of int, optional
            Row numbers in `X`; default the selected ones.
        relabel : bool
            Whether those that have a label get this one too.

        Returns
        -------
        rows : ndarray of int
            Those that were labelled; each is on disk.
        """
        return np.array(self._give(label, self._chosen(rows), new_id(), relabel=relabel).rows, np.intp)

    def _give(self, label: Label, rows: IntArray, name: str, *, relabel: bool) -> _Group:
        """Give rows a label together; what comes again goes on with the rows of the first time, none of them twice."""
        if name not in self._groups:
            chosen = rows if relabel else rows[view_of(self.session).codes[rows] == _NO_CLASS]
            self._groups[name] = _Group(chosen.tolist())
        group, n_before = self._groups[name], self._groups[name].n_given
        try:
            for row in group.rows[n_before:]:
                self.session.teach(row, label, event_id=_id_in(name, row), via="map")
                group.n_given += 1
        except OSError as error:
            error.add_note(f"{group.n_given} of {len(group.rows)} were labelled before.")
            raise
        finally:
            if group.n_given > n_before:
                self._follow()
        return group

    def undo(self) -> list[int]:
        """Take back all labels that were given together last on this map, and return their rows.

        Answers that were given elsewhere since then stay.
        """
        name = self._last_group()
        return [] if name is None else self._take_back(name, new_id())

    def _take_back(self, name: str, event_id: str) -> list[int]:
        if name not in self._groups:
            raise ValueError(
                f"the labels {brief(name)} were not given on this map, but before the kernel or the cell was run "
                "again; take them back in the review."
            )
        group, rows = self._groups[name], []
        for row in reversed(group.rows[: group.n_given]):
            rows += self.session.undo(target=_id_in(name, row), event_id=_id_in(event_id, row))
        group.taken_back = True
        self._follow()
        return rows

    def _last_group(self) -> str | None:
        return next((name for name in reversed(self._groups) if self._groups[name].stands), None)

    def ask(self, rows: Any = None) -> IntArray:
        """Make samples without a label the next questions, and return them; default the selected ones."""
        return self.session.ask(self._chosen(rows))

    def inspect(self, rows: Any) -> None:
        """Show what samples are beside the map, at most the first 48; none for nothing."""
        chosen = self._rows(rows)[:_MOST_SHOWN]
        with self._sending:
            self._inspected = chosen.tolist()
            self._shown = self._facts()

    def inspect_uncertain(self) -> int:
        """Show the most uncertain sample without a label, or the next one after that which is shown; return its row.

        Raises
        ------
        ValueError
            If there is no model yet, it tells no uncertainty, or every sample has a label.
        """
        uncertainty = None if self._predictions is None else self._predictions.uncertainty
        if uncertainty is None:
            why = "there is no model yet" if self._predictions is None else "the model tells no uncertainty"
            raise ValueError(
                f"{why}; expected one that gives probabilities. Label until it is trained, or select rows."
            )
        rows = np.flatnonzero(view_of(self.session).codes == _NO_CLASS)
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

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the colours are those of the newest model; False when the timeout in seconds ran out first."""
        return self._worker.wait(timeout)

    def refresh(self) -> None:
        """Send the labels that changed, and have a new model's predictions made beside everything else."""
        codes = view_of(self.session).codes
        changed = np.flatnonzero(codes != self._codes)
        self._codes = codes
        keys = self.session.shortcuts
        if len(changed):
            self._send_labels(changed, reset=False)
        with self.hold_sync():
            self._classes = [str(name) for name in self.session.classes]
            self._keys = {"classes": list(keys.classes), "actions": {"find": keys.actions["find"]}}
            self._shown = self._facts()
            name = self._last_group()
            self._undoable = {"group": name, "n": 0 if name is None else self._groups[name].n_given}
        if self._newest_round() != self._predicted_for:
            self._worker.wake()

    def _newest_round(self) -> Any:
        return self.session.progress.round or None

    def _predict(self) -> None:
        """Predict the pool; in the worker's thread. Nobody above could show what it raises."""
        newest, predictions, problem = self._newest_round(), None, ""
        try:
            predictions = self.session.predictions()
        except Exception as error:  # noqa: BLE001 - whatever a user's estimator raises
            problem = told(error, "Predicting the pool")
        with self._sending:
            self._predicted_for, self._predictions = newest, predictions
            self._problem = problem
            self._shown = self._facts()
            self._send_predictions()

    def _facts(self) -> list[dict[str, Any]]:
        """Return what is known of the samples that are shown, classes as positions."""
        predictions = self._predictions
        facts = []
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

    def _hear(self, kind: str, content: dict[str, Any], buffers: Any) -> None:
        if kind == "need_plotly":
            self.send({"kind": "plotly"}, [plotly_js()])
        elif kind == "need_points":
            self._send_all()
        elif kind == "need":
            send_payloads(self, content.get("items"))
        elif kind == "color":
            self.color = content.get("color")  # type: ignore[assignment]  # it looks
        elif kind == "select":
            self.select(_sent_rows(buffers))
        elif kind == "inspect":
            self.inspect(_sent_rows(buffers))
        else:
            self.inspect_uncertain()

    def _label(self, event_id: str, content: dict[str, Any]) -> dict[str, Any]:
        label, relabel = class_of(content.get("value"), self.session.classes), field(content, "relabel", bool)
        group = self._give(label, self._rows(content.get("rows")), event_id, relabel=relabel)
        return {"said": f"{len(group.rows)} labelled as {label}"}

    def _undo(self, event_id: str, content: dict[str, Any]) -> dict[str, Any]:
        n = len(self._take_back(id_of(content, "target"), event_id))
        return {"said": f"{n} label{'' if n == 1 else 's'} taken back"}

    def _ask(self, event_id: str, content: dict[str, Any]) -> dict[str, Any]:
        rows = self.session.ask(self._rows(content.get("rows")), event_id=event_id)
        return {"said": f"{len(rows)} are asked next"}

    _CHANGES: ClassVar[dict[str, Callable[..., dict[str, Any] | None]]] = {"label": _label, "undo": _undo, "ask": _ask}
    _OTHERS: ClassVar[tuple[str, ...]] = (
        "need_plotly",
        "need_points",
        "need",
        "color",
        "select",
        "inspect",
        "uncertain",
    )

    def _send_all(self) -> None:
        """Send what a page needs to draw the map, which it asks for when it opens."""
        with self._sending:
            self.send({"kind": "points"}, [in_unit_square(self._points).T.astype("<f4").tobytes()])
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
            self.send({"kind": "predictions"})
            return
        buffers = [predictions.codes.astype("<i2").tobytes()]
        if predictions.uncertainty is not None:
            # Enough for colours.
            buffers.append(np.round(255 * np.clip(predictions.uncertainty, 0, 1)).astype(np.uint8).tobytes())
        self.send({"kind": "predictions"}, buffers)

    def _send_selected(self) -> None:
        self.send({"kind": "selected"}, [self._selected.astype("<u4").tobytes()])

    def _chosen(self, rows: Any) -> IntArray:
        """Return row numbers of the pool, those that are selected for None."""
        if rows is None and not len(self._selected):
            raise ValueError("nothing is selected; select samples first, or pass rows.")
        return self._selected if rows is None else self._rows(rows)

    def _rows(self, rows: Any) -> IntArray:
        """Return row numbers of the pool, each once."""
        try:
            given = np.atleast_1d(np.asarray(rows))
        except ValueError:
            given = np.empty((0, 0))
        n_samples = self.session.n_samples
        if given.ndim != 1 or (given.size and given.dtype.kind not in "iu"):
            raise TypeError(f"rows is {brief(rows)}; expected row numbers of X, 0 to {n_samples - 1}.")
        outside = given[(given < 0) | (given >= n_samples)]
        if len(outside):
            raise ValueError(f"rows has {outside[0]}; expected row numbers of X, 0 to {n_samples - 1}.")
        return np.array(list(dict.fromkeys(given.tolist())), np.intp)


def _checked_color(color: Any) -> str:
    if color not in _COLORS:
        raise ValueError(f"color is {brief(color)}; expected one of {list(_COLORS)}.")
    return str(color)


def _id_in(name: str, row: int) -> str:
    """Return the id of one row's event among those that have one name together."""
    return f"{name} {row}"


def _sent_rows(buffers: Any) -> IntArray:
    """Return the row numbers in a message's binary part."""
    if len(buffers) != 1 or memoryview(buffers[0]).nbytes % 4:
        raise ValueError(f"message has {len(buffers)} binary parts; expected one, row numbers of four bytes each.")
    rows: IntArray = np.frombuffer(buffers[0], "<u4").astype(np.intp)
    return rows
