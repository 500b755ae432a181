"""Settings that change during labeling, such as classes, audit, cold start, prices and keys; and recorded decisions."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from alwidgets.journal.events import Adjusted, AuditSet, ClassAdded, Decided, DuplicatesSet
from alwidgets.journal.log import new_id
from alwidgets.journal.resent import recorded_as
from alwidgets.session import label_validation, validation
from alwidgets.session.answers import give, record_once
from alwidgets.session.core import Core
from alwidgets.session.task import check_classes, keys_of
from alwidgets.types import AnyClass, Class, Label
from alwidgets.utils.text import short_repr

Decision: TypeAlias = Literal["stop", "go on"]


def begin(
    core: Core, classes: tuple[Class, ...], audit_mode: str, duplicates: str | None, labels: Mapping[int, Label]
) -> None:
    """Record the settings that are new or have changed since the session was last opened."""
    state = core.log.state
    is_new = not state.n_events
    for label in classes:
        if core.log.state.code_of(label) is None:
            core.record(ClassAdded, label=label, annotator=core.annotator)
    if core.log.state.audit_mode not in (audit_mode, "ended"):
        core.record(AuditSet, mode=audit_mode)
    mode = duplicates or ("carry" if is_new else core.log.state.duplicates)
    # Where no samples are identical there is nothing to say.
    if mode != core.log.state.duplicates and core.setup.copies.any:
        core.record(DuplicatesSet, mode=mode)
    give(core, labels)


def add_class(core: Core, label: AnyClass, annotator: str | None) -> None:
    """Add a class that was found while labeling; it comes last."""
    *_, added = label_validation.check_class_names((*core.classes, label))
    check_classes(core.task, (*core.classes, added))
    core.record(ClassAdded, label=added, annotator=core.name_of(annotator))


def end_audit(core: Core) -> None:
    """Ask no more audit questions, and train on the answers of those asked."""
    if core.log.state.audit_mode != "ended":
        core.record(AuditSet, mode="ended")


def end_cold_start(core: Core, annotator: str | None) -> None:
    """Ask by the strategy from now on, whatever classes have no label."""
    name = core.name_of(annotator)
    if not core.log.state.cold_start_ended:
        core.engine.end_cold_start(name)


def decide(core: Core, decision: str, reason: str, advice: str, annotator: str | None, event_id: str | None) -> None:
    """Record a decision to stop or to go on, with the advice it was made on."""
    if decision not in ("stop", "go on"):
        raise ValueError(f"decision is {short_repr(decision)}; expected 'stop' or 'go on'.")
    name, reason = core.name_of(annotator), validation.check_words("reason", reason)
    n_labeled = core.log.state.n_labeled
    record_once(
        core, Decided, event_id, decision=decision, reason=reason, advice=advice, n_labeled=n_labeled, annotator=name
    )


def adjust(core: Core, settings: dict[str, Any], annotator: str | None, event_id: str | None) -> None:
    """Change prices, limits, thresholds or the rule."""
    name, event_id = core.name_of(annotator), validation.check_name("event_id", event_id)
    with core.log.lock:
        if recorded_as(core.log.state, event_id, Adjusted, annotator=name) is not None:
            return
        changes = core.engine.settings.check_changes(settings)
        if not changes and event_id is None:
            return
        core.log.check_open()
        core.log.record(Adjusted(id=event_id or new_id(), at=time.time(), settings=changes, annotator=name))
        core.engine.settings.readjust()
    core.engine.changed()


def remap(core: Core, keys: Mapping[Any, str]) -> None:
    """Set keys of classes and actions."""
    remapped = {**core.remapped, **keys}
    keys_of(core.task, core.classes, remapped, core.n_declared)
    core.remapped = remapped
    core.notify()
