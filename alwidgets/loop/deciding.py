"""The labels that a cycle learns from, where more is made of a team's answers than counting them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from alwidgets.annotation.decisions import decide, with_settled
from alwidgets.loop.job import Audit, Draws, Job


def with_decisions(job: Job) -> Job:
    """Return a job that learns from what the answers of a team amount to, and is scored on it.

    Not under the lock: a model of the annotators may take long, and so may a user's function.
    """
    if job.votes is None:
        return job
    decided = decide(job.votes, job.team)
    settled_as = decided.differing(job.votes.majority)
    rows, codes = with_settled(job.rows, job.codes, settled_as)
    audit, audit_codes = with_settled(job.audit.rows, job.audit.codes, settled_as)
    measures = np.isin(job.audit.rows, audit)
    learned, draws = np.isin(job.rows, rows), job.draws
    drawn, before = np.isin(draws.rows, rows), draws.before[np.isin(draws.before, rows)]
    return replace(
        job, rows=rows, codes=codes, seconds=job.seconds[learned], answered=job.answered[np.isin(job.answered, rows)],
        audit=Audit(job.audit.mode, audit, audit_codes, job.audit.predicted[measures], job.audit.order[measures]),
        draws=Draws(draws.rows[drawn], draws.probability[drawn], draws.n_left, before), consensus=decided.method,
        settled_as=settled_as, votes=None, undecided=decided.reason if decided.failed else "",
    )  # fmt: skip
