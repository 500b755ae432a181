"""The criteria by name. Each is a pure function, history -> Reading, and each only advises."""

from __future__ import annotations

from alwidgets.stopping.history import Criterion
from alwidgets.stopping.model_kinds import committee_agreement, margin_exhausted, support_saturated
from alwidgets.stopping.next_labels import marginal_gain
from alwidgets.stopping.performance import plateau, target
from alwidgets.stopping.predictions import (
    classification_change,
    oracle_accuracy,
    predicted_f_change,
    stabilizing_predictions,
)
from alwidgets.stopping.recall import drawn_recall, knee, knee_budget, quant_ci, recall_test
from alwidgets.stopping.spending import budget
from alwidgets.stopping.trends import confidence_peak, contradictory_information, gradient, variance_model
from alwidgets.stopping.uncertainty import (
    batch_uncertainty,
    expected_error,
    max_uncertainty,
    overall_uncertainty,
)

_CRITERIA = (
    budget,
    plateau,
    target,
    marginal_gain,
    stabilizing_predictions,
    predicted_f_change,
    classification_change,
    overall_uncertainty,
    max_uncertainty,
    batch_uncertainty,
    oracle_accuracy,
    expected_error,
    gradient,
    confidence_peak,
    contradictory_information,
    variance_model,
    committee_agreement,
    margin_exhausted,
    support_saturated,
    recall_test,
    drawn_recall,
    knee,
    knee_budget,
    quant_ci,
)

#: Name -> criterion.
CRITERIA: dict[str, Criterion] = {criterion.__name__: criterion for criterion in _CRITERIA}
