"""The leading steps of a Pipeline, computed once on texts that are known beforehand.

What they give is kept by the text, so that whoever fits a learner or asks it needs to know nothing of it: a learner
still takes texts. Texts that are not known go through all steps, as in any Pipeline.

Three ways, by what the steps are:

- Steps that learn nothing (`HashingVectorizer`, an encoder whose tag `requires_fit` is False) are computed once.
- Of a `CountVectorizer` or `TfidfVectorizer` the tokens are kept; it learns its vocabulary from every training set.
- With ``features="pool"`` all steps but the last are fitted on the whole pool, once.
"""

from __future__ import annotations

import copy
import threading
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from alwidgets.data.lending import lend, private, read_only
from alwidgets.data.parts import whole
from alwidgets.data.pool import joined, n_rows, stack, take
from alwidgets.models.kept_tokens import KeptTokens
from alwidgets.models.kept_values import KeptValues, patiently, through
from alwidgets.models.known_texts import KnownTexts
from alwidgets.utils.threads import fit_threads


class Kept:
    """Kept output of a Pipeline's leading steps; shared by all learners that are fitted by one model spec."""

    def start(self) -> tuple[int, Any] | None:
        """Return the number of steps fitted on the pool, and their output for it; None if they cannot be."""
        raise NotImplementedError

    def fit(self, estimator: Any, X: Any, y: Any) -> bool:
        """Fit a Pipeline in place, and return whether it was; False leaves it as it is."""
        raise NotImplementedError

    def rest(self, estimator: Any, X: Any) -> tuple[list[Any], Any] | None:
        """Return the steps of a fitted Pipeline that are left to do, and their input; None if samples are not known."""
        raise NotImplementedError

    @property
    def texts(self) -> KnownTexts | None:
        """The texts that it is kept of; None of other samples."""
        raise NotImplementedError

    def of_texts(self, samples: list[Any]) -> Kept | None:  # noqa: ARG002 - mostly it is computed again there
        """Return the same of some texts alone, to go to another process with them; None if there is nothing to send."""
        return None

    def of_added(self, X_new: Any) -> Any:  # noqa: ARG002 - texts are computed when they are asked for
        """Compute the values of samples that are to be added; None where that is not needed yet."""
        return None

    def extend(self, X_new: Any, values: Any) -> None:
        """Know that samples were added to the pool, and what `of_added` gave of them; the texts know theirs."""

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _memo: Any) -> Self:
        return self

    def __reduce__(self) -> Any:
        # A learner in a file or another process is its estimator, which takes texts without it.
        return _nothing, ()


def _nothing() -> None:
    return None


@dataclass(eq=False)
class Computed(Kept):
    """Steps that learn nothing, computed once for each text.

    Parameters
    ----------
    values : KeptValues
        What they give.
    """

    values: KeptValues

    @property
    def texts(self) -> KnownTexts:
        """The texts."""
        return self.values.texts

    def start(self) -> tuple[int, Any] | None:
        """Return the steps' number, and what they give of the pool."""
        values = self.values.of_pool()
        return None if values is None else (self.values.n_steps, values)

    def fit(self, estimator: Any, X: Any, y: Any) -> bool:
        """Fit the other steps on what is kept of known texts."""
        values = self._of(estimator, X)
        if values is not None:
            _fit_rest(estimator, self.values.n_steps, private(values), y)
        return values is not None

    def rest(self, estimator: Any, X: Any) -> tuple[list[Any], Any] | None:
        """Return the other steps, and what is kept of known texts."""
        values = self._of(estimator, X)
        return None if values is None else (estimator.steps[self.values.n_steps :], values)

    def of_texts(self, samples: list[Any]) -> Kept | None:
        """Return the same of some texts, with what the steps give of them."""
        sent = _sent(self.values, samples)
        return None if sent is None else Sent(*sent, self.values.n_steps)

    def _of(self, estimator: Any, X: Any) -> Any:
        return self.values.of(X) if is_plain(estimator) else None


