"""Map of the pool, on which samples can be labeled, asked or inspected in groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from alwidgets.views.fronts import POOL_MAP
from alwidgets.views.messages import Color
from alwidgets.views.pool_map import PoolMapView
from alwidgets.widgets.session_control import SessionControl

if TYPE_CHECKING:
    from alwidgets.session import Session
    from alwidgets.types import FloatArray, IntArray, Label


class PoolMap(SessionControl):
    """Show the pool in two dimensions, colored by label, prediction or uncertainty, and follow the session.

    Points that lie together can be selected with a lasso or a box, and labeled, asked next or looked at. Everything
    that is done in the widget is a method here.

    Parameters
    ----------
    session : Session
        The session whose pool is shown.
    projection : array-like of shape (n_samples, 2) or callable, optional
        Where the samples lie, or a function X -> (n_samples, 2) such as ``umap.UMAP().fit_transform``; default the two
        main components of the features in which the session compares samples.
    color : {"uncertainty", "label", "prediction"}
        What the colors say. Labels are those that were given here, also of samples that only measure.
    annotator : str, optional
        Who works on this page; default the session's annotator.

    Raises
    ------
    ValueError
        If there is no such color, the projection is not what it should be, or the samples are not numbers and cannot be
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

    _esm = POOL_MAP.script
    _css = POOL_MAP.style
    # State. What is long travels as binary messages, and no trait holds what a sample shows.
    _color = traitlets.Unicode("uncertainty").tag(sync=True)
    _classes = traitlets.List(traitlets.Unicode()).tag(sync=True)
    # The parts of a pool that grew: names, and how many rows each has.
    _parts = traitlets.List().tag(sync=True)
    _keys = traitlets.Dict().tag(sync=True)
    _shown = traitlets.List(traitlets.Dict()).tag(sync=True)
    # What `undo` would remove: the id of the group, and how many labels.
    _undoable = traitlets.Dict().tag(sync=True)
    # How many are left of those that alone are asked; 0 where all may be.
    _n_only = traitlets.Int(0).tag(sync=True)
    _n_samples = traitlets.Int(0).tag(sync=True)
    _problem = traitlets.Unicode().tag(sync=True)

    view: PoolMapView

    def __init__(
        self,
        session: Session,
        projection: Any = None,
        color: Color = "uncertainty",
        *,
        annotator: str | None = None,
    ) -> None:
        view = PoolMapView(session, self._tell, self._follow, projection, color, annotator=annotator)
        super().__init__(view, _color=view.color, _n_samples=session.n_samples)

    @property
    def projection(self) -> FloatArray:
        """Coordinates of the samples, of shape (n_samples, 2)."""
        return self.view.points

    @property
    def color(self) -> str:
        """Value shown by the colors: "label", "prediction", "uncertainty" or "part"."""
        return self.view.color

    @color.setter
    def color(self, color: Color) -> None:
        self.view.set_color(color)

    @property
    def selected(self) -> IntArray:
        """The selected row numbers, in the order in which they were selected."""
        return self.view.selected.copy()

    def select(self, rows: Any) -> None:
        """Select samples; what was selected before no longer is.

        Parameters
        ----------
        rows : int or sequence of int
            Row numbers in `X`; none for nothing.
        """
        self.view.select(rows)

    def label(self, label: Label, rows: Any = None, *, relabel: bool = False) -> IntArray:
        """Give samples a label; `undo` removes all of them at once.

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
            Those that were labeled; each is on disk.
        """
        return np.array(self.view.label(label, rows, relabel=relabel), np.intp)

    def undo(self) -> list[int]:
        """Undo all labels that were given together last on this map, and return their rows.

        Answers that were given elsewhere since then stay.
        """
        return self.view.undo()

    def enqueue(self, rows: Any = None) -> IntArray:
        """Make samples without a label the next questions, and return them; default the selected ones."""
        return self.view.enqueue(rows)

    def ask_only(self, rows: Any = None) -> IntArray:
        """Ask only some samples from now on, the selected ones by default; return those without an answer.

        `Session.ask_only` says more of it, and ends it.
        """
        return self.view.ask_only(rows)

    def inspect(self, rows: Any) -> None:
        """Show samples beside the map, at most the first 48; an empty list shows none."""
        self.view.inspect(rows)

    def inspect_uncertain(self) -> int:
        """Show the most uncertain sample without a label, or the next one after that which is shown; return its row.

        Raises
        ------
        ValueError
            If there is no model yet, it tells no uncertainty, or every sample has a label.
        """
        return self.view.inspect_uncertain()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the colors are those of the newest model; False when the timeout in seconds ran out first."""
        return self.view.wait(timeout)
