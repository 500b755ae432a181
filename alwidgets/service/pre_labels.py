"""Pre-labels for projects of Label Studio: what the model of a session says of the tasks that it is asked about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from alwidgets.bridges.labeling_config import fitted
from alwidgets.bridges.tasks import record_of, result_of
from alwidgets.inspection.suggestion import Suggestion
from alwidgets.session import Session, view_of
from alwidgets.utils.text import short_repr


def model_version(session: Session) -> str:
    """Return the name of a session's newest model, which is that of its round."""
    return _version(session.progress.round)


def check_config(session: Session, config: Any) -> None:
    """Raise ValueError if a labeling config asks for something else than a session."""
    if not isinstance(config, str):
        raise ValueError(f"the labeling config is {short_repr(config)}; expected XML.")  # noqa: TRY004 - not the caller's
    fitted(config, session.task.kind, session.classes, may_lack=True)


def pre_labels(session: Session, tasks: Sequence[Mapping[str, Any]], config: str) -> list[list[dict[str, Any]]]:
    """Return the predictions of some tasks, one or none each.

    None where the sample is not in the pool, there is no model yet, the project lacks the class, the answer is to
    measure the model, so that nothing may lead it, or somebody of a team has answered it, which the others do not know.

    Parameters
    ----------
    session : Session
        Whose model.
    tasks : sequence of mapping
        Each with its "data".
    config : str
        The labeling config of the project.

    Raises
    ------
    ValueError
        If the config asks for something else than the session.
    """
    control = fitted(config, session.task.kind, session.classes, may_lack=True)
    view = view_of(session)
    rows = [view.row_of(record_of(task["data"])) for task in tasks]
    found = {each.item: each for each in view.suggestions(sorted({row for row in rows if row is not None}))}
    several = session.task.multilabel

    def prediction(suggestion: Suggestion) -> list[dict[str, Any]]:
        label: Any = suggestion.label
        answer = tuple(label) if several else (label,)
        if not {str(name) for name in answer} <= set(control.answers_for(session.classes)):
            return []
        score = {} if suggestion.confidence is None else {"score": suggestion.confidence}
        result = result_of(control, session.classes, answer)
        return [{"result": result, "model_version": _version(suggestion.round), **score}]

    return [prediction(found[row]) if row in found else [] for row in rows]


def _version(number: int) -> str:
    return f"round-{number}"
