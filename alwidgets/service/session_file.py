"""A session that a Python file defines, opened without a notebook."""

from __future__ import annotations

import inspect
import sys
import warnings
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import cloudpickle

from alwidgets.service.orchestration import Policy
from alwidgets.session import Session, view_of
from alwidgets.utils.errors import format_error
from alwidgets.utils.text import short_repr, type_name

_NAME = "session"
_MOST_NAMES = 10


class CommandError(Exception):
    """A command that cannot be done: why, in a sentence, and the status with which the process ends.

    Parameters
    ----------
    why : str
        A sentence.
    status : int
        2 where the command itself is wrong, 1 where something else is.
    """

    def __init__(self, why: str, status: int) -> None:
        super().__init__(why)
        self.status = status


def open_session(where: str) -> Session:
    """Return the session that a file defines, and nobody else holds.

    Parameters
    ----------
    where : str
        The file, and behind a colon the name of a session or of a function that makes one; default "session". Other
        files in its folder can be imported.

    Raises
    ------
    CommandError
        If there is none, or it cannot be opened.
    """
    path, name = _parted(where)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = _found(path, name)
    if found.closed:
        raise CommandError(f"The session of {path.name} is closed; expected an open one.", 1)
    if found.read_only:
        owner = view_of(found).lock_owner or "nobody who can be named"
        raise CommandError(
            f"{found.journal} is held by {owner}, and a session has one process: end that one, or take it over in a "
            "notebook.",
            1,
        )
    for each in caught:
        # Nobody is told of warnings where the one thing to say is that it does not work.
        warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)
    return found


def policy_of(where: str, name: str, session: Session) -> Policy:
    """Return the policy that the file of an opened session defines: one, or a function of the session.

    Raises
    ------
    CommandError
        If there is none of this name.
    """
    path, _ = _parted(where)
    value = _attribute(path, sys.modules[path.stem], name)
    if callable(value):
        try:
            value = value(session)
        except Exception as error:
            raise CommandError(f"{format_error(error, f'{name}(session) of {path.name}', str(path))}.", 1) from error
        _check_made(value, name, path)
    if not isinstance(value, Policy):
        raise CommandError(
            f"{name} of {path.name} is {type_name(value)}; expected a Policy, or a function of the session that makes "
            "one.",
            2,
        )
    return value


def _parted(where: str) -> tuple[Path, str]:
    file, _, name = where.rpartition(":") if not where.endswith(".py") else (where, "", _NAME)
    path = Path(file)
    if not file.endswith(".py") or not name.isidentifier():
        raise CommandError(f"session is {short_repr(where)}; expected a file and a name, as digits.py:session.", 2)
    if not path.is_file():
        raise CommandError(f"{path} is not a file; expected one that defines a session.", 2)
    return path.resolve(), name


def _attribute(path: Path, module: Any, name: str) -> Any:
    """Return the value of a name in a file; raise CommandError that has some of its names where there is none."""
    if not hasattr(module, name):
        names = [each for each in vars(module) if not each.startswith("_")][:_MOST_NAMES]
        raise CommandError(f"{path.name} has no {name!r}; expected one of its names, such as {names}.", 2)
    return getattr(module, name)


def _found(path: Path, name: str) -> Session:
    module = _imported(path)
    value = _attribute(path, module, name)
    if callable(value) and not isinstance(value, Session):
        try:
            value = value()
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            raise CommandError(f"{format_error(error, f'{name}() of {path.name}', str(path))}.", 1) from error
        _check_made(value, name, path)
    if not isinstance(value, Session):
        raise CommandError(
            f"{name} of {path.name} is {type_name(value)}; expected a Session, or a function without arguments that "
            "makes one.",
            2,
        )
    return value


def _check_made(value: Any, name: str, path: Path) -> None:
    """Refuse what an async function returns, which is still to be waited for."""
    if inspect.iscoroutine(value):
        # Else Python warns that nobody waited.
        value.close()
        raise CommandError(f"{name} of {path.name} is an async function; expected one without async.", 2)


def _imported(path: Path) -> ModuleType:
    """Import a file, as `import` would in its folder."""
    sys.path.insert(0, str(path.parent))
    known: ModuleSpec | None = find_spec(path.stem) if path.stem.isidentifier() else None
    if known is None or known.origin is None or Path(known.origin).resolve() != path:
        raise CommandError(f"{path.name} has the name of another module; expected one that nothing else has.", 2)
    spec: Any = spec_from_file_location(path.stem, path)
    module = module_from_spec(spec)
    sys.modules[path.stem] = module
    # A worker that imported it would open the session a second time.
    cloudpickle.register_pickle_by_value(module)
    try:
        spec.loader.exec_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise CommandError(f"{format_error(error, path.name, str(path))}.", 1) from error
    return module
