"""Many numbers in JSON, read and written at once: `json` and a look at each of them take ten times as long."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from alwidgets.service.shapes import MOST_SAMPLES


def read(body: bytes) -> Any:
    """Return a body of samples that are lists of numbers; None for any other, and without msgspec.

    Any other body is left to the reader of all bodies, which says where it is wrong.

    Examples
    --------
    >>> read(b'{"samples": [["a text"]]}') is None
    True
    """
    decoder = _decoder()
    if decoder is None:
        return None
    import msgspec

    try:
        samples = decoder.decode(body).samples
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return {"samples": samples} if all(samples) and 0 < len(samples) <= MOST_SAMPLES else None


def written(content: Any) -> bytes:
    """Return finite numbers and texts as JSON."""
    try:
        import msgspec
    except ImportError:
        return json.dumps(content, allow_nan=False, separators=(",", ":"), ensure_ascii=False).encode()
    return msgspec.json.encode(content)


@cache
def _decoder() -> Any:
    try:
        import msgspec
    except ImportError:
        return None
    fields = [("samples", list[list[float | None]])]
    return msgspec.json.Decoder(msgspec.defstruct("Samples", fields, forbid_unknown_fields=True))
