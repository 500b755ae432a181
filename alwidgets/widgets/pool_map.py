"""The pool as a map: label, ask for, or look at what lies together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import traitlets

from alwidgets.inspection.projection import in_unit_square, project
from alwidgets.journal.log import new_id
from alwidgets.loop.worker import Background
from alwidgets.session import view_of
from alwidgets.utils.errors import told
from alwidgets.utils.text import brief, presentable
from alwidgets.views.messages import field
from alwidgets.views.payloads import send_payloads
from alwidgets.widgets.plotly_js import plotly_js
from alwidgets.widgets.session_view import SessionView, check_session, script, style

if TYPE_CHECKING:
    from alwidgets.inspection.predictions import Predictions
    from alwidgets.session.session import Session
    from alwidgets.types import FloatArray, IntArray, Label

Color = Literal["label", "prediction", "uncertainty"]
_COLORS = ("label", "prediction", "uncertainty")
_MOST_SHOWN = 48
_NO_CLASS = -1


class PoolMap(SessionView):
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

    _esm = script("pool_map.js")
    _css = style("controls.css", "sample.css", "answers.css", "pool_map.css")
    # State. What is long travels as binary messages, and no trait holds what a sample shows.
    _color = traitlets.Unicode("uncertainty").tag(sync=True)
    _classes = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _keys = traitlets.Dict().tag(sync=True)
    _shown = traitlets.List(traitlets.Dict()).tag(sync=True)
    _n_undo = traitlets.Int(0).tag(sync=True)
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
        self._given: list[list[str]] = []
        self._codes: IntArray = np.full(session.n_samples, _NO_CLASS, np.int32)
        self._predictions: Predictions | None = None
        self._predicted_for: Any = None
        self._worker = Background(self._predict)
        super().__init__(session, _color=_checked_color(color), _n_samples=session.n_samples)
        self.on_msg(self._receive)

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
        chosen = self._chosen(rows)
        if not relabel:
            chosen = chosen[view_of(self.session).codes[chosen] == _NO_CLASS]
        given: list[str] = []
        try:
            for row in chosen.tolist():
                event_id = new_id()
                self.session.teach(row, label, event_id=event_id, via="map")
                given.append(event_id)
        except OSError as error:
            error.add_note(f"{len(given)} of {len(chosen)} were labelled before.")
            raise
        finally:
            if given:
                self._given.append(given)
                self._follow()
        return chosen

    def undo(self) -> list[int]:
        """Take back all labels that were given together last on this map, and return their rows.

        Answers that were given elsewhere since then stay.
        """
        rows = []
        for event_id in reversed(self._given[-1]) if self._given else ():
            rows += self.session.undo(target=event_id)
        del self._given[-1:]
        self._follow()
        return rows

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
            self._n_undo = len(self._given[-1]) if self._given else 0
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

    def _receive(self, _widget: Any, content: Any, buffers: Any) -> None:
        """Handle a message from the page. Jupyter shows no exception raised here, so none may leave."""
        try:
            self._do(field(content, "kind", str), content, buffers)
        except OSError as error:
            self.send({"kind": "problem", "error": " ".join([told(error, "Saving"), *getattr(error, "__notes__", ())])})
        except (ValueError, TypeError) as error:
            self.send({"kind": "problem", "error": presentable(str(error))})

    def _do(self, kind: str, content: dict[str, Any], buffers: Any) -> None:
        actions = {
            "need_plotly": lambda: self.send({"kind": "plotly"}, [plotly_js()]),
            "need_points": self._send_all,
            "need": lambda: send_payloads(self, content.get("items")),
            "color": lambda: setattr(self, "color", content.get("color")),
            "select": lambda: self.select(_sent_rows(buffers)),
            "label": lambda: self._label(content, _sent_rows(buffers)),
            "undo": lambda: self._say(f"{len(self.undo())} labels taken back"),
            "ask": lambda: self._say(f"{len(self.ask(_sent_rows(buffers)))} are asked next"),
            "inspect": lambda: self.inspect(_sent_rows(buffers)),
            "uncertain": self.inspect_uncertain,
        }
        if kind not in actions:
            raise ValueError(f"message kind is {brief(kind)}; expected one of {list(actions)}.")
        actions[kind]()

    def _label(self, content: dict[str, Any], rows: IntArray) -> None:
        code, classes = field(content, "value", int), self.session.classes
        if not 0 <= code < len(classes):
            raise ValueError(f"the answer is {brief(code)}; expected the number of a class, 0 to {len(classes) - 1}.")
        n_labelled = len(self.label(classes[code], rows, relabel=field(content, "relabel", bool)))
        self._say(f"{n_labelled} labelled as {classes[code]}")

    def _say(self, text: str) -> None:
        self.send({"kind": "done", "text": text})

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


def _sent_rows(buffers: Any) -> IntArray:
    """Return the row numbers in a message's binary part."""
    if len(buffers) != 1 or memoryview(buffers[0]).nbytes % 4:
        raise ValueError(f"message has {len(buffers)} binary parts; expected one, row numbers of four bytes each.")
    rows: IntArray = np.frombuffer(buffers[0], "<u4").astype(np.intp)
    return rows
