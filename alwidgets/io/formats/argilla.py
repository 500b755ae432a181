"""Argilla 2: records as `to_dict` has them, in JSON or JSON Lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from alwidgets.io.documents import Document
from alwidgets.io.formats.format import Export, by_sample, first
from alwidgets.io.records import AnswerRecord, classes_in, identified, moment, seconds_in
from alwidgets.types import Class
from alwidgets.utils.text import short_repr

_NOTES = ("note", "comment", "comments")
# What Argilla has no place for.
_BESIDE = ("event", "when", "seconds", "flag", "annotator")


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
    known = _known(metadata)
    answers = list(responses.get(question, ()) if question else ())
    if discarded and not answers:
        answers = [{"value": None, "user_id": user} for user in known] or [{"value": None}]
    elif not discarded:
        answered = {response.get("user_id") for response in answers}
        answers += [
            {"value": None, "user_id": user}
            for user, said in known.items()
            if said.get("skipped") and user not in answered
        ]
    for response in answers:
        user, value = response.get("user_id"), response["value"]
        # What we know of an answer is of that user's alone.
        said = known.get(user if user is not None else next(iter(known), None), {})
        annotator = said.get("annotator", None if value is None or said else user)
        written = [str(note["value"]) for note in notes if user is None or note.get("user_id") == user]
        flag = said.get("flag")
        yield AnswerRecord(
            **own,
            answer=() if value is None else classes_in(value),
            annotator=None if annotator is None else str(annotator),
            when=moment(said.get("when")),
            seconds=seconds_in(said.get("seconds")),
            source="argilla",
            note="\n".join(written),
            flag=flag if isinstance(flag, str) else None,
            cancelled=discarded or bool(said.get("skipped")),
            suggested=_suggested((row.get("suggestions") or {}).get(question or "label")),
            id=str(said.get("event") or ""),
        )


def _user(annotator: Any) -> str:
    """Return a UUID, which a user there has."""
    return str(uuid5(NAMESPACE_URL, f"alwidgets:{annotator or ''}"))


def _known(metadata: Mapping[str, Any]) -> dict[str | None, dict[str, Any]]:
    """Map each user to the fields that we wrote beside their answer; the one that stands comes first."""
    if "alw_event" not in metadata:
        return {}
    first = {name: metadata[f"alw_{name}"] for name in _BESIDE if f"alw_{name}" in metadata}
    others = json.loads(metadata.get("alw_others", "[]"))
    found: dict[str | None, dict[str, Any]] = {}
    for each in (first, *others):
        found.setdefault(_user(each.get("annotator")), each)
    return found


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
    for records, fields, _ in by_sample(export):
        record, *others = records
        responses: dict[str, Any] = {}
        for each in records:
            # No response is without a user or a value.
            user = {"user_id": _user(each.annotator)}
            if not each.cancelled:
                responses.setdefault("label", []).append({"value": _value(export, each.answer), **user})
            if each.note:
                responses.setdefault("note", []).append({"value": each.note, **user})
        metadata = {"alw_id": record.sample} | {f"alw_{name}": value for name, value in _beside(record).items()}
        if others:
            metadata["alw_others"] = json.dumps([_beside(each) | {"skipped": each.cancelled} for each in others])
        suggestion = {"value": _value(export, record.suggested), "score": None, "agent": None}
        rows.append(
            {
                "id": record.sample,
                "fields": dict(fields) or {"text": record.sample},
                "metadata": metadata,
                "suggestions": {} if record.suggested is None else {"label": suggestion},
                "responses": responses,
                "status": "discarded" if all(each.cancelled for each in records) else "completed",
            }
        )
    return json.dumps(rows, indent=1).encode("ascii")


def _beside(record: AnswerRecord) -> dict[str, Any]:
    known = {
        "event": record.id, "when": record.when, "seconds": record.seconds, "flag": record.flag,
        "annotator": record.annotator,
    }  # fmt: skip
    return {name: value for name, value in known.items() if value is not None}


def _value(export: Export, answer: tuple[Class, ...] | None) -> Any:
    names = list(map(str, answer or ()))
    return names if export.kind == "multi" else next(iter(names), None)
