"""Label Studio: JSON, with everything; JSON_MIN and CSV, without skips and predictions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from alwidgets.io.documents import Document
from alwidgets.io.fields import SIDES
from alwidgets.io.formats.format import Export, Prediction, by_sample, first, only_question
from alwidgets.io.records import OURS, TEXTS, AnswerRecord, classes_in, identified, iso, moment, seconds_in
from alwidgets.types import Class
from alwidgets.utils.text import short_repr

_SOURCE = "label_studio"
# Of JSON_MIN and CSV, beside the data of the task and the answers.
_OWN = ("id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time", "agreement", "history")
# In front of data that has the name of an answer.
_DATA = "_data_"
# What a result holds its classes in.
_VALUES = {"choices": "choices", "rating": "rating", "pairwise": "selected"}


def is_json(document: Document) -> bool:
    """Return whether a document is an export in JSON, or tasks that nobody has answered yet."""
    return isinstance(first(document).get("data"), dict)


def is_small(document: Document) -> bool:
    """Return whether a document is an export in JSON_MIN or CSV."""
    return {"id", "annotator", "annotation_id"} <= set(first(document) or document.columns)


def control_of(document: Document, label: str | None) -> str | None:
    """Return the name of the question to read in an export in JSON, a control of the project."""
    names = {
        result.get("from_name")
        for task in document.rows
        for annotation in _listed(_given(task))
        for result in _listed(annotation.get("result"))
        if result.get("type") in _VALUES
    }
    return only_question({name for name in names if isinstance(name, str)}, label)


def _listed(values: Any) -> list[dict[str, Any]]:
    """Return the objects of a list; what else there is, is told where its task is read."""
    return [each for each in values if isinstance(each, dict)] if isinstance(values, list) else []


def read_json(task: dict[str, Any], document: Document, source: str = _SOURCE) -> Iterator[AnswerRecord]:
    """Yield the answers to a task; none of an annotator who answered only other questions."""
    own, flag, label = identified(task["data"]), task["data"].get("alw_flag"), document.label
    for annotation in _annotations(task):
        (answer, note), cancelled = _chosen(annotation["result"], label), bool(annotation.get("was_cancelled"))
        if not (answer or cancelled) and _chosen(annotation["result"], None)[0]:
            continue
        yield AnswerRecord(
            **own,
            answer=answer,
            annotator=_name(annotation.get("alw_annotator", annotation.get("completed_by"))),
            when=moment(annotation.get("updated_at") or annotation.get("created_at")),
            seconds=seconds_in(annotation.get("lead_time")),
            source=source,
            note=note,
            flag=flag if isinstance(flag, str) else None,
            cancelled=cancelled,
            suggested=_suggested(annotation, label),
            id=str(annotation.get("alw_event") or annotation.get("id") or ""),
            sides=any(result.get("type") == "pairwise" for result in annotation["result"]),
        )


def _given(task: Mapping[str, Any]) -> Any:
    # Before release 1.0 they were called so.
    return task.get("annotations", task.get("completions"))


def _annotations(task: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    given = _given(task) or ()
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise ValueError(f"annotations is {short_repr(given)}; expected a list.")  # noqa: TRY004 - what is wrong is a file
    for each in given:
        if not isinstance(each, dict):
            raise ValueError(  # noqa: TRY004 - what is wrong is a file
                f"an annotation is {short_repr(each)}; expected an object with its result. Export the format JSON."
            )
        yield each


def column_of(document: Document, label: str | None) -> str | None:
    """Return the column of the answers in JSON_MIN or CSV, which is known where nothing else can be one."""
    layouts = {tuple(row) for row in document.rows if _is_answered(row)}
    if not layouts:
        return label
    others = sorted({name for layout in layouts for name in layout}.difference(_OWN))
    if label is not None:
        if label not in others:
            raise ValueError(f"label is {short_repr(label)}; expected the column of the answers, one of {others}.")
        return label
    found = sorted({name for layout in layouts for name in _may_be_answers(layout)})
    if not found:
        raise ValueError(
            f"none of its columns {others} is known to have answers: nobody chose anything, or the question has the "
            "name of data, which label= then names. Export the format JSON."
        )
    if len(found) > 1:
        raise ValueError(
            f"it does not say which of its columns has the answers; name it with label=, one of {found}, or export the "
            "format JSON."
        )
    return found[0]


def _is_answered(row: Mapping[str, Any]) -> bool:
    # Tasks that nobody answered are exported as well.
    return row["annotation_id"] not in (None, "")


def _may_be_answers(layout: Sequence[str]) -> list[str]:
    """Return the columns that may have answers."""
    behind = _behind_data(layout)
    names = layout if behind is None else behind
    content = (*TEXTS, *SIDES) if behind is None else ()
    known = {*_OWN, *OURS, *content, "note"}
    return [name for name in names if name not in known and not name.startswith(_DATA)]


def _behind_data(layout: Sequence[str]) -> Sequence[str] | None:
    """Return the columns behind the data of the task and its number; None where they are in another order.

    JSON_MIN has the data first, then the number, the answers, and who gave them. CSV is sorted by name, but by early
    releases.
    """
    number, who = layout.index("id"), layout.index("annotator")
    in_order = 0 < number < who and tuple(layout[who + 1 : who + 2]) == ("annotation_id",)
    return layout[number + 1 :] if in_order else None


def read_small(row: dict[str, Any], document: Document) -> Iterator[AnswerRecord]:
    """Yield the answer in a row of JSON_MIN or CSV."""
    if not _is_answered(row):
        return
    behind, control = _behind_data(tuple(row)), document.label
    value, has_note = row.get(str(control), ""), control != "note" and "note" in (row if behind is None else behind)
    note = row["note"] if has_note else ""
    answers = {*_OWN, *(behind or ()), control, *(["note"] if has_note else [])}
    data = {name.removeprefix(_DATA): each for name, each in row.items() if name not in answers}
    yield AnswerRecord(
        **identified({name: each for name, each in data.items() if each != "" or document.kind == "json"}),
        answer=_cell(value),
        annotator=_name(row["annotator"]),
        when=moment(row.get("updated_at") or row.get("created_at")),
        seconds=seconds_in(row.get("lead_time")),
        source=_SOURCE,
        note=note if isinstance(note, str) else "\n".join(map(str, note or ())),
        id=str(row["annotation_id"]),
        sides='"selected"' in (value if isinstance(value, str) else json.dumps(value)),
    )


def _cell(value: Any) -> tuple[Class, ...]:
    """Return the classes in a cell: one as it is, several in JSON."""
    if isinstance(value, str) and value[:1] in ("[", "{"):
        try:
            value = json.loads(value)
        except ValueError:
            return (value,)
    if value is None or value == "":
        return ()
    if isinstance(value, list) and all(isinstance(each, Mapping) for each in value):
        return tuple(name for each in value for name in _cell(dict(each)))
    if isinstance(value, dict):
        key = next((name for name in _VALUES.values() if name in value), None)
        if key is None:
            raise ValueError(f"the answer is {short_repr(value)}; expected choices, a rating or a pairwise selection.")
        value = value[key]
    return classes_in(value)


def _chosen(results: Any, label: str | None) -> tuple[tuple[Class, ...], str]:
    """Return the classes, of the answer to a question or to any, and the note in the results of an annotation."""
    if not isinstance(results, list):
        raise ValueError(  # noqa: TRY004 - what is wrong is a file
            f"result is {short_repr(results)}; expected a list."
        )
    chosen: list[Class] = []
    notes: list[str] = []
    other = ""
    for result in results:
        if not isinstance(result, Mapping) or not isinstance(result.get("value"), Mapping):
            raise ValueError(  # noqa: TRY004 - what is wrong is a file
                f"the result has {short_repr(result)}; expected choices, a rating, a selection or a text as its value."
            )
        value, sort = result["value"], result.get("type", "")
        if sort == "textarea":
            text = value["text"]
            notes += [text] if isinstance(text, str) else map(str, text)
        elif sort in _VALUES:
            if label in (None, result.get("from_name", label)):
                chosen += classes_in(value[_VALUES[sort]])
        else:
            other = sort
    if other and not chosen and label is None:
        raise ValueError(f"the result is of type {other!r}; expected choices, rating, pairwise or textarea.")
    return tuple(chosen), "\n".join(notes)


def _suggested(annotation: Mapping[str, Any], label: str | None) -> tuple[Class, ...] | None:
    """Return the prediction that the annotator was shown and took or changed."""
    results = annotation["result"]
    accepted = any(result.get("origin") in ("prediction", "prediction-changed") for result in results)
    if not accepted and annotation.get("parent_prediction") is None:
        return None
    prediction = annotation.get("prediction")
    shown = prediction.get("result") if isinstance(prediction, Mapping) else None
    if shown:
        return _chosen(shown, label)[0]
    same = [result for result in results if result.get("origin") == "prediction"]
    return _chosen(same, label)[0] if same else None


def _name(who: Any) -> str | None:
    """Return an annotator: by e-mail where it is known, or by the number of the account."""
    if isinstance(who, Mapping):
        who = who.get("email") or who.get("id")
    return None if who is None or who == "" else str(who)


def write(export: Export) -> bytes:
    """Return tasks to be imported, each with its answer and the model's prediction."""
    tasks = []
    for records, fields, prediction in by_sample(export):
        # Of an array nothing can be shown but which it is.
        data = {**(fields or {"text": records[0].sample}), "alw_id": records[0].sample}
        if (flag := next((record.flag for record in records if record.flag is not None), None)) is not None:
            data["alw_flag"] = flag
        tasks.append({
            "data": data,
            "annotations": [_annotation(export, record, fields) for record in records],
            "predictions": [] if prediction is None else [_prediction(export, prediction, fields)],
        })  # fmt: skip
    return json.dumps(tasks, ensure_ascii=True, indent=1).encode("ascii")


