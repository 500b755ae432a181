"""QR codes of links, for people who open a page on their phone."""

from __future__ import annotations

from io import BytesIO


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
    drawn = BytesIO()
    segno.make_qr(text, error="m").save(
        drawn, kind="svg", xmldecl=False, svgclass=None, lineclass=None, omitsize=True, dark="#000", light="#fff"
    )
    return drawn.getvalue().decode()
