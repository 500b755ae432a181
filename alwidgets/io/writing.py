"""Labels of a session in the files of any tool."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any, get_args

import numpy as np

from alwidgets.io.fields import fields_of
from alwidgets.io.formats.catalog import FORMATS, WrittenFormat
from alwidgets.io.formats.format import Export, Format, Prediction
from alwidgets.io.records import AnswerRecord
from alwidgets.io.tables import ENDINGS, check_table, content_of
from alwidgets.types import Labels
from alwidgets.utils import files
from alwidgets.utils.text import short_repr, type_name

#: Formats of other tools that can be written.
WRITTEN: tuple[str, ...] = get_args(WrittenFormat)
# Of a record: in words, and whether it has it.
_PARTS: Mapping[str, tuple[str, Callable[[AnswerRecord], bool]]] = {
    "annotator": ("annotators", lambda record: record.annotator is not None),
    "seconds": ("times taken", lambda record: record.seconds is not None),
    "note": ("notes", lambda record: bool(record.note)),
    "flag": ("flags", lambda record: record.flag is not None),
    "suggested": ("suggestions", lambda record: record.suggested is not None),
}
_OTHERS = "answers of other annotators"


def write_labels(
    session: Labels,
    path: str | Path,
    format: WrittenFormat | None = None,  # noqa: A002 - the user's word
) -> Path:
    """Write the labels of a session to a file: a table of ours, or the file of another tool.

    The file is written whole or not at all: on any error, also that the disk is full, the one that was there stays.
    `read_labels` gives a table of ours back, and `read_answers` any of them but spaCy's.

    ===============  ==========================================  ======================================================
    `format`         file                                        not in it
    ===============  ==========================================  ======================================================
    None             our table: CSV, JSON Lines or parquet       skips
    "label_studio"   Label Studio JSON, to be imported, with     rounds, strategies; on import, the names of annotators
                     all annotators and the model's predictions  who have no account
    "prodigy"        Prodigy JSON Lines: binary for "yes_no",    times taken, suggestions, what flags say; times are
                     else choice; hashes of binary texts         whole seconds
    "argilla"        Argilla JSON, for `Record.from_dict`,       rounds, strategies; `from_dict` makes a skip a record
                     with all annotators                         without an answer
    "doccano"        doccano JSON Lines                          annotators, times, flags, suggestions, skips, answers
                                                                 of no class
    "hugging_face"   parquet with a ClassLabel, for `datasets`   skips, suggestions
    "spacy"          DocBin with `cats`, texts only              skips, suggestions
    ===============  ==========================================  ======================================================

    In our CSV, text that a spreadsheet would run begins with an apostrophe; all other text is what it was for every
    reader that is told to read text. JSON Lines hold every value as it is. Other tools have classes that are texts:
    1 is "1" there, and 1 again for `Session.receive`. Where several annotators answered an item, a file without all of
    them has the answer that stands.

    Parameters
    ----------
    session : Session
        Whose labels; in the formats of other tools also the skips, and what the samples show. Of a team one label an
        item, what its answers amount to; `Session.answers` and `Session.records` have all answers.
    path : str or Path
        Without a format it ends in ``.csv``, ``.jsonl`` or ``.parquet`` (which needs pyarrow).
    format : {"label_studio", "prodigy", "argilla", "doccano", "hugging_face", "spacy"}, optional
        Of which tool; default ours.

    Returns
    -------
    path : Path
        Where they are.

    Raises
    ------
    ValueError
        If there is no such format or ending, or the tool cannot hold the samples.
    TypeError
        If `session` is not a session or `path` no name of a file.
    ImportError
        If pyarrow or spaCy is needed and not installed.

    Warns
    -----
    UserWarning
        If the session has what the format cannot hold; once for all of it.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> from sklearn.naive_bayes import GaussianNB
    >>> import alwidgets as alw
    >>> texts = ["win a prize", "see you at noon"]
    >>> session = alw.Session(np.eye(2), texts, classes=["ham", "spam"], learner=GaussianNB(), annotator="ann")
    >>> session.teach(0, "spam")
    >>> path = write_labels(session, Path(mkdtemp()) / "labels.json", format="label_studio")
    >>> [(record.answer, record.annotator) for record in alw.io.read_answers(path)]
    [(('spam',), 'ann')]
    """
    if not hasattr(session, "labels"):
        raise TypeError(f"session is {type_name(session)}; expected a Session.")
    if format is None:
        written, lost = write_table(session, path), _lost_by_table(session)
        if words := _lost_in_words(session, "A table of labels", lost):
            warnings.warn(words, stacklevel=2)
        return written
    if format not in WRITTEN:
        raise ValueError(f"format is {short_repr(format)}; expected one of {list(WRITTEN)}, or None and {ENDINGS}.")
    if not isinstance(path, str | Path):
        raise TypeError(f"path is {short_repr(path)}; expected the name of a file.")
    form = FORMATS[format]
    whole = export_of(session, predicted="predictions" in form.holds, several="several" in form.holds)
    kept, lost = _held(whole, form)
    if "several" not in form.holds and _others(session, ()):
        lost.append(_OTHERS)
    files.replace_own(Path(path), _written(form, kept))
    if words := _lost_in_words(session, form.tool, lost):
        warnings.warn(words, stacklevel=2)
    return Path(path)


def _lost_in_words(session: Any, tool: str, lost: Sequence[str]) -> str:
    """Return a warning of what a file lacks; empty if it lacks nothing."""
    words = [f"{tool} holds no {', no '.join(lost)}: the file lacks them."] if lost else []
    if getattr(session, "team", None) is not None:
        answers = session.answers
        if answers.loc[answers["standing"], "item"].duplicated().any():
            words.append(
                "The file has one label a sample, what the team's answers amount to: `Session.answers` has each."
            )
    return " ".join(words)


def _written(form: Format, export: Export) -> bytes:
    """Return the content of a file; what cannot be written is named by its sample."""
    write: Any = form.write
    try:
        content: bytes = write(export)
    except (UnicodeError, OverflowError):
        for place, record in enumerate(export.records):
            try:
                write(_part(export, [place]))
            except (UnicodeError, OverflowError) as error:
                raise ValueError(
                    f"sample {short_repr(record.sample)} cannot be written for {form.tool} ({error}); expected whole "
                    "characters, numbers of 64 bits and times of a calendar. Write the session in another format."
                ) from None
        raise
    return content


def _part(export: Export, places: list[int]) -> Export:
    parts: dict[str, Any] = {
        name: [getattr(export, name)[place] for place in places] for name in ("records", "fields", "predictions")
    }
    return replace(export, **parts)


def write_table(session: Labels, path: str | Path) -> Path:
    """Write our table of the labels of a session; see `write_labels`."""
    target, ending = check_table(path)
    files.replace_own(target, content_of(session.labels, ending))
    return target


def _lost_by_table(session: Any) -> list[str]:
    """Return in words what a table of labels lacks of a session."""
    if not hasattr(session, "answers"):
        return []
    skips = ["skips"] if session.progress.n_skipped else []
    return skips + ([_OTHERS] if _others(session, ()) else [])


def _others(session: Any, records: Iterable[AnswerRecord]) -> list[AnswerRecord]:
    """Return the answers of other annotators beside those that stand, in a session without a team.

    With a team a label is what all of them amount to.
    """
    if getattr(session, "team", None) is not None or not hasattr(session, "answers"):
        return []
    answers = session.answers
    each = answers[answers["standing"]]
    if not each["item"].duplicated().any():
        return []
    known = {record.id for record in records or session.records()}
    return [
        AnswerRecord(
            sample=session.sample_id(row.item),
            answer=() if row.label is None else row.label if isinstance(row.label, tuple) else (row.label,),
            annotator=row.annotator,
            when=round(row.when.timestamp(), 6),
            seconds=None if np.isnan(row.seconds) else row.seconds,
            source=row.source,
            cancelled=row.label is None,
            id=row.id,
            item=row.item,
        )
        for row in each[~each["id"].isin(known)].itertuples()
    ]


def export_of(session: Any, *, predicted: bool, several: bool = False) -> Export:
    """Return everything of a session that a format may hold, with the model's predictions where they are wanted."""
    records = session.records()
    if getattr(session, "team", None) is not None:
        records = list(_one_each(session, records))
    elif several:
        # The one that stands comes first.
        records = sorted([*records, *_others(session, records)], key=lambda record: record.item)
    predictions = session.predictions() if predicted and records else None
    model = f"round-{session.progress.round}"
    rows = [record.item for record in records]
    return Export(
        kind=session.task.kind,
        classes=session.classes,
        records=records,
        fields=[fields_of(session.item(row)) for row in rows],
        predictions=[None if predictions is None else _prediction(predictions, row, session.classes) for row in rows],
        model_version=model,
    )


