"""Numeric features for comparing samples, in one coordinate system for all queries of a session."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import numpy as np

from alwidgets.data.conversion import matrix
from alwidgets.data.kinds import pool_of
from alwidgets.data.lending import lend, lent, read_only
from alwidgets.data.parts import whole
from alwidgets.data.pool import n_rows, take
from alwidgets.kernels.arrays import quiet
from alwidgets.models.introspection import pipeline_steps
from alwidgets.models.kept_steps import Kept
from alwidgets.types import FloatArray, IntArray
from alwidgets.utils.streams import ALIKE, stream
from alwidgets.utils.threads import blas_threads

# Wider sparse features are compared by their main components: distances need dense rows.
_MOST_SPARSE_COLUMNS = 256
_N_COMPONENTS = 100
# Means and spreads of columns are found on at most so many rows.
_MOST_MEASURED = 100_000
# Components and radii are found on at most this many rows.
_SAMPLE_ROWS = 10_000


class Features:
    """The numbers in which distances between samples are measured.

    They are what `embed` gives, or what comes out of the steps of the learner's Pipeline before the last one, as
    they are; or the columns of `X`, each in units of its standard deviation. Missing values become the mean of
    their column. Wide sparse features are reduced to their 100 main components.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        The pool.
    estimator : estimator
        The learner's.
    embed : callable, optional
        X -> ndarray of shape (n_samples, n_features).
    kept : Kept, optional
        What is kept of the Pipeline's leading steps.
    """

    def __init__(
        self, X: Any, estimator: Any = None, embed: Callable[[Any], Any] | None = None, kept: Kept | None = None
    ) -> None:
        self._X, self._estimator, self._embed, self._kept = X, estimator, embed, kept
        self._known: dict[Any, Any] = {}

    @property
    def raw(self) -> Any:
        """Array or CSR matrix of shape (n_samples, n_features); None if there are no numeric features."""
        return lent(self._found[0])

    @property
    def ready(self) -> bool:
        """True unless the numbers are still to be computed, by `embed` or the steps of a Pipeline."""
        return "_found" in vars(self) or (self._embed is None and len(pipeline_steps(self._estimator)) <= 1)

    @cached_property
    def _found(self) -> tuple[Any, bool]:
        """Return the numbers, and whether their units were chosen to be compared."""
        if self._embed is None:
            numbers = _through_pipeline(self._X, self._estimator, self._kept)
            chosen = numbers is not None
            return read_only(numbers if chosen else pool_of(self._X).numbers()), chosen
        values = lend(self._embed, whole(self._X))
        values = matrix(values)
        if values.ndim != 2 or values.shape[0] != n_rows(self._X) or values.dtype.kind not in "fiub":  # noqa: PLR2004
            raise ValueError(
                f"embed returned shape {values.shape} and dtype {values.dtype}; expected numbers, one row for each of "
                f"the {n_rows(self._X)} samples."
            )
        return read_only(pool_of(values).numbers()), True

    @quiet
    def at(self, rows: IntArray) -> FloatArray:
        """Return the features of these samples, a dense matrix of shape (len(rows), n_features).

        Raises
        ------
        ValueError
            If the samples have no features.
        """
        if self.raw is None:
            raise ValueError(
                "The samples are not numbers and cannot be compared; give `embed=`, a function X -> (n_samples, "
                "n_features), or a learner whose Pipeline turns them into numbers before its last step."
            )
        taken = take(self.raw, rows)
        if not isinstance(taken, np.ndarray):
            return self._reduced(taken)
        # Rows taken by number are a copy already.
        points = np.asarray(taken, dtype=self._dtype)
        mean, scale = self._frame
        # A sum is finite only if every number is, or it overflowed: one cheap look for the usual case.
        if not np.isfinite(points.sum()):
            np.copyto(points, mean, where=~np.isfinite(points), casting="same_kind")
        if scale is not None:
            points -= mean
            points /= scale
        return points

    def known(self, name: Any, make: Callable[[], Any]) -> Any:
        """Return the value cached under this name, computing it on first use; it depends on the pool alone."""
        if name not in self._known:
            self._known[name] = make()
        return self._known[name]

    def sample(self, n: int) -> IntArray:
        """Return the same at most `n` rows of the pool, evenly drawn, whenever asked."""
        total = n_rows(self._X)
        return np.sort(stream("feature sample", ALIKE).choice(total, min(n, total), replace=False))

    @property
    def _dtype(self) -> Any:
        return np.float32 if self.raw.dtype == np.float32 else np.float64

    @cached_property
    @quiet
    def _frame(self) -> tuple[FloatArray, FloatArray | None]:
        """Return each column's mean, and what to divide it by; nothing where the user has chosen the units."""
        count, total, squares = (np.zeros(self.raw.shape[1]) for _ in range(3))
        for part in self._parts():
            here = np.isfinite(part)
            count += here.sum(axis=0)
            total += np.where(here, part, 0).sum(axis=0)
        mean = total / np.maximum(count, 1)
        if self._found[1]:
            return mean, None
        for part in self._parts():
            squares += (np.where(np.isfinite(part), part - mean, 0) ** 2).sum(axis=0)
        scale = np.sqrt(squares / np.maximum(count, 1))
        # A constant column says nothing, whatever rounding makes of it.
        constant = scale <= 1e-7 * np.abs(mean)
        return mean, np.where(constant | (scale == 0), np.inf, scale).astype(self._dtype)

    def _parts(self) -> Iterator[FloatArray]:
        """Yield the rows in chunks of float64; of a large pool only a sample, so that a mean stays fast."""
        if n_rows(self.raw) > _MOST_MEASURED:
            yield np.asarray(self.raw[self.sample(_MOST_MEASURED)], np.float64)
            return
        for rows in pool_of(self.raw).blocks():
            yield np.asarray(self.raw[rows], np.float64)

    @quiet
    def _reduced(self, rows: Any) -> FloatArray:
        rows = rows.astype(np.float64)
        rows.data = np.nan_to_num(rows.data, posinf=0, neginf=0)
        if rows.shape[1] <= _MOST_SPARSE_COLUMNS:
            return np.asarray(rows.toarray())
        return np.asarray(rows @ self._components)

    @cached_property
    def _components(self) -> FloatArray:
        from sklearn.decomposition import TruncatedSVD

        sample = take(self.raw, self.sample(_SAMPLE_ROWS)).astype(np.float64)
        sample.data = np.nan_to_num(sample.data, posinf=0, neginf=0)
        with blas_threads(1):
            fitted = TruncatedSVD(min(_N_COMPONENTS, *sample.shape), random_state=0).fit(sample)
        return np.asarray(fitted.components_.T)


