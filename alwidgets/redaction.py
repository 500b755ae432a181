"""Text without what nobody should read in a journal, an error message or a widget: passwords, tokens, keys."""

from __future__ import annotations

import re

_HIDDEN = "***"
_IN_URL = re.compile(r"(?<=://)[^\s/@:]*:[^\s/@]*(?=@)")
_NAMED = re.compile(
    r"""(\b\w*(?:passw(?:or)?d|secret|token|api_?key|credential)\w*['"]?\s*[=:]\s*)('[^']*'|"[^"]*"|[^\s,;)\]}]+)""",
    re.IGNORECASE,
)


def redacted(text: str) -> str:
    """Return a text with the credentials in addresses, and the values of what is named like a secret, hidden.

    Examples
    --------
    >>> redacted("postgresql://anna:pssst@db/labels and Client(api_key='k-123', timeout=3)")
    'postgresql://***@db/labels and Client(api_key=***, timeout=3)'
    """
    return _NAMED.sub(rf"\1{_HIDDEN}", _IN_URL.sub(_HIDDEN, text))
