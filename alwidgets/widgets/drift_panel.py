"""Drift of a pool that grows: what moved, what is predicted, how the model errs, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import traitlets

from alwidgets.views.drift import DriftView
from alwidgets.views.fronts import DRIFT_PANEL
from alwidgets.widgets.session_control import SessionControl

if TYPE_CHECKING:
    from alwidgets.session import Session


class DriftPanel(SessionControl):
    """Show whether a part of the pool is otherwise than the parts before it, and what to do about it.

    The last check, which columns moved, the classes predicted before and now, the errors on audit answers by part, one
    sentence of advice with a button that does it, and every alarm so far. The check is `Session.drift`: it runs in the
    background while somebody looks, when samples or answers came, and no annotator waits for it. The button is
    `Session.ask_audit`.

    Parameters
    ----------
    session : Session
        The session of the pool; where the pool has not grown the panel says so.
    level : float
        How often the samples, and how often the errors, may be an alarm when nothing moved; above 0 and below 1.
    annotator : str, optional
        Who looks: changes are recorded in this name. Default the session's annotator.

    Raises
    ------
    TypeError, ValueError
        If it is not a session, or the level not such a share.

    Examples
    --------
    >>> import numpy as np
    >>> import alwidgets as alw
    >>> from sklearn.naive_bayes import GaussianNB
    >>> X = np.random.default_rng(0).normal(size=(200, 2))
    >>> session = alw.Session(X, classes=["ham", "spam"], learner=GaussianNB())
    >>> _ = session.extend(X + 1, source="monday")
    >>> panel = alw.DriftPanel(session)
    >>> panel.close()
    """

    _esm = DRIFT_PANEL.script
    _css = DRIFT_PANEL.style
    # No trait holds what was found: it is asked for, and saved in no notebook.
    _changes = traitlets.Int().tag(sync=True)

    view: DriftView

    def __init__(self, session: Session, *, level: float = 0.05, annotator: str | None = None) -> None:
        super().__init__(DriftView(session, self._tell, self._follow, level=level, annotator=annotator))

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until what was asked for is told; return False when the timeout (seconds) ran out first."""
        return self.view.wait(timeout)
