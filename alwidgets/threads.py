"""BLAS threads: many are for large matrices."""

from __future__ import annotations

from functools import lru_cache
from typing import Any


def blas_threads(n: int) -> Any:
    """Return a context in which BLAS uses at most `n` threads.

    NumPy and SciPy bring a BLAS each; with a thread for every core, the two pools of them spin against each other
    in a loop that alternates between the libraries, as small fits do.
    """
    return _controller().limit(limits=n, user_api="blas")


@lru_cache(maxsize=1)
def _controller() -> Any:
    # Looking for the libraries takes longer than a small fit; scikit-learn has loaded them all by now.
    import sklearn.linear_model
    from threadpoolctl import ThreadpoolController

    del sklearn
    return ThreadpoolController()
