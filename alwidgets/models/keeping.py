"""Spec of a learner whose leading steps are kept."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.utils import get_tags

from alwidgets.data.kinds import pool_of
from alwidgets.data.pool import n_rows
from alwidgets.models.kept_steps import Computed, Kept, OfPool, Tokens, is_plain
from alwidgets.models.kept_tokens import KeptTokens
from alwidgets.models.kept_values import KeptValues
from alwidgets.models.known_texts import KnownTexts
from alwidgets.models.spec import ModelSpec, members_of
from alwidgets.models.step_hash import name_of, sameness_of

_SKIPPED = (None, "passthrough")


def keep_texts(made: ModelSpec, X: Any, folder: Path | None) -> KnownTexts | None:
    """Keep what can be kept of texts with the same models as a result; return the texts, None of other samples.

    Parameters
    ----------
    made : ModelSpec
        Its learners are told.
    X : array-like of shape (n_samples, ...)
        The pool.
    folder : Path or None
        That of a session: what was kept there is taken.
    """
    if pool_of(X).kind != "texts":
        return None
    texts = KnownTexts(X)
    for X_seed, _ in made.seeds:
        if X_seed is not None and pool_of(X_seed).kind == "texts":
            texts.add(X_seed)
    _keep(made, lambda _, steps: _kept_exactly(steps, texts, folder))
    return texts


def fitted_on_pool(made: ModelSpec, X: Any, texts: KnownTexts | None, n_first: int | None = None) -> ModelSpec:
    """Return the spec whose steps before the last one are fitted once on the whole pool.

    Parameters
    ----------
    made : ModelSpec
        Its learners are told.
    X : array-like of shape (n_samples, ...)
        The pool.
    texts : KnownTexts or None
        Of a pool of texts, these.
    n_first : int, optional
        How many samples the pool began with, on which the steps are fitted; default all.
    """

    def kept(before: Kept | None, steps: list[Any]) -> Kept:
        values = None if texts is None else KeptValues(texts, steps)
        first = before if isinstance(before, Computed) else None
        return OfPool(X, _seeded(steps), first, values, n_rows(X) if n_first is None else n_first)

    _keep(made, kept)
    return replace(made, of_pool=True)


def frozen_on_pool(made: ModelSpec, X: Any) -> Any:
    """Return a learner whose steps before the last one are fitted on a pool, and stay so whatever it is fitted on."""
    texts = keep_texts(made, X, None)
    found = fitted_on_pool(made, X, texts).template
    for member, (X_seed, y_seed) in zip(members_of(found), made.seeds, strict=False):
        member.X_training, member.y_training = X_seed, y_seed
        steps = member.kept.fitted
        member.estimator = clone(member.estimator)
        member.estimator.steps[: len(steps)] = [
            (name, FrozenEstimator(step)) for (name, _), step in zip(member.estimator.steps, steps, strict=False)
        ]
    let_go(found)
    return found


def check_fits_on_pool(made: ModelSpec) -> None:
    """Raise ValueError if a learner has no steps that could be fitted on a pool without labels."""
    for member in members_of(made.template):
        estimator = member.estimator
        if not is_plain(estimator) or len(estimator.steps) < 2:  # noqa: PLR2004 - none before the last
            raise ValueError(
                f'features="pool" with {type(estimator).__name__} as learner: there are no steps to fit on the pool; '
                "expected a Pipeline of at least two steps, without memory, verbose or transform_input."
            )
        for name, step in estimator.steps[:-1]:
            if step in _SKIPPED or not hasattr(step, "transform"):
                raise ValueError(
                    f'features="pool" with the step {name!r}, {step!r}: expected a transformer; leave it out.'
                )
            if _must_be_fitted(step) and _wants_labels(step):
                raise ValueError(
                    f'features="pool" with the step {name!r}, {type(step).__name__}, which learns from labels: '
                    "expected steps before the last one that need none. Leave it out, or leave features as it is by "
                    "default."
                )


def write_to(made: ModelSpec, folder: Path) -> None:
    """Have what takes long to compute kept in the folder of a session."""
    for member in members_of(made.template):
        kept = member.kept.first if isinstance(member.kept, OfPool) else member.kept
        if isinstance(kept, Computed):
            kept.values.folder = folder


def keep_for_fit(made: ModelSpec, *samples: Any) -> None:
    """Have learners that are sent to another process know what is kept of the texts that go with them, and no others.

    Parameters
    ----------
    made : ModelSpec
        Whose learners are copies.
    *samples : array-like or None
        The texts.
    """
    sent: dict[int, Kept | None] = {}
    for member in members_of(made.template):
        kept = member.kept
        if kept is not None:
            if id(kept) not in sent:
                sent[id(kept)] = kept.of_texts([*samples, *(X_seed for X_seed, _ in made.seeds)])
            member.kept = sent[id(kept)]


def of_added(made: ModelSpec, X_new: Any) -> list[tuple[Kept, Any]]:
    """Compute the values that have to be kept of samples to be added, each with where; nothing is changed."""
    kept = {id(each): each for member in members_of(made.template) if (each := member.kept) is not None}
    return [(each, each.of_added(X_new)) for each in kept.values()]


def extend(found: list[tuple[Kept, Any]], X_new: Any) -> None:
    """Have what is kept of a pool know the samples that were added to it, and what `of_added` gave of them."""
    for texts in {id(kept.texts): kept.texts for kept, _ in found}.values():
        if texts is not None:
            texts.extend(X_new)
    for kept, values in found:
        kept.extend(X_new, values)


def let_go(*learners: Any) -> None:
    """Have learners forget what is kept."""
    for learner in learners:
        for member in members_of(learner):
            member.kept = None


def _keep(made: ModelSpec, kept: Callable[[Kept | None, list[Any]], Kept | None]) -> None:
    """Give learners what is kept of their steps; those with the same steps share it."""
    known: dict[Any, Kept | None] = {}
    members = members_of(made.template)
    for member in members:
        steps = [step for _, step in member.estimator.steps[:-1]] if is_plain(member.estimator) else []
        # A hash of large steps takes its time.
        same = sameness_of(steps) if len(members) > 1 else None
        if same not in known:
            known[same] = kept(member.kept, steps) if steps else None
        member.kept = known[same]


def _kept_exactly(steps: list[Any], texts: KnownTexts, folder: Path | None) -> Kept | None:
    if KeptTokens.can_keep(steps[0]):
        return Tokens(KeptTokens(texts, clone(steps[0])))
    leading = list(_learning_nothing(steps))
    if not leading:
        return None
    return Computed(KeptValues(texts, leading, None if folder is None else name_of(leading), folder))


def _learning_nothing(steps: list[Any]) -> Iterator[Any]:
    """Yield the leading steps that are what their parameters make them."""
    for step in steps:
        if step in _SKIPPED or not learns_nothing(step):
            return
        yield step


def learns_nothing(step: Any) -> bool:
    """Return whether a step is what its parameters make it, and transforms the same texts alike every time."""
    if not hasattr(step, "transform") or not (isinstance(step, FrozenEstimator) or hasattr(step, "get_params")):
        return False
    if not isinstance(step, FrozenEstimator) and (_must_be_fitted(step) or _draws(step)):
        return False
    # Files may change.
    return getattr(step, "input", "content") == "content"


def _must_be_fitted(step: Any) -> bool:
    if type(step) is HashingVectorizer:
        # In the first releases that have tags, its own says otherwise.
        return False
    try:
        return bool(get_tags(step).requires_fit)
    except Exception:  # noqa: BLE001 - it is not an estimator of scikit-learn's
        return True


def _draws(step: Any) -> bool:
    return any(name.split("__")[-1] == "random_state" for name in step.get_params(deep=True))


def _wants_labels(step: Any) -> bool:
    """Return whether a step is fitted on a few numbers with labels, and not without: tags do not tell of all."""
    return not _fits(step, None) and _fits(step, np.array([0, 1, 0, 1]))


def _fits(step: Any, y: Any) -> bool:
    X = np.array([[0.0, 1.0, 0.5], [1.0, 0.0, 0.5], [0.2, 0.9, 0.1], [0.8, 0.2, 0.7]])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            clone(step).fit(X, y)
    except Exception:  # noqa: BLE001 - texts are wanted, or more columns, or labels
        return False
    return True


def _seeded(steps: list[Any]) -> list[Any]:
    """Return clones of steps, whatever in them draws with the seed 0: a session that is opened again has the same."""
    made = [clone(step) for step in steps]
    for step in made:
        unseeded = {
            name: 0
            for name, value in step.get_params(deep=True).items()
            if value is None and name.split("__")[-1] == "random_state"
        }
        if unseeded:
            step.set_params(**unseeded)
    return made
