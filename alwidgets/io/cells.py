"""Cells of CSV files: text stays text in a spreadsheet, and comes back as what it was.

A cell of text that a spreadsheet would run, or that would be read as anything but that text, begins with an apostrophe,
as one types it into a spreadsheet: ``'=1+1``, ``'007``, ``'True``. Text that begins with an apostrophe gets one more.
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

_RUN = frozenset("=+-@")
_CONTROL = frozenset("\t\r\n")
# Python makes no int of more digits.
_INT = re.compile(r"-?[0-9]{1,4300}")
_FLOAT = re.compile(r"-?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][+-]?[0-9]+)?|-?inf")
_BOOLEANS = {"True": True, "False": False}


def cell(value: Any) -> str:
    """Return a value as the text of a cell; `from_cell` gives it back.

    Parameters
    ----------
    value : str, int, float, bool, None or what has a text
        None and NaN are empty cells; lists, tuples and dicts are JSON.

    Returns
    -------
    text : str

    Examples
    --------
    >>> [cell(value) for value in ("ham", "=1+1", "-1", -1, None, ("cat", "cow"))]
    ['ham', "'=1+1", "'-1", '-1', '', '["cat", "cow"]']
    """
    # Of NumPy and pandas, as Python has it.
    value = value.item() if type(value).__module__ == "numpy" else value
    if isinstance(value, bool | int | float) and value == value:  # noqa: PLR0124 - NaN is not itself
        return repr(value)
    if isinstance(value, list | tuple):
        return json.dumps(value)
    if isinstance(value, dict):
        value = json.dumps(value)
    if not isinstance(value, str):
        # NaT and NA, which are not themselves either.
        value = str(value) if value is not None and (value == value) is True else None  # noqa: PLR0124
    return "" if value is None else _guarded(value)


def from_cell(text: str) -> str | int | float | bool | tuple[Any, ...] | None:
    """Return the value behind `cell`; a list is a tuple, a dict its JSON.

    Examples
    --------
    >>> [from_cell(text) for text in ("ham", "'=1+1", "'-1", "-1", "", '["cat", "cow"]')]
    ['ham', '=1+1', '-1', -1, None, ('cat', 'cow')]
    """
    if text.startswith("'"):
        return text[1:]
    if not text:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _INT.fullmatch(text):
        return int(text)
    if text.startswith("[") and (values := _listed(text)) is not None:
        return values
    return float(text) if _FLOAT.fullmatch(text) else text


def _listed(text: str) -> tuple[Any, ...] | None:
    """Return what a list in JSON holds, None where the text is none."""
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return tuple(values) if isinstance(values, list) else None


def to_csv(columns: Iterable[Any], rows: Iterable[Iterable[Any]]) -> bytes:
    """Return a table as CSV (RFC 4180, UTF-8), every cell and every name of a column guarded."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([cell(str(name)) for name in columns])
    writer.writerows([cell(value) for value in row] for row in rows)
    # Half of a surrogate pair is no character, and still what somebody typed.
    return text.getvalue().encode("utf-8", "surrogatepass")


def from_csv(content: bytes) -> tuple[list[str], list[list[Any]]]:
    """Return the columns and the rows behind `to_csv`.

    Raises
    ------
    ValueError
        If it is no such table; the message names the line.
    """
    reader = csv.reader(io.StringIO(content.decode("utf-8", "surrogatepass"), newline=""), strict=True)
    limit = csv.field_size_limit(len(content) + 1)
    try:
        columns = [str(from_cell(text)) for text in next(reader, [])]
        rows = []
        for row in reader:
            if len(row) != len(columns):
                raise ValueError(f"line {reader.line_num} has {len(row)} cells; expected {len(columns)}.")
            rows.append([from_cell(text) for text in row])
    except csv.Error as error:
        raise ValueError(f"line {reader.line_num}: {error}.") from None
    finally:
        csv.field_size_limit(limit)
    return columns, rows


def _guarded(text: str) -> str:
    start = text.lstrip(" \ufeff\u200b\u00a0\u3000")[:1]
    # A full-width or small sign stands for the plain one.
    runs = unicodedata.normalize("NFKC", start) in _RUN or start in _CONTROL or text[:1] in _CONTROL
    return f"'{text}" if runs or from_cell(text) != text else text
