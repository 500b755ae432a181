"""Recognition of cached runs: hashes of what a run depends on, the same in every process."""

from __future__ import annotations

import pickle
import pickletools
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import joblib
import numpy as np

from alwidgets.data.kinds import pool_of
from alwidgets.utils.text import short_repr

#: Where libraries are; the versions of those that a run depends on are kept beside it.
_LIBRARIES = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})
_OWN = __name__.split(".", maxsplit=1)[0]
# The last one that names what it refers to in one piece.
_PROTOCOL = 2


def check_cache_key(cache_key: Any) -> str | None:
    """Return the text that stands for the code of the caller's own functions and classes."""
    if cache_key is not None and not isinstance(cache_key, str):
        raise TypeError(f"cache_key is {cache_key!r}; expected a text, such as 'v1', or None.")
    return cache_key


def part_hash(part: Any, cache_key: str | None) -> str:
    """Return a hash of a learner, strategy or setting; functions and classes count by their names.

    Raises
    ------
    TypeError
        If it cannot be pickled.
    ValueError
        If there is code of the caller in it, and no key that stands for it.
    """
    from sklearn.base import clone

    fresh = clone(part) if hasattr(part, "get_params") and not isinstance(part, type) else part
    try:
        named = list(_named(fresh))
        found: str = joblib.hash((fresh, _versions(module for module, _ in named)))
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise TypeError(
            f"cache cannot recognize a run with {short_repr(part)}: {error}. Define its functions and classes by name, "
            "at the top level of a module or of a notebook, or give no cache."
        ) from error
    own = sorted({name for module, name in named if not _is_library(module)})
    if own and cache_key is None:
        raise ValueError(
            f"cache cannot tell when the code of {', '.join(own)} changes; give cache_key='v1', and another text "
            "whenever you change it, or no cache."
        )
    return found


def run_hash(about: Mapping[str, Any]) -> str:
    """Return a hash of all that a run depends on."""
    found: str = joblib.hash(dict(about))
    return found


def data_hash(X: Any, y: Any) -> dict[str, Any]:
    """Return hashes that identify samples and labels."""
    return {"X": pool_of(X).fingerprint(whole=True), "y": joblib.hash(np.asarray(y))}


def _named(part: Any) -> Iterator[tuple[str, str]]:
    """Yield module and name of the functions and classes in a value."""
    for opcode, argument, _ in pickletools.genops(pickle.dumps(part, protocol=_PROTOCOL)):
        if opcode.name == "GLOBAL":
            module, name = str(argument).split(" ", maxsplit=1)
            yield module, name


def _versions(modules: Iterable[str]) -> dict[str, str]:
    packages = {module.split(".", maxsplit=1)[0] for module in modules}
    return {name: str(getattr(sys.modules.get(name), "__version__", "")) for name in packages}


def _is_library(module: str) -> bool:
    if module.split(".", maxsplit=1)[0] == _OWN:
        return True
    file = getattr(sys.modules.get(module), "__file__", None)
    return module != "__main__" if file is None else str(file).startswith((*_LIBRARIES, "<frozen"))
