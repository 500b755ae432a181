"""Tokens: keys that are given to people and programs by a file or the environment, of which only hashes are there.

A line has the hash, the role and the name, with spaces between: ``sha256:3f2a... annotator ann``. The file is read
again when it has changed, so that a line which is taken out ends its token at once.
"""

from __future__ import annotations

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
    """

    hash: str
    person: Person


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
        self._given = list(read_tokens(text.replace(";", "\n"), "the environment"))
        self._stamp = None if file is None else _stamp(file)
        self._of_file = [] if file is None else list(_read(file))

    @property
    def people(self) -> tuple[Person, ...]:
        """People with a token, each once."""
        self._renew()
        return tuple(dict.fromkeys(token.person for token in (*self._given, *self._of_file)))

    def person(self, key: str) -> Person | None:
        """Return the person of a token, None for nobody's; how long that takes says nothing of the tokens."""
        self._renew()
        found, given = None, _hash(key)
        for token in (*self._given, *self._of_file):
            if hmac.compare_digest(token.hash, given):
                found = token.person
        return found

    def _renew(self) -> None:
        """Read the file again if it is another than it was; nobody comes in by one that cannot be read."""
        if self._file is None or (now := _stamp(self._file)) == self._stamp:
            return
        self._stamp = now
        try:
            self._of_file = list(_read(self._file))
        except (OSError, ValueError, files.UnsafeFileError) as error:
            _LOG.error("No token of the file is valid until it is mended: %s", error)
            self._of_file = []
        else:
            _LOG.info("The tokens were read again: %s.", len(self._of_file))


class Keyring:
    """All keys: those of links, and tokens.

    Parameters
    ----------
    links : LinkKeys
        Of the people with links.
    tokens : BearerTokens or None
        Of those with tokens.
    fits : callable
        Person -> bool: whether somebody with a token may come in; who is not in a team may not.
    """

    def __init__(self, links: LinkKeys, tokens: BearerTokens | None, fits: Callable[[Person], bool]) -> None:
        self._links, self._tokens, self._fits = links, tokens, fits

    def person(self, key: str) -> Person | None:
        """Return the person of a key, None for nobody's."""
        found = self._links.person(key)
        if found is None and self._tokens is not None:
            found = self._tokens.person(key)
            if found is not None and not self._fits(found):
                return None
        return found


def new_token(name: str, role: Role) -> tuple[str, str]:
    """Draw a token; return it, and the line by which it is known.

    Raises
    ------
    ValueError, TypeError
        If there is no such role, or the name is none.
    """
    token = _PREFIX + secrets.token_urlsafe(32)
    return token, f"sha256:{_hash(token)} {check_role(role)} {_checked_name(name)}"


def read_tokens(text: str, where: str) -> Iterator[BearerToken]:
    """Yield the tokens of a text; empty lines and those that begin with "#" are left out.

    Raises
    ------
    ValueError
        If a line is none. What it says is not in the message: it may be a token that somebody put there.
    """
    taken: dict[str, str] = {}
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
        if taken.setdefault(person.name.casefold(), role) != role:
            raise ValueError(f"line {number} of {where}: {short_repr(name)} has two roles; expected one.")
        yield BearerToken(digest, person)


def _checked_name(name: str) -> str:
    checked = check_annotator(name)
    if not checked or checked != checked.strip() or ";" in checked or not checked.isprintable():
        raise ValueError(f"name is {short_repr(name)}; expected one without line ends, ';' and spaces around it.")
    return checked


def _read(file: Path) -> Iterator[BearerToken]:
    return read_tokens(
        # A secret of Kubernetes is a link to the newest one.
        files.read(file.resolve(), _MOST_BYTES).decode("utf-8", "replace"),
        file.name,
    )


def _stamp(file: Path) -> tuple[int, ...] | None:
    """Return a stamp that changes when a file does; None where there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
