"""The validated arguments of a session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from alwidgets.data import pool
from alwidgets.data.copies import Copies, copies_of
from alwidgets.data.kinds import pool_of
from alwidgets.journal.identity import DEFAULTS
from alwidgets.loop.executor import FitIn
from alwidgets.loop.watched import stop_set_of
from alwidgets.models.spec import ModelSpec, members_of
from alwidgets.scoring.scores import Metric
from alwidgets.stopping import Budget, Rule
from alwidgets.strategies import ColdStart, Features
from alwidgets.strategies.elsewhere import Elsewhere
from alwidgets.types import Class, IntArray


@dataclass(frozen=True, eq=False)
class Setup:
    """Validated arguments of a session.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        The pool.
    model_spec : ModelSpec
        Learner and strategy.
    batch_size : int
        Questions that are asked at once.
    budget : Budget
        The most to spend.
    rule : Rule
        When to advise to stop.
    test : tuple of (X, y) or None
        The held-out set.
    audit : float
        Share of the questions that are drawn to measure.
    metrics : tuple of Metric
        What is measured.
    random_state : int
        Where all randomness starts.
    cold_start : ColdStart
        How the first questions are chosen.
    embed : callable or None
        X -> the numbers in which samples are compared.
    items : sequence, DataFrame or None
        What the annotator sees of each row, where that is not `X`.
    retrain_every : int or None
        Answers between two retrains; None where only `Session.retrain` fits.
    fit_in : {"process"}, Executor, callable or None
        Where models are fitted; None is the kernel.
    score_in : Elsewhere or None
        Where blocks of a large pool are scored; None is the kernel.
    n_first : int
        How many rows the pool began with; 0 for all that it has.
    find : str, int, float, bool or None
        The class of which all samples are sought, where that is the goal.
    defaults : int
        Which defaults the session began with, by their number in its journal.
    missing : bool
        Whether samples have missing or infinite values, which the learner takes without saying so.
    """

    X: Any
    model_spec: ModelSpec
    batch_size: int
    budget: Budget
    rule: Rule
    test: tuple[Any, Any] | None
    audit: float
    metrics: tuple[Metric, ...]
    random_state: int
    cold_start: ColdStart
    embed: Callable[[Any], Any] | None
    items: Any
    retrain_every: int | None
    fit_in: FitIn = None
    score_in: Elsewhere | None = None
    n_first: int = 0
    missing: bool = False
    find: Class | None = None
    defaults: int = DEFAULTS

    @cached_property
    def stop_set(self) -> IntArray:
        """The stop set: random rows, on which successive models are compared; the same while the pool does not grow."""
        n_samples = pool.n_rows(self.X)
        return stop_set_of(self.n_first or n_samples, n_samples, self.random_state)

    @property
    def scoring_problem(self) -> str:
        """Reason that blocks were not scored where they should be; empty where they were."""
        return "" if self.score_in is None else self.score_in.problem

    @property
    def sketches(self) -> tuple[int, ...]:
        """Numbers that tell whether samples are still as they were: of the pool, and of the test set."""
        return tuple(pool_of(X).sketch() for X in (self.X, *(self.test or ())[:1]))

    @cached_property
    def copies(self) -> Copies:
        """Identical samples, found on first access."""
        return copies_of(self.X, self.items)

    @cached_property
    def features(self) -> Features:
        """Feature space in which samples are compared."""
        spec = self.model_spec
        return Features(self.X, spec.estimator, self.embed, members_of(spec.template)[0].kept)
