"""Stopping rules: the history a criterion reads, the criteria, and rules over them."""

from alwidgets.stopping.catalog import CRITERIA
from alwidgets.stopping.history import Budget, Criterion, History, Round, Signals
from alwidgets.stopping.model_kinds import committee_agreement, margin_exhausted, support_saturated
from alwidgets.stopping.next_labels import (
    Forecast,
    Range,
    cheapest_number,
    fitted,
    forecast,
    marginal_gain,
    projected_to,
)
from alwidgets.stopping.outlook import labels_to_go
from alwidgets.stopping.performance import plateau, target
from alwidgets.stopping.predictions import (
    classification_change,
    f_change_bound,
    oracle_accuracy,
    predicted_f_change,
    stabilizing_predictions,
)
from alwidgets.stopping.rules import Rule, all_of, any_of, as_rule, at_least, patience, unless_priced
from alwidgets.stopping.settings import named_changes, settings_of, threshold_setting, with_settings
from alwidgets.stopping.signals import ModelOutputs, signals
from alwidgets.stopping.spending import budget
from alwidgets.stopping.tracks import Track, tracks
from alwidgets.stopping.trends import confidence_peak, contradictory_information, gradient, variance_model
from alwidgets.stopping.uncertainty import (
    batch_uncertainty,
    expected_error,
    max_uncertainty,
    overall_uncertainty,
)

__all__ = [
    "CRITERIA",
    "Budget",
    "Criterion",
    "Forecast",
    "History",
    "ModelOutputs",
    "Range",
    "Round",
    "Rule",
    "Signals",
    "Track",
    "all_of",
    "any_of",
    "as_rule",
    "at_least",
    "batch_uncertainty",
    "budget",
    "cheapest_number",
    "classification_change",
    "committee_agreement",
    "confidence_peak",
    "contradictory_information",
    "expected_error",
    "f_change_bound",
    "fitted",
    "forecast",
    "gradient",
    "labels_to_go",
    "margin_exhausted",
    "marginal_gain",
    "max_uncertainty",
    "named_changes",
    "oracle_accuracy",
    "overall_uncertainty",
    "patience",
    "plateau",
    "predicted_f_change",
    "projected_to",
    "settings_of",
    "signals",
    "stabilizing_predictions",
    "support_saturated",
    "target",
    "threshold_setting",
    "tracks",
    "unless_priced",
    "variance_model",
    "with_settings",
]
