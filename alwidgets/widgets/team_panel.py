"""A team at work: people, agreement, gold and disputes, live."""

from __future__ import annotations

from typing import TYPE_CHECKING

import traitlets

from alwidgets.views.fronts import TEAM_PANEL
from alwidgets.views.team import TeamView
from alwidgets.widgets.session_control import SessionControl

if TYPE_CHECKING:
    from alwidgets.session import Session
    from alwidgets.types import Renderer


class TeamPanel(SessionControl):
    """Show who of a team works on what, how fast and how well, how they agree, and what they dispute. It blocks nobody.

    The figures are those of `Session.team` and `Session.disputed`; they are worked out while somebody looks at them,
    and what is saved with a notebook has none. What can be done in it is `Session.team.weigh` and
    `Session.team.ask_again`, and `Session.settle`; each can be undone there.

    Parameters
    ----------
    session : Session
        The session of the team; of one without a team the panel says so.
    threshold : float, optional
        Least share of right answers that is good enough, above 0 and at most 1: of who is surely below it, on gold or
        without gold by the others, words say so. None says it of nobody.
    render : callable, optional
        item -> what to show of what is disputed; default the session's `render`.
    annotator : str, optional
        Who looks: changes are recorded in this name. Default the session's annotator.

    Raises
    ------
    TypeError, ValueError
        If it is not a session, or the threshold not such a share.

    Examples
    --------
    >>> import numpy as np
    >>> import alwidgets as alw
    >>> from sklearn.naive_bayes import GaussianNB
    >>> team = alw.Team(["ann", "bob"])
    >>> session = alw.Session(np.eye(4), classes=["ham", "spam"], learner=GaussianNB(), team=team)
    >>> panel = alw.TeamPanel(session)
    >>> panel.close()
    """

    _esm = TEAM_PANEL.script
    _css = TEAM_PANEL.style
    # No trait holds a name, a label or what somebody is worth: a saved notebook leaks none.
    _changes = traitlets.Int().tag(sync=True)

    view: TeamView

    def __init__(
        self,
        session: Session,
        *,
        threshold: float | None = 0.8,
        render: Renderer | None = None,
        annotator: str | None = None,
    ) -> None:
        super().__init__(
            TeamView(session, self._tell, self._follow, threshold=threshold, render=render, annotator=annotator)
        )

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until what was asked for is told; return False when the timeout (seconds) ran out first."""
        return self.view.wait(timeout)
