"""Gold: answers to items whose labels are known, and what share of them is right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from alwidgets.annotation.answer_table import as_answer_table, plain_label
from alwidgets.annotation.shares import shares
from alwidgets.data.conversion import is_missing
from alwidgets.data.labels import plain
from alwidgets.data.votes import label_key
from alwidgets.types import Label
from alwidgets.utils.checks import check_share
from alwidgets.utils.text import short_repr

if TYPE_CHECKING:
    import pandas as pd


def gold_accuracy(
    answers: Any,
    gold: Mapping[Any, Label],
    *,
    classes: Sequence[Label] | None = None,
    threshold: float | None = None,
) -> pd.DataFrame:
    """Measure how often each annotator is right on items whose labels are known.

    Parameters
    ----------
    answers : DataFrame
        One row an answer, with the columns item, annotator and label. Of several rows of one annotator and item the
        last one stands; where its label is missing, None or NaN, there is no answer.
    gold : dict of item to label
        The known labels. Answers to other items do not count.
    classes : sequence of labels, optional
        All labels there are; default any.
    threshold : float, optional
        The least share of right answers that is good enough, above 0 and at most 1. Nobody is blocked for it.

    Returns
    -------
    accuracy : DataFrame
        One row for each annotator: n_gold and n_right, their answers to gold items and the right ones; accuracy, low
        and high, the share and its 95 % interval (Wilson), NaN without any; and, with a threshold, below: whether the
        whole interval lies below it, False also where there are too few answers to tell. O(n_answers).

    Raises
    ------
    TypeError
        If `answers` is not a DataFrame, `gold` no dict, or `threshold` no number.
    ValueError
        If a column is missing, a label is missing or none of the classes, or `threshold` is out of range.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame(
    ...     [(12, "ann", "spam"), (40, "ann", "ham"), (12, "bob", "ham"), (7, "bob", "ham")],
    ...     columns=["item", "annotator", "label"],
    ... )
    >>> gold_accuracy(answers, {12: "spam", 40: "ham"}).round(2)  # doctest: +NORMALIZE_WHITESPACE
               n_gold  n_right  accuracy   low  high
    annotator
    ann             2        2       1.0  0.34  1.00
    bob             1        0       0.0  0.00  0.79
    """
    import pandas as pd

    known = check_gold(gold, classes)
    if threshold is not None:
        check_share("threshold", threshold)
    table = as_answer_table(answers, classes)
    code_of = {label_key(label): code for code, label in enumerate(table.classes)}
    # A label that nobody gave equals no answer.
    truth = np.array(
        [code_of.get(label_key(known[item]), -2) if item in known else -2 for item in table.items], np.intp
    )
    asked = (table.codes >= 0) & np.array([item in known for item in table.items], bool)[:, None]
    n_gold, n_right = np.count_nonzero(asked, axis=0), np.count_nonzero(asked & (table.codes == truth[:, None]), axis=0)
    accuracy, low, high = shares(n_right.tolist(), n_gold.tolist())
    columns = {"n_gold": n_gold, "n_right": n_right, "accuracy": accuracy, "low": low, "high": high}
    if threshold is not None:
        columns["below"] = high < threshold
    return pd.DataFrame(columns, index=pd.Index(table.annotators, name="annotator", tupleize_cols=False))


def check_gold(gold: Any, classes: Sequence[Label] | None = None) -> dict[Any, Label]:
    """Return known labels as plain values.

    Raises
    ------
    TypeError
        If it is not a dict.
    ValueError
        If a label is missing, or none of the classes.
    """
    if not isinstance(gold, Mapping):
        raise TypeError(f"gold is {short_repr(gold)}; expected a dict of item to label, such as {{12: 'spam'}}.")
    of_item = {plain(item): plain_label(label) for item, label in gold.items()}
    known = None if classes is None else set(map(label_key, map(plain_label, classes)))
    for item, label in of_item.items():
        if is_missing(label):
            raise ValueError(f"gold of item {item!r} is {label!r}; expected its label. Leave items without one out.")
        key = label_key(label)
        if known is not None and key not in known:
            raise ValueError(
                f"gold of item {item!r} is {short_repr(label)}; expected one of {short_repr(list(classes or ()))}."
            )
    return of_item
