"""Files of other tools, parsed and not yet understood: JSON, JSON Lines, CSV, parquet, and a zip of these."""

from __future__ import annotations

import csv
import io
import json
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from alwidgets.io.cells import from_csv, separator_of
from alwidgets.io.frames import LABEL_COLUMNS
from alwidgets.io.records import TEXTS
from alwidgets.utils import files
from alwidgets.utils.text import short_repr

_PARQUET, _ZIP = b"PAR1", b"PK\x03\x04"
# The longer first: a mark of UTF-32 begins with one of UTF-16.
_MARKS = {
    b"\xff\xfe\0\0": "utf-32", b"\0\0\xfe\xff": "utf-32", b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}  # fmt: skip
# What is read in a zip.
_MEMBERS = (".jsonl", ".json", ".csv")
# What a zip may unpack to.
_MOST_BYTES = 2**31


@dataclass(frozen=True, eq=False)
class Document:
    """The rows of a file.

    Parameters
    ----------
    path : Path
        Where it is.
    kind : {"json", "jsonl", "csv", "parquet", "zip"}
        How it is written.
    rows : list of dict
        One a task, a line or a row.
    places : list of int or str, or None
        The line of each row, or where else it is; None where it is its number.
    columns : tuple of str
        Of a table.
    features : mapping
        In a parquet file of `datasets`, the types of the columns.
    label : str or None
        The question or column to read answers from; None where a row has one alone.
    """

    path: Path
    kind: str
    rows: list[dict[str, Any]]
    places: Sequence[int | str] | None = None
    columns: tuple[str, ...] = ()
    features: Mapping[str, Any] = field(default_factory=dict)
    label: str | None = None

    def place(self, row: int) -> str:
        """Describe the place of a row."""
        if self.places is not None:
            place = self.places[row]
            return place if isinstance(place, str) else f"line {place}"
        return f"{'task' if self.kind == 'json' else 'row'} {row + 1}"


def read_document(path: str | Path) -> Document:
    """Parse a file by what is in it, whatever its name ends in.

    Raises
    ------
    ValueError
        If it is in none of these forms, half written, or not in UTF-8, UTF-16 or UTF-32; the message says where.
    FileNotFoundError, IsADirectoryError
        If there is no such file, or it is a folder.
    """
    source = Path(path)
    content = files.read_own(source)
    try:
        return _parsed(source, content)
    except ValueError as error:
        raise ValueError(f"{source}: {error}") from None


def check_not_wrapped(document: Document) -> None:
    """Raise ValueError if the rows of a file are within one object, as in {"data": [...]}, which would be one row."""
    if document.kind not in ("json", "jsonl") or len(document.rows) != 1:
        return
    (row,) = document.rows
    inner = [name for name, value in row.items() if isinstance(value, dict) or (isinstance(value, list) and value)]
    holds_rows = any(isinstance(row[name], list) and isinstance(row[name][0], dict) for name in inner)
    if inner and (holds_rows or len(inner) == len(row)) and not any(isinstance(row.get(name), str) for name in TEXTS):
        raise ValueError(
            f"{document.path} is one object, with lists or objects in {inner}; expected a list of rows, [{{...}}], or "
            "an object a line. Save what is in there as a file of its own."
        )


def _parsed(source: Path, content: bytes) -> Document:
    if content.startswith(_PARQUET):
        return _parquet(source, content)
    if content.startswith(_ZIP):
        return _zip(source, content)
    text = decoded(content)
    start = text.lstrip()[:1]
    if not start:
        raise ValueError("it is empty; expected answers. Export again.")
    if start == "[":
        return Document(source, "json", _objects(_json(text)))
    if start == "{":
        return _lines(source, text)
    return _csv(source, text)


