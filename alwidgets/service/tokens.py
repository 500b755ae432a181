"""Tokens: keys that are given to people and programs by a file or the environment, of which only hashes are there.

A line has the hash, the role and the name, with spaces between: ``sha256:3f2a... annotator ann``. The file is read
again when it has changed, so that a line which is taken out ends its token at once; a file in which a line is none
changes nothing until it is mended.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import logging
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from alwidgets.service.keys import LinkKeys
from alwidgets.service.people import ROLES, Person, Role, check_role
from alwidgets.session.validation import check_annotator
from alwidgets.utils import files
from alwidgets.utils.text import short_repr

_LOG = logging.getLogger(__name__)
_LINE = re.compile(r"sha256:([0-9a-f]{64})\s+(\S+)\s+(\S.*)")
_MOST_BYTES = 2**20
# By which a scanner for secrets knows one.
_PREFIX = "alw_"


@dataclass(frozen=True)
class BearerToken:
    """A token that is known by its hash.

    Parameters
    ----------
    hash : str
        SHA-256, in hex.
    person : Person
        Whose it is.
    place : str
        The line that says so, in words.
    """

    hash: str
    person: Person
    place: str


class BearerTokens:
    """The tokens of a file or of a text, as a variable of the environment has it.

    Parameters
    ----------
    file : Path, optional
        Where they are; read again when it changes.
    text : str
        Lines besides; there ";" ends one too.

    Raises
    ------
    ValueError
        If a line is none.
    OSError
        If the file cannot be read.
    """

    def __init__(self, file: Path | None = None, text: str = "") -> None:
        self._file = file
        self._given = tuple(read_tokens(text.replace(";", "\n"), "the environment"))
        self._stamp = None if file is None else _stamp(file)
        self._valid = self._given if file is None else (*self._given, *_read(file))

    @property
    def valid(self) -> tuple[BearerToken, ...]:
        """All tokens; the very same tuple until the file changes."""
        self._renew()
        return self._valid

    @property
    def people(self) -> tuple[Person, ...]:
        """People with a token, each once."""
        return tuple(dict.fromkeys(token.person for token in self.valid))

    def person(self, key: str) -> Person | None:
        """Return the person of a token, None for nobody's; how long that takes says nothing of the tokens."""
        found, given = None, _hash(key)
        for token in self.valid:
            if hmac.compare_digest(token.hash, given):
                found = token.person
        return found

    def _renew(self) -> None:
        """Read the file again if it is another than it was."""
        if self._file is None or (now := _stamp(self._file)) == self._stamp:
            return
        self._stamp = now
        try:
            of_file = tuple(_read(self._file))
        except FileNotFoundError:
            # Who takes it away takes all of them away.
            _LOG.error("No token of %s is valid: the file is gone.", self._file.name)
            self._valid = self._given
        except (OSError, ValueError) as error:
            why = (error.strerror if isinstance(error, OSError) else None) or error
            _LOG.error("The tokens stay as they were until %s can be read: %s", self._file.name, why)
        else:
            _LOG.info("The tokens were read again: %s.", len(of_file))
            self._valid = *self._given, *of_file


class Keyring:
    """All keys: those of links, and tokens.

    Parameters
    ----------
    links : LinkKeys
        Of the people with links.
    tokens : BearerTokens or None
        Of those with tokens.
    problem : callable
        Person -> why somebody with a token may not come in, as who is to answer and not in the team; else empty.
    """

    def __init__(self, links: LinkKeys, tokens: BearerTokens | None, problem: Callable[[Person], str]) -> None:
        self._links, self._tokens, self._problem = links, tokens, problem
        self._told: tuple[BearerToken, ...] = ()
        self._tell()

    def person(self, key: str) -> Person | None:
        """Return the person of a key, None for nobody's."""
        found = self._links.person(key)
        if found is None and self._tokens is not None:
            found = self._tokens.person(key)
            self._tell()
            if found is not None and self._problem(found):
                return None
        return found

    def _tell(self) -> None:
        """Log the tokens by which nobody comes in, each time that they were read."""
        valid = () if self._tokens is None else self._tokens.valid
        if valid is self._told:
            return
        self._told = valid
        for token in valid:
            if problem := self._problem(token.person):
                _LOG.warning(
                    "The token in %s opens nothing: %s Draw one of the role that this person has in the team, or of a "
                    "viewer, and take the line out.",
                    token.place,
                    problem,
                )


