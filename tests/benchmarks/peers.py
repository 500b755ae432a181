"""How the other libraries are called: with a stub for a model, so that only what comes after prediction is timed."""

import warnings
from types import SimpleNamespace

import numpy as np


class StoredLearner:
    """Stands for a fitted modAL learner: predicts what is stored, whatever the samples."""

    on_transformed = False

    def __init__(self, proba, X_training=None):
        self.proba, self.X_training = proba, X_training

    def predict_proba(self, X):
        return self.proba


class StoredCommittee:
    """Stands for a modAL committee: `votes` of shape (n, n_members), `probas` of shape (n, n_members, n_classes)."""

    def __init__(self, n_members, n_classes, votes=None, probas=None):
        self.members, self.classes_ = range(n_members), np.arange(n_classes)
        self.votes, self.probas = votes, probas

    def __len__(self):
        return len(self.members)

    def __iter__(self):
        return iter(self.members)

    def vote(self, X):
        return self.votes

    def vote_proba(self, X):
        return self.probas


def stored_classifier(proba):
    """Return a scikit-activeml classifier that predicts what is stored."""
    from skactiveml.base import SkactivemlClassifier

    class Stored(SkactivemlClassifier):
        def fit(self, X, y, sample_weight=None):
            return self

        def predict_proba(self, X):
            return proba

    return Stored()


def modal_expected_error():
    """Return modAL's expected error reduction, whose module asks for a name that NumPy has dropped."""
    setattr(np, "float", float)  # noqa: B010 - there is no such name to a linter
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from modAL.expected_error import expected_error_reduction
    finally:
        delattr(np, "float")
    return expected_error_reduction


def small_text_seeds(X, proba, n):
    """Return what small-text's BADGE spends its time on: its k-means++ of gradients, which are made beforehand.

    The class itself is in a module that needs torch.
    """
    from small_text.utils.clustering import init_kmeans_plusplus_safe

    residual = proba - np.eye(proba.shape[1])[proba.argmax(axis=1)]
    gradients = (residual[:, :, None] * X[:, None, :]).reshape(len(X), -1)
    squares = np.einsum("ij,ij->i", gradients, gradients)

    def seeds():
        state = np.random.RandomState(0)
        return init_kmeans_plusplus_safe(gradients, n, x_squared_norms=squares, random_state=state)[1]

    return seeds


def fitted(estimator, X, y):
    """Return what modAL's expected error reduction asks of a learner."""
    estimator.fit(X, y)
    return SimpleNamespace(estimator=estimator, X_training=X, y_training=y, predict_proba=estimator.predict_proba)
