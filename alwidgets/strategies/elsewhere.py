"""Blocks of a large pool scored in an executor: in other processes, or on the machines of a cluster."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future, wait
from itertools import chain
from typing import Any, TypeAlias

import cloudpickle
import numpy as np

from alwidgets.data.places import FilePlace, place_of
from alwidgets.kernels.selection import Best
from alwidgets.types import FloatArray, IntArray
from alwidgets.utils.leaving import rest_if_leaving
from alwidgets.utils.text import sanitize, words
from alwidgets.utils.threads import blas_threads
from alwidgets.utils.workers import this_process, working_for

#: (samples, those of them that may be asked) -> the best of these.
Scorer: TypeAlias = Callable[[Any, IntArray], Best]
_Found: TypeAlias = tuple[IntArray, FloatArray]

# Blocks that are out at once: of those that a worker opens itself a message is small, others are in memory.
_MOST_OPENED, _MOST_SENT = 256, 4
# Seconds without any block coming back, after which the executor is given up, and between two looks.
_PATIENCE, _GLANCE = 120.0, 0.05


class Elsewhere:
    """An executor that scores blocks for a session, and what came of the last attempt.

    Parameters
    ----------
    executor : Executor
        It stays its owner's.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        #: Why the kernel scored the blocks; empty where they were scored elsewhere.
        self.problem = ""

    def best(
        self, X: Any, candidates: IntArray, spans: Iterable[tuple[int, int]], scorer: Scorer, k: int
    ) -> Best | None:
        """Return the k best of the candidates by their places; None where the executor failed, whose problem is kept.

        Whatever goes wrong there: scored in the kernel then, it either goes well or is told as what it is.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The pool.
        candidates : ndarray of int
            Rows that may be asked, ascending.
        spans : iterable of (int, int)
            Places of candidates that are scored together, first and behind the last.
        scorer : callable
            Sent with each block.
        k : int
            How many.
        """
        out = _Blocks(self._executor, X, candidates)
        try:
            out.scorer = cloudpickle.dumps(scorer)
            best = out.best(spans, k)
        except _UnreadableError as error:
            raise error.reason from error.reason.__cause__
        except Exception as error:  # noqa: BLE001 - whatever an executor, or a learner in it, raises
            said = sanitize(f"{type(error).__name__}: {words(error)}").rstrip(". :")
            self.problem = (
                f"Blocks of X were scored in the kernel, since the {type(self._executor).__name__} of score_in failed: "
                f"{said}. Nothing is lost; the next round tries it again."
            )
            return None
        finally:
            out.cancel()
        self.problem = ""
        return best


class _UnreadableError(Exception):
    """A block cannot be read here, which is not the executor's fault."""

    def __init__(self, reason: Exception) -> None:
        super().__init__()
        self.reason = reason


class _Blocks:
    """The blocks of one choice that are out."""

    scorer = b""

    def __init__(self, executor: Executor, X: Any, candidates: IntArray) -> None:
        self._executor, self._X, self._candidates = executor, X, candidates
        # Whether workers find the files of the pool, until one does not.
        self._opened = True
        self._ahead: deque[tuple[tuple[int, int], Future[_Found | None]]] = deque()

    def best(self, spans: Iterable[tuple[int, int]], k: int) -> Best:
        """Return the best of all blocks, which are joined in the order of their rows, so that ties are as ever."""
        best = Best(k)
        for span in chain(spans, [None]):
            if span is not None:
                self._ahead.append((span, self._submitted(span)))
            while self._ahead and (span is None or len(self._ahead) >= self._most):
                done, future = self._ahead.popleft()
                places, utility = self._result(done, future)
                best.offer(done[0] + places, utility)
        return best

    def cancel(self) -> None:
        """Begin no block that is not begun."""
        for _, future in self._ahead:
            future.cancel()

    @property
    def _most(self) -> int:
        return _MOST_OPENED if self._opened else _MOST_SENT

    def _submitted(self, span: tuple[int, int]) -> Future[_Found | None]:
        here = self._candidates[span[0] : span[1]]
        rows = slice(int(here[0]), int(here[-1]) + 1)
        whole = len(here) == rows.stop - rows.start
        asked = None if whole else np.packbits(np.isin(np.arange(rows.start, rows.stop), here, assume_unique=True))
        try:
            place = place_of(self._X, rows) if self._opened else None
            self._opened = place is not None
            block = np.asarray(self._X[rows]) if place is None else place
        except Exception as error:
            raise _UnreadableError(error) from error
        return self._executor.submit(scored, self.scorer, this_process(), block, asked)

    def _result(self, span: tuple[int, int], future: Future[_Found | None]) -> _Found:
        found = _awaited(future)
        while found is None:
            self._opened = False
            found = _awaited(self._submitted(span))
        return found


def scored(scorer: bytes, home: str, block: Any, asked: Any) -> _Found | None:
    """Score a block in a worker: the only function that the executor is given.

    Parameters
    ----------
    scorer : bytes
        A pickled `Scorer`.
    home : str
        The process of the session.
    block : FilePlace or ndarray of shape (n_rows, n_features)
        Samples, or where they are.
    asked : ndarray of bytes or None
        Which of them may be asked, in bits; None for all.

    Returns
    -------
    found : (ndarray, ndarray) or None
        Places of the best among those that may be asked, ascending, and their utilities; None where a worker does not
        find the samples.
    """
    with working_for(home), blas_threads(1):
        if isinstance(block, FilePlace):
            try:
                block = block.open()
            except Exception:  # noqa: BLE001 - another machine may lack the file, or what opens it
                return None
        rows = np.arange(len(block))
        candidates = rows if asked is None else np.flatnonzero(np.unpackbits(asked, count=len(rows)))
        best: Best = cloudpickle.loads(scorer)(block, candidates)
        return best.kept()


def _awaited(future: Future[_Found | None]) -> _Found | None:
    since = time.monotonic()
    while not wait([future], _GLANCE).done:
        rest_if_leaving()
        if time.monotonic() - since > _PATIENCE:
            raise TimeoutError(f"no block came back for {_PATIENCE:.0f} s")
    return future.result()
