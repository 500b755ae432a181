"""The journal: events and the resulting state, stored in hash-chained, locked and verified files."""

from alwidgets.journal.copying import build
from alwidgets.journal.errors import HeldError, JournalError
from alwidgets.journal.files import Journal
from alwidgets.journal.reading import Verification, read, verify

__all__ = ["HeldError", "Journal", "JournalError", "Verification", "build", "read", "verify"]
