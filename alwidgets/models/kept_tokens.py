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
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer, TfidfVectorizer

from alwidgets.models.known_texts import KnownTexts
from alwidgets.types import IntArray

_WEIGHTING = ("norm", "use_idf", "smooth_idf", "sublinear_tf")


class KeptTokens:
    """The terms of known texts, as one of scikit-learn's vectorizers finds them.

    Parameters
    ----------
    texts : KnownTexts
        The texts.
    vectorizer : CountVectorizer or TfidfVectorizer
        Unfitted. Each text is read by its analyzer once, when it is first asked for.
    """

    def __init__(self, texts: KnownTexts, vectorizer: Any) -> None:
        self.texts, self._vectorizer = texts, vectorizer
        self._analyze: Callable[[Any], Iterable[Any]] = vectorizer.build_analyzer()
        self._counts = _Counts()
        self._training: dict[int, list[Any]] = {}
        self._lock = threading.Lock()

    @staticmethod
    def can_keep(vectorizer: Any) -> bool:
        """Return whether a step is one whose tokens can be kept: scikit-learn's own, which reads texts as they are."""
        return type(vectorizer) in (CountVectorizer, TfidfVectorizer) and vectorizer.input == "content"

    def fit_transform(self, vectorizer: Any, X: Any, y: Any, rows: IntArray | slice) -> Any:
        """Fit a vectorizer on known texts and transform them: its own `fit_transform`, of tokens that are kept."""
        with self._lock:
            numbers = self.texts.numbers(rows).tolist()
            self._read(numbers)
            tokens = iter([self._tokens_of(row) for row in numbers])
        # A fit reads one text after the other.
        with _reading_by(vectorizer, lambda _: next(tokens)):
            return vectorizer.fit_transform(X, y)

    def transform(self, vectorizer: Any, rows: IntArray | slice) -> Any:
        """Transform known texts by a fitted vectorizer: what its own `transform` gives."""
        with self._lock:
            numbers = self.texts.numbers(rows).tolist()
            self._read(numbers)
            counts = self._counts.of(vectorizer.vocabulary_, numbers, vectorizer.dtype)
        if vectorizer.binary:
            counts.data.fill(1)
        return vectorizer._tfidf.transform(counts, copy=False) if hasattr(vectorizer, "_tfidf") else counts  # noqa: SLF001 - as its own `transform`

    def of_pool(self) -> Any:
        """Return the pool by a vectorizer that is fitted on it as a whole: what its `fit_transform` gives."""
        made, rows = clone(self._vectorizer), self.texts.numbers(self.texts.pool).tolist()
        with self._lock:
            self._read(rows)
            if not _takes_all_terms(made):
                tokens = map(self._counts.tokens_of, rows)
                with _reading_by(made, lambda _: next(tokens)):
                    return made.fit_transform(self.texts.array[self.texts.pool])
            # Nothing is counted a second time where the vocabulary is all that was found.
            counts = self._counts.of_all(rows, made.dtype)
        if made.binary:
            counts.data.fill(1)
        if not isinstance(made, TfidfVectorizer):
            return counts
        weights = TfidfTransformer(**{name: getattr(made, name) for name in _WEIGHTING})
        return weights.fit(counts).transform(counts, copy=False)

    def _read(self, rows: list[int]) -> None:
        """Count the terms of the texts that nobody asked for before."""
        for row in rows:
            if not self._counts.has(row):
                self._counts.add(row, self._analyze(self.texts.array[row]))

    def _tokens_of(self, row: int) -> list[Any]:
        if row not in self._training:
            self._training[row] = self._counts.tokens_of(row)
        return self._training[row]


class _Numbers(dict[Any, int]):
    """Numbers of terms, in the order in which they are first met."""

    def __init__(self) -> None:
        super().__init__()
        self.terms: list[Any] = []

    def __missing__(self, term: Any) -> int:
        number = self[term] = len(self)
        self.terms.append(term)
        return number


