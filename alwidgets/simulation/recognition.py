"""Identification of cached runs by a description of their inputs that is the same in every process."""

from __future__ import annotations

import hashlib
import json
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cached_property, partial
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from alwidgets.data.kinds import pool_of
from alwidgets.strategies import NamedStrategy

_PLAIN = (str, int, float, bool, type(None))
_CONSTANT = (*_PLAIN, bytes, complex, type(Ellipsis))
_CODE = (FunctionType, type)
_WRAPPERS = (staticmethod, classmethod, property, cached_property)
#: Where libraries are, whose versions tell more shortly than their code.
_LIBRARIES = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})
_OWN = __name__.split(".", maxsplit=1)[0]


def described(value: Any) -> Any:
    """Describe a learner, strategy or setting by JSON values that identify it.

    Functions and classes of a library are told by its version; others by their code, defaults and what they enclose
    or inherit, and by the constants, functions, classes and modules that they read from their module.

    Raises
    ------
    TypeError
        If there is something in it that nothing tells from another of its kind.
    """
    return _Description().of(value)


def key_of(about: Mapping[str, Any]) -> str:
    """Return a hash of what was described."""
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:40]


def data_hash(X: Any, y: Any) -> dict[str, Any]:
    """Return hashes that identify samples and labels."""
    return {"X": pool_of(X).fingerprint(whole=True), "y": described(np.asarray(y))}


@dataclass(frozen=True, eq=False)
class _Description:
    """A walk through a value.

    Parameters
    ----------
    seen : dict
        id -> (place in the walk, value) of what may lead back to itself; values are held, so that no id comes twice.
    """

    seen: dict[int, tuple[int, Any]] = field(default_factory=dict)

    def of(self, value: Any) -> Any:
        """Describe a value by JSON values that identify it."""
        if isinstance(value, (*_CONSTANT, np.generic)):
            return _constant(value)
        if isinstance(value, CodeType):
            return self.code(value)
        if not isinstance(value, tuple | frozenset | np.ndarray):
            if id(value) in self.seen:
                return ["again", self.seen[id(value)][0]]
            self.seen[id(value)] = len(self.seen), value
        for kinds, describe in _KINDS:
            if isinstance(value, kinds):
                return describe(self, value)
        return self.object(value)

    def array(self, values: Any) -> Any:
        if values.dtype.hasobject:
            return [str(values.dtype), list(values.shape), [self.of(value) for value in values.ravel().tolist()]]
        content = hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()
        return [str(values.dtype), list(values.shape), content]

    def mapping(self, values: Any) -> Any:
        return ["dict", [[self.of(key), self.of(value)] for key, value in values.items()]]

    def sequence(self, values: Any) -> Any:
        return [type(values).__name__, [self.of(value) for value in values]]

    def set(self, values: Any) -> Any:
        # Their order is another one in each process.
        return ["set", sorted(json.dumps(self.of(value)) for value in values)]

    def function(self, function: Any) -> Any:
        given = [function.__defaults__, function.__kwdefaults__, list(map(_content, function.__closure__ or ()))]
        file = function.__code__.co_filename
        if _is_library(str(function.__module__), file):
            return [_name(function), _version(str(function.__module__)), self.of(given)]
        return [_name(function), self.of(function.__code__), self.of(given), self.read(function)]

    def read(self, function: Any) -> Any:
        """Describe what a function reads from its module and cannot change."""
        names = [name for name in sorted(_names(function.__code__)) if name in function.__globals__]
        values = {name: function.__globals__[name] for name in names}
        return [[name, self.of(value)] for name, value in values.items() if _is_fixed(value)]

    def code(self, code: CodeType) -> Any:
        return [code.co_code.hex(), list(code.co_names), [self.of(each) for each in code.co_consts]]

    def method(self, method: Any) -> Any:
        return [self.of(method.__func__), self.of(method.__self__)]

    def partial(self, value: Any) -> Any:
        return ["partial", self.of(value.func), self.of(value.args), self.of(value.keywords)]

    def kind(self, kind: type) -> Any:
        """Describe a class with all that it inherits."""
        if _is_library(kind.__module__):
            return [_name(kind), _version(kind.__module__)]
        inherited = [self.of(base) for base in kind.__mro__[1:]]
        return [_name(kind), inherited, [[name, self.member(each)] for name, each in sorted(_members(kind).items())]]

    def member(self, value: Any) -> Any:
        if isinstance(value, _WRAPPERS):
            parts = [getattr(value, name, None) for name in ("__func__", "fget", "fset", "fdel", "func")]
            return [type(value).__name__, [self.of(part) for part in parts]]
        try:
            return self.of(value)
        except TypeError:
            # Such as a lock: a class is no other for it.
            return _name(type(value))

    def object(self, value: Any) -> Any:
        if callable(value) and not hasattr(value, "__dict__"):
            return _name(value)
        if hasattr(value, "get_params"):
            parts = value.get_params(deep=False)
        elif is_dataclass(value):
            parts = {each.name: getattr(value, each.name) for each in fields(value)}
        elif hasattr(value, "__dict__"):
            parts = vars(value)
        else:
            raise TypeError(
                f"cache expects runs that can be recognized, and nothing tells a {type(value).__name__} from another; "
                "give a number as a seed instead of a generator, an object with fields, or no cache."
            )
        return [self.of(type(value)), {str(name): self.of(part) for name, part in sorted(parts.items())}]


