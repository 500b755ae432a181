"""Tasks of Label Studio: made of samples, and read as answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alwidgets.bridges.labeling_config import Control
from alwidgets.io.documents import Document
from alwidgets.io.fields import SIDES
from alwidgets.io.formats import label_studio
from alwidgets.io.records import AnswerRecord, identified
from alwidgets.types import Class
from alwidgets.utils.text import replace_surrogates, short_repr

_NO_FILE = Document(Path("the project"), "json", [])
# Of results: what is written beside the answer.
_NOTE = "textarea"


@dataclass(frozen=True, slots=True)
class Quarantined:
    """An answer over there that was not taken in.

    Parameters
    ----------
    task, annotation : int
        Their numbers in Label Studio.
    sample : str
        Id of the sample.
    annotator : str or None
        Who answered.
    reason : str
        Why it does not fit.
    """

    task: int
    annotation: int
    sample: str
    annotator: str | None
    reason: str

    def __str__(self) -> str:
        """Return it in a sentence."""
        return f"task {self.task}, annotation {self.annotation} by {self.annotator}: {self.reason}"


@dataclass(frozen=True, slots=True)
class StudioTask:
    """A task over there, as it was when it was last looked at.

    Parameters
    ----------
    id : int
        Its number.
    updated_at : str
        When it last changed, as the server writes it.
    row : int or None
        Row of its sample; None where it is not in the pool.
    is_ours : bool
        Whether this session brought it there.
    is_answered : bool
        Whether it has an answer or a skip, of whatever kind.
    overlap : int
        How many people are to answer it.
    is_labeled : bool
        Whether it is asked of nobody any more, since as many did.
    n_people : int
        How many people answered it, whatever they said; skips do not count.
    records : tuple of AnswerRecord
        Its answers.
    unreadable : tuple of Quarantined
        What cannot even be read.
    """

    id: int
    updated_at: str
    row: int | None
    is_ours: bool
    is_answered: bool
    overlap: int = 1
    is_labeled: bool = False
    n_people: int = 0
    records: tuple[AnswerRecord, ...] = ()
    unreadable: tuple[Quarantined, ...] = ()


def data_of(fields: Mapping[str, Any], shows: Mapping[str, str]) -> dict[str, Any]:
    """Return the data of a task: what a sample shows, under the names that the project's page has for it.

    Parameters
    ----------
    fields : mapping of str to object
        What the sample shows.
    shows : mapping of str to str
        Name -> the tag that shows it.

    Raises
    ------
    ValueError
        If the page shows something that the sample has not.

    Examples
    --------
    >>> data_of({"text": "win a prize"}, {"body": "Text"})
    {'body': 'win a prize'}
    """
    clean = {name: _clean(value) for name, value in fields.items()}
    if shows.keys() <= clean.keys():
        return clean
    if len(shows) != 1:
        raise ValueError(f"the project shows {sorted(shows)}, and a sample has {sorted(clean)}; rename its columns.")
    (name, tag) = next(iter(shows.items()))
    if tag == "Table":
        return {name: clean}
    values = [str(value) for value in clean.values()]
    return {name: values[0] if len(values) == 1 else "\n".join(f"{key}: {value}" for key, value in clean.items())}


def _clean(value: Any) -> Any:
    return replace_surrogates(value) if isinstance(value, str) else value


def record_of(data: Mapping[str, Any]) -> AnswerRecord:
    """Return a record of no answer to the sample of a task."""
    return AnswerRecord(**identified(data), answer=None)


def result_of(control: Control, classes: Sequence[Class], answer: Sequence[Class]) -> list[dict[str, Any]]:
    """Return an answer as the project's page has it: empty where it has no class at all.

    Examples
    --------
    >>> question = Control("stars", "Rating", ("1", "2", "3"), False, {"text": "Text"}, "text")
    >>> result_of(question, [1, 2, 3], [2])
    [{'from_name': 'stars', 'to_name': 'text', 'type': 'rating', 'value': {'rating': 2}}]
    """
    if not answer:
        return []
    value: dict[str, Any] = {"choices": [str(name) for name in answer]}
    if control.tag == "Rating":
        value = {"rating": int(answer[0])}
    elif control.tag == "Pairwise":
        value = {"selected": SIDES[list(classes).index(answer[0])]}
    kind = control.tag.lower()
    return [{"from_name": control.name, "to_name": control.about, "type": kind, "value": value}]


def account_of(annotation: Mapping[str, Any]) -> int | None:
    """Return the number of the account that gave an answer; None where that account is gone."""
    who = annotation.get("completed_by")
    # Some releases say more of it than its number.
    return who.get("id") if isinstance(who, Mapping) else who


def read(task: Mapping[str, Any], control: Control, source: str, names: Mapping[int, str]) -> dict[str, Any]:
    """Return the answers to a task and how many people it is asked of, as fields of a `StudioTask`.

    Parameters
    ----------
    task : mapping
        As the server lists it, with all fields.
    control : Control
        The question; answers to others are not read.
    source : str
        What `source` of the records is to be.
    names : mapping of int to str
        E-mail addresses of the annotators.
    """
    records: list[AnswerRecord] = []
    unreadable: list[Quarantined] = []
    shown = {each["id"]: each for each in task.get("predictions") or () if isinstance(each, Mapping)}
    for annotation in task["annotations"]:
        who = account_of(annotation)
        annotator = (None if who is None else names.get(who)) or ("somebody" if who is None else f"user {who}")
        try:
            records.append(_record(task, annotation, control, source, annotator, shown))
        except KeyError as missing:
            why = f"it lacks {missing}."
        except (ValueError, TypeError, AttributeError, LookupError, OverflowError) as error:
            why = str(error)
        else:
            continue
        sample = str(identified(task["data"])["sample"])
        unreadable.append(Quarantined(task["id"], annotation["id"], sample, annotator, why))
    people = {account_of(each) for each in task["annotations"] if not each.get("was_cancelled")}
    return {
        "is_answered": bool(task["annotations"]),
        "overlap": task["overlap"],
        "is_labeled": task["is_labeled"],
        "n_people": len(people),
        "records": tuple(records),
        "unreadable": tuple(unreadable),
    }


def _record(
    task: Mapping[str, Any],
    annotation: Mapping[str, Any],
    control: Control,
    source: str,
    annotator: str,
    shown: Mapping[Any, Mapping[str, Any]],
) -> AnswerRecord:
    results = annotation["result"]
    if not isinstance(results, list):
        raise ValueError(f"the result is {short_repr(results)}; expected a list.")  # noqa: TRY004 - it is not the caller's
    own = [each for each in results if each.get("type") == _NOTE or each.get("from_name") == control.name]
    if annotation.get("was_cancelled"):
        # What was chosen before it was skipped is still in there.
        own = [each for each in own if each.get("type") == _NOTE]
    elif len(own) < len(results) and all(each.get("type") == _NOTE for each in own):
        others = [each.get("from_name") for each in results if each not in own]
        raise ValueError(f"it answers {short_repr(others)}; expected an answer to {control.name!r}.")
    prediction = shown.get(annotation.get("parent_prediction"))
    seen = {} if prediction is None else {"prediction": prediction}
    made = {**annotation, "result": own, "completed_by": annotator, "alw_event": None, **seen}
    made.pop("alw_annotator", None)
    (record,) = label_studio.read_json({"data": task["data"], "annotations": [made]}, _NO_FILE, source)
    return record
