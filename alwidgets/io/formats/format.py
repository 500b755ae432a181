"""A format of labels: how it is recognized, read and written, and what it holds."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeAlias

from alwidgets.io.documents import Document
from alwidgets.io.records import AnswerRecord
from alwidgets.types import Class
from alwidgets.utils.text import short_repr


@dataclass(frozen=True, eq=False)
class Prediction:
    """Prediction for a sample: the classes, and its score, or None where it gives none."""

    answer: tuple[Class, ...]
    score: float | None


@dataclass(frozen=True, eq=False)
class Export:
    """Answers to write, in any format.

    Parameters
    ----------
    kind : {"single", "multi", "ordinal", "yes_no", "pair"}
        What an answer is.
    classes : tuple of class
        The possible answers.
    records : sequence of AnswerRecord
        One a sample; in a format that holds several, those to a sample one behind the other, the one that stands first.
    fields : sequence of mapping
        What each sample shows, by name.
    predictions : sequence of Prediction or None
        What the newest model says of each.
    model_version : str
        Its name.
    """

    kind: str
    classes: tuple[Class, ...]
    records: Sequence[AnswerRecord]
    fields: Sequence[Mapping[str, Any]]
    predictions: Sequence[Prediction | None]
    model_version: str


def by_sample(export: Export) -> Iterator[tuple[list[AnswerRecord], Mapping[str, Any], Prediction | None]]:
    """Yield the answers to each sample, what it shows and its prediction."""
    rows = zip(export.records, export.fields, export.predictions, strict=True)
    for _, found in groupby(rows, key=lambda row: row[0].sample):
        records, fields, predictions = zip(*found, strict=True)
        yield list(records), fields[0], predictions[0]


#: Answers in one row of a file.
Reader: TypeAlias = Callable[[dict[str, Any], Document], Iterable[AnswerRecord]]
#: Name of what a file has the answers in, which the user may have named.
Chooser: TypeAlias = Callable[[Document, str | None], str | None]


@dataclass(frozen=True, eq=False)
class Format:
    """Layout of answers in the files of a tool.

    Parameters
    ----------
    tool : str
        Its name, as people write it.
    recognizes : callable or None
        Document -> whether it is one; None where only `format=` tells.
    read : callable or None
        A row of a file, and the whole -> the answers in it; None where it is only written.
    write : callable or None
        Export -> the content of a file; None where it is only read.
    holds : frozenset of str
        What it holds beside the sample and the answer: fields of a record, "none" (an answer of no class), "several"
        (answers to a sample) and "predictions".
    choose : callable or None
        A document, and what was asked for or None -> the question or column to read; None where a row has one alone.
    """

    tool: str
    recognizes: Callable[[Document], bool] | None
    read: Reader | None
    write: Callable[[Export], bytes] | None
    holds: frozenset[str] = frozenset()
    choose: Chooser | None = None


def yes_of(classes: Sequence[Class]) -> Class:
    """Return the class of two that says yes: the second, unless the first is called so.

    Examples
    --------
    >>> yes_of(["no", "yes"]), yes_of(["Yes", "No"]), yes_of(["other", "spam"])
    ('yes', 'Yes', 'spam')
    """
    return classes[0] if str(classes[0]).lower() == "yes" else classes[1]


def only_question(questions: Collection[str], label: str | None) -> str | None:
    """Return the question to read: the one that was asked for, or the only one; None where nothing was answered.

    Raises
    ------
    ValueError
        If there are several to choose from, or the one that was asked for is not among them.

    Examples
    --------
    >>> only_question(["topic"], None), only_question(["topic", "tone"], "tone")
    ('topic', 'tone')
    """
    names = sorted(questions)
    if label is not None:
        if names and label not in names:
            raise ValueError(
                f"label is {short_repr(label)}; expected one of the questions that it has answers to: {names}."
            )
        return label
    if len(names) > 1:
        raise ValueError(f"it has answers to several questions; name the one to read with label=, one of {names}.")
    return next(iter(names), None)


def first(document: Document) -> dict[str, Any]:
    """Return the first row, an empty one where there is none."""
    return document.rows[0] if document.rows else {}
