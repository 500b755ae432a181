"""Stopping rules: the history a criterion reads, the criteria, and rules over them."""

from alwidgets.stopping.catalog import CRITERIA
from alwidgets.stopping.history import Budget, Criterion, CriterionName, History, Round, Signals
from alwidgets.stopping.model_kinds import committee_agreement, margin_exhausted, support_saturated
from alwidgets.stopping.next_labels import Forecast, Range, marginal_gain
from alwidgets.stopping.performance import plateau, target
from alwidgets.stopping.predictions import (
    classification_change,
    f_change_bound,
    oracle_accuracy,
    predicted_f_change,
    stabilizing_predictions,
)
from alwidgets.stopping.recall import drawn_recall, knee, knee_budget, quant_ci, recall_test
from alwidgets.stopping.rules import Rule, all_of, any_of, at_least, patience, unless_priced
from alwidgets.stopping.signals import ModelOutputs
from alwidgets.stopping.spending import budget
from alwidgets.stopping.trends import confidence_peak, contradictory_information, gradient, variance_model
from alwidgets.stopping.uncertainty import batch_uncertainty, expected_error, max_uncertainty, overall_uncertainty

__all__ = [
    "CRITERIA",
    "Budget",
    "Criterion",
    "CriterionName",
    "Forecast",
    "History",
    "ModelOutputs",
    "Range",
    "Round",
    "Rule",
    "Signals",
    "all_of",
    "any_of",
    "at_least",
    "batch_uncertainty",
    "budget",
    "classification_change",
    "committee_agreement",
    "confidence_peak",
    "contradictory_information",
    "drawn_recall",
    "expected_error",
    "f_change_bound",
    "gradient",
    "knee",
    "knee_budget",
    "margin_exhausted",
    "marginal_gain",
    "max_uncertainty",
    "oracle_accuracy",
    "overall_uncertainty",
    "patience",
    "plateau",
    "predicted_f_change",
    "quant_ci",
    "recall_test",
    "stabilizing_predictions",
    "support_saturated",
    "target",
    "unless_priced",
    "variance_model",
]


def __dir__() -> list[str]:
    return __all__
