"""Foreign text made fit to be kept and shown: without passwords, tokens and keys, writable, and not endless."""

from __future__ import annotations

import re
import reprlib
from typing import Any

_HIDDEN = "***"
_IN_URL = re.compile(r"(?<=://)[^\s/]+(?=@)")
_WORDS = r"passw(?:or)?d|secret|token|api_?key|credential|authorization|(?:\b|_)auth(?=\b|_)"
_IS_SECRET = re.compile(
    r"(?:^|_)(?:passw(?:or)?d|secret|token|api_?key|credentials?|authorization|auth)(?:_key)?$", re.IGNORECASE
)
_NAMED = re.compile(
    rf"""(\b\w*(?:{_WORDS})\w*['"]?\s*[=:]\s*)('[^']*'|"[^"]*"|(?:(?:bearer|basic)\s+)?[^\s,;)\]}}]+)""",
    re.IGNORECASE,
)
_BEARER = re.compile(r"(\bbearer\s+)[\w.~+/=-]{8,}", re.IGNORECASE)
# Of AWS, OpenAI and its like, GitHub.
_KEY = re.compile(r"\b(?:(?:AKIA|ASIA)[A-Z0-9]{16}|sk-[\w-]{16,}|gh[opsur]_\w{16,}|github_pat_\w{16,})")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_LONGEST = 500


def redacted(text: str) -> str:
    """Return a text with the credentials in addresses, and the values of what is named like a secret, hidden.

    Examples
    --------
    >>> redacted("postgresql://anna:pssst@db/labels and Client(api_key='k-123', timeout=3)")
    'postgresql://***@db/labels and Client(api_key=***, timeout=3)'
    """
    named = _NAMED.sub(rf"\1{_HIDDEN}", _IN_URL.sub(_HIDDEN, text))
    return _KEY.sub(_HIDDEN, _BEARER.sub(rf"\1{_HIDDEN}", named))


def is_secret(name: str) -> bool:
    """Return whether a parameter is named like a secret.

    Examples
    --------
    >>> is_secret("client__api_key"), is_secret("token_pattern")
    (True, False)
    """
    return _IS_SECRET.search(name) is not None


def is_writable(text: str) -> bool:
    """Return whether a text can be written as UTF-8: half of a surrogate pair cannot."""
    return _LONE_SURROGATE.search(text) is None


def writable(text: str) -> str:
    r"""Return a text with what cannot be written as UTF-8 replaced.

    Examples
    --------
    >>> writable("caf\udce9") == "caf\ufffd"
    True
    """
    return _LONE_SURROGATE.sub("\ufffd", text)


def presentable(text: str) -> str:
    """Return text of unknown origin as it may be kept and shown: redacted, writable, at most 500 characters.

    Examples
    --------
    >>> len(presentable("x" * 10**6))
    500
    """
    # Cut before as well: what is searched for secrets is not endless either.
    clean = writable(redacted(text[: 4 * _LONGEST]))
    return clean if len(clean) <= _LONGEST else f"{clean[: _LONGEST - 3]}..."


def brief(value: Any) -> str:
    """Return the repr of a value, shortened in all its parts.

    Examples
    --------
    >>> brief(["x" * 10**6] * 100)[:12], len(brief(["x" * 10**6] * 100)) < 500
    ("['xxxxxxxxxx", True)
    """
    return _BRIEF.repr(value)


class _Brief(reprlib.Repr):
    """Of whole numbers with so many digits that Python writes none, it says so."""

    def repr_int(self, x: int, level: int) -> str:
        try:
            return super().repr_int(x, level)
        except ValueError:
            return f"a whole number of {x.bit_length()} bits"


_BRIEF = _Brief()
_BRIEF.maxstring = _BRIEF.maxother = 60