def decoded(content: bytes) -> str:
    """Return the text behind UTF-8, or UTF-16 or UTF-32 with a byte order mark.

    Raises
    ------
    ValueError
        If it is another encoding; the message says in which line.
    """
    encoding = next((name for mark, name in _MARKS.items() if content.startswith(mark)), "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ValueError(
            f"line {line} has the byte 0x{content[error.start]:02X}, which is not UTF-8; save the file in UTF-8, or "
            "export it again."
        ) from None


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        n_whole = _n_whole(text)
        where = f"line {error.lineno}, behind task {n_whole}" if n_whole else f"line {error.lineno}"
        if not text.rstrip().endswith("]"):
            raise ValueError(f"it ends in the middle ({where}): it is half written. Export it again.") from None
        raise ValueError(f"{where}: it is not JSON ({error.msg}). Export it again.") from None
    except RecursionError:
        raise ValueError("its lists are nested too deeply; expected a list of tasks.") from None


def _n_whole(text: str) -> int:
    """Return the number of tasks that are whole at the beginning of a list."""
    decoder, place, n = json.JSONDecoder(), text.index("[") + 1, 0
    try:
        while True:
            place += len(text[place : place + 1000]) - len(text[place : place + 1000].lstrip(" \t\r\n,"))
            _, place = decoder.raw_decode(text, place)
            n += 1
    except (ValueError, RecursionError):
        return n


def _objects(values: Any) -> list[dict[str, Any]]:
    for place, value in enumerate(values):
        if not isinstance(value, dict):
            raise ValueError(  # noqa: TRY004 - what is wrong is a file
                f"task {place + 1} is {short_repr(value)}; expected an object, {{...}}."
            )
    return list(values)


def _lines(source: Path, text: str) -> Document:
    rows, places = list[dict[str, Any]](), list[int]()
    # Not `splitlines`: it ends lines at characters that texts may have.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (json.JSONDecodeError, RecursionError):
            whole = None if rows else _object(text)
            if whole is not None:
                return Document(source, "json", [whole])
            last = not text.rstrip().endswith("}") or number == text.rstrip().count("\n") + 1
            what = "the file ends in the middle: it is half written" if last else "it is not JSON"
            raise ValueError(f"line {number}: {what}. Export it again.") from None
        if not isinstance(row, dict):
            raise ValueError(  # noqa: TRY004 - what is wrong is a file
                f"line {number} is {short_repr(row)}; expected an object, {{...}}."
            )
        rows.append(row)
        places.append(number)
    return Document(source, "jsonl", rows, places)


def _object(text: str) -> dict[str, Any] | None:
    """Return one object that is written over several lines: no table of answers, and still JSON."""
    try:
        found = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _csv(source: Path, text: str) -> Document:
    if not text.endswith(("\n", "\r")) and (n_lines := len(text.splitlines())) > 1:
        warnings.warn(
            f"{source}, line {n_lines}: the last line does not end as the others do. Where the file was written by a "
            "program it is half written, and this line is not to be trusted: export it again.",
            UserWarning,
            stacklevel=6,
        )
    mark = separator_of(text)
    if text.split("\n", 1)[0].rstrip("\r").split(mark)[: len(LABEL_COLUMNS)] == list(LABEL_COLUMNS):
        columns, values = from_csv(text.encode("utf-8", "surrogatepass"))
        return Document(source, "csv", [dict(zip(columns, row, strict=True)) for row in values], columns=tuple(columns))
    reader = _strict(text, mark)
    columns = next(reader)
    if len(set(columns)) < len(columns):
        raise ValueError(
            f"line 1 is {short_repr(columns)}; expected JSON, JSON Lines, parquet, or CSV with a name for each column."
        )
    rows, places = [], []
    for cells in reader:
        if not cells:
            continue
        if len(cells) != len(columns):
            by = "" if mark == "," else f", separated by {mark!r} as in line 1"
            raise ValueError(
                f"line {reader.line_num} has {len(cells)} cells; expected {len(columns)}{by}. It may be half written."
            )
        rows.append(dict(zip(columns, cells, strict=True)))
        places.append(reader.line_num)
    return Document(source, "csv", rows, places, columns=tuple(columns))


