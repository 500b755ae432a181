"""Votes of labeling functions drawn so that the classes are known, and who guesses them best."""

from typing import NamedTuple

import numpy as np


class Votes(NamedTuple):
    """A label matrix, the classes that it was drawn from, and the guesses of who knows how it was drawn."""

    L: np.ndarray
    y: np.ndarray
    best: np.ndarray


def accuracy(predicted, y, L):
    """Return the share that is right where somebody votes."""
    voted = (L >= 0).any(axis=1)
    return np.mean(predicted[voted] == y[voted])


def two_sided(n_samples, n_functions, coverage, seed, *, balance=(0.5, 0.5), right=(0.6, 0.95)):
    """Draw functions that speak of every class, and abstain whatever the class."""
    generator, n_classes = np.random.default_rng(seed), len(balance)
    chances = np.empty((n_functions, n_classes, n_classes))
    for m, share in enumerate(generator.uniform(*right, n_functions)):
        chances[m] = coverage * (1 - share) / (n_classes - 1)
        np.fill_diagonal(chances[m], coverage * share)
    return _drawn(chances, np.array(balance), n_samples, generator)


def one_sided(n_samples, n_functions, coverage, seed, *, balance=(0.5, 0.5), right=(0.6, 0.95)):
    """Draw functions that each say their class or nothing; in a pool of equal classes they cover the same share."""
    generator, n_classes = np.random.default_rng(seed), len(balance)
    chances = np.zeros((n_functions, n_classes, n_classes))
    for m, share in enumerate(generator.uniform(*right, n_functions)):
        own = m % n_classes
        chances[m, :, own] = coverage * n_classes * (1 - share) / (n_classes - 1)
        chances[m, own, own] = coverage * n_classes * share
    return _drawn(chances, np.array(balance), n_samples, generator)


def repeated(votes, n_repeats, seed, *, first=0, kept=0.8):
    """Return votes with functions more that repeat one of them, abstentions too, except now and then.

    Now and then they say what the function says of another sample. The best guess is that of who knows which functions
    repeat, and leaves them out.
    """
    generator = np.random.default_rng(seed)
    column = votes.L[:, first]
    repeats = [
        np.where(generator.random(len(column)) < kept, column, generator.permutation(column)) for _ in range(n_repeats)
    ]
    return Votes(np.column_stack([votes.L, *repeats]), votes.y, votes.best)


def _drawn(chances, balance, n_samples, generator):
    """Draw votes: `chances[m, k, c]` is how often function m says c where the class is k."""
    y = generator.choice(len(balance), n_samples, p=balance)
    log_joint = np.tile(np.log(balance), (n_samples, 1))
    L = np.full((n_samples, len(chances)), -1)
    for m, of_class in enumerate(chances):
        ends = np.cumsum(of_class, axis=1)
        place = (generator.random(n_samples)[:, None] >= ends[y]).sum(axis=1)
        L[:, m] = np.where(place < len(balance), place, -1)
        every = np.column_stack([of_class, 1 - ends[:, -1]])
        with np.errstate(divide="ignore"):
            log_joint += np.log(every)[:, place].T
    return Votes(L, y, log_joint.argmax(axis=1))
