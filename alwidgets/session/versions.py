"""Versions of a session: rollback, comparison and branches."""

from __future__ import annotations

import shutil
import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict, TypeVar

from alwidgets import types
from alwidgets.io.frames import diff_frame
from alwidgets.journal.copying import build
from alwidgets.journal.encode import to_record
from alwidgets.journal.events import RolledBack
from alwidgets.journal.identity import begins_with
from alwidgets.journal.log import new_id
from alwidgets.loop.executor import FitIn, ScoreIn
from alwidgets.loop.restore import Rollback
from alwidgets.session import label_validation, validation
from alwidgets.session.core import Core
from alwidgets.session.task import Kind, Task
from alwidgets.session.team import begin_team
from alwidgets.session.validation import AuditMode, Duplicates, FeaturesOf, RetrainEvery
from alwidgets.stopping import Budget, Criterion, CriterionName, Rule
from alwidgets.strategies import ColdStart, Strategy, StrategyName
from alwidgets.utils.checks import check_journal, check_seed
from alwidgets.utils.text import short_repr

if TYPE_CHECKING:
    import pandas as pd

    from alwidgets.annotation.team import Team

_Session = TypeVar("_Session")


class Changes(TypedDict, total=False):
    """Arguments of `Session` that a branch may have others of."""

    items: types.Items | None
    classes: Iterable[types.AnyClass] | types.SupportsArray[Any]
    learner: types.Learner
    strategy: StrategyName | Strategy | None
    batch_size: int
    retrain_every: RetrainEvery | None
    budget: Budget | int | None
    stop: CriterionName | Criterion | Rule | None
    random_state: int | None
    test: tuple[types.Samples, types.Samples] | None
    audit: float | None
    audit_mode: AuditMode
    scoring: types.Scoring | None
    cold_start: StrategyName | Strategy | ColdStart | Literal["auto"] | None
    embed: Callable[[Any], Any] | None
    features: FeaturesOf
    task: Task | Kind
    render: types.Renderer | None
    media_root: str | Path | None
    annotator: str | None
    labels: types.Samples | Mapping[int, Any] | None
    duplicates: Duplicates | None
    fit_in: FitIn
    score_in: ScoreIn
    team: Team | None
    find: types.AnyClass | None


def rollback(core: Core, round: int | None, annotator: str | None) -> Rollback:  # noqa: A002 - the glossary's word
    """Go back to the labels, questions and model of a round."""
    core.engine.callbacks.check_outside("rollback")
    number = None if round is None else validation.check_round(round)
    name = core.name_of(annotator)
    with core.engine.paused(), core.log.lock:
        core.log.check_open()
        core.log.state.check_rollback(number)
        core.log.record(RolledBack(id=new_id(), at=time.time(), round=number, annotator=name))
        # What was known then may be from before there was this team.
        begin_team(core, core.engine.team)
    found = core.engine.compare_with_recorded()
    core.engine.changed()
    if not found.same_predictions:
        warnings.warn(
            f"The model of round {found.round} was fitted again and predicts otherwise than it did; `versions` has the "
            "libraries that it was made with.",
            RuntimeWarning,
            stacklevel=3,
        )
    return found


def diff(core: Core, first: int, second: int) -> pd.DataFrame:
    """Return the labels in which two rounds differ."""
    rounds = validation.check_round(first), validation.check_round(second)
    with core.log.lock:
        before, after = (core.log.state.at_round(number) for number in rounds)
    return diff_frame(before, after)


def branched(
    core: Core,
    make: Callable[..., _Session],
    journal: str | Path,
    round: int | None,  # noqa: A002 - the glossary's word
    changes: dict[str, Any],
) -> _Session:
    """Write the journal of a branch, and make the session that goes on from it; the folder is there only with it."""
    target = _check_target(core, journal, changes)
    number = None if round is None else validation.check_round(round)
    with core.log.lock:
        records = [to_record(event) for event in core.log.events]
        if number is not None:
            core.log.state.check_rollback(number)
            records.append(to_record(RolledBack(id=new_id(), at=time.time(), round=number, annotator=core.annotator)))
        origin = {"session": core.log.session_id, "round": core.log.state.round if number is None else number}
        identity = core.identity(core.log.declared) | {"branched_from": origin, "defaults": core.setup.defaults}
    seed = check_seed(changes.get("random_state"))
    identity["random_state"] = core.setup.random_state if seed is None else seed
    identity["features"] = validation.check_features_of(changes.get("features", core.init_params["features"]))
    build(target, identity, records)
    try:
        return make(
            **core.init_params | changes | {"random_state": identity["random_state"], "journal": target},
        )
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise


def _check_target(core: Core, journal: str | Path, changes: dict[str, Any]) -> Path:
    """Return the folder of a branch, if one with these changes can be there."""
    target = check_journal(journal)
    if target is None or target.exists():
        raise ValueError(f"journal is {str(journal)!r}, which exists; expected the name of a new folder.")
    if core.log.path is not None and core.log.path in target.parents:
        raise ValueError(f"journal is {str(journal)!r}, in the session's own; expected a folder beside it.")
    for name in ("X", "ids"):
        if name in changes:
            raise ValueError(f"{name} is changed; expected the samples of this session, whose labels the branch has.")
    if "classes" in changes:
        classes = list(label_validation.check_class_names(changes["classes"]))
        if not begins_with(classes, list(core.log.declared)):
            raise ValueError(
                f"classes is {short_repr(classes)}; expected {list(core.log.declared)}, and more behind them."
            )
    return target
