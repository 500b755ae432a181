"""Rows of texts that are known beforehand: those of a pool, and those it is scored on."""

from __future__ import annotations

from typing import Any

import numpy as np

from alwidgets.types import IntArray


class KnownTexts:
    """Texts by their rows, and rows by their texts.

    Parameters
    ----------
    pool : ndarray of str, shape (n_pool,)
        The texts of the pool, rows 0 to n_pool - 1.

    Examples
    --------
    >>> known = KnownTexts(np.array(["a", "b", "c"]))
    >>> known.add(np.array(["d"]))
    >>> known.rows_of(["d", "b"]), known.rows_of(["b", "e"])
    (array([3, 1]), None)
    """

    def __init__(self, pool: Any) -> None:
        self.n_pool = len(pool)
        #: The rows of the pool; a slice as long as they follow each other.
        self.pool: IntArray | slice = slice(0, len(pool))
        self.array = pool
        self._index: tuple[list[str], dict[str, int]] | None = None

    def add(self, texts: Any) -> None:
        """Add texts that are not part of the pool, in the rows after it."""
        self.array, self._index = np.concatenate([self.array, texts]), None

    def extend(self, texts: Any) -> None:
        """Add texts to the pool, behind those it has; the rows of what is known stay what they are."""
        n_known, before = len(self.array), self.numbers(self.pool)
        self.add(texts)
        rows = np.concatenate([before, np.arange(n_known, n_known + len(texts))])
        self.pool = slice(0, len(rows)) if rows[-1] == len(rows) - 1 else rows
        self.n_pool = len(rows)

    def _known(self) -> tuple[list[str], dict[str, int]]:
        """Return the texts, and their rows; made when they are first asked for."""
        if self._index is None:
            texts = self.array.tolist()
            # Of texts that are the same, the first.
            self._index = texts, dict(zip(reversed(texts), range(len(texts) - 1, -1, -1), strict=True))
        return self._index

    def __len__(self) -> int:
        return len(self.array)

    def rows_of(self, X: Any) -> IntArray | slice | None:
        """Return the rows of texts, a slice where they follow each other; None if one of them is not known."""
        given = X.tolist() if isinstance(X, np.ndarray) and X.ndim == 1 else X
        if not isinstance(given, list) or not given or not isinstance(given[0], str):
            return None
        texts, row_of = self._known()
        first = row_of.get(given[0])
        if first is None:
            return None
        # Mostly it is the whole pool; a text that is the same object is not read.
        if given == texts[first : first + len(given)]:
            return slice(first, first + len(given))
        try:
            return np.fromiter(map(row_of.__getitem__, given), np.intp, len(given))
        except (KeyError, TypeError):
            return None

    @property
    def n_distinct(self) -> int:
        """Number of texts, those that are the same counted once."""
        return len(self._known()[1])

    def first(self, rows: IntArray) -> IntArray:
        """Return the first rows that have the texts of rows."""
        texts, row_of = self._known()
        return np.fromiter((row_of[texts[row]] for row in rows.tolist()), np.intp, len(rows))

    def numbers(self, rows: IntArray | slice) -> IntArray:
        """Return rows as numbers."""
        return np.arange(rows.start, rows.stop) if isinstance(rows, slice) else rows
