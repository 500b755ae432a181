"""The journal: events and the state they amount to, kept in files that are chained, locked and checked."""

from alwidgets.journal.files import HeldError, Journal, JournalError, Verification, build, read, verify

__all__ = ["HeldError", "Journal", "JournalError", "Verification", "build", "read", "verify"]
