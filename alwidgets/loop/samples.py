"""Detection of samples that are modified while a session is open."""

from __future__ import annotations

from alwidgets.loop.setup import Setup


class Samples:
    """Check whether pool and test set are unchanged since the session was made.

    Parameters
    ----------
    setup : Setup
        What the session was given.
    """

    def __init__(self, setup: Setup) -> None:
        self._sketches = setup.sketches
        #: That samples are others than they were; empty when not.
        self.written_to = ""

    def look(self, setup: Setup) -> None:
        """Check them once more, at the cost of a sketch of some of their rows."""
        now = setup.sketches
        if now == self._sketches:
            self.written_to = ""
            return
        name = "X" if now[0] != self._sketches[0] else "X_test"
        # A journal knows its pool, and no test set.
        journal = ", and a journal will not open with them" if name == "X" else ""
        self.written_to = (
            f"{name} was written to since the session was made: models now see other samples than those that were "
            f"labeled and scored before{journal}. Undo that, or begin a new session with a copy of the samples."
        )
