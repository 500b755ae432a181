"""Pools from files, tables and datasets: what is shown, its ids, and the labels that there are."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from alwidgets.data import conversion
from alwidgets.data.labels import plain
from alwidgets.io.documents import Document, check_not_wrapped, features_of, is_hidden, read_document
from alwidgets.io.fields import IMAGES
from alwidgets.io.formats import argilla, doccano, prodigy
from alwidgets.io.formats.catalog import FORMATS
from alwidgets.io.formats.hugging_face import LABELS, class_names, classes_of
from alwidgets.io.reading import recognized, records_in
from alwidgets.io.records import OURS, AnswerRecord, identified, main_text
from alwidgets.types import Label
from alwidgets.utils.text import short_repr, type_name


@dataclass(frozen=True, eq=False)
class PoolSource:
    """Samples to label, ready for a session: ``Session(X, source.items, ids=source.ids, labels=source.labels)``.

    Parameters
    ----------
    items : list of str, Path or dict
        What the annotator sees: a text, the path of an image, or names and values where there are several.
    ids : list of str
        A stable id each, by which the answers of other tools find their samples.
    labels : list of label or None
        Known labels, None where there is none; a tuple of classes where any sample has several.
    classes : tuple of str, int, float or bool
        The classes that the source names, or those that the labels have, sorted.
    records : list of AnswerRecord
        Answers in the source with who gave them and when, for `Session.receive`; empty where it says only labels.
    """

    items: list[Any]
    ids: list[str]
    labels: list[Label | None]
    classes: tuple[Any, ...]
    records: list[AnswerRecord]

    @property
    def n_labeled(self) -> int:
        """Number of samples with a label."""
        return sum(label is not None for label in self.labels)

    def __repr__(self) -> str:
        return f"PoolSource({len(self.items)} samples, {self.n_labeled} labeled, classes {list(self.classes)})"


def read_pool(
    source: Any, *, text: str | None = None, label: str | None = None, labels_of_folders: bool = False
) -> PoolSource:
    """Read a pool from a folder of images, a file, or a table.

    Parameters
    ----------
    source : str, Path, DataFrame, pyarrow Table, Dataset or sequence of mappings
        A folder of images, searched with its subfolders, but for hidden ones; a CSV, JSON, JSON Lines or parquet file,
        tasks of Label Studio or Prodigy among them; a DataFrame of pandas or polars; a `datasets.Dataset`; a list of
        dicts.
    text : str, optional
        The column to show; default "text" or another usual name, else all columns.
    label : str, optional
        The column with known labels; default "label" or "labels" where there is one. Empty cells, and -1 in a column
        of ClassLabel, are not labels. Of a tool's file the question whose answers to read, as in `read_answers`.
    labels_of_folders : bool
        Whether the first subfolder of an image is its label.

    Returns
    -------
    pool : PoolSource
        In the order of the source, files by name. Of samples with the same id or text, the first alone.

    Raises
    ------
    ValueError
        If there are no samples, a column is missing or a row is not as the others; the message says where.
    ImportError
        If it is parquet and pyarrow is not installed.
    FileNotFoundError
        If there is no such file or folder.

    Warns
    -----
    UserWarning
        If samples come more than once.

    Examples
    --------
    >>> pool = read_pool([{"text": "win a prize", "label": "spam"}, {"text": "see you at noon", "label": None}])
    >>> pool.items, pool.labels, pool.classes
    (['win a prize', 'see you at noon'], ['spam', None], ('spam',))
    """
    if isinstance(source, str | Path):
        path = Path(source)
        if path.is_dir():
            return _images(path, labels=labels_of_folders)
        return _of_document(read_document(path), text, label)
    return _of_document(_table(source), text, label)


def _images(folder: Path, *, labels: bool) -> PoolSource:
    # What is hidden is nobody's picture: checkpoints of Jupyter, and what a Mac puts beside each file.
    paths = [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in IMAGES and not is_hidden(path.relative_to(folder)) and path.is_file()
    ]
    if not paths:
        raise ValueError(f"{folder} has no images; expected files that end in one of {list(IMAGES)}.")
    inner = [path.relative_to(folder) for path in paths]
    known = [name.parts[0] if labels and len(name.parts) > 1 else None for name in inner]
    return _source(list(paths), [name.as_posix() for name in inner], list(known), None)


def _table(source: Any) -> Document:
    """Return a table, or a list of mappings, as a document."""
    rows = _rows(source)
    for place, row in enumerate(rows):
        if not isinstance(row, Mapping):
            raise TypeError(f"row {place} of source is {short_repr(row)}; expected names and values.")
    # Of `datasets`, or of pyarrow.
    own: Any = getattr(source, "features", None)
    schema = getattr(source, "schema", None)
    features = features_of(schema) if hasattr(schema, "metadata") else {}
    if hasattr(own, "to_dict"):
        features = own.to_dict()
    names = tuple(map(str, _names(rows)))
    # Of NumPy and pandas, as Python has them: a sample has one id, and a label one class, however it is kept.
    values = [{name: plain(value) for name, value in row.items()} for row in rows]
    return Document(Path("the table"), "table", values, columns=names, features=features)


def _rows(source: Any) -> list[Any]:
    if hasattr(source, "to_pylist"):
        return list(source.to_pylist())
    if hasattr(source, "iter_rows"):
        return list(source.iter_rows(named=True))
    if conversion.first_frame(source) is not None:
        return list(conversion.rows_of(source))
    if conversion.holds_rows(source):
        return list(source)
    raise TypeError(
        f"source is {type_name(source)}; expected a folder, a file, a DataFrame, a pyarrow Table, a Dataset or a "
        f"list of dicts.{conversion.advice(source)}"
    )


def _of_document(document: Document, text: str | None, label: str | None) -> PoolSource:
    name = recognized(document)
    if name in ("label_studio", "prodigy", "argilla", "doccano"):
        shown = [_shown(name, row) for row in document.rows]
        records = records_in(document, FORMATS[name], label)
        found = _of_rows(document, [fields for fields, _ in shown], [own for _, own in shown], text, None)
        return replace(found, classes=_classes(records), records=records) if records else found
    if text is None:
        check_not_wrapped(document)
    found = _of_rows(document, document.rows, [None] * len(document.rows), text, label)
    # An export of answers has a line each: there it would be nothing to tell.
    n_rows = len(document.rows)
    if n_doubled := n_rows - len(found.ids):
        warnings.warn(
            f"{document.path} has {n_doubled} of {n_rows} samples more than once; the first of each is kept.",
            UserWarning,
            stacklevel=3,
        )
    return found


def _shown(name: str, row: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    """Return the content that a tool shows of a sample, and its id there."""
    if name == "prodigy":
        return prodigy.shown(row), None
    if name == "label_studio":
        return row["data"], None
    if name == "argilla":
        return argilla.shown(row)
    return doccano.shown(row), None


def _of_rows(
    document: Document, rows: list[dict[str, Any]], own: list[Any], text: str | None, label: str | None
) -> PoolSource:
    if not rows:
        raise ValueError(f"{document.path} has no samples.")
    # Not every line of JSON has all of them.
    columns = _names(rows)
    column = label or next((each for each in LABELS if each in columns), None)
    for name in (text, label):
        if name is not None and name not in columns:
            raise ValueError(
                f"{document.path} has the columns {sorted(map(str, columns))}; expected {name!r} among them."
            )
    feature = document.features.get(str(column))
    items: list[Any] = []
    known: list[Any] = []
    ids: dict[str, None] = {}
    for place, (row, given) in enumerate(zip(rows, own, strict=True)):
        if text is not None and conversion.is_missing(row.get(text)):
            raise ValueError(f"{document.path}, {document.place(place)}: it has no {text!r}; expected a text to show.")
        fields = {name: value for name, value in row.items() if name != column}
        sample = identified({text: row[text]} | _ours(row) if text else fields, given)["sample"]
        if sample in ids:
            continue
        ids[sample] = None
        items.append(_item(fields, text))
        try:
            value = None if column is None else _label_in(row.get(column))
            found = classes_of(value, feature, from_text=True)
        except ValueError as error:
            raise ValueError(f"{document.path}, {document.place(place)}: {error}") from None
        known.append(found if found is None or isinstance(value, list | tuple) else found[0])
    return _source(items, list(ids), known, class_names(feature))


def _label_in(value: Any) -> Any:
    """Return a label, or a list of classes, without types of NumPy; None where there is none."""
    listed = value.tolist() if isinstance(value, np.ndarray) else value
    if isinstance(listed, list | tuple):
        return [plain(each) for each in listed]
    return None if conversion.is_missing(listed) else listed


def _names(rows: Sequence[Mapping[Any, Any]]) -> dict[Any, None]:
    """Return the columns of all rows, in order."""
    names: dict[Any, None] = {}
    for row in rows:
        if not row.keys() <= names.keys():
            names.update(dict.fromkeys(row))
    return names


def _ours(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in OURS if name in row}


def _item(fields: Mapping[str, Any], text: str | None) -> Any:
    """Return the content to show: the text where it is one, or all there is."""
    if text is not None:
        return fields[text]
    shown = {str(name): value for name, value in fields.items() if name not in OURS}
    main = main_text(shown)
    return shown if main is None else main


def _source(items: list[Any], ids: list[str], known: list[Any], names: list[str] | None) -> PoolSource:
    given = [label for label in known if label is not None]
    if any(isinstance(label, tuple) for label in given):
        known = [label if label is None or isinstance(label, tuple) else (label,) for label in known]
    flat = {each for label in given for each in (label if isinstance(label, tuple) else (label,))}
    classes = tuple(names) if names is not None else tuple(sorted(flat, key=lambda name: (str(type(name)), name)))
    return PoolSource(items, ids, known, classes, [])


def _classes(records: Sequence[AnswerRecord]) -> tuple[Any, ...]:
    return tuple(sorted({name for record in records for name in record.answer or ()}, key=str))
