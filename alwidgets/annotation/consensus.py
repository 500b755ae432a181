"""Consensus: one label of the answers of several annotators, and how good each of them is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from alwidgets.annotation.answer_table import AnswerTable, as_answer_table, plain_label
from alwidgets.annotation.dawid_skene import fit_dawid_skene
from alwidgets.annotation.shares import shares
from alwidgets.data.votes import EQUAL, Verdict, how_of, label_key, vote
from alwidgets.types import FloatArray, Label
from alwidgets.utils.errors import format_error
from alwidgets.utils.text import counted, short_repr

if TYPE_CHECKING:
    import pandas as pd

#: Annotator -> label of one item, to the label that they amount to, or None.
Aggregate: TypeAlias = Callable[[dict[Any, Label]], Label | None]
_METHODS = ("majority", "dawid_skene")
# Two annotators who differ do not tell which of them errs.
_FEWEST_ANNOTATORS = 3
# A confusion matrix has a row of shares for each class: fewer answers than this many for each of them are mostly noise.
_ANSWERS_EACH = 10


@dataclass(frozen=True, eq=False, repr=False)
class Consensus:
    """Consensus of several annotators. See `consensus`.

    Parameters
    ----------
    labels : DataFrame
        One row for each item: label (None where there is none), share, n_answers, how ("unanswered", "single",
        "consensus", "tie"), and majority: what the plain majority says.
    annotators : DataFrame
        One row for each annotator: n_answers, n_judged, quality, low, high. See `consensus`.
    method : str
        How the labels were made: "majority", "dawid_skene", "weights", or the name of a function.
    reason : str
        Why it is another method than was asked for; empty where it is not.
    """

    labels: pd.DataFrame
    annotators: pd.DataFrame
    method: str
    reason: str = ""

    @property
    def differing(self) -> pd.DataFrame:
        """The items whose label is another one than the plain majority gives, or has one where that ties."""
        pairs = zip(self.labels["label"], self.labels["majority"], strict=True)
        return self.labels[[_differ(label, majority) for label, majority in pairs]]

    def __repr__(self) -> str:
        counts = self.labels["how"].value_counts()
        parts = [f"{counts[how]} {how}" for how in ("consensus", "single", "tie", "unanswered") if how in counts]
        lines = [f"labels of {counted(len(self.labels), 'item')} by {self.method}: {', '.join(parts) or 'none'}"]
        if self.reason:
            lines.append(self.reason)
        if self.method != "majority":
            lines.append(f"other than the majority: {len(self.differing)}")
        right = "expected to be right" if self.method == "dawid_skene" else "as the others"
        lines += [f"{row.Index}: {_shown(row, right)}" for row in self.annotators.itertuples()]
        return "\n".join(lines)


def consensus(
    answers: Any,
    method: Literal["majority", "dawid_skene"] | Aggregate = "majority",
    *,
    classes: Sequence[Label] | None = None,
    weights: Mapping[Any, float] | None = None,
) -> Consensus:
    """Make one label of the answers of several annotators to each item.

    Parameters
    ----------
    answers : DataFrame
        One row an answer, with the columns item, annotator and label. Of several rows of one annotator and item the
        last one stands; where its label is missing, None or NaN, there is no answer.
    method : {"majority", "dawid_skene"} or callable
        The majority, where a tie gives no label; Dawid and Skene's model, which learns how each annotator mistakes each
        class; or a function of annotator -> label of one item that returns a label, or None. Dawid and Skene's needs
        three annotators who share items, and on shared items ten answers for each annotator and class; with less the
        majority is taken, and `reason` says so. Of a lone answer it may make another label than the answer says.
    classes : sequence of labels, optional
        All labels there are; default those that occur.
    weights : dict of annotator to float, optional
        How much an answer counts in the majority, above 0; 1 for who is not named.

    Returns
    -------
    consensus : Consensus
        Labels, and the quality of each annotator with its 95 % interval: by Dawid and Skene the expected share of right
        answers; otherwise the share of answers that equal what the others amount to without them, which is less than
        the share of right ones where the others err. `n_judged` is the number of answers behind it, all to items that
        others answered; NaN where there are none. ``Session(labels=consensus.labels["label"].to_dict())`` gives the
        labels to a session where the items are row numbers. O(n_answers n_annotators) time, by Dawid and Skene
        O(n_answers n_classes) an iteration.

    Raises
    ------
    TypeError
        If `answers` is not a DataFrame, or a weight no number.
    ValueError
        If a column is missing, a label is not one of the classes, the method is unknown, or a weight is not above 0, of
        nobody, or given for another method.

    References
    ----------
    .. [1] Dawid & Skene (1979), Maximum likelihood estimation of observer error-rates using the EM algorithm, Applied
           Statistics 28(1), 20-28.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame(
    ...     [(1, "ann", "ham"), (1, "bob", "ham"), (2, "ann", "spam"), (2, "bob", "ham"), (3, "ann", "spam")],
    ...     columns=["item", "annotator", "label"],
    ... )
    >>> result = consensus(answers)
    >>> result
    labels of 3 items by majority: 1 consensus, 1 single, 1 tie
    ann: 1 of 2 answers as the others (95 % interval 0.09 to 0.91)
    bob: 1 of 2 answers as the others (95 % interval 0.09 to 0.91)
    >>> result.labels["label"].to_dict()
    {1: 'ham', 2: None, 3: 'spam'}
    """
    table = as_answer_table(answers, classes)
    check_method("method", method)
    if weights is not None:
        if method != "majority":
            raise ValueError(f"weights are given for method {short_repr(method)}; they are for 'majority'.")
        _check_weights(weights, table.annotators)
    given = _by_item(table)
    reason = too_few_answers(table) if method == "dawid_skene" else ""
    majority = [vote(each) for each in given]
    if method == "dawid_skene" and not reason:
        return Consensus(*_by_model(table, majority), "dawid_skene")
    if callable(method):
        decide, name = _check_method(method, table), name_of(method)
    else:
        decide, name = (lambda of_item: vote(of_item, weights)), "majority" if weights is None else "weights"
    verdicts = [decide(each) for each in given]
    labels = _labels(table, verdicts, majority)
    return Consensus(labels, _judged(table, given, decide), name, reason and f"majority, since {reason}")


def verdicts_of(
    table: AnswerTable, method: Literal["majority", "dawid_skene"] | Aggregate
) -> tuple[list[Verdict], str, str]:
    """Return the label that the answers to each item amount to, how that was found, and why not as it was asked for.

    A function that fails, or returns what is not a label, leaves it to the majority: nobody is kept from their labels.
    """
    reason = too_few_answers(table) if method == "dawid_skene" else ""
    given = _by_item(table)
    if method == "dawid_skene" and not reason:
        return _model_verdicts(table, [len(each) for each in given])[0], "dawid_skene", ""
    if callable(method):
        try:
            return list(map(_check_method(method, table), given)), name_of(method), ""
        except Exception as error:  # noqa: BLE001 - whatever a user's function raises
            reason = format_error(error, f"the function {name_of(method)}")
    return list(map(vote, given)), "majority", reason and f"majority, since {reason}"


def name_of(method: Any) -> str:
    """Return the name of a way to make a label of answers."""
    return method if isinstance(method, str) else str(getattr(method, "__name__", type(method).__name__))


def check_method(name: str, method: Any) -> None:
    """Raise ValueError unless a value says how answers become a label."""
    if not callable(method) and method not in _METHODS:
        raise ValueError(f"{name} is {short_repr(method)}; expected one of {list(_METHODS)}, or a function.")


def too_few_answers(table: AnswerTable) -> str:
    """Return why Dawid and Skene's model cannot be told from noise; empty where it can."""
    doubled = table.codes[table.n_answers > 1] >= 0
    n_annotators, n_classes = int(np.count_nonzero(doubled.any(axis=0))), len(table.classes)
    if n_annotators < _FEWEST_ANNOTATORS:
        share = "shares" if n_annotators == 1 else "share"
        return (
            f"{counted(n_annotators, 'annotator')} {share} items; dawid_skene needs "
            f"{_FEWEST_ANNOTATORS}, since two who differ do not tell which of them errs"
        )
    needed, n_doubled = _ANSWERS_EACH * n_annotators * n_classes, int(np.count_nonzero(doubled))
    if n_doubled < needed:
        return (
            f"{counted(n_doubled, 'answer')} {'is' if n_doubled == 1 else 'are'} to shared items; dawid_skene needs "
            f"{needed}, {_ANSWERS_EACH} for each of {n_annotators} annotators and {n_classes} classes"
        )
    return ""


