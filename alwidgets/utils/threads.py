"""Threads: those of BLAS, of which many are for large matrices, and our own, where there can be any."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import nullcontext
from functools import lru_cache
from typing import Any

import numpy as np

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


@lru_cache(maxsize=1)
def _controller() -> Any:
    # Looking for the libraries takes longer than a small fit; scikit-learn has loaded them all by now.
    import sklearn.linear_model
    from threadpoolctl import ThreadpoolController

    del sklearn
    return ThreadpoolController().select(user_api="blas")
