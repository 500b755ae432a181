"""Versions of the packages that a model depends on."""

from __future__ import annotations

import contextlib
import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version

_LIBRARIES = ("alwidgets", "numpy", "scikit-learn", "modAL-python", "scipy", "pandas")


def libraries() -> dict[str, str]:
    """Return the versions that a model depends on."""
    return dict(_libraries())


@cache
def _libraries() -> dict[str, str]:
    # Reading the packages' metadata takes longer than a small fit.
    found = {"python": platform.python_version()}
    for name in _LIBRARIES:
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found
