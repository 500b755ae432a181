"""The journal: events and the resulting state, stored in hash-chained, locked and verified files."""

from alwidgets.journal.files import HeldError, Journal, JournalError, Verification, build, read, verify

__all__ = ["HeldError", "Journal", "JournalError", "Verification", "build", "read", "verify"]
