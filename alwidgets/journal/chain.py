"""Hash-chained lines of JSON: sealing them, reading them back, and finding what was done to them.

A journal's ``events`` folder has one file a writer. Each line ends with the hash of all before it in that line, its
`prev` is the hash of the line before it, and ``ends/<writer>`` says how many lines a file has: what is missing
at its end is found as well.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from alwidgets.utils import files
from alwidgets.utils.files import UnsafeFileError

HASH_CHARACTERS = 32
GENESIS = "0" * HASH_CHARACTERS
#: The kind of a file's first line, which says who writes it, and what of the others it knew.
OPENED = "opened"
#: More lines, events or epochs than there can be.
MOST = 2**53
_LONGEST_LINE = 2**28
_MOST_PROBLEMS = 20
# Lines that are read as JSON at once: they share the names of their fields, which are most of their memory.
_AT_ONCE = 500
_MOST_NOTED = 1000


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


# Without `json.loads`'s search for encodings and white space, which costs as much again.
_parse = json.JSONDecoder(parse_constant=_no_constant).raw_decode
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


@dataclass(frozen=True, slots=True)
class Missing:
    """Lines that were there and are not, at the end of a file: it was copied while it grew, or lost them.

    Parameters
    ----------
    file : Path
        Which.
    n_lines : int
        How many of its lines are here.
    n_known : int
        How many there were, as ``ends`` or another file tells.
    told : bool
        Whether a kernel that went on from here has said so in its file.
    """

    file: Path
    n_lines: int
    n_known: int
    told: bool

    def __str__(self) -> str:
        n = self.n_known - self.n_lines
        if not self.n_lines:
            return f"{self.file}, line 1: the file is missing, but had {self.n_known} lines."
        return f"{self.file}, line {self.n_lines + 1}: the file ends before it, but had {n} more lines."


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
        What was changed, dropped or swapped, with the line; empty when what is there hangs together.
    missing : tuple of Missing
        Ends of files that are not there.
    """

    lines: tuple[Line, ...]
    torn: tuple[Torn, ...]
    problems: tuple[str, ...]
    missing: tuple[Missing, ...] = ()

    @property
    def openings(self) -> dict[str, dict[str, Any]]:
        """The first line of each file that says who wrote it."""
        firsts = (line for line in self.lines if line.place == 1)
        return {line.writer: line.record for line in firsts if line.record.get("kind") == OPENED}


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
        if not (chain.problems or chain.missing) or _sizes(folder) == sizes:
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
    return {file: file.lstat().st_size for file in folder.glob("*.jsonl")}


def _read(folder: Path) -> Chain:
    try:
        files.check_folder(folder)
        files.check_folder(folder.parent / "ends")
    except UnsafeFileError as error:
        return Chain((), (), (str(error),))
    problems: list[str] = []
    # The ends first: what another kernel writes meanwhile makes a file longer than was noted, never shorter.
    noted = {folder / f"{note.name}.jsonl": _noted(note, problems) for note in _names(folder.parent / "ends", "*")}
    found: dict[Path, list[Line]] = {}
    torn: list[Torn] = []
    for file in _names(folder, "*.jsonl"):
        found[file] = []
        n_left = _read_file(file, noted.get(file, _NOT_KNOWN).n_lines, found[file], problems)
        if n_left:
            torn.append(Torn(file, n_left))
    if not problems:
        problems.extend(_broken_links(found))
    if not problems:
        problems.extend(problem for file, end in noted.items() for problem in _end_problems(file, found.get(file), end))
    lines = [line for kept in found.values() for line in kept]
    # Two kernels that wrote at once have the same numbers: the writer's name decides, the same way always.
    chain = Chain(tuple(sorted(lines, key=attrgetter("number", "writer"))), tuple(torn), tuple(problems))
    return chain if problems else replace(chain, missing=_missing(chain, found, noted))


def _names(folder: Path, pattern: str) -> list[Path]:
    """Return the files that a folder should have, without what other programs keep there."""
    return sorted(file for file in folder.glob(pattern) if not file.name.startswith("."))


