"""BLAS threads: many are for large matrices."""

from __future__ import annotations

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
    return _controller().limit(limits=n, user_api="blas")


def fit_threads(X: Any) -> Any:
    """Return a context for fits on `X`: a small one gets one BLAS thread, for more of them wait for each other."""
    small = np.prod(getattr(X, "shape", (0,)), dtype=float) < _SMALL_FIT
    return blas_threads(1) if small else nullcontext()


@lru_cache(maxsize=1)
def _controller() -> Any:
    # Looking for the libraries takes longer than a small fit; scikit-learn has loaded them all by now.
    import sklearn.linear_model
    from threadpoolctl import ThreadpoolController

    del sklearn
    return ThreadpoolController()
