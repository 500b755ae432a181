"""Identity of a session: ``session.json`` and its validation."""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path
from typing import Any

from alwidgets.journal import formats
from alwidgets.journal import lock as locks
from alwidgets.journal.chain import HASH_CHARACTERS
from alwidgets.journal.decode import is_shallow
from alwidgets.journal.errors import JournalError
from alwidgets.journal.lines import MOST
from alwidgets.utils import files
from alwidgets.utils.text import short_repr

#: Number of the present default settings of a session: how it asks unless it is told. It keeps those it began with.
#: 1: the cold start is "k_means". 2: it is "mixed". 3: who seeks a class asks nothing uncertain.
DEFAULTS = 3
# Of `session.json`, which may name many classes.
_MOST_BYTES = 2**26


def n_samples_of(identity: dict[str, Any]) -> int:
    """Return the number of rows that the pool of a session began with."""
    shape: list[int] = identity["pool"]["shape"]
    return shape[0]


def n_rows_begun(folder: Path | None) -> int | None:
    """Return the number of rows that the pool of a journal began with; None where there is none, or none is known."""
    try:
        return (
            n_samples_of(stored_identity(folder)) if folder is not None and (folder / "session.json").exists() else None
        )
    except JournalError:
        # It is told when it is opened.
        return None


def defaults_of(folder: Path | None) -> int:
    """Return the number of the default settings that a session began with; the present one without a journal."""
    try:
        stored = stored_identity(folder) if folder is not None and (folder / "session.json").exists() else {}
    except JournalError:
        # It is told when it is opened.
        return DEFAULTS
    return int(stored.get("defaults", DEFAULTS))


def no_journal(folder: Path) -> str:
    """Return the error message for a folder that is not a journal."""
    return f"{folder} is not a journal: session.json is missing; expected a folder that alwidgets made."


def stored_identity(folder: Path) -> dict[str, Any]:
    """Read ``session.json``, and check that this version of alwidgets supports its format."""
    stored = whole_identity(folder)
    stored.pop("hash", None)
    stored.setdefault("defaults", 1)
    if stored["format"] > formats.FORMAT:
        raise JournalError(newer(folder, stored["format"]))
    return stored


def whole_identity(folder: Path) -> dict[str, Any]:
    """Read ``session.json``, including its hash if it has one, and check that it is unchanged since it was written."""
    file = folder / "session.json"
    try:
        stored = _parsed(file)
        newer = stored["format"] > formats.FORMAT
        why = "" if newer else _wrong(stored)
    except (ValueError, LookupError, TypeError) as error:
        raise JournalError(_damaged(file, f"{type(error).__name__}: {error}")) from None
    if why:
        raise JournalError(_damaged(file, why))
    seal = stored.get("hash")
    # Files of the first versions have no hash, and those of a later format may have another.
    if seal is not None and not newer and seal != _seal({name: stored[name] for name in stored if name != "hash"}):
        raise JournalError(_damaged(file, "it does not match its hash, so something changed it"))
    return stored


def _parsed(file: Path) -> dict[str, Any]:
    """Return the object that a small file holds, if it is one that may have been written here."""
    try:
        stored = json.loads(files.read(file, _MOST_BYTES))
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not isinstance(stored, dict) or not is_shallow(stored):
        raise TypeError(f"expected an object, nested a few levels, and found {short_repr(stored)}")
    return stored


def _wrong(stored: dict[str, Any]) -> str:
    """Describe the invalid fields of ``session.json``."""
    pool, classes, origin = stored["pool"], stored["classes"], stored.get("branched_from")
    shape = pool.get("shape") if isinstance(pool, dict) else None
    sound = {
        "format": type(stored["format"]) is int and stored["format"] > 0,
        "session": isinstance(stored["session"], str),
        "random_state": type(stored["random_state"]) is int and stored["random_state"] >= 0,
        "pool": isinstance(shape, list)
        and bool(shape)
        and all(type(n) is int and 0 <= n < MOST for n in shape)
        and all(isinstance(pool.get(name), str) for name in ("kind", "content")),
        "classes": isinstance(classes, list)
        and all(type(label) in (str, int, float, bool) for label in classes)
        and len(set(map(json.dumps, classes))) == len(classes),
        "defaults": type(stored.get("defaults", 1)) is int and stored.get("defaults", 1) > 0,
        "features": stored.get("features") in (None, "labels", "pool"),
        "created": type(stored.get("created", 0.0)) in (int, float) and 0 <= stored.get("created", 0.0) < math.inf,
        "branched_from": origin is None
        or (
            isinstance(origin, dict)
            and isinstance(origin.get("session"), str)
            and type(origin.get("round")) is int
            and 0 <= origin["round"] < MOST
        ),
    }
    return ", ".join(name for name, is_sound in sound.items() if not is_sound)


def write_identity(file: Path, identity: dict[str, Any]) -> None:
    """Write ``session.json``, whole."""
    files.replace(file, _sealed_identity(identity))


def create_identity(file: Path, identity: dict[str, Any]) -> None:
    """Make ``session.json`` unless another just did."""
    try:
        locks.create(file, _sealed_identity(identity))
    except OSError:
        # Files have no second name here: of two that make it at once, the second replaces that of the first.
        if not file.exists():
            write_identity(file, identity)
    files.sync_folder(file.parent)


def _sealed_identity(identity: dict[str, Any]) -> bytes:
    return json.dumps({**identity, "hash": _seal(identity)}, indent=1).encode()


def _seal(identity: dict[str, Any]) -> str:
    """Return the hash of what ``session.json`` says."""
    content = json.dumps(identity, sort_keys=True, separators=(",", ":")).encode()
    return hashlib.sha256(content).hexdigest()[:HASH_CHARACTERS]


def _damaged(file: Path, what: str) -> str:
    return f"{file} is damaged ({what}); restore it from a copy of the folder."


def newer(what: Path | str, written_in: int) -> str:
    """Return the error message for a journal, or a file, of a newer format."""
    return f"{what} has format {written_in}; this alwidgets reads up to {formats.FORMAT}. Upgrade alwidgets."


def check_same(path: Path, stored: dict[str, Any], identity: dict[str, Any]) -> None:
    """Raise JournalError where a journal was made for another session than this one."""
    for key, value in identity.items():
        # As text, because in Python 1, 1.0 and True are equal.
        if json.dumps(stored.get(key), sort_keys=True) == json.dumps(value, sort_keys=True):
            continue
        if key == "classes" and begins_with(value, stored.get(key)):
            continue
        if key == "pool":
            was, now = stored[key], value
            differs = [part for part in value if was.get(part) != now[part]]
            detail = "; ".join(f"{part} {was.get(part)!r} then, {now[part]!r} now" for part in differs)
            if differs == ["content"]:
                detail += "; other samples, or the same ones written to since, as by X *= 2"
        else:
            detail = f"{stored.get(key)!r} then, {value!r} now"
        raise JournalError(
            f"{path} was made for another session: {key} differs ({detail}). Pass what it was made with, or another "
            "journal name."
        )


def begins_with(classes: Any, known: Any) -> bool:
    """Return whether classes are the known ones and more, which were added."""
    return isinstance(known, list) and json.dumps(classes[: len(known)]) == json.dumps(known)
