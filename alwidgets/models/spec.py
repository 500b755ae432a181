"""Conversion of the user's `learner` to fitted learners, any number of them, in a repeatable way."""

from __future__ import annotations

import contextlib
import copy
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, clone, is_classifier
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import StackingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import get_tags

from alwidgets.data.conversion import as_rows
from alwidgets.data.label_kinds import is_indicator
from alwidgets.data.labels import concat_labels, plain_labels
from alwidgets.data.pool import stack
from alwidgets.kernels.arrays import check_nonnegative
from alwidgets.models.encoded import bare, encoded
from alwidgets.models.modal import ActiveLearner, Committee
from alwidgets.models.modal_fallback import COMMITTEE_ASKS, LEARNER_ASKS, MODAL_COMMITTEE, MODAL_LEARNER
from alwidgets.models.presets import learner_of
from alwidgets.types import Learner
from alwidgets.utils.text import redacted, type_name, words
from alwidgets.utils.threads import fit_threads


@dataclass(frozen=True, eq=False)
class _Blank:
    """An unfitted estimator, from which others are made that differ in nothing but their seeds.

    Parameters
    ----------
    estimator : estimator
        It is only copied.
    unseeded : list of str
        Every `random_state` in it that has no seed.
    parts : list of estimator or None
        Of which each of these is; None where a copy of the estimator is not what `clone` makes of it.
    """

    estimator: Any
    unseeded: list[str]
    parts: list[Any] | None = None

    def seeded(self, seed: int) -> Any:
        """Return a new unfitted estimator; with these seeds its fit can be repeated."""
        if self.parts is None:
            estimator = clone(self.estimator)
            if self.unseeded:
                estimator.set_params(**{name: seed + i for i, name in enumerate(self.unseeded)})
            return estimator
        # Several times faster than `clone`, which looks up the names of all parameters. Copied together, the parts
        # are those of the copy.
        estimator, parts = copy.deepcopy((self.estimator, self.parts))
        for i, part in enumerate(parts):
            part.random_state = seed + i
        return estimator


def same_message(first: Exception, encoded: Exception) -> bool:
    """Return whether a fit fails for the labels as for 0, 1, 2, ... in their place.

    Only the labels differ. Where the errors differ too, the first is of the labels, and the other tells what is wrong.
    """
    return type(first) is type(encoded) and words(first) == words(encoded)


