"""Lines of JSON read as events, whoever wrote them: every field has the type and the range that it may have.

Journals have a million of them, so the check of a kind of event is compiled: it costs less than making the event.
"""

from __future__ import annotations

import contextlib
import gc
import math
from collections.abc import Callable, Iterator
from dataclasses import MISSING, Field, fields
from functools import cache, partial
from typing import Any, NamedTuple

from alwidgets.journal.events import (
    EVENTS,
    KINDS,
    Acted,
    AuditSet,
    Decided,
    Drifted,
    DuplicatesSet,
    Event,
    Extended,
    Trained,
)
from alwidgets.scoring.scores import ClassScore, Score
from alwidgets.stopping import Round, Signals
from alwidgets.types import Reading
from alwidgets.utils.text import short_repr

# Whole numbers are kept in arrays of 64 bits.
_MOST = 2**63
#: Until the year 2255: what pandas can tell.
LATEST = 9e9
_DEEPEST = 8
_NONE = type(None)
# What may be a class.
_CLASS = (str, int, float, bool)
# JSON has no NaN: what could not be measured is null.
_MEASURED = frozenset({"score", "score_low", "score_high", "value", "low", "high", "recall", "precision"})


#: What a record that is not an event, or cannot follow those before it, may raise.
RECORD_ERRORS = (ValueError, TypeError, LookupError, OverflowError, RecursionError)


class RecordError(ValueError):
    """A record that is not a valid event or cannot follow the previous ones; `place` is its position, from 0."""

    def __init__(self, place: int, why: str) -> None:
        super().__init__(why)
        self.place = place


@contextlib.contextmanager
def gc_paused() -> Iterator[None]:
    """Disable garbage collection while a journal is read, which saves a third of the time."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        if not gc.get_freeze_count():
            # What was read stays: it becomes old at once, without being looked through first.
            gc.freeze()
            gc.unfreeze()
        gc.enable()


def from_record(record: dict[str, Any], n_samples: int = _MOST) -> Event:
    """Return the event behind `alwidgets.journal.encode.to_record`.

    Parameters
    ----------
    record : dict
        What a line says; fields that this alwidgets does not know are passed over.
    n_samples : int
        Rows of the pool.

    Raises
    ------
    ValueError
        If the kind is unknown, a field is missing, or its value is not one that it may have.
    """
    kind = record.get("kind")
    cls = KINDS.get(kind) if isinstance(kind, str) else None
    if cls is None:
        raise ValueError(
            f"event kind is {short_repr(kind)}; expected one of {sorted(KINDS)}. Of a newer alwidgets, it needs that."
        )
    event: Event = _made(cls, record, n_samples)
    if not -LATEST < event.at < LATEST:
        raise ValueError(
            f"{kind} event: at is {short_repr(event.at)}; expected seconds since 1970, before the year 2255."
        )
    return event


def _made(cls: Any, record: dict[str, Any], n_samples: int) -> Any:
    """Build an object of a class from its record."""
    try:
        return _maker(cls)(record, n_samples)
    except KeyError as missing:
        expected = [each.name for each in fields(cls)]
        raise ValueError(f"{_called(cls)} lacks {missing}; expected {expected}.") from None


@cache
def _maker(cls: Any) -> Callable[[dict[str, Any], int], Any]:
    """Return a function that checks a record and makes an object of it, compiled as a dataclass's own `__init__` is."""
    known: dict[str, Any] = {"_cls": cls, "_INF": math.inf, "_MOST": _MOST}
    lines = ["def made(_record, _n_samples):"]
    for item in fields(cls):
        name, sort = item.name, _SORTS.get((cls, item.name)) or _SORTS[str(item.type)]
        known[f"_slow_{name}"] = partial(_check_slowly, cls, name, sort.slow)
        read = f"{name} = _record[{name!r}]"
        check = f"if not ({sort.fast.format(v=name)}): {name} = _slow_{name}({name}, _n_samples)"
        if {item.default, item.default_factory} == {MISSING}:
            lines += [f"    {read}", f"    {check}"]
        else:
            known[f"_usual_{name}"] = partial(_usual, item)
            lines += [f"    if {name!r} in _record:", f"        {read}", f"        {check}"]
            lines += [f"    else: {name} = _usual_{name}()"]
    lines.append(f"    return _cls({', '.join(f'{item.name}={item.name}' for item in fields(cls))})")
    exec("\n".join(lines), known)  # noqa: S102 - made of names and annotations of our own classes
    made: Callable[[dict[str, Any], int], Any] = known["made"]
    return made


def _usual(item: Field[Any]) -> Any:
    return item.default_factory() if item.default_factory is not MISSING else item.default


