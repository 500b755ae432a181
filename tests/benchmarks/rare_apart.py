"""Where work is saved or lost in finding a rare class: each part alone, in a plain loop without a session.

One question a round, from one sample of each class: the most probable; or, where a share of the questions is uncertain
or random, by chance or every so often one of these. Answers to random questions train, or only measure.
"""

import warnings
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix, issparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from tests.benchmarks.rare_pools import DRAWN, REAL

N_SAMPLES, TARGET = 2000, 0.95


@dataclass(frozen=True)
class Way:
    """A way to read: a model whose class sought weighs `ratio` times the others, and shares of other questions."""

    name: str
    C: float
    ratio: float = 1.0
    machine: type = LinearSVC
    uncertain: float = 0.0
    random: float = 0.0
    trains: bool = False


#: The first is ASReview's default model.
WAYS = (
    Way("support vectors, C=0.11, the class weighs 9.8 times", 0.11, 9.8),
    Way("the same, a tenth uncertain", 0.11, 9.8, uncertain=0.1),
    Way("the same, a twentieth uncertain", 0.11, 9.8, uncertain=0.05),
    Way("the same, a twentieth random, which only measures", 0.11, 9.8, random=0.05),
    Way("the same, a twentieth random, which trains", 0.11, 9.8, random=0.05, trains=True),
    Way("the same, a tenth uncertain and a twentieth random", 0.11, 9.8, uncertain=0.1, random=0.05),
    Way("support vectors, C=1, balanced", 1.0),
    Way("support vectors, C=0.1, balanced", 0.1),
    Way("support vectors, C=0.01, balanced", 0.01),
    Way("support vectors, C=0.003, balanced", 0.003),
    Way("logistic regression, C=0.1, balanced", 0.1, machine=LogisticRegression),
)


def pool_of(name, n_rare, seed):
    """Return the features of a pool, those of ASReview's default for texts, its classes, and the first two rows."""
    X, y = (DRAWN | REAL)[name](N_SAMPLES, n_rare, seed)
    if isinstance(X, list):
        X = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=1, max_df=0.95).fit_transform(X)
    rng = np.random.default_rng(seed)
    return X, y, np.array([rng.choice(np.flatnonzero(y == label)) for label in (1, 0)])


def score_of(way, X, y, rows):
    """Return the decision values of all samples by a model of some."""
    n_rare, n_others = np.bincount(y[rows], minlength=2)[::-1]
    weights = np.where(y[rows] == 1, 1.0, n_rare / (way.ratio * n_others))
    model = way.machine(C=way.C, **({"random_state": 0} if way.machine is LinearSVC else {"max_iter": 500}))
    known = X[rows]
    if not issparse(X):
        return model.fit(known, y[rows], sample_weight=weights * len(rows) / weights.sum()).decision_function(X)
    # Words of no labeled text have no weight.
    words, place = np.unique(known.indices, return_inverse=True)
    known = csr_matrix((known.data, place, known.indptr), (len(rows), len(words)))
    model.fit(known, y[rows], sample_weight=weights * len(rows) / weights.sum())
    coefficients = np.zeros(X.shape[1])
    coefficients[words] = model.coef_[0]
    return X @ coefficients + model.intercept_[0]


def order_of(job):
    """Return the order in which a way reads a pool until the target and a tenth are reached, and the classes."""
    name, n_rare, seed, way = job
    X, y, start = pool_of(name, n_rare, seed)
    rng, read, trained = np.random.default_rng([seed, 7]), start.tolist(), start.tolist()
    unread = np.ones(len(y), bool)
    unread[start] = False
    while y[read].sum() < TARGET * y.sum() - 1e-9 or len(read) < len(y) // 10:
        n_asked = len(read) - len(start)
        if random := int((n_asked + 1) * way.random) > int(n_asked * way.random):
            row = int(rng.choice(np.flatnonzero(unread)))
        else:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                score = score_of(way, X, y, trained)
            if rng.random() < way.uncertain:
                score = -np.abs(score)
            row = int(np.argmax(np.where(unread, score, -np.inf)))
        read.append(row)
        unread[row] = False
        if way.trains or not random:
            trained.append(row)
    return np.array(read), y
