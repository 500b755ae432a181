from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import least_squares
from scipy.stats import norm
from sklearn.datasets import make_classification
from sklearn.naive_bayes import GaussianNB

from alwidgets.scoring.curves import fit, scored_rounds

N = np.arange(8, 128, 8)


def noisy(seed, n=N, sd=0.01):
    return 0.9 - 0.9 * n**-0.5 + np.random.default_rng(seed).normal(0, sd, len(n))


def fitted(n=N, score=None, **options):
    return fit(n, noisy(0, n) if score is None else score, rng=np.random.default_rng(0), **options)


@pytest.mark.parametrize(("a", "b", "c"), [(0.9, 2.0, 1.0), (1.0, 0.8, 0.4), (0.75, 30.0, 2.5)])
def test_a_power_law_is_found_exactly(a, b, c):
    curve = fitted(score=a - b * N**-c)
    assert curve.parameters == pytest.approx([a, b, c], rel=1e-4)
    assert curve.at([300, 10_000]) == pytest.approx(a - b * np.array([300.0, 10_000.0]) ** -c, abs=1e-6)
    assert curve.noise < 1e-6


def test_an_exponential_law_is_found_exactly():
    curve = fitted(score=0.9 - 0.6 * np.exp(-0.05 * N), family="exponential")
    assert curve.parameters == pytest.approx([0.9, 0.6, 0.05], rel=1e-4)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("family", "law"), [
    ("power", lambda p, n: p[0] - p[1] * n ** -p[2]),
    ("exponential", lambda p, n: p[0] - p[1] * np.exp(-p[2] * n)),
])  # fmt: skip
def test_the_law_is_the_weighted_least_squares_one_of_scipy(seed, family, law):
    score = noisy(seed)
    curve = fitted(score=score, family=family)
    weights = np.arange(1, 16) / 15

    def residuals(p):
        return np.sqrt(weights) * (score - law(p, N))

    # The range of rates that are tried, and a at most 1.
    rates = (0.05, 8) if family == "power" else (1 / N[-1], 20 / N[-1])
    bounds = ([-np.inf, 0, rates[0]], [1, np.inf, rates[1]])
    starts = [[0.8, 0.5, rate] for rate in np.geomspace(rates[0] * 1.1, rates[1] / 1.1, 8)]
    best = min(
        (least_squares(residuals, start, bounds=bounds, xtol=1e-14, ftol=1e-14, x_scale="jac") for start in starts),
        key=lambda found: found.cost,
    )
    assert np.sum(residuals(curve.parameters) ** 2) == pytest.approx(2 * best.cost, rel=1e-6)
    assert curve.at(N) == pytest.approx(law(best.x, N), abs=1e-5)


def test_the_noise_is_the_weighted_residual_on_the_degrees_of_freedom_left():
    score = noisy(3)
    curve = fitted(score=score)
    variance = np.average((score - curve.at(N)) ** 2, weights=np.arange(1, 16))
    assert curve.noise == pytest.approx(np.sqrt(variance * 15 / 12))
    aicc = 15 * np.log(variance) + 2 * 4 + 2 * 4 * 5 / (15 - 4 - 1)
    assert curve.aicc == pytest.approx(aicc)


def test_the_asymptote_of_a_score_in_0_to_1_is_at_most_1():
    # The line through these scores would reach 1 soon.
    score = 0.5 + 0.003 * N
    bounded, free = fitted(score=score), fitted(score=score + 1)
    assert bounded.parameters[0] == 1
    assert free.parameters[0] > 2
    assert not free.bounded
    assert bounded.at([10_000])[0] <= 1
    assert free.at([10_000])[0] > 2


def test_a_falling_curve_is_flat_at_its_weighted_mean():
    score = 0.9 - 0.002 * N
    curve = fitted(score=score)
    assert curve.parameters[1] == 0
    assert curve.at([8, 500]) == pytest.approx(np.average(score, weights=np.arange(1, 16)))
    assert curve.gain(120, 240)[0] == 0


def test_negative_scores_are_fitted_as_they_are():
    curve = fitted(score=-0.2 - 3 * N**-1.0)
    assert curve.parameters == pytest.approx([-0.2, 3, 1], rel=1e-4)
    assert curve.band([200])[1][0] < 0


def test_the_family_is_that_with_the_smallest_aicc():
    for family, score in [
        ("power", 0.9 - 2 * N**-1.0),
        ("exponential", 0.9 - 0.6 * np.exp(-0.05 * N)),
        ("flat", 0.8 + np.random.default_rng(0).normal(0, 0.01, len(N))),
    ]:
        every = [fitted(score=score, family=each) for each in ("power", "exponential", "flat")]
        chosen = fitted(score=score, family=None)
        assert chosen.family == family
        assert chosen.aicc == min(each.aicc for each in every)


