"""What was drawn with known probabilities estimates the mean of the whole pool, also when it grew in between."""

import numpy as np
import pytest

from alwidgets.loop.evaluate import labeled_weights
from alwidgets.loop.job import Draws
from alwidgets.scoring.lure import lure_weights

N_FIRST, N_ADDED, N_BEFORE, N_SINCE = 60, 140, 25, 30


def drawn(rng, left, liking, n):
    """Draw one after the other, by what the strategy likes; return rows and probabilities."""
    rows, chances = [], []
    for _ in range(n):
        chance = liking[left] / liking[left].sum()
        at = rng.choice(len(left), p=chance)
        rows.append(left[at])
        chances.append(chance[at])
        left = np.delete(left, at)
    return np.array(rows), np.array(chances), left


def test_the_mean_is_that_of_the_whole_pool():
    rng = np.random.default_rng(0)
    loss = np.concatenate([rng.random(N_FIRST) * 0.1, 0.5 + rng.random(N_ADDED)])
    # It likes samples with a large loss, and those that it began with.
    liking = 0.3 + loss + np.repeat([1.0, 0.0], [N_FIRST, N_ADDED])
    alike, grown = [], []
    for _ in range(1500):
        before, chances, left = drawn(rng, np.arange(N_FIRST), liking, N_BEFORE)
        since, more, left = drawn(rng, np.concatenate([left, np.arange(N_FIRST, len(loss))]), liking, N_SINCE)
        rows = np.sort(np.concatenate([before, since]))
        weights = labeled_weights(rows, Draws(since, more, len(left), before))
        assert len(weights) == len(rows)
        grown.append(np.mean(weights * loss[rows]))
        of_all = lure_weights(np.concatenate([chances, more]), len(loss))
        alike.append(np.mean(of_all * loss[np.concatenate([before, since])]))
    assert np.mean(grown) == pytest.approx(loss.mean(), abs=0.01)
    assert np.mean(alike) < loss.mean() - 0.1


def test_without_an_extension_they_are_those_of_the_draws():
    chances = np.array([0.3, 0.1, 0.2])
    weights = labeled_weights(np.array([2, 5, 8, 9]), Draws(np.array([9, 2, 5]), chances, 7, np.empty(0, np.intp)))
    assert weights[[3, 0, 1]].tolist() == pytest.approx((lure_weights(chances, 10) * 4 / 3).tolist())
    assert weights[2] == 0
