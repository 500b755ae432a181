"""The data sets and models of docs/comparison.md: the same at every run."""

import importlib
import inspect
import pkgutil
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits, load_wine, make_classification
from sklearn.decomposition import TruncatedSVD
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

MOST_ROWS = 600
LIBRARIES = ("numpy", "scipy", "pandas", "sklearn")
NOT_DOCUMENTED = re.compile(r"test|conftest|setup|f2py|externals|distutils")


@dataclass(frozen=True)
class DataSet:
    """A data set: how it is loaded, and what it is."""

    load: Callable
    said: str


def digits():
    X, y = load_digits(return_X_y=True)
    rows = np.random.default_rng(0).permutation(len(y))[:MOST_ROWS]
    return X[rows] / 16, y[rows]


def scaled(load):
    X, y = load(return_X_y=True)
    return StandardScaler().fit_transform(X), y


def breast_cancer():
    return scaled(load_breast_cancer)


def wine():
    return scaled(load_wine)


def first_paragraphs(library, n):
    """Return first paragraphs of the docstrings of a library's public classes and functions."""
    package, found = importlib.import_module(library), {}
    modules = sorted(f"{library}.{each.name}" for each in pkgutil.iter_modules(package.__path__) if each.name[0] != "_")
    for name in [library, *(each for each in modules if not NOT_DOCUMENTED.search(each))]:
        for member in public_of(name):
            paragraph = " ".join((inspect.getdoc(member) or "").partition("\n\n")[0].split())
            if 40 <= len(paragraph) <= 400:
                found[paragraph] = None
    return list(found)[:n]


def public_of(module):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            members = vars(importlib.import_module(module))
        except ImportError:  # it needs what is not installed
            return []
    return [each for key, each in sorted(members.items()) if key[0] != "_" and callable(each)]


def docstrings():
    found = [(text, library) for library in LIBRARIES for text in first_paragraphs(library, MOST_ROWS // 4)]
    texts, y = zip(*found, strict=True)
    words = TfidfVectorizer(sublinear_tf=True, stop_words="english")
    X = make_pipeline(words, TruncatedSVD(50, random_state=0)).fit_transform(texts)
    return X / X.std(), np.array(y)


def islands():
    """Four blobs in a cross, of two classes by turns, one of them with few samples; and eight features of noise."""
    rng = np.random.default_rng(0)
    blob = rng.choice(4, MOST_ROWS, p=[0.32, 0.32, 0.31, 0.05])
    centers = np.array([[2, 2], [-2, 2], [2, -2], [-2, -2]])
    y = np.array([0, 1, 1, 0])[blob]
    near = centers[blob] + 0.6 * rng.standard_normal((MOST_ROWS, 2))
    return np.column_stack([near, 0.3 * rng.standard_normal((MOST_ROWS, 8))]), y


def noisy():
    return make_classification(MOST_ROWS, 20, n_informative=5, flip_y=0.4, class_sep=1.0, random_state=1)


SETS = {
    "digits": DataSet(digits, "600 of them, 64 features, 10 classes"),
    "breast cancer": DataSet(breast_cancer, "30 features, scaled, 2 classes"),
    "wine": DataSet(wine, "13 features, scaled, 3 classes"),
    "docstrings": DataSet(
        docstrings, "first paragraphs from numpy, scipy, pandas and sklearn: 4 classes; TF-IDF, of it 50 components"
    ),
    "islands": DataSet(islands, "drawn: four blobs in a cross, 2 classes by turns, one blob with 5 %; 10 features"),
    "noisy": DataSet(noisy, "drawn: 20 features, 2 classes, two fifths of the labels drawn at random"),
}

LEARNERS = {
    "logistic regression": LogisticRegression(max_iter=500),
    "random forest": RandomForestClassifier(10),
    "naive Bayes": GaussianNB(),
}
