"""Sanitizing of foreign text: secrets hidden, encodable, of bounded length."""

from __future__ import annotations

import functools
import inspect
import re
import reprlib
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

_HIDDEN = "***"
_IN_URL = re.compile(r"(?<=://)[^\s/]+(?=@)")
# Names of secrets: those that mean one within a longer name too, and those that are all of it or a part between "_".
_WITHIN = (
    r"passw(?:or)?d|passphrase|passcode|secret|token|credential|authorization|oauth|connection[_-]?string|"
    # A key of this sort, or of these services; "sort_key" and "primary_key" are not.
    r"(?:api|private|access|account|signing|encryption|hmac|master|ssh|gpg|license|deploy|webhook|shared|admin|service|"
    r"openai|anthropic|cohere|mistral|hf|hugging_?face|wandb|aws|azure|gcp|google|stripe|twilio|sendgrid)[_-]?key"
)
_PARTS = r"auth|bearer|creds|dsn|pass|pat|pw|pwd|session[_-]?id|sig"
# Only at the end of a name: "pin_memory" is not one.
_ENDS = r"(?:pin|conn[_-]?str)"
# "token_pattern" is not one: of a parameter the secret ends its name.
_IS_SECRET = re.compile(rf"(?:^|[_-])(?:(?:{_WITHIN})s?|{_PARTS}|cookies?|{_ENDS})(?:_key)?$", re.IGNORECASE)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NAME = (
    rf"(?:\w*(?:{_WITHIN})\w*|(?:\w*_)?(?:(?:{_PARTS})(?:_\w*)?|{_ENDS})|"
    r"(?-i:[a-z]\w*(?:Pass|Pat|Pwd|Sig|Auth|SessionId)))"
)
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
# "basic" is a word too: what follows it has to be in base64.
_BEARER = re.compile(
    r"(\bbearer\s+|\bbasic\s+(?=[\w+/]{8,}={1,2}(?!\w)|(?-i:[a-z+/]*[\dA-Z][a-z+/]*[\dA-Z])[\w+/]{6}))[\w.~+/=-]{8,}",
    re.IGNORECASE,
)
# Of AWS, OpenAI and its like, Stripe, GitHub, GitLab, Hugging Face, Slack, Google, PyPI, npm, Telegram, Vault,
# DigitalOcean, Databricks, Mailgun, Shopify and Twilio; signed tokens (JWT).
_KEY = re.compile(
    r"\b(?:(?:AKIA|ASIA)[A-Z0-9]{16}|sk-[\w-]{16,}|[rs]k_(?:live|test)_\w{8,}|gh[opsur]_\w{16,}|github_pat_\w{16,}|glpat-[\w-]{16,}|hf_\w{16,}|"
    r"xox[a-z]-[\w-]{10,}|AIza[\w-]{30,}|pypi-[\w-]{32,}|npm_\w{32,}|\d{6,12}:[\w-]{30,}|"
    r"hooks\.slack\.com/services/[\w/]+|hv[bsr]\.[\w-]{20,}|do[opr]_v1_\w{40,}|dapi[\da-f]{32}|key-[\da-f]{32}|"
    r"shp(?:at|ca|pa|ss)_\w{32}|SK[\da-f]{32}|eyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]*)"
)
# What has no name and no mark, and changes as often as drawn letters and digits between small letters, capitals and
# digits: no name of a class or a file does, and no hash in hex has as many letters.
_DRAWN = re.compile(
    # AWS draws "/" as well, which parts most others from a path.
    r"(?<![\w+=-])[\w+=-]{20,200}(?![\w+=-])|(?<![\w+=/.-])[\w+/]{40}(?![\w+=/.-])",
    re.ASCII,
)
_NOT_ALNUM = re.compile(r"[\W_]+")
_CHANGE = re.compile(r"(?<=[a-z])[A-Z\d]|(?<=[A-Z])[a-z\d]|(?<=\d)[a-zA-Z]")
_LEAST_CHANGES, _LEAST_CHANGES_WITHOUT_CAPITALS = 0.38, 0.25
_MOST_SIGNS = 0.15
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


def holds_secret(value: Any, name: str = "") -> bool:
    """Return whether a value, or anything in it at any depth, is named or looks like a secret.

    Read are containers, attributes, columns, and arrays of texts or objects; functions are not read.

    Examples
    --------
    >>> holds_secret({"headers": [{"X-API-Key": "k-123"}]}), holds_secret({"headers": ["utf-8"], "token": None})
    (True, False)
    """
    todo, met = [(value, name)], dict[tuple[int, bool], Any]()
    while todo:
        each, name = todo.pop()
        if isinstance(each, bytes):
            each = each.decode("ascii", "replace")
        if isinstance(each, str):
            if each and (is_secret(name) or redacted(each) != each):
                return True
            continue
        key = id(each), is_secret(name)
        if key not in met:
            # Kept, so that nothing else gets its address meanwhile.
            met[key] = each
            todo += _parts(each, name)
    return False


