"""Review of answers, with the predictions of models that were not trained on them."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from alwidgets.annotation.decisions import decide, settled_as_of, votes_to_decide
from alwidgets.inspection.answers_table import (
    AnswersSnapshot,
    answers_frame,
    answers_of,
    found,
    ordered,
    picked,
    with_labels,
)
from alwidgets.session import label_validation, validation
from alwidgets.session.core import Core
from alwidgets.types import AnyClass

if TYPE_CHECKING:
    import pandas as pd


def known_answers(core: Core, *, wait: bool) -> AnswersSnapshot:
    """Return the answers that stand, with the labels that a team's consensus makes of them.

    Unless it may wait for a model of the annotators, or a user's function, those that the newest model learned.
    """
    with core.log.lock:
        state, team = core.log.state, core.engine.team
        known, settled_as = answers_of(state), settled_as_of(state)
        votes = votes_to_decide(state, team) if wait else None
    if votes is not None:
        settled_as = decide(votes, team).differing(votes.majority)
    return with_labels(known, settled_as)


def review(
    core: Core, label: AnyClass | None, wanted: dict[str, bool | None], *, search: str, sort: str, wait: bool
) -> pd.DataFrame:
    """Filter and sort the answers."""
    if wait:
        core.engine.callbacks.check_outside("review")
    if label is not None:
        label = label_validation.check_class(label, core.classes, core.log.state.code_of)
    words = validation.check_words("search", search)
    issues = core.inspector.label_issues(wait=wait)
    if issues is not None and issues.problem:
        warnings.warn(issues.problem, RuntimeWarning, stacklevel=3)
    frame = answers_frame(known_answers(core, wait=wait), issues)
    return found(ordered(picked(frame, label, wanted), sort), core.items, words).reset_index(drop=True)
