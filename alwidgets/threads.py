"""BLAS threads: many are for large matrices."""

from __future__ import annotations

import contextlib
from functools import lru_cache
from typing import Any


def blas_threads(n: int) -> Any:
    """Return a context in which BLAS uses at most `n` threads.

    NumPy and SciPy bring a BLAS each; with a thread for every core, the two pools of them spin against each other
    in a loop that alternates between the libraries, as small fits do.
    """
    controller = _controller()
    # To limit them takes as long as many a strategy; one that does not tell its threads has a fixed number of them.
    if all((library.num_threads or 0) <= n for library in controller.lib_controllers):
        return contextlib.nullcontext()
    return controller.limit(limits=n)


@lru_cache(maxsize=1)
def _controller() -> Any:
    # Looking for the libraries takes longer than a small fit; scikit-learn has loaded them all by now.
    import sklearn.linear_model
    from threadpoolctl import ThreadpoolController

    del sklearn
    return ThreadpoolController().select(user_api="blas")
