"""Batches of questions of a stretch of events, in columns."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from alwidgets.journal.columns import Column, Lists, Measured
from alwidgets.types import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Batches:
    """Batches of questions in the order of asking.

    Parameters
    ----------
    places, rounds, chosen : ndarray of shape (n_batches,)
        Of each batch, its place in the stretch, the round that asked it, and whether a person chose it.
    starts, withdrawn_starts : ndarray of shape (n_batches + 1,)
        Where its questions begin among all of them, and the rows that it withdraws; at last where the last ones end.
    withdrawn : ndarray of int
        The rows that are withdrawn.
    rows, audit, asked_in, asked_by, utility, probability : ndarray of shape (n_questions,)
        Of each question, its row, whether it measures, its round, the code of its strategy, and why it was asked.
    """

    places: IntArray
    rounds: IntArray
    chosen: BoolArray
    starts: IntArray
    withdrawn_starts: IntArray
    withdrawn: IntArray
    rows: IntArray
    audit: BoolArray
    asked_in: IntArray
    asked_by: IntArray
    utility: FloatArray
    probability: FloatArray


def batches_of(parts: Sequence[tuple[IntArray, dict[str, Column]]], strategies: dict[str, int]) -> Batches:
    """Return the batches of some tables, each with the places of its rows; strategies that are new are given codes."""
    if not parts:
        none: Any = np.empty(0, np.int64)
        starts = np.zeros(1, np.int64)
        return Batches(none, none, none, starts, starts, *[none] * 7)
    columns = zip(*(_columns(places, found, strategies) for places, found in parts), strict=True)
    of_batches, withdrawn, *of_questions = map(np.concatenate, columns)
    places, rounds, chosen, sizes, n_withdrawn = of_batches.T
    if len(parts) > 1:
        order = np.argsort(places)
        withdrawn = withdrawn[np.argsort(repeated(places, n_withdrawn), kind="stable")]
        questions = np.argsort(repeated(places, sizes), kind="stable")
        of_questions = [each[questions] for each in of_questions]
        places, rounds, chosen, sizes, n_withdrawn = of_batches[order].T
    return Batches(places, rounds, chosen != 0, _starts(sizes), _starts(n_withdrawn), withdrawn, *of_questions)


def repeated(values: Any, times: IntArray) -> Any:
    """Return each value as often as told; where Python is one of 32 bits, NumPy takes no larger numbers for that."""
    return np.repeat(values, times.astype(np.intp, copy=False))


def _columns(places: IntArray, found: dict[str, Any], strategies: dict[str, int]) -> tuple[Any, ...]:
    sizes, n_withdrawn = (_sizes(found[name]) for name in ("items", "withdrawn"))
    chosen = found["chosen"].tolist() if "chosen" in found else np.zeros(len(places), np.int64)
    rounds, total = np.frombuffer(found["round"], np.int64), int(sizes.sum())
    by = [strategies.setdefault(name, len(strategies)) for name in found["strategy"].tolist()]
    return (
        np.stack([places, rounds, chosen, sizes, n_withdrawn], axis=1), _flat(found["withdrawn"], np.int64, 0),
        _flat(found["items"], np.int64, total), np.array(found["audit"].inner.tolist(), bool),
        repeated(rounds, sizes), repeated(np.array(by), sizes), _flat(found["utility"], np.float64, total),
        _flat(found.get("probability"), np.float64, total),
    )  # fmt: skip


def _sizes(column: Lists) -> IntArray:
    ends = np.frombuffer(column.ends, np.int64)
    return np.diff(ends, prepend=0).astype(np.int64)


def _starts(sizes: IntArray) -> IntArray:
    return np.concatenate([[0], np.cumsum(sizes)])


def _flat(column: Any, kind: Any, n: int) -> Any:
    """Return the concatenated values of lists; `n` NaN values if they are not known."""
    inner = column.inner if isinstance(column, Lists) and column.ends[-1] else None
    numbers = inner.numbers if isinstance(inner, Measured) else inner
    return np.frombuffer(numbers, kind) if isinstance(numbers, array) else np.full(n, np.nan).astype(kind)
