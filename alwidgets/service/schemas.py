"""Shapes of what is sent: parts of JSON Schema, by which a body is checked and OpenAPI describes it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from alwidgets.service.denied import DeniedError
from alwidgets.utils.text import is_writable, short_json

Schema: TypeAlias = Mapping[str, Any]

_TYPES: dict[str, Callable[[Any], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: type(value) is int or (type(value) is float and value.is_integer()),
    "number": lambda value: type(value) in (int, float),
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}
_WORDS = {
    "null": "null", "boolean": "true or false", "integer": "a whole number", "number": "a number", "string": "a text",
    "array": "a list", "object": "an object",
}  # fmt: skip


class SchemaError(ValueError):
    """A value that is not as its schema says; the message names its place."""


def parsed(body: bytes) -> Any:
    """Return the value of a body in JSON.

    Raises
    ------
    DeniedError
        If it is none, as where it has NaN.
    """
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        where = f", line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise DeniedError(400, f"The body is not JSON in UTF-8{where}.") from None


def _refuse(name: str) -> Any:
    raise DeniedError(400, f"The body has {name}, which JSON has not; expected a number, or null where one is missing.")


def check(value: Any, schema: Schema, place: str = "the body") -> None:
    """Check that a value is as its schema says.

    Known are type, enum, anyOf, minimum, maximum, minLength, maxLength, minItems, maxItems, items, properties, required
    and additionalProperties, each as JSON Schema has it.

    Raises
    ------
    SchemaError
        If it is not.

    Examples
    --------
    >>> check({"item": 3}, {"type": "object", "properties": {"item": {"type": "integer"}}, "required": ["item"]})
    >>> check([1, "2"], {"type": "array", "items": {"type": "number"}})
    Traceback (most recent call last):
    ...
    alwidgets.service.schemas.SchemaError: the body[1] is '2'; expected a number.
    """
    if "anyOf" in schema:
        _check_any(value, schema["anyOf"], place)
    types = _types(schema)
    if types and not any(_TYPES[name](value) for name in types):
        raise SchemaError(f"{place} is {short_json(value)}; expected {' or '.join(_WORDS[name] for name in types)}.")
    if "enum" in schema and not any(type(value) is type(each) and value == each for each in schema["enum"]):
        raise SchemaError(f"{place} is {short_json(value)}; expected one of {schema['enum']}.")
    within = _WITHIN.get(type(value))
    if within is not None:
        within(value, schema, place)


def _types(schema: Schema) -> Sequence[str]:
    given = schema.get("type", ())
    return (given,) if isinstance(given, str) else given


def _check_any(value: Any, schemas: Sequence[Schema], place: str) -> None:
    # The one of its own type tells best what is wrong.
    near = [each for each in schemas if any(_TYPES[name](value) for name in _types(each))]
    if not near:
        names = [_WORDS[name] for each in schemas for name in _types(each)]
        raise SchemaError(f"{place} is {short_json(value)}; expected {' or '.join(names)}.")
    for each in near[1:]:
        try:
            check(value, each, place)
        except SchemaError:
            continue
        return
    check(value, near[0], place)


def _check_text(value: str, schema: Schema, place: str) -> None:
    _check_length(len(value), schema, "Length", place, "characters")
    if not is_writable(value):
        raise SchemaError(f"{place} has half of a surrogate pair; expected a text that can be written in UTF-8.")


def _check_list(values: list[Any], schema: Schema, place: str) -> None:
    _check_length(len(values), schema, "Items", place, "values")
    _check_items(values, schema.get("items", {}), place)


def _check_items(values: list[Any], schema: Schema, place: str) -> None:
    if set(schema) == {"type"} and "number" in _types(schema):
        # Many thousands, which are looked at one by one where one is wrong.
        known = {int, float} | ({type(None)} if "null" in _types(schema) else set())
        if set(map(type, values)) <= known:
            return
    if schema:
        for number, each in enumerate(values):
            check(each, schema, f"{place}[{number}]")


def _check_fields(value: dict[str, Any], schema: Schema, place: str) -> None:
    known = schema.get("properties", {})
    missing = [name for name in schema.get("required", ()) if name not in value]
    if missing:
        raise SchemaError(f"{place} has no {missing[0]!r}; expected {', '.join(map(repr, schema['required']))}.")
    others = schema.get("additionalProperties", True)
    for name, each in value.items():
        if name in known:
            check(each, known[name], name)
        elif others is False:
            expected = f"no other than {list(known)}" if known else "nothing in it"
            raise SchemaError(f"{place} has {short_json(name)}; expected {expected}.")
        elif others is not True:
            check(each, others, f"{place}[{short_json(name)}]")


def _check_length(n: int, schema: Schema, what: str, place: str, unit: str) -> None:
    least, most = schema.get(f"min{what}", 0), schema.get(f"max{what}", n)
    if n < least:
        raise SchemaError(f"{place} has {n} {unit}; expected at least {least}.")
    if n > most:
        raise SchemaError(f"{place} has {n} {unit}; expected at most {most}.")


def _check_range(value: float, schema: Schema, place: str) -> None:
    if value < schema.get("minimum", value) or value > schema.get("maximum", value):
        limits = [f"at least {schema['minimum']}"] if "minimum" in schema else []
        limits += [f"at most {schema['maximum']}"] if "maximum" in schema else []
        raise SchemaError(f"{place} is {short_json(value)}; expected {' and '.join(limits)}.")


_WITHIN: dict[type, Callable[[Any, Schema, str], None]] = {
    str: _check_text, list: _check_list, dict: _check_fields, int: _check_range, float: _check_range,
}  # fmt: skip
