"""Race between a strategy and random sampling on points drawn by the user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

import anywidget
import numpy as np
import traitlets

from alwidgets.data.labels import plain_labels
from alwidgets.models.presets import LEARNERS, learner_of
from alwidgets.session.label_validation import check_class_names
from alwidgets.simulation.race import RaceChanges, Terms
from alwidgets.simulation.sketch import Drawing, ShapeName
from alwidgets.strategies import ColdStart
from alwidgets.types import Learner, Samples
from alwidgets.views.fronts import RACE
from alwidgets.views.race import RaceView
from alwidgets.widgets.talk import Talk

if TYPE_CHECKING:
    import pandas as pd

    from alwidgets.session.session import Session
    from alwidgets.strategies.protocols import Strategy, StrategyName
    from alwidgets.types import Label

_BRUSHES = ("orange", "blue")
# Every class has a color, a marker and a key of its own.
_MOST_CLASSES = 6


class Race(Talk, anywidget.AnyWidget):
    """Draw a pool in the plane, and watch active learning race random sampling on it.

    Half of the points of each class, drawn at random, may be asked. The other half is never asked: both accuracies are
    measured on it, since a model that learns points by heart would shine on those it has learned. Two `Session` run:
    one asks by the strategy, one at random, with the same model and the same start.

    Every control has a method here. Drawing, or changing what the race is run with, starts it over.

    Parameters
    ----------
    X : array-like of shape (n_points, 2), optional
        Points to begin with. The named learners suit values of about -3 to 3.
    y : array-like of shape (n_points,), optional
        Their classes.
    strategy : str, callable or object with `select`
        What runs against random sampling, as in `Session`.
    learner : str or classifier, optional
        "logistic regression" (the default), "SVC rbf", "k-NN", "forest", or a classifier as in `Session`.
    classes : sequence of str, int or bool, optional
        The brushes, two to six; default those of `y`, or else orange and blue.
    batch_size : int
        Labels between two retrains.
    cold_start : str or ColdStart
        How both choose until every class has a label, as in `Session`; at random unless you say otherwise.
    random_state : int
        Seeds which half is asked, the questions and the fits.

    Raises
    ------
    ValueError, TypeError
        If an argument is not what it should be.

    Examples
    --------
    >>> race = Race(random_state=1).add_shape("circles", n=200).choose(learner="SVC rbf").play(40)
    >>> race.curves.columns.tolist(), race.n_labeled
    (['n_labeled', 'active', 'random'], 40)
    """

    _esm = RACE.script
    _css = RACE.style
    _classes = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _points = traitlets.List().tag(sync=True)
    _options = traitlets.Dict().tag(sync=True)
    _settings = traitlets.Dict().tag(sync=True)
    _race = traitlets.Dict().tag(sync=True)
    # `Heat.leads`; empty without a model.
    _active_map = traitlets.Bytes().tag(sync=True)
    _random_map = traitlets.Bytes().tag(sync=True)

    view: RaceView

    def __init__(
        self,
        X: Samples | None = None,
        y: Samples | None = None,
        *,
        strategy: StrategyName | Strategy = "margin",
        learner: Learner | None = None,
        classes: Any = None,
        batch_size: int = 4,
        cold_start: StrategyName | Strategy | ColdStart = "random",
        random_state: int = 0,
    ) -> None:
        if (X is None) != (y is None):
            raise ValueError(
                "one of X and y is given without the other; expected both, or none to draw with the mouse."
            )
        brushes = check_class_names(_classes_of(y) if classes is None else classes)
        if len(brushes) > _MOST_CLASSES:
            raise ValueError(f"classes has {len(brushes)} names; expected 2 to {_MOST_CLASSES}, a brush each.")
        drawing = Drawing(brushes)
        begun = drawing if X is None else drawing.drawn(X, y)
        given = LEARNERS["logistic regression"] if learner is None else learner_of(learner)
        terms = Terms(strategy, given, batch_size, cold_start, random_state)
        self.view = RaceView(begun, terms, self._tell, self._publish)
        super().__init__(_classes=[str(name) for name in brushes])
        self._publish()
        self.on_msg(self._receive)

    def __repr__(self) -> str:
        view, names = self.view, self.view.names()
        score = f"; {self.sentence}" if view.heat else ""
        n = view.drawing.n_samples
        return f"Race({n} points, {names['strategy']} against random, {names['learner']}{score})"

    @property
    def X(self) -> Any:
        """The points, in the order in which they were drawn."""
        return self.view.drawing.X

    @property
    def y(self) -> Any:
        """Their classes."""
        drawing = self.view.drawing
        return np.array(drawing.classes)[drawing.codes]

    @property
    def curves(self) -> pd.DataFrame:
        """One row a retrain: n_labeled, and the accuracies `active` and `random` on the half that is never asked."""
        import pandas as pd

        with self.view.lock:
            heat = self.view.heat
            return heat.curves() if heat else pd.DataFrame(columns=["n_labeled", "active", "random"])

    @property
    def sessions(self) -> tuple[Session, Session]:
        """The strategy's session and the random one; their rows are those of `asked`."""
        return self.view.running.sessions

    @property
    def asked(self) -> Any:
        """Rows of `X` that may be asked; the others only measure."""
        return self.view.running.asked

    @property
    def n_labeled(self) -> int:
        """Labels given, to each of the two."""
        with self.view.lock:
            return self.view.heat.n_labeled if self.view.heat else 0

    @property
    def sentence(self) -> str:
        """Current state of the race, in one sentence."""
        return self.view.sentence

    def draw(self, points: Any, labels: Any) -> Race:
        """Add points, and start over.

        Parameters
        ----------
        points : array-like of shape (n_points, 2)
            Where.
        labels : class, or array-like of shape (n_points,)
            One of the classes for all, or one for each.

        Raises
        ------
        ValueError
            If a point is not two finite numbers, a label is not a class, or there would be more than 5000 points.
        """
        self.view.draw(points, labels)
        return self

    def add_shape(self, shape: ShapeName, n: int = 200, *, random_state: int | None = None) -> Race:
        """Add a ready-made shape, and start over.

        Parameters
        ----------
        shape : {"blobs", "overlap", "moons", "circles", "xor", "island"}
            The shape.
        n : int
            Number of points.
        random_state : int, optional
            Seeds the points; default the race's, and another one for each shape after the first, whose points would
            lie on those of the one before.
        """
        self.view.add_shape(shape, n, random_state=random_state)
        return self

    def undo(self) -> Race:
        """Undo the last stroke or shape, and start over."""
        self.view.undo()
        return self

    def clear(self) -> Race:
        """Remove all points."""
        self.view.clear()
        return self

    def choose(self, **settings: Unpack[RaceChanges]) -> Race:
        """Change the settings of the race, and start over.

        Parameters
        ----------
        **settings
            `strategy`, `learner`, `batch_size`, `cold_start`, `random_state`, as in `Race`.

        Raises
        ------
        ValueError, TypeError
            If one is not what it should be, or they do not go together; nothing has changed then.
        """
        self.view.choose(**settings)
        return self

    def step(self, n: int = 1) -> Race:
        """Label and retrain `n` times, both by the known classes.

        Raises
        ------
        ValueError
            If fewer than two classes are drawn, or one has fewer than four points.
        """
        self.view.step(n)
        return self

    def play(self, n_labels: int | None = None) -> Race:
        """Run on until each has `n_labels` labels; default until every point that may be asked has one."""
        self.view.play(n_labels)
        return self

    def reset(self) -> Race:
        """Start over with the same points."""
        self.view.reset()
        return self

    def ask(self) -> int | None:
        """Return the row of `X` that the strategy wants answered next; None when all are labeled."""
        return self.view.ask()

    def answer(self, label: Label) -> Race:
        """Answer what `ask` returns with a class of your own; random sampling gets the known class of its question."""
        self.view.answer(label)
        return self

    def close(self) -> None:
        """Take the widget off the page and end its sessions."""
        # A widget that could not be made is closed all the same.
        if hasattr(self, "view"):
            self.view.close()
        super().close()

    def _publish(self) -> None:
        with self.view.lock, self.hold_sync():
            for name, value in self.view.refresh().items():
                setattr(self, f"_{name}", value)


def _classes_of(y: Any) -> list[Any]:
    """Return the distinct labels; the default brushes if the labels are among them."""
    labels = [] if y is None else np.unique(plain_labels(y)).tolist()
    return list(_BRUSHES) if set(labels) <= set(_BRUSHES) else labels
