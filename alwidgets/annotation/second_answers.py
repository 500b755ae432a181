"""Second answers: what they are worth beside answers to new samples, from how often the first two to an item agree."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

from alwidgets.journal.shared import ENOUGH_AGREED, FEWEST_DOUBLED
from alwidgets.scoring.intervals import wilson_interval


@dataclass(frozen=True, slots=True)
class SecondAnswers:
    """Labels that so many answers make, by one answer each and by several.

    Parameters
    ----------
    n_items : int
        Items that two people answered.
    agreement, low, high : float
        Share of them whose first two answers are equal, and its 95 % interval.
    right_of_one : float
        Share of the answers that are right, if all people err alike and independently.
    right_of_several : float
        Share of the labels that are right, by several answers and more as long as they tie.
    answers_each : float
        Answers that such a label takes, items that stay disputed among them.
    worth_it : bool
        Whether people differ so often that a second answer is worth more than a new sample.
    answers : int
        Answers to begin with where there are several.
    """

    n_items: int
    agreement: float
    low: float
    high: float
    right_of_one: float
    right_of_several: float
    answers_each: float
    worth_it: bool
    answers: int = 2

    def __str__(self) -> str:
        """Return the numbers and what follows in a sentence."""
        better = "a second answer is worth more than a new sample"
        worse = "a new sample is worth more than a second answer"
        return (
            f"the first two answers are equal in {self.agreement:.0%} of {self.n_items} items (95 %: {self.low:.0%} to "
            f"{self.high:.0%}): 100 answers make 100 labels with one answer each, {self.right_of_one:.0%} of them "
            f"right, or {100 / self.answers_each:.0f} with {self.answers} answers each, and more where these tie, "
            f"{self.right_of_several:.0%} of them right. "
            f"{'Where people differ' if self.worth_it else 'Where people agree'} so often, "
            f"{better if self.worth_it else worse}"
        )


def second_answers(
    n_doubled: int, n_agreed: int, *, n_classes: int, answers: int = 2, at_most: int = 5
) -> SecondAnswers | None:
    r"""Compare labels of one answer with labels of several.

    .. math:: A = \theta^2 + \frac{(1 - \theta)^2}{K - 1}

    is the share of equal pairs of people who are right with probability :math:`\theta` and otherwise say any other of K
    classes; solved for :math:`\theta`, it gives the share of right labels of one answer, and of several by going
    through all that they can be. A second answer is said to be worth it where A is below 0.85: asked for by that rule,
    it was never clearly worse with simulated people than one answer each (docs/team.md).

    Parameters
    ----------
    n_doubled : int
        Items that two people answered.
    n_agreed : int
        How many of them got two equal answers first.
    n_classes : int
        K, at least 2.
    answers, at_most : int
        Answers to an item to begin with, at least 2, and at most where they tie.

    Returns
    -------
    second_answers : SecondAnswers or None
        None for fewer than twenty items.

    Examples
    --------
    >>> found = second_answers(100, 82, n_classes=2, at_most=3)
    >>> round(found.right_of_one, 3), round(found.right_of_several, 3), round(found.answers_each, 2), found.worth_it
    (0.9, 0.972, 2.18, True)
    """
    if n_doubled < FEWEST_DOUBLED:
        return None
    agreement, others = n_agreed / n_doubled, n_classes - 1
    # The larger root; below it, people agree less often than by chance.
    root = math.sqrt(max(0.0, 1 - (others + 1) * (1 - others * agreement)))
    right = (1 + root) / (others + 1)
    n_right, n_wrong, expected = _outcome(right, others, (), 0, answers, at_most)
    labels = n_right + n_wrong
    return SecondAnswers(
        n_doubled, agreement, *wilson_interval(n_agreed, n_doubled), right, n_right / labels, expected / labels,
        agreement < ENOUGH_AGREED, answers,
    )  # fmt: skip


@cache
def _outcome(
    right: float, others: int, wrong: tuple[int, ...], n_right: int, answers: int, at_most: int
) -> tuple[float, float, float]:
    """Return the chances of a right and of a wrong label after some answers, and the answers there will be.

    `wrong` counts the answers of each wrong class that was said, descending.
    """
    n, most = n_right + sum(wrong), max(n_right, *wrong, 0)
    leads = (n_right, *wrong).count(most) == 1
    if n >= answers and (leads or n >= at_most):
        decided = leads and n > 0
        return float(decided and n_right == most), float(decided and n_right < most), float(n)
    each = (1 - right) / others
    steps = [(right, wrong, n_right + 1)]
    steps += [(each, _with(wrong, place), n_right) for place in range(len(wrong))]
    if others > len(wrong):
        steps.append((each * (others - len(wrong)), (*wrong, 1), n_right))
    found = [(chance, _outcome(right, others, said, of_right, answers, at_most)) for chance, said, of_right in steps]
    good, bad, expected = (math.fsum(chance * values[i] for chance, values in found) for i in range(3))
    return good, bad, expected


def _with(wrong: tuple[int, ...], place: int) -> tuple[int, ...]:
    counts = [n + (at == place) for at, n in enumerate(wrong)]
    return tuple(sorted(counts, reverse=True))
