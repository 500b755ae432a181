"""Safe pages from HTML of unknown origin: no scripts, no external resources, no links."""

from __future__ import annotations

from typing import Any

from alwidgets.utils.text import replace_surrogates, type_name

_MOST_HTML = 200_000
_STYLE = (
    ":root{color-scheme:light}body{margin:0;padding:16px;background:#fff;color:#111;"
    "font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}img{max-width:100%}"
    "table{border-collapse:collapse}td,th{padding:4px 8px;border:1px solid #bbb}"
)
# The frame is sandboxed as well: whichever fails, the other two hold.
_HEAD = (
    '<!DOCTYPE html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" '
    "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">"
    f"<style>{_STYLE}</style>"
    # Without anything that takes the focus, a frame cannot be reached, and scrolled, by key.
    '<body tabindex="0">'
)


def frame_style() -> str:
    """Return the one stylesheet of a page, for a policy that is to allow it and no other."""
    return _STYLE


def page(source: str) -> str:
    """Return a page of cleaned HTML.

    Parameters
    ----------
    source : str
        HTML of any origin.

    Returns
    -------
    str
        For the ``srcdoc`` of a frame with an empty ``sandbox``.

    Raises
    ------
    ImportError
        If nh3 is not installed.
    TypeError, ValueError
        If it is not a str, or too long.
    """
    if not isinstance(source, str):
        raise TypeError(f"Html got {type_name(source)}; expected a str.")
    if len(source) > _MOST_HTML:
        raise ValueError(f"the HTML has {len(source):,} characters; expected at most {_MOST_HTML:,}. Show a part.")
    nh3 = _nh3()
    # A link would load its target into the frame.
    attributes = {tag: names - {"href", "cite"} for tag, names in nh3.ALLOWED_ATTRIBUTES.items()}
    cleaned: str = nh3.clean(
        replace_surrogates(source),
        attributes=attributes,
        attribute_filter=_embedded,
        url_schemes={"data"},
        link_rel=None,
    )
    return _HEAD + cleaned


def _embedded(_tag: str, attribute: str, value: str) -> str | None:
    """Leave out the addresses of images that are not in the page."""
    return None if attribute == "src" and not value.strip().lower().startswith("data:image/") else value


def _nh3() -> Any:
    try:
        import nh3
    except ImportError:
        raise ImportError('Html needs nh3 to clean it; install "alwidgets[html]".') from None
    return nh3
