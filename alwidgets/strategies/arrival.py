"""Rules that decide on arrival whether a sample of a stream is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np

from alwidgets.strategies.pool_view import PoolView
from alwidgets.types import BoolArray, FloatArray
from alwidgets.utils.checks import check_count, check_share


class Arrivals(NamedTuple):
    """State of a rule after the samples that came so far.

    Parameters
    ----------
    threshold : float
        Confidence below which a sample is asked.
    spent : float
        Questions within the window, those that were long ago counting less.
    """

    threshold: float = 1.0
    spent: float = 0.0


@dataclass(frozen=True)
class VariableUncertainty:
    r"""Rule for a stream: ask what the model is unsure of, with a threshold that keeps to a budget.

    A sample is asked if the probability of its most probable class is below :math:`\theta`, which then becomes
    :math:`\theta (1 - s)`, and :math:`\theta (1 + s)` where it is not asked: the region of uncertainty narrows when
    much is asked, and widens when the model is sure of all, so that a change is seen there too. Nothing is asked while

    .. math:: u_t / w \ge B, \qquad u_t = u_{t-1} (w - 1) / w + a_t

    where :math:`a_t` is 1 for a sample that was asked, w the window and B the budget. Before there is a model every
    sample is one that it is unsure of.

    Parameters
    ----------
    budget : float
        B, the share of the samples that may be asked, above 0 and at most 1.
    step : float
        s, above 0 and at most 1.
    window : int
        w, at least 1.

    References
    ----------
    .. [1] Zliobaite, Bifet, Pfahringer & Holmes (2014), Active learning with drifting streaming data, IEEE Transactions
       on Neural Networks and Learning Systems 25, 27-39.

    Examples
    --------
    >>> rule = VariableUncertainty(budget=0.5)
    >>> asked, state = rule.decide(np.array([0.6, 0.99, 1.0, 0.7]), Arrivals())
    >>> asked.tolist(), round(state.threshold, 4)
    ([True, False, False, True], 0.9998)
    """

    budget: float = 0.1
    step: float = 0.01
    window: int = 100

    def __post_init__(self) -> None:
        check_share("budget", self.budget)
        check_share("step", self.step)
        check_count("window", self.window)

    def decide(self, confidence: FloatArray, before: Arrivals) -> tuple[BoolArray, Arrivals]:
        """Decide of one sample after the other whether it is asked; return a mask, and the state behind them.

        Parameters
        ----------
        confidence : ndarray of shape (n_samples,)
            Probability of the most probable class of each, in the order in which they came.
        before : Arrivals
            The state behind those before.
        """
        threshold, spent = before
        asked = np.zeros(len(confidence), bool)
        for place, sure in enumerate(confidence.tolist()):
            if spent / self.window < self.budget:
                asked[place] = sure < threshold
                threshold *= 1 - self.step if asked[place] else 1 + self.step
            spent = spent * (self.window - 1) / self.window + bool(asked[place])
        return asked, Arrivals(threshold, spent)


#: A rule with a state, or a function of a view, whose candidates are the new samples, that returns a mask of them.
AskIf: TypeAlias = VariableUncertainty | Callable[[PoolView], BoolArray]
