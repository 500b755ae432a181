"""modAL where it is installed, and what stands in for it where it is not.

modAL is an extra: it pins a release of skorch that does not import, so that nothing which needs a current one can be
installed beside it. A session needs no more of it than its names: `learners` has the methods.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from alwidgets import kernels
from alwidgets.types import FloatArray, IntArray


class _TorchWhenAsked(ModuleType):
    """torch, imported when something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        _remove(self)
        return getattr(import_module("torch"), name)


def _remove(module: ModuleType) -> None:
    if sys.modules.get(module.__name__) is module:
        del sys.modules[module.__name__]


@contextlib.contextmanager
def _torch_when_asked() -> Iterator[None]:
    """Spare whoever imports modAL the import of torch, which takes seconds: modAL wants it to know a tensor by."""
    if "torch" in sys.modules or find_spec("torch") is None:
        yield
        return
    torch = _TorchWhenAsked("torch")
    sys.modules["torch"] = torch
    try:
        yield
    finally:
        _remove(torch)


def _most(utility: FloatArray, n_instances: int) -> tuple[IntArray, FloatArray]:
    rows = np.argsort(-utility, kind="stable")[:n_instances]
    return rows, utility[rows]


def _uncertainty_sampling(learner: Any, X: Any, n_instances: int = 1) -> tuple[IntArray, FloatArray]:
    """Return the rows whose most probable class is the least probable, best first, and one minus its probability."""
    return _most(kernels.least_confidence(learner.predict_proba(X)), n_instances)


def _vote_entropy_sampling(committee: Any, X: Any, n_instances: int = 1) -> tuple[IntArray, FloatArray]:
    """Return the rows whose votes are spread most evenly, best first, and the entropies of the votes."""
    votes = np.searchsorted(committee.classes_, committee.vote(X))
    return _most(kernels.vote_entropy(votes, len(committee.classes_)), n_instances)


class _Learner(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Base class of the learners when modAL is not installed."""


class _Committee(BaseEstimator):  # type: ignore[misc]
    """The same of a committee."""


#: What a user's modAL learner or committee is an instance of, and ours are derived from.
MODAL_LEARNER: Any = _Learner
MODAL_COMMITTEE: Any = _Committee
#: What a learner and a committee ask by when nothing else is said.
LEARNER_ASKS: Any = _uncertainty_sampling
COMMITTEE_ASKS: Any = _vote_entropy_sampling

if find_spec("modAL") is not None:
    with _torch_when_asked():
        from modAL.disagreement import vote_entropy_sampling
        from modAL.models import ActiveLearner, Committee
        from modAL.uncertainty import uncertainty_sampling
    MODAL_LEARNER, MODAL_COMMITTEE = ActiveLearner, Committee
    LEARNER_ASKS, COMMITTEE_ASKS = uncertainty_sampling, vote_entropy_sampling
