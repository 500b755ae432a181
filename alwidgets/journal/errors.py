"""What can be wrong with a journal."""

from __future__ import annotations


class JournalError(ValueError):
    """A journal that cannot be used as it is; the message says which line and why."""


class HeldError(OSError):
    """Another kernel holds the session, so nothing can be written; the message says which."""
