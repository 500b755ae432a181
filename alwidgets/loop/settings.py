"""Budget and stopping rule, as they were given and as they were adjusted since."""

from __future__ import annotations

import contextlib
from typing import Any

from alwidgets.journal.log import EventLog
from alwidgets.stopping import Budget, Rule
from alwidgets.stopping.settings import named_changes, settings_of, with_settings


class LoopSettings:
    """The current budget and rule.

    Parameters
    ----------
    budget : Budget
        The most to spend, as given.
    rule : Rule
        When to advise to stop, as given.
    log : EventLog
        What was adjusted.
    """

    def __init__(self, budget: Budget, rule: Rule, log: EventLog) -> None:
        self._given = budget, rule
        self._log = log
        self.budget, self.rule = budget, rule
        self.readjust()

    def check_changes(self, settings: dict[str, Any]) -> dict[str, Any]:
        """Validate settings and return those that change as name -> (given, set). Under the lock."""
        changes = named_changes(settings)
        with_settings(self.budget, self.rule, changes)
        given, now = settings_of(*self._given), settings_of(self.budget, self.rule)
        return {name: [given[name], value] for name, value in changes.items() if value != now[name]}

    def readjust(self) -> None:
        """Take the settings as they were adjusted; one that the session is now made otherwise with is as given."""
        given = settings_of(*self._given)
        adjusted = self._log.state.adjusted.items()
        changes = {name: value for name, (was, value) in adjusted if name in given and given[name] == was}
        self.budget, self.rule = self._given
        # All at once, since some need each other. What an earlier session could be set to may be refused by this one:
        # each setting alone then, and those refused are as given.
        for some in (changes, *({name: value} for name, value in changes.items())):
            with contextlib.suppress(ValueError, TypeError):
                self.budget, self.rule = with_settings(self.budget, self.rule, some)
