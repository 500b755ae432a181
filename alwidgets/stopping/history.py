"""What a stopping criterion reads."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any, overload

from alwidgets.types import Reading


@dataclass(frozen=True, slots=True)
class Budget:
    """The most one wants to spend.

    Parameters
    ----------
    labels : int or None
        Most answers.
    cost : float or None
        Most money, in `currency`.
    minutes : float or None
        Most minutes of the annotator.
    cost_per_label : float
        Price of one answer, in `currency`.
    currency : str
        Shown after amounts.

    Raises
    ------
    ValueError
        If an amount is not positive, or a most cost is given without a price.

    Examples
    --------
    >>> Budget(labels=300, cost_per_label=0.12, currency="EUR").spent(64)
    7.68
    """

    labels: int | None = None
    cost: float | None = None
    minutes: float | None = None
    cost_per_label: float = 0.0
    currency: str = ""

    def __post_init__(self) -> None:
        for name in ("labels", "cost", "minutes"):
            amount = getattr(self, name)
            if amount is not None and not (_is_number(amount) and amount > 0):
                raise ValueError(f"budget {name} is {amount!r}; expected a number above 0, or None for no limit.")
        if self.labels is not None and self.labels != int(self.labels):
            raise ValueError(f"budget labels is {self.labels!r}; expected a whole number.")
        if not isinstance(self.currency, str):
            raise TypeError(f"currency is {self.currency!r}; expected a str, such as 'EUR'.")
        if not (_is_number(self.cost_per_label) and self.cost_per_label >= 0):
            raise ValueError(f"cost_per_label is {self.cost_per_label!r}; expected an int or float of 0 or more.")
        if self.cost is not None and self.cost_per_label == 0:
            raise ValueError("budget cost is given but cost_per_label is 0; expected the price of one label.")

    def spent(self, n_labelled: int) -> float:
        """Return the cost of so many answers, in `currency`."""
        return round(n_labelled * self.cost_per_label, 10)


def _is_number(value: Any) -> bool:
    # A bool is a number to Python, and no amount.
    return not isinstance(value, bool) and isinstance(value, Real) and math.isfinite(value)


@dataclass(frozen=True, slots=True)
class Round:
    """One ask-answer-retrain cycle, as its model found it.

    Parameters
    ----------
    round : int
        1 for the first model.
    n_labelled : int
        Answers given when the fit began, audit answers among them.
    n_learnt : int
        Samples in the training set.
    score, score_low, score_high : float
        Accuracy and its 95 % interval; NaN when there was nothing to measure on.
    score_kind : str
        "held out", "audit" or "cross-validated".
    score_n : int
        Samples it was measured on.
    fit_seconds : float
        Seconds the fit took.
    seconds : float
        Seconds of the annotator so far.
    cost : float
        Money so far.
    strategy : str
        What chose the questions.
    readings : tuple of Reading
        The stopping criteria.
    """

    round: int
    n_labelled: int
    n_learnt: int
    score: float
    score_low: float
    score_high: float
    score_kind: str
    score_n: int
    fit_seconds: float
    seconds: float
    cost: float
    strategy: str
    readings: tuple[Reading, ...] = ()


@dataclass(frozen=True)
class History(Sequence[Round]):
    """The rounds so far, and what has been spent by now.

    Parameters
    ----------
    rounds : tuple of Round
        Oldest first.
    budget : Budget
        The most to spend.
    n_labelled : int
        Answers given by now.
    seconds : float
        Seconds of the annotator by now.
    """

    rounds: tuple[Round, ...]
    budget: Budget
    n_labelled: int
    seconds: float

    @overload
    def __getitem__(self, index: int) -> Round: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Round]: ...
    def __getitem__(self, index: int | slice) -> Round | Sequence[Round]:
        return self.rounds[index]

    def __len__(self) -> int:
        return len(self.rounds)

    def __iter__(self) -> Iterator[Round]:
        return iter(self.rounds)
