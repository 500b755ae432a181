"""Hashes of the steps of a Pipeline: the same in every process, others for steps that may give others numbers."""

from __future__ import annotations

import hashlib
import pickle
import sys
import sysconfig
import types
from collections.abc import Callable, Iterable, MutableMapping, MutableSequence, MutableSet
from functools import lru_cache, partial
from typing import Any

from joblib.hashing import NumpyHasher
from sklearn.frozen import FrozenEstimator

# Where installed libraries lie: what their code refers to changes with a release alone.
_INSTALLED = tuple(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib"))
_CACHED = type(lru_cache(int))
_CODE = (types.FunctionType, types.MethodType, type, partial, _CACHED)
# What Python itself puts into a class, and what tells nothing of what it does.
_NOT_OF_A_CLASS = {
    "__abstractmethods__", "__annotate__", "__annotate_func__", "__annotations__", "__annotations_cache__", "__dict__",
    "__doc__", "__firstlineno__", "__module__", "__orig_bases__", "__parameters__", "__qualname__",
    "__static_attributes__", "__weakref__", "_abc_impl",
}  # fmt: skip
# A list or a dict of a class is mostly what its objects have seen or loaded so far.
_FILLED = (MutableMapping, MutableSequence, MutableSet)
_DESCRIPTORS = (types.GetSetDescriptorType, types.MemberDescriptorType, types.WrapperDescriptorType)


def name_of(steps: Iterable[Any]) -> str | None:
    """Return a hash of steps: of their classes, the code of these, and all that is in them; None if there is none.

    A step is what its parameters make it, a frozen one what it has learned as well. Of code outside of libraries
    functions that it calls, classes with their attributes, and a model in a variable count too.

    Examples
    --------
    >>> from sklearn.feature_extraction.text import HashingVectorizer
    >>> name_of([HashingVectorizer()]) == name_of([HashingVectorizer(norm="l1")])
    False
    """
    try:
        content = _Hasher("md5").hash([(type(step).__qualname__, _class_of(step), _values_of(step)) for step in steps])
    except Exception:  # noqa: BLE001 - whatever cannot be pickled has no hash
        return None
    return hashlib.sha256(str(content).encode()).hexdigest()[:32]


def sameness_of(steps: Iterable[Any]) -> Any:
    """Return a key that steps share which are copies of each other in this process."""
    return name_of(steps := list(steps)) or tuple(
        (type(step), name, value if isinstance(value, int | float | str) else id(value))
        for step in steps
        for name, value in sorted(_values_of(step).items())
    )


class _Hasher(NumpyHasher):  # type: ignore[misc]  # joblib has no types
    """Hasher of values and, wherever they are in them, of code, of which pickle knows the names alone."""

    def __init__(self, hash_name: str) -> None:
        super().__init__(hash_name)
        self._begun: set[int] = set()

    def save(self, obj: Any) -> None:
        try:
            super().save(self._content(obj))
        except TypeError as error:
            # Of a dict joblib would try once more, in another order of its keys, and find the rest done.
            raise pickle.PicklingError(str(error)) from error

    def _content(self, value: Any) -> Any:
        """Return a stand-in for code and tensors, and any other value as it is."""
        torch: Any = sys.modules.get("torch")
        if torch is not None and isinstance(value, torch.Tensor):
            # Pickled as it is, it tells where it lies in memory.
            numbers = value.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy()
            return "tensor", str(value.dtype), tuple(value.shape), numbers
        if isinstance(value, types.FunctionType | type):
            return self._once(value)
        return next((content(value) for kind, content in _CONTENT.items() if isinstance(value, kind)), value)

    def _once(self, code: Any) -> Any:
        if id(code) in self._begun:
            return "again", code.__qualname__
        self._begun.add(id(code))
        return _content_of_class(code) if isinstance(code, type) else _content_of_function(code)


#: What stands for a value of some types. Of a function that keeps its results, these do not count.
_CONTENT: dict[type, Callable[[Any], Any]] = {
    types.ModuleType: lambda module: ("module", module.__name__),
    types.MethodType: lambda method: ("method", method.__func__, method.__self__),
    _CACHED: lambda cached: ("cached", cached.__wrapped__),
    property: lambda each: ("property", each.fget, each.fset),
    staticmethod: lambda each: ("static", each.__func__),
    classmethod: lambda each: ("of the class", each.__func__),
}


def _values_of(step: Any) -> dict[str, Any]:
    frozen = isinstance(step, FrozenEstimator) or not hasattr(step, "get_params")
    return dict(vars(step)) if frozen else step.get_params(deep=False)


def _class_of(step: Any) -> type:
    return type(step.estimator) if isinstance(step, FrozenEstimator) else type(step)


def _content_of_function(function: types.FunctionType) -> Any:
    """Return the code of a function, and of one that is not a library's also what it refers to."""
    code = function.__code__
    cells = [cell.cell_contents for cell in function.__closure__ or () if _is_filled(cell)]
    # A library's wrapper around a function of somebody else has it in one of these.
    wrapped = getattr(function, "__wrapped__", None)
    if code.co_filename.startswith(_INSTALLED):
        return "function", _text_of(code), [cell for cell in cells if isinstance(cell, _CODE)], wrapped
    names = sorted(_names_in(code) & function.__globals__.keys())
    values = [function.__defaults__, function.__kwdefaults__, cells, [function.__globals__[name] for name in names]]
    return "function", _text_of(code), values, wrapped


def _is_filled(cell: types.CellType) -> bool:
    try:
        cell.cell_contents  # noqa: B018 - it raises where there is nothing
    except ValueError:
        return False
    return True


def _content_of_class(kind: type) -> Any:
    """Return the code of a class and of those it is derived from, and of one outside of libraries its attributes."""
    name = f"{kind.__module__}.{kind.__qualname__}"
    file = getattr(sys.modules.get(kind.__module__), "__file__", None)
    if kind.__module__ != "__main__" and (file is None or file.startswith(_INSTALLED)):
        return "class", name, _texts_of_library(kind)
    own = {
        each: value
        for each, value in vars(kind).items()
        if each not in _NOT_OF_A_CLASS and not isinstance(value, (*_DESCRIPTORS, *_FILLED))
    }
    return "class", kind.__qualname__, kind.__bases__, own


@lru_cache(maxsize=1024)
def _texts_of_library(kind: type) -> list[str]:
    functions = [value for each in kind.__mro__ for _, value in sorted(vars(each).items())]
    return [_text_of(value.__code__) for value in functions if isinstance(value, types.FunctionType)]


def _names_in(code: types.CodeType) -> set[str]:
    inner = [each for each in code.co_consts if isinstance(each, types.CodeType)]
    return set(code.co_names).union(*map(_names_in, inner))


def _text_of(code: types.CodeType) -> str:
    return f"{code.co_code.hex()} {code.co_names} {[_text_of_constant(part) for part in code.co_consts]}"


def _text_of_constant(value: Any) -> str:
    if isinstance(value, types.CodeType):
        return _text_of(value)
    # The order of a set is another in every process.
    return repr(sorted(map(repr, value))) if isinstance(value, frozenset) else repr(value)
