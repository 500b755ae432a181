"""Content-Security-Policy of a page."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from functools import cache

from alwidgets.renderers.pages import frame_style


@cache
def policy() -> str:
    """Return the Content-Security-Policy of a page: only its own files, and nothing that is put into it runs.

    A sample of HTML lies in a sandboxed frame that inherits this, so the one stylesheet which that has is named.
    """
    style = b64encode(hashlib.sha256(frame_style().encode()).digest()).decode()
    return (
        "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' blob: data:; media-src blob: data:; "
        f"style-src 'self' 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
