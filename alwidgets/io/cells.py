"""Cells of CSV files: formulas stay text, and every value is restored as it was.

Text that would be read as a number, as True or False, or as nothing stands in quotes, which other readers drop:
``"0"``, ``"-1"``, ``"True"``. A formula begins with an apostrophe, as one types it into a spreadsheet: ``'=1+1``; so
does text that is a list in JSON, as a label of several classes is.
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

_RUN = frozenset("=+-@")
_CONTROL = frozenset("\t\r\n")
# Python makes no int of more digits.
_INT = re.compile(r"-?[0-9]{1,4300}")
_FLOAT = re.compile(r"-?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][+-]?[0-9]+)?|-?inf")
_PLAIN_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_BOOLEANS = {"True": True, "False": False}
# By what separates cells: a cell, in quotes or bare, and what ends it.
_CELLS = {mark: re.compile(rf'(?:"([^"]*(?:""[^"]*)*)"|([^{mark}"\r\n]*))({mark}|\r\n|\n|\r|\Z)') for mark in ",;\t"}
# How much of a file tells what separates its cells.
_N_ROWS, _N_CHARACTERS = 20, 2**16
# Those that other spreadsheets separate cells by among them.
_NEEDS_QUOTES = re.compile(r'[",;\t\r\n]')


def cell(value: Any) -> str:
    r"""Return a value as it stands in a file, in quotes where it needs them.

    Parameters
    ----------
    value : str, int, float, bool, None or what has a text
        None and NaN are empty cells; lists, tuples and dicts are JSON.

    Returns
    -------
    text : str

    Examples
    --------
    >>> [cell(value) for value in ("ham", "=1+1", "-1", -1, None, "", ("cat", "cow"))]
    ['ham', '"\'=1+1"', '"-1"', '-1', '', '""', '"[""cat"", ""cow""]"']
    """
    # Of NumPy and pandas, as Python has it.
    value = value.item() if type(value).__module__ == "numpy" else value
    if isinstance(value, bool | int | float) and value == value:  # noqa: PLR0124 - NaN is not itself
        return repr(value)
    if isinstance(value, list | tuple):
        return _quoted(json.dumps(value))
    if isinstance(value, dict):
        value = json.dumps(value)
    if not isinstance(value, str):
        # NaT and NA, which are not themselves either.
        value = str(value) if value is not None and (value == value) is True else None  # noqa: PLR0124
    if value is None:
        return ""
    text = f"'{value}" if _is_guarded(value) else value
    return _quoted(text) if _NEEDS_QUOTES.search(text) or _of_bare(text) != text else text


def to_csv(columns: Iterable[Any], rows: Iterable[Iterable[Any]]) -> bytes:
    """Return a table as CSV (RFC 4180, UTF-8)."""
    text = io.StringIO(newline="")
    for row in ((str(name) for name in columns), *rows):
        text.write(",".join(map(cell, row)) + "\r\n")
    # Half of a surrogate pair is not a character, and still what somebody typed.
    return text.getvalue().encode("utf-8", "surrogatepass")


def separator_of(text: str) -> str:
    r"""Return the separator of a table's cells: a comma, or the semicolon or tab that spreadsheets write too.

    It is the comma, unless the first line has more columns by another and the lines behind it as many, or one by comma.

    Examples
    --------
    >>> separator_of("text,label\na;b,ham"), separator_of("text;label\na, b;ham"), separator_of("text")
    (',', ';', ',')
    """
    head = text[:_N_CHARACTERS]
    widths = {mark: _widths(head, mark, whole=len(head) == len(text)) for mark in _CELLS}
    by_comma = widths[","][0]
    others = {mark: found for mark, found in widths.items() if found[0] > by_comma}
    fitting = {mark: found for mark, found in others.items() if by_comma <= 1 or len(set(found)) == 1}
    return max(fitting, key=lambda mark: fitting[mark][0], default=",")


def _widths(head: str, mark: str, *, whole: bool) -> list[int]:
    """Return the number of cells of the first rows; 0 where quotes stand within cells by this mark."""
    widths: list[int] = []
    try:
        rows = islice(csv.reader(io.StringIO(head, newline=""), delimiter=mark, strict=True), _N_ROWS + 1)
        # An empty line is not a row.
        widths.extend(len(row) for row in rows if row)
    except csv.Error:
        widths.append(0)
    # The last may have been cut.
    return (widths if whole or len(widths) == 1 else widths[:-1]) or [0]


def from_csv(content: bytes) -> tuple[list[str], list[list[Any]]]:
    """Return the columns and the rows behind `to_csv`, also as a spreadsheet saves them, with another separator.

    Raises
    ------
    ValueError
        If it is not such a table; the message names the line.

    Examples
    --------
    >>> from_csv(to_csv(["a", "b"], [["-1", -1], ["=1+1", ("cat", "cow")]]))
    (['a', 'b'], [['-1', -1], ['=1+1', ('cat', 'cow')]])
    """
    rows = _rows(content.decode("utf-8", "surrogatepass"))
    columns = [str(name) for name in next(rows, (1, []))[1]]
    values = []
    for line, row in rows:
        if len(row) != len(columns):
            raise ValueError(f"line {line} has {len(row)} cells; expected {len(columns)}.")
        values.append(row)
    return columns, values


def _rows(text: str) -> Iterator[tuple[int, list[Any]]]:
    """Yield each row, and the line on which it ends."""
    mark = separator_of(text)
    cells = _CELLS[mark]
    place, line, row = 0, 1, list[Any]()
    while place < len(text):
        found = cells.match(text, place)
        if found is None:
            raise ValueError(f"line {line}: a quote is missing, or stands within a cell.")
        quoted, bare, end = found.groups()
        row.append(_of_bare(bare) if quoted is None else _of_quoted(quoted.replace('""', '"')))
        line += found[0].count("\n", 0, found.end() - place - len(end))
        place = found.end()
        if end == mark and place == len(text):
            row.append(None)
        if end != mark or place == len(text):
            yield line, row
            row = []
            line += 1


def _of_bare(text: str) -> Any:
    """Return the value of a cell without quotes."""
    if not text:
        return None
    if text[0] == "'":
        # As files had it in which numbers that are text begin with an apostrophe.
        return text[1:]
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _INT.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def _of_quoted(text: str) -> str | tuple[Any, ...]:
    if text.startswith("'") and _is_guarded(text):
        return text[1:]
    values = _listed(text)
    return text if values is None else values


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _listed(text: str) -> tuple[Any, ...] | None:
    """Parse a JSON list; None if the text is not one."""
    if not text.startswith("["):
        return None
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return tuple(values) if isinstance(values, list) else None


def _is_guarded(text: str) -> bool:
    """Return whether a text needs an apostrophe in front, which also protects existing ones."""
    core = text.lstrip("'")
    if _PLAIN_NUMBER.fullmatch(core):
        return False
    start = core.lstrip(" \ufeff\u200b\u00a0\u3000")[:1]
    # A full-width or small sign stands for the plain one.
    runs = unicodedata.normalize("NFKC", start) in _RUN or start in _CONTROL or core[:1] in _CONTROL
    return bool(core) and (runs or _listed(core) is not None)
