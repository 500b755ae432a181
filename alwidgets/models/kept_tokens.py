"""The tokens of texts, kept, so that a text vectorizer is fitted on every training set without reading texts again.

The vectorizer's own code fits it, and is given the kept tokens by its analyzer. To transform, the counts of all terms
are narrowed to its vocabulary. Both give what the texts would, to the last bit.
"""

from __future__ import annotations

import threading
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from alwidgets.models.known_texts import KnownTexts
from alwidgets.types import IntArray


class KeptTokens:
    """The terms of known texts, as one of scikit-learn's vectorizers finds them.

    Parameters
    ----------
    texts : KnownTexts
        The texts.
    vectorizer : CountVectorizer or TfidfVectorizer
        Unfitted. Each text is read by its analyzer when it is first asked for, and once more when it trains.
    """

    def __init__(self, texts: KnownTexts, vectorizer: Any) -> None:
        self.texts, self._vectorizer = texts, vectorizer
        self._analyze: Callable[[Any], Iterable[Any]] = vectorizer.build_analyzer()
        self._counts = _Counts()
        self._training: dict[str, list[Any]] = {}
        self._lock = threading.Lock()

    @staticmethod
    def can_keep(vectorizer: Any) -> bool:
        """Return whether a step is one whose tokens can be kept: scikit-learn's own, which reads texts as they are."""
        return type(vectorizer) in (CountVectorizer, TfidfVectorizer) and vectorizer.input == "content"

    def fit_transform(self, vectorizer: Any, X: Any, y: Any) -> Any:
        """Fit a vectorizer on known texts and transform them: its own `fit_transform`, of tokens that are kept."""

        def tokens_of(text: str) -> list[Any]:
            if text not in self._training:
                self._training[text] = list(self._analyze(text))
            return self._training[text]

        with _reading_by(vectorizer, tokens_of):
            return vectorizer.fit_transform(X, y)

    def transform(self, vectorizer: Any, rows: IntArray | slice) -> Any:
        """Transform known texts by a fitted vectorizer: what its own `transform` gives."""
        with self._lock:
            numbers = self.texts.numbers(rows).tolist()
            for row in numbers:
                if not self._counts.has(row):
                    self._counts.add(row, self._analyze(self.texts.array[row]))
            counts = self._counts.of(vectorizer.vocabulary_, numbers, vectorizer.dtype)
        if vectorizer.binary:
            counts.data.fill(1)
        return vectorizer._tfidf.transform(counts, copy=False) if hasattr(vectorizer, "_tfidf") else counts  # noqa: SLF001 - as its own `transform`

    def of_pool(self) -> Any:
        """Return the pool by a vectorizer that is fitted on it as a whole; its tokens are kept on the way."""
        pool = self.texts.array[self.texts.pool]
        rows = iter(self.texts.numbers(self.texts.pool).tolist())

        def recorded(text: str) -> list[Any]:
            row = next(rows)
            tokens = list(self._analyze(text))
            if not self._counts.has(row):
                self._counts.add(row, tokens)
            return tokens

        with self._lock, _reading_by(made := clone(self._vectorizer), recorded):
            return made.fit_transform(pool)


class _Counts:
    """Counts of each term in each text, of texts that are added one by one."""

    def __init__(self) -> None:
        self._number_of: dict[Any, int] = {}
        self._place: dict[int, int] = {}
        self._n_added = 0
        self._terms, self._times, self._ends = array("i"), array("i"), array("q", [0])
        self._matrix: Any = None
        self._rank_of: dict[Any, int] = {}

    def has(self, row: int) -> bool:
        return row in self._place

    def add(self, row: int, tokens: Iterable[Any]) -> None:
        number_of, here = self._number_of, Counter(tokens)
        self._terms.extend(number_of.setdefault(token, len(number_of)) for token in here)
        self._times.extend(here.values())
        self._ends.append(len(self._terms))
        self._place[row] = self._n_added
        self._n_added += 1
        self._matrix = None

    def of(self, vocabulary: dict[Any, int], rows: list[int], dtype: Any) -> Any:
        """Return the counts of the terms of a vocabulary, in its columns, as a CSR matrix with sorted indices."""
        from scipy.sparse import csr_matrix

        matrix = self._sorted()
        places: IntArray = np.fromiter(map(self._place.__getitem__, rows), np.intp, len(rows))
        if len(places) != matrix.shape[0] or np.any(np.diff(places) != 1):
            matrix = matrix[places]
        column: IntArray = np.full(matrix.shape[1] + 1, -1, np.int32)
        known = [(self._rank_of[term], place) for term, place in vocabulary.items() if term in self._rank_of]
        ranks, columns = np.array(sorted(known), np.intp).reshape(-1, 2).T
        column[ranks] = columns
        columns_of_all = column[matrix.indices]
        kept = columns_of_all >= 0
        ends = np.concatenate([[0], np.cumsum(kept)])[matrix.indptr].astype(matrix.indptr.dtype)
        made = csr_matrix(
            (matrix.data[kept].astype(dtype), columns_of_all[kept], ends), shape=(len(places), len(vocabulary))
        )
        # A vocabulary that was given may be in any order.
        if not np.all(np.diff(columns) > 0):
            made.has_sorted_indices = False
            made.sort_indices()
        return made

    def _sorted(self) -> Any:
        """Return all counts, terms in their own order: a fitted vocabulary has them in the same."""
        from scipy.sparse import csr_matrix

        if self._matrix is None:
            order = sorted(self._number_of)
            self._rank_of = {term: rank for rank, term in enumerate(order)}
            rank = np.fromiter(map(self._rank_of.__getitem__, self._number_of), np.int32, len(order))
            terms, times = (np.frombuffer(values, np.intc).astype(np.int32) for values in (self._terms, self._times))
            ends = np.frombuffer(self._ends, np.int64)
            ends = ends.astype(np.int32) if ends[-1] <= np.iinfo(np.int32).max else ends.copy()
            indices = rank[terms] if order else terms
            self._matrix = csr_matrix((times, indices, ends), shape=(self._n_added, max(1, len(order))))
            self._matrix.sort_indices()
        return self._matrix


@contextmanager
def _reading_by(vectorizer: Any, analyze: Callable[[str], Any]) -> Iterator[None]:
    """Have a vectorizer read texts by an analyzer that knows them."""
    vectorizer.build_analyzer = lambda: analyze
    try:
        yield
    finally:
        del vectorizer.build_analyzer