def _annotation(export: Export, record: AnswerRecord, fields: Mapping[str, Any]) -> dict[str, Any]:
    results = _results(export, record.answer or (), fields)
    if record.suggested is not None and record.suggested == record.answer:
        results = [result | {"origin": "prediction"} for result in results]
    if record.note:
        results.append(
            {"from_name": "note", "to_name": _shown(fields), "type": "textarea", "value": {"text": [record.note]}}
        )
    made: dict[str, Any] = {"result": results, "was_cancelled": record.cancelled, "ground_truth": False}
    if record.suggested is not None:
        suggested = _results(export, record.suggested, fields)
        made |= {"parent_prediction": 0, "prediction": {"result": suggested}}
    if record.seconds is not None:
        made["lead_time"] = record.seconds
    if record.when is not None:
        made |= {"created_at": iso(record.when), "updated_at": iso(record.when)}
    if record.annotator is not None:
        # Whoever has no account there cannot be imported.
        known = "completed_by" if "@" in record.annotator else "alw_annotator"
        made[known] = {"email": record.annotator} if "@" in record.annotator else record.annotator
    if record.id:
        made["alw_event"] = record.id
    return made


def _prediction(export: Export, prediction: Prediction, fields: Mapping[str, Any]) -> dict[str, Any]:
    score = {} if prediction.score is None else {"score": prediction.score}
    return {"model_version": export.model_version, "result": _results(export, prediction.answer, fields), **score}


def _results(export: Export, answer: tuple[Class, ...], fields: Mapping[str, Any]) -> list[dict[str, Any]]:
    if not answer:
        return []
    own = {"from_name": "label", "to_name": _shown(fields)}
    place = export.classes.index(answer[0])
    if export.kind == "pair" and place < len(SIDES):
        return [{**own, "to_name": "label", "type": "pairwise", "value": {"selected": SIDES[place]}}]
    return [{**own, "type": "choices", "value": {"choices": list(map(str, answer))}}]


def _shown(fields: Mapping[str, Any]) -> str:
    return next(iter(fields), "text")
