"""Serving a session: a page knows sessions, and a session the name of the page only."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

if TYPE_CHECKING:
    import alwidgets
    from alwidgets.session.session import Session


class Serving(TypedDict, total=False):
    """Keywords of `Page`."""

    experts: Iterable[str] | None
    viewers: Iterable[str]
    port: int
    host: str
    address: str | None
    new_links: bool
    tokens: str | Path | None
    ml_backend: bool


def serve(self: Session, annotators: Iterable[str] | None = None, **options: Unpack[Serving]) -> alwidgets.Page:
    """Serve the labeler to people's browsers, a link each, without Jupyter, and an API beside it.

    Parameters
    ----------
    annotators : iterable of str, optional
        Who labels; default the team, or for a session of one person, that person.
    **options
        Others with links, where to listen, and whether Label Studio may ask the model: experts, viewers, port, host,
        address, new_links, tokens, ml_backend, as `Page` has them.

    Returns
    -------
    page : Page
        Has the `links`; it ends with `close`, with the session, or with the process.
    """
    # As it knows no widget: the package, which is there wherever the class was imported from, has the page.
    import alwidgets

    return alwidgets.Page(self, annotators, **options)
