"""Hugging Face: what `datasets` writes as parquet, JSON Lines and CSV, without needing it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

from alwidgets.io.documents import Document, import_pyarrow
from alwidgets.io.formats.format import Export, first
from alwidgets.io.records import AnswerRecord, classes_in, identified, moment, seconds_in
from alwidgets.types import Class
from alwidgets.utils.text import short_repr

#: Names that a column of labels has.
LABELS = ("label", "labels")
_BESIDE = ("annotator", "seconds", "when", "note", "flag")
# What `ClassLabel` has where there is no label.
_NONE = -1


def is_dataset(document: Document) -> bool:
    """Return whether a document is a table with a column of labels."""
    row = first(document)
    names = set(row) | set(document.columns)
    return bool(document.features) or (document.kind in ("jsonl", "csv", "parquet") and not names.isdisjoint(LABELS))


def column_of(document: Document, label: str | None) -> str | None:
    """Return the column that was asked for; None where it is one of the usual ones."""
    if label is not None and not any(label in row for row in document.rows):
        raise ValueError(f"label is {short_repr(label)}; expected one of its columns: {sorted(first(document))}.")
    return label


def read(row: dict[str, Any], document: Document) -> Iterator[AnswerRecord]:
    """Yield the answer in a row; none where there is no label yet."""
    usual = LABELS if document.label is None else (document.label,)
    column = next((name for name in usual if name in row), document.label)
    if column is None:
        raise ValueError(f"it has the columns {sorted(row)}; expected one that is called 'label' or 'labels'.")
    answer = classes_of(row.get(column), document.features.get(column), from_text=document.kind == "csv")
    if answer is None:
        return
    annotator = row.get("annotator")
    yield AnswerRecord(
        **identified({name: value for name, value in row.items() if name not in (*usual, *_BESIDE)}),
        answer=answer,
        annotator=str(annotator) if annotator else None,
        when=moment(row.get("when")),
        seconds=seconds_in(row.get("seconds")),
        source="hugging_face",
        note=str(row.get("note") or ""),
        flag=row.get("flag") if isinstance(row.get("flag"), str) else None,
        id=str(row.get("alw_event") or ""),
    )


def classes_of(value: Any, feature: Any, *, from_text: bool = False) -> tuple[Class, ...] | None:
    """Return the classes in a cell, by name where the file has the names; None where there is no label.

    Parameters
    ----------
    value : object
        The cell.
    feature : object
        The type of the column as `datasets` writes it; None where it is not known.
    from_text : bool
        Whether an empty text is not a label.
    """
    names = class_names(feature)
    # In a column of numbers alone -1 is a class as any other.
    if value is None or (names is not None and value == _NONE) or (from_text and value == ""):
        return None
    found = classes_in(value)
    if names is None:
        return found
    for each in found:
        if not isinstance(each, int) or not 0 <= each < len(names):
            raise ValueError(f"the label is {short_repr(value)}; expected a number from 0 to {len(names) - 1}, or -1.")
    return tuple(names[int(each)] for each in found)


def class_names(feature: Any) -> list[str] | None:
    """Return the names in the type of a column of labels, one a row or a list; None where it has none."""
    if isinstance(feature, list) and len(feature) == 1:
        feature = feature[0]
    if isinstance(feature, Mapping) and feature.get("_type") in ("List", "Sequence", "LargeList"):
        feature = feature.get("feature")
    if not isinstance(feature, Mapping) or feature.get("_type") != "ClassLabel":
        return None
    names = feature.get("names")
    return list(map(str, names)) if isinstance(names, list) else None


def write(export: Export) -> bytes:
    """Return a parquet file that `datasets` reads with a ClassLabel, or a list of them."""
    pyarrow, parquet = import_pyarrow()
    multilabel = export.kind == "multi"
    code_of = {name: code for code, name in enumerate(export.classes)}
    codes = [[code_of[name] for name in record.answer or ()] for record in export.records]
    of_label = pyarrow.list_(pyarrow.int64()) if multilabel else pyarrow.int64()
    columns = {name: _column(pyarrow, [fields.get(name) for fields in export.fields]) for name in _names(export)}
    records = export.records
    columns |= {
        "label": pyarrow.array(codes if multilabel else [code[0] for code in codes], of_label),
        "alw_id": pyarrow.array([record.sample for record in records], pyarrow.string()),
        "alw_event": pyarrow.array([record.id for record in records], pyarrow.string()),
        "annotator": pyarrow.array([record.annotator for record in records], pyarrow.string()),
        "when": pyarrow.array([record.when for record in records], pyarrow.float64()),
        "seconds": pyarrow.array([record.seconds for record in records], pyarrow.float64()),
        "note": pyarrow.array([record.note for record in records], pyarrow.string()),
        "flag": pyarrow.array([record.flag for record in records], pyarrow.string()),
    }
    label = {"names": list(map(str, export.classes)), "_type": "ClassLabel"}
    features: dict[str, Any] = {
        name: {"dtype": "float64" if str(values.type) == "double" else str(values.type), "_type": "Value"}
        for name, values in columns.items()
    }
    features["label"] = {"feature": label, "_type": "List"} if multilabel else label
    metadata = {"huggingface": json.dumps({"info": {"features": features}})}
    table = pyarrow.table(columns).replace_schema_metadata(metadata)
    written = io.BytesIO()
    parquet.write_table(table, written)
    return written.getvalue()


def _names(export: Export) -> list[str]:
    return list(dict.fromkeys(name for fields in export.fields for name in fields))


def _column(pyarrow: Any, values: list[Any]) -> Any:
    """Return a column of one type: what is of several is text."""
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {bool}:
        return pyarrow.array(values, pyarrow.bool_())
    if kinds <= {int, float}:
        return pyarrow.array(values, pyarrow.float64() if float in kinds else pyarrow.int64())
    return pyarrow.array([None if value is None else str(value) for value in values], pyarrow.string())
