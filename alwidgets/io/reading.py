"""Answers in the files of any tool."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from alwidgets.io.accounts import name_of, names_of_accounts
from alwidgets.io.documents import Document, check_not_wrapped, read_document
from alwidgets.io.formats.catalog import FORMATS, ReadFormat
from alwidgets.io.formats.format import Format
from alwidgets.io.formats.hugging_face import LABELS
from alwidgets.io.records import AnswerRecord
from alwidgets.journal.decode import gc_paused
from alwidgets.utils import files
from alwidgets.utils.text import short_repr

#: Formats that can be read.
READ: tuple[str, ...] = get_args(ReadFormat)
# JSON Lines, which without answers have no lines; a file whose tool nobody named is more likely half written.
_MAY_BE_EMPTY = ("prodigy", "doccano")
_OF_PRODIGY = frozenset({"answer", "_input_hash", "_task_hash"})


def read_answers(
    path: str | Path,
    format: ReadFormat | None = None,  # noqa: A002 - the user's word
    *,
    label: str | None = None,
    annotators: Mapping[str | int, str] | None = None,
) -> list[AnswerRecord]:
    """Read answers from the file of a labeling tool.

    Parameters
    ----------
    path : str or Path
        An export of Label Studio (JSON, JSON_MIN or CSV), Prodigy (JSON Lines), Argilla (JSON of `to_dict`), doccano
        (JSON Lines, or a zip of them, or of CSV), a table of Hugging Face's `datasets` (parquet, JSON Lines or CSV), or
        what `write_labels` wrote. In UTF-8, or UTF-16 or UTF-32 with a byte order mark. Parquet needs pyarrow.
    format : str, optional
        Whose file it is: "alwidgets", "label_studio", "label_studio_min" (and CSV), "prodigy", "argilla", "doccano" or
        "hugging_face"; default what its content says. A doccano CSV has to be named: its classes are split at "#".
    label : str, optional
        The question to read, where a file has answers to several or does not say where they are: the name of the
        control in a project of Label Studio, the question of Argilla, the column of a table.
    annotators : mapping of str or int to str, optional
        Account over there, by e-mail address, number or UUID as the file has it -> name in the session, of a team too.
        Whoever is not in it answers under what the file has.

    Returns
    -------
    records : list of AnswerRecord
        In the order of the file; `Session.receive` takes them in. Tasks without an answer have none.

    Raises
    ------
    ValueError
        If it is the file of no tool, or of another than `format` says, half written or in another encoding; the
        message says in which line or task. If there are several questions and `label` names none of them.
    TypeError
        If an argument is not of its type.
    OSError
        If there is no such file, or it is a folder.
    ImportError
        If it is parquet and pyarrow is not installed.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> path = Path(mkdtemp()) / "export.jsonl"
    >>> _ = path.write_text('{"text": "win a prize", "label": "spam", "answer": "accept", "_session_id": "ann"}')
    >>> [(record.answer, record.accepted, record.annotator) for record in read_answers(path)]
    [(('spam',), True, 'ann')]
    """
    if not isinstance(path, str | Path):
        raise TypeError(f"path is {short_repr(path)}; expected the name of a file.")
    if format is not None and format not in READ:
        raise ValueError(f"format is {short_repr(format)}; expected one of {list(READ)}, or None.")
    names = names_of_accounts(annotators)
    if format in _MAY_BE_EMPTY and not files.read_own(Path(path)):
        return []
    # Millions of objects that live are looked through again and again: it is most of the time.
    with gc_paused():
        document = read_document(path)
        records = records_in(document, _chosen(document, format, label), label)
        return [_named(record, names) for record in records] if names else records


def _named(record: AnswerRecord, names: Mapping[str, str]) -> AnswerRecord:
    return record if record.annotator is None else replace(record, annotator=name_of(record.annotator, names))


def recognized(document: Document) -> str | None:
    """Return the name of the format of a document, None where nothing recognizes it."""
    for name, each in FORMATS.items():
        if each.recognizes is not None and each.recognizes(document):
            return name
    return None


def _chosen(document: Document, name: str | None, label: str | None) -> Format:
    found = recognized(document)
    if found is None and label is not None and any(label in row for row in document.rows):
        # A table whose column of labels has another name.
        found = "hugging_face"
    if not document.rows and not document.columns and name is None:
        # An export of nothing.
        return FORMATS["label_studio"]
    if found in (None, "hugging_face"):
        check_not_wrapped(document)
    if name is None and found is None:
        has = sorted(document.rows[0])[:10] if document.rows else list(document.columns)
        raise ValueError(
            f"{document.path} is the file of no tool that is known: its first row has {has}. Expected an export of one "
            f"of {[each.tool for each in FORMATS.values() if each.read]}; name it with format=."
        )
    # What several write alike is whose the user says it is; what names its tool is not.
    alike = {"hugging_face", "doccano"}
    if name is not None and found is not None and name != found and not {name, found} <= alike:
        raise ValueError(
            f"{document.path} is a file of {FORMATS[found].tool}, and format is {name!r}; leave format out, or pass "
            f"format={found!r}."
        )
    if name == "prodigy" and found is None and not any(row.keys() & _OF_PRODIGY for row in document.rows):
        raise ValueError(
            f"{document.path} is not a file of Prodigy: no row has any of {sorted(_OF_PRODIGY)}; leave format out, or "
            "name the tool that wrote it."
        )
    return FORMATS[name or found or "label_studio"]


def records_in(document: Document, form: Format, label: str | None = None) -> list[AnswerRecord]:
    """Return the answers in a document of a known format, to the question `label` where there are several.

    Raises
    ------
    ValueError
        If a row is not what it should be, and the message says which; or if it is not known which question is meant.
    """
    document = replace(document, label=_question(document, form, label))
    records: list[AnswerRecord] = []
    read: Any = form.read
    for place, row in enumerate(document.rows):
        try:
            found = list(read(row, document))
        except KeyError as missing:
            why = f"it lacks {missing}."
        except (ValueError, OverflowError, OSError) as error:
            why = str(error)
        except (TypeError, AttributeError, LookupError):
            # What Python says of it is about our code.
            why = f"it has {short_repr(row)}, which has a list, an object or a value in the place of another."
        else:
            records += [replace(record, place=document.place(place)) for record in found]
            continue
        raise ValueError(
            f"{document.path}, {document.place(place)}: {why} Expected a row of {form.tool}; export it again, or take "
            "the row out."
        )
    return records


def _question(document: Document, form: Format, label: str | None) -> str | None:
    """Return the question or column to read, where a row of a format may have several."""
    if label is not None and not isinstance(label, str):
        raise TypeError(f"label is {short_repr(label)}; expected the name of a question or a column, or None.")
    if form.choose is None:
        if label not in (None, *LABELS):
            raise ValueError(
                f"{document.path} is a file of {form.tool}, which has one answer a row, and label is "
                f"{short_repr(label)}; leave label out."
            )
        return None
    try:
        return form.choose(document, label)
    except ValueError as error:
        raise ValueError(f"{document.path}: {error}") from None