def _read_file(file: Path, n_noted: int, lines: list[Line], problems: list[str]) -> int:
    """Read a file's sound lines, and what is wrong with the others; return how many bytes a crash left at its end.

    Of a write during a power cut any blocks may be missing, and read as zeros, which no line holds. What a crash left
    is behind the end that was noted.
    """
    place, n_read, size, n_left = 0, 0, 0, 0
    waiting: list[bytes] = []
    try:
        size = file.lstat().st_size
        for raw, whole in _raw_lines(file):
            hole = b"\0" in raw
            # All of a line and one byte more: not cut off by a crash, but changed where the line ended.
            if (hole and place >= n_noted) or not (hole or whole or _is_sealed(raw[:-1])):
                n_left = max(size - n_read, len(raw))
                break
            place += 1
            n_read += len(raw) + 1
            waiting.append(raw)
            if len(waiting) == _AT_ONCE:
                _read_lines(file, waiting, place, lines, problems)
                waiting = []
                if len(problems) >= _MOST_PROBLEMS:
                    break
        _read_lines(file, waiting, place, lines, problems)
    except (UnsafeFileError, OSError) as error:
        problems.append(f"{error}" if isinstance(error, UnsafeFileError) else f"{file} cannot be read: {error}.")
    del problems[_MOST_PROBLEMS:]
    return n_left


def _raw_lines(file: Path) -> Iterator[tuple[bytes, bool]]:
    """Yield the lines of a file, and whether each ends; of one with zeros, or without end, no more than its start."""
    rest = b""
    for chunk in files.chunks(file):
        *whole, rest = (rest + chunk).split(b"\n")
        for raw in whole:
            yield raw, True
        if b"\0" in rest or len(rest) > _LONGEST_LINE:
            yield rest, len(rest) > _LONGEST_LINE
            return
    if rest:
        yield rest, False


def _read_lines(file: Path, raws: list[bytes], place: int, lines: list[Line], problems: list[str]) -> None:
    """Read lines of a file that follow each other, the last of which is at a place; those that are whole are kept."""
    writer, bodies = file.stem, [raw[:-_TAIL] + b"}" for raw in raws]
    sealed_so = [raw[-_TAIL:] == _seal(body) for raw, body in zip(raws, bodies, strict=True)]
    records = _parsed_at_once([body for body, is_sealed in zip(bodies, sealed_so, strict=True) if is_sealed])
    for number, (raw, is_sealed) in enumerate(zip(raws, sealed_so, strict=True), start=place - len(raws) + 1):
        if not is_sealed:
            problems.append(f"{file}, line {number}: the line does not match its hash, so something changed it.")
            continue
        line = _line(writer, raw, number, next(records), lines[-1].hash if lines else GENESIS)
        if line is None:
            problems.append(f"{file}, line {number}: the line is none of a journal, whoever wrote it.")
        else:
            lines.append(line)


def _parsed_at_once(bodies: list[bytes]) -> Iterator[Any]:
    """Return what each of these says as JSON, None for one that says nothing.

    Between two of them stands what nobody could know who wrote them, so that none is taken for a part of another.
    """
    between = secrets.token_hex()
    try:
        text = f',"{between}",'.join(body.decode("ascii") for body in bodies)
        values, end = _parse(f"[{text}]")
        if end == len(text) + 2 and len(values) == 2 * len(bodies) - 1 and set(values[1::2]) <= {between}:
            return iter(values[::2])
    except (ValueError, TypeError, RecursionError):
        # One of them at least: it is found by reading each alone.
        pass
    return map(_parsed, bodies)


def _parsed(body: bytes) -> Any:
    try:
        text = body.decode("ascii")
        value, end = _parse(text)
    except (ValueError, RecursionError):
        return None
    return value if end == len(text) else None


