"""Race between a strategy and random sampling on points drawn by the user."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import anywidget
import numpy as np
import traitlets

from alwidgets.data.labels import plain_labels
from alwidgets.models.presets import LEARNERS, learner_of
from alwidgets.session.validation import check_class_names
from alwidgets.simulation.race import (
    GRID,
    Heat,
    Terms,
    strategies_for,
)
from alwidgets.simulation.sketch import SHAPES, Drawing, shape_points
from alwidgets.strategies import NAMED, ColdStart, strategy_name
from alwidgets.utils.checks import check_count
from alwidgets.utils.text import sanitize, short_repr
from alwidgets.widgets.front_end import script, style

if TYPE_CHECKING:
    import pandas as pd

    from alwidgets.session.session import Session
    from alwidgets.strategies.protocols import Strategy
    from alwidgets.types import Label

_BRUSHES = ("orange", "blue")
# Every class has a color, a marker and a key of its own.
_MOST_CLASSES = 6
# A mean difference of accuracy, in percentage points, that is called none.
_DRAW = 0.5
# How much more neighbors must tell with all labels than a model does, to say that it is the model's fault.
_FAR_BETTER = 0.1
_COLD_STARTS = [name for name, each in NAMED.items() if not each.needs]


class Race(anywidget.AnyWidget):
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

    _esm = script("race/race.js")
    _css = style("race/race.css")
    _classes = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _points = traitlets.List().tag(sync=True)
    _options = traitlets.Dict().tag(sync=True)
    _settings = traitlets.Dict().tag(sync=True)
    _race = traitlets.Dict().tag(sync=True)
    # `Heat.leads`; empty without a model.
    _active_map = traitlets.Bytes().tag(sync=True)
    _random_map = traitlets.Bytes().tag(sync=True)
    # Before there is one: a widget that could not be made is closed all the same.
    _heat: Heat | None = None

    def __init__(
        self,
        X: Any = None,
        y: Any = None,
        *,
        strategy: str | Strategy = "margin",
        learner: Any = None,
        classes: Any = None,
        batch_size: int = 4,
        cold_start: str | ColdStart = "random",
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
        self._drawing = drawing if X is None else drawing.drawn(X, y)
        given = LEARNERS["logistic regression"] if learner is None else learner_of(learner)
        self._terms = Terms(strategy, given, batch_size, cold_start, random_state)
        self._own: dict[str, dict[str, Any]] = {"learner": dict(LEARNERS), "strategy": {}, "cold_start": {}}
        # The page's messages are handled beside the user's cells.
        self._lock = threading.RLock()
        super().__init__(_classes=[str(name) for name in brushes])
        self._publish()
        self.on_msg(self._receive)

    def __repr__(self) -> str:
        names = self._names()
        score = f"; {self.sentence}" if self._heat else ""
        n = len(self._drawing.codes)
        return f"Race({n} points, {names['strategy']} against random, {names['learner']}{score})"

    @property
    def X(self) -> Any:
        """The points, in the order in which they were drawn."""
        return self._drawing.X

    @property
    def y(self) -> Any:
        """Their classes."""
        return np.array(self._drawing.classes)[self._drawing.codes]

    @property
    def curves(self) -> pd.DataFrame:
        """One row a retrain: n_labeled, and the accuracies `active` and `random` on the half that is never asked."""
        import pandas as pd

        with self._lock:
            return self._heat.curves() if self._heat else pd.DataFrame(columns=["n_labeled", "active", "random"])

    @property
    def sessions(self) -> tuple[Session, Session]:
        """The strategy's session and the random one; their rows are those of `asked`."""
        with self._lock:
            return self._running().sessions

    @property
    def asked(self) -> Any:
        """Rows of `X` that may be asked; the others only measure."""
        with self._lock:
            return self._running().asked

    @property
    def n_labeled(self) -> int:
        """Labels given, to each of the two."""
        with self._lock:
            return self._heat.n_labeled if self._heat else 0

    @property
    def sentence(self) -> str:
        """Current state of the race, in one sentence."""
        with self._lock:
            return _how_it_stands(self._drawing, self._heat, self._names()["strategy"])

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
        return self._start_over(lambda drawing: drawing.drawn(points, labels))

    def add_shape(self, shape: str, n: int = 200, *, random_state: int | None = None) -> Race:
        """Add a ready-made shape, and start over.

        Parameters
        ----------
        shape : {"blobs", "overlap", "moons", "circles", "xor", "island"}
            Which.
        n : int
            How many points.
        random_state : int, optional
            Seeds the points; default the race's, and another one for each shape after the first, whose points would
            lie on those of the one before.
        """

        def more(drawing: Drawing) -> Drawing:
            seed = self._terms.random_state + len(drawing.strokes) if random_state is None else random_state
            points, codes = shape_points(shape, n, len(drawing.classes), seed)
            return drawing.drawn(points, [drawing.classes[code] for code in codes])

        return self._start_over(more)

    def undo(self) -> Race:
        """Take back the last stroke or shape, and start over."""
        return self._start_over(Drawing.without_last)

    def clear(self) -> Race:
        """Remove all points."""
        return self._start_over(lambda drawing: Drawing(drawing.classes))

    def choose(self, **settings: Any) -> Race:
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
        with self._lock:
            known = list(self._names())
            for name in settings:
                if name not in known:
                    raise ValueError(f"setting is {short_repr(name)}; expected one of {known}.")
            changes = {name: self._known(name, value) for name, value in settings.items()}
            if "learner" in changes:
                changes["learner"] = learner_of(changes["learner"])
            self._terms = replace(self._terms, **changes)
            return self._start_over(lambda drawing: drawing)

    def step(self, n: int = 1) -> Race:
        """Label and retrain `n` times, both by the known classes.

        Raises
        ------
        ValueError
            If fewer than two classes are drawn, or one has fewer than four points.
        """
        with self._lock:
            for _ in range(check_count("n", n)):
                self._running().step()
            self._publish()
        return self

    def play(self, n_labels: int | None = None) -> Race:
        """Run on until each has `n_labels` labels; default until every point that may be asked has one."""
        with self._lock:
            heat = self._running()
            most = len(heat.asked) if n_labels is None else check_count("n_labels", n_labels)
            while heat.n_labeled < most and not heat.finished:
                heat.step()
            self._publish()
        return self

    def reset(self) -> Race:
        """Start over with the same points."""
        return self._start_over(lambda drawing: drawing)

    def ask(self) -> int | None:
        """Return the row of `X` that the strategy wants answered next; None when all are labeled."""
        with self._lock:
            row = self._running().question
            self._publish()
        return row

    def answer(self, label: Label) -> Race:
        """Answer what `ask` returns with a class of your own; random sampling gets the known class of its question."""
        with self._lock:
            self._running().answer(label)
            self._publish()
        return self

    def close(self) -> None:
        """Take the widget off the page and end its sessions."""
        self._drop_heat()
        super().close()

    def _running(self) -> Heat:
        if self._heat is None:
            self._heat = Heat(self._drawing, self._terms)
        return self._heat

    def _drop_heat(self) -> None:
        if self._heat is not None:
            self._heat.close()
        self._heat = None

    def _start_over(self, change: Callable[[Drawing], Drawing]) -> Race:
        with self._lock:
            self._drawing = change(self._drawing)
            self._drop_heat()
            self._publish()
        return self

    def _known(self, setting: str, value: Any) -> Any:
        """Return the user's own object behind a name on the page, anything else as it is."""
        return self._own.get(setting, {}).get(value, value) if isinstance(value, str) else value

    def _names(self) -> dict[str, Any]:
        """Return the names of the settings on the page, by which the user's own objects can be selected again."""
        terms = self._terms
        learner = next((name for name, each in self._own["learner"].items() if each is terms.learner), None)
        if learner is None:
            learner = type(terms.learner).__name__
            self._own["learner"][learner] = terms.learner
        names = {"learner": learner}
        for setting, value in (("strategy", terms.strategy), ("cold_start", terms.cold_start)):
            given = value.strategy if isinstance(value, ColdStart) else value
            names[setting] = given if isinstance(given, str) else strategy_name(given)
            if not isinstance(value, str):
                self._own[setting][names[setting]] = value
        return {**names, "batch_size": terms.batch_size, "random_state": terms.random_state}

    def _publish(self) -> None:
        heat, drawing, names = self._heat, self._drawing, self._names()
        with self.hold_sync():
            places = zip(drawing.X.round(4).tolist(), drawing.codes.tolist(), strict=True)
            self._points = [[*place, code] for place, code in places]
            self._settings = names
            self._options = {
                "strategy": list(dict.fromkeys([*strategies_for(self._terms.learner), *self._own["strategy"]])),
                "learner": list(self._own["learner"]),
                "cold_start": list(dict.fromkeys([*_COLD_STARTS, *self._own["cold_start"]])),
                "shape": list(SHAPES),
            }
            self._active_map, self._random_map = (
                (_map(heat, session) for session in heat.sessions) if heat else (b"", b"")
            )
            self._race = {"reach": drawing.reach, "grid": GRID, "sentence": self.sentence} | _state(heat)

    def _receive(self, _widget: Any, content: Any, _buffers: Any) -> None:
        """Handle a message from the page. Jupyter shows no exception raised here, so none may leave."""
        message = content if isinstance(content, dict) else {}
        reply = {"kind": "done", "id": _id(message.get("id"))}
        try:
            self._do(message)
        except Exception as error:  # noqa: BLE001 - a user's learner or strategy may raise anything
            reply |= {"kind": "problem", "error": sanitize(str(error))}
        self.send(reply)

    def _do(self, message: dict[str, Any]) -> None:
        kind = message.get("kind")
        if kind in ("undo", "clear", "step", "reset", "ask"):
            getattr(self, kind)()
        elif kind == "draw":
            self.draw(message.get("points"), self._class_of(message.get("code")))
        elif kind == "shape":
            self.add_shape(message.get("shape"), message.get("n"), random_state=message.get("seed"))  # type: ignore[arg-type]  # it looks
        elif kind == "answer":
            self.answer(self._class_of(message.get("code")))
        elif kind == "choose" and isinstance(message.get("settings"), dict):
            self.choose(**message["settings"])
        else:
            raise ValueError(
                f"message is {short_repr(message)}; expected draw, shape, undo, clear, choose with settings, step,"
                " reset, ask or answer."
            )

    def _class_of(self, code: Any) -> Label:
        classes = self._drawing.classes
        if isinstance(code, bool) or not isinstance(code, int) or not 0 <= code < len(classes):
            raise ValueError(f"the class is {short_repr(code)}; expected its number, 0 to {len(classes) - 1}.")
        return classes[code]


