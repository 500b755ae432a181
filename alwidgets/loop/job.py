"""Inputs and outputs of one training cycle, as immutable values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from alwidgets.annotation.decisions import Votes
from alwidgets.annotation.team import Team
from alwidgets.data.labels import LabelEncoding
from alwidgets.journal.parts import PoolPart
from alwidgets.models.spec import ModelSpec
from alwidgets.scoring.scores import Metric
from alwidgets.stopping import History, Round, Rule
from alwidgets.strategies import Choice, ColdStart, Features
from alwidgets.strategies.elsewhere import Elsewhere
from alwidgets.types import BoolArray, Class, FloatArray, IntArray


def no_rows() -> IntArray:
    """Return an empty array of row numbers."""
    return np.empty(0, np.intp)


@dataclass(frozen=True, eq=False)
class Audit:
    """The samples that were drawn uniformly at random, to measure.

    Parameters
    ----------
    mode : str
        "hold_back", "test_then_train" or "ended"; "off" when none are drawn.
    rows, codes : ndarray of shape (n_audit,)
        Those labeled, ascending, and the codes of their labels.
    predicted : ndarray of shape (n_audit,)
        What was predicted last of each; -1 for nothing yet.
    order : ndarray of shape (n_audit,)
        The event that told what was predicted of each; those of which nothing is predicted come last.
    """

    mode: str
    rows: IntArray
    codes: IntArray
    predicted: IntArray
    order: IntArray


@dataclass(frozen=True, eq=False)
class Draws:
    """Labeled rows that were drawn one after the other with known probabilities, in that order.

    Where the pool grew, those since it did last: what was drawn before was drawn of other samples.

    Parameters
    ----------
    rows : ndarray of shape (n_drawn,)
        Row numbers.
    probability : ndarray of shape (n_drawn,)
        How likely each was among those left then.
    n_left : int
        Rows that could still be drawn.
    before : ndarray of shape (n_before,)
        Rows that were drawn before the pool grew last; each stands for itself.
    """

    rows: IntArray
    probability: FloatArray
    n_left: int
    before: IntArray


@dataclass(frozen=True, eq=False)
class Search:
    """Answers so far about the class that a session seeks, before a fit.

    Parameters
    ----------
    label : str, int, float or bool
        The class.
    found, read, unread : ndarray of shape (n_found,), (n_read,), (n_unread,)
        Rows with a label of it, with any answer, and with none, ascending.
    hit : ndarray of bool, shape (n_draws,)
        Which answers to uniformly drawn questions are of it, in the order of asking.
    before, n_left : ndarray of shape (n_draws,)
        Rows of the class that were asked before each draw, and rows that it was drawn from.
    """

    label: Class
    found: IntArray
    read: IntArray
    unread: IntArray
    hit: BoolArray
    before: IntArray
    n_left: IntArray


@dataclass(frozen=True, eq=False)
class Job:
    """All that a cycle needs, taken under the session's lock and never changed after.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        The pool.
    model_spec : ModelSpec
        The learner and its strategy.
    targets : LabelEncoding
        The declared classes, and what codes stand for.
    rows, codes : ndarray of shape (n_learned,)
        The training set: row numbers and codes of the labels.
    audit : Audit
        The samples that were drawn to measure.
    test : tuple of (X, y) or None
        The held-out set.
    metrics : tuple of Metric
        What to measure.
    stop_set : ndarray of shape (n_watched,)
        The stop set, ascending.
    before : ndarray of shape (n_watched,) or None
        What the present model predicts for it; None where there is none.
    answered : ndarray of shape (n_answered,)
        Rows of the training set that the present model has not seen, those drawn to measure left out.
    draws : Draws
        Rows of the training set that were drawn with known probabilities.
    candidates : ndarray of shape (n_candidates,)
        Rows that may be asked.
    n : int
        Questions to rank.
    wanted : int
        Questions that should be pending in the end.
    rerank : bool
        Whether they replace what is pending and need not be kept.
    batch_size : int
        How many of them a batch strategy sees as one batch.
    learner : ActiveLearner, Committee or None
        The present model: asks when this cycle fits none, else what the new one is compared with.
    fit : bool
        Whether to fit a new one.
    seed : int
        Where the fit's randomness starts.
    selection_key : tuple of int
        Where the selection's randomness starts.
    features : Features
        Where samples are compared.
    seconds : ndarray of shape (n_learned,)
        How long each answer of the training set took; NaN where it was not measured.
    cold_start : ColdStart
        How the first questions are chosen.
    history : History
        Rounds so far and what is spent.
    rule : Rule
        The stopping rule.
    upto : int
        Events the job knows.
    round : int
        What a model fitted now is called.
    consensus : str
        How the answers of a team became the labels; empty without a team.
    settled_as : tuple of (int, int)
        As of `Trained`: in `rows` and `codes` they are applied already.
    votes : Votes or None
        What labels are still to be worked out from, before the fit; see `deciding`. None where they are known.
    team : Team or None
        Whose votes they are.
    undecided : str
        Why a user's function made no labels of them; empty where it did.
    parts : tuple of PoolPart
        Of the pool.
    arrived : ndarray of shape (n_arrived,)
        Rows that a rule asked as they came, ascending.
    search : Search or None
        What is known of the class that is sought; None where none is.
    score_in : Elsewhere or None
        Where blocks of a large pool are scored; None is the kernel.
    only : ndarray of shape (n_only,)
        Rows that alone are to be asked; empty for all. What is asked of them tells nothing of the rest.
    """

    X: Any
    model_spec: ModelSpec
    targets: LabelEncoding
    rows: IntArray
    codes: IntArray
    audit: Audit
    test: tuple[Any, Any] | None
    metrics: tuple[Metric, ...]
    stop_set: IntArray
    before: IntArray | None
    answered: IntArray
    draws: Draws
    candidates: IntArray
    n: int
    wanted: int
    rerank: bool
    batch_size: int
    learner: Any
    fit: bool
    seed: int
    selection_key: tuple[int, int]
    features: Features
    seconds: FloatArray
    cold_start: ColdStart
    history: History
    rule: Rule
    upto: int
    round: int
    consensus: str = ""
    settled_as: tuple[tuple[int, int], ...] = ()
    votes: Votes | None = None
    team: Team | None = None
    undecided: str = ""
    parts: tuple[PoolPart, ...] = ()
    arrived: IntArray = field(default_factory=no_rows)
    search: Search | None = None
    score_in: Elsewhere | None = None
    only: IntArray = field(default_factory=no_rows)

    @property
    def labels(self) -> Any:
        """Labels of the training set."""
        return self.targets.y(self.codes)

    @property
    def classes(self) -> Any:
        """The declared classes, an array."""
        return self.targets.classes


@dataclass(frozen=True, eq=False)
class Result:
    """Results of a training cycle.

    Parameters
    ----------
    learner : ActiveLearner, Committee or None
        The new model; None when none was fitted.
    record : Round or None
        How it did.
    choice : Choice or None
        Questions, best first; None when choosing or the fit before it failed.
    strategy : str
        What chose them.
    tested : tuple of (int, int or tuple of int)
        Row and predicted class, or classes, of audit samples, where that is news.
    stop_set : ndarray of shape (n_watched,) or None
        What the new model predicts for the stop set, as numbers that can be compared; see `LabelEncoding.keys`.
    fit_error, query_error : Exception or None
        What went wrong.
    """

    learner: Any
    record: Round | None
    choice: Choice | None
    strategy: str
    tested: tuple[tuple[int, int | tuple[int, ...]], ...] = ()
    stop_set: IntArray | None = None
    fit_error: Exception | None = None
    query_error: Exception | None = None
