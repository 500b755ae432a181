"""A session's state as DataFrames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from alwidgets.journal.answers import standing_rows
from alwidgets.journal.events import (
    Answer,
    Asked,
    Event,
    Failed,
    Trained,
    Undone,
)
from alwidgets.journal.state import LABELED, State
from alwidgets.types import FloatArray, IntArray

if TYPE_CHECKING:
    import pandas as pd

    from alwidgets.stopping import History


#: What `Session.labels` has.
LABEL_COLUMNS = (
    "item", "sample", "label", "annotator", "seconds", "round", "strategy", "utility", "audit", "flag", "note", "via",
    "suggested", "at",
)  # fmt: skip
#: What it has of a team behind these.
TEAM_COLUMNS = ("n_answers", "share", "how")
# Where an event keeps why.
_NOTES = ("note", "reason", "target", "settings", "decision", "mode")


def labels_frame(state: State) -> pd.DataFrame:
    """Return one row a labeled item: the answer that stands, which is the last one given to it.

    A label that was carried from an identical sample says "duplicate" in `via`.
    """
    given, rows = _standing(
        state, at=0.0, sample=None, label=None, annotator=None, seconds=None, round=0, via="", suggested=None
    )
    # A copy was not asked.
    asked = state.asked[rows] > 0
    strategies = np.array([*state.strategies, ""], object)
    columns: dict[str, Any] = {
        "item": rows,
        **given,
        # As lists, of which pandas finds out what they are of: a class may be a number.
        "label": given["label"].tolist(),
        # Of a column of None alone there is nothing to find out.
        "suggested": given["suggested"].tolist() if _any(given["suggested"]) else given["suggested"],
        "flag": _known(state.flags, rows),
        "note": _known(state.notes, rows),
        "strategy": strategies[np.where(asked, state.asked_by[rows], -1)],
        "utility": np.where(asked, state.utility[rows], np.nan),
        "audit": asked & state.audit[rows],
    }
    return _labels(columns, times(columns.pop("at")))


def _any(values: Any) -> bool:
    """Return whether there is a value among objects that may be None."""
    there: Any = values != None  # noqa: E711 - of each
    return bool(there.any())


def _known(notes: Mapping[int, str], rows: IntArray) -> Any:
    """Return the notes on rows; None for rows without one."""
    found = np.full(len(rows), None, object)
    for at in np.flatnonzero(np.isin(rows, list(notes))).tolist():
        found[at] = notes[rows.item(at)]
    return found


def _standing(state: State, **usual: Any) -> tuple[dict[str, npt.NDArray[Any]], IntArray]:
    """Return fields of the current labels in the order in which rows were first answered, and their rows.

    The label of a copy says so in `via`, and took no time. `usual` as in `Past.columns`.
    """
    rows, numbers, copied = standing_rows(state)
    labeled = state.status[rows] == LABELED
    if not labeled.all():
        rows, numbers, copied = rows[labeled], numbers[labeled], copied[labeled]
    order = np.argsort(numbers, kind="stable")
    found = state.past.columns(numbers[order], **usual)
    if (order[1:] < order[:-1]).any():
        back = np.argsort(order)
        found = {name: values[back] for name, values in found.items()}
    if "via" in found:
        found["via"][copied] = "duplicate"
    if "seconds" in found:
        found["seconds"] = np.where(copied, np.nan, state.took[rows])
    found["label"] = state.kind.from_json(found["label"])
    if "sample" in found and copied.any():
        _samples_of_copies(state, found["sample"], rows, numbers, np.flatnonzero(copied))
    return found, rows


def _samples_of_copies(state: State, samples: Any, rows: IntArray, numbers: IntArray, places: IntArray) -> None:
    """Put the ids of the copies, which are at these places, where those of the samples are that were answered."""
    places = places[np.argsort(numbers[places], kind="stable")]
    answers = state.past.columns(numbers[places], copies=None, copy_samples=None)
    for place, copies, given in zip(places.tolist(), answers["copies"], answers["copy_samples"], strict=True):
        row = rows.item(place)
        own = dict(zip(copies or (), given or (), strict=False)) | state.carried_samples
        samples[place] = own.get(row, samples[place])


def labels_beside(data: Any, state: State) -> pd.DataFrame:
    """Return a DataFrame with the labels of its rows, and who gave each where, in three columns more."""
    import pandas as pd

    frame = pd.DataFrame(index=range(state.n_samples)) if data is None else data.copy()
    given, rows = _standing(state, label=None, annotator=None, via="")
    for name, known in given.items():
        values = np.full(state.n_samples, None, object)
        values[rows] = known
        frame[_column(name, list(frame.columns), "session")] = pd.Series(values, index=frame.index, dtype=object)
    return frame


def labels_of_rows(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> pd.DataFrame:
    """Return rows of labels, of these columns, as a DataFrame; the time of each as ISO 8601 text."""
    import pandas as pd

    columns = (
        dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)) if rows else {name: [] for name in names}
    )
    times = pd.to_datetime(columns["at"], utc=True, format="ISO8601")
    return with_team(
        _labels({name: columns[name] for name in LABEL_COLUMNS[:-1]}, times),
        *(columns[name] for name in TEAM_COLUMNS if name in names),
    )


def with_team(frame: pd.DataFrame, *columns: Sequence[Any]) -> pd.DataFrame:
    """Return labels with the columns that they have of a team, where there are any."""
    kinds: tuple[type, ...] = (np.int64, np.float64, object)
    of_team = zip(TEAM_COLUMNS, columns, kinds, strict=False)
    return frame.assign(**{name: np.array(values, kind) for name, values, kind in of_team})


def _labels(columns: dict[str, Any], times: Any) -> pd.DataFrame:
    import pandas as pd

    kinds: dict[str, type] = {"seconds": float, "utility": float, "audit": bool, "item": int, "round": int}
    # What columns without a value are of is not left to pandas.
    kinds |= {name: object for name in LABEL_COLUMNS[:-1] if name not in kinds and not len(columns[name])}
    made: dict[str, Any] = {name: columns[name] for name in LABEL_COLUMNS[:-1]}
    made |= {name: np.asarray(columns[name], kind) for name, kind in kinds.items()}
    made["at"] = times.astype("datetime64[ns, UTC]")
    # The arrays are nobody else's: put together by kind, they would be copied.
    return pd.DataFrame(made, columns=list(LABEL_COLUMNS), copy=False)


def times(seconds: FloatArray) -> Any:
    """Return seconds since 1970 as times, to the microsecond."""
    import pandas as pd

    part, whole = np.modf(np.asarray(seconds, np.float64))
    microseconds = whole.astype(np.int64) * 1_000_000 + np.rint(part * 1e6).astype(np.int64)
    return pd.to_datetime(microseconds, unit="us", utc=True)


def history_frame(history: History) -> pd.DataFrame:
    """Return one row a round, with one column a further metric and one a stopping criterion."""
    import pandas as pd

    columns = [
        "round", "n_labeled", "n_learned", "score", "score_low", "score_high", "score_kind", "score_n", "metric",
        "fit_seconds", "seconds", "cost", "strategy", *(() if history.n_answers is None else ("n_answers",)),
    ]  # fmt: skip
    rows = [
        {name: getattr(item, name) for name in columns}
        | {_column(score.metric, columns, "metric"): score.value for score in item.scores[1:]}
        | {_column(reading.name, columns, "criterion"): reading.value for reading in item.readings}
        for item in history
    ]
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=columns)


def per_class_frame(history: History) -> pd.DataFrame:
    """Return one row a round and class."""
    import pandas as pd

    columns = ["round", "n_labeled", "class", "recall", "precision", "n"]
    rows = [
        (item.round, item.n_labeled, seen.label, seen.recall, seen.precision, seen.n)
        for item in history
        for seen in item.per_class
    ]
    return pd.DataFrame(rows, columns=columns)


def _column(name: str, taken: list[str], what: str) -> str:
    return f"{name} ({what})" if name in taken else name


def decisions_frame(state: State) -> pd.DataFrame:
    """Return one row a decision to stop or to go on, oldest first."""
    import pandas as pd

    columns = ["decision", "reason", "advice", "n_labeled", "annotator", "at"]
    frame = pd.DataFrame([[getattr(made, name) for name in columns] for made in state.decisions], columns=columns)
    frame["at"] = pd.to_datetime(frame["at"].astype(float), unit="s", utc=True)
    return frame


def versions_frame(state: State) -> pd.DataFrame:
    """Return one row a round ever made, oldest first, those that were rolled back among them."""
    import pandas as pd

    standing = {trained.id for trained in state.rounds}
    made: dict[str, Any] = {"model_spec": "", "libraries": {}}
    rows = []
    for trained in state.past.of(Trained):
        # Written down where they changed.
        made = {name: getattr(trained, name) or value for name, value in made.items()}
        record = trained.record
        rows.append((
            record.round, trained.id in standing, record.n_labeled, record.n_learned, record.metric, record.score,
            {score.metric: score.value for score in record.scores}, record.strategy, record.seconds, record.cost,
            trained.training_set, trained.seed, made["model_spec"], made["libraries"], trained.at,
        ))  # fmt: skip
    columns = [
        "round", "stands", "n_labeled", "n_learned", "metric", "score", "scores", "strategy", "seconds", "cost",
        "training_set", "seed", "model_spec", "libraries", "at",
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=columns)
    frame["at"] = pd.to_datetime(frame["at"].astype(float), unit="s", utc=True)
    return frame


def diff_frame(first: State, second: State) -> pd.DataFrame:
    """Return the items whose label differs between two states, ascending."""
    import pandas as pd

    rows = []
    for item in np.flatnonzero((first.codes >= 0) | (second.codes >= 0)).tolist():
        before, after = first.label_at(item), second.label_at(item)
        if before == after:
            continue
        change = "added" if before is None else "removed" if after is None else "changed"
        rows.append((item, before, after, change))
    return pd.DataFrame(rows, columns=["item", "first", "second", "change"])


def audit_log_frame(events: Iterable[Event]) -> pd.DataFrame:
    """Return one row for everything a person did, oldest first."""
    import pandas as pd

    columns = ["at", "annotator", "what", "item", "label", "seconds", "round", "note", "event"]
    rows, items = [], {}
    for event in events:
        if isinstance(event, Answer):
            items[event.id] = event.item
        if isinstance(event, Asked | Trained) or (isinstance(event, Failed) and event.annotator is None):
            continue
        note = next((getattr(event, name) for name in _NOTES if getattr(event, name, None)), "")
        values = [getattr(event, name, None) for name in ("annotator", "kind", "item", "label", "seconds", "round")]
        if isinstance(event, Undone):
            values[2] = items.get(event.target)
        rows.append([event.at, *values, str(note), event.id])
    frame = pd.DataFrame(rows, columns=columns)
    frame["at"] = pd.to_datetime(frame["at"].astype(float), unit="s", utc=True)
    return frame.astype({"item": "Int64", "round": "Int64", "seconds": float})
