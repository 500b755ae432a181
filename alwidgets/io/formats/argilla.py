"""Argilla 2: records as `to_dict` has them, in JSON or JSON Lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

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
    """Yield the answers to a record, one a user."""
    responses, metadata = row.get("responses") or {}, row.get("metadata") or {}
    question = _question(responses)
    own = identified(row["fields"] | {name: metadata[name] for name in ("alw_id",) if name in metadata}, row.get("id"))
    notes = {
        response.get("user_id"): str(response["value"])
        for name in _NOTES
        for response in responses.get(name, ())
    }  # fmt: skip
    flag = metadata.get("alw_flag")
    suggestion = (row.get("suggestions") or {}).get(question)
    answers = responses.get(question, ()) if question else ()
    for response in answers:
        user = metadata.get("alw_annotator") or response.get("user_id")
        value = response["value"]
        yield AnswerRecord(
            **own,
            answer=() if value is None else classes_in(value),
            annotator=None if user is None else str(user),
            when=moment(metadata.get("alw_when")),
            seconds=seconds_in(metadata.get("alw_seconds")),
            source="argilla",
            note=notes.get(response.get("user_id"), ""),
            flag=flag if isinstance(flag, str) else None,
            cancelled=response.get("status", row.get("status")) == "discarded",
            suggested=_suggested(suggestion),
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
            "alw_event": record.id or None, "alw_when": record.when, "alw_seconds": record.seconds,
            "alw_flag": record.flag,
        }  # fmt: skip
        known = {name: value for name, value in metadata.items() if value is not None}
        user = {"user_id": record.annotator}
        responses = {"label": [{"value": _value(export, record.answer), **user}]}
        if record.note:
            responses["note"] = [{"value": record.note, **user}]
        suggestion = {"value": _value(export, record.suggested), "score": None, "agent": None}
        rows.append(
            {
                "id": record.sample,
                "fields": dict(fields) or {"text": record.sample},
                "metadata": {"alw_id": record.sample} | known,
                "suggestions": {} if record.suggested is None else {"label": suggestion},
                "responses": responses,
                "status": "discarded" if record.cancelled else "completed",
            }
        )
    return json.dumps(rows, indent=1).encode("ascii")


def _value(export: Export, answer: tuple[Class, ...] | None) -> Any:
    names = list(map(str, answer or ()))
    return names if export.kind == "multi" else next(iter(names), None)
