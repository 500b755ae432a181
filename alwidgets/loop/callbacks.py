"""What a session calls of a user's: strategies, learners, metrics, criteria, listeners and renderers.

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
    """Mark a method of what has `callbacks` as one that calls something of a user's."""

    @functools.wraps(method)
    def marked(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        owner: Any = args[0]
        with owner.callbacks.within():
            return method(*args, **kwargs)

    return marked


class Callbacks(threading.local):
    """Whether this thread is within something that a session calls."""

    _within = False

    @contextlib.contextmanager
    def within(self) -> Iterator[None]:
        """Mark the block as something that the session calls."""
        before = self._within
        with at_work():
            try:
                self._within = True
                yield
            finally:
                self._within = before

    def check_outside(self, name: str) -> None:
        """Raise RuntimeError within something that the session calls: it would wait for itself."""
        if self._within:
            raise RuntimeError(
                f"{name}() was called from within a strategy, learner, metric, criterion, listener or renderer of the "
                "same session, and would wait for itself. Call it when that has returned; labels, history and progress "
                "can be read here, and answers given."
            )
