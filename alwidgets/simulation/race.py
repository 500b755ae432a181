"""A strategy against random sampling on points of the plane: two sessions, their boundaries and curves."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np
from sklearn.base import clone

from alwidgets.loop.conformance import NOTE
from alwidgets.loop.plan import model_spec
from alwidgets.models.introspection import classes_of
from alwidgets.models.presets import LEARNERS
from alwidgets.session.session import Session
from alwidgets.simulation.sketch import Drawing, check_drawn
from alwidgets.strategies import NAMED, ColdStart
from alwidgets.strategies.choose import check_learner, named
from alwidgets.strategies.protocols import Strategy, StrategyName
from alwidgets.types import FloatArray, IntArray, Label, Learner
from alwidgets.utils.checks import check_count, check_seed
from alwidgets.utils.text import short_repr

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


#: Predictions along each side of a boundary.
GRID = 96
# Refits the model hundreds of times for a question: too slow to watch.
_TOO_SLOW = ("expected_error",)


class RaceChanges(TypedDict, total=False):
    """Settings of a race that may be others than before."""

    strategy: StrategyName | Strategy
    learner: Learner
    batch_size: int
    cold_start: StrategyName | Strategy | ColdStart
    random_state: int


@dataclass(frozen=True, eq=False)
class Terms:
    """Settings of a race.

    Parameters
    ----------
    strategy : str, callable or object with `select`
        What runs against random sampling.
    learner : classifier
        The model of both.
    batch_size : int
        Labels between two retrains.
    cold_start : str or ColdStart
        How both choose until every class has a label.
    random_state : int
        Seeds halves, questions and fits.
    """

    strategy: StrategyName | Strategy
    learner: Any
    batch_size: int
    cold_start: StrategyName | Strategy | ColdStart
    random_state: int

    def __post_init__(self) -> None:
        check_count("batch_size", self.batch_size)
        if check_seed(self.random_state) is None:
            raise ValueError("random_state is None; expected an integer of at least 0, to run a race again.")
        model_spec(self.learner, self.strategy)
        if not isinstance(self.cold_start, ColdStart):
            ColdStart(self.cold_start)


def strategies_for(learner: Any) -> list[str]:
    """Return the names of the strategies that a learner suits, and that are quick enough to watch.

    Examples
    --------
    >>> from sklearn.svm import SVC
    >>> "margin" in strategies_for(SVC()), "entropy" in strategies_for(SVC())
    (True, False)
    """
    return [name for name in NAMED if name not in _TOO_SLOW and _suits(name, learner)]


def _suits(name: str, learner: Any) -> bool:
    try:
        check_learner(named(name), learner)
    except ValueError:
        return False
    return True


def halves(codes: IntArray, random_state: int) -> tuple[IntArray, IntArray]:
    """Return the rows to ask and the rows that only measure: half of each class, at random.

    Examples
    --------
    >>> asked, measured = halves(np.array([0, 0, 0, 0, 1, 1]), random_state=0)
    >>> len(asked), len(measured)
    (3, 3)
    """
    rng = np.random.default_rng(random_state)
    shuffled = rng.permutation(len(codes))
    by_class = shuffled[np.argsort(codes[shuffled], kind="stable")]
    return np.sort(by_class[::2]), np.sort(by_class[1::2])


class Heat:
    """One race: a session that asks by the strategy, and one that asks at random from the same start.

    Both ask the same half of the points and have the same model; the other half is never asked, and their scores are
    accuracies on it.

    Parameters
    ----------
    drawing : Drawing
        The points.
    terms : Terms
        Strategy, learner and the rest.

    Raises
    ------
    ValueError
        If fewer than two classes were drawn, or one has too few points.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> points = Drawing(("orange", "blue")).drawn([[i / 10, i % 2] for i in range(40)], ["orange", "blue"] * 20)
    >>> heat = Heat(points, Terms("margin", LogisticRegression(), 4, "random", 0))
    >>> heat.step().step().n_labeled
    8
    """

    def __init__(self, drawing: Drawing, terms: Terms) -> None:
        X, codes = drawing.X, drawing.codes
        check_drawn(drawing.classes, codes)
        self.terms, self.reach, self.classes = terms, drawing.reach, drawing.classes
        self.asked, self.measured = halves(codes, terms.random_state)
        labels = np.array(drawing.classes)[codes]
        self.truth = labels[self.asked]
        self.drawn = np.unique(codes)
        with warnings.catch_warnings():
            # A race shows each fit that fails.
            warnings.filterwarnings("ignore", NOTE, RuntimeWarning)
            self.active, self.random = (
                Session(
                    X[self.asked],
                    classes=[drawing.classes[code] for code in self.drawn],
                    learner=terms.learner,
                    strategy=strategy,
                    batch_size=terms.batch_size,
                    stop="budget",
                    random_state=terms.random_state,
                    test=(X[self.measured], labels[self.measured]),
                    cold_start=terms.cold_start,
                    duplicates="ask",
                )
                for strategy in (terms.strategy, "random")
            )

    @property
    def sessions(self) -> tuple[Session, Session]:
        """The strategy's session and the random one."""
        return self.active, self.random

    @property
    def n_labeled(self) -> int:
        """Labels given, to each of the two."""
        return self.active.progress.n_labeled

    @property
    def finished(self) -> bool:
        """True if every point that may be asked has a label."""
        return self.n_labeled == len(self.asked)

    @property
    def question(self) -> int | None:
        """The row, of all points, that the strategy asks next; None when all are labeled."""
        # A whole batch, as a step would ask for: looking at the question changes none.
        rows = self.active.query()
        return int(self.asked[rows[0]]) if len(rows) else None

    def step(self) -> Heat:
        """Label on to the next retrain, both by the known classes."""
        n_then = (self.n_labeled // self.terms.batch_size + 1) * self.terms.batch_size
        for session in self.sessions:
            n_more = min(n_then, len(self.asked)) - session.progress.n_labeled
            if n_more > 0:
                session.run(self.truth, n_more)
        return self._finished()

    def answer(self, label: Label) -> Heat:
        """Answer what the strategy asks; the random one is answered by the known class of its own question."""
        known = self.active.classes
        if label not in known:
            raise ValueError(f"label is {short_repr(label)}; expected one of {list(known)}.")
        if self.finished:
            raise ValueError("every point is labeled; expected an answer while there is a question. Reset the race.")
        self.active.run(lambda _item: label, 1)
        self.random.run(self.truth, 1)
        return self._finished()

    def _finished(self) -> Heat:
        """Train on the last labels if they do not fill a batch."""
        for session in self.sessions if self.finished else ():
            progress = session.progress
            if progress.n_behind and np.count_nonzero(progress.class_counts) > 1:
                session.retrain()
        return self

    def curves(self) -> pd.DataFrame:
        """Return one row a retrain: n_labeled, and the accuracies of the two on the measured half."""
        columns = [
            session.history[["n_labeled", "score"]].rename(columns={"score": name})
            for session, name in zip(self.sessions, ("active", "random"), strict=True)
        ]
        return columns[0].merge(columns[1], on="n_labeled", how="outer").sort_values("n_labeled", ignore_index=True)

    def by_neighbors(self) -> float:
        """Return the accuracy that nearest neighbors have on the measured half when they know all of the other."""
        learner = clone(LEARNERS["k-NN"]).fit(self.active.X, self.truth)
        return float(learner.score(*self.active.init_params["test"]))

    def leads(self, session: Session) -> NDArray[np.int8] | None:
        """Return the lead of each class over the best other one on a grid; None without a model.

        Where a class is ahead it is predicted, and 0 is the boundary. Probabilities tell, or the decision function of
        a learner that has none, or its predictions.

        Returns
        -------
        leads : ndarray of int8 of shape (n_classes, GRID, GRID)
            -127 to 127, a plane for each class that is drawn; row 0 is the lowest y, column 0 the lowest x.
        """
        if not session.rounds:
            return None
        at = (np.arange(GRID) + 0.5) / GRID * 2 * self.reach - self.reach
        points = np.column_stack([axis.ravel() for axis in np.meshgrid(at, at)])
        known, scores = _scores(session.learner, points)
        leads = np.full((len(points), len(session.classes)), -np.inf)
        leads[:, [session.classes.index(label) for label in known]] = _ahead(scores)
        finite = np.clip(leads / (np.abs(leads[np.isfinite(leads)]).max() or 1), -1, 1)
        return np.rint(127 * finite).astype(np.int8).T.reshape(-1, GRID, GRID)

    def close(self) -> None:
        """End both sessions."""
        for session in self.sessions:
            session.close()


def _scores(learner: Any, points: FloatArray) -> tuple[list[Any], FloatArray]:
    """Return the classes that a learner knows, and a score of each for every point; the best is predicted."""
    known = np.asarray(classes_of(learner))
    if hasattr(learner, "predict_proba"):
        return known.tolist(), np.asarray(learner.predict_proba(points), np.float64)
    predicted = np.asarray(learner.predict(points))
    if hasattr(learner, "decision_function"):
        decision = np.asarray(learner.decision_function(points), np.float64)
        columns = np.column_stack([-decision, decision]) if decision.ndim == 1 else decision
        # Of more than two classes, a machine that lets pairs vote may predict otherwise.
        if columns.shape[1] == len(known) and (known[columns.argmax(axis=1)] == predicted).all():
            return known.tolist(), columns
    return known.tolist(), (predicted[:, None] == known).astype(np.float64)


def _ahead(scores: FloatArray) -> FloatArray:
    """Return each column less the best of the others."""
    best, rows = scores.argmax(axis=1), np.arange(len(scores))
    others = scores.copy()
    others[rows, best] = -np.inf
    ahead: FloatArray = scores - scores[rows, best][:, None]
    ahead[rows, best] = scores[rows, best] - others.max(axis=1)
    return ahead
