"""Inspection of a session's model: explanations, label issues, predictions, near duplicates, the baseline."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import replace

import numpy as np

from alwidgets.annotation.decisions import codes_as, decide, votes_to_decide
from alwidgets.data import pool
from alwidgets.data.kinds import pool_of
from alwidgets.data.label_kinds import pad_columns
from alwidgets.inspection.explanation import Explanation, explain
from alwidgets.inspection.label_issues import LabelIssues, answered_rows, label_issues
from alwidgets.inspection.near_duplicates import near_duplicates_of
from alwidgets.inspection.predictions import Predictions, predicted
from alwidgets.inspection.suggestion import Suggestion, suggested
from alwidgets.inspection.unlabeled import taken_for
from alwidgets.journal.log import EventLog
from alwidgets.journal.parts import asked_on_arrival, parts_of
from alwidgets.journal.state import CANDIDATE, LABELED, PENDING
from alwidgets.loop.callbacks import calls_back
from alwidgets.loop.cold_start import phase_of
from alwidgets.loop.engine import Engine
from alwidgets.loop.freeze import pool_view
from alwidgets.loop.run import COLD_START
from alwidgets.scoring.baseline import Baseline, BaselineSource, from_audit, simulated
from alwidgets.scoring.by_part import by_part
from alwidgets.scoring.scores import FEWEST_AUDITED
from alwidgets.strategies.choose import strategy_name
from alwidgets.types import IntArray
from alwidgets.utils.streams import stream


class Inspector:
    """Look into the newest model, without the lock while it predicts.

    Parameters
    ----------
    log : EventLog
        What happened.
    engine : Engine
        It has the model.
    """

    def __init__(self, log: EventLog, engine: Engine) -> None:
        self._log = log
        self._engine = engine
        self.callbacks = engine.callbacks
        self._checking = threading.Lock()
        self._issues: tuple[str, LabelIssues | None] = "", None

    @calls_back
    def explain(self, item: int) -> Explanation:
        """Explain a sample, without the lock while the pool is scored."""
        learner = self._engine.learner
        with self._log.lock:
            setup, state, phase = self._engine.setup, self._log.state, phase_of(self._engine.setup, self._log.state)
            open_rows = (state.status == CANDIDATE) | (state.status == PENDING)
            open_rows[item] = True
            view = replace(
                pool_view(self._engine.setup, learner if state.rounds else None, state),
                candidates=np.flatnonzero(open_rows),
            )
        cold = phase == COLD_START
        strategy = setup.cold_start.strategy if cold else setup.model_spec.strategy
        return explain(item, view, strategy, f"{phase}, {strategy_name(strategy)}" if cold else phase)

    @calls_back
    def suggestions(self, items: list[int]) -> list[Suggestion]:
        """Return the labels that the newest model suggests for some samples; none before there is a model."""
        learner = self._engine.learner
        with self._log.lock:
            if not self._log.state.rounds or not items:
                return []
            number = self._log.state.round
            only = replace(pool_view(self._engine.setup, learner, self._log.state), candidates=np.array(items, np.intp))
        return suggested(only, number)

    def label_issues(self, *, wait: bool) -> LabelIssues | None:
        """Return the predictions for the answered samples, as of the newest round."""
        with contextlib.nullcontext() if not wait else self._checking:
            with self._log.lock:
                rounds = self._log.state.rounds
                newest = rounds[-1] if rounds else None
            if newest is None:
                return None
            if wait and self._issues[0] != newest.id:
                self._log.check_open()
                self._issues = newest.id, self._find_issues()
            return self._issues[1]

    @calls_back
    def _find_issues(self) -> LabelIssues:
        learner = self._engine.learner
        with self._log.lock:
            state, newest = self._log.state, self._log.state.rounds[-1]
            view = pool_view(self._engine.setup, learner, state)
            others, targets = np.setdiff1d(answered_rows(state), view.labeled), state.targets
        return label_issues(
            view, self._engine.setup.model_spec, targets, others, round=newest.record.round, seed=newest.seed,
            fit_seconds=newest.record.fit_seconds,
        )  # fmt: skip

    @calls_back
    def predictions(self) -> Predictions | None:
        """Predict every sample with the newest model, without the lock."""
        learner = self._engine.learner
        with self._log.lock:
            if not self._log.state.rounds:
                return None
            view = pool_view(self._engine.setup, learner, self._log.state)
        return predicted(view)

    @calls_back
    def taken_for(self, rows: IntArray, code: int) -> IntArray | None:
        """Return those of some rows that the newest model takes for a class, the surest first; None without a model."""
        learner = self._engine.learner
        with self._log.lock:
            if not self._log.state.rounds:
                return None
            view = replace(pool_view(self._engine.setup, learner, self._log.state), candidates=rows)
        return taken_for(view, code) if len(rows) else rows

    @calls_back
    def near_duplicates(self, item: int, threshold: float) -> IntArray:
        """Return the unanswered rows with features nearly parallel to those of a row, nearest first."""
        with self._log.lock:
            status = self._log.state.status
            rows = np.flatnonzero((status == CANDIDATE) | (status == PENDING))
        return near_duplicates_of(item, rows, self._engine.setup.features, threshold)

    @calls_back
    def random_baseline(self, source: BaselineSource | None, n_runs: int) -> Baseline:
        """Estimate the learning curve of random sampling, without the lock while models are fitted."""
        learner, setup = self._engine.learner, self._engine.setup
        with self._log.lock:
            state = self._log.state
            rows, codes, metric = state.audit_rows(), state.codes.copy(), setup.metrics[0]
            beside, parts, arrived = np.flatnonzero(state.beside_audit), parts_of(state), asked_on_arrival(state)
            labeled, n_labeled, has_model = state.status == LABELED, state.n_labeled, bool(state.rounds)
            targets, votes = state.targets, votes_to_decide(state, self._engine.team)
        if votes is not None:
            codes = codes_as(codes, decide(votes, self._engine.team).differing(votes.majority))
            rows, labeled = rows[codes[rows] >= 0], labeled & (codes >= 0)
        strata = by_part(rows, parts, arrived)
        lacking = "" if strata is None else strata.lacking
        if strata is not None:
            # A part that was asked more than others counts no more than it has samples.
            rows = rows[strata.representative(stream("baseline", setup.random_state))]
        of_test = None if setup.test is None else (setup.test[0], pad_columns(setup.test[1], len(targets.classes)))
        source = source or ("audit" if len(rows) >= FEWEST_AUDITED else "simulated")
        audit = pool.take(setup.X, rows), targets.y(codes[rows])
        if source == "audit":
            return from_audit(
                *audit, setup.model_spec, test=of_test, metric=metric, n_runs=n_runs, seed=setup.random_state
            )
        test = of_test or (audit if len(rows) >= FEWEST_AUDITED else None)
        if test is None or not has_model:
            what = "there is no model yet" if not has_model else f"there is no test set, and {_audited(rows, lacking)}"
            raise ValueError(
                f"{what}; a simulated baseline expects a model, and a test set or {FEWEST_AUDITED} audit labels to "
                "score on."
            )
        # In parts: a learner that writes into its input is lent copies, and a memory map may be large.
        held = pool_of(setup.X)
        blocks = (held.part(rows) for rows in held.blocks())
        labels = targets.to_y(np.concatenate([learner.predict(block) for block in blocks]))
        labels[labeled] = targets.y(codes[labeled])
        # What is scored on is not drawn from.
        scored_on = np.union1d(rows, beside)
        drawn = np.arange(len(labels)) if setup.test else np.setdiff1d(np.arange(len(labels)), scored_on)
        n_most, X = min(n_labeled, len(drawn)), pool.take(setup.X, drawn)
        return simulated(
            X, labels[drawn], n_most, setup.model_spec, test=test, metric=metric, n_runs=n_runs, seed=setup.random_state
        )


def _audited(rows: IntArray, lacking: str) -> str:
    return f"the audit counts once {lacking}" if lacking else f"{len(rows)} audit labels"
