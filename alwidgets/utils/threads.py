"""Threads: those of BLAS, of which many are for large matrices, and our own, where there can be any."""

from __future__ import annotations

import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from functools import lru_cache
from itertools import chain
from typing import Any, TypeVar

import numpy as np

_Item = TypeVar("_Item")
_Done = TypeVar("_Done")
# A Python inside the browser has no threads.
_CAN_START = str(sys.platform) != "emscripten"

# Numbers in a training set from which a second BLAS thread pays.
_SMALL_FIT = 5_000_000


def blas_threads(n: int) -> Any:
    """Return a context in which BLAS uses at most `n` threads.

    NumPy and SciPy bring a BLAS each; with a thread for every core, the two pools of them spin against each other
    in a loop that alternates between the libraries, as small fits do.
    """
    controller = _controller()
    # To limit them takes as long as many a strategy; one that does not tell its threads has a fixed number of them.
    if all((library.num_threads or 0) <= n for library in controller.lib_controllers):
        return nullcontext()
    return controller.limit(limits=n)


def fit_threads(X: Any) -> Any:
    """Return a context for fits on `X`: a small one gets one BLAS thread, for more of them wait for each other."""
    small = np.prod(getattr(X, "shape", (0,)), dtype=float) < _SMALL_FIT
    return blas_threads(1) if small else nullcontext()


def one_thread() -> Any:
    """Return a context in which OpenMP and BLAS use one thread, for work that others are not to wait for.

    Threads of OpenMP wait for each other by spinning: on a busy machine two take many times as long as one.
    """
    import sklearn.ensemble  # whose libraries are looked for
    from threadpoolctl import threadpool_limits

    del sklearn
    return threadpool_limits(limits=1)


def started(work: Callable[[], None], name: str) -> threading.Thread | None:
    """Start a daemon thread that does the work; None, and nothing done, where there can be none.

    A Python inside the browser has no threads: whoever gets None does the work at once.
    """
    thread = threading.Thread(target=work, name=name, daemon=True)
    try:
        thread.start()
    except RuntimeError:
        return None
    return thread


def n_cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_threads(work: Callable[[_Item], _Done], items: Iterable[_Item]) -> Iterator[_Done]:
    """Yield the result of the work for each item, in their order, with a thread for every core.

    At most two items a thread are worked on ahead of whoever takes the results. NumPy lets other threads run while it
    computes; where there can be none, and for a single item, the work is done here. After an error nothing is begun.
    """
    rest = iter(items)
    ahead: deque[Future[_Done]] = deque()
    first, second = next(rest, None), next(rest, None)
    n_threads = n_cores()
    if first is None:
        return
    if second is None or n_threads == 1 or not _CAN_START:
        yield work(first)
        yield from map(work, rest if second is None else chain([second], rest))
        return
    with ThreadPoolExecutor(n_threads, thread_name_prefix="alwidgets-block") as pool:
        try:
            for item in chain([first, second], rest):
                ahead.append(pool.submit(work, item))
                if len(ahead) > 2 * n_threads:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            for future in ahead:
                future.cancel()


@lru_cache(maxsize=1)
def _controller() -> Any:
    # Looking for the libraries takes longer than a small fit; scikit-learn has loaded them all by now.
    import sklearn.linear_model
    from threadpoolctl import ThreadpoolController

    del sklearn
    return ThreadpoolController().select(user_api="blas")
