"""A pool that is drawn, and a strategy that runs against random sampling on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

from alwidgets.models.presets import LEARNERS, learner_of
from alwidgets.simulation.race import GRID, Heat, Terms, strategies_for
from alwidgets.simulation.sketch import SHAPES, Drawing, shape_points
from alwidgets.strategies import NAMED, ColdStart
from alwidgets.strategies.choose import strategy_name
from alwidgets.types import Label
from alwidgets.utils.checks import check_count
from alwidgets.utils.text import short_repr
from alwidgets.views import messages
from alwidgets.views.race_state import how_it_stands, map_of, state_of
from alwidgets.views.states import RaceSettings, RaceState
from alwidgets.views.view import BaseView, Handlers, Send

_COLD_STARTS = [name for name, each in NAMED.items() if not each.needs]


class RaceView(BaseView):
    """Points that are drawn, what a race on them is run with, and the race while it runs.

    It stands on no session: those of a race come and go with it. Drawing, or changing what the race is run with, starts
    it over.

    Parameters
    ----------
    drawing : Drawing
        The points to begin with.
    terms : Terms
        What the race is run with.
    send, changed : callable
        As of a `BaseView`.
    """

    def __init__(self, drawing: Drawing, terms: Terms, send: Send, changed: Callable[[], None]) -> None:
        super().__init__(send, changed)
        self.drawing = drawing
        self.terms = terms
        #: The race that runs, None before the first step.
        self.heat: Heat | None = None
        # The user's own objects, by the names that they have on the page.
        self._own: dict[str, dict[str, Any]] = {"learner": dict(LEARNERS), "strategy": {}, "cold_start": {}}

    @property
    def subject(self) -> Drawing:
        """The points."""
        return self.drawing

    @property
    def running(self) -> Heat:
        """The race that runs; with none it is begun."""
        with self.lock:
            if self.heat is None:
                self.heat = Heat(self.drawing, self.terms)
            return self.heat

    @property
    def sentence(self) -> str:
        """Current state of the race, in one sentence."""
        with self.lock:
            return how_it_stands(self.drawing, self.heat, self.names()["strategy"])

    def names(self) -> RaceSettings:
        """Return the names of the settings on the page, by which the user's own objects can be selected again."""
        terms = self.terms
        learner = next((name for name, each in self._own["learner"].items() if each is terms.learner), None)
        if learner is None:
            learner = type(terms.learner).__name__
            self._own["learner"][learner] = terms.learner
        chosen = {}
        for setting, value in (("strategy", terms.strategy), ("cold_start", terms.cold_start)):
            given = value.strategy if isinstance(value, ColdStart) else value
            chosen[setting] = given if isinstance(given, str) else strategy_name(given)
            if not isinstance(value, str):
                self._own[setting][chosen[setting]] = value
        return {
            "learner": learner,
            "strategy": chosen["strategy"],
            "cold_start": chosen["cold_start"],
            "batch_size": terms.batch_size,
            "random_state": terms.random_state,
        }

    def refresh(self) -> RaceState:
        """Return points, settings and what may be set, the boundaries and how the race stands."""
        heat, drawing, names = self.heat, self.drawing, self.names()
        places = zip(drawing.X.round(4).tolist(), drawing.codes.tolist(), strict=True)
        options = {
            "strategy": list(dict.fromkeys([*strategies_for(self.terms.learner), *self._own["strategy"]])),
            "learner": list(self._own["learner"]),
            "cold_start": list(dict.fromkeys([*_COLD_STARTS, *self._own["cold_start"]])),
            "shape": list(SHAPES),
        }
        active, at_random = (map_of(heat, session) for session in heat.sessions) if heat else (b"", b"")
        return {
            "points": [[*place, code] for place, code in places],
            "settings": names,
            "options": options,
            "active_map": active,
            "random_map": at_random,
            "race": {"reach": drawing.reach, "grid": GRID, "sentence": self.sentence, **state_of(heat)},
        }

    def draw(self, points: Any, labels: Any) -> None:
        """Add points, and start over."""
        self._start_over(lambda drawing: drawing.drawn(points, labels))

    def add_shape(self, shape: str, n: int, *, random_state: int | None = None) -> None:
        """Add a ready-made shape, and start over."""

        def more(drawing: Drawing) -> Drawing:
            seed = self.terms.random_state + len(drawing.strokes) if random_state is None else random_state
            points, codes = shape_points(shape, n, len(drawing.classes), seed)
            return drawing.drawn(points, [drawing.classes[code] for code in codes])

        self._start_over(more)

    def undo(self) -> None:
        """Undo the last stroke or shape, and start over."""
        self._start_over(Drawing.without_last)

    def clear(self) -> None:
        """Remove all points."""
        self._start_over(lambda drawing: Drawing(drawing.classes))

    def choose(self, **settings: Any) -> None:
        """Change the settings of the race, and start over."""
        with self.lock:
            known = list(self.names())
            for name in settings:
                if name not in known:
                    raise ValueError(f"setting is {short_repr(name)}; expected one of {known}.")
            changes = {name: self._known(name, value) for name, value in settings.items()}
            if "learner" in changes:
                changes["learner"] = learner_of(changes["learner"])
            self.terms = replace(self.terms, **changes)
            self.reset()

    def step(self, n: int = 1) -> None:
        """Label and retrain `n` times, both by the known classes."""
        with self.lock:
            for _ in range(check_count("n", n)):
                self.running.step()
            self.changed()

    def play(self, n_labels: int | None = None) -> None:
        """Run on until each has `n_labels` labels; default until every point that may be asked has one."""
        with self.lock:
            heat = self.running
            most = len(heat.asked) if n_labels is None else check_count("n_labels", n_labels)
            while heat.n_labeled < most and not heat.finished:
                heat.step()
            self.changed()

    def reset(self) -> None:
        """Start over with the same points."""
        self._start_over(lambda drawing: drawing)

    def ask(self) -> int | None:
        """Return the row that the strategy wants answered next; None when all are labeled."""
        with self.lock:
            row = self.running.question
            self.changed()
        return row

    def answer(self, label: Label) -> None:
        """Answer what `ask` returns with a class of one's own."""
        with self.lock:
            self.running.answer(label)
            self.changed()

    def close(self) -> None:
        """End the race's sessions."""
        if self.heat is not None:
            self.heat.close()
        self.heat = None

    def _start_over(self, change: Callable[[Drawing], Drawing]) -> None:
        with self.lock:
            self.drawing = change(self.drawing)
            self.close()
            self.changed()

    def _known(self, setting: str, value: Any) -> Any:
        """Return the user's own object behind a name on the page, anything else as it is."""
        return self._own.get(setting, {}).get(value, value) if isinstance(value, str) else value

    # Requests

    def _taken(self, message: messages.RaceMessage) -> None:
        taken: messages.Taken = {"kind": "done", "id": message["id"]}
        self.send(taken, [])

    def _draw(self, message: messages.Stroke) -> None:
        self.draw(message["points"], message["code"])
        self._taken(message)

    def _add_shape(self, message: messages.Shape) -> None:
        self.add_shape(message["shape"], message["n"], random_state=message["seed"])
        self._taken(message)

    def _choose(self, message: messages.Choose) -> None:
        self.choose(**message["settings"])
        self._taken(message)

    def _answer(self, message: messages.RaceAnswer) -> None:
        self.answer(message["code"])
        self._taken(message)

    def _act(self, message: messages.RaceMessage) -> None:
        getattr(self, message["kind"])()
        self._taken(message)

    REQUESTS: ClassVar[Handlers] = {
        **dict.fromkeys(("undo", "clear", "step", "reset", "ask"), (messages.RaceMessage, _act)),
        "draw": (messages.Stroke, _draw),
        "shape": (messages.Shape, _add_shape),
        "choose": (messages.Choose, _choose),
        "answer": (messages.RaceAnswer, _answer),
    }
