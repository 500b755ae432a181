"""Events that record what a cycle of the engine did: a model that was made, or a fit that failed."""

from __future__ import annotations

import time
from typing import Any

from alwidgets.journal.events import Failed, Trained
from alwidgets.journal.log import EventLog, new_id
from alwidgets.loop.conformance import remedy
from alwidgets.loop.evaluate import codes_hash
from alwidgets.loop.job import Job, Result
from alwidgets.loop.restore import training_hash
from alwidgets.loop.setup import Setup
from alwidgets.models.spec import ModelSpec
from alwidgets.stopping import Round
from alwidgets.strategies.choose import strategy_name
from alwidgets.utils.errors import format_error
from alwidgets.utils.libraries import libraries
from alwidgets.utils.text import redacted

#: How the error of a fit ends.
TRIES_AGAIN = "The labels are kept; the next batch tries again."


def trained(
    setup: Setup, log: EventLog, job: Job, result: Result, record: Round, *, snapshot: str, fitted_in: str
) -> Trained:
    """Return the event of a new model. Under the lock."""
    return Trained(
        id=new_id(),
        at=time.time(),
        upto=job.upto,
        seed=job.seed,
        training_set=training_hash(job.rows, job.codes),
        record=record,
        tested=result.tested,
        **_made_with(setup.model_spec, log),
        predictions=codes_hash(result.stop_set),
        snapshot=snapshot,
        fitted_in=fitted_in,
        consensus=job.consensus,
        settled_as=job.settled_as,
    )


def failed(model_name: str, job: Job, fit_error: Exception) -> Failed:
    """Return the event of a fit that failed; where something can be done about it, its error says so too."""
    error = format_error(fit_error, _fitting(model_name, job))
    cure = remedy(job.model_spec, job.X, fit_error) if job.model_spec.untried else ""
    if cure:
        # Where the error itself is raised, it is read there.
        fit_error.add_note(cure)
    note = " ".join(filter(None, [f"{error}.", cure, TRIES_AGAIN]))
    return Failed(id=new_id(), at=time.time(), upto=job.upto, error=note)


def given_up(model_name: str, job: Job, after: str, annotator: str | None) -> Failed:
    """Return the event of a fit that somebody gave up, after so long a time in words."""
    return Failed(
        id=new_id(), at=time.time(), upto=job.upto, annotator=annotator,
        error=f"{_fitting(model_name, job)} {after}. {TRIES_AGAIN}",
    )  # fmt: skip


def _fitting(model_name: str, job: Job) -> str:
    return f"Fitting {model_name} on {len(job.rows)} labels"


def _made_with(model_spec: ModelSpec, log: EventLog) -> dict[str, Any]:
    """Return spec and libraries of a new model, where they are others than those of the round before."""
    made = {
        "model_spec": redacted(f"{model_spec.models}, strategy: {strategy_name(model_spec.strategy)}"),
        "libraries": libraries(),
    }
    before = log.state.made_with
    return {name: value for name, value in made.items() if value != before.get(name)}
