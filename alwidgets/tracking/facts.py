"""Description of a session for a tracking server: numbers, names and hashes, no sample and no secret."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from alwidgets.journal.events import Trained
from alwidgets.session import view_of
from alwidgets.strategies.choose import strategy_name
from alwidgets.utils.text import sanitize

# What MLflow takes in the name of a metric.
_NO_NAME = re.compile(r"[^\w\-. :/]", re.ASCII)
_LONGEST_NAME = 200
# Of a round: what is a number whatever the metric is.
_COUNTS = ("round", "n_labeled", "n_learned", "fit_seconds", "seconds", "cost")


def params_of(session: Any) -> dict[str, str]:
    """Return the parameters of a session, as texts of at most 500 characters."""
    made, identity = session.init_params, session.identity
    pool, test = identity["pool"], made.get("test")
    strategy = made.get("strategy")
    values = {
        "learner": view_of(session).model_name,
        "strategy": "default" if strategy is None else strategy_name(strategy),
        "task": session.task.kind,
        "batch_size": made["batch_size"],
        "random_state": session.random_state,
        "audit_mode": made["audit_mode"],
        "n_samples": session.n_samples,
        "n_classes": len(session.classes),
        "n_test": 0 if test is None else len(test[1]),
        "pool_kind": pool["kind"],
        "pool_shape": "x".join(map(str, pool["shape"])),
        "pool_fingerprint": pool["content"],
    }
    return {name: sanitize(str(value)) for name, value in values.items()}


def metrics_of(trained: Trained) -> dict[str, float]:
    """Return the numbers of a round; a score that was not measured is left out.

    Examples
    --------
    >>> from alwidgets.stopping import Round
    >>> record = Round(round=3, n_labeled=24, n_learned=20, score=0.5, score_low=0.4, score_high=0.6, score_n=50,
    ...                score_kind="held out", fit_seconds=0.1, seconds=60.0, cost=2.0, strategy="margin", metric="f1")
    >>> found = metrics_of(Trained(id="", at=0, upto=9, seed=0, training_set="", record=record))
    >>> found["f1"], found["f1.low"], found["n_learned"]
    (0.5, 0.4, 20.0)
    """
    record = trained.record
    values = {name: float(getattr(record, name)) for name in _COUNTS}
    if record.measured:
        values |= {f"{record.metric}.low": record.score_low, f"{record.metric}.high": record.score_high}
        values |= {f"{record.metric}.n": float(record.score_n), record.metric: record.score}
    values |= {score.metric: score.value for score in record.scores[1:]}
    values |= {f"criterion.{reading.name}": reading.value for reading in record.readings if reading.value is not None}
    return {_named(name): float(value) for name, value in values.items() if math.isfinite(value)}


def described(profile: dict[str, Any]) -> str:
    """Return the profile of a data set as JSON."""
    return json.dumps(profile, sort_keys=True)


def _named(name: str) -> str:
    return _NO_NAME.sub("_", name)[:_LONGEST_NAME]
