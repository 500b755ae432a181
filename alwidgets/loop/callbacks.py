"""Calls of user code: strategies, learners, metrics, criteria, listeners and renderers.

They may look at the session and answer, and not wait for it: it waits for them.
"""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable, Iterator
from typing import Any, ParamSpec, TypeVar

from alwidgets.utils.leaving import at_work

_P = ParamSpec("_P")
_T = TypeVar("_T")


def calls_back(method: Callable[_P, _T]) -> Callable[_P, _T]:
    """Decorate a method that calls user code; its object has `callbacks`."""

    @functools.wraps(method)
    def marked(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        owner: Any = args[0]
        with owner.callbacks.within():
            return method(*args, **kwargs)

    return marked


class Callbacks(threading.local):
    """State of whether this thread is running user code called by a session."""

    _within = False

    @contextlib.contextmanager
    def within(self) -> Iterator[None]:
        """Mark the block as user code called by the session."""
        before = self._within
        with at_work():
            try:
                self._within = True
                yield
            finally:
                self._within = before

    def check_outside(self, name: str) -> None:
        """Raise RuntimeError if called from user code that the session runs: it would wait for itself."""
        if self._within:
            raise RuntimeError(
                f"{name}() was called from within a strategy, learner, metric, criterion, listener or renderer of the "
                "same session, and would wait for itself. Call it when that has returned; labels, history and progress "
                "can be read here, and answers given."
            )
