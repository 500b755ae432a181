"""Prodigy: JSON Lines of binary (`classification`) and choice tasks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from alwidgets.io.documents import Document
from alwidgets.io.formats.format import Export, first, yes_of
from alwidgets.io.records import OURS, AnswerRecord, classes_in, identified, moment
from alwidgets.types import Class
from alwidgets.utils.text import short_repr

_ANSWERS = ("accept", "reject", "ignore")
# What a task has beside what it shows.
_OWN = frozenset({"label", "options", "accept", "answer", "config", "meta", "note", "flagged", "spans", "tokens"})
_CHOICE = {"multi": "multiple"}


def is_prodigy(document: Document) -> bool:
    """Return whether a document has answers or tasks of Prodigy."""
    row = first(document)
    return "_task_hash" in row or "_input_hash" in row or (row.get("answer") in _ANSWERS and not document.columns)


def read(row: dict[str, Any], _: Document) -> Iterator[AnswerRecord]:
    """Yield the answer in a line; none of a task that has none yet."""
    said = row.get("answer")
    if said is None:
        return
    if said not in _ANSWERS:
        raise ValueError(f"answer is {short_repr(said)}; expected one of {list(_ANSWERS)}.")
    if "options" in row:
        answer, accepted = classes_in(row.get("accept", [])), False if said == "reject" else None
    elif isinstance(row.get("label"), str | int | float):
        answer, accepted = (row["label"],), said == "accept" if said != "ignore" else None
    else:
        raise ValueError(f"it has {sorted(row)}; expected a label, or options, of a classification or choice task.")
    annotator = row.get("_annotator_id") or row.get("_session_id")
    task = f"{row['_task_hash']}:{annotator}" if "_task_hash" in row else ""
    yield AnswerRecord(
        **identified(shown(row)),
        answer=answer,
        accepted=accepted,
        annotator=None if annotator is None else str(annotator),
        when=moment(row.get("_timestamp")),
        source="prodigy",
        note=str(row.get("note") or ""),
        flag="" if row.get("flagged") else None,
        cancelled=said == "ignore",
        id=str(row.get("alw_event") or task),
    )


def shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of a task, and our id of its sample."""
    meta = row.get("meta")
    ours = {name: meta[name] for name in OURS if name in meta} if isinstance(meta, Mapping) else {}
    return ours | {name: value for name, value in row.items() if name not in _OWN and not name.startswith("_")}


def write(export: Export) -> bytes:
    """Return one line an answer: of a task with yes and no a binary one, else a choice."""
    lines = []
    for record, fields in zip(export.records, export.fields, strict=True):
        row = task(export.kind, export.classes, fields or {"text": record.sample}, record.sample)
        chosen = list(record.answer or ())
        if "options" in row:
            row["accept"] = chosen
        right = "options" in row or chosen == [row["label"]]
        row["answer"] = "ignore" if record.cancelled else "accept" if right else "reject"
        beside = {
            "note": record.note or None, "flagged": None if record.flag is None else True,
            "_timestamp": None if record.when is None else int(record.when), "_annotator_id": record.annotator,
            "_session_id": record.annotator, "alw_event": record.id or None,
        }  # fmt: skip
        row |= {name: value for name, value in beside.items() if value is not None}
        lines.append(json.dumps(row) + "\n")
    return "".join(lines).encode("ascii")


def task(kind: str, classes: Sequence[Class], fields: Mapping[str, Any], sample: str) -> dict[str, Any]:
    """Return a question as Prodigy has it; with hashes where their recipe is known, else it makes them itself."""
    row: dict[str, Any] = {**fields, "alw_id": sample}
    if kind == "yes_no":
        label = yes_of(classes)
        text = fields.get("text")
        if isinstance(text, str) and len(fields) == 1:
            row |= hashes(text, label)
        return row | {"label": label, "_view_id": "classification"}
    options = [{"id": name, "text": str(name)} for name in classes]
    style = _CHOICE.get(kind, "single")
    return row | {"options": options, "_view_id": "choice", "config": {"choice_style": style}}


def hashes(text: str, label: Class) -> dict[str, int]:
    """Return the hashes of a binary task on a text.

    Examples
    --------
    >>> hashes("win a prize", "spam")["_input_hash"]
    2027758786
    """
    of_input = _murmur3(f"text={json.dumps(text)}".encode())
    return {"_input_hash": of_input, "_task_hash": _murmur3(f"{of_input}label={json.dumps(label)}".encode())}


def _murmur3(content: bytes) -> int:
    """Return MurmurHash3 of 32 bits (Appleby, public domain), signed, seed 0."""
    most, found, end = 0xFFFFFFFF, 0, len(content) // 4 * 4
    for place in range(0, end, 4):
        found ^= _mixed(int.from_bytes(content[place : place + 4], "little"))
        found = (found << 13 | found >> 19) & most
        found = (found * 5 + 0xE6546B64) & most
    if content[end:]:
        found ^= _mixed(int.from_bytes(content[end:], "little"))
    found ^= len(content)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        found = ((found ^ found >> shift) * factor) & most
    found ^= found >> 16
    return found - 2**32 if found >= 2**31 else found


def _mixed(block: int) -> int:
    block = (block * 0xCC9E2D51) & 0xFFFFFFFF
    block = (block << 15 | block >> 17) & 0xFFFFFFFF
    return (block * 0x1B873593) & 0xFFFFFFFF
