"""QR codes of links, for people who open a page on their phone."""

from __future__ import annotations


def qr_code(text: str) -> str:
    """Draw a text as a QR code, dark on light, which every phone reads.

    Parameters
    ----------
    text : str
        What a phone is to read: a link.

    Returns
    -------
    svg : str
        An SVG element without a size of its own.

    Raises
    ------
    ImportError
        If segno is not installed.
    """
    try:
        import segno
    except ImportError:
        raise ImportError('QR codes need segno; install "alwidgets[page]".') from None
    code = segno.make_qr(text, error="m")
    return str(code.svg_inline(border=4, omitsize=True, dark="#000", light="#fff", svgclass=None, lineclass=None))
