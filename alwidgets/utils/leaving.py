"""The end of the interpreter: threads that are at work come to rest before it.

A daemon thread that Python stops while a C++ library is on its stack aborts the process, in releases before 3.14. So
when a script ends, whoever is at work goes on to the next call of an estimator, no further, and Python waits for that.
"""

from __future__ import annotations

import atexit
import contextlib
import threading
from collections.abc import Iterator

# Nobody waits longer than this for a script to end.
_MOST_SECONDS = 5.0
_resting = threading.Condition()
_at_work: list[threading.Thread] = []
_leaving = threading.Event()


@contextlib.contextmanager
def at_work() -> Iterator[None]:
    """Have the end of the interpreter wait until this thread has left the block, if it would not otherwise."""
    thread = threading.current_thread()
    if not thread.daemon or thread in _at_work:
        yield
        return
    try:
        _at_work.append(thread)
        rest_if_leaving()
        yield
    finally:
        with _resting:
            _at_work.remove(thread)
            _resting.notify_all()


def rest_if_leaving() -> None:
    """End this thread if the interpreter waits for it."""
    if _leaving.is_set() and threading.current_thread() in _at_work:
        raise SystemExit


@atexit.register
def _let_rest() -> None:
    _leaving.set()
    with _resting:
        _resting.wait_for(lambda: not _at_work, _MOST_SECONDS)
