"""Safe text: of bounded length, without characters that hide or reorder other text."""

from __future__ import annotations

import re

from alwidgets.utils.text import replace_surrogates

MOST_TEXT = 200_000
# Turned, hidden or moved by these: what comes after them on the page, too. Marks of direction and joiners are not such
# signs, and belong to how Arabic, Hebrew, Hindi and emoji are written.
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
_LINE_ENDS = re.compile("\r\n|\u2028|\u2029")
_LAST_BYTE = 0xFF


def visible(text: str) -> str:
    r"""Return a text with every control character written as Python would.

    Parameters
    ----------
    text : str
        Of any origin.

    Returns
    -------
    str
        Writable as UTF-8; line breaks and tabs as they were.

    Examples
    --------
    >>> visible("bell\x07, turned \u202eback")
    'bell\\x07, turned \\u202eback'
    """
    return _INVISIBLE.sub(_sign, _LINE_ENDS.sub("\n", replace_surrogates(text)))


def cut(text: str, most: int = MOST_TEXT, before: str = " ") -> str:
    """Truncate a text, and say how much is left out.

    Examples
    --------
    >>> cut("abcdef", most=2)
    'ab [4 more characters are not shown]'
    """
    left = len(text) - most
    return text if left <= 0 else f"{text[:most]}{before}[{left:,} more characters are not shown]"


def _sign(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code <= _LAST_BYTE else f"\\u{code:04x}"
