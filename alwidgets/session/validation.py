"""Validation of the arguments of a session."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from numbers import Integral, Real
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from alwidgets.data import conversion
from alwidgets.data.label_kinds import MULTICLASS, MULTILABEL, LabelKind
from alwidgets.data.lending import own, read_only
from alwidgets.data.pool import (
    as_samples,
    as_samples_like,
    n_rows,
)
from alwidgets.models.keeping import check_fits_on_pool
from alwidgets.models.spec import ModelSpec
from alwidgets.scoring.overlap import share_in_pool
from alwidgets.scoring.scores import ACCURACY, Metric, as_metrics
from alwidgets.session.label_validation import LONGEST_NAME, as_indicator, check_y, unknown_labels
from alwidgets.session.row_validation import check_order, order_of
from alwidgets.stopping import Budget
from alwidgets.strategies import ColdStart
from alwidgets.strategies.choose import check_kind, check_pool, is_on_sample, needs_features, strategy_name
from alwidgets.strategies.features import may_have_features
from alwidgets.strategies.large_pools import MOST_COMPARED
from alwidgets.types import Class
from alwidgets.utils.checks import check_count, named, repeated
from alwidgets.utils.text import is_writable, redacted, short_repr, type_name

AuditMode: TypeAlias = Literal["hold_back", "test_then_train"]
Duplicates: TypeAlias = Literal["carry", "ask"]
FeaturesOf: TypeAlias = Literal["labels", "pool"]
RetrainEvery: TypeAlias = int | Literal["manual"]

# Real data hold a few samples twice.
_MOST_OVERLAP = 0.05
_MOST_ROUNDS = 10**9
_MOST_WORDS = 10_000
#: Where an answer was given, as a journal has it: on the card, in a grid, among near duplicates, on a map, in a review.
#: "given" is for the labels that came with the data.
Via: TypeAlias = Literal["", "grid", "alike", "map", "review"]


def check_samples(X: Any, *, allow_nan: bool, texts: bool) -> tuple[Any, bool]:
    """Return the pool, and whether it has missing or infinite values that the learner does not say it takes."""
    try:
        return as_samples(X, allow_nan=allow_nan, texts=texts), False
    except ValueError:
        if allow_nan:
            raise
        # A column that a Pipeline drops may have some: a trial tells.
        return as_samples(X, allow_nan=True, allow_inf=True, texts=texts), True


def check_items(items: Any, X: Any, order: tuple[str, Any] | None = None, *, name: str = "items", of: str = "X") -> Any:
    """Validate the items shown to the annotator, one per row; the rows of `X` by default."""
    if items is None:
        return X
    items = conversion.plain_items(items)
    if not conversion.holds_rows(items):
        raise TypeError(
            f"{name} is {type_name(items)}; expected a sequence or a DataFrame, one item a row of {of}."
            f"{conversion.advice(items)}"
        )
    check_order(name, items, order)
    n_samples = n_rows(X)
    if len(items) != n_samples:
        raise ValueError(f"{of} has {n_samples} rows but {name} has {len(items)}; give one item per row.")
    return items


def check_ids(ids: Any, n_samples: int, order: tuple[str, Any] | None = None) -> tuple[str, ...] | None:
    """Return the stable ids of the samples, or None when they are to be hashes of the rows."""
    if ids is None:
        return None
    ids = conversion.plain(ids)
    check_order("ids", ids, order)
    ids = conversion.column(ids)
    if isinstance(ids, str) or not hasattr(ids, "__iter__") or len(getattr(ids, "shape", (0,))) != 1:
        raise TypeError(f"ids is {named(ids)}; expected one id per row of X.{conversion.advice(ids)}")
    values = tuple(str(value) for value in ids)
    if len(values) != n_samples:
        raise ValueError(f"X has {n_samples} rows but ids has {len(values)}; give one id per row.")
    cut = next((value for value in values if not is_writable(value)), None)
    if cut is not None:
        raise ValueError(f"ids has {short_repr(cut)}, which has half of a surrogate pair; expected whole characters.")
    if (twice := repeated(values)) is not None:
        raise ValueError(
            f"ids has {values[twice[0]]!r} more than once, in rows {twice[0]} and {twice[1]}; expected a different id "
            "for each row."
        )
    return values


def check_test(
    test: Any,
    X: Any,
    classes: Sequence[Class],
    *,
    allow_nan: bool,
    allow_inf: bool = False,
    kind: LabelKind = MULTICLASS,
) -> tuple[Any, Any] | None:
    """Return the held-out set, if it has the features of `X` and only declared classes.

    Of any number of classes, labels may be an indicator matrix or lists of classes, and are the former. Warns where its
    samples are in `X` as well.
    """
    if test is None:
        return None
    if not (isinstance(test, tuple | list) and len(test) == 2):  # noqa: PLR2004
        raise TypeError(f"test is {type_name(test)}; expected a pair (X_test, y_test).")
    X_test = as_samples_like(X, test[0], name="X_test", allow_nan=allow_nan, allow_inf=allow_inf)
    check_order("y_test", test[1], order_of(X_test=test[0]))
    warn_of_overlap(X, X_test)
    return read_only(X_test), own(check_y("y_test", test[1], n_rows(X_test), classes, kind))


def warn_of_overlap(X: Any, X_test: Any, name: str = "X") -> None:
    """Warn where held-out samples are in the pool as well, or in what is added to it."""
    share = share_in_pool(X_test, X)
    if share > _MOST_OVERLAP:
        warnings.warn(
            f"{share:.0%} of the samples of test are in {name} as well: once they are labeled the model is scored on "
            f"what it was trained on, and its score is too high. Leave them out of {name}.",
            UserWarning,
            stacklevel=5,
        )


def check_retrain_every(every: Any, batch_size: Any) -> int | None:
    """Return the number of answers between two retrains; None where only a call fits."""
    if isinstance(every, str):
        if every != "manual":
            raise ValueError(f"retrain_every is {every!r}; expected a number of answers, 'manual', or None.")
        return None
    return check_count("batch_size", batch_size) if every is None else check_count("retrain_every", every)


def check_audit(audit: Any, *, has_test: bool) -> float:
    """Return the share of questions that only measure."""
    if audit is None:
        return 0.0 if has_test else 0.1
    if not isinstance(audit, Real) or not 0 <= audit < 1:  # type: ignore[operator]  # a Real has an order
        raise ValueError(f"audit is {short_repr(audit)}; expected a share of the questions, from 0 to less than 1.")
    return float(audit)


def check_audit_mode(mode: Any) -> str:
    """Validate the use of audit answers."""
    if mode not in ("hold_back", "test_then_train"):
        raise ValueError(
            f"audit_mode is {mode!r}; expected 'hold_back' (they only measure) or 'test_then_train' (each is predicted "
            "first, and trains then)."
        )
    return str(mode)


def check_scoring(scoring: Any) -> tuple[Metric, ...]:
    """Return the metrics; the accuracy is always among them, since errors in use are priced by it."""
    metrics = as_metrics(scoring)
    return metrics if ACCURACY in metrics else (*metrics, ACCURACY)


def check_scored(*, committee: bool, has_test: bool, audit: float) -> None:
    """Raise if no round of the session could ever have a score."""
    if committee and not has_test and audit == 0:
        raise ValueError(
            "audit is 0 and there is no test set, but a Committee cannot be cross-validated; expected test=(X, y) or "
            "an audit above 0."
        )


def check_budget(budget: Any) -> Budget:
    """Return the budget; a whole number is a number of labels."""
    if budget is None:
        return Budget()
    if isinstance(budget, Budget):
        return budget
    if not isinstance(budget, bool) and isinstance(budget, Integral):
        return Budget(labels=int(budget))
    raise TypeError(f"budget is {budget!r}; expected a Budget, or a number of labels.")


def check_render(render: Any, items: Any) -> Any:
    """Return the function that shows an item; one that reads columns of a DataFrame has to find them."""
    if render is not None and not callable(render):
        raise TypeError(f"render is {render!r}; expected a function item -> what to show, or None.")
    frame = conversion.first_frame(items)
    if hasattr(render, "check") and frame is not None:
        render.check(frame.columns)
    return render


def check_media_root(root: Any) -> Path | None:
    """Return the folder in which the files of samples lie."""
    if root is None:
        return None
    if not isinstance(root, str | Path) or not Path(root).expanduser().is_dir():
        raise ValueError(f"media_root is {root!r}; expected an existing folder.")
    return Path(root).expanduser().resolve()


def check_cold_start(cold_start: Any) -> ColdStart:
    """Validate the cold start; with None it lasts until there is a model."""
    if cold_start is None:
        return ColdStart(most_labels=0)
    return cold_start if isinstance(cold_start, ColdStart) else ColdStart(cold_start)


def check_features(features: str, made: ModelSpec) -> bool:
    """Return whether the steps of the learner's Pipeline before the last one are to be fitted on the pool."""
    if check_features_of(features) == "labels":
        return False
    check_fits_on_pool(made)
    return True


