"""NumPy kernels: arrays in, arrays out; no I/O, no estimator, the random generator passed in."""

from alwidgets.kernels.diversity import k_center
from alwidgets.kernels.screening import most_uncertain, most_uncertain_linear
from alwidgets.kernels.selection import top_k
from alwidgets.kernels.uncertainty import decision_margin, entropy, least_confidence, margin, ratio

__all__ = [
    "decision_margin",
    "entropy",
    "k_center",
    "least_confidence",
    "margin",
    "most_uncertain",
    "most_uncertain_linear",
    "ratio",
    "top_k",
]