def _one_each(session: Any, records: list[AnswerRecord]) -> Iterator[AnswerRecord]:
    """Yield one record an item of a team: its label, as the answer that says it, or that nobody could tell."""
    labels, gold = session.labels, session.team.members.gold
    known = dict(zip(labels["item"].tolist(), zip(labels["annotator"], labels["label"], strict=True), strict=True))
    for item, given in groupby(records, key=lambda record: record.item):
        of_item = {record.annotator: record for record in given}
        if item in known:
            name, label = known[item]
            answer = label if isinstance(label, tuple) else (label,)
            record = of_item[name]
            # A model of the annotators may say otherwise than all of them.
            said = not record.cancelled and record.answer == answer
            yield record if said else replace(record, answer=answer, annotator=None, seconds=None, cancelled=False)
        elif item not in gold and all(record.cancelled for record in of_item.values()):
            yield list(of_item.values())[-1]


def _prediction(predictions: Any, row: int, classes: tuple[Any, ...]) -> Prediction:
    codes = predictions.codes[row]
    places = np.flatnonzero(codes) if np.ndim(codes) else [int(codes)]
    score = None if predictions.confidence is None else float(predictions.confidence[row])
    return Prediction(tuple(classes[place] for place in places), score)


def _held(export: Export, form: Format) -> tuple[Export, list[str]]:
    """Return the answers that a format holds, and in words what is lost."""
    lost = [
        words
        for name, (words, has) in _PARTS.items()
        if name not in form.holds and any(map(has, export.records))
    ]  # fmt: skip
    places = range(len(export.records))
    dropped: dict[str, list[int]] = {
        "skips": [place for place in places if export.records[place].cancelled],
        "answers of no class": [
            place for place in places if not (export.records[place].cancelled or export.records[place].answer)
        ],
    }
    held = {"skips": "cancelled" in form.holds, "answers of no class": "none" in form.holds}
    dropped = {words: found for words, found in dropped.items() if found and not held[words]}
    gone = {place for found in dropped.values() for place in found}
    lost += list(dropped)
    return _part(export, [place for place in places if place not in gone]), lost
