"""Pools in which one class is rare: five that are drawn, as texts and as numbers, and two of real texts."""

import csv
import gzip
import io
import zipfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from sklearn.datasets import make_classification

N_WORDS, N_TOPICS, LENGTH = 3000, 12, 40
BACKGROUND = 1 / np.arange(1, N_WORDS + 1) ** 0.9
BACKGROUND /= BACKGROUND.sum()


def drawn_texts(n, n_rare, seed, *, strength, kinds=1, alike=0.0):
    """Return texts of topics and whether each is of the rare one.

    A word is of a text's topic with the probability `strength`. The rare class has so many `kinds`, which share no
    words, and a share `alike` of the others use some of its words too.
    """
    rng = np.random.default_rng(seed)
    topics = rng.choice(N_WORDS, (N_TOPICS + kinds, 40))
    y = np.zeros(n, int)
    y[rng.choice(n, n_rare, replace=False)] = 1
    topic = np.where(y == 1, N_TOPICS + rng.integers(kinds, size=n), rng.integers(N_TOPICS, size=n))
    words = rng.choice(N_WORDS, (n, LENGTH), p=BACKGROUND)
    own = topics[topic[:, None], rng.integers(topics.shape[1], size=(n, LENGTH))]
    words = np.where(rng.random((n, LENGTH)) < strength, own, words)
    near = np.flatnonzero((rng.random(n) < alike) & (y == 0))
    borrowed = topics[N_TOPICS, rng.integers(topics.shape[1], size=(len(near), LENGTH))]
    words[near] = np.where(rng.random(borrowed.shape) < strength / 2, borrowed, words[near])
    return [" ".join(f"w{word}" for word in text) for text in words], y


def one_topic(n, n_rare, seed):
    return drawn_texts(n, n_rare, seed, strength=0.25)


def weak_topic(n, n_rare, seed):
    return drawn_texts(n, n_rare, seed, strength=0.12)


def two_kinds(n, n_rare, seed):
    return drawn_texts(n, n_rare, seed, strength=0.25, kinds=2)


def near_misses(n, n_rare, seed):
    return drawn_texts(n, n_rare, seed, strength=0.25, alike=0.1)


def numbers(n, n_rare, seed):
    X, y = make_classification(n * 2, 20, n_informative=6, weights=[0.9], flip_y=0, class_sep=1.2, random_state=seed)
    rng = np.random.default_rng(seed)
    rare, others = (rng.permutation(np.flatnonzero(y == label)) for label in (1, 0))
    rows = rng.permutation(np.concatenate([rare[:n_rare], others[: n - n_rare]]))
    return X[rows], y[rows]


#: Name -> (n, n_rare, seed) -> X, y.
DRAWN = {
    "one topic": one_topic, "weak topic": weak_topic, "two kinds": two_kinds, "near misses": near_misses,
    "numbers": numbers,
}  # fmt: skip


def _folder():
    found = find_spec("dmba")
    if found is None:
        raise SystemExit("pip install dmba==0.2.4, whose files have the two sets of real texts")
    return Path(found.submodule_search_locations[0]) / "csvFiles"


def _newsgroups():
    with zipfile.ZipFile(_folder() / "AutoAndElectronics.zip") as packed:
        names = [name for name in packed.namelist() if not name.endswith("/")]
        texts = [packed.read(name).decode("latin-1") for name in names]
    return texts, np.array(["auto" in name.lower().split("/")[-2] for name in names], int)


def _farm_ads():
    with gzip.open(_folder() / "farm-ads.csv.gz", "rb") as packed:
        rows = list(csv.reader(io.TextIOWrapper(packed, "latin-1")))
    return [row[1] for row in rows], np.array([row[0].strip() == "-1" for row in rows], int)


def _thinned(texts, y, n, n_rare, seed):
    rng = np.random.default_rng(seed)
    rare, others = (rng.permutation(np.flatnonzero(y == label)) for label in (1, 0))
    rows = rng.permutation(np.concatenate([rare[:n_rare], others[: n - n_rare]]))
    return [texts[row] for row in rows], y[rows]


def newsgroups(n, n_rare, seed):
    return _thinned(*_newsgroups(), n, n_rare, seed)


def farm_ads(n, n_rare, seed):
    return _thinned(*_farm_ads(), n, n_rare, seed)


#: The same of real texts: two newsgroups, and ads of farms that were approved or not; the rarer made rare.
REAL = {"newsgroups": newsgroups, "farm ads": farm_ads}
