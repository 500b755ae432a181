"""Hash-chained lines of JSON: sealing them, reading them back, and finding what was done to them.

A journal's ``events`` folder has one file a writer. Each line ends with the hash of all before it in that line, its
`prev` is the hash of the line before it, and ``ends/<writer>`` says how many lines a file has: what is missing
at its end is found as well.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

HASH_CHARACTERS = 32
GENESIS = "0" * HASH_CHARACTERS
_TAIL = len(',"hash":""}') + HASH_CHARACTERS


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file.

    Parameters
    ----------
    number : int
        Its place among all lines that its writer knew of, from 1.
    writer : str
        Name of the file.
    hash, before : str
        Its own hash, and that of the line it follows.
    place : int
        Line of the file, from 1.
    record : dict
        What it says.
    """

    number: int
    writer: str
    hash: str
    before: str
    place: int
    record: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Torn:
    """The end of a file that a crash cut off.

    Parameters
    ----------
    file : Path
        Which.
    n_bytes : int
        How many bytes of a line are there.
    """

    file: Path
    n_bytes: int


@dataclass(frozen=True)
class Chain:
    """What a folder of events holds.

    Parameters
    ----------
    lines : tuple of Line
        In order: by number, and of equal numbers by the writer's name.
    torn : tuple of Torn
        Writes that a crash cut off; they were never acknowledged.
    problems : tuple of str
        What was changed, dropped or swapped, with the line; empty when the chain is whole.
    """

    lines: tuple[Line, ...]
    torn: tuple[Torn, ...]
    problems: tuple[str, ...]


def sealed(record: dict[str, Any]) -> tuple[bytes, str]:
    """Return the line of a record, ending with the hash of all before it, and that hash."""
    body = json.dumps(record, ensure_ascii=True, separators=(",", ":"), allow_nan=False).encode()
    digest = hashlib.sha256(body).hexdigest()[:HASH_CHARACTERS]
    return body[:-1] + b',"hash":"' + digest.encode() + b'"}\n', digest


def read_chain(folder: Path) -> Chain:
    """Read all files of a folder and check the chain; nothing is changed."""
    lines: list[Line] = []
    torn: list[Torn] = []
    problems: list[str] = []
    for file in sorted(folder.glob("*.jsonl")):
        found, cut, wrong = _read_file(file)
        lines.extend(found)
        torn.extend(cut)
        problems.extend(wrong)
    if not problems:
        problems.extend(_broken_links(folder, lines))
    if not problems:
        problems.extend(_missing_ends(folder, lines))
    # Two kernels that wrote at once have the same numbers: the writer's name decides, the same way always.
    return Chain(tuple(sorted(lines, key=lambda line: (line.number, line.writer))), tuple(torn), tuple(problems))


def end_file(file: Path) -> Path:
    """Return where the number of a file's lines is noted."""
    return file.parent.parent / "ends" / file.stem


def end_of(n_lines: int, digest: str) -> bytes:
    """Return what ``ends/<writer>`` says of a file, always as many bytes."""
    return f"{n_lines:>12} {digest}\n".encode()


def _read_file(file: Path) -> tuple[list[Line], list[Torn], list[str]]:
    content = file.read_bytes()
    whole, _, rest = content.rpartition(b"\n")
    torn = []
    if rest and not _is_sealed(rest[:-1]):
        torn.append(Torn(file, len(rest)))
    elif rest:
        # All of a line and one byte more: not cut off by a crash, but changed where the line ended.
        whole = content
    lines, problems = [], []
    for place, raw in enumerate(whole.split(b"\n") if whole else [], start=1):
        line = _line(raw, file.stem, place)
        if line is None:
            problems.append(f"{file}, line {place}: the line does not match its hash, so something changed it.")
        else:
            lines.append(line)
    return lines, torn, problems


def _line(raw: bytes, writer: str, place: int) -> Line | None:
    if not _is_sealed(raw):
        return None
    record = json.loads(raw)
    return Line(record.pop("number"), writer, record.pop("hash"), record.pop("prev"), place, record)


def _is_sealed(raw: bytes) -> bool:
    body = raw[:-_TAIL] + b"}"
    digest = hashlib.sha256(body).hexdigest()[:HASH_CHARACTERS]
    return raw[-_TAIL:] == b',"hash":"' + digest.encode() + b'"}'


def _missing_ends(folder: Path, lines: Iterable[Line]) -> list[str]:
    """Return what files lack at their end, by the count that was noted after their last line."""
    there = Counter(line.writer for line in lines)
    problems = []
    for file in sorted(folder.glob("*.jsonl")):
        try:
            n_lines = int(end_file(file).read_bytes().split()[0])
        except (OSError, ValueError, IndexError):
            # Never synced, so a crash may have taken it: it says nothing then.
            continue
        if n_lines > there[file.stem]:
            place = there[file.stem] + 1
            problems.append(f"{file}, line {place}: the file ends before it, but had {n_lines} lines.")
    return problems


def _broken_links(folder: Path, lines: Iterable[Line]) -> list[str]:
    """Return the lines that do not follow each other: in their own file, or, the first of a file, in another."""
    lines = list(lines)
    writer_of = {line.hash: line.writer for line in lines}
    problems = []
    for writer, group in groupby(lines, key=lambda line: line.writer):
        before = None
        for line in group:
            if before is None:
                follows = line.before == GENESIS or writer_of.get(line.before, writer) != writer
            else:
                follows = line.before == before
            before = line.hash
            if not follows:
                where = folder / f"{writer}.jsonl"
                problems.append(
                    f"{where}, line {line.place}: the line does not follow the one before it, so one is missing."
                )
                break
    return problems
