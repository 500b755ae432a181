"""Messages on the way between a page and its session: JSON, or bytes where there are binary parts.

With binary parts a message begins with the length of its JSON, four bytes, little-endian; then the JSON, an object with
the message and the length of each part; then the parts.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

#: Header of a key: it goes into no address, which servers on the way write into their logs.
KEY_HEADER = "X-Alwidgets-Key"
#: First of the protocols that a page offers; the ticket is the second.
PROTOCOL = "alwidgets"


def packed(message: Any, buffers: Sequence[bytes] = ()) -> str | bytes:
    """Return a message as it is sent.

    Raises
    ------
    ValueError
        If it holds a number that JSON has not.
    """
    if not buffers:
        return json.dumps(message, allow_nan=False, separators=(",", ":"))
    parts = [bytes(buffer) for buffer in buffers]
    head = json.dumps({"message": message, "lengths": list(map(len, parts))}, allow_nan=False).encode()
    return b"".join([len(head).to_bytes(4, "little"), head, *parts])


def unpacked(data: str | bytes) -> tuple[Any, list[bytes]]:
    """Return a message that came, and its binary parts.

    Raises
    ------
    ValueError
        If it is not a message.
    """
    try:
        if isinstance(data, str):
            return json.loads(data), []
        start = 4 + int.from_bytes(data[:4], "little")
        head = json.loads(data[4:start])
        buffers = []
        message = head["message"]
        for length in map(int, head["lengths"]):
            buffers.append(data[start : start + length])
            start += max(0, length)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ValueError(f"a message cannot be read: {error}") from None
    if start != len(data):
        raise ValueError(f"a message has {len(data)} bytes; expected {start}.")
    return message, buffers
