"""A session's state as DataFrames."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alwidgets.events import Labelled, Question, State

if TYPE_CHECKING:
    import pandas as pd

_ASKED_BY_HAND = Question(round=0, strategy="", utility=None, audit=False)


def labels_frame(state: State) -> pd.DataFrame:
    """Return one row a labelled item: the answer that stands, which is the last one given to it."""
    import pandas as pd

    columns = [
        "item", "sample", "label", "annotator", "seconds", "round", "strategy", "utility", "audit", "flag", "at",
    ]  # fmt: skip
    standing = {answer.item: answer for answer in state.answers.values()}
    rows = []
    for answer in standing.values():
        if not isinstance(answer, Labelled):
            continue
        question = state.questions.get(answer.item, _ASKED_BY_HAND)
        rows.append((
            answer.item, answer.sample, answer.label, answer.annotator, answer.seconds, answer.round,
            question.strategy, question.utility, question.audit, state.flags.get(answer.item), answer.at,
        ))  # fmt: skip
    frame = pd.DataFrame(rows, columns=columns)
    frame["at"] = pd.to_datetime(frame["at"], unit="s", utc=True)
    return frame.astype({"seconds": float, "utility": float, "audit": bool, "item": int, "round": int})


def history_frame(state: State) -> pd.DataFrame:
    """Return one row a round, with one column a stopping criterion."""
    import pandas as pd

    columns = [
        "round", "n_labelled", "n_learnt", "score", "score_low", "score_high", "score_kind", "score_n",
        "fit_seconds", "seconds", "cost", "strategy",
    ]  # fmt: skip
    rows = [
        {name: getattr(event.record, name) for name in columns}
        | {_column(reading.name, columns): reading.value for reading in event.record.readings}
        for event in state.rounds
    ]
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=columns)


def _column(criterion: str, taken: list[str]) -> str:
    return f"{criterion} (criterion)" if criterion in taken else criterion
