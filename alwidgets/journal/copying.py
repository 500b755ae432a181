"""Journals made of the events of others."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path
from typing import Any

from alwidgets.journal.files import Journal
from alwidgets.journal.reading import check_files
from alwidgets.utils import files


def build(path: Path, identity: dict[str, Any], records: list[dict[str, Any]]) -> None:
    """Create a journal with these events and without an owner; completely or not at all."""
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        made = Journal(part, identity)
        try:
            if records:
                made.append(*records)
        finally:
            made.close()
        shutil.rmtree(part / "holder")
        part.rename(path)
        files.sync_folder(path.parent)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def copy_journal(path: Path, target: Path) -> None:
    """Copy a journal's identity and events, and nothing else that lies in its folder, to one that does not exist.

    Raises
    ------
    JournalError
        If there are links, pipes or the like among its files.
    """
    check_files(path)
    target.mkdir()
    # Another kernel may write meanwhile: a file may have more lines than are noted, never fewer.
    for name, pattern in (("ends", "*"), ("events", "*.jsonl")):
        if (path / name).is_dir():
            (target / name).mkdir()
            for file in (path / name).glob(pattern):
                if not file.name.startswith("."):
                    files.copy(file, target / name / file.name)
    files.copy(path / "session.json", target / "session.json")
