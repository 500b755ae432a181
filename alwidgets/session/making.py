"""Construction of the parts of a session from validated arguments; nothing is written."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from alwidgets.annotation.team import Team
from alwidgets.data import pool
from alwidgets.data.lending import read_only
from alwidgets.journal.identity import n_rows_begun
from alwidgets.loop.conformance import conforming
from alwidgets.loop.executor import FitIn, check_fit_in, check_score_in
from alwidgets.loop.plan import model_spec
from alwidgets.loop.setup import Setup
from alwidgets.loop.shipping import check_sendable
from alwidgets.models.keeping import fitted_on_pool, keep_texts
from alwidgets.models.modal import Committee
from alwidgets.models.spec import ModelSpec, reads_texts
from alwidgets.session import label_validation, row_validation, validation
from alwidgets.session.core import Core
from alwidgets.session.goal import with_defaults
from alwidgets.session.known_answers import without_answers
from alwidgets.session.task import Task, as_task, check_classes, keys_of
from alwidgets.session.team import apart, check_team
from alwidgets.stopping.rules import as_rule
from alwidgets.types import Class, Label
from alwidgets.utils.checks import check_count, check_seed
from alwidgets.utils.workers import check_no_worker


@dataclass(frozen=True, eq=False)
class Made:
    """Parts of a session without a log, and the events to begin with.

    Parameters
    ----------
    core : Core
        Its parts.
    classes : tuple of class
        Those it was given.
    seeded : bool
        Whether a seed was given: it must then be that of the journal.
    audit_mode : str
        What becomes of answers that measure.
    duplicates : str or None
        What becomes of identical samples; None for what is usual.
    labels : dict of int to label
        Labels that there are already.
    task : Task
        What the annotator is asked.
    render : renderer
        How a sample is shown.
    media_root : Path or None
        Where files of samples may lie.
    annotator : str or None
        Who answers.
    team : Team or None
        Who answers, where that is not one person.
    warnings : tuple of str
        What whoever makes it must know.
    """

    core: Core
    classes: tuple[Class, ...]
    seeded: bool
    audit_mode: str
    duplicates: str | None
    labels: Mapping[int, Label]
    task: Task
    render: Any
    media_root: Path | None
    annotator: str | None
    team: Team | None
    warnings: tuple[str, ...]


def make(owner: Any, params: dict[str, Any], random_state: int | None, journal: Path | None = None) -> Made:
    """Check the arguments of a session, and make its parts of them.

    Parameters
    ----------
    owner : Session
        The session.
    params : dict
        Its arguments, by name.
    random_state : int or None
        Its seed; None draws one.
    journal : Path or None
        Its folder: what was kept there of texts is read.

    Raises
    ------
    ValueError, TypeError
        If an argument is not what it should be.
    RuntimeError
        In a process that fits for a session.
    """
    check_no_worker()
    given = with_defaults(params, journal)
    made = model_spec(given.learner, given.strategy)
    samples, missing = validation.check_samples(given.X, allow_nan=made.allow_nan, texts=reads_texts(made.estimator))
    known = label_validation.check_class_names(given.classes)
    task = as_task(given.task)
    check_classes(task, known)
    keys_of(task, known)
    kind = task.label_kind
    validation.check_seeds(made.seeds, samples, known, kind=kind)
    of_pool, kept = validation.check_features(given.features, made), keep_texts(made, samples, journal)
    made, note = conforming(made, given.learner, samples, known, kind=kind, missing=missing)
    order = row_validation.order_of(X=given.X, items=given.items)
    shown = read_only(validation.check_items(given.items, samples, order))
    render, media_root = validation.check_render(given.render, shown), validation.check_media_root(given.media_root)
    annotator, seed = validation.check_annotator(given.annotator), check_seed(random_state)
    team = check_team(given.team, pool.n_rows(samples), known, kind, annotator)
    ids = validation.check_ids(given.ids, pool.n_rows(samples), order)
    n_first = min(n_rows_begun(journal) or pool.n_rows(samples), pool.n_rows(samples))
    setup = Setup(
        fit_in=_check_fit_in(given, made),
        score_in=check_score_in(given.score_in),
        X=read_only(samples),
        model_spec=fitted_on_pool(made, samples, kept, n_first) if of_pool else made,
        batch_size=check_count("batch_size", given.batch_size),
        budget=validation.check_budget(given.budget),
        rule=as_rule(given.stop),
        test=validation.check_test(
            given.test, samples, known, allow_nan=made.allow_nan or missing, allow_inf=missing, kind=kind
        ),
        audit=validation.check_audit(given.audit, has_test=given.test is not None),
        metrics=validation.check_scoring(given.scoring),
        random_state=secrets.randbelow(2**31) if seed is None else seed,
        cold_start=validation.check_cold_start(given.cold_start),
        embed=validation.check_embed(given.embed),
        items=None if given.items is None else shown,
        retrain_every=validation.check_retrain_every(given.retrain_every, given.batch_size),
        n_first=n_first,
        missing=missing,
        find=given.find,
        defaults=given.defaults,
    )
    if kept is not None and setup.test is not None:
        kept.add(setup.test[0])
    asking = (made.strategy, setup.cold_start.strategy)
    validation.check_strategies(samples, known, made.estimator, asking, given.embed, kind=kind)
    committee = isinstance(made.template, Committee)
    validation.check_scored(committee=committee, has_test=bool(setup.test), audit=setup.audit)
    modes = validation.check_audit_mode(given.audit_mode), validation.check_duplicates(given.duplicates)
    labels = apart(label_validation.check_labels(given.labels, samples, known, kind=kind, order=order), team)
    render, hidden = without_answers(render, shown, given.labels, labels)
    core = Core(
        setup, owner=owner, task=task, n_declared=len(known), init_params=params, annotator=annotator, ids=ids,
        order=order, items=shown,
    )  # fmt: skip
    return Made(
        core, known, seed is not None, modes[0], modes[1], labels, task, render, media_root, annotator, team,
        tuple(filter(None, (note, hidden))),
    )  # fmt: skip


def _check_fit_in(given: SimpleNamespace, made: ModelSpec) -> FitIn:
    """Return where to fit, if what every fit needs can be sent there; before anything is fitted on the pool."""
    fit_in = check_fit_in(given.fit_in)
    if fit_in is not None:
        check_sendable(made, validation.check_scoring(given.scoring))
    return fit_in