class Sent(Computed):
    """Output of steps that learn nothing for the texts of one fit, with which it goes to another process.

    Parameters
    ----------
    texts : ndarray of str, shape (n_samples,)
        The texts.
    values : ndarray or CSR matrix of shape (n_samples, n_features)
        What the steps give of them.
    n_steps : int
        How many steps these are.
    """

    def __init__(self, texts: Any, values: Any, n_steps: int) -> None:
        super().__init__(_received(texts, values, [None] * n_steps))
        self._sent = texts, values, n_steps

    def __reduce__(self) -> Any:
        return Sent, self._sent


def _sent(kept: KeptValues, samples: list[Any]) -> tuple[Any, Any] | None:
    """Return those of some texts that are known, and what is kept of them."""
    rows = [kept.texts.rows_of(X) for X in samples if X is not None]
    known = [kept.texts.numbers(each) for each in rows if each is not None]
    if not known:
        return None
    together = np.unique(np.concatenate(known))
    values = kept.of_rows(together)
    return None if values is None else (kept.texts.array[together], values)


def _received(texts: Any, values: Any, steps: list[Any]) -> KeptValues:
    made = KeptValues(KnownTexts(texts), steps)
    made.put_pool(values)
    return made


@dataclass(eq=False)
class Tokens(Kept):
    """A text vectorizer that is fitted on each training set, with its tokens kept.

    Parameters
    ----------
    tokens : KeptTokens
        Of the known texts.
    """

    tokens: KeptTokens

    @property
    def texts(self) -> KnownTexts:
        """The texts."""
        return self.tokens.texts

    def start(self) -> tuple[int, Any] | None:
        """Return one step, and what the vectorizer gives of the pool when it is fitted on it."""
        return 1, self.tokens.of_pool()

    def fit(self, estimator: Any, X: Any, y: Any) -> bool:
        """Fit the vectorizer on the tokens of known texts, and the other steps on what it gives."""
        rows = self.tokens.texts.rows_of(X) if is_plain(estimator) else None
        if rows is None:
            return False
        _fit_rest(estimator, 1, self.tokens.fit_transform(estimator.steps[0][1], X, y, rows), y)
        return True

    def rest(self, estimator: Any, X: Any) -> tuple[list[Any], Any] | None:
        """Return the steps after the vectorizer, and what it gives of known texts."""
        rows = self.tokens.texts.rows_of(X) if is_plain(estimator) else None
        vectorizer = estimator.steps[0][1]
        if rows is None or not hasattr(vectorizer, "vocabulary_"):
            return None
        return estimator.steps[1:], self.tokens.transform(vectorizer, rows)


