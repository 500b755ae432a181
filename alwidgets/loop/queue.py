"""Questions kept ready."""

from __future__ import annotations

from collections import deque
from typing import TypeAlias

from alwidgets.strategies import Choice

#: Row, utility, and how likely it was to be drawn; None when it was not.
Ranked: TypeAlias = tuple[int, float, float | None]


def ranked(choice: Choice) -> deque[Ranked]:
    """Return the rows of a choice in their order, each with its utility and chance."""
    chances = [None] * len(choice.rows) if choice.probability is None else choice.probability.tolist()
    # NaN is none either.
    known = [chance if chance and chance > 0 else None for chance in chances]
    return deque(zip(choice.rows.tolist(), choice.utility.tolist(), known, strict=True))