def _differ(a: Any, b: Any) -> bool:
    return bool(label_key(a) != label_key(b))


def _by_item(table: AnswerTable) -> list[dict[Any, Label]]:
    """Return of each item: annotator -> label."""
    given: list[dict[Any, Label]] = [{} for _ in table.items]
    for row, column in zip(*np.nonzero(table.codes >= 0), strict=True):
        given[row][table.annotators[column]] = table.classes[table.codes[row, column]]
    return given


def _check_method(method: Aggregate, table: AnswerTable) -> Callable[[dict[Any, Label]], Verdict]:
    """Return a user's function as one that gives a verdict."""
    known = set(map(label_key, table.classes))

    def decide(of_item: dict[Any, Label]) -> Verdict:
        if not of_item:
            return vote(of_item)
        label = plain_label(method(dict(of_item)))
        if label is not None and label_key(label) not in known:
            raise ValueError(
                f"method returns {short_repr(label)} for the answers {short_repr(of_item)}; expected one of "
                f"{short_repr(list(table.classes))}, or None."
            )
        share = sum(not _differ(each, label) for each in of_item.values()) / len(of_item)
        return Verdict(label, share, len(of_item), how_of(label, len(of_item)))

    return decide


def _check_weights(weights: Mapping[Any, Any], annotators: Sequence[Any]) -> None:
    unknown = [name for name in weights if name not in annotators]
    if unknown:
        raise ValueError(f"weights has {short_repr(unknown[0])}; expected annotators: {short_repr(list(annotators))}.")
    for name, weight in weights.items():
        if isinstance(weight, bool) or not isinstance(weight, Real):
            raise TypeError(f"weights of {name!r} is {short_repr(weight)}; expected a number above 0.")
        if not 0 < weight < float("inf"):  # type: ignore[operator]  # a Real has an order
            raise ValueError(
                f"weights of {name!r} is {short_repr(weight)}; expected a number above 0. To leave somebody out, pass "
                "answers without theirs."
            )