@dataclass(frozen=True, eq=False)
class ModelSpec:
    """ModelSpec for a fitted learner: the same data and seed give the same model.

    Parameters
    ----------
    template : ActiveLearner or Committee
        Unfitted; cloned for every fit.
    strategy : NamedStrategy or strategy
        What chooses the questions.
    seeds : tuple of (X, y)
        Labeled samples that came with a modAL learner, part of every training set: one pair a member of a
        committee, one in all for a learner; (None, None) where there were none.
    untried : bool
        Whether no trial fit went well, so that nobody knows if the learner takes the labels as they are: a fit that
        fails is then tried with 0, 1, 2, ... for the classes.
    of_pool : bool
        Whether the steps of a Pipeline before the last one are fitted on the pool, not on the training set.
    """

    template: Any
    strategy: Any
    seeds: tuple[tuple[Any, Any], ...] = ((None, None),)
    untried: bool = False
    of_pool: bool = False

    @property
    def estimator(self) -> Any:
        """The scikit-learn model, unfitted; of a committee, the first member's."""
        return members_of(self.template)[0].estimator

    @property
    def y_seed(self) -> Any:
        """The labels that came with the learner, None when there were none."""
        labels = [y for _, y in self.seeds if y is not None]
        return np.concatenate(labels) if labels else None

    @property
    def name(self) -> str:
        """Name of the model in messages."""
        return type(self.template if isinstance(self.template, Committee) else bare(self.estimator)).__name__

    @cached_property
    def models(self) -> str:
        """The estimators with the parameters that are not their defaults; secrets among them."""
        models = ", ".join(_whole_repr(member.estimator) for member in members_of(self.template))
        return f"{models}, steps before the last fitted on the pool" if self.of_pool else models

    @property
    def notice(self) -> str:
        """Notice that models were given copies because they write to their input; empty if they were not."""
        n_copies = sum({id(member.loans): member.loans.n_copies for member in members_of(self.template)}.values())
        if not n_copies:
            return ""
        return (
            f"{self.name} writes into the samples it is given. It is lent copies, which takes time and memory, so that "
            f"X stays as it is: {n_copies:,} until now."
        )

    @property
    def allow_nan(self) -> bool:
        """True if the model accepts missing values."""
        return all(_allows_nan(member.estimator) for member in members_of(self.template))

    def training_set(self, X: Any, y: Any, member: int = 0) -> tuple[Any, Any]:
        """Return these samples behind those that came with the learner, or with a member of the committee."""
        X_seed, y_seed = self.seeds[member]
        return (X, y) if X_seed is None else (stack(X_seed, X), concat_labels(y_seed, y))

    @property
    def whole(self) -> bool:
        """True if its models are scikit-learn's and no more than what their parameters make them."""
        return all(blank.parts is not None for blank in self._blanks)

    @cached_property
    def encoded(self) -> ModelSpec:
        """The same around classifiers that are fitted on 0, 1, 2, ... for the classes among their labels."""
        made = copy.copy(self.template)
        if isinstance(made, Committee):
            made.learner_list = [_around(member, encoded(member.estimator)) for member in made.learner_list]
        else:
            made = _around(made, encoded(made.estimator))
        return replace(self, template=made, untried=False)

    def names_classes(self, classes: Any) -> bool:
        """Return whether a parameter of a model is by class, as `class_weight` is: it would mean other ones encoded."""
        values = [value for member in members_of(self.template) for value in _parameters(member.estimator).values()]
        return any(isinstance(value, Mapping) and not set(classes).isdisjoint(value) for value in values)

    def fit(self, X: Any, y: Any, seed: int) -> Any:
        """Return a new learner fitted on these samples and those of the seed set."""
        with fit_threads(X), warnings.catch_warnings():
            # What the cold start is for.
            warnings.filterwarnings("ignore", "Label .* is present in all training examples")
            try:
                return self.fitted(X, y, seed)
            except Exception as first:
                if not self.untried or is_indicator(y) or self.names_classes(np.unique(y).tolist()):
                    raise
                try:
                    return self.encoded.fitted(X, y, seed)
                except Exception as error:
                    if same_message(first, error):
                        raise first from None
                    raise

    def fitted(self, X: Any, y: Any, seed: int) -> Any:
        """Fit without limits on threads or warnings; see `fit`."""
        made = []
        for k, (member, blank) in enumerate(zip(members_of(self.template), self._blanks, strict=True)):
            with nullcontext() if blank.parts is not None else _torch_seeded(seed + k):
                made.append(_unfitted(member, blank.seeded(seed + k), seed + k, *self.training_set(X, y, k)))
        return self._joined(made)

    @cached_property
    def _blanks(self) -> list[_Blank]:
        """Unfitted estimators of the members."""
        return [_blank(member.estimator) for member in members_of(self.template)]

    def restored(self, X: Any, y: Any, seed: int, estimators: list[Any]) -> Any:
        """Rebuild the learner around its fitted estimators; None if they belong to another spec."""
        members = members_of(self.template)
        if [type(each) for each in estimators] != [type(member.estimator) for member in members]:
            return None
        return self.around(X, y, seed, estimators)

    def around(self, X: Any, y: Any, seed: int, estimators: list[Any]) -> Any:
        """Return the learner that `fit` makes, around estimators that were fitted on these samples."""
        made = []
        for k, (member, estimator) in enumerate(zip(members_of(self.template), estimators, strict=True)):
            learner = _unfitted(member, estimator, seed + k)
            learner.X_training, learner.y_training = self.training_set(X, y, k)
            made.append(learner)
        return self._joined(made)

    @property
    def without_strategy(self) -> ModelSpec:
        """The same for fits alone: what asks, which may hold anything, is left out."""
        members = [copy.copy(member) for member in members_of(self.template)]
        for member in members:
            member.query_strategy = LEARNER_ASKS
        several = isinstance(self.template, Committee)
        template = Committee(members, COMMITTEE_ASKS, self.template.on_transformed) if several else members[0]
        return replace(self, template=template, strategy=None)

    def _joined(self, learners: list[ActiveLearner]) -> Any:
        if isinstance(self.template, Committee):
            return Committee(learners, self.template.query_strategy, self.template.on_transformed)
        return learners[0]


def reads_texts(estimator: Any) -> bool:
    """Return whether the first step of an estimator turns texts into numbers, as `TfidfVectorizer` does."""
    if getattr(estimator, "steps", None):
        return reads_texts(estimator.steps[0][1])
    if getattr(estimator, "transformer_list", None):
        return any(reads_texts(step) for _, step in estimator.transformer_list)
    inner = getattr(estimator, "estimator", None)
    return hasattr(estimator, "build_analyzer") or (inner is not None and reads_texts(inner))