def new_token(name: str, role: Role) -> tuple[str, str]:
    """Draw a token; return it, and the line by which it is known.

    Raises
    ------
    ValueError, TypeError
        If there is no such role, or the name is none.
    """
    token = _PREFIX + secrets.token_urlsafe(32)
    return token, f"sha256:{_hash(token)} {check_role(role)} {_checked_name(name)}"


def add_line(file: Path, line: str) -> None:
    """Add the line of a token to a file, which is made if need be; one in which a line is none stays as it is.

    Raises
    ------
    ValueError
        If a line of it is none, the new one contradicts another, or it is not a regular file.
    OSError
        If it cannot be read or written.
    """
    # A secret of Kubernetes is a link to the newest one.
    where, before = file.resolve(), b""
    with contextlib.suppress(FileNotFoundError):
        before = files.read(where, _MOST_BYTES)
    gap = b"" if not before or before.endswith(b"\n") else b"\n"
    after = before + gap + f"{line}\n".encode()
    if len(after) > _MOST_BYTES:
        raise ValueError(f"{file.name} would have more than {_MOST_BYTES:,} bytes; expected less: take lines out.")
    # Whoever serves it comes to the same lines, and lets nobody else in.
    _ = tuple(_read_bytes(after, file.name))
    files.replace(where, after)


def read_tokens(text: str, where: str) -> Iterator[BearerToken]:
    """Yield the tokens of a text; empty lines and those that begin with "#" are left out.

    Raises
    ------
    ValueError
        If a line is none. What it says is not in the message: it may be a token that somebody put there.
    """
    taken: dict[str, BearerToken] = {}
    for number, line in enumerate(text.splitlines(), 1):
        words = line.strip()
        if not words or words.startswith("#"):
            continue
        found = _LINE.fullmatch(words)
        if found is None:
            raise ValueError(
                f"line {number} of {where} is not a token; expected 'sha256:<64 digits> <role> <name>', as `alwidgets "
                f"token` writes it, with a role among {list(ROLES)}."
            )
        digest, role, name = found.groups()
        try:
            person = Person(_checked_name(name), check_role(role))
        except ValueError as error:
            raise ValueError(f"line {number} of {where}: {error}") from None
        token = BearerToken(digest, person, f"line {number} of {where}")
        first = taken.setdefault(person.name.casefold(), token)
        if first.person.role != role:
            raise ValueError(
                f"{token.place} has {short_repr(name)} as {role}, and {first.place} "
                f"{short_repr(first.person.name)} as {first.person.role}; expected one role for each name: take the "
                "lines of the other role out, or choose another name."
            )
        yield token


def _checked_name(name: str) -> str:
    checked = check_annotator(name)
    if not checked or checked != checked.strip() or ";" in checked or not checked.isprintable():
        raise ValueError(f"name is {short_repr(name)}; expected one without line ends, ';' and spaces around it.")
    return checked


def _read(file: Path) -> Iterator[BearerToken]:
    # A secret of Kubernetes is a link to the newest one.
    return _read_bytes(files.read(file.resolve(), _MOST_BYTES), file.name)


def _read_bytes(content: bytes, where: str) -> Iterator[BearerToken]:
    return read_tokens(content.decode("utf-8", "replace"), where)


def _stamp(file: Path) -> tuple[int, ...] | None:
    """Return a stamp that changes when a file does; None where there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
