"""The rules that are compared: every criterion by itself, some together, and other parameters."""

from functools import partial

from alwidgets.session.progress import ADVICE
from alwidgets.stopping import (
    CRITERIA,
    all_of,
    any_of,
    at_least,
    marginal_gain,
    patience,
    plateau,
    stabilizing_predictions,
)
from alwidgets.stopping.rules import as_rule

DEFAULT, DEFAULT_WITHOUT = "default", "default, prices unknown"
_TWO_OF_FOUR = at_least(2, "plateau", "stabilizing_predictions", "predicted_f_change", "oracle_accuracy")
#: Not compared here: the length of a run is not a budget, and these are of sessions that seek a class.
OTHERS = {"budget", "recall_test", "drawn_recall", "knee", "knee_budget", "quant_ci"}
#: Name -> (rule, whether it knows the prices).
RULES = {
    **{name: (as_rule(name), name == "marginal_gain") for name in CRITERIA if name not in OTHERS},
    DEFAULT: (ADVICE, True),
    DEFAULT_WITHOUT: (ADVICE, False),
    "all of plateau, stabilizing_predictions": (all_of("plateau", "stabilizing_predictions"), False),
    "any of plateau, predicted_f_change": (any_of("plateau", "predicted_f_change"), False),
    "2 of plateau, stabilizing_predictions, predicted_f_change, oracle_accuracy": (_TWO_OF_FOUR, False),
}
#: Other parameters, and other rules that could be the default.
TRIED = {
    **{
        f"marginal_gain, confidence {confidence}": (as_rule(partial(marginal_gain, confidence=confidence)), True)
        for confidence in (0.5, 0.75, 0.9, 0.975)
    },
    **{f"marginal_gain for {n} rounds": (as_rule(patience("marginal_gain", n)), True) for n in (2, 3)},
    **{
        f"marginal_gain or {others}": (any_of("marginal_gain", *others.split(" or ")), True)
        for others in ("plateau", "stabilizing_predictions", "plateau or stabilizing_predictions", "predicted_f_change")
    },
    "marginal_gain or 2 of the four": (any_of("marginal_gain", _TWO_OF_FOUR), True),
    **{
        f"plateau, {window} rounds, threshold {threshold}": (
            as_rule(partial(plateau, window=window, threshold=threshold)),
            False,
        )
        for window, threshold in ((5, 0.005), (8, 0.005), (10, 0.01), (15, 0.005))
    },
    **{
        f"stabilizing_predictions, threshold {kappa}": (
            as_rule(partial(stabilizing_predictions, threshold=kappa)),
            False,
        )
        for kappa in (0.95, 0.97)
    },
    "classification_change for 3 rounds": (as_rule(patience("classification_change", 3)), False),
}
