"""Hash-chained lines of JSON: sealing them, reading them back, and finding what was done to them.

A journal's ``events`` folder has one file a writer. Each line ends with the hash of all before it in that line, its
`prev` is the hash of the line before it, and ``ends/<writer>`` says how many lines a file has: what is missing
at its end is found as well.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

HASH_CHARACTERS = 32
GENESIS = "0" * HASH_CHARACTERS
# Without `json.loads`'s search for encodings and white space, which costs as much again.
_parse = json.JSONDecoder().raw_decode
_TAIL = len(',"hash":""}') + HASH_CHARACTERS


class Line(NamedTuple):
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
    """The end of a file that a crash cut off, or of which a power cut left only parts.

    Parameters
    ----------
    file : Path
        Which.
    n_bytes : int
        How many bytes of it are there.
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
    seal = _seal(body)
    return body[:-1] + seal + b"\n", seal[-HASH_CHARACTERS - 2 : -2].decode()


def read_chain(folder: Path) -> Chain:
    """Read all files of a folder and check the chain; nothing is changed."""
    while True:
        sizes = _sizes(folder)
        chain = _read(folder)
        # What another kernel wrote between two files may seem to follow nothing.
        if not chain.problems or _sizes(folder) == sizes:
            return chain


class End(NamedTuple):
    """What was noted of a file: how many lines it had, and the hash of the last."""

    n_lines: int
    hash: str


_NOT_KNOWN = End(0, "")


def end_file(file: Path) -> Path:
    """Return where the number of a file's lines is noted."""
    return file.parent.parent / "ends" / file.stem


def end_of(n_lines: int, digest: str) -> bytes:
    """Return what ``ends/<writer>`` says of a file, always as many bytes."""
    return f"{n_lines:>12} {digest}\n".encode()


def _sizes(folder: Path) -> dict[Path, int]:
    return {file: file.stat().st_size for file in folder.glob("*.jsonl")}


def _read(folder: Path) -> Chain:
    # The ends first: what another kernel writes meanwhile makes a file longer than was noted, never shorter.
    noted = {folder / f"{note.name}.jsonl": _noted(note) for note in sorted(folder.parent.glob("ends/*"))}
    found = sorted(folder.glob("*.jsonl"))
    files: dict[Path, list[Line]] = {}
    torn: list[Torn] = []
    problems: list[str] = []
    for file in found:
        content = file.read_bytes()
        whole = _whole_part(content, noted.get(file, _NOT_KNOWN).n_lines)
        if len(whole) < len(content):
            torn.append(Torn(file, len(content) - len(whole)))
        files[file], wrong = _lines(file, whole)
        problems.extend(wrong)
    if not problems:
        problems.extend(_broken_links(files))
    if not problems:
        problems.extend(problem for file, end in noted.items() for problem in _end_problems(file, files.get(file), end))
    lines = [line for kept in files.values() for line in kept]
    # Two kernels that wrote at once have the same numbers: the writer's name decides, the same way always.
    return Chain(tuple(sorted(lines, key=attrgetter("number", "writer"))), tuple(torn), tuple(problems))


def _whole_part(content: bytes, n_noted: int) -> bytes:
    """Return a file without what a crash left of its last write, which is behind the end that was noted."""
    end = content.rfind(b"\n") + 1
    if end < len(content) and _is_sealed(content[end:-1]):
        # All of a line and one byte more: not cut off by a crash, but changed where the line ended.
        end = len(content)
    # Of a write during a power cut any blocks may be missing, and read as zeros, which no line holds.
    hole = content.find(b"\0", 0, end)
    if hole >= 0 and content.count(b"\n", 0, hole) >= n_noted:
        end = content.rfind(b"\n", 0, hole) + 1
    return content[:end]


def _lines(file: Path, whole: bytes) -> tuple[list[Line], list[str]]:
    """Return the sound lines of a file, and what is wrong with the others."""
    writer, lines, problems = file.stem, [], []
    for place, raw in enumerate(whole.removesuffix(b"\n").split(b"\n") if whole else [], start=1):
        body = raw[:-_TAIL] + b"}"
        if raw[-_TAIL:] == _seal(body):
            record, _ = _parse(body.decode())
            digest = raw[-HASH_CHARACTERS - 2 : -2].decode()
            lines.append(Line(record.pop("number"), writer, digest, record.pop("prev"), place, record))
        else:
            problems.append(f"{file}, line {place}: the line does not match its hash, so something changed it.")
    return lines, problems


def _seal(body: bytes) -> bytes:
    """Return what a line ends with instead of its closing bracket."""
    return f',"hash":"{hashlib.sha256(body).hexdigest()[:HASH_CHARACTERS]}"}}'.encode()


def _is_sealed(raw: bytes) -> bool:
    return raw[-_TAIL:] == _seal(raw[:-_TAIL] + b"}")


def _noted(note: Path) -> End:
    """Return how a file ended when that was noted last."""
    try:
        n_lines, digest = note.read_text(encoding="ascii").split()
        return End(int(n_lines), digest)
    except (OSError, ValueError):
        # Never synced, so a crash may have taken it.
        return _NOT_KNOWN


def _end_problems(file: Path, lines: list[Line] | None, end: End) -> list[str]:
    """Return what a file lacks at its end, by what was noted after its last line."""
    if lines is None:
        return [f"{file}, line 1: the file is missing, but had {end.n_lines} lines."] if end.n_lines else []
    if end.n_lines > len(lines):
        return [f"{file}, line {len(lines) + 1}: the file ends before it, but had {end.n_lines} lines."]
    if end.n_lines == len(lines) and lines and end.hash != lines[-1].hash:
        return [f"{file}, line {len(lines)}: the line is not the one that was noted in ends, so something changed it."]
    return []


def _broken_links(files: dict[Path, list[Line]]) -> list[str]:
    """Return the lines that do not follow each other: in their own file, or, the first of a file, in another."""
    problems = []
    for file, lines in files.items():
        before = _before_first(file, files)
        for line in lines:
            if line.before != before:
                problems.append(
                    f"{file}, line {line.place}: the line does not follow the one before it, so one is missing."
                )
                break
            before = line.hash
    return problems


def _before_first(file: Path, files: dict[Path, list[Line]]) -> str:
    """Return the hash that a file's first line should follow: its own, when a line of another file has that."""
    first = next(iter(files[file]), None)
    if first is None or first.before == GENESIS:
        return GENESIS
    others = (line for other, lines in files.items() if other != file for line in lines)
    return first.before if any(line.hash == first.before for line in others) else ""
