"""Votes: what several answers to one item amount to."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from alwidgets.types import Label
from alwidgets.utils.text import short_repr

How = Literal["unanswered", "single", "consensus", "tie"]
#: Nearer than this are equal, beside roundings and where iterations end.
EQUAL = 1e-6
# Of a weight no more counts than can be summed, however large it was recorded.
_MOST_SUMMED = 1e100


@dataclass(frozen=True, slots=True)
class Verdict:
    """Consensus on one item.

    Parameters
    ----------
    label : label or None
        None where the answers lead to none.
    share : float
        Share of the answers, or of their weight, that say the label, or the largest one of a tie; of Dawid and Skene
        the probability. NaN without an answer.
    n_answers : int
        Answers to the item.
    how : {"unanswered", "single", "consensus", "tie"}
        From no answer, one, several, or none because they tie.
    """

    label: Label | None
    share: float
    n_answers: int
    how: How


def vote(given: Mapping[Any, Label], weights: Mapping[Any, float] | None = None) -> Verdict:
    """Return the label that most answers to an item say; a tie has none.

    Parameters
    ----------
    given : dict of annotator to label
        Answers to the item. O(len(given)): of a session only the item that got an answer is voted on again.
    weights : dict of annotator to float, optional
        How much an answer counts, above 0; 1 where it is not said.

    Returns
    -------
    verdict : Verdict

    Examples
    --------
    >>> vote({"a1": "spam", "a2": "ham", "a3": "spam"})
    Verdict(label='spam', share=0.6666666666666666, n_answers=3, how='consensus')
    >>> vote({"a1": "spam", "a2": "ham"}).label is None
    True
    >>> vote({"a1": "spam", "a2": "ham"}, {"a1": 3}).share
    0.75
    """
    if not given:
        return Verdict(None, float("nan"), 0, "unanswered")
    said: dict[Any, list[float]] = {}
    for annotator, label in given.items():
        weight = 1.0 if weights is None else min(weights.get(annotator, 1.0), _MOST_SUMMED)
        said.setdefault(label_key(label), []).append(weight)
    # Summed so that the order of the answers does not matter.
    sums = {key: math.fsum(each) for key, each in said.items()}
    most = max(sums.values())
    best = [key for key, total in sums.items() if math.isclose(total, most, rel_tol=EQUAL)]
    winner: Label | None = best[0][1] if len(best) == 1 else None
    return Verdict(winner, most / math.fsum(sums.values()), len(given), how_of(winner, len(given)))


def how_of(label: Label | None, n_answers: int) -> How:
    """Name the way in which so many answers came to a label, or to none."""
    if not n_answers:
        return "unanswered"
    if label is None:
        return "tie"
    return "single" if n_answers == 1 else "consensus"


def label_key(label: Any) -> Any:
    """Return the key of a label: 1, 1.0 and True are three."""
    if not isinstance(label, Hashable):
        raise ValueError(f"a label is {short_repr(label)}; expected a class, or a tuple of classes.")  # noqa: TRY004 - as other labels
    return type(label), label
