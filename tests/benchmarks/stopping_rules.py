"""The rules that are compared: every criterion by itself, some together, and other parameters."""

from functools import partial

from alwidgets.session import _ADVICE
from alwidgets.stopping import CRITERIA, all_of, any_of, as_rule, at_least, marginal_gain, patience, plateau

DEFAULT, DEFAULT_WITHOUT = "default", "default without prices"
#: Name -> (rule, whether it knows the prices).
COMBINED = {
    DEFAULT: (_ADVICE, True),
    DEFAULT_WITHOUT: (_ADVICE, False),
    "plateau or predicted_f_change": (any_of("plateau", "predicted_f_change"), False),
    "plateau and stabilizing_predictions": (all_of("plateau", "stabilizing_predictions"), False),
    "2 of plateau, stabilizing_predictions, predicted_f_change, oracle_accuracy": (
        at_least(2, "plateau", "stabilizing_predictions", "predicted_f_change", "oracle_accuracy"),
        False,
    ),
    "classification_change for 3 rounds": (as_rule(patience("classification_change", 3)), False),
}
#: Parameters that were tried: name -> (rule, whether it knows the prices).
TRIED = {
    "marginal_gain for 2 rounds": (as_rule(patience("marginal_gain", 2)), True),
    "marginal_gain for 3 rounds": (as_rule(patience("marginal_gain", 3)), True),
    **{
        f"marginal_gain, confidence {confidence}": (as_rule(partial(marginal_gain, confidence=confidence)), True)
        for confidence in (0.6, 0.75, 0.9, 0.975)
    },
    **{
        f"plateau, {window} rounds, threshold {threshold}": (
            as_rule(partial(plateau, window=window, threshold=threshold)),
            False,
        )
        for window, threshold in ((5, 0.005), (8, 0.005), (10, 0.01), (15, 0.005))
    },
    **{
        f"stabilizing_predictions, kappa {threshold}": (
            as_rule(partial(CRITERIA["stabilizing_predictions"], threshold=threshold)),
            False,
        )
        for threshold in (0.95, 0.97)
    },
}
RULES = {name: (as_rule(name), name == "marginal_gain") for name in CRITERIA if name != "budget"} | COMBINED
