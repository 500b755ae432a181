"""What the benchmarks of the kernels run on: the same at every run."""

import numpy as np

N_CLUSTERS = 50


def probabilities(n, n_classes, seed=0):
    """Return rows drawn from Dirichlet(1), float64."""
    proba = np.random.default_rng(seed).standard_exponential((n, n_classes))
    proba /= proba.sum(axis=1, keepdims=True)
    return proba


def embeddings(n, d, seed=0):
    """Return points of length 1 around 50 centers, float32; row i belongs to center i modulo 50."""
    rng = np.random.default_rng(seed)
    centers = rng.standard_normal((N_CLUSTERS, d), dtype=np.float32)
    X = rng.standard_normal((n, d), dtype=np.float32)
    X += centers[np.arange(n) % N_CLUSTERS]
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    return X