def check_features_of(features: str) -> str:
    """Return on what features are fitted, if it is something that they can be fitted on."""
    if features not in get_args(FeaturesOf):
        raise ValueError(f"features is {features!r}; expected one of {list(get_args(FeaturesOf))}.")
    return features


def check_embed(embed: Any) -> Any:
    """Return the function that turns samples into numbers."""
    if embed is not None and not callable(embed):
        raise TypeError(f"embed is {embed!r}; expected a function X -> (n_samples, n_features), or None.")
    return embed


def check_strategies(
    X: Any,
    classes: Sequence[Class],
    estimator: Any,
    strategies: Sequence[Any],
    embed: Any,
    *,
    kind: LabelKind = MULTICLASS,
) -> None:
    """Refuse strategies for another pool or kind of label, and such that compare samples which cannot be compared."""
    comparable = embed is not None or may_have_features(X, estimator)
    for each in strategies:
        check_kind(each, kind)
        check_pool(each, n_rows(X), len(classes))
        if is_on_sample(each, X):
            warnings.warn(
                f"{strategy_name(each)!r} compares all candidates with each other; of the {n_rows(X):,} samples of X "
                f"it chooses among {MOST_COMPARED:,} random ones; 'margin' among all.",
                stacklevel=4,
            )
        if needs_features(each) and not comparable:
            raise ValueError(
                f"{strategy_name(each)!r} compares samples, and these are not numbers; expected `embed=`, a function "
                "X -> (n_samples, n_features), or a Pipeline that turns them into numbers before its last step."
            )


