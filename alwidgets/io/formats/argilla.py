"""Argilla 2: records as `to_dict` has them, in JSON or JSON Lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from alwidgets.io.documents import Document
from alwidgets.io.formats.format import Export, first
from alwidgets.io.records import AnswerRecord, classes_in, identified, moment, seconds_in
from alwidgets.types import Class
from alwidgets.utils.text import short_repr

_NOTES = ("note", "comment", "comments")


def is_argilla(document: Document) -> bool:
    """Return whether a document has records of Argilla."""
    row = first(document)
    return isinstance(row.get("fields"), dict) and ("responses" in row or "suggestions" in row)


def read(row: dict[str, Any], _: Document) -> Iterator[AnswerRecord]:
    """Yield the answers to a record, one a user; a record that was discarded without any is a skip."""
    responses, metadata = row.get("responses") or {}, row.get("metadata") or {}
    question = _question(responses)
    own = identified(row["fields"] | {name: metadata[name] for name in ("alw_id",) if name in metadata}, row.get("id"))
    notes = [response for name in _NOTES for response in responses.get(name, ())]
    discarded = row.get("status") == "discarded"
    answers = responses.get(question, ()) if question else ()
    for response in answers or ([{"value": None}] if discarded else []):
        user, value = response.get("user_id"), response["value"]
        annotator = metadata.get("alw_annotator", None if value is None or "alw_event" in metadata else user)
        said = [str(note["value"]) for note in notes if user is None or note.get("user_id") == user]
        flag = metadata.get("alw_flag")
        yield AnswerRecord(
            **own,
            answer=() if value is None else classes_in(value),
            annotator=None if annotator is None else str(annotator),
            when=moment(metadata.get("alw_when")),
            seconds=seconds_in(metadata.get("alw_seconds")),
            source="argilla",
            note="\n".join(said),
            flag=flag if isinstance(flag, str) else None,
            cancelled=discarded,
            suggested=_suggested((row.get("suggestions") or {}).get(question or "label")),
            id=str(metadata.get("alw_event") or ""),
        )


def _question(responses: Mapping[str, Any]) -> str | None:
    names = [name for name in responses if name not in _NOTES]
    if "label" in names:
        return "label"
    if len(names) > 1:
        raise ValueError(f"responses has the questions {names}; expected one, or one that is called 'label'.")
    return names[0] if names else None


def _suggested(suggestion: Any) -> tuple[Class, ...] | None:
    if suggestion is None:
        return None
    if not isinstance(suggestion, Mapping) or "value" not in suggestion:
        raise ValueError(f"a suggestion is {short_repr(suggestion)}; expected an object with a value.")
    return classes_in(suggestion["value"])


def write(export: Export) -> bytes:
    """Return a list of records."""
    rows = []
    for record, fields in zip(export.records, export.fields, strict=True):
        metadata = {
            "alw_when": record.when, "alw_seconds": record.seconds, "alw_flag": record.flag,
            "alw_annotator": record.annotator,
        }  # fmt: skip
        known = {name: value for name, value in metadata.items() if value is not None}
        # A user there has a UUID, and no response is without a user or a value.
        user = {"user_id": str(uuid5(NAMESPACE_URL, f"alwidgets:{record.annotator or ''}"))}
        responses: dict[str, Any] = {}
        if not record.cancelled:
            responses["label"] = [{"value": _value(export, record.answer), **user}]
        if record.note:
            responses["note"] = [{"value": record.note, **user}]
        suggestion = {"value": _value(export, record.suggested), "score": None, "agent": None}
        rows.append(
            {
                "id": record.sample,
                "fields": dict(fields) or {"text": record.sample},
                "metadata": {"alw_id": record.sample, "alw_event": record.id} | known,
                "suggestions": {} if record.suggested is None else {"label": suggestion},
                "responses": responses,
                "status": "discarded" if record.cancelled else "completed",
            }
        )
    return json.dumps(rows, indent=1).encode("ascii")


def _value(export: Export, answer: tuple[Class, ...] | None) -> Any:
    names = list(map(str, answer or ()))
    return names if export.kind == "multi" else next(iter(names), None)