def _parts(value: Any, name: str) -> Iterator[tuple[Any, str]]:
    """Yield the parts of a value, each with the name that it goes by."""
    if isinstance(value, type) or inspect.isroutine(value):
        return
    if isinstance(value, Mapping) or hasattr(value, "columns"):
        # A DataFrame has its columns by name, as a dict has its values.
        yield from ((each, _name_in(key, name)) for key, each in value.items())
    elif hasattr(value, "to_numpy") or isinstance(value, np.ndarray):
        values = np.asarray(value)
        if values.dtype.kind in "OSU":
            yield from ((each, name) for each in values.ravel().tolist())
    elif isinstance(value, list | tuple) and len(value) == _PAIR and isinstance(value[0], str):
        yield from ((value[0], name), (value[1], _name_in(value[0], name)))
    elif isinstance(value, list | tuple | set | frozenset):
        yield from ((each, name) for each in value)
    else:
        if isinstance(value, functools.partial):
            yield from ((each, name) for each in (value.args, value.keywords))
        slots = [getattr(each, "__slots__", ()) for each in type(value).__mro__]
        kept = {key: getattr(value, key, None) for each in slots for key in ([each] if isinstance(each, str) else each)}
        yield from ((each, _name_in(key, name)) for key, each in {**kept, **getattr(value, "__dict__", {})}.items())


def _name_in(key: Any, name: str) -> str:
    # What is in a secret is one, whatever it is called there.
    return name if is_secret(name) else str(key)


def _hidden_if_drawn(found: re.Match[str]) -> str:
    text = _NOT_ALNUM.sub("", found.group())
    n, n_digits, n_upper = len(text), sum(map(str.isdigit, text)), sum(map(str.isupper, text))
    if n < (1 - _MOST_SIGNS) * len(found.group().rstrip("=")):
        return found.group()
    changes = len(_CHANGE.findall(text)) / max(1, n - 1)
    if min(n_upper, n - n_upper - n_digits) >= 2:  # noqa: PLR2004 - chance has more
        return _HIDDEN if n_digits and changes >= _LEAST_CHANGES else found.group()
    # Small letters and digits alone are hex, if the letters are few.
    beyond = sum(letter > "f" for letter in text.lower() if letter.isalpha())
    is_drawn = not n_upper and n >= 24 and min(n_digits, beyond) >= 4 and changes >= _LEAST_CHANGES_WITHOUT_CAPITALS  # noqa: PLR2004
    return _HIDDEN if is_drawn else found.group()


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


def short_json(value: Any) -> str:
    """Return the repr of a value that came as JSON, as `short_repr` does, with its null, true and false.

    Examples
    --------
    >>> short_json([None, True, "x"])
    "[null, true, 'x']"
    """
    return _BRIEF_JSON.repr(value)


def type_name(value: Any) -> str:
    """Return the type of a value with its article, for an error.

    Examples
    --------
    >>> type_name(3), type_name("x"), type_name(np.eye(2)), type_name(None)
    ('an int', 'a str', 'an ndarray', 'None')
    """
    name = type(value).__name__
    if value is None:
        return "None"
    return f"{'an' if name[0] in 'aeiouAEIO' or name.startswith('nd') else 'a'} {name}"


class _Brief(reprlib.Repr):
    """Of whole numbers with so many digits that Python writes none, it says so."""

    def repr_int(self, x: int, level: int) -> str:
        try:
            return super().repr_int(x, level)
        except ValueError:
            return f"a whole number of {x.bit_length()} bits"


class _BriefJson(_Brief):
    """Of values that came as JSON."""

    def repr_bool(self, x: bool, _level: int) -> str:
        return "true" if x else "false"

    def repr_NoneType(self, _x: None, _level: int) -> str:
        return "null"


_BRIEF, _BRIEF_JSON = _Brief(), _BriefJson()
for _each in (_BRIEF, _BRIEF_JSON):
    _each.maxstring = _each.maxother = 60


def name_key(name: str) -> str:
    """Return the same text for names that a person reads as the same one: in case, spaces and ways to write characters.

    Examples
    --------
    >>> name_key("Zoe\u0308  B") == name_key("ZO\u00cb B")
    True
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    # Characters that are not seen, as those that join others or turn their direction.
    seen = "".join(each for each in folded if unicodedata.category(each) != "Cf")
    return " ".join(seen.split())


def counted(n: int, noun: str) -> str:
    """Name a number of things: one of them in the singular, more with an s.

    Examples
    --------
    >>> counted(1, "answer"), counted(2000, "answer")
    ('1 answer', '2,000 answers')
    """
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
