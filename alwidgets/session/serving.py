"""Serving and showing a session: pages and widgets know sessions, and a session their names only.

The package, which is there wherever the class was imported from, has what is named.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

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
    policy: alwidgets.Policy | None


def serve(self: Session, annotators: Iterable[str] | None = None, **options: Unpack[Serving]) -> alwidgets.Page:
    """Serve the labeler to people's browsers, a link each, without Jupyter, and an API beside it.

    Parameters
    ----------
    annotators : iterable of str, optional
        Who labels; default the team, or for a session of one person, that person. Without a team each sample is before
        one of them, and gets one answer; `team` has several people answer it.
    **options
        Others with links, where to listen, whether Label Studio may ask the model, and when to retrain: experts,
        viewers, port, host, address, new_links, tokens, ml_backend, policy, as `Page` has them.

    Returns
    -------
    page : Page
        Has the `links`; it ends with `close`, with the session, or with the process.
    """
    import alwidgets

    return alwidgets.Page(self, annotators, **options)


def to_jupyter(self: Session, **kwargs: Any) -> Any:
    """Return the workbench as Jupyter displays it."""
    import alwidgets

    return alwidgets.Workbench.of(self)._repr_mimebundle_(**kwargs)


def to_marimo(self: Session) -> Any:
    """Return the workbench as marimo displays it."""
    import alwidgets

    return alwidgets.Workbench.of(self)._display_()
