"""Hash-chained lines of JSON: writing, reading and checking them.

A journal's ``events`` folder has one file a writer. Each line ends with the hash of all before it in that line, its
`prev` is the hash of the line before it, and ``ends/<writer>`` says how many lines a file has: what is missing
at its end is found as well.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import numpy as np

from alwidgets.journal.lines import GENESIS, MOST, OPENED, Lines, Parsed, Written, lines_of
from alwidgets.utils import files
from alwidgets.utils.files import UnsafeFileError
from alwidgets.utils.text import short_repr

HASH_CHARACTERS = 32
_LONGEST_LINE = 2**28
_MOST_PROBLEMS = 20
# Lines that are read as JSON at once: they share the names of their fields, which are most of their memory.
_AT_ONCE = 800
_MOST_NOTED = 1000
# See `end_of`.
_END = re.compile(rb" *(\d{1,12}) ([\da-f]{%d}|)\n" % HASH_CHARACTERS)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not valid JSON")


# Without `json.loads`'s search for encodings and white space, which costs as much again.
_parse = json.JSONDecoder(parse_constant=_no_constant).raw_decode
_SEAL = ',"hash":"{}"}}'
_TAIL = len(_SEAL.format("")) + HASH_CHARACTERS


@dataclass(frozen=True, slots=True)
class Torn:
    """The end of a file that a crash cut off, or of which a power cut left only parts.

    Parameters
    ----------
    file : Path
        The file of events.
    n_bytes : int
        How many bytes of it are there.
    """

    file: Path
    n_bytes: int


@dataclass(frozen=True, slots=True)
class Missing:
    """Lines missing at the end of a file, which was copied while it grew or has lost them.

    Parameters
    ----------
    file : Path
        The file of events.
    n_lines : int
        How many of its lines are here.
    n_known : int
        How many there were, as ``ends`` or another file tells.
    acknowledged : bool
        Whether a kernel that went on from here has said so in its file.
    """

    file: Path
    n_lines: int
    n_known: int
    acknowledged: bool

    def __str__(self) -> str:
        n = self.n_known - self.n_lines
        if not self.n_lines:
            return f"{self.file}, line 1: the file is missing, but had {self.n_known} lines."
        return f"{self.file}, line {self.n_lines + 1}: the file ends before it, but had {n} more lines."


@dataclass(frozen=True)
class Chain:
    """Contents of a folder of events.

    Parameters
    ----------
    lines : Lines
        In order.
    torn : tuple of Torn
        Writes that a crash cut off; they were never acknowledged.
    problems : tuple of str
        What was changed, dropped or swapped, with the line; empty when what is there hangs together.
    missing : tuple of Missing
        Ends of files that are not there.
    """

    lines: Lines
    torn: tuple[Torn, ...]
    problems: tuple[str, ...]
    missing: tuple[Missing, ...] = ()

    @property
    def openings(self) -> dict[str, dict[str, Any]]:
        """The first line of each file that says who wrote it."""
        written = (self.lines.files[file] for file in np.unique(self.lines.file[self.lines.place == 1]).tolist())
        return {each.file.stem: each.opening for each in written if each.opening is not None}

    @property
    def n_lines(self) -> dict[str, int]:
        """Number of lines of each file."""
        counts = np.bincount(self.lines.file, minlength=len(self.lines.files)).tolist()
        return {each.file.stem: n for each, n in zip(self.lines.files, counts, strict=True) if n}


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
    """Recorded end of a file: its number of lines, and the hash of the last."""

    n_lines: int
    hash: str


_NOT_KNOWN = End(0, "")


def end_file(file: Path) -> Path:
    """Return the path of the file that records the end of an events file."""
    return file.parent.parent / "ends" / file.stem


def end_of(n_lines: int, digest: str) -> bytes:
    """Encode the content of ``ends/<writer>``, always with the same number of bytes."""
    return f"{n_lines:>12} {digest}\n".encode()


def _sizes(folder: Path) -> dict[Path, int]:
    return {file: file.lstat().st_size for file in folder.glob("*.jsonl")}


def _read(folder: Path) -> Chain:
    try:
        files.check_folder(folder)
        files.check_folder(folder.parent / "ends")
    except UnsafeFileError as error:
        return Chain(lines_of({}), (), (str(error),))
    problems: list[str] = []
    # The ends first: what another kernel writes meanwhile makes a file longer than was noted, never shorter.
    noted = {folder / f"{note.name}.jsonl": _noted(note, problems) for note in _names(folder.parent / "ends", "*")}
    found: dict[Path, Written] = {}
    torn: list[Torn] = []
    names = _names(folder, "*.jsonl")
    followed = _Followed(names)
    for file in names:
        found[file] = Written(file)
        n_left = _read_file(found[file], noted.get(file, _NOT_KNOWN).n_lines, followed, problems)
        if n_left:
            torn.append(Torn(file, n_left))
    if not problems:
        problems.extend(_broken_links(found, followed.by))
    if not problems:
        problems.extend(problem for file, end in noted.items() for problem in _end_problems(file, found.get(file), end))
    chain = Chain(lines_of(found), tuple(torn), tuple(problems))
    return chain if problems else replace(chain, missing=_missing(chain, found, noted))


class _Followed:
    """Index of the lines that the first lines of other files follow, by hash."""

    def __init__(self, names: Sequence[Path]) -> None:
        self.by: dict[str, str] = {}
        self._firsts = set(map(_first_follows, names)) if len(names) > 1 else set()

    def look(self, writer: str, hashes: Sequence[str]) -> None:
        """Look for such lines among some of a file."""
        self.by |= dict.fromkeys(self._firsts.intersection(hashes), writer)


def _first_follows(file: Path) -> str:
    """Return the hash of the line that a file's first one follows; empty where it has none."""
    try:
        [raw, *_], _, _ = next(_raw_lines(file), ([b""], False, 0))
    except (UnsafeFileError, OSError):
        return ""
    record = _parsed(raw)
    before = record.get("prev") if isinstance(record, dict) else None
    return before if isinstance(before, str) else ""


