"""Keys of links: each person's follows from a secret of the session, and only its hash is compared.

The secret of a session with a journal is kept, so that links go on to work when the kernel is restarted. It lies in
the home of whoever runs the session, readable for that person alone, and not in the journal's folder, which others may
read.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import os
import secrets
import stat
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alwidgets.service.people import Person
from alwidgets.utils import files

_BYTES = 32
# Of sessions that are nowhere else, as long as this process lives: of the addresses that belong to nobody.
_IN_MEMORY: dict[str, Secret] = {}
_MOST_BYTES = 1000


@dataclass(frozen=True)
class Secret:
    """The origin of the keys of a session, and the port at which its page was last.

    Parameters
    ----------
    value : bytes
        Drawn at random.
    port : int
        0 when it was at none.
    file : Path or None
        Where it is kept; None in memory.
    problem : str
        Why it is not kept; empty when it is, or is not to be.
    """

    value: bytes
    port: int = 0
    file: Path | None = None
    problem: str = ""


class LinkKeys:
    """The keys of some people.

    Parameters
    ----------
    secret : bytes
        What they follow from.
    session_id : str
        For which session.
    people : sequence of Person
        Who has one.
    """

    def __init__(self, secret: bytes, session_id: str, people: Sequence[Person]) -> None:
        self._secret = secret
        self._session_id = session_id
        self._hashes = [(_hash(self.of(person)), person) for person in people]

    def of(self, person: Person) -> str:
        """Return a person's key, of 43 letters, digits, "-" and "_"; another role has another one."""
        return _key_of(self._secret, [self._session_id, person.role, person.name])

    def person(self, key: str) -> Person | None:
        """Return the person who has a key, None for nobody's; how long that takes says nothing of the keys."""
        found, given = None, _hash(key)
        for known, person in self._hashes:
            if hmac.compare_digest(known, given):
                found = person
        return found


def secret_of(session_id: str, *, kept: bool, new: bool = False) -> Secret:
    """Return the secret of a session, the one from before if there is one.

    Parameters
    ----------
    session_id : str
        Which session.
    kept : bool
        Whether it is to be there again after a restart; otherwise as long as this process lives, or until `forget`.
    new : bool
        Draw another one: all links that were given before end.
    """
    fresh = secrets.token_bytes(_BYTES)
    if not kept:
        return _IN_MEMORY.setdefault(session_id, Secret(fresh))
    try:
        file = _folder() / f"{hashlib.sha256(session_id.encode()).hexdigest()[:32]}.json"
        before = _read(file)
        if before is not None and not new:
            return before
        return keep(session_id, Secret(fresh, 0 if before is None else before.port, file))
    except (OSError, RuntimeError, files.UnsafeFileError) as error:
        return Secret(fresh, problem=f"{type(error).__name__}: {error}")


def address_key(session_id: str, purpose: str, *, kept: bool) -> str:
    """Return the key of an address that belongs to nobody, of 43 letters, digits, "-" and "_"; links end with it."""
    secret = secret_of(session_id, kept=kept)
    if secret.problem:
        # What could not be written down is kept as long as this process lives.
        secret = secret_of(session_id, kept=False)
    return _key_of(secret.value, [session_id, purpose])


def forget(session_id: str) -> None:
    """Have a session that is only in memory get other addresses."""
    _IN_MEMORY.pop(session_id, None)


def _key_of(secret: bytes, words: list[str]) -> str:
    return base64.urlsafe_b64encode(hmac.digest(secret, json.dumps(words).encode(), "sha256")).rstrip(b"=").decode()


def keep(session_id: str, secret: Secret) -> Secret:
    """Write a secret down for the next start, where it has a place for that; otherwise keep it in memory."""
    if secret.file is None:
        _IN_MEMORY[session_id] = secret
    else:
        content = json.dumps({"secret": secret.value.hex(), "port": secret.port}).encode()
        # One that others could read is not given its old permissions.
        with contextlib.suppress(FileNotFoundError):
            secret.file.unlink()
        files.replace(secret.file, content, mode=0o600)
    return secret


def _read(file: Path) -> Secret | None:
    """Return a secret that was kept; None where there is none, or others than its owner may have read it."""
    try:
        found = file.lstat()
    except FileNotFoundError:
        return None
    if os.name != "nt" and (stat.S_IMODE(found.st_mode) & 0o077 or found.st_uid != os.getuid()):
        return None
    try:
        content: Any = json.loads(files.read(file, _MOST_BYTES))
        value, port = bytes.fromhex(content["secret"]), content["port"]
    except (ValueError, TypeError, KeyError):
        return None
    known = len(value) == _BYTES and isinstance(port, int) and 0 <= port < 2**16
    return Secret(value, port, file) if known else None


def _folder() -> Path:
    """Return the folder of secrets in this person's home, which nobody else may read."""
    if os.name == "nt":
        home = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        home = Path.home() / "Library" / "Application Support"
    else:
        home = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    folder = home / "alwidgets" / "pages"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
