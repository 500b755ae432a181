"""Samples of which somebody is told nothing before they have answered: answers that measure are not led.

A person of a team sees nobody else's answer to a sample, nor what a model says that learned it, before their own. The
card, `Session.suggestion` and `explain`, and the pre-labels of other tools go by this one rule.
"""

from __future__ import annotations

from alwidgets.inspection.explanation import Explanation
from alwidgets.inspection.suggestion import Suggestion
from alwidgets.journal.state import State
from alwidgets.session.core import Core
from alwidgets.utils.text import short_repr


def repeats_of(state: State, annotator: str | None) -> list[int]:
    """Return the rows that somebody is to answer a second time: in a team those that they had answered."""
    return [row for row in state.pending_repeats if state.team is None or annotator in state.given(row)]


def measures(state: State, item: int) -> bool:
    """Return whether an item is an audit question, or gold: its answer measures, so nothing may lead it."""
    return item in state.gold or (bool(state.audit[item]) and state.audit_mode != "ended")


def is_blind(state: State, item: int, annotator: str | None) -> bool:
    """Return whether somebody is told nothing of what the model says of an item. Under the lock.

    It measures, or others of a team gave it a label that this person does not know yet; an expert may know all that
    others said. Who says no name is nobody who has answered.
    """
    if measures(state, item) or item in repeats_of(state, annotator):
        return True
    if state.team is None or annotator in state.team.experts or state.codes[item] < 0:
        return False
    return annotator not in state.given(item) and bool(state.votes(item))


def suggestion(core: Core, item: int, annotator: str | None) -> Suggestion | None:
    """Return the suggested label of an item; see `Session.suggestion`."""
    core.check_ready("suggestion")
    item = core.check_item(item)
    return None if _is_kept(core, item, annotator) else next(iter(core.inspector.suggestions([item])), None)


def explain(core: Core, item: int, annotator: str | None) -> Explanation:
    """Explain why an item is asked; see `Session.explain`."""
    core.check_ready("explain")
    item = core.check_item(item)
    if _is_kept(core, item, annotator):
        who = "whoever has not answered it" if annotator is None else short_repr(annotator)
        raise ValueError(
            f"item {item} is kept blind for {who}: its answer measures, or others of the team have answered it. Answer "
            "it first, or pass annotator= of one who has."
        )
    return core.inspector.explain(item)


def _is_kept(core: Core, item: int, annotator: str | None) -> bool:
    """Return whether a team keeps somebody blind; who labels alone may look at what they like."""
    name = core.name_of(annotator)
    return core.of_state(lambda state: state.team is not None and is_blind(state, item, name))
