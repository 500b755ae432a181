"""Workers: processes that fit for a session elsewhere, and must not open it again."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import socket
import threading
from collections.abc import Iterator


class _Here(threading.local):
    working = False


_here = _Here()


def this_process() -> str:
    """Return an id of this process among all others: machine and number."""
    return f"{socket.gethostname()}:{os.getpid()}"


@contextlib.contextmanager
def working_for(home: str) -> Iterator[bool]:
    """Mark the block as work for a session of another process; yield whether it is another."""
    before, away = _here.working, home != this_process()
    try:
        _here.working = before or away
        yield away
    finally:
        _here.working = before


def check_no_worker() -> None:
    """Raise RuntimeError in a worker: one that starts, and runs the script once more, or one that fits."""
    # Set while a process that was spawned loads what it needs; `multiprocessing` itself refuses to spawn then.
    starts = getattr(multiprocessing.current_process(), "_inheriting", False)
    if starts or _here.working:
        raise RuntimeError(
            "this is a worker process, which must not open a session: it would be a second one of the same journal. A "
            "worker that starts runs the script, or imports the module, once more: put what opens the session under "
            'if __name__ == "__main__": there.'
        )