class _strict(Iterator[list[str]]):  # noqa: N801 - a function with a line number
    """Rows of CSV; an error says the line."""

    def __init__(self, text: str, mark: str) -> None:
        self._reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)

    @property
    def line_num(self) -> int:
        return self._reader.line_num

    def __next__(self) -> list[str]:
        before = csv.field_size_limit(2**31 - 1)
        try:
            return next(self._reader)
        except csv.Error as error:
            raise ValueError(f"line {self._reader.line_num}: {error}. The file may be half written.") from None
        finally:
            csv.field_size_limit(before)


def _zip(source: Path, content: bytes) -> Document:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return _of_members(source, packed)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise ValueError(f"it is a damaged or half-written zip ({error}). Export it again.") from None


def _of_members(source: Path, packed: zipfile.ZipFile) -> Document:
    names = packed.namelist()
    if "xl/workbook.xml" in names:
        raise ValueError("it is a workbook of Excel; save its sheet as CSV (UTF-8), and read that.")
    # Beside each file a Mac packs a hidden one.
    members = [
        member
        for member in packed.infolist()
        if member.filename.lower().endswith(_MEMBERS) and not is_hidden(Path(member.filename))
    ]
    if not members:
        raise ValueError(f"it is a zip of {short_repr(names)}; expected files in it that end in one of {_MEMBERS}.")
    if sum(member.file_size for member in members) > _MOST_BYTES:
        raise ValueError("it unpacks to more than 2 GiB; unpack it, and read its files one by one.")
    rows, places, columns = list[dict[str, Any]](), list[str](), dict[str, None]()
    kinds = set()
    for member in members:
        # Of somebody who answered nothing.
        if not member.file_size:
            continue
        path = Path(member.filename)
        try:
            part = _parsed(path, packed.read(member))
        except (ValueError, RuntimeError) as error:
            # The latter of one that needs a password, or is packed in a way that Python does not know.
            raise ValueError(f"{member.filename}: {error}") from None
        kinds.add(part.kind)
        # A file a user, who is not named in it.
        user = {"username": path.stem} if part.kind != "csv" or _is_of_user(part) else {}
        rows += [user | row for row in part.rows]
        places += [f"{member.filename}, {part.place(place)}" for place in range(len(part.rows))]
        columns.update(dict.fromkeys(part.columns))
    return Document(source, "csv" if kinds == {"csv"} else "zip", rows, places, columns=tuple(columns))


def _is_of_user(table: Document) -> bool:
    """Return whether a table in a zip is that of a user of doccano."""
    return {"id", "label"} <= set(table.columns) and "annotator" not in table.columns


def is_hidden(path: Path) -> bool:
    """Return whether a file, or a folder that it is in, has a name that hides it, or was put there by a Mac."""
    return any(part.startswith(".") or part == "__MACOSX" for part in path.parts)


def _parquet(source: Path, content: bytes) -> Document:
    pyarrow, parquet = import_pyarrow()
    if not content.endswith(_PARQUET):
        raise ValueError("it ends in the middle: it is half written. Export it again.")
    try:
        table = parquet.read_table(pyarrow.BufferReader(content))
    except (pyarrow.ArrowException, OSError) as error:
        raise ValueError(f"it is a damaged parquet file ({str(error).splitlines()[0]}). Export it again.") from None
    return Document(
        source, "parquet", table.to_pylist(), columns=tuple(table.column_names), features=features_of(table.schema)
    )


def features_of(schema: Any) -> Mapping[str, Any]:
    """Return the types that `datasets` writes down in a schema of pyarrow; empty where it did not."""
    written = (schema.metadata or {}).get(b"huggingface")
    if written is None:
        return {}
    try:
        found = json.loads(written)["info"]["features"]
    except (ValueError, LookupError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}


def import_pyarrow() -> tuple[Any, Any]:
    """Return `pyarrow` and `pyarrow.parquet`.

    Raises
    ------
    ImportError
        If it is not installed.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise ImportError('parquet needs pyarrow: pip install "alwidgets[parquet]".') from None
    return pa, parquet
