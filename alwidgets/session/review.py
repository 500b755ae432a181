"""Review of answers, with the predictions of models that were not trained on them."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from alwidgets.inspection.answers_table import answers_frame, answers_of, found, ordered, picked
from alwidgets.session import label_validation, validation
from alwidgets.session.core import Core
from alwidgets.types import AnyClass

if TYPE_CHECKING:
    import pandas as pd


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
    with core.log.lock:
        known = answers_of(core.log.state)
    frame = answers_frame(known, issues)
    return found(ordered(picked(frame, label, wanted), sort), core.items, words).reset_index(drop=True)