def committee(
    estimators: Learner | Sequence[Learner], n_members: int | None = None, random_state: int | None = None
) -> Committee:
    """Make a committee whose disagreement tells which samples to ask.

    Parameters
    ----------
    estimators : classifier or str, or list of these
        One, of which each member sees another bootstrap sample of the labels (query by bagging; each class it has
        seen is in every sample), or several different ones, which all see every label.
    n_members : int, optional
        How many of one classifier; default 5.
    random_state : int, optional
        Seeds the bootstrap samples where you fit it yourself; a session seeds them from its own.

    Returns
    -------
    committee : Committee
        A modAL committee, unfitted, for `Session(learner=...)`. Members that have seen different classes are
        aligned.

    Raises
    ------
    TypeError
        If a member is not a classifier.
    ValueError
        If there are fewer than two members.

    References
    ----------
    .. [1] Abe & Mamitsuka (1998), Query learning strategies using boosting and bagging, ICML.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> len(committee(GaussianNB(), n_members=3))
    3
    """
    given: Any = estimators
    several = isinstance(given, list | tuple)
    if several and n_members is not None:
        raise ValueError(f"n_members is {n_members} with a list of {len(given)} estimators; give one or the other.")
    n_members = len(given) if several else check_nonnegative(5 if n_members is None else n_members, "n_members")
    if n_members < 2:  # noqa: PLR2004 - one agrees with itself
        raise ValueError(f"the committee has {n_members} members; expected at least two to disagree.")
    members = given if several else [given] * n_members
    seeds = [None] * n_members if random_state is None else range(random_state, random_state + n_members)
    return Committee(
        [
            ActiveLearner(_classifier(each), bootstrap_init=not several, random_state=seed)
            for each, seed in zip(members, seeds, strict=True)
        ]
    )


def estimators_of(learner: Any) -> list[Any]:
    """Return the estimators of a learner: one, or those of a committee's members."""
    return [member.estimator for member in members_of(learner)]


def members_of(learner: Any) -> list[Any]:
    """Return the members of a committee, or the one learner."""
    return list(learner.learner_list) if isinstance(learner, MODAL_COMMITTEE) else [learner]


def seed_set(learner: Any) -> tuple[Any, Any]:
    """Return the samples and labels that a learner was made with, None and None without any."""
    X = getattr(learner, "X_training", None)
    return (None, None) if X is None else (as_rows(X), plain_labels(learner.y_training))


def template_of(learner: Any) -> Any:
    """Return the template for all fits: a modAL learner or committee around copies of the estimators."""
    if isinstance(learner, type):
        raise TypeError(f"learner is the class {learner.__name__}; expected an object: {learner.__name__}().")
    if isinstance(learner, MODAL_COMMITTEE):
        members = [template_of(member) for member in learner.learner_list]
        return Committee(members, learner.query_strategy, learner.on_transformed)
    if isinstance(learner, MODAL_LEARNER):
        return ActiveLearner(
            _classifier(learner.estimator),
            learner.query_strategy,
            bootstrap_init=getattr(learner, "bootstrap_init", False),
            on_transformed=learner.on_transformed,
            force_all_finite=learner.force_all_finite,
        )
    return ActiveLearner(_classifier(learner))


def _classifier(estimator: Any) -> Any:
    """Return a clone of a classifier, which says before a fit what it can after it."""
    if isinstance(estimator, type):
        raise TypeError(f"estimator is the class {estimator.__name__}; expected an object: {estimator.__name__}().")
    estimator = learner_of(estimator)
    if hasattr(estimator, "fit") and _says_classifier(estimator):
        made = clone(estimator)
        for part in [made, *_parameters(made).values()]:
            if isinstance(part, StackingClassifier) and part.final_estimator is None:
                # scikit-learn's own default, which only its fit tells.
                part.set_params(final_estimator=LogisticRegression())
        if hasattr(made, "predict"):
            return made
    raise TypeError(
        f"learner is {_short(estimator)}; expected a scikit-learn classifier, a Pipeline that ends in one, a "
        "modAL ActiveLearner or a modAL Committee. A class of your own derives from ClassifierMixin and "
        "BaseEstimator, in this order."
    )


def _parameters(estimator: Any) -> dict[str, Any]:
    return dict(estimator.get_params(deep=True)) if hasattr(estimator, "get_params") else {}


def _says_classifier(estimator: Any) -> bool:
    try:
        return bool(is_classifier(estimator))
    except AttributeError:
        # scikit-learn asks for its own base class.
        return False


