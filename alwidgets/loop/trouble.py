"""Errors of the loop other than those of a fit, in words, until they are over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alwidgets.utils.errors import format_error

if TYPE_CHECKING:
    from alwidgets.journal.log import EventLog


class Trouble:
    """Errors of the loop that are not those of a fit.

    That nothing could be saved is over with the next event that is saved, all else with the next cycle that succeeds.

    Parameters
    ----------
    log : EventLog
        What is saved.
    """

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._of_work = self._of_disk = ""
        self._full_at = -1

    @property
    def text(self) -> str:
        """The last error that is not over; empty if there is none."""
        return self._of_work or (self._of_disk if self._full_at == self._log.state.n_events else "")

    def say(self, text: str) -> None:
        """Say what went wrong, or nothing where all goes on."""
        self._of_work = text

    def tell(self, error: BaseException, what: str) -> None:
        """Say what failed to be done, and with which error."""
        self.say(format_error(error, what))

    def tell_of_saving(self, error: BaseException, what: str) -> None:
        """Say it, if it was for the disk, until something is saved."""
        if isinstance(error, OSError):
            self._of_disk, self._full_at = format_error(error, what), self._log.state.n_events
        else:
            self.tell(error, what)