def _names(folder: Path, pattern: str) -> list[Path]:
    """Return the files that a folder should have, without what other programs keep there."""
    return sorted(file for file in folder.glob(pattern) if not file.name.startswith("."))


def _read_file(written: Written, n_noted: int, followed: _Followed, problems: list[str]) -> int:
    """Read a file's sound lines, and what is wrong with the others; return how many bytes a crash left at its end.

    Of a write during a power cut any blocks may be missing, and read as zeros, which no line holds. What a crash left
    is behind the end that was noted.
    """
    file, place, size, n_left = written.file, 0, 0, 0
    waiting: list[bytes] = []
    try:
        size = file.lstat().st_size
        for raws, whole, start in _raw_lines(file):
            hole = b"\0" in raws[0] and len(raws) == 1
            # All of a line and one byte more: not cut off by a crash, but changed where the line ended.
            if (hole and place >= n_noted) or not (hole or whole or _is_sealed(raws[0][:-1])):
                n_left = max(size - start, len(raws[0]))
                break
            place += len(raws)
            waiting += raws
            n_full = len(waiting) - len(waiting) % _AT_ONCE
            for stop in range(_AT_ONCE, n_full + 1, _AT_ONCE):
                if len(problems) < _MOST_PROBLEMS:
                    some, last = waiting[stop - _AT_ONCE : stop], place - len(waiting) + stop
                    _read_lines(written, some, last, followed, problems)
            del waiting[:n_full]
            if len(problems) >= _MOST_PROBLEMS:
                break
        _read_lines(written, waiting, place, followed, problems)
    except (UnsafeFileError, OSError) as error:
        problems.append(f"{error}" if isinstance(error, UnsafeFileError) else f"{file} cannot be read: {error}.")
    del problems[_MOST_PROBLEMS:]
    return n_left


def _raw_lines(file: Path) -> Iterator[tuple[list[bytes], bool, int]]:
    """Yield the lines of a file, some at once, whether they end, and where the first of them begins.

    One with zeros, or without end, comes alone; of one without end comes no more than its start.
    """
    rest, start, end = b"", 0, 0
    for chunk in files.chunks(file):
        *whole, rest = (rest + chunk).split(b"\n")
        end += len(chunk)
        if whole and b"\0" not in chunk:
            yield whole, True, start
        else:
            for raw in whole:
                yield [raw], True, start
                start += len(raw) + 1
        start = end - len(rest)
        if b"\0" in rest or len(rest) > _LONGEST_LINE:
            yield [rest], len(rest) > _LONGEST_LINE, start
            return
    if rest:
        yield [rest], False, start


def _read_lines(written: Written, raws: list[bytes], place: int, followed: _Followed, problems: list[str]) -> None:
    """Read lines of a file that follow each other, the last of which is at a place; those that are whole are kept."""
    if not raws:
        return
    file, bodies, first = written.file, [raw[:-_TAIL] + b"}" for raw in raws], place - len(raws) + 1
    hashes = [digest.hexdigest()[:HASH_CHARACTERS] for digest in map(hashlib.sha256, bodies)]
    followed.look(file.stem, hashes)
    # No end is longer than a seal, so that they are the same only where each is.
    if b"".join([raw[-_TAIL:] for raw in raws]) == "".join(map(_SEAL.format, hashes)).encode():
        is_sealed, parsed = [True] * len(raws), _parsed_at_once(bodies)
        if written.add_events(first, hashes, parsed):
            return
    else:
        is_sealed = [raw[-_TAIL:] == _seal_of(digest) for raw, digest in zip(raws, hashes, strict=True)]
        parsed = _parsed_at_once(list(compress(bodies, is_sealed)))
    records = iter(parsed)
    lines: list[Parsed] = []
    for number, (digest, sound) in enumerate(zip(hashes, is_sealed, strict=True), start=first):
        if not sound:
            problems.append(f"{file}, line {number}: the line does not match its hash, so something changed it.")
            continue
        line = _line(number, digest, next(records))
        if line is None:
            problems.append(f"{file}, line {number}: the line does not belong to a journal, whoever wrote it.")
        else:
            lines.append(line)
    written.add(lines)


