"""The most there may be of a class, by uniform draws: it holds at all times together."""

import numpy as np

from alwidgets.scoring.found import most_by_draws


def test_without_a_hit_it_is_the_number_that_no_draw_would_have_missed():
    n_left = np.arange(100, 40, -1)
    most = most_by_draws(np.zeros(60, bool), np.full(60, 10), n_left, n_found=10, n_unread=40)
    missing = most - 10

    def capital(missing):
        # The whole stake is the inverse of the probability of no hit; the mean over five stakes is less than that.
        chance = missing / n_left
        return np.mean([np.prod(1 + stake * chance / (1 - chance)) for stake in (0.2, 0.4, 0.6, 0.8, 1)])

    assert capital(missing) < 20 <= capital(missing + 1)
    assert np.prod(1 - (missing + 1) / n_left) < 0.05


def test_no_draw_rules_out_nothing_and_all_draws_rule_out_all_else():
    nothing = np.empty(0, int)
    assert most_by_draws(nothing.astype(bool), nothing, nothing, n_found=3, n_unread=50) == 53
    assert most_by_draws(np.zeros(50, bool), np.zeros(50, int), np.arange(50, 0, -1), n_found=0, n_unread=0) == 0


def test_in_few_sessions_is_the_number_ever_ruled_out():
    n_samples, n_all, n_wrong = 400, 20, 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        # Half of the class is found beforehand; then draws and finds take turns.
        hit, found, left = [], [], []
        unread = rng.permutation(n_samples - 10) < n_all - 10
        n_found = 10
        for _ in range(150):
            k = int(rng.integers(len(unread)))
            hit.append(unread[k])
            found.append(n_found)
            left.append(len(unread))
            n_found += int(unread[k])
            unread = np.delete(unread, k)
        most = [
            most_by_draws(np.array(hit[:n]), np.array(found[:n]), np.array(left[:n]), n_found=0, n_unread=n_samples)
            for n in (30, 60, 90, 120, 150)
        ]
        n_wrong += min(most) < n_all
    # 5 % at most are wrong; 200 sessions have 16 or more of them once in thirty times.
    assert n_wrong < 16