def _labels(table: AnswerTable, verdicts: Sequence[Verdict], majority: Sequence[Verdict]) -> pd.DataFrame:
    import pandas as pd

    # Objects: pandas would take None for NaN, and texts for texts of its own.
    columns = {
        "label": pd.Series([each.label for each in verdicts], dtype=object),
        "share": np.array([each.share for each in verdicts], np.float64),
        "n_answers": np.array([each.n_answers for each in verdicts], np.intp),
        "how": pd.Series([each.how for each in verdicts], dtype=object),
        "majority": pd.Series([each.label for each in majority], dtype=object),
    }
    return pd.DataFrame(columns).set_index(pd.Index(table.items, name="item", tupleize_cols=False))


def _judged(
    table: AnswerTable, given: Sequence[dict[Any, Label]], decide: Callable[[dict[Any, Label]], Verdict]
) -> pd.DataFrame:
    """Measure how often each annotator agrees with the consensus of the others."""
    right, judged = dict.fromkeys(table.annotators, 0), dict.fromkeys(table.annotators, 0)
    for of_item in given:
        for annotator, label in of_item.items():
            others = {name: each for name, each in of_item.items() if name != annotator}
            verdict = decide(others).label if others else None
            if verdict is not None:
                judged[annotator] += 1
                right[annotator] += not _differ(verdict, label)
    return _qualities(table, list(right.values()), list(judged.values()))


def _by_model(table: AnswerTable, majority: Sequence[Verdict]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return labels and qualities of Dawid and Skene's model."""
    verdicts, proba = _model_verdicts(table, [each.n_answers for each in majority])
    shared = (table.codes >= 0) & (table.n_answers > 1)[:, None]
    of_answers = np.take_along_axis(proba, np.maximum(table.codes, 0), axis=1)
    right = np.where(shared, of_answers, 0).sum(axis=0).tolist()
    return _labels(table, verdicts, majority), _qualities(table, right, np.count_nonzero(shared, axis=0).tolist())


def _model_verdicts(table: AnswerTable, n_answers: Sequence[int]) -> tuple[list[Verdict], FloatArray]:
    """Return the labels of Dawid and Skene's model, and the probability of each class."""
    proba = fit_dawid_skene(table.codes, len(table.classes)).proba
    best, share = proba.argmax(axis=1), proba.max(axis=1)
    tied = np.count_nonzero(proba > share[:, None] - EQUAL, axis=1) > 1
    verdicts = []
    for row, n in enumerate(n_answers):
        label = None if tied[row] or not n else table.classes[best[row]]
        verdicts.append(Verdict(label, float(share[row]) if n else float("nan"), n, how_of(label, n)))
    return verdicts, proba


def _qualities(table: AnswerTable, right: Sequence[float], judged: Sequence[int]) -> pd.DataFrame:
    import pandas as pd

    quality, low, high = shares(right, judged)
    columns = {
        "n_answers": np.count_nonzero(table.codes >= 0, axis=0),
        "n_judged": np.array(judged, np.intp),
        "quality": quality,
        "low": low,
        "high": high,
    }
    return pd.DataFrame(columns, index=pd.Index(table.annotators, name="annotator", tupleize_cols=False))


def _shown(row: Any, right: str) -> str:
    if not row.n_judged:
        return "not measured (no answer to an item on which others have a label)"
    n_right = row.quality * row.n_judged
    return f"{n_right:.4g} of {row.n_judged} answers {right} (95 % interval {row.low:.2f} to {row.high:.2f})"
