"""A session's state as DataFrames."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alwidgets.events import Labelled, Question, State

if TYPE_CHECKING:
    import pandas as pd

    from alwidgets.stopping import History

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


def history_frame(history: History) -> pd.DataFrame:
    """Return one row a round, with one column a further metric and one a stopping criterion."""
    import pandas as pd

    columns = [
        "round", "n_labelled", "n_learnt", "score", "score_low", "score_high", "score_kind", "score_n", "metric",
        "fit_seconds", "seconds", "cost", "strategy",
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

    columns = ["round", "n_labelled", "class", "recall", "precision", "n"]
    rows = [
        (item.round, item.n_labelled, seen.label, seen.recall, seen.precision, seen.n)
        for item in history
        for seen in item.per_class
    ]
    return pd.DataFrame(rows, columns=columns)


def _column(name: str, taken: list[str], what: str) -> str:
    return f"{name} ({what})" if name in taken else name


def decisions_frame(state: State) -> pd.DataFrame:
    """Return one row a decision to stop or to go on, oldest first."""
    import pandas as pd

    columns = ["decision", "reason", "advice", "n_labelled", "annotator", "at"]
    frame = pd.DataFrame([[getattr(made, name) for name in columns] for made in state.decisions], columns=columns)
    frame["at"] = pd.to_datetime(frame["at"].astype(float), unit="s", utc=True)
    return frame
