"""Agreement between annotators: Krippendorff's alpha, Fleiss' and Cohen's kappa, equal answers.

The measures take a matrix of codes, one row an item and one column an annotator, -1 where there is no answer. What
cannot be measured is None: chance agreement of 1 leaves nothing to compare with, and is neither 0 nor 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from alwidgets.annotation.answer_table import AnswerTable, as_answer_table
from alwidgets.kernels import cohen_kappa
from alwidgets.types import FloatArray, IntArray, Label
from alwidgets.utils.checks import check_seed
from alwidgets.utils.text import counted

if TYPE_CHECKING:
    import pandas as pd

Level = Literal["nominal", "ordinal"]

_LEVELS = ("nominal", "ordinal")
# Fewer items vary too little when they are drawn again, and say so much too narrow an interval.
_FEWEST_RESAMPLED = 10
_N_RESAMPLES = 1000
_CONFIDENCE = 0.95
# So large a share of the resamples may have one class alone.
_MOST_UNDEFINED = 0.05


def label_counts(codes: IntArray, n_classes: int) -> IntArray:
    """Count how often each item was given each class, shape (n_items, n_classes)."""
    rows, columns = np.nonzero(codes >= 0)
    flat = np.bincount(rows * n_classes + codes[rows, columns], minlength=len(codes) * n_classes)
    return flat.reshape(len(codes), n_classes)


def krippendorff_alpha(counts: IntArray, level: Level = "nominal") -> float | None:
    r"""Compute Krippendorff's alpha.

    .. math:: \alpha = 1 - (n - 1) \frac{\sum_{c,k} o_{ck} \delta_{ck}}{\sum_{c,k} n_c n_k \delta_{ck}}, \qquad
              o_{ck} = \sum_u \frac{m_{uc} (m_{uk} - [c = k])}{m_u - 1}

    where :math:`m_{uc}` is how many answers to item u are class c, :math:`m_u` how many there are, items with one left
    out, :math:`n_c = \sum_k o_{ck}` and :math:`n = \sum_c n_c`. The difference :math:`\delta_{ck}` of two classes is 1
    where they are nominal. Where they are ordinal, it is the square of how many answers lie between them, with half
    of those in the two classes themselves.

    Parameters
    ----------
    counts : ndarray of shape (n_items, n_classes)
        How often each item was given each class. Any number of answers to an item.
    level : {"nominal", "ordinal"}
        Whether the order of the classes matters.

    Returns
    -------
    alpha : float or None
        At most 1; 0 for as much agreement as chance would give, below for less. None where no item has two answers,
        or all such answers are one class. O(n_items n_classes ** 2).

    References
    ----------
    .. [1] Krippendorff (2011), Computing Krippendorff's alpha-reliability, University of Pennsylvania.

    Examples
    --------
    >>> krippendorff_alpha(np.array([[2, 0], [0, 2], [1, 1]]))
    0.4444444444444444
    """
    return _alpha(*_doubled(counts), level)


def alpha_interval(
    counts: IntArray, level: Level = "nominal", *, random_state: int | None = 0
) -> tuple[float, float] | None:
    """Estimate the 95 % interval of Krippendorff's alpha, by the percentiles of 1,000 resamples of the items.

    Returns
    -------
    low, high : float
        None with fewer than ten items that have two answers, or where one resample in twenty has no alpha.
        O(1000 n_kinds n_classes ** 2), where items with the same answers are of one kind.
    """
    m, _ = _doubled(counts)
    if len(m) < _FEWEST_RESAMPLED:
        return None
    # Items with the same counts are drawn together: as often as one of them would be.
    kinds, n_equal = np.unique(m, axis=0, return_counts=True)
    rng = np.random.default_rng(random_state)
    drawn = (rng.multinomial(len(m), n_equal / len(m)) for _ in range(_N_RESAMPLES))
    found = [alpha for times in drawn if (alpha := _alpha(kinds, kinds.sum(axis=1), level, times)) is not None]
    if len(found) < (1 - _MOST_UNDEFINED) * _N_RESAMPLES:
        return None
    tail = (1 - _CONFIDENCE) / 2
    low, high = np.quantile(found, [tail, 1 - tail]).tolist()
    return low, high


def fleiss_kappa(counts: IntArray) -> float | None:
    r"""Compute Fleiss' kappa.

    .. math:: \kappa = \frac{\bar P - \sum_c p_c^2}{1 - \sum_c p_c^2}, \qquad
              \bar P = \frac{1}{N} \sum_u \frac{\sum_c m_{uc} (m_{uc} - 1)}{m (m - 1)}

    where :math:`m_{uc}` is how many of the m answers to item u are class c, :math:`p_c` the share of class c among all
    answers, and N the number of items. Items with one answer are left out.

    Parameters
    ----------
    counts : ndarray of shape (n_items, n_classes)
        How often each item was given each class.

    Returns
    -------
    kappa : float or None
        At most 1; 0 for as much agreement as chance would give. None where no item has two answers, some have more
        than others, or all answers are one class. O(n_items n_classes).

    References
    ----------
    .. [1] Fleiss (1971), Measuring nominal scale agreement among many raters, Psychological Bulletin 76, 378-382.

    Examples
    --------
    >>> round(fleiss_kappa(np.array([[2, 0], [0, 2], [1, 1]])), 4)
    0.3333
    """
    m, sizes = _doubled(counts)
    if not len(m) or sizes.min() != sizes.max() or np.count_nonzero(m.sum(axis=0)) == 1:
        return None
    by_chance = float(np.sum((m.sum(axis=0) / m.sum()) ** 2))
    return (_mean_equal(m, sizes) - by_chance) / (1 - by_chance)


def percent_agreement(counts: IntArray) -> float | None:
    """Compute the share of equal pairs of answers to an item, averaged over the items; None where none has two.

    Examples
    --------
    >>> percent_agreement(np.array([[2, 0], [0, 2], [1, 1], [1, 0]]))
    0.6666666666666666
    """
    m, sizes = _doubled(counts)
    return _mean_equal(m, sizes) if len(m) else None


def _doubled(counts: IntArray) -> tuple[IntArray, IntArray]:
    """Return the rows of the items with two answers or more, and how many these have."""
    sizes = counts.sum(axis=1)
    return counts[sizes > 1], sizes[sizes > 1]


def _mean_equal(m: IntArray, sizes: IntArray) -> float:
    return float(np.mean(np.sum(m * (m - 1), axis=1) / (sizes * (sizes - 1))))


def _alpha(m: Any, sizes: IntArray, level: Level, times: Any = None) -> float | None:
    """Return alpha of items with two answers or more, each of which counts so many times."""
    # Floats, since whole numbers are multiplied slowly.
    m = m.astype(np.float64)
    times = np.ones(len(m)) if times is None else times.astype(np.float64)
    weights, n_of_class = times / (sizes - 1), times @ m
    if np.count_nonzero(n_of_class) < 2:  # noqa: PLR2004 - of one class nothing differs, by chance or otherwise
        return None
    coincidences = (m * weights[:, None]).T @ m
    coincidences[np.diag_indices(len(n_of_class))] -= weights @ m
    delta = _differences(n_of_class, level)
    observed, by_chance = np.sum(coincidences * delta), n_of_class @ delta @ n_of_class
    return float(1 - (n_of_class.sum() - 1) * observed / by_chance)


def _differences(n_of_class: FloatArray, level: Level) -> FloatArray:
    """Return the distance of each two classes."""
    if level == "nominal":
        return 1 - np.eye(len(n_of_class))
    middle = np.cumsum(n_of_class) - n_of_class / 2
    return (middle[:, None] - middle) ** 2


@dataclass(frozen=True, eq=False, repr=False)
class InterAnnotatorAgreement:
    """Agreement between annotators. See `agreement`.

    Parameters
    ----------
    n_items, n_annotators, n_answers : int
        Of the table.
    n_doubled : int
        Items with answers of two annotators or more: the only ones that tell of agreement.
    level : {"nominal", "ordinal"}
        Whether alpha counts the order of the classes.
    percent : float or None
        Share of equal pairs of answers to an item, averaged over the items; chance alone gives some.
    alpha : float or None
        Krippendorff's.
    alpha_interval : tuple of two floats, or None
        Its 95 % bootstrap interval over the items.
    fleiss_kappa : float or None
        Where all doubled items have equally many answers.
    pairs : DataFrame
        One row for each two annotators who share items: annotator, other, n_shared, percent, kappa (Cohen's, NaN where
        it is not measured).
    annotators : DataFrame
        One row for each annotator: n_answers, n_shared (answers to items that others answered too), and percent (how
        often an answer of another to the same item is equal; NaN without any).
    not_measured : dict of str to str
        Why a measure is None.
    """

    n_items: int
    n_annotators: int
    n_answers: int
    n_doubled: int
    level: Level
    percent: float | None
    alpha: float | None
    alpha_interval: tuple[float, float] | None
    fleiss_kappa: float | None
    pairs: pd.DataFrame
    annotators: pd.DataFrame
    not_measured: dict[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        lines = [
            (
                f"{counted(self.n_answers, 'answer')} of {counted(self.n_annotators, 'annotator')} to "
                f"{counted(self.n_items, 'item')}"
            ),
            f"items answered by two or more: {self.n_doubled}",
            f"Krippendorff's alpha ({self.level}): {self._shown('alpha')}{self._interval()}",
            f"Fleiss' kappa: {self._shown('fleiss_kappa')}",
            f"equal answers: {self._shown('percent', '.1%')}",
        ]
        kappas = self.pairs["kappa"].dropna()
        if len(kappas):
            lines.append(f"Cohen's kappa of two annotators: {kappas.min():.3f} to {kappas.max():.3f} (n={len(kappas)})")
        return "\n".join(lines)

    def _shown(self, name: str, form: str = ".3f") -> str:
        value = getattr(self, name)
        return f"not measured ({self.not_measured[name]})" if value is None else format(value, form)

    def _interval(self) -> str:
        if self.alpha_interval is None:
            return ""
        return " (95 % interval {:.3f} to {:.3f})".format(*self.alpha_interval)


def agreement(
    answers: Any,
    *,
    classes: Sequence[Label] | None = None,
    level: Level = "nominal",
    random_state: int | None = 0,
) -> InterAnnotatorAgreement:
    """Measure how much several annotators agree.

    Parameters
    ----------
    answers : DataFrame
        One row an answer, with the columns item, annotator and label. Of several rows of one annotator and item the
        last one stands; where its label is missing, None or NaN, there is no answer.
    classes : sequence of labels, optional
        All labels there are; default those that occur. With ``level="ordinal"`` their order, which is that of the
        numbers where they are numbers, and has to be given otherwise.
    level : {"nominal", "ordinal"}
        Whether alpha counts a larger step between two classes as a larger difference.
    random_state : int, optional
        Seeds the bootstrap of the interval; None draws a seed.

    Returns
    -------
    agreement : InterAnnotatorAgreement
        Alpha, Fleiss' kappa, the share of equal answers, Cohen's kappa of each pair. What cannot be measured is None,
        and `not_measured` says why. O(n_items (1000 n_classes ** 2 + n_annotators ** 2)) time; for the first, items
        with the same answers count as one.

    Raises
    ------
    TypeError
        If `answers` is not a DataFrame.
    ValueError
        If a column is missing, a label is not one of the classes, `level` is unknown, or an order is needed and not
        given.

    References
    ----------
    .. [1] Krippendorff (2011), Computing Krippendorff's alpha-reliability, University of Pennsylvania.
    .. [2] Fleiss (1971), Measuring nominal scale agreement among many raters, Psychological Bulletin 76, 378-382.
    .. [3] Cohen (1960), A coefficient of agreement for nominal scales, Educational and Psychological Measurement 20,
           37-46.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame(
    ...     [(1, "ann", "ham"), (1, "bob", "ham"), (2, "ann", "spam"), (2, "bob", "spam"), (3, "ann", "spam"),
    ...      (3, "bob", "ham"), (4, "ann", "ham")],
    ...     columns=["item", "annotator", "label"],
    ... )
    >>> agreement(answers)
    7 answers of 2 annotators to 4 items
    items answered by two or more: 3
    Krippendorff's alpha (nominal): 0.444
    Fleiss' kappa: 0.333
    equal answers: 66.7%
    Cohen's kappa of two annotators: 0.400 to 0.400 (n=1)
    """
    if level not in _LEVELS:
        raise ValueError(f"level is {level!r}; expected one of {list(_LEVELS)}.")
    seed = check_seed(random_state)
    table = as_answer_table(answers, classes)
    if level == "ordinal" and classes is None and not all(isinstance(each, int | float) for each in table.classes):
        raise ValueError("level is 'ordinal', but the classes are not numbers; pass classes=[...] in their order.")
    counts = label_counts(table.codes, max(1, len(table.classes)))
    n_doubled = int(np.count_nonzero(table.n_answers > 1))
    values: dict[str, Any] = {
        "percent": percent_agreement(counts),
        "alpha": krippendorff_alpha(counts, level),
        "alpha_interval": alpha_interval(counts, level, random_state=seed),
        "fleiss_kappa": fleiss_kappa(counts),
    }
    return InterAnnotatorAgreement(
        n_items=len(table.items), n_annotators=len(table.annotators), n_answers=int(table.n_answers.sum()),
        n_doubled=n_doubled, level=level, pairs=_pairs(table), annotators=equal_answers(table),
        not_measured={name: _why(name, counts) for name, value in values.items() if value is None}, **values,
    )  # fmt: skip


def _why(name: str, counts: IntArray) -> str:
    """Return the reason why a measure is None."""
    m, sizes = _doubled(counts)
    if not len(m):
        return "no item was answered by two"
    present = np.flatnonzero(m.sum(axis=0))
    if len(present) == 1:
        return "all answers to items that two answered are one class"
    if name == "fleiss_kappa":
        return f"items have from {sizes.min()} to {sizes.max()} answers, it needs equally many of each"
    if len(m) < _FEWEST_RESAMPLED:
        were = "was" if len(m) == 1 else "were"
        return f"{counted(len(m), 'item')} {were} answered by two, it needs {_FEWEST_RESAMPLED}"
    return "too many resamples have one class alone"


def _pairs(table: AnswerTable) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for (a, name), (b, other) in combinations(enumerate(table.annotators), 2):
        shared = np.all(table.codes[:, [a, b]] >= 0, axis=1)
        if not shared.any():
            continue
        first, second = table.codes[shared, a], table.codes[shared, b]
        one_class = len(np.unique(table.codes[shared][:, [a, b]])) == 1
        kappa = float("nan") if one_class else cohen_kappa(first, second, len(table.classes))
        rows.append((name, other, int(shared.sum()), float(np.mean(first == second)), kappa))
    return pd.DataFrame(rows, columns=["annotator", "other", "n_shared", "percent", "kappa"])


def equal_answers(table: AnswerTable) -> pd.DataFrame:
    """Return n_answers, n_shared and percent of each annotator; see `InterAnnotatorAgreement`."""
    import pandas as pd

    counts = label_counts(table.codes, max(1, len(table.classes)))
    given = table.codes >= 0
    others = np.where(given, table.n_answers[:, None] - 1, 0)
    # Their own answer is one of those that are equal to it.
    equal = np.where(given, np.take_along_axis(counts, np.maximum(table.codes, 0), axis=1) - 1, 0)
    n_others = others.sum(axis=0)
    percent = np.divide(equal.sum(axis=0), n_others, out=np.full(len(n_others), np.nan), where=n_others > 0)
    return pd.DataFrame(
        {"n_answers": given.sum(axis=0), "n_shared": np.count_nonzero(others, axis=0), "percent": percent},
        index=pd.Index(table.annotators, name="annotator", tupleize_cols=False),
    )
