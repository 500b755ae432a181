"""Our own tables of labels: CSV, JSON Lines and parquet, as `write_labels` writes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from alwidgets.io.documents import Document
from alwidgets.io.formats.format import first
from alwidgets.io.frames import LABEL_COLUMNS
from alwidgets.io.records import AnswerRecord, classes_in, moment, seconds_in


def is_own(document: Document) -> bool:
    """Return whether a document has the columns of `Session.labels`."""
    return set(LABEL_COLUMNS) <= {*document.columns, *first(document)}


def read(row: dict[str, Any], _: Document) -> Iterator[AnswerRecord]:
    """Yield the answer in a row."""
    at, suggested = row["at"], row["suggested"]
    yield AnswerRecord(
        sample=str(row["sample"]),
        answer=classes_in(row["label"]),
        annotator=row["annotator"],
        when=moment(at.isoformat() if hasattr(at, "isoformat") else at),
        seconds=seconds_in(row["seconds"]),
        source="alwidgets",
        note=row["note"] or "",
        flag=row["flag"],
        suggested=None if suggested is None else classes_in(suggested),
    )