class _FieldError(ValueError):
    """A value that a field may not have; the message says all."""


def _check_slowly(cls: Any, name: str, slow: Callable[[Any, int], Any], value: Any, n_samples: int) -> Any:
    try:
        return slow(value, n_samples)
    except _FieldError:
        raise
    except (TypeError, ValueError) as error:
        raise _FieldError(f"{_called(cls)}: {name} is {short_repr(value)}; expected {error}.") from None


def _called(cls: Any) -> str:
    return f"{cls.kind} event" if issubclass(cls, Event) else cls.__name__.lower()


def _refused(expected: str, _: Any, __: int) -> Any:
    raise ValueError(expected)


def _row(_: Any, n_samples: int) -> Any:
    raise ValueError(f"a row of the pool, which has {n_samples}")


def _measured(value: Any, _: int) -> float:
    """Restore NaN, which JSON does not have, for values that could not be measured."""
    if value is not None:
        raise ValueError("a number, or null")
    return math.nan


def _number(value: int, _: int) -> int:
    if not -_MOST < value < _MOST:
        raise ValueError("a number")
    return value


def _rows(values: Any, n_samples: int) -> tuple[int, ...]:
    if type(values) is not list or not all(type(row) is int and 0 <= row < n_samples for row in values):
        raise ValueError(f"a list of rows of the pool, which has {n_samples}")
    return tuple(values)


def _of(types: tuple[type, ...], what: str, values: Any, _: int) -> tuple[Any, ...]:
    if type(values) is not list or not all(type(value) in types for value in values):
        raise ValueError(f"a list of {what}")
    if not all(-math.inf < value < math.inf for value in values if type(value) is float):
        raise ValueError(f"a list of {what}, finite ones")
    return tuple(values)


def _numbers(values: Any, n_samples: int) -> tuple[float | None, ...]:
    numbers = _of((int, float, _NONE), "numbers or null", values, n_samples)
    return tuple(_number(value, n_samples) if type(value) is int else value for value in numbers)


def _label(value: Any, n_samples: int) -> Any:
    return _of(_CLASS, "classes", value, n_samples) if type(value) is list else _scalar(value)


def _labels(values: Any, n_samples: int) -> tuple[Any, ...]:
    if type(values) is not list:
        raise ValueError("a list of classes, or of lists of classes")
    return tuple(_label(value, n_samples) for value in values)


def _settled_as(values: Any, n_samples: int) -> tuple[tuple[int, int], ...]:
    pairs = [tuple(pair) if type(pair) is list else () for pair in (values if type(values) is list else [None])]
    for pair in pairs:
        whole = len(pair) == 2 and all(type(each) is int for each in pair)  # noqa: PLR2004 - a pair
        if not whole or not (0 <= pair[0] < n_samples and -1 <= pair[1] < _MOST):
            raise ValueError(f"a list of pairs: a row of the pool, which has {n_samples}, and a position of a class")
    return tuple(pairs)


def _counts(values: Any, _: int) -> tuple[tuple[int, ...], ...]:
    lists = values if type(values) is list else [None]
    if not all(type(each) is list and all(type(n) is int and 0 <= n < _MOST for n in each) for each in lists):
        raise ValueError("a list of lists of whole numbers of at least 0")
    return tuple(map(tuple, lists))


def _scalar(value: Any, _: int = 0) -> Any:
    if type(value) not in _CLASS:
        raise ValueError("a class, or a list of classes")
    return value


def _tested(values: Any, n_samples: int) -> tuple[Any, ...]:
    pairs = []
    for pair in values if type(values) is list else [None]:
        row, said = pair if type(pair) is list and len(pair) == 2 else (None, None)  # noqa: PLR2004 - a pair
        said = tuple(said) if type(said) is list else said
        codes = said if type(said) is tuple else (said,)
        is_row = type(row) is int and 0 <= row < n_samples
        if not is_row or not all(type(code) is int and 0 <= code < _MOST for code in codes):
            raise ValueError(f"a list of pairs: a row of the pool, which has {n_samples}, and what was predicted of it")
        pairs.append((row, said))
    return tuple(pairs)


def _objects(cls: Any, values: Any, n_samples: int) -> tuple[Any, ...]:
    if type(values) is not list or not all(type(value) is dict for value in values):
        raise ValueError("a list of objects")
    return tuple(_made(cls, value, n_samples) for value in values)


def _object(cls: Any, value: Any, n_samples: int) -> Any:
    if type(value) is not dict:
        raise ValueError("an object")
    return _made(cls, value, n_samples)


def _versions(value: Any, _: int) -> Any:
    if type(value) is not dict or not all(type(number) is str for number in value.values()):
        raise ValueError("an object with text")
    return value