def _parsed_at_once(bodies: list[bytes]) -> list[Any]:
    """Parse many JSON texts in one call; None for each that is not valid.

    Between two of them stands what nobody could know who wrote them, so that none is taken for a part of another.
    """
    between = secrets.token_hex(8)
    separator = f',"{between}",'.encode()
    try:
        text = f"[{separator.join(bodies).decode('ascii')}]"
        values, end = _parse(text)
        if end == len(text) and len(values) == 2 * len(bodies) - 1 and set(values[1::2]) <= {between}:
            return list(values[::2])
    except (ValueError, TypeError, RecursionError):
        # One of them at least: it is found by reading each alone.
        pass
    return list(map(_parsed, bodies))


def _parsed(body: bytes) -> Any:
    try:
        text = body.decode("ascii")
        value, end = _parse(text)
    except (ValueError, RecursionError):
        return None
    return value if end == len(text) else None


def _line(place: int, digest: str, record: Any) -> Parsed | None:
    """Parse a line of a file, if its record belongs to a journal."""
    try:
        number = record["number"]
        sound = type(number) is int and 0 < number < MOST and type(record["prev"]) is str
        if record.get("kind") == OPENED:
            sound = sound and _is_opening(record)
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
    return Parsed(place, digest, record) if sound else None


def _is_opening(record: dict[str, Any]) -> bool:
    """Return whether a file's first line says what it should."""
    counts = [record["epoch"], *record["seen"].values(), *record.get("missing", {}).values()]
    written_in = record.get("format", 1)
    return type(written_in) is int and 0 < written_in < MOST and all(type(n) is int and 0 <= n < MOST for n in counts)


def _seal(body: bytes) -> bytes:
    """Return the end of a line, with its hash, which replaces the closing bracket."""
    return _seal_of(hashlib.sha256(body).hexdigest()[:HASH_CHARACTERS])


def _seal_of(digest: str) -> bytes:
    return _SEAL.format(digest).encode()


def _is_sealed(raw: bytes) -> bool:
    return raw[-_TAIL:] == _seal(raw[:-_TAIL] + b"}")


def _noted(note: Path, problems: list[str]) -> End:
    """Read the recorded end of a file."""
    try:
        found = files.read(note, _MOST_NOTED)
    except UnsafeFileError as error:
        problems.append(str(error))
        return _NOT_KNOWN
    except FileNotFoundError:
        return _NOT_KNOWN
    except OSError as error:
        problems.append(f"{note} cannot be read: {error.strerror}.")
        return _NOT_KNOWN
    if said := _END.fullmatch(found):
        return End(int(said[1]), said[2].decode())
    # Never synced: a crash may have left no byte of it, or zeros.
    if found.strip(b"\0"):
        problems.append(
            f"{note} says {short_repr(found.decode('ascii', 'replace'))}; expected the number of lines of "
            f"events/{note.name}.jsonl and a hash. Restore it from a copy of the folder; without it nothing tells "
            "whether lines are missing at the end."
        )
    return _NOT_KNOWN


def _end_problems(file: Path, written: Written | None, end: End) -> list[str]:
    """Check a file's last line against its recorded end."""
    if written is not None and end.n_lines == written.n_lines > 0 and end.hash != written.last:
        n_lines = written.n_lines
        return [f"{file}, line {n_lines}: the line is not the one that was noted in ends, so something changed it."]
    return []


def _missing(chain: Chain, found: dict[Path, Written], noted: dict[Path, End]) -> tuple[Missing, ...]:
    """Return the ends of files that are not there, by what was noted, and by what other files say they had read."""
    folder = next(iter({**found, **noted}), Path()).parent
    known = {file.stem: end.n_lines for file, end in noted.items()}
    counted: dict[str, int] = {}
    for opening in chain.openings.values():
        for writer, n in opening.get("seen", {}).items():
            known[writer] = max(known.get(writer, 0), n)
        for writer, n in opening.get("missing", {}).items():
            counted[writer] = max(counted.get(writer, 0), n)
    here = {file.stem: written.n_lines for file, written in found.items()}
    return tuple(
        Missing(folder / f"{writer}.jsonl", here.get(writer, 0), n, counted.get(writer, 0) >= n)
        for writer, n in sorted(known.items())
        if n > here.get(writer, 0)
    )


def _broken_links(found: dict[Path, Written], followed: dict[str, str]) -> list[str]:
    """Return the lines that do not follow each other: in their own file, or, the first of a file, in another."""
    problems = []
    here = {file.stem: written.n_lines for file, written in found.items()}
    for file, written in found.items():
        place = written.broken
        if written.first != GENESIS and followed.get(written.first, file.stem) == file.stem:
            place = place if _lacks(written.opening, here) else written.places[0]
        if place:
            problems.append(f"{file}, line {place}: the line does not follow the one before it, so one is missing.")
    return problems


def _lacks(opening: dict[str, Any] | None, here: dict[str, int]) -> bool:
    """Return whether the line before a file's first one is among the lines known to be missing."""
    return opening is not None and any(n > here.get(writer, 0) for writer, n in opening["seen"].items())
