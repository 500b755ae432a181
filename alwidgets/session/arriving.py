"""Samples of a stream that become questions when they come."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np

from alwidgets.data.copies import Copies
from alwidgets.data.label_kinds import MULTICLASS
from alwidgets.data.lending import lent
from alwidgets.journal.events import Asked, Extended
from alwidgets.journal.log import new_id
from alwidgets.journal.parts import asked_on_arrival as arrived
from alwidgets.journal.state import CANDIDATE
from alwidgets.loop.freeze import pool_view
from alwidgets.loop.setup import Setup
from alwidgets.scoring.by_part import FEWEST_OF_PART
from alwidgets.session.core import Core
from alwidgets.strategies import PoolView
from alwidgets.strategies.arrival import Arrivals, AskIf, VariableUncertainty
from alwidgets.strategies.choose import strategy_name
from alwidgets.types import BoolArray
from alwidgets.utils.streams import stream
from alwidgets.utils.text import short_repr, type_name


def asked_on_arrival(core: Core, setup: Setup, event: Extended, ask_if: AskIf, *, once: bool) -> tuple[Extended, Asked]:
    """Return the event of the samples that were added, with the state of the rule, and that of those it asks.

    Of identical samples one is asked if `once`, and none where one before them was.

    Raises
    ------
    TypeError, ValueError
        If it is not a rule, or does not return a mask of the new samples.
    """
    if not callable(ask_if) and not isinstance(ask_if, VariableUncertainty):
        raise TypeError(f"ask_if is {short_repr(ask_if)}; expected VariableUncertainty() or a function view -> mask.")
    learner = core.engine.learner
    with core.log.lock:
        state = core.log.state
        known = [each for each in state.added.values() if each.threshold is not None]
        view = replace(
            pool_view(core.setup, learner if state.rounds else None, state),
            X=lent(setup.X), candidates=np.arange(event.first, event.first + event.n_rows), embedding=setup.features,
        )  # fmt: skip
        number, n_asked, moment = state.round, state.n_asked, state.n_events
        n_before = int(state.audit[arrived(state)].sum())
        share = setup.audit if state.audit_mode != "ended" else 0.0
        told = _told(setup.copies, state.status[: event.first], event.n_rows) if once else np.zeros(event.n_rows, bool)
    if isinstance(ask_if, VariableUncertainty):
        if core.kind is not MULTICLASS:
            raise ValueError("ask_if is VariableUncertainty, which is for labels of one class; expected a function.")
        confidence, name = _confidence(view), "variable_uncertainty"
        before = Arrivals(known[-1].threshold or 0.0, known[-1].spent or 0.0) if known else Arrivals()
        # What another question tells is not asked, however unsure the model is of it.
        mask, after = ask_if.decide(np.where(told, np.inf, confidence), before)
        event = replace(event, threshold=after.threshold, spent=after.spent)
        utility = tuple((1 - confidence[mask]).tolist())
    else:
        mask, name = _mask(ask_if(view), event.n_rows) & ~told, strategy_name(ask_if)
        utility = (None,) * int(mask.sum())
    rows = tuple(view.candidates[mask].tolist())
    event = replace(event, asked=rows)
    # They are a stratum of their own, of which a share measures, drawn at random, and enough to be known.
    n_measuring = int((n_asked + len(rows)) * share) - int(n_asked * share)
    n_measuring = max(n_measuring, FEWEST_OF_PART - n_before) if share else 0
    drawn = stream("audit", setup.random_state, moment).permutation(len(rows))[:n_measuring]
    measuring = tuple(np.isin(np.arange(len(rows)), drawn).tolist())
    asked = Asked(
        id=new_id(), at=time.time(), items=rows, utility=utility, audit=measuring, withdrawn=(),
        round=number, strategy=name, chosen=True,
    )  # fmt: skip
    return event, asked


def _told(copies: Copies, status: Any, n_rows: int) -> BoolArray:
    """Return a mask of new samples that are the same as one that was asked before, or as a new one before them."""
    first = len(status)
    new = np.arange(first + n_rows) >= first
    told: BoolArray = ~copies.without(copies.once(new), np.flatnonzero(status != CANDIDATE))[first:]
    return told


def _confidence(view: PoolView) -> Any:
    """Return the probability of the most probable class of each new sample; 0 before there is a model."""
    if view.learner is None:
        return np.zeros(len(view.candidates))
    if not hasattr(view.learner, "predict_proba"):
        raise ValueError(
            f"ask_if is VariableUncertainty, and {type_name(view.learner)} gives no probabilities; expected a learner "
            "that does, such as CalibratedClassifierCV of it, or a function view -> mask."
        )
    return view.proba.max(axis=1)


def _mask(given: Any, n: int) -> Any:
    mask = np.asarray(given)
    if mask.shape != (n,) or mask.dtype != bool:
        raise ValueError(
            f"ask_if returned shape {mask.shape} and dtype {mask.dtype}; expected True or False for each of the {n} "
            "new samples."
        )
    return mask