def test_below_six_rounds_only_the_flat_law_has_an_aicc():
    assert fitted(N[:5], family=None).family == "flat"
    assert fitted(N[:5]).aicc == np.inf
    assert fitted(N[:6], 0.9 - 2 / N[:6], family=None).family == "power"


def test_only_the_last_rounds_are_fitted():
    score = noisy(0)
    assert fitted(score=score, n_rounds=6).parameters == pytest.approx(fitted(N[-6:], score[-6:]).parameters)
    assert fitted(score=score, n_rounds=6).n_rounds == 6


def test_rounds_without_a_score_are_left_out_and_those_with_equally_multilabel_averaged():
    n, score = scored_rounds([24, 8, 16, 16, 32], [0.9, 0.5, 0.6, 0.8, np.nan])
    assert n.tolist() == [8, 16, 24]
    assert score == pytest.approx([0.5, 0.7, 0.9])
    whole = noisy(1)
    whole[4] = np.nan
    assert fitted(score=whole).parameters == pytest.approx(fitted(np.delete(N, 4), np.delete(whole, 4)).parameters)


def test_the_same_seed_gives_the_same_curves_and_another_one_others():
    first, again = (fit(N, noisy(0), rng=np.random.default_rng(5)) for _ in range(2))
    other = fit(N, noisy(0), rng=np.random.default_rng(6))
    assert np.array_equal(first.draws([200]), again.draws([200]))
    assert not np.array_equal(first.draws([200]), other.draws([200]))
    assert np.array_equal(first.parameters, other.parameters)


def test_within_the_rounds_the_drawn_curves_are_the_resampled_laws():
    curve = fitted()
    a, b, c = curve.resampled.T[:, :, None]
    assert curve.draws([16, 120]) == pytest.approx(np.clip(a - b * np.array([16.0, 120.0]) ** -c, 0, 1))
    assert curve.draws(N).shape == (200, 15)


def test_beyond_the_rounds_a_drawn_curve_leaves_its_law_as_a_random_walk_in_log_labels():
    curve = fitted()
    # Every law the same: what is left is the walk. From 8 to 120 labels, 15 times; so to 1800 it is one window on.
    still = replace(curve, resampled=np.tile([0.5, 0.0, 1.0], (200, 1)))
    low, high = np.quantile(still.draws([1800.0])[:, 0] - 0.5, [norm.cdf(-1), norm.cdf(1)])
    assert low == pytest.approx(-np.sqrt(3) * curve.noise, rel=0.02)
    assert high == pytest.approx(np.sqrt(20) * curve.noise, rel=0.02)
    nearer = still.draws([120 * 15**0.25])[:, 0] - 0.5
    assert nearer == pytest.approx((still.draws([1800.0])[:, 0] - 0.5) / 2)


def test_the_band_is_the_noise_alone_where_the_law_is_certain():
    curve = fitted()
    certain = replace(curve, resampled=np.tile(curve.parameters, (200, 1)))
    for confidence in (0.5, 0.95):
        low, high = certain.band([120], confidence=confidence)
        half = norm.ppf((1 + confidence) / 2) * curve.noise
        assert [low[0], high[0]] == pytest.approx([certain.at([120])[0] - half, certain.at([120])[0] + half])


def test_the_band_holds_the_law_grows_with_the_horizon_and_the_confidence_and_stays_in_range():
    for score in (noisy(0), noisy(0, sd=0.1).clip(0, 1), 1 - 0.5 / N, 0.02 / N, 0.9 - 0.002 * N):
        curve = fitted(score=score)
        n = np.array([120, 150, 240, 480, 5000])
        low, high = curve.band(n)
        inner_low, inner_high = curve.band(n, confidence=0.5)
        assert (low >= 0).all()
        assert (high <= 1).all()
        assert (low <= inner_low).all()
        assert (inner_low <= curve.at(n)).all()
        assert (curve.at(n) <= inner_high).all()
        assert (inner_high <= high).all()
    curve = fitted()
    assert (np.diff(np.subtract(*curve.band(n)[::-1])) > 0).all()


def test_scores_that_are_all_equal_leave_only_the_resolution_of_the_test_set():
    certain, doubtful = fitted(score=np.full(15, 0.5)), fitted(score=np.full(15, 0.5), resolution=0.01)
    assert [limit[0] for limit in certain.band([240])] == pytest.approx([0.5, 0.5], abs=1e-12)
    assert doubtful.noise == 0.01
    low, high = doubtful.band([240])
    assert low[0] < 0.48
    assert high[0] > 0.52


