"""A pool that grows: samples added to a session that goes on."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from alwidgets import types
from alwidgets.data import conversion
from alwidgets.data.copies import more_copies
from alwidgets.data.kinds import pool_of
from alwidgets.data.lending import read_only
from alwidgets.data.pool import as_samples_like, check_same_types, joined, n_rows
from alwidgets.journal.events import DuplicatesSet, Extended
from alwidgets.journal.log import new_id
from alwidgets.journal.parts import FIRST, parts_of, rows_of
from alwidgets.loop.growing import grow
from alwidgets.loop.plan import with_strategy
from alwidgets.loop.setup import Setup
from alwidgets.models import keeping
from alwidgets.session import label_validation, row_validation, validation
from alwidgets.session.arriving import asked_on_arrival
from alwidgets.session.core import Core
from alwidgets.session.parts import content_of
from alwidgets.strategies import Strategy, StrategyName
from alwidgets.strategies.arrival import AskIf
from alwidgets.types import FloatArray, IntArray, Label
from alwidgets.utils.checks import repeated
from alwidgets.utils.text import short_repr

if TYPE_CHECKING:
    import pandas as pd

    from alwidgets.session.session import Session


@dataclass(frozen=True, eq=False)
class _Grown:
    """A session's parts with samples added, and the events that say so."""

    setup: Setup
    X_new: Any
    event: Extended
    carrying: tuple[DuplicatesSet, ...]
    kept: list[Any]
    labels: Mapping[int, Label] | None
    items: Any
    ids: tuple[str, ...] | None
    order: tuple[str, Any] | None


def extend(  # noqa: PLR0913 - one keyword each for what comes with samples
    self: Session,
    X_new: types.Samples,
    items_new: types.Items | None = None,
    *,
    ids: types.Samples | None = None,
    source: str | date = "",
    strategy: StrategyName | Strategy | None = None,
    cold_start: StrategyName | Strategy | None = None,
    ask_if: AskIf | None = None,
    annotator: str | None = None,
) -> IntArray:
    """Add samples to the pool, behind those that are there; labels, questions and models stay.

    Arrays and memory maps are not copied: `X` is then `Parts`. A session that is resumed is given the whole pool, what
    it began with and each part in order, as one `X` (arrays also as ``Parts(X, X_new)``); it asks the same questions.
    A rollback takes no samples away.

    Parameters
    ----------
    X_new : array-like of shape (n_new, n_features), or list of str
        Of the kind, and with the columns and types, of `X`.
    items_new : sequence or DataFrame of length n_new, optional
        What the annotator sees of each, where the session was made with `items`.
    ids : sequence of length n_new, optional
        Their stable ids, where the session was made with `ids`.
    source : str or date
        What the part is called, such as its day; no two have the same name. Default "part 2", "part 3", ...
    strategy, cold_start : str, callable or object with `select`, optional
        New ones, where the present one was given something for each row, as `stratified` and `transfer` are: those of
        the whole pool.
    ask_if : VariableUncertainty or callable, optional
        A rule that makes some of them the next questions, as of a stream; or a function of a PoolView, whose
        candidates they are, that returns True for each that is asked. All of them are in the pool, so that the strategy
        may ask the others later.
    annotator : str, optional
        Who; default the session's.

    Returns
    -------
    rows : ndarray of int
        Those that became questions by `ask_if`.

    Raises
    ------
    ValueError, TypeError
        If they are not samples like the others, are none, or are a part that was added already; nothing has changed
        then.
    OSError
        If it cannot be written; nothing has changed then.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from alwidgets import Session
    >>> session = Session(np.eye(4), classes=["a", "b"], learner=GaussianNB())
    >>> _ = session.extend(2 * np.eye(4), source="2026-11-30")
    >>> session.n_samples, session.parts["part"].tolist()
    (8, ['first', '2026-11-30'])
    """
    core: Core = self._core
    core.check_ready("extend")
    core.check_pool()
    strategies = {"strategy": strategy, "cold_start": cold_start}
    # One after the other: each is of the samples that are there.
    with core.growing:
        while True:
            before = core.setup
            made = _grown(core, X_new, items_new, ids, source, strategies, annotator)
            added, asked = made.event, None
            if ask_if is not None:
                added, asked = asked_on_arrival(core, made.setup, added, ask_if, once=_carries(core, made))
            with core.log.lock:
                # A rule may have added samples of its own.
                if core.setup is before:
                    questions = [] if asked is None or not asked.items else [asked]
                    grow(core.engine, made.setup, _with_answers(core, made, added), *made.carrying, *questions)
                    _go_on(core, made, strategies)
                    break
    core.engine.changed()
    return np.array(() if asked is None else asked.items, np.intp)


