"""Argilla: records as `to_dict` has them, in JSON or JSON Lines; flat ones, and those of Argilla 1, are read too."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from alwidgets.io.documents import Document
from alwidgets.io.formats.format import Export, by_sample, first, only_question
from alwidgets.io.records import OURS, AnswerRecord, classes_in, identified, moment, seconds_in
from alwidgets.types import Class
from alwidgets.utils.text import short_repr

_NOTES = ("note", "comment", "comments")
# Of records that are flat: what a name ends in.
_RESPONSES, _SUGGESTION = ".responses", ".suggestion"
# Of whoever answered none.
_NO_QUESTION = ""
# What Argilla has no place for.
_BESIDE = ("event", "when", "seconds", "flag", "annotator")


def is_argilla(document: Document) -> bool:
    """Return whether a document has records of Argilla."""
    row = first(document)
    if isinstance(row.get("fields"), dict):
        return "responses" in row or "suggestions" in row
    return not document.columns and any(name.endswith((_RESPONSES, _SUGGESTION)) for name in row)


def question_of(document: Document, label: str | None) -> str | None:
    """Return the question to read."""
    found: set[str] = set()
    for row in document.rows:
        # What is wrong with a record is told where it is read.
        with contextlib.suppress(ValueError):
            found.update(name for name, given in nested(row)["responses"].items() if given)
    return only_question(found - {_NO_QUESTION, *_NOTES}, label)


def nested(row: dict[str, Any]) -> dict[str, Any]:
    """Return a record as `to_dict` has it, also of one that is flat or of Argilla 1; without drafts.

    Raises
    ------
    ValueError
        If it is not such a record.
    """
    whole = row if isinstance(row.get("fields"), dict) else _of_flat(row)
    responses, suggestions = whole.get("responses") or {}, whole.get("suggestions") or {}
    if isinstance(responses, list):
        responses = _by_question(_objects("responses", responses))
    if isinstance(suggestions, list):
        suggestions = {str(each.get("question_name")): each for each in _objects("suggestions", suggestions)}
    if not isinstance(responses, dict) or not isinstance(suggestions, dict):
        raise ValueError(f"responses is {short_repr(responses)}; expected a list a question.")  # noqa: TRY004 - a file
    given = {
        name: [each for each in _objects(f"responses to {name!r}", values) if each.get("status") != "draft"]
        for name, values in responses.items()
    }
    return whole | {"metadata": whole.get("metadata") or {}, "responses": given, "suggestions": suggestions}


def _objects(name: str, values: Any) -> list[dict[str, Any]]:
    if not isinstance(values, list) or not all(isinstance(each, dict) for each in values):
        raise ValueError(f"{name} is {short_repr(values)}; expected a list of objects.")
    return values


def _by_question(responses: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return responses of Argilla 1, which has one a user to all questions, by question."""
    found: dict[str, list[dict[str, Any]]] = {}
    for each in responses:
        beside = {name: each.get(name) for name in ("user_id", "status")}
        # Somebody who discarded it may have answered nothing.
        values = each.get("values") or {_NO_QUESTION: {"value": None}}
        if not isinstance(values, dict) or not all(isinstance(given, dict) for given in values.values()):
            raise ValueError(f"the values of a response are {short_repr(values)}; expected an object a question.")
        for name, given in values.items():
            found.setdefault(name, []).append({"value": given.get("value"), **beside})
    return found


def _of_flat(row: dict[str, Any]) -> dict[str, Any]:
    """Return the record behind one that `to_list(flatten=True)` made."""
    fields, metadata = dict[str, Any](), dict[str, Any]()
    responses, suggestions = dict[str, Any](), dict[str, Any]()
    for name, value in row.items():
        if name.endswith(_RESPONSES) and value:
            responses[name.removesuffix(_RESPONSES)] = _of_columns(name, value, row)
        elif name.endswith(_SUGGESTION) and value is not None:
            suggestions[name.removesuffix(_SUGGESTION)] = {"value": value}
        elif name.startswith("alw_"):
            metadata |= {} if value is None else {name: value}
        elif not (_RESPONSES in name or _SUGGESTION in name or name in ("id", "status") or name.startswith("_")):
            fields[name] = value
    own = {"id": row.get("id"), "status": row.get("status")}
    return {**own, "fields": fields, "metadata": metadata, "responses": responses, "suggestions": suggestions}


def _of_columns(name: str, values: Any, row: dict[str, Any]) -> list[dict[str, Any]]:
    beside = [row.get(f"{name}.{part}") for part in ("users", "status")]
    lists = [values, *(each or [None] * len(values) for each in beside)]
    if not all(isinstance(each, list) and len(each) == len(values) for each in lists):
        raise ValueError(f"{name} is {short_repr(values)}; expected a list, with a user and a status each.")
    return [{"value": value, "user_id": user, "status": status} for value, user, status in zip(*lists, strict=True)]


def shown(row: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    """Return the content of a record, with our id of its sample, and its id there."""
    whole = nested(row)
    ours = {name: value for name, value in whole["metadata"].items() if name in OURS}
    return whole["fields"] | ours, whole.get("id")


def read(row: dict[str, Any], document: Document) -> Iterator[AnswerRecord]:
    """Yield the answers to a record, one a user; a record that was discarded without any is a skip."""
    whole, question = nested(row), document.label
    responses, metadata = whole["responses"], whole["metadata"]
    own = identified(*shown(row))
    notes = [each for name in _NOTES if name != question for each in responses.get(name, ())]
    discarded = whole.get("status") == "discarded"
    known = _known(metadata)
    for response in _answers(whole, question, known):
        user, value = response.get("user_id"), response["value"]
        # What we know of an answer is of that user's alone.
        said = known.get(user if user is not None else next(iter(known), None), {})
        skipped = discarded or response.get("status") == "discarded"
        annotator = said.get("annotator", None if (value is None and not skipped) or said else user)
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
            cancelled=skipped or bool(said.get("skipped")),
            suggested=_suggested(whole["suggestions"].get(question or "label")),
            id=str(said.get("event") or ""),
        )


def _answers(
    whole: dict[str, Any], question: str | None, known: Mapping[str | None, dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the responses to a question, and who is known to have skipped it."""
    responses = whole["responses"]
    answers = [*responses.get(question, ()), *responses.get(_NO_QUESTION, ())]
    if whole.get("status") == "discarded":
        return answers or [{"value": None, "user_id": user} for user in known] or [{"value": None}]
    answered = {response.get("user_id") for response in answers}
    return answers + [
        {"value": None, "user_id": user} for user, said in known.items() if said.get("skipped") and user not in answered
    ]


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