def _constant(value: Any) -> Any:
    plain = value.item() if isinstance(value, np.generic) else value
    # JSON has no NaN and no infinity, and 1 is not 1.0 or True to an estimator.
    return plain if isinstance(plain, str) or plain is None else [type(plain).__name__, repr(plain)]


def _is_fixed(value: Any) -> bool:
    """Return whether nothing that runs is expected to change a value."""
    if isinstance(value, tuple | frozenset):
        return all(map(_is_fixed, value))
    return isinstance(value, (*_CONSTANT, *_CODE, ModuleType))


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        # Nothing was put there yet.
        return None


def _names(code: CodeType) -> set[str]:
    """Return the names that code reads, with those of the functions within it."""
    inner = [_names(each) for each in code.co_consts if isinstance(each, CodeType)]
    return set(code.co_names).union(*inner)


def _members(kind: type) -> dict[str, Any]:
    """Return the members of a class as written in its source, without attributes that Python adds."""
    return {
        name: each
        for name, each in vars(kind).items()
        if not (name.startswith("__") and name.endswith("__")) or isinstance(each, (FunctionType, *_WRAPPERS))
    }


def _is_library(module: str, file: str | None = None) -> bool:
    """Return whether code is that of a library, and no user's own."""
    if module.split(".", maxsplit=1)[0] == _OWN or module == "builtins":
        return file is None or not file.startswith("<")
    where = file or getattr(sys.modules.get(module), "__file__", None)
    if where is None:
        return module in sys.builtin_module_names
    return where.startswith((*_LIBRARIES, "<frozen"))


def _version(module: str) -> str:
    return str(getattr(sys.modules.get(module.split(".", maxsplit=1)[0]), "__version__", ""))


def _module(_: _Description, module: ModuleType) -> Any:
    return ["module", module.__name__, str(getattr(module, "__version__", ""))]


def _name(value: Any) -> str:
    return f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', None) or value.__name__}"


_KINDS: tuple[tuple[Any, Any], ...] = (
    (np.ndarray, _Description.array),
    (NamedStrategy, lambda _, value: value.name),
    (Mapping, _Description.mapping),
    ((list, tuple), _Description.sequence),
    ((set, frozenset), _Description.set),
    (FunctionType, _Description.function),
    (MethodType, _Description.method),
    (partial, _Description.partial),
    (ModuleType, _module),
    (type, _Description.kind),
)