def _short(value: Any) -> str:
    try:
        text = redacted(repr(value))
    except AttributeError:
        # A learner of modAL's own cannot be shown.
        return type_name(value)
    return text if len(text) <= 80 else type_name(value)  # noqa: PLR2004


def _allows_nan(estimator: Any) -> bool:
    """Return whether missing values get through an estimator, as far as it can be told before a fit."""
    if isinstance(estimator, Pipeline):
        return _steps_allow_nan([step for _, step in estimator.steps if step not in (None, "passthrough")])
    if get_tags(estimator).input_tags.allow_nan:
        return True
    if isinstance(estimator, ColumnTransformer | FeatureUnion):
        # Which columns have missing values is not known here; what cannot take them says so at the fit.
        parts = estimator.transformers if isinstance(estimator, ColumnTransformer) else estimator.transformer_list
        return any(not isinstance(part[1], str) and _allows_nan(part[1]) for part in parts)
    if isinstance(inner := getattr(estimator, "estimator", None), BaseEstimator):
        return _allows_nan(inner)
    return False


def _steps_allow_nan(steps: list[Any]) -> bool:
    for step in steps[:-1]:
        own = not type(step).__module__.startswith("sklearn.")
        if isinstance(step, ColumnTransformer | FeatureUnion | FunctionTransformer) or own:
            # It may fill them in: nothing tells.
            return own or isinstance(step, FunctionTransformer) or _allows_nan(step)
        if not _allows_nan(step):
            return False
        if type(step).__module__.startswith("sklearn.impute"):
            return True
    return _allows_nan(steps[-1])


def _unfitted(template: ActiveLearner, estimator: Any, seed: int, X: Any = None, y: Any = None) -> ActiveLearner:
    """Return a learner like the template around an estimator, which is fitted when samples are given."""
    learner = ActiveLearner(
        estimator, template.query_strategy, bootstrap_init=template.bootstrap_init,
        on_transformed=template.on_transformed, force_all_finite=template.force_all_finite, random_state=seed,
    )  # fmt: skip
    # What one of them cannot be lent none of them can.
    learner.loans, learner.kept = template.loans, template.kept
    if X is not None:
        learner.X_training, learner.y_training = X, y
        learner._fit_to_known(bootstrap=template.bootstrap_init)  # noqa: SLF001 - as one that is made with samples
    return learner


def _around(template: ActiveLearner, estimator: Any) -> ActiveLearner:
    made = copy.copy(template)
    made.estimator = estimator
    return made


@contextlib.contextmanager
def _torch_seeded(seed: int) -> Iterator[None]:
    """Seed torch's global generators, which its models draw from, and give them back as they were."""
    torch: Any = sys.modules.get("torch")
    if torch is None:
        yield
        return
    devices = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else ()
    with torch.random.fork_rng(devices=list(devices)):
        torch.manual_seed(seed)
        yield


def _blank(estimator: Any) -> _Blank:
    parameters = estimator.get_params(deep=True)
    unseeded = sorted(
        name for name, value in parameters.items() if value is None and name.split("__")[-1] == "random_state"
    )
    nested = [estimator, *(value for value in parameters.values() if hasattr(value, "get_params"))]
    if not all(map(_is_plain, nested)) or not _can_be_copied(estimator):
        return _Blank(estimator, unseeded)
    return _Blank(estimator, unseeded, [parameters.get(name.rpartition("__")[0], estimator) for name in unseeded])


def _can_be_copied(estimator: Any) -> bool:
    try:
        copy.deepcopy(estimator)
    except Exception:  # noqa: BLE001 - whatever a user's estimator raises that is a value to be searched
        return False
    return True


def _is_plain(estimator: Any) -> bool:
    """Return whether an unfitted estimator is scikit-learn's, and no more than what its parameters make it."""
    kind: Any = type(estimator)
    own_clone = getattr(kind, "__sklearn_clone__", BaseEstimator.__sklearn_clone__)
    return (
        kind.__module__.startswith("sklearn.")
        and own_clone is BaseEstimator.__sklearn_clone__
        # Callbacks, metadata requests, output containers.
        and not any(name.startswith("_") for name in vars(estimator))
    )


def _whole_repr(estimator: Any) -> str:
    if type(estimator).__repr__ is BaseEstimator.__repr__:
        # scikit-learn's own cuts long ones short.
        return str(estimator.__repr__(N_CHAR_MAX=10_000))
    try:
        return repr(estimator)
    except Exception:  # noqa: BLE001 - whatever a user's class raises
        return f"{type(estimator).__name__}(...)"
