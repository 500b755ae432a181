"""Models that are served: the newest of a session, or one in a folder."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from alwidgets.data.plain_samples import samples_of
from alwidgets.models.by_proba import labels_by_proba
from alwidgets.models.saved import LoadedModel
from alwidgets.service.denied import DeniedError
from alwidgets.session import Session, view_of
from alwidgets.types import Class, FloatArray, Label


@dataclass(frozen=True, eq=False)
class Predicted:
    """Predictions of some samples.

    Parameters
    ----------
    labels : list of str, int, float, bool or tuple of these
        One a sample.
    probabilities : ndarray of shape (n_samples, n_classes) or None
        None where the model has none.
    model : LoadedModel
        Which.
    """

    labels: list[Label]
    probabilities: FloatArray | None
    model: LoadedModel


class Models(Protocol):
    """Source of the model that is served."""

    def current(self) -> LoadedModel:
        """Return the model; may take as long as a fit.

        Raises
        ------
        DeniedError
            If there is none.
        """

    @property
    def at_hand(self) -> bool:
        """True if `current` waits for nothing."""

    @property
    def columns(self) -> Sequence[Any] | None:
        """Names of the columns of a sample; None where they have none."""


class SessionModels:
    """The newest model of a session.

    Parameters
    ----------
    session : Session
        Which.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._lock = threading.Lock()
        self._known: tuple[tuple[int, str, tuple[Class, ...]], LoadedModel] | None = None

    @property
    def columns(self) -> Sequence[Any] | None:
        """Names of the columns of the pool; None where they have none."""
        return getattr(self._session.X, "columns", None)

    @property
    def at_hand(self) -> bool:
        """True if the newest model has been asked before."""
        newest, known = view_of(self._session).newest_model, self._known
        return newest is not None and known is not None and known[0] == (*newest, self._session.classes)

    def current(self) -> LoadedModel:
        """Return the newest model; one that a resumed session has yet to bring back is waited for."""
        view = view_of(self._session)
        with self._lock:
            while (newest := view.newest_model) is not None:
                key = (*newest, self._session.classes)
                if self._known is not None and self._known[0] == key:
                    return self._known[1]
                learner = view.at_hand(newest[0])
                if learner is None:
                    # It is fitted anew, and another may come meanwhile.
                    _ = self._session.learner
                else:
                    self._known = key, self._loaded(learner, *newest)
        raise DeniedError(503, "There is no model yet; it comes with the first labels.", {"Retry-After": "10"})

    def _loaded(self, learner: Any, number: int, training_set: str) -> LoadedModel:
        return LoadedModel(
            learner=learner,
            classes=self._session.classes,
            multilabel=self._session.task.multilabel,
            round=number,
            training_set=training_set,
            session_id=self._session.session_id,
            libraries={},
        )


def predicted(models: Models, samples: Sequence[Any]) -> Predicted:
    """Predict samples.

    Parameters
    ----------
    models : Models
        Has the model.
    samples : list of str, list of float or dict
        At least one.

    Raises
    ------
    DeniedError
        If there is no model, or it cannot predict such samples.
    """
    model = models.current()
    with _asked():
        X = samples_of(samples, models.columns)
        if not hasattr(model.learner, "predict_proba"):
            return Predicted(model.predict_labels(X), None, model)
        proba = _finite(model.predict_proba(X))
        labels = None if model.multilabel else labels_by_proba(model.learner, model.classes, proba)
        return Predicted(model.predict_labels(X) if labels is None else labels, proba, model)


def probabilities(models: Models, X: Any) -> tuple[FloatArray, LoadedModel]:
    """Predict the probabilities alone, of an array; return them, and the model that has them."""
    model = models.current()
    if not hasattr(model.learner, "predict_proba"):
        raise DeniedError(409, "The model has no probabilities; /v1/predict gives its labels.")
    with _asked():
        return _finite(model.predict_proba(X)), model


@contextlib.contextmanager
def _asked() -> Iterator[None]:
    try:
        yield
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        # What scikit-learn says of features that are too few or too many, or of texts where numbers are expected.
        why = (str(error).strip() or repr(error)).splitlines()[0]
        raise DeniedError(422, f"The model cannot predict these samples: {why}") from error


def _finite(proba: FloatArray) -> FloatArray:
    if not np.isfinite(proba).all():
        raise ValueError("its probabilities of them are not numbers.")
    return proba
