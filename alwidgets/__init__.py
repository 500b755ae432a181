"""Active learning inside JupyterLab: label the samples that teach the model most, and know when to stop.

Every public name loads when it is first used, so that ``import alwidgets`` costs next to nothing. ``__init__.pyi`` has
the list of them, for type checkers and for this module.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

__version__ = "0.1.0"


def _homes() -> dict[str, str]:
    """Return public name -> the module to import it from."""
    from ast import ImportFrom, parse

    stub = parse(__spec__.loader.get_data(f"{__file__}i"))
    return {name.name: line.module for line in stub.body if isinstance(line, ImportFrom) for name in line.names}


def __getattr__(name: str) -> object:
    homes = _homes()
    if name == "__all__":
        return sorted(homes)
    if name not in homes:
        raise AttributeError(f"module 'alwidgets' has no attribute {name!r}; {_hint(name, homes)}")
    members = vars(import_module(homes[name]))
    # What a package does not have, it has as a module.
    value = members[name] if name in members else import_module(f"{homes[name]}.{name}")
    globals()[name] = value
    return value


def _hint(name: str, homes: Iterable[str]) -> str:
    """Return a question after the public name that is most like it, or, without one, the way to see them all."""
    from difflib import get_close_matches

    near = get_close_matches(name, homes, n=1)
    return f"did you mean {near[0]!r}?" if near else "dir(alwidgets) lists what it has."


def __dir__() -> list[str]:
    return [*sorted(_homes()), "__version__"]
