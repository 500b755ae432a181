"""Drift of a part of a pool: whether its samples, what is predicted of them, and the errors are as before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from alwidgets.inspection.drift import Drift
from alwidgets.types import BoolArray, Class

if TYPE_CHECKING:
    import pandas as pd

#: Errors are looked at after so many answers of the part, and each time there are twice as many.
FIRST_LOOK = 10
#: Audit answers of a part that tell an error of 25 % from one of 5 % about as often as not.
ENOUGH = 20


class Errors(NamedTuple):
    """Audit answers that the model predicted otherwise, of all that it predicted."""

    n_wrong: int
    n: int

    def __str__(self) -> str:
        return f"{self.n_wrong} of {self.n}"


class Looks(NamedTuple):
    """Result of the looks at the errors of a part.

    Parameters
    ----------
    p_value : float
        The smallest p-value of a look, corrected for the looks there may be; 1 before the first.
    n_tests : int
        How many there were.
    before, now : Errors
        Of the parts before and of the part, so far.
    """

    p_value: float
    n_tests: int
    before: Errors
    now: Errors


@dataclass(frozen=True, eq=False)
class PartDrift:
    """Difference of a part of a pool from the parts before it.

    Parameters
    ----------
    part : str
        Its name.
    samples : Drift
        Of its samples.
    errors : Looks
        Of the errors on its audit answers.
    classes : DataFrame or None
        One row a class: `class`, `before` and `now`, the shares that the newest model predicts; None without a model.
    n_free : int
        Samples of the part that could still be asked.
    level : float
        How often each of the two may be an alarm when nothing moved.
    """

    part: str
    samples: Drift
    errors: Looks
    classes: pd.DataFrame | None = field(repr=False)
    n_free: int
    level: float

    @property
    def moved(self) -> bool:
        """True if its samples or its errors are others, at this level."""
        return self.samples.moved or self.errs_otherwise

    @property
    def errs_otherwise(self) -> bool:
        """True if the model errs more often, or less, than before."""
        return self.errors.p_value < self.level

    @property
    def n_to_ask(self) -> int:
        """Audit questions to ask of the part before its errors are known well enough."""
        return min(max(0, ENOUGH - self.errors.now.n), self.n_free)

    @property
    def sentence(self) -> str:
        """The advice, in a sentence."""
        if self.errs_otherwise:
            more = self.errors.now.n_wrong * self.errors.before.n > self.errors.before.n_wrong * self.errors.now.n
            return (
                f"The model errs {'more' if more else 'less'} on {self.part!r}: {self.errors.now} audit answers, "
                f"against {self.errors.before} before (p = {self.errors.p_value:.2g})"
                + (": label more of it, or begin anew with it." if more else ".")
            )
        if not self.samples.moved:
            return f"No drift seen in {self.part!r} (p = {self.samples.p_value:.2g}, AUC {self.samples.auc:.2f})."
        moved = f"The samples of {self.part!r} are others than before ({self.samples.evidence})"
        if self.n_to_ask:
            return f"{moved}: ask {self.n_to_ask} audit questions of it to see whether the model is still right."
        if not self.errors.n_tests:
            return (
                f"{moved}; whether the model is still right of it is not known: of its audit answers, "
                f"{self.errors.now.n}, too few tell."
            )
        return f"{moved}; the errors are not: {self.errors.now} audit answers, against {self.errors.before} before."

    def __str__(self) -> str:
        return f"{self.sentence}\n{self.samples}"


def looks_at(before: BoolArray, now: BoolArray, *, level: float = 0.05) -> Looks:
    r"""Compare errors by Fisher's exact test after 10, 20, 40, ... answers, with a level that all looks share.

    Look k has :math:`2^{-k}` of the level, so that all of them together are a false alarm no more often than the level
    says, however often somebody looks.

    Parameters
    ----------
    before : ndarray of shape (n_before,)
        Whether each answer of the parts before was predicted otherwise.
    now : ndarray of shape (n_now,)
        The same of the part, in the order of the answers.
    level : float
        After the first look with a p-value below it nobody looks again: what was an alarm stays one.

    Examples
    --------
    >>> found = looks_at(np.arange(60) < 3, np.arange(20) % 2 == 0)
    >>> found.n_tests, found.now, round(found.p_value, 4)
    (1, Errors(n_wrong=10, n=20), 0.0019)
    """
    from scipy.stats import fisher_exact

    old = Errors(int(before.sum()), len(before))
    found = Looks(1.0, 0, old, Errors(int(now.sum()), len(now)))
    n = FIRST_LOOK
    while n <= len(now) and len(before) and found.p_value >= level:
        wrong = int(now[:n].sum())
        p_value = float(fisher_exact([[old.n_wrong, old.n - old.n_wrong], [wrong, n - wrong]])[1])
        n_tests = found.n_tests + 1
        found = found._replace(p_value=min(found.p_value, p_value * 2**n_tests), n_tests=n_tests)
        n *= 2
    return found


def class_shares(before: Any, now: Any, classes: Sequence[Class]) -> pd.DataFrame:
    """Return the share of each class among predictions of two sets of samples, arrays of labels."""
    import pandas as pd

    shares = [[float(np.mean(said == label)) for label in classes] for said in map(np.asarray, (before, now))]
    return pd.DataFrame({"class": pd.Series(list(classes), dtype=object), "before": shares[0], "now": shares[1]})