def _go_on(core: Core, made: _Grown, strategies: dict[str, Any]) -> None:
    keeping.extend(made.kept, made.X_new)
    core.setup, core.items, core.ids, core.order = made.setup, made.items, made.ids, made.order
    given = {"X": made.setup.X, "items": made.setup.items, "ids": made.ids, "labels": made.labels, **strategies}
    core.init_params = core.init_params | {name: value for name, value in given.items() if value is not None}
    vars(core).pop("rows_of_ids", None)


def _carrying(core: Core, setup: Setup) -> tuple[DuplicatesSet, ...]:
    """Say that answers are carried to identical samples, where the first of these come: before there was no need."""
    if not _is_unsaid(core) or core.setup.copies.any or not setup.copies.any:
        return ()
    return (DuplicatesSet(id=new_id(), at=time.time(), mode="carry"),)


def _is_unsaid(core: Core) -> bool:
    """Return whether nothing was said of identical samples, as long as there were none."""
    with core.log.lock:
        said = next(core.log.state.past.of(DuplicatesSet), None) is not None
    return not said and core.init_params.get("duplicates") != "ask"


def _with_answers(core: Core, made: _Grown, event: Extended) -> Extended:
    """Return the event with the copies of samples before it, and those that have an answer by it. Under the lock."""
    state, copies, first = core.log.state, made.setup.copies, event.first
    if not _carries(core, made):
        return event
    same = first + np.flatnonzero(copies.first[first:] < first)
    told = np.isin(copies.first[same], copies.first[:first][state.answered[:first] > 0])
    pairs = []
    for row in same[told].tolist():
        others = [each for each in copies.of(row).tolist() if each < first and each not in state.gold]
        answered = [each for each in others if state.answered[each]]
        if answered:
            # What somebody said of a sample itself comes first.
            pairs.append((row, min(answered, key=lambda each: (state.copied[each], each))))
    ids = made.ids
    samples = () if ids is None else tuple(ids[row] for row, _ in pairs)
    return replace(
        event, carried=tuple(pairs), carried_samples=samples,
        identical=tuple(zip(same.tolist(), copies.first[same].tolist(), strict=True)),
        identical_samples=() if ids is None else tuple(ids[row] for row in same.tolist()),
    )  # fmt: skip


def _carries(core: Core, made: _Grown) -> bool:
    """Return whether the answer to a sample counts for those that are identical."""
    return bool(made.carrying) or (core.log.state.duplicates == "carry" and made.setup.copies.any)


def _labels(core: Core) -> Mapping[int, Label] | None:
    """Return the labels that the session was made with, by their rows: a list of them has too few for more samples."""
    given = core.init_params.get("labels")
    if given is None:
        return None
    before, n = core.setup.X, core.setup.n_first
    first = pool_of(before).first(n) if not isinstance(given, Mapping) else before
    order = None if isinstance(given, Mapping) else core.order
    return label_validation.check_labels(given, first, core.classes, kind=core.kind, order=order)


def _grown(
    core: Core,
    X_new: Any,
    items_new: Any,
    ids: Any,
    source: str | date,
    strategies: dict[str, Any],
    annotator: str | None,
) -> _Grown:
    """Check what is added, and return what the session will be; nothing is changed."""
    setup, name = core.setup, core.name_of(annotator)
    spec = setup.model_spec
    samples = as_samples_like(
        setup.X, X_new, name="X_new", allow_nan=spec.allow_nan or setup.missing, allow_inf=setup.missing
    )
    check_same_types(setup.X, samples, "X_new")
    order = row_validation.order_of(X_new=X_new, items_new=items_new)
    event = _event(core, samples, source, name)
    if setup.test is not None:
        validation.warn_of_overlap(samples, setup.test[0], "X_new")
    shown = _items(core, items_new, samples, order)
    X = read_only(joined(setup.X, read_only(samples)))
    items = None if shown is None else read_only(joined(setup.items, shown))
    made = replace(
        setup,
        X=X,
        items=items,
        model_spec=spec if strategies["strategy"] is None else with_strategy(spec, strategies["strategy"]),
        cold_start=setup.cold_start
        if strategies["cold_start"] is None
        else validation.check_cold_start(strategies["cold_start"]),
    )
    validation.check_strategies(
        X, core.classes, spec.estimator, (made.model_spec.strategy, made.cold_start.strategy), setup.embed,
        kind=core.kind,
    )  # fmt: skip
    # Of copies only those of the new samples are looked for.
    if "copies" in vars(setup) or _is_unsaid(core):
        vars(made)["copies"] = more_copies(setup.copies, X, items, samples, shown)
    return _Grown(
        made, samples, event, _carrying(core, made), keeping.of_added(spec, samples), _labels(core),
        X if items is None else items, _ids(core, ids, samples, order), _order(core, order),
    )  # fmt: skip


