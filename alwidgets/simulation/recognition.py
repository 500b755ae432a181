"""What a run depends on, in a form that is the same in every process: what a kept run is recognised by."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import partial
from types import CodeType, FunctionType, MethodType
from typing import Any

import numpy as np

from alwidgets.pool import fingerprint
from alwidgets.strategies import NamedStrategy

_PLAIN = (str, int, float, bool, type(None))


def described(value: Any) -> Any:
    """Return what tells a learner, a strategy or a setting from another, as values that JSON has.

    Functions are told by their code, their defaults and what they enclose; not by the globals that they read.

    Raises
    ------
    TypeError
        If there is something in it that nothing tells from another of its kind.
    """
    for kinds, describe in _KINDS:
        if isinstance(value, kinds):
            return describe(value)
    return _object(value)


def key_of(about: Mapping[str, Any]) -> str:
    """Return a hash of what was described."""
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:40]


def data_hash(X: Any, y: Any) -> dict[str, Any]:
    """Return what tells samples and labels from others."""
    return {"X": fingerprint(X, whole=True), "y": _array(np.asarray(y))}


def _number(value: Any) -> Any:
    # JSON has no NaN and no infinity, and 1 is not 1.0 or True to an estimator.
    return value if isinstance(value, str) or value is None else [type(value).__name__, repr(value)]


def _array(values: Any) -> Any:
    if values.dtype.hasobject:
        return [str(values.dtype), list(values.shape), [described(value) for value in values.ravel().tolist()]]
    content = hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()
    return [str(values.dtype), list(values.shape), content]


def _mapping(values: Any) -> Any:
    return ["dict", [[described(key), described(value)] for key, value in values.items()]]


def _sequence(values: Any) -> Any:
    return [type(values).__name__, [described(value) for value in values]]


def _set(values: Any) -> Any:
    return ["set", sorted(json.dumps(described(value)) for value in values)]


def _function(function: Any) -> Any:
    cells = [cell.cell_contents for cell in function.__closure__ or ()]
    given = [function.__defaults__, function.__kwdefaults__, cells]
    return [_name(function), _code(function.__code__), described(given)]


def _method(method: Any) -> Any:
    return [described(method.__func__), described(method.__self__)]


def _code(code: CodeType) -> Any:
    constants = [_code(each) if isinstance(each, CodeType) else repr(each) for each in code.co_consts]
    return [code.co_code.hex(), list(code.co_names), constants]


def _partial(value: Any) -> Any:
    return ["partial", described(value.func), described(value.args), described(value.keywords)]


def _object(value: Any) -> Any:
    kind = type(value)
    if isinstance(value, type) or (callable(value) and not hasattr(value, "__dict__")):
        return _name(value)
    if hasattr(value, "get_params"):
        parts = value.get_params(deep=False)
    elif is_dataclass(value):
        parts = {field.name: getattr(value, field.name) for field in fields(value)}
    elif hasattr(value, "__dict__"):
        parts = vars(value)
    else:
        raise TypeError(
            f"cache expects runs that can be recognised, and nothing tells a {kind.__name__} from another; give a "
            "number as a seed instead of a generator, an object with fields, or no cache."
        )
    return [_name(kind), _methods(kind), {str(name): described(part) for name, part in sorted(parts.items())}]


def _methods(kind: type) -> Any:
    """Return the code of a class of the user's own; of a library, its version tells."""
    if kind.__module__.split(".")[0] in ("alwidgets", "modAL", "sklearn"):
        return None
    return {name: _function(each) for name, each in sorted(vars(kind).items()) if isinstance(each, FunctionType)}


def _name(value: Any) -> str:
    return f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', None) or value.__name__}"


_KINDS: tuple[tuple[Any, Any], ...] = (
    (_PLAIN, _number),
    (np.generic, lambda value: _number(value.item())),
    (np.ndarray, _array),
    (NamedStrategy, lambda value: value.name),
    (Mapping, _mapping),
    ((list, tuple), _sequence),
    ((set, frozenset), _set),
    (FunctionType, _function),
    (MethodType, _method),
    (partial, _partial),
)
