"""doccano: JSON Lines; a zip of them, a file a user, of a project that is not collaborative; CSV, joined with `#`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from alwidgets.io.documents import Document
from alwidgets.io.formats.format import Export, first
from alwidgets.io.records import AnswerRecord, classes_in, identified
from alwidgets.types import Class
from alwidgets.utils.text import short_repr

_LABELS = ("label", "labels", "cats")
_OWN = (
    "id", "label", "labels", "cats", "Comments", "comments", "username", "annotations", "annotation_approver", "meta",
)  # fmt: skip


def is_doccano(document: Document) -> bool:
    """Return whether a document is an export of a classification project, other than CSV, which many tools write."""
    row = first(document)
    listed = isinstance(row.get("label", row.get("labels", row.get("annotations"))), list)
    shown = not row.keys().isdisjoint(("text", "data", "filename", "Comments"))
    return document.kind in ("json", "jsonl", "zip") and listed and shown and "id" in row


def read(row: dict[str, Any], document: Document) -> Iterator[AnswerRecord]:
    """Yield the answer in a row; none where there is no label yet."""
    labels = next((row[name] for name in _LABELS if name in row), None)
    if row.get("annotations") and labels is None:
        raise ValueError(
            f"annotations is {short_repr(row['annotations'])}, which has the numbers of labels, and the file does not "
            "have their names. Export it as JSON Lines with the texts of labels."
        )
    if labels is None and "annotations" in row:
        return
    if labels is None:
        raise ValueError(f"it has {sorted(row)}; expected a label.")
    if isinstance(labels, str) and document.kind == "csv":
        labels = labels.split("#") if labels else []
    answer = _classes(labels)
    if not answer:
        return
    comments = row.get("Comments") or row.get("comments") or []
    user = row.get("username")
    yield AnswerRecord(
        **identified(shown(row)),
        answer=answer,
        annotator=None if user in (None, "", "all") else str(user),
        source="doccano",
        note=comments if isinstance(comments, str) else "\n".join(map(str, comments)),
        id=str(row.get("alw_event") or ""),
    )


def shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of a row, and our id of its sample."""
    return {name: value for name, value in row.items() if name not in _OWN}


def _classes(labels: Any) -> tuple[Class, ...]:
    if isinstance(labels, list) and any(isinstance(each, list) for each in labels):
        raise ValueError(f"label is {short_repr(labels)}, which are spans; expected classes.")
    return classes_in(labels)


def write(export: Export) -> bytes:
    """Return one line a sample with a label."""
    lines = []
    for number, (record, fields) in enumerate(zip(export.records, export.fields, strict=True), 1):
        row = {
            "id": number, **(fields or {"text": record.sample}), "label": list(map(str, record.answer or ())),
            "Comments": [record.note] if record.note else [], "alw_id": record.sample,
        }  # fmt: skip
        lines.append(json.dumps(row | ({"alw_event": record.id} if record.id else {})) + "\n")
    return "".join(lines).encode("ascii")
