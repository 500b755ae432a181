"""Turns of threads: more often while somebody's page is open.

Each time that a thread waits for a disk or a network, another one may take the interpreter, and a fit in pure Python
gives it back after 5 ms only. An answer has a dozen such moments on its way to the disk; with thirty people that were
seconds. Threads that do not compute, and fits in NumPy, are not concerned.
"""

from __future__ import annotations

import sys
import threading

_SECONDS = 0.0001
_lock = threading.Lock()
_open = {"pages": 0, "before": 0.0}


def page_opens() -> None:
    """Have threads take turns more often from now on."""
    with _lock:
        _open["pages"] += 1
        if _open["pages"] == 1:
            _open["before"] = sys.getswitchinterval()
            sys.setswitchinterval(min(_open["before"], _SECONDS))


def page_closes() -> None:
    """Have them take turns as before, if no other page is open."""
    with _lock:
        _open["pages"] -= 1
        # Unless somebody else has set it meanwhile.
        if _open["pages"] == 0 and abs(sys.getswitchinterval() - _SECONDS) < _SECONDS / 10:
            sys.setswitchinterval(_open["before"])