@dataclass(eq=False)
class OfPool(Kept):
    """All steps but the last, fitted once on the whole pool; where it grew, on the samples that it began with.

    Parameters
    ----------
    pool : array-like of shape (n_samples, ...)
        The pool, of any kind.
    steps : list of transformer
        Unfitted, each with a seed.
    first : Computed or None
        Those among the steps that learn nothing and come before the others.
    values : KeptValues or None
        Where what they give of texts is kept; None of other samples.
    n_first : int
        How many samples the pool began with.
    """

    pool: Any
    steps: list[Any]
    first: Computed | None
    values: KeptValues | None
    n_first: int = 0
    _made: Any = None
    _sent: tuple[Any, Any] | None = None
    _turn: Any = field(default_factory=threading.Lock)

    def __reduce__(self) -> Any:
        # Elsewhere there is no pool, but these are the steps all the same.
        return _of_pool_elsewhere, (self.fitted, self._sent)

    def of_texts(self, samples: list[Any]) -> Kept | None:
        """Return the same with what the steps give of some texts alone."""
        fitted = self.fitted
        sent = None if self.values is None else _sent(self.values, samples)
        return OfPool(None, fitted, None, None, _made=(fitted, None), _sent=sent)

    @property
    def texts(self) -> KnownTexts | None:
        """The texts; None of other samples."""
        return None if self.values is None else self.values.texts

    def of_added(self, X_new: Any) -> Any:
        """Compute the output of the fitted steps; None where they were not fitted yet, and of texts."""
        made = self._made
        return None if made is None or self.values is not None else through(made[0], X_new)

    def extend(self, X_new: Any, values: Any) -> None:
        """Know samples that were added, and what the steps give of them, unless that is to be computed when asked."""
        with patiently(self._turn):
            self.pool = joined(self.pool, X_new)
            if self._made is not None and self.values is None:
                fitted, before = self._made
                # Where they were fitted meanwhile, that is done again, on the same samples.
                self._made = None if values is None else (fitted, read_only(stack(before, values)))

    @property
    def fitted(self) -> list[Any]:
        """The steps, fitted on the pool."""
        return self._fitted()[0]

    def start(self) -> tuple[int, Any] | None:
        """Return the steps' number, and what they give of the pool."""
        values = self._fitted()[1] if self.values is None else self._values_of_pool(self.values)
        return None if values is None else (len(self.steps), values)

    def _values_of_pool(self, values: KeptValues) -> Any:
        self._fitted()
        return values.of_pool()

    def fit(self, estimator: Any, X: Any, y: Any) -> bool:
        """Fit the last step on what the others give, which are those that were fitted on the pool."""
        fitted = self._fitted()[0]
        values = None if self.values is None else self.values.of(X)
        if values is None:
            values = through(fitted, X)
        # Whoever fits one of them again manually has one of his own.
        estimator.steps[: len(fitted)] = [
            (name, copy.copy(step)) for (name, _), step in zip(estimator.steps, fitted, strict=False)
        ]
        _fit_rest(estimator, len(fitted), private(values), y)
        return True

    def rest(self, estimator: Any, X: Any) -> tuple[list[Any], Any] | None:
        """Return the last step, and what is kept of known texts."""
        if self.values is None or self.values.texts.rows_of(X) is None:
            return None
        self._fitted()
        values = self.values.of(X)
        return None if values is None else (estimator.steps[len(self.steps) :], values)

    def _fitted(self) -> tuple[list[Any], Any]:
        """Return the fitted steps, and what they give of the pool."""
        with patiently(self._turn):
            if self._made is None:
                with fit_threads(self.pool):
                    self._made = self._fit_all()
            return self._made  # type: ignore[no-any-return]

    def _fit_all(self) -> tuple[list[Any], Any]:
        n_samples = n_rows(self.pool)
        grown = self.n_first < n_samples
        n_done, values = (self.first and self.first.start()) or (0, whole(self.pool))
        values = take(values, np.arange(self.n_first)) if grown else values
        fitted = [*self.steps[:n_done]]
        for step in self.steps[n_done:]:
            fitted.append(clone(step))
            values = lend(fitted[-1].fit_transform, values)
        if self.values is not None:
            self.values.steps = fitted
            self.values.put_pool(values)
        elif grown:
            values = stack(values, through(fitted, take(self.pool, np.arange(self.n_first, n_samples))))
        return fitted, values


def _of_pool_elsewhere(fitted: list[Any], sent: tuple[Any, Any] | None = None) -> OfPool:
    values = None if sent is None else _received(*sent, fitted)
    return OfPool(None, fitted, None, values, _made=(fitted, None))


def is_plain(estimator: Any) -> bool:
    """Return whether the steps of an estimator can be fitted apart: a Pipeline of scikit-learn's that only fits them.

    Examples
    --------
    >>> from sklearn.naive_bayes import MultinomialNB
    >>> is_plain(Pipeline([("nb", MultinomialNB())])), is_plain(MultinomialNB())
    (True, False)
    """
    return (
        type(estimator) is Pipeline
        and estimator.memory is None
        and not estimator.verbose
        and getattr(estimator, "transform_input", None) is None
    )


def asked(method: str, steps: list[Any], values: Any, *args: Any) -> Any:
    """Ask fitted steps for what a Pipeline of them says."""
    last = steps[0][1] if len(steps) == 1 else Pipeline(steps)
    return lend(getattr(last, method), values, *args)


def _fit_rest(estimator: Any, n_done: int, values: Any, y: Any) -> None:
    rest = Pipeline(estimator.steps[n_done:])
    # As between the steps of any Pipeline these are the next one's to write to.
    lend(lambda labels: rest.fit(values, labels), y)
    estimator.steps[n_done:] = rest.steps
