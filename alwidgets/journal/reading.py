"""A journal that is read and checked, and neither held nor changed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alwidgets.data.label_kinds import kind_of_labels
from alwidgets.journal import formats
from alwidgets.journal import lock as locks
from alwidgets.journal.chain import Chain, read_chain
from alwidgets.journal.counting import branch_of, check_one_line, counted_of, heads_of, records_of, stretches_of
from alwidgets.journal.decode import RecordError, gc_paused
from alwidgets.journal.errors import JournalError
from alwidgets.journal.fold import fold_stretches
from alwidgets.journal.identity import n_samples_of, newer, no_journal, stored_identity, whole_identity
from alwidgets.journal.lines import Lines
from alwidgets.journal.state import State
from alwidgets.utils import files
from alwidgets.utils.files import UnsafeFileError

_ADVICE = (
    "The lines before it are sound; restore the file from a copy, and keep this one until then: its sound lines hold "
    "labels."
)
FOREIGN = "A journal has none; take the folder from where it was made with `cp -r`, links and all left out."
# Where they may be in a journal; what else lies in it is nobody's business.
_FOLDERS = (("events", "*.jsonl"), ("ends", "*"), ("models", "*.skops"), ("features", "*.npz"))
# Beyond that the state of a session takes gigabytes, whether or not there is such a pool.
MOST_FOLDED = 2**24


@dataclass(frozen=True)
class Verification:
    """Results of `verify`.

    Parameters
    ----------
    n_events : int
        Sound events.
    problems : tuple of str
        What was changed, dropped or swapped, with file and line; empty when all is sound.
    torn : tuple of str
        Writes that a crash cut off, which were never acknowledged; opening the session removes them.
    fenced : int
        Events that a kernel wrote after the session was taken over from it: kept, and not counted.
    """

    n_events: int
    problems: tuple[str, ...]
    torn: tuple[str, ...]
    fenced: int

    @property
    def sound(self) -> bool:
        """True if nothing was changed."""
        return not self.problems


def verify(path: str | Path) -> Verification:
    """Check a journal without changing it: every line's hash, that each follows the one before, and the ends.

    Parameters
    ----------
    path : str or Path
        The folder of a session.

    Returns
    -------
    verification : Verification
        O(bytes of the journal).

    Raises
    ------
    JournalError
        If the folder does not hold a session.
    """
    folder = _folder(path)
    problems = []
    try:
        check_files(folder)
        identity = whole_identity(folder)
        if identity["format"] > formats.FORMAT:
            problems.append(newer(folder, identity["format"]))
        elif "hash" not in identity:
            problems.append(f"{folder / 'session.json'} has no hash, so nothing tells whether something changed it.")
    except JournalError as error:
        problems.append(str(error))
    with gc_paused():
        chain = read_chain(folder / "events")
        problems.extend((*chain.problems, *(str(part) for part in chain.missing if not part.acknowledged)))
        counted, fenced = counted_of(chain)
        if not problems:
            try:
                check_one_line(folder, chain)
                _check_events(identity, counted, chain)
            except JournalError as error:
                problems.append(str(error))
    torn = tuple(f"{cut.file}: {cut.n_bytes} bytes after its last line" for cut in chain.torn)
    return Verification(len(counted), tuple(problems), torn, len(fenced))


def read(path: str | Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Read a journal without holding or changing it.

    Parameters
    ----------
    path : str or Path
        The folder of a session.

    Returns
    -------
    identity : dict
        What makes the session this one: fingerprint of the pool, classes, seed.
    records : list of dict
        The events that count, oldest first.

    Raises
    ------
    JournalError
        If the folder does not hold a session, is damaged, or was written by a newer alwidgets.
    """
    folder, identity, chain = _sound(path)
    check_one_line(folder, chain)
    counted = counted_of(chain)[0]
    _check_events(identity, counted, chain)
    return identity, records_of(counted, chain)


def branches(path: str | Path) -> tuple[dict[str, Any], list[list[dict[str, Any]]]]:
    """Read a journal in which kernels may have gone on from the same lines without knowing of each other.

    Parameters
    ----------
    path : str or Path
        The folder of a session.

    Returns
    -------
    identity : dict
        What makes the session this one.
    records : list of list of dict
        The events as each of these kernels knows them, oldest first; the kernel of the latest epoch comes first.

    Raises
    ------
    JournalError
        As `read`.
    """
    _, identity, chain = _sound(path)
    heads = heads_of(chain)
    lines = [branch_of(chain, head) for head in heads] if heads else [counted_of(chain)[0]]
    return identity, [records_of(each, chain) for each in lines]


def _sound(path: str | Path) -> tuple[Path, dict[str, Any], Chain]:
    """Return the folder of a journal, its identity and its lines; raise JournalError where they are not sound."""
    folder = _folder(path)
    check_files(folder)
    return folder, stored_identity(folder), sound_chain(folder / "events")


def check_files(folder: Path) -> None:
    """Look at what lies where a journal has its files: regular files only, in folders of their own.

    Raises
    ------
    JournalError
        If something else does, such as a link, which may lead anywhere, or a pipe, which may never end.
    """
    if not folder.is_dir():
        return
    try:
        files.check_file(folder / "session.json")
        for name, pattern in _FOLDERS:
            files.check_folder(folder / name)
            for file in (folder / name).glob(pattern):
                if not file.name.startswith("."):
                    files.check_file(file)
        files.check_folder(folder / "holder")
        for file in (folder / "holder").glob("*.json"):
            locks.check(file)
    except UnsafeFileError as error:
        raise JournalError(f"{error} {FOREIGN}") from None


def _folder(path: str | Path) -> Path:
    folder = Path(path).expanduser().resolve()
    if not os.path.lexists(folder / "session.json"):
        raise JournalError(no_journal(folder))
    return folder


def _check_events(identity: dict[str, Any], counted: Lines, chain: Chain) -> None:
    """Fold the events, as a session does that is opened; raise JournalError with file and line of a wrong one."""
    found = list(stretches_of(counted, chain))
    n_samples = n_samples_of(identity)
    if n_samples > MOST_FOLDED:
        return
    # The kind of task is not kept: a list of classes tells.
    kind = kind_of_labels(label for stretch in found for label in stretch.values("label"))
    try:
        fold_stretches(found, State(n_samples, tuple(identity["classes"]), kind))
    except RecordError as error:
        raise JournalError(f"{place(counted, error.place)}: {error}") from None


def place(lines: Lines, number: int) -> str:
    """Return file and line of an event."""
    file, line = lines.place_of(number)
    return f"{file}, line {line}"


def sound_chain(events: Path) -> Chain:
    """Read the files of events; raise JournalError if one was changed."""
    chain = read_chain(events)
    if chain.problems:
        raise JournalError(f"{chain.problems[0]} {_ADVICE}")
    return chain