def _settings(value: Any, _: int) -> Any:
    pairs = value.values() if type(value) is dict else [None]
    if not all(type(pair) is list and len(pair) == 2 and is_shallow(pair) for pair in pairs):  # noqa: PLR2004 - a pair
        raise ValueError("an object with pairs, each of what was given and what was set")
    return value


def is_shallow(value: Any, deepest: int = _DEEPEST) -> bool:
    """Return whether lists and dicts are nested no deeper than so many levels."""
    if not isinstance(value, list | dict):
        return True
    inner = value.values() if isinstance(value, dict) else value
    return deepest > 0 and all(is_shallow(each, deepest - 1) for each in inner)


def _one_of(words: tuple[str, ...], value: Any, _: int) -> str:
    if value not in words:
        raise ValueError(f"one of {list(words)}")
    return str(value)


class _Sort(NamedTuple):
    """Type of a value: a fast test, and a slow function that converts or rejects values that fail it."""

    fast: str
    slow: Callable[[Any, int], Any]


_NUMBER = "type({v}) is float and -_INF < {v} < _INF or type({v}) is int and -_MOST < {v} < _MOST"
_WHOLE = "type({v}) is int and 0 <= {v} < _MOST"
_NEVER = "False"
# Of a field, or of all with an annotation.
_SORTS: dict[Any, _Sort] = {
    "str": _Sort("type({v}) is str", partial(_refused, "text")),
    "str | None": _Sort("{v} is None or type({v}) is str", partial(_refused, "text, or null")),
    "ScoreKind": _Sort("type({v}) is str", partial(_refused, "text")),
    "bool": _Sort("type({v}) is bool", partial(_refused, "true or false")),
    "int": _Sort(_WHOLE, partial(_refused, "a whole number of at least 0")),
    "int | None": _Sort(f"{{v}} is None or {_WHOLE}", partial(_refused, "a whole number of at least 0, or null")),
    "float": _Sort(_NUMBER, partial(_refused, "a number")),
    "float | None": _Sort(f"{{v}} is None or {_NUMBER}", partial(_refused, "a number, or null")),
    "Class": _Sort("type({v}) is str", _scalar),
    "Label": _Sort("type({v}) is str", _label),
    "Label | None": _Sort("{v} is None or type({v}) is str", _label),
    "Round": _Sort(_NEVER, partial(_object, Round)),
    "Signals": _Sort(_NEVER, partial(_object, Signals)),
    "tuple[Reading, ...]": _Sort(_NEVER, partial(_objects, Reading)),
    "tuple[Score, ...]": _Sort(_NEVER, partial(_objects, Score)),
    "tuple[ClassScore, ...]": _Sort(_NEVER, partial(_objects, ClassScore)),
    "tuple[int, ...]": _Sort(_NEVER, _rows),
    "tuple[str, ...]": _Sort(_NEVER, partial(_of, (str,), "text")),
    "tuple[bool, ...]": _Sort(_NEVER, partial(_of, (bool,), "true or false")),
    "tuple[Label, ...]": _Sort(_NEVER, _labels),
    "tuple[tuple[int, int], ...]": _Sort(_NEVER, _settled_as),
    "tuple[tuple[int, ...], ...]": _Sort(_NEVER, _counts),
    "tuple[float | None, ...]": _Sort(_NEVER, _numbers),
    "tuple[tuple[int, int | tuple[int, ...]], ...]": _Sort(_NEVER, _tested),
    "dict[str, str]": _Sort(_NEVER, _versions),
    "dict[str, Any]": _Sort(_NEVER, _settings),
    **{(cls, "item"): _Sort("type({v}) is int and 0 <= {v} < _n_samples", _row) for cls in EVENTS},
    **{(cls, name): _Sort(_NUMBER, _measured) for cls in (Round, Score, ClassScore) for name in _MEASURED},
    (Extended, "asked"): _Sort(_NEVER, partial(_of, (int,), "rows")),
    (AuditSet, "mode"): _Sort(_NEVER, partial(_one_of, ("hold_back", "test_then_train", "ended"))),
    (DuplicatesSet, "mode"): _Sort(_NEVER, partial(_one_of, ("carry", "ask"))),
    (Decided, "decision"): _Sort(_NEVER, partial(_one_of, ("stop", "go on"))),
    (Acted, "act"): _Sort(_NEVER, partial(_one_of, ("retrain", "push", "stop", "go on"))),
    (Drifted, "of"): _Sort(_NEVER, partial(_one_of, ("samples", "errors"))),
    (Trained, "seed"): _Sort("type({v}) is int and 0 <= {v} < 2**32", partial(_refused, "a seed below 2**32")),
}
