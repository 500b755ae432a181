"""A fit and its measurement: a pure function of a `FitTask`, wherever it runs."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from alwidgets.loop.evaluate import Measurement, measurement
from alwidgets.loop.fit_task import FitTask


@dataclass(frozen=True, eq=False)
class Fitted:
    """A new model and how it did.

    Parameters
    ----------
    learner : ActiveLearner or Committee
        The model.
    seconds : float
        How long its fit took, without the measurement.
    measured : Measurement
        Its scores; none where nothing was to be measured.
    """

    learner: Any
    seconds: float
    measured: Measurement


def fitted(task: FitTask) -> Fitted:
    """Fit a new model and measure it; raise whatever the estimator raises."""
    start = time.perf_counter()
    learner = task.model_spec.fit(task.X, task.y, task.seed)
    seconds = time.perf_counter() - start
    measured = Measurement(()) if task.measures is None else measurement(task, task.measures, learner)
    return Fitted(learner, seconds, measured)