def test_the_gain_is_the_difference_of_the_law_with_limits_from_the_drawn_curves():
    curve = fitted()
    value, low, high = curve.gain(120, 240, confidence=0.8)
    assert value == pytest.approx(curve.at([240])[0] - curve.at([120])[0])
    differences = curve.draws([240])[:, 0] - curve.draws([120])[:, 0]
    assert (low, high) == pytest.approx(tuple(np.quantile(differences, [0.1, 0.9])))
    assert low < value < high


def naive_bayes(X, y, everything):
    return GaussianNB().fit(X, y).predict_proba(everything)[:, 1] - 0.5


def ridge(X, y, everything):
    X, everything = np.c_[X, np.ones(len(X))], np.c_[everything, np.ones(len(everything))]
    return everything @ np.linalg.solve(X.T @ X + np.eye(X.shape[1]), X.T @ np.where(y == 1, 1.0, -1.0))


def simulated(seed, decide, *, margin):
    """Labels and held-out scores of a session of 24 rounds, in batches of 6."""
    rng = np.random.default_rng(seed)
    X, y = make_classification(
        500, 8, n_informative=4, n_redundant=0, class_sep=rng.uniform(0.6, 1.4), flip_y=rng.uniform(0, 0.2),
        random_state=seed,
    )  # fmt: skip
    pool, asked = np.arange(250), list(range(6))
    # Both classes from the start.
    asked += [int(np.flatnonzero(y[:250] != y[0])[0])] if len(set(y[:6])) == 1 else []
    n, scores = [], []
    for _ in range(24):
        # One call tells about the pool and the test set.
        decision = decide(X[asked], y[asked], X)
        n.append(len(asked))
        scores.append(np.mean((decision[250:] > 0) == y[250:]))
        left = np.setdiff1d(pool, asked)
        order = np.abs(decision[left]).argsort() if margin else rng.permutation(len(left))
        asked += left[order[:6]].tolist()
    return np.array(n), np.array(scores)


@pytest.fixture(scope="module")
def sessions():
    return [simulated(seed, naive_bayes if seed % 4 < 2 else ridge, margin=seed % 2 == 0) for seed in range(200)]


@pytest.mark.parametrize("last", [17, 16, 24], ids=["50 labels on", "twice the labels", "three times the labels"])
def test_the_band_holds_the_score_really_measured_in_90_to_99_percent_of_200_sessions(sessions, last):
    held = []
    for seed, (n, score) in enumerate(sessions):
        curve = fit(n[:8], score[:8], rng=np.random.default_rng(seed), resolution=1 / 250)
        low, high = curve.band(n[last - 1 : last])
        held.append(low[0] <= score[last - 1] <= high[0])
    assert 0.9 <= np.mean(held) <= 0.99


@pytest.mark.parametrize("options, said", [  # noqa: PT006
    ({"family": "linear"}, "family is 'linear'; expected one of"),
    ({"n_rounds": 3}, "n_rounds is 3; expected at least 4"),
    ({"n_resamples": 0}, "n_resamples is 0; expected at least 1"),
    ({"resolution": -0.1}, "resolution is -0.1; expected a number of 0 or more"),
    ({"resolution": np.nan}, "resolution is nan"),
    ({"score": [0.5, 0.6]}, r"n_labeled has shape \(15,\) but score has \(2,\); give one score per round"),
    ({"n": N[:, None], "score": N[:, None]}, "give one score per round"),
    ({"n": N - 8, "score": N / 200}, "a number of labels is 0.0; expected numbers above 0"),
    ({"n": N[:3]}, "3 rounds have a score; expected at least 4"),
    ({"n": [8, 8, 8, 8, 16], "score": [0.5] * 5}, "2 rounds have a score"),
    ({"score": np.where(N > 24, np.nan, 0.5)}, "3 rounds have a score"),
    ({"score": np.where(N > 24, np.inf, 0.5)}, "score is inf in one round"),
])  # fmt: skip
def test_an_error_says_what_was_given_and_what_to_give(options, said):
    with pytest.raises(ValueError, match=said):
        fitted(**options)


def test_a_question_about_no_number_of_labels_or_no_share_is_refused():
    curve = fitted()
    for wrong in ([0], [np.nan], [-5]):
        with pytest.raises(ValueError, match="expected numbers above 0"):
            curve.at(wrong)
    with pytest.raises(ValueError, match="expected a list of them"):
        curve.draws(200)
    for confidence in (0, 1, 95):
        with pytest.raises(ValueError, match=f"confidence is {confidence}; expected a number between 0 and 1"):
            curve.band([200], confidence=confidence)
        with pytest.raises(ValueError, match="confidence"):
            curve.gain(120, 240, confidence=confidence)