class _Counts:
    """Counts of each term in each text, of texts that are added one by one; a text's terms as they are first met."""

    def __init__(self) -> None:
        self._number_of = _Numbers()
        self._place: dict[int, int] = {}
        self._terms, self._times, self._ends = array("i"), array("i"), array("q", [0])
        self._matrix: Any = None
        self._rank_of: dict[Any, int] = {}

    def has(self, row: int) -> bool:
        return row in self._place

    def add(self, row: int, tokens: Iterable[Any]) -> None:
        here = Counter(tokens)
        self._terms.extend(map(self._number_of.__getitem__, here))
        self._times.extend(here.values())
        self._ends.append(len(self._terms))
        self._place[row] = len(self._place)
        self._matrix = None

    def tokens_of(self, row: int) -> list[Any]:
        """Return the terms of a text, each as often as it is there, as they are first met."""
        place, terms = self._place[row], self._number_of.terms
        part = slice(self._ends[place], self._ends[place + 1])
        return [terms[term] for term, n in zip(self._terms[part], self._times[part], strict=True) for _ in range(n)]

    def of(self, vocabulary: dict[Any, int], rows: list[int], dtype: Any) -> Any:
        """Return the counts of the terms of a vocabulary, in its columns, as a CSR matrix with sorted indices."""
        counts = self._rows(self._sorted(), rows)
        column: IntArray = np.full(counts.shape[1], -1, np.int32)
        known = [(self._rank_of[term], place) for term, place in vocabulary.items() if term in self._rank_of]
        ranks, columns = np.array(sorted(known), np.intp).reshape(-1, 2).T
        column[ranks] = columns
        made = _narrowed(counts, column, len(vocabulary), dtype)
        # A vocabulary that was given may be in any order.
        return made if np.all(np.diff(columns) > 0) else _in_order(made)

    def of_all(self, rows: list[int], dtype: Any) -> Any:
        """Return the counts of all terms of texts, as a vectorizer gives them that is fitted on these.

        Its columns are sorted, but in a row they stand in the order in which the texts have met their terms.
        """
        counts = self._rows(self._as_met(), rows)
        first: IntArray = np.full(counts.shape[1], -1, np.intp)
        # Of a term that is there more often, the last one that is written stays.
        first[counts.indices[::-1]] = np.arange(counts.nnz)[::-1]
        met = np.argsort(first, kind="stable")[np.count_nonzero(first < 0) :]
        if not len(met):
            raise ValueError("The texts have no terms; expected some, or another analyzer.")
        number: IntArray = np.zeros(counts.shape[1], np.int32)
        number[met] = np.arange(len(met))
        made = _in_order(_narrowed(counts, number, len(met), dtype))
        names = [self._number_of.terms[term] for term in met.tolist()]
        rank: IntArray = np.empty(len(met), made.indices.dtype)
        rank[sorted(range(len(met)), key=names.__getitem__)] = np.arange(len(met))
        made.indices = rank[made.indices]
        made.has_sorted_indices = False
        return made

    def _rows(self, matrix: Any, rows: list[int]) -> Any:
        places: IntArray = np.fromiter(map(self._place.__getitem__, rows), np.intp, len(rows))
        follow = len(places) == matrix.shape[0] and np.all(np.diff(places) == 1)
        return matrix if follow else matrix[places]

    def _as_met(self) -> Any:
        """Return all counts, terms in the order in which they were met."""
        from scipy.sparse import csr_matrix

        terms, times = (np.frombuffer(values, np.intc).astype(np.int32) for values in (self._terms, self._times))
        ends = np.frombuffer(self._ends, np.int64)
        ends = ends.astype(np.int32) if ends[-1] <= np.iinfo(np.int32).max else ends.copy()
        return csr_matrix((times, terms, ends), shape=(len(ends) - 1, max(1, len(self._number_of))))

    def _sorted(self) -> Any:
        """Return all counts, terms in their own order: a fitted vocabulary has them in the same."""
        if self._matrix is None:
            order = sorted(self._number_of)
            self._rank_of = {term: rank for rank, term in enumerate(order)}
            rank = np.fromiter(map(self._rank_of.__getitem__, self._number_of), np.int32, len(order))
            made = self._as_met()
            made.indices = rank[made.indices] if order else made.indices
            self._matrix = _in_order(made)
        return self._matrix


def _narrowed(counts: Any, column: IntArray, n_columns: int, dtype: Any) -> Any:
    """Return the counts in other columns; those whose column is -1 are left out."""
    from scipy.sparse import csr_matrix

    columns = column[counts.indices]
    kept = columns >= 0
    ends = np.concatenate([[0], np.cumsum(kept)])[counts.indptr].astype(counts.indptr.dtype)
    return csr_matrix((counts.data[kept].astype(dtype), columns[kept], ends), shape=(counts.shape[0], n_columns))


def _in_order(counts: Any) -> Any:
    """Return the counts with the columns of each row sorted, in place."""
    counts.has_sorted_indices = False
    counts.sort_indices()
    return counts


def _takes_all_terms(vectorizer: Any) -> bool:
    """Return whether no term is left out of a vectorizer's vocabulary for being rare, frequent or not named."""
    rarest, commonest = (vectorizer.min_df, int), (vectorizer.max_df, float)
    return (
        all(isinstance(value, kind) and value == 1 for value, kind in (rarest, commonest))
        and vectorizer.max_features is None
        and vectorizer.vocabulary is None
    )


@contextmanager
def _reading_by(vectorizer: Any, analyze: Callable[[str], Any]) -> Iterator[None]:
    """Have a vectorizer read texts by an analyzer that knows them."""
    vectorizer.build_analyzer = lambda: analyze
    try:
        yield
    finally:
        del vectorizer.build_analyzer
