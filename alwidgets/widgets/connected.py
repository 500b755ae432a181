"""The labeling card of a session that another kernel has, over the service of its page."""

from __future__ import annotations

import threading
import warnings
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from alwidgets.service.link import Link
from alwidgets.views.fronts import LABELER
from alwidgets.widgets.labeler import CardTraits
from alwidgets.widgets.session_view import close_layout

if TYPE_CHECKING:
    from alwidgets.service.client import Connection

# A link is connected once a kernel, however often its cell is run.
_OPEN: dict[Link, ConnectedLabeler] = {}
_LOCK = threading.Lock()


def connect(link: str) -> ConnectedLabeler:
    """Label in a session that another kernel serves: the labeling card of whose link it is.

    The card is that of `Labeler`, and what is done in it is done on that person's page: answers, skips, undo, flags and
    notes, in that person's name. This kernel needs neither the samples nor the model.

    An answer waits in this kernel, and in the browser, until it is in the session's journal. It has an id and counts
    once, however often it is sent. When the network or the other kernel is gone, the card says so and how many answers
    wait, goes on with the questions that it has, and connects again by itself.

    Parameters
    ----------
    link : str
        Of `Session.serve`, for an annotator or an expert. Through jupyter-server-proxy, with ``&token=`` and the token
        of that server behind it. A cell is saved with what it says: ask for the link with `getpass.getpass`.

    Returns
    -------
    labeler : ConnectedLabeler
        Shown by a notebook; the same again, while it is open, for the same link.

    Raises
    ------
    TypeError, ValueError
        If the link is none, lets nobody in, is of somebody who labels nothing, or its session is closed.
    ConnectionError
        If nobody answers at its address.
    ImportError
        If tornado is not installed, which comes with ipykernel.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.naive_bayes import GaussianNB
    >>> import alwidgets as alw
    >>> session = alw.Session(np.eye(8), classes=["ham", "spam"], learner=GaussianNB())
    >>> page = session.serve(["ann"])
    >>> labeler = connect(page.links["ann"])  # in another kernel
    >>> labeler.name, labeler.connected
    ('ann', True)
    >>> labeler.close()
    >>> page.close()
    """
    known = Link.of(link)
    with _LOCK:
        before = _OPEN.get(known)
    if before is not None:
        before.wake()
        return before
    try:
        from alwidgets.service.client import Connection, RefusedError
    except ImportError:
        raise ImportError('connect() needs tornado; install "alwidgets[page]".') from None
    connection = Connection(known, "labeler")
    try:
        connection.open()
    except RefusedError as error:
        raise ValueError(f"cannot connect to {known.address}: {error}") from None
    except ConnectionError as error:
        raise ConnectionError(
            f"cannot connect to {known.address}: {error}. Is the session served, and is that address reached from "
            "this machine?"
        ) from None
    labeler = ConnectedLabeler(connection)
    with _LOCK:
        _OPEN[known] = labeler
    return labeler


class ConnectedLabeler(CardTraits, anywidget.AnyWidget):
    """The labeling card of one person in a session elsewhere, as `connect` gives it.

    Parameters
    ----------
    connection : Connection
        That has its state.
    """

    _esm = LABELER.script
    _css = LABELER.style
    _session = traitlets.Dict().tag(sync=True)
    _stale = traitlets.Unicode().tag(sync=True)
    # The kinds of changes that this person may make.
    _may = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        super().__init__(**self._shown())
        self.on_msg(self._receive)
        connection.follow(self._take, self._tell)

    @property
    def name(self) -> str:
        """Name of whoever labels here."""
        return self._connection.name

    @property
    def connected(self) -> bool:
        """True while the session is reached."""
        return not self._connection.problem

    @property
    def n_waiting(self) -> int:
        """Number of answers and other changes that are not acknowledged."""
        return self._connection.n_waiting

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until all answers are acknowledged; return False when the timeout (seconds) ran out first."""
        return self._connection.wait(timeout)

    def wake(self) -> None:
        """Try to connect at once, where it would be tried a little later."""
        self._connection.wake()

    def close(self) -> None:
        """Take the card off the notebook and leave the session: what is before this person is for others."""
        with _LOCK:
            is_open = _OPEN.get(self._connection.link) is self
            if is_open:
                del _OPEN[self._connection.link]
        self._connection.close()
        if is_open and self.n_waiting:
            warnings.warn(
                f"{self._connection.waiting} could not be sent. The browser that gave them keeps them: connect again "
                "there to send them.",
                RuntimeWarning,
                stacklevel=2,
            )
        close_layout(self)
        super().close()

    def __repr__(self) -> str:
        connection = self._connection
        state = "connected" if self.connected else "not connected"
        waiting = f", {self._connection.waiting} not acknowledged" if self.n_waiting else ""
        return f"ConnectedLabeler({connection.name!r}, {connection.role}, {connection.link.address}, {state}{waiting})"

    def _shown(self) -> dict[str, Any]:
        """Return the traits, and in the line that says why they may be old, that there is no connection."""
        state = self._connection.state
        known = {name: value for name, value in state.items() if name in CardTraits.class_trait_names()}
        stale = self._connection.in_words() or state.get("_stale", "")
        return {**known, "_session": state.get("_session", {}), "_may": state.get("_may", []), "_stale": stale}

    def _take(self) -> None:
        with self.hold_sync():
            for name, value in self._shown().items():
                setattr(self, name, value)

    def _tell(self, message: Any, buffers: list[bytes]) -> None:
        self.send(message, buffers)

    def _receive(self, _widget: Any, content: Any, buffers: Any) -> None:
        self._connection.say(content, [bytes(buffer) for buffer in buffers])