def check_duplicates(duplicates: Any) -> str | None:
    """Validate the treatment of identical samples; None keeps it as it was."""
    if duplicates not in (None, "carry", "ask"):
        raise ValueError(
            f"duplicates is {short_repr(duplicates)}; expected 'carry' (one answer counts for all that are identical), "
            "'ask' (each is asked), or None."
        )
    return None if duplicates is None else str(duplicates)


def check_beside(data: Any, n_samples: int, order: tuple[str, Any] | None = None) -> Any:
    """Return the DataFrame that labels are put beside, None when there is none."""
    frame = conversion.check_frame("data", data)
    if frame is None:
        return None
    if len(frame) != n_samples:
        raise ValueError(f"X has {n_samples} rows but data has {len(frame)}; give one row per sample.")
    check_order("data", frame, order)
    return frame


def check_name(name: str, value: Any) -> str | None:
    """Return a text that is not empty, or None."""
    if value is not None and not (isinstance(value, str) and value):
        raise TypeError(f"{name} is {short_repr(value)}; expected a str that is not empty, or None.")
    return None if value is None else _check_text(name, value, LONGEST_NAME)


def check_annotator(value: Any) -> str | None:
    """Validate the annotator's name, or None; credentials in it, as in a URL, are hidden."""
    name = check_name("annotator", value)
    return None if name is None else redacted(name)


def check_words(name: str, value: Any) -> str:
    """Validate a free text; it may be empty, and blanks alone count as empty."""
    if not isinstance(value, str):
        raise TypeError(f"{name} is {short_repr(value)}; expected a str.")
    words = _check_text(name, value, _MOST_WORDS)
    return words if words.strip() else ""


def _check_text(name: str, value: str, most: int) -> str:
    if len(value) > most:
        raise ValueError(f"{name} has {len(value)} characters; expected at most {most}.")
    if not is_writable(value):
        raise ValueError(
            f"{name} is {short_repr(value)}, which has half of a surrogate pair; expected whole characters."
        )
    return str(value)


def check_seconds(name: str, value: Any) -> float | None:
    """Return a time in seconds; None when there is none, also for NaN and infinity, which JSON does not have."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} is {value!r}; expected a number of seconds, or None.")
    try:
        seconds = float(value)
    except OverflowError:
        return None
    return seconds if math.isfinite(seconds) else None


def check_duration(name: str, value: Any) -> float | None:
    """Validate a duration in seconds; None if it is unknown or NaN."""
    seconds = check_seconds(name, value)
    endless = seconds is None and not conversion.is_missing(value)
    if endless or (seconds is not None and seconds < 0):
        raise ValueError(f"{name} is {short_repr(value)}; expected a number of seconds of at least 0, or None.")
    return seconds


def check_via(via: Any) -> str:
    """Validate the origin of an answer."""
    if via not in get_args(Via):
        raise ValueError(f"via is {short_repr(via)}; expected one of {list(get_args(Via))}.")
    return str(via)


def check_round(value: Any) -> int:
    """Return the number of a round, 0 before the first."""
    number = 0 if isinstance(value, Integral) and value == 0 else check_count("round", value)
    if number > _MOST_ROUNDS:
        raise ValueError(f"round is {short_repr(value)}; expected a whole number of at most {_MOST_ROUNDS}.")
    return number


def check_events(value: Any) -> int | None:
    """Return a number of events, None when none is given."""
    if value is None:
        return None
    return 0 if isinstance(value, Integral) and value == 0 else check_count("as_of", value)


def check_seeds(
    seeds: Sequence[tuple[Any, Any]], X: Any, classes: Sequence[Class], *, kind: LabelKind = MULTICLASS
) -> None:
    """Refuse a modAL learner that was taught other features than those of `X`, or a class that is not declared."""
    for X_seed, y_seed in seeds:
        if X_seed is None:
            continue
        if X_seed.shape[1:] != X.shape[1:]:
            raise ValueError(
                f"the learner was taught samples of shape {X_seed.shape} but X has shape {X.shape}; expected the same "
                "features."
            )
        if kind is MULTILABEL:
            as_indicator("what the learner was taught", y_seed, len(y_seed), classes)
            continue
        for label in unknown_labels(y_seed.tolist(), classes):
            raise ValueError(
                f"the learner was taught {label!r}, which is not one of the classes; declare it in `classes`."
            )
