"""Sanitizing of foreign text: secrets hidden, encodable, of bounded length."""

from __future__ import annotations

import math
import re
import reprlib
from collections import Counter
from typing import Any

_HIDDEN = "***"
_IN_URL = re.compile(r"(?<=://)[^\s/]+(?=@)")
# Names of secrets: those that mean one within a longer name too, and those that are all of it or a part between "_".
_WITHIN = (
    r"passw(?:or)?d|passphrase|passcode|secret|token|(?:api|private|access|account)[_-]?key|credential|authorization|"
    r"connection[_-]?string|oauth"
)
_PARTS = r"auth|bearer|creds|dsn|pass|pat|pw|pwd|session[_-]?id|sig"
# "token_pattern" is not one: of a parameter the secret ends its name.
_IS_SECRET = re.compile(rf"(?:^|[_-])(?:(?:{_WITHIN})s?|{_PARTS}|cookies?)(?:_key)?$", re.IGNORECASE)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NAME = rf"(?:\w*(?:{_WITHIN})\w*|(?:\w*_)?(?:{_PARTS})(?:_\w*)?|(?-i:[a-z]\w*(?:Pass|Pat|Pwd|Sig|Auth|SessionId)))"
_NAMED = re.compile(
    rf"""(\b{_NAME}['"]?\s*[=:]\s*)"""
    r"""('[^']*'|"[^"]*"|\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}|(?:(?:bearer|basic)\s+)?[^\s,;)\]}]+)""",
    re.IGNORECASE,
)
# A name and its value, side by side.
_PAIRED = re.compile(rf"""([(\[]\s*(['"]){_NAME}\2\s*,\s*)('[^']*'|"[^"]*")(?=\s*[)\]])""", re.IGNORECASE)
# All of a line: a cookie has several parts.
_COOKIE = re.compile(r"""(\b(?:set-)?cookies?['"]?\s*[=:]\s*)('[^']*'|"[^"]*"|[^'"\n]+)""", re.IGNORECASE)
_BLOCK = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)", re.DOTALL)
_BEARER = re.compile(r"(\bbearer\s+)[\w.~+/=-]{8,}", re.IGNORECASE)
# Of AWS, OpenAI and its like, Stripe, GitHub, GitLab, Hugging Face, Slack, Google, PyPI and npm; signed tokens (JWT).
_KEY = re.compile(
    r"\b(?:(?:AKIA|ASIA)[A-Z0-9]{16}|sk-[\w-]{16,}|[rs]k_(?:live|test)_\w{8,}|gh[opsur]_\w{16,}|github_pat_\w{16,}|glpat-[\w-]{16,}|hf_\w{16,}|"
    r"xox[a-z]-[\w-]{10,}|AIza[\w-]{30,}|pypi-[\w-]{32,}|npm_\w{32,}|eyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]*)"
)
# What has no name and no mark, and is as disordered as drawn letters and digits: no word and no hash in hex is.
_DRAWN = re.compile(r"(?<![\w+=-])[\w+=-]{20,200}(?![\w+=-])", re.ASCII)
_WORD = re.compile(r"[a-z]{8}|[A-Z]{8}")
_ENTROPY = 0.88
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_LONGEST = 500
_PAIR = 2


def redacted(text: str) -> str:
    """Return a text with the credentials in addresses, and the values of what is named like a secret, hidden.

    Examples
    --------
    >>> redacted("postgresql://anna:pssst@db/labels and Client(api_key='k-123', timeout=3)")
    'postgresql://***@db/labels and Client(api_key=***, timeout=3)'
    """
    named = _IN_URL.sub(_HIDDEN, _BLOCK.sub(_HIDDEN, text))
    for pattern in (_COOKIE, _PAIRED, _NAMED, _BEARER):
        named = pattern.sub(rf"\1{_HIDDEN}", named)
    return _DRAWN.sub(_hidden_if_drawn, _KEY.sub(_HIDDEN, named))


def is_secret(name: str) -> bool:
    """Return whether a parameter is named like a secret.

    Examples
    --------
    >>> is_secret("client__api_key"), is_secret("awsSecretAccessKey"), is_secret("token_pattern")
    (True, True, False)
    """
    return _IS_SECRET.search(_HUMP.sub("_", name)) is not None


def holds_secret(value: Any, name: str = "", deepest: int = 8) -> bool:
    """Return whether a value, or anything in it, is named or looks like a secret.

    Examples
    --------
    >>> holds_secret({"headers": [{"X-API-Key": "k-123"}]}), holds_secret({"headers": ["utf-8"], "token": None})
    (True, False)
    """
    if isinstance(value, bytes):
        value = value.decode("ascii", "replace")
    if isinstance(value, str):
        return bool(value) and (is_secret(name) or redacted(value) != value)
    if deepest == 0:
        return False
    if isinstance(value, list | tuple | set | frozenset):
        if isinstance(value, list | tuple) and len(value) == _PAIR and isinstance(value[0], str):
            return holds_secret(value[0], name, deepest - 1) or holds_secret(
                value[1], _name_in(value[0], name), deepest - 1
            )
        return any(holds_secret(each, name, deepest - 1) for each in value)
    inside = value if isinstance(value, dict) else getattr(value, "__dict__", {})
    if isinstance(value, type) or not isinstance(inside, dict):
        return False
    return any(holds_secret(each, _name_in(key, name), deepest - 1) for key, each in inside.items())


def _name_in(key: Any, name: str) -> str:
    # What is in a secret is one, whatever it is called there.
    return name if is_secret(name) else str(key)


def _hidden_if_drawn(found: re.Match[str]) -> str:
    text = found.group()
    n_digits, n_upper = sum(map(str.isdigit, text)), sum(map(str.isupper, text))
    if min(n_digits, n_upper, len(text) - n_digits - n_upper) < 3 or _WORD.search(text):  # noqa: PLR2004 - chance has more
        return text
    entropy = -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values())
    return _HIDDEN if entropy >= _ENTROPY * math.log2(min(len(text), 62)) else text


def is_writable(text: str) -> bool:
    """Return whether a text can be written as UTF-8: half of a surrogate pair cannot."""
    return _LONE_SURROGATE.search(text) is None


def replace_surrogates(text: str) -> str:
    r"""Return a text with what cannot be written as UTF-8 replaced.

    Examples
    --------
    >>> replace_surrogates("caf\udce9") == "caf\ufffd"
    True
    """
    return _LONE_SURROGATE.sub("\ufffd", text)


def sanitize(text: str) -> str:
    """Return text of unknown origin as it may be kept and shown: redacted, writable, at most 500 characters.

    Examples
    --------
    >>> len(sanitize("x" * 10**6))
    500
    """
    # Cut before as well: what is searched for secrets is not endless either.
    clean = replace_surrogates(redacted(text[: 4 * _LONGEST]))
    return clean if len(clean) <= _LONGEST else f"{clean[: _LONGEST - 3]}..."


def words(error: BaseException) -> str:
    """Return an exception's message; safe for exceptions whose `__str__` fails.

    Examples
    --------
    >>> words(ValueError("too few samples"))
    'too few samples'
    """
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - whatever a user's exception raises
        return "its message cannot be read"


def short_repr(value: Any) -> str:
    """Return the repr of a value, shortened in all its parts.

    Examples
    --------
    >>> short_repr(["x" * 10**6] * 100)[:12], len(short_repr(["x" * 10**6] * 100)) < 500
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
