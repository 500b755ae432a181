"""Content-Security-Policy of what is served."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from functools import cache

from alwidgets.renderers.pages import frame_style
from alwidgets.views.plotly_js import plotly_styles

#: Of what is not a page.
NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@cache
def policy() -> str:
    """Return the Content-Security-Policy of a page: only its own files, and nothing that is put into it runs.

    A sample of HTML lies in a sandboxed frame that inherits this, so the one stylesheet which that has is named; and so
    are those which plotly.js puts into the page.
    """
    digests = [hashlib.sha256(style.encode()).digest() for style in (frame_style(), *plotly_styles())]
    styles = " ".join(f"'sha256-{b64encode(digest).decode()}'" for digest in digests)
    return (
        "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' blob: data:; media-src blob: data:; "
        f"style-src 'self' {styles}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
