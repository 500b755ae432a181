"""NumPy kernels: arrays in, arrays out; no I/O, no estimator, the random generator passed in."""

from alwidgets.kernels.agreement import cohen_kappa, expected_f, f_change
from alwidgets.kernels.badge import badge
from alwidgets.kernels.contrast import contrastive
from alwidgets.kernels.density import information_density
from alwidgets.kernels.disagreement import consensus_entropy, kl_to_consensus, variation_ratio, vote_entropy
from alwidgets.kernels.diversity import k_center
from alwidgets.kernels.duplicates import duplicated
from alwidgets.kernels.k_means import k_means, k_means_batch
from alwidgets.kernels.model_change import expected_error, expected_error_one_step, expected_gradient_length
from alwidgets.kernels.multilabel import (
    avg_confidence,
    avg_score,
    binary_minimum,
    max_loss,
    max_score,
    mean_max_loss,
    set_entropy,
    set_least_confidence,
    set_ratio,
)
from alwidgets.kernels.prob_cover import cover_radius, prob_cover
from alwidgets.kernels.ranked_batch import ranked_batch
from alwidgets.kernels.screening import most_uncertain, most_uncertain_linear
from alwidgets.kernels.selection import draw_probability, power_sample, top_k
from alwidgets.kernels.typiclust import typiclust
from alwidgets.kernels.uncertainty import decision_margin, entropy, least_confidence, margin, ratio
from alwidgets.kernels.weak_labels import (
    abstained,
    conflict,
    dawid_skene,
    function_report,
    majority_vote,
    triplet,
)

__all__ = [
    "abstained",
    "avg_confidence",
    "avg_score",
    "badge",
    "binary_minimum",
    "cohen_kappa",
    "conflict",
    "consensus_entropy",
    "contrastive",
    "cover_radius",
    "dawid_skene",
    "decision_margin",
    "draw_probability",
    "duplicated",
    "entropy",
    "expected_error",
    "expected_error_one_step",
    "expected_f",
    "expected_gradient_length",
    "f_change",
    "function_report",
    "information_density",
    "k_center",
    "k_means",
    "k_means_batch",
    "kl_to_consensus",
    "least_confidence",
    "majority_vote",
    "margin",
    "max_loss",
    "max_score",
    "mean_max_loss",
    "most_uncertain",
    "most_uncertain_linear",
    "power_sample",
    "prob_cover",
    "ranked_batch",
    "ratio",
    "set_entropy",
    "set_least_confidence",
    "set_ratio",
    "top_k",
    "triplet",
    "typiclust",
    "variation_ratio",
    "vote_entropy",
]


def __dir__() -> list[str]:
    return __all__