def features_of(X: Any, estimator: Any) -> Any:
    """Return numeric features for comparing samples; None if they cannot be derived.

    Samples go through the steps of the estimator's Pipeline before the last one, as far as these can be
    fitted on the pool without labels. Numbers without a Pipeline are taken as they are.
    """
    return Features(X, estimator).raw


def _through_pipeline(X: Any, estimator: Any, kept: Kept | None) -> Any:
    from sklearn.base import clone

    steps = pipeline_steps(estimator)
    if len(steps) <= 1:
        return None
    n_done, start = _started(kept) or (0, whole(X))
    for end in range(len(steps) - 1, 0, -1):
        # A step that needs labels (a feature selection, say) cannot be fitted yet; what it raises then is its own
        # affair, and a step that is broken says so at the first fit.
        try:
            left = steps[n_done:end]
            numbers = pool_of(lend(clone(left).fit_transform, start) if len(left) else start).numbers()
        except Exception:  # noqa: BLE001, S112
            continue
        if numbers is not None:
            return numbers
    return None


def _started(kept: Kept | None) -> tuple[int, Any] | None:
    """Return the number of steps computed already, and their output for the pool; None if there are none."""
    if kept is None:
        return None
    try:
        return kept.start()
    except Exception:  # noqa: BLE001 - it is told at the first fit, as of other steps
        return None


def may_have_features(X: Any, estimator: Any) -> bool:
    """Return False where it is plain, before anything is computed, that samples cannot be compared."""
    if len(pipeline_steps(estimator)) > 1:
        return True
    return pool_of(X).numeric
