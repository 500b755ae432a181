"""Checks of plain values: counts, seeds, shares, folders."""

from __future__ import annotations

import operator
import os
from collections.abc import Hashable, Iterable, Mapping
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np

from alwidgets.utils.text import short_repr, type_name


def check_count(name: str, value: Any) -> int:
    """Return a number of things as an int of at least 1."""
    count = as_whole_number(value)
    if count is None:
        raise TypeError(f"{name} is {value!r}; expected a whole number of at least 1.")
    if count < 1:
        raise ValueError(f"{name} is {value!r}; expected a whole number of at least 1.")
    return count


def check_seed(random_state: Any) -> int | None:
    """Return the seed as an int, None when one is to be drawn."""
    if random_state is None:
        return None
    seed = as_whole_number(random_state)
    if seed is None or seed < 0:
        raise ValueError(f"random_state is {random_state!r}; expected an integer of at least 0, or None.")
    return seed


def check_journal(journal: Any) -> Path | None:
    """Return the folder of the journal, None when answers are kept in memory only."""
    if journal is None:
        return None
    if not isinstance(journal, str | os.PathLike) or not str(journal) or "\0" in str(journal):
        raise TypeError(f"journal is {journal!r}; expected the name of a folder, or None.")
    return Path(journal).expanduser().resolve()


def check_share(name: str, value: Any) -> None:
    """Raise unless a value is a number above 0 and at most 1."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} is {short_repr(value)}; expected a number above 0 and at most 1.")
    # Compared as it is: a whole number may be too large for a float.
    if not 0 < value <= 1:  # type: ignore[operator]  # a Real has an order
        raise ValueError(f"{name} is {short_repr(value)}; expected a number above 0 and at most 1.")


def check_positive(name: str, value: Any) -> float:
    """Return a finite number above 0 as a float."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} is {short_repr(value)}; expected a number above 0.")
    if not 0 < value < float("inf"):  # type: ignore[operator]  # a Real has an order
        raise ValueError(f"{name} is {short_repr(value)}; expected a number above 0.")
    return float(value)


def as_whole_number(value: Any) -> int | None:
    """Convert a whole number to int; None for anything else, including True and False."""
    if isinstance(value, bool | np.bool_):
        return None
    try:
        return operator.index(value)
    except TypeError:
        return None


def repeated(values: Iterable[Hashable]) -> tuple[int, int] | None:
    """Return the first place at which a value comes again, behind the place where it came first; None if none does."""
    first: dict[Hashable, int] = {}
    for place, value in enumerate(values):
        if first.setdefault(value, place) != place:
            return first[value], place
    return None


def named(values: Any) -> str:
    """Describe an invalid container in a few words."""
    return short_repr(values) if isinstance(values, str | bytes | Mapping | int | float) else type_name(values)