def _classes_of(y: Any) -> list[Any]:
    """Return the distinct labels; the default brushes if the labels are among them."""
    labels = [] if y is None else np.unique(plain_labels(y)).tolist()
    return list(_BRUSHES) if set(labels) <= set(_BRUSHES) else labels


def _id(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _map(heat: Heat, session: Session) -> bytes:
    leads = heat.leads(session)
    return b"" if leads is None else leads.tobytes()


def _state(heat: Heat | None) -> dict[str, Any]:
    """Return the state of a race for the page, without the boundaries."""
    if heat is None:
        return {"running": False}
    curves = heat.curves()
    scores = curves[["active", "random"]].ffill().iloc[-1].tolist() if len(curves) else [None, None]
    problem = next((session.progress.error for session in heat.sessions if session.progress.error), "")
    return {
        "running": True,
        "finished": heat.finished,
        "question": heat.question,
        "n_labeled": heat.n_labeled,
        "n_asked": len(heat.asked),
        "drawn": heat.drawn.tolist(),
        "measured": heat.measured.tolist(),
        "problem": problem,
        # Row and class of each label, oldest first.
        "labeled": [_labeled(heat, session) for session in heat.sessions],
        "n_newest": (heat.n_labeled - 1) % heat.terms.batch_size + 1 if heat.n_labeled else 0,
        "scores": scores,
        "curves": curves.astype(object).where(curves.notna(), None).to_numpy().tolist(),
    }


def _labeled(heat: Heat, session: Session) -> list[list[int]]:
    labels = session.labels
    codes = [heat.classes.index(label) for label in labels["label"]]
    return [[int(row), code] for row, code in zip(heat.asked[labels["item"].to_numpy()], codes, strict=True)]


def _how_it_stands(drawing: Drawing, heat: Heat | None, strategy: str) -> str:
    counts = np.bincount(drawing.codes, minlength=len(drawing.classes))
    drawn = ", ".join(f"{count} {label}" for label, count in zip(drawing.classes, counts, strict=True) if count)
    if heat is None:
        enough = np.count_nonzero(counts) > 1
        return f"{drawn}. Who will win? Step or play." if enough else "Draw points of two classes, or add a shape."
    curves = heat.curves().ffill().dropna()
    both = zip((strategy, "random"), heat.sessions, strict=True)
    failed = list(dict.fromkeys(name for name, session in both if session.progress.error))
    if failed and not len(curves):
        return f"{heat.n_labeled} labels each, and no model of {' and '.join(failed)}: fitting failed."
    if not len(curves):
        return f"{heat.n_labeled} labels each, by the same start. There is a model as soon as two classes have a label."
    active, at_random = (float(curves[name].iloc[-1]) for name in ("active", "random"))
    lead = 100 * float((curves["active"] - curves["random"]).mean())
    name = strategy if strategy != "random" else "the strategy"
    leader = name if lead > 0 else "random"
    on_average = f"{leader} leads by {abs(lead):.1f} points" if abs(lead) >= _DRAW else "a draw"
    old = f" The last fit of {' and '.join(failed)} failed, and an older model is scored." if failed else ""
    return (
        f"{heat.n_labeled} labels each: {strategy} {active:.0%}, random {at_random:.0%} of the {len(heat.measured)} "
        f"points that are never asked. On average so far: {on_average}.{old}{_no_such_border(heat, active, at_random)}"
    )


def _no_such_border(heat: Heat, *scores: float) -> str:
    """Describe a model that scores low with every point labeled while k-NN scores well; empty otherwise."""
    if not heat.finished or (reached := heat.by_neighbors()) < max(scores) + _FAR_BETTER:
        return ""
    return f" With every point labeled, k-NN tells {reached:.0%}: this model cannot draw such a border."
