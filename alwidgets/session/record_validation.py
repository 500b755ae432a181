"""Records of answers before anything is taken from them: whether they are such, and in which order they count."""

from __future__ import annotations

import math
import time
from collections.abc import Hashable, Iterable, Mapping
from pathlib import Path
from typing import Any

from alwidgets.data.pool import text_id
from alwidgets.io.fields import fields_of
from alwidgets.io.records import AnswerRecord
from alwidgets.session import validation
from alwidgets.utils.text import replace_surrogates, short_repr

# Clocks differ, and zones are mistaken for others.
_AHEAD = 86_400.0


def check_records(records: Any) -> list[AnswerRecord]:
    """Return records as a list; what has another type among them is an error of the caller."""
    expected = "expected a list of AnswerRecord, as `alwidgets.io.read_answers` returns"
    if isinstance(records, str | Path):
        name = short_repr(str(records))
        raise TypeError(f"records is {name}; {expected}: session.receive(alwidgets.io.read_answers({name})).")
    if not isinstance(records, Iterable) or isinstance(records, Mapping):
        raise TypeError(f"records is {short_repr(records)}; {expected}.")
    listed = list(records)
    for each in listed:
        if not isinstance(each, AnswerRecord):
            raise TypeError(f"records has {short_repr(each)}; {expected}.")
    return listed


def in_order(records: Iterable[AnswerRecord]) -> list[AnswerRecord]:
    """Return records by time, those without one first; a deletion without one stays behind the answer that it ends."""
    times, last = list[tuple[float, int, AnswerRecord]](), dict[tuple[str, str], float]()
    for place, record in enumerate(records):
        key = (str(record.sample), str(record.id or record.annotator))
        at = last.get(key, -math.inf) if is_deletion(record) and record.when is None else _time_of(record)
        last[key] = max(at, last.get(key, -math.inf))
        times.append((at, place, record))
    return [record for *_, record in sorted(times, key=lambda each: each[:2])]


def is_deletion(record: AnswerRecord) -> bool:
    """Return whether a record says that there is no answer any more."""
    return record.answer is None and not record.cancelled


def _time_of(record: AnswerRecord) -> float:
    # What is not a time is refused, and stands anywhere.
    known = isinstance(record.when, int | float) and math.isfinite(record.when)
    return record.when if known and record.when is not None else -math.inf


def check_record(record: AnswerRecord) -> None:
    """Raise if a record has what no answer can have, or a time at which nobody can have answered."""
    for name in ("sample", "content", "source", "id"):
        value = getattr(record, name)
        if not isinstance(value, str):
            raise TypeError(f"{name} is {short_repr(value)}; expected a str.")
    for name in ("answer", "suggested"):
        for each in getattr(record, name) or ():
            if each is None or not isinstance(each, Hashable):
                raise TypeError(f"{name} has {short_repr(each)}; expected classes.")
    when = validation.check_seconds("when", record.when)
    if when is not None and not 0 <= when <= time.time() + _AHEAD:
        wrong = "before 1970" if when < 0 else "more than a day ahead"
        raise ValueError(
            f"when is {when:.15g}, which is {wrong}; expected seconds since 1970, not milliseconds, in UTC."
        )


def shows_another_text(record: AnswerRecord, item: Any) -> bool:
    """Return whether an answer was given to another text than the one that has its id here.

    Of what is not a text, and of an answer whose text is not known, nobody can say so: pictures have other addresses in
    other tools, and tables other columns.
    """
    text = fields_of(item).get("text") if isinstance(item, str) else None
    if text is None or not record.content or record.content == record.sample:
        return False
    # The bridge brings whole characters alone.
    return record.content not in (text_id(text), text_id(replace_surrogates(text)))