def _event(core: Core, samples: Any, source: str | date, annotator: str | None) -> Extended:
    with core.log.lock:
        state = core.log.state
        first, parts, added = state.n_samples, parts_of(state), list(state.added.values())
    name = check_source(source or f"part {len(parts) + 1}")
    content = content_of(samples)
    known = {(core.setup.n_first, core.fingerprint["content"]): FIRST}
    known |= {(each.n_rows, each.content): each.source for each in added}
    before = known.get((n_rows(samples), content))
    if before is not None:
        raise ValueError(
            f"X_new has the samples of part {before!r}, which are in the pool; expected samples that are not."
        )
    if name in {part.name for part in parts}:
        raise ValueError(f"source is {short_repr(name)}, the name of a part that is there; expected another name.")
    return Extended(
        id=new_id(), at=time.time(), first=first, n_rows=n_rows(samples), content=content, source=str(name),
        annotator=annotator,
    )  # fmt: skip


def check_source(source: Any) -> str:
    """Return the name of a part: a line of text, or a date, which is written as 2026-11-30."""
    name = source.isoformat() if isinstance(source, date) else source
    if not isinstance(name, str) or not name.strip() or not name.isprintable():
        raise ValueError(f"source is {short_repr(source)}; expected a line of text, such as '2026-11-30', or a date.")
    return str(validation.check_name("source", name))


def _items(core: Core, items_new: Any, samples: Any, order: tuple[str, Any] | None) -> Any:
    """Return the items of the new samples; None where a session shows the samples themselves."""
    before = core.setup.items
    if before is None or items_new is None:
        if before is not None:
            raise ValueError("items_new is None, and the session has items; expected one for each row of X_new.")
        if items_new is not None:
            raise ValueError("items_new is given, and the session has no items: it shows X; leave it out.")
        return None
    shown = validation.check_items(items_new, samples, order, name="items_new", of="X_new")
    return read_only(conversion.like(before, shown, "items_new"))


def _ids(core: Core, ids: Any, samples: Any, order: tuple[str, Any] | None) -> tuple[str, ...] | None:
    if core.ids is None or ids is None:
        if core.ids is not None:
            raise ValueError("ids is None, and the session has ids; expected one for each row of X_new.")
        if ids is not None:
            raise ValueError("ids are given, and the session has none, but hashes of the rows; leave them out.")
        return None
    made = (*core.ids, *(validation.check_ids(ids, n_rows(samples), order) or ()))
    if (twice := repeated(made)) is not None:
        raise ValueError(
            f"ids has {short_repr(made[twice[1]])}, which is row {twice[0]} of the pool; expected new ids."
        )
    return made


def _order(core: Core, order: tuple[str, Any] | None) -> tuple[str, Any] | None:
    """Return the index of all rows; None where the new ones have none."""
    if core.order is None or order is None:
        return None
    return core.order[0], core.order[1].append(order[1])


def parts_frame(self: Session) -> pd.DataFrame:
    """Parts of the pool, one row each: part, first (row), n_rows, at, n_labeled, n_audit, error, drifted.

    `n_audit` is how many of its rows have an audit answer, `error` the share of these that the newest model predicts
    otherwise, NaN where there are none; `drifted` what `drift` found to be otherwise than before:
    "", "samples", "errors" or "samples, errors".
    """
    import pandas as pd

    core: Core = self._core
    with core.log.lock:
        state = core.log.state
        parts, labeled = parts_of(state), (state.codes >= 0) & ~state.copied
        found = ["" for _ in parts]
        starts = np.cumsum([0, *(part.n_rows for part in parts)])[:-1]
        for alarm in state.alarms:
            rows = rows_of(state, alarm.part)[1]
            for place in range(*np.searchsorted(starts, [rows.start, rows.stop]).tolist()):
                found[place] = f"{found[place]}, {alarm.of}" if found[place] else alarm.of
        times = [np.nan, *(each.at for each in state.added.values())]
        tested = labeled & state.audit & (state.tested >= 0)
        return pd.DataFrame(
            {
                "part": [part.name for part in parts],
                "first": starts,
                "n_rows": [part.n_rows for part in parts],
                "at": pd.to_datetime(np.array(times), unit="s", utc=True),
                "n_labeled": np.add.reduceat(labeled, starts, dtype=np.int64),
                "n_audit": np.add.reduceat(labeled & state.audit, starts, dtype=np.int64),
                "error": _shares(
                    np.add.reduceat([tested & (state.tested != state.codes), tested], starts, axis=1, dtype=np.int64)
                ),
                "drifted": found,
            }
        )


def _shares(counts: IntArray) -> FloatArray:
    """Return the share of the first counts in the second, NaN of none."""
    some, all_of_them = counts.astype(np.float64)
    shares: FloatArray = np.divide(some, all_of_them, out=np.full(len(some), np.nan), where=all_of_them > 0)
    return shares