def _line(writer: str, raw: bytes, place: int, record: Any, last: str) -> Line | None:
    """Return a line of a file, if its record is one of a journal; `last` is the hash of the line before."""
    try:
        number, before = record.pop("number"), record.pop("prev")
        sound = type(number) is int and 0 < number < MOST and type(before) is str
        if record.get("kind") == OPENED:
            sound = sound and _is_opening(record)
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
    # The same text, kept once.
    before = last if before == last else before
    return Line(number, writer, raw[-HASH_CHARACTERS - 2 : -2].decode(), before, place, record) if sound else None


def _is_opening(record: dict[str, Any]) -> bool:
    """Return whether a file's first line says what it should."""
    counts = [record["epoch"], record.get("format", 1), *record["seen"].values(), *record.get("missing", {}).values()]
    return all(type(count) is int and 0 <= count < MOST for count in counts)


def _seal(body: bytes) -> bytes:
    """Return what a line ends with instead of its closing bracket."""
    return f',"hash":"{hashlib.sha256(body).hexdigest()[:HASH_CHARACTERS]}"}}'.encode()


def _is_sealed(raw: bytes) -> bool:
    return raw[-_TAIL:] == _seal(raw[:-_TAIL] + b"}")


def _noted(note: Path, problems: list[str]) -> End:
    """Return how a file ended when that was noted last."""
    try:
        n_lines, digest = files.read(note, _MOST_NOTED).decode("ascii").split()
        return End(int(n_lines), digest) if 0 <= int(n_lines) < MOST else _NOT_KNOWN
    except UnsafeFileError as error:
        problems.append(str(error))
    except (OSError, ValueError):
        # Never synced, so a crash may have taken it.
        pass
    return _NOT_KNOWN


def _end_problems(file: Path, lines: list[Line] | None, end: End) -> list[str]:
    """Return what is wrong with a file's last line, by what was noted after it."""
    if lines and end.n_lines == len(lines) and end.hash != lines[-1].hash:
        return [f"{file}, line {len(lines)}: the line is not the one that was noted in ends, so something changed it."]
    return []


def _missing(chain: Chain, found: dict[Path, list[Line]], noted: dict[Path, End]) -> tuple[Missing, ...]:
    """Return the ends of files that are not there, by what was noted, and by what other files say they had read."""
    folder = next(iter({**found, **noted}), Path()).parent
    known = {file.stem: end.n_lines for file, end in noted.items()}
    told: dict[str, int] = {}
    for opening in chain.openings.values():
        for writer, n in opening.get("seen", {}).items():
            known[writer] = max(known.get(writer, 0), n)
        for writer, n in opening.get("missing", {}).items():
            told[writer] = max(told.get(writer, 0), n)
    here = {file.stem: len(lines) for file, lines in found.items()}
    return tuple(
        Missing(folder / f"{writer}.jsonl", here.get(writer, 0), n, told.get(writer, 0) >= n)
        for writer, n in sorted(known.items())
        if n > here.get(writer, 0)
    )


def _broken_links(found: dict[Path, list[Line]]) -> list[str]:
    """Return the lines that do not follow each other: in their own file, or, the first of a file, in another."""
    problems = []
    here = {file.stem: len(lines) for file, lines in found.items()}
    firsts = {lines[0].before for lines in found.values() if lines}
    followed = {line.hash: line.writer for lines in found.values() for line in lines if line.hash in firsts}
    for file, lines in found.items():
        before = lines[0].before if lines else GENESIS
        if before != GENESIS and followed.get(before, file.stem) == file.stem and not _lacks(lines[0], here):
            before = ""
        for line in lines:
            if line.before != before:
                problems.append(
                    f"{file}, line {line.place}: the line does not follow the one before it, so one is missing."
                )
                break
            before = line.hash
    return problems


def _lacks(first: Line, here: dict[str, int]) -> bool:
    """Return whether the line that a file's first one follows is among those that are known to be missing."""
    seen = first.record.get("seen", {}) if first.record.get("kind") == OPENED else {}
    return any(n > here.get(writer, 0) for writer, n in seen.items())
