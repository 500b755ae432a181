"""Cleanup of results that IPython keeps from cells that were run again."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

_LATEST = ("_", "__", "___")


def forget(gone: Iterable[Any]) -> None:
    """Take objects out of what IPython keeps of earlier results: ``Out``, ``_`` and the like.

    Without that each run of a cell that ends in a session would keep the pool of every run before it in memory. Names
    that the user gave to them stay.

    Parameters
    ----------
    gone : iterable of object
        What is not to be kept; compared by identity.
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is None:
        return
    addresses = {id(each) for each in gone}
    results = shell.user_ns.get("_oh", {})
    for number in [number for number, result in results.items() if id(result) in addresses]:
        del results[number]
        for names in (shell.user_ns, shell.user_ns_hidden):
            if id(names.get(f"_{number}")) in addresses:
                del names[f"_{number}"]
    for name in _LATEST:
        if id(getattr(shell.displayhook, name, None)) in addresses:
            setattr(shell.displayhook, name, "")
            if id(shell.user_ns.get(name)) in addresses:
                shell.push({name: ""}, interactive=False)
