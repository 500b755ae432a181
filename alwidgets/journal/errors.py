"""Errors of journals."""

from __future__ import annotations


class JournalError(ValueError):
    """A journal that cannot be used; the message tells the line and the reason."""


class HeldError(OSError):
    """Another kernel holds the session, so nothing can be written; the message tells which one."""
