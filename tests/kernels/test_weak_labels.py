"""The label models against loops over the votes, and on simulated functions whose accuracy is known."""

import tracemalloc
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import entropy as scipy_entropy

from alwidgets.kernels.weak_labels import (
    abstained,
    conflict,
    dawid_skene,
    function_report,
    majority_vote,
    triplet,
    triplet_accuracy,
)
from tests.benchmarks.weak_votes import accuracy, one_sided, repeated, two_sided

MODELS = [majority_vote, dawid_skene, triplet]
of_models = pytest.mark.parametrize("model", MODELS)
of_matrices = pytest.mark.parametrize(
    "function",
    [
        *(lambda L, model=model: model(L, 4) for model in MODELS),
        lambda L: triplet_accuracy(L, 4),
        conflict,
        abstained,
        lambda L: np.stack(list(function_report(L).values())),
    ],
    ids=["majority_vote", "dawid_skene", "triplet", "triplet_accuracy", "conflict", "abstained", "function_report"],
)


def simulated(n_samples, accuracies, n_classes=2, abstentions=0.0, balance=None, seed=0):
    """Functions whose errors are independent given the class and favor no class; return (L, y)."""
    generator = np.random.default_rng(seed)
    y = generator.choice(n_classes, n_samples, p=balance)
    shape = (n_samples, len(accuracies))
    wrong = (y[:, None] + generator.integers(1, n_classes, shape)) % n_classes
    L = np.where(generator.random(shape) < np.array(accuracies), y[:, None], wrong)
    L[generator.random(shape) < abstentions] = -1
    return L, y


def shares_by_hand(L, n_classes):
    proba = np.full((len(L), n_classes), 1 / n_classes)
    for i, row in enumerate(L.tolist()):
        votes = [vote for vote in row if vote >= 0]
        if votes:
            proba[i] = [votes.count(c) / len(votes) for c in range(n_classes)]
    return proba


def dawid_skene_by_hand(L, n_classes, max_iter, tol=1e-5, s=0.01):
    """Expectation-maximization as the paper writes it: probabilities, one sum at a time."""
    (n, n_functions), T = L.shape, shares_by_hand(L, n_classes)
    unvoted = [c for c in range(n_classes) if c not in L]
    if len(unvoted) < n_classes and unvoted:
        T[(L < 0).all(axis=1)] = [(c in unvoted) / len(unvoted) for c in range(n_classes)]
    votes = np.array([[np.sum(L[:, m] == c) for c in range(n_classes)] for m in range(n_functions)])
    silent = [m for m in range(n_functions) if votes[m].any() and any(
        votes[m, c] == 0 or votes[m, c] < 0.1 * votes[:, c].sum() / max(votes.sum(), 1) * votes[m].sum()
        for c in range(n_classes)
    )]  # fmt: skip
    w, last = weights_by_hand(L, T), -np.inf
    for _ in range(max_iter):
        theta = s + prior_by_hand(votes)
        for i, m in np.argwhere(L >= 0):
            theta[m, :, L[i, m]] += T[i]
        theta /= theta.sum(axis=2, keepdims=True)
        covered = {
            (m, k): coverage_by_hand(L[:, m], T, k, s, unvoted=k in unvoted) for m in silent for k in range(n_classes)
        }
        T = np.tile(T.mean(axis=0), (n, 1))
        for i, m in np.argwhere(L >= 0):
            T[i] *= theta[m, :, L[i, m]] ** w[m]
        for (m, k), share in covered.items():
            T[:, k] *= np.where(L[:, m] >= 0, share, 1 - share) ** w[m]
        likelihood = np.log(T.sum(axis=1)).mean()
        T /= T.sum(axis=1, keepdims=True)
        if likelihood - last < tol:
            break
        last = likelihood
    return T


def prior_by_hand(votes):
    """Up to 10 votes in each class, 70 % of them right, for the classes that a function votes for."""
    prior = np.zeros((*votes.shape, votes.shape[1]))
    for m, k, c in np.ndindex(prior.shape):
        told = [prior_share(k, other, len(votes[m])) for other in np.flatnonzero(votes[m])]
        if votes[m, c]:
            prior[m, k, c] = min(10, votes[m].sum() / 4) * prior_share(k, c, len(votes[m])) / sum(told)
    return prior


def prior_share(k, c, n_classes):
    return 0.7 if c == k else 0.3 / max(1, n_classes - 1)


def coverage_by_hand(votes, T, k, s, *, unvoted):
    """How often a function votes in class k, beside up to 100 samples where 70 % of the votes are right in a class."""
    n_classes, balance = T.shape[1], T.mean(axis=0)
    expected = 0
    for c in range(n_classes):
        usual = sum(balance[other] * prior_share(other, c, n_classes) for other in range(n_classes))
        expected += np.mean(votes == c) * prior_share(k, c, n_classes) / usual
    expected = min(1, expected)
    if unvoted:
        expected = min(expected, 0.3 * np.mean(votes >= 0))
    prior = min(100, len(votes) / 4)
    return (T[votes >= 0, k].sum() + s + prior * expected) / (T[:, k].sum() + 2 * s + prior)


def weights_by_hand(L, T):
    """One divided by how many functions vote where each does, beyond what the shares of the votes explain."""
    n_functions, n_classes = L.shape[1], T.shape[1]
    unexplained = []
    for votes in L.T >= 0:
        usual = [votes @ T[:, k] / T[:, k].sum() if T[:, k].sum() else 0 for k in range(n_classes)]
        unexplained.append(votes - T @ usual)
    r = np.zeros((n_functions, n_functions))
    for m, j in np.ndindex(r.shape):
        size = np.linalg.norm(unexplained[m]) * np.linalg.norm(unexplained[j])
        r[m, j] = unexplained[m] @ unexplained[j] / size if size > 1e-9 else 0
    r = np.round(r - max(0, np.median([r[m, j] for m in range(n_functions) for j in range(m)] or [0])), 9)
    return [1 / (1 + sum(r[m, j] for j in range(n_functions) if j != m and r[m, j] >= 0.2)) for m in range(n_functions)]


def tells_classes_apart(L):
    """Whether `triplet` takes these votes: some function votes for several classes, or none meet."""
    several = any(len(set(column[column >= 0].tolist())) > 1 for column in L.T)
    meet = any(np.sum(row >= 0) > 1 for row in L)
    return several or not meet


def conflict_by_hand(L):
    n_seen = len(set(L[L >= 0].tolist()))
    utility = np.zeros(len(L))
    for i, row in enumerate(L.tolist()):
        votes = Counter(vote for vote in row if vote >= 0)
        if (largest := min(n_seen, votes.total())) > 1:
            utility[i] = scipy_entropy(list(votes.values())) / np.log(largest)
    return utility


def report_by_hand(L, y):
    report = {"coverage": [], "overlaps": [], "conflicts": [], "accuracy": []}
    for m in range(L.shape[1]):
        rows = [(row[m], [v for j, v in enumerate(row) if j != m and v >= 0]) for row in L.tolist()]
        report["coverage"].append(np.mean([vote >= 0 for vote, _ in rows]))
        report["overlaps"].append(np.mean([vote >= 0 and bool(others) for vote, others in rows]))
        report["conflicts"].append(np.mean([vote >= 0 and any(o != vote for o in others) for vote, others in rows]))
        right = [vote == truth for (vote, _), truth in zip(rows, y.tolist(), strict=True) if vote >= 0 and truth >= 0]
        report["accuracy"].append(np.mean(right) if right else np.nan)
    return report


matrices = st.integers(3, 6).flatmap(
    lambda n_functions: st.lists(
        st.lists(st.integers(-1, 3), min_size=n_functions, max_size=n_functions), min_size=1, max_size=8
    )
)


@settings(max_examples=60)
@given(matrices)
def test_any_votes_give_what_loops_over_them_give(rows):
    L = np.array(rows)
    y = L.max(axis=1)
    np.testing.assert_allclose(majority_vote(L, 4), shares_by_hand(L, 4), atol=1e-15)
    np.testing.assert_allclose(dawid_skene(L, 4, max_iter=3), dawid_skene_by_hand(L, 4, 3), atol=1e-9)
    np.testing.assert_allclose(conflict(L), conflict_by_hand(L), atol=1e-13)
    np.testing.assert_allclose(abstained(L), (L == -1).mean(axis=1), atol=1e-15)
    report = function_report(L, y)
    for name, expected in report_by_hand(L, y).items():
        np.testing.assert_allclose(report[name], expected, atol=1e-15)


@settings(max_examples=60)
@given(matrices)
def test_any_votes_give_probabilities_and_shares(rows):
    L = np.array(rows)
    for model in MODELS if tells_classes_apart(L) else MODELS[:2]:
        proba = model(L, 4)
        np.testing.assert_allclose(proba.sum(axis=1), 1, rtol=1e-12)
        assert proba.min() >= 0
    known = triplet_accuracy(L, 4) if tells_classes_apart(L) else np.empty(0)
    known = known[~np.isnan(known)]
    assert ((known >= 0) & (known <= 1)).all()
    assert conflict(L).min() >= 0
    assert conflict(L).max() <= 1


@pytest.mark.parametrize("coverage", [0.1, 0.3])
def test_functions_that_say_one_class_or_nothing_are_told_as_well_as_can_be(coverage):
    ours, best = [], []
    for seed in range(5):
        L, y, told = one_sided(2000, 10, coverage, seed)
        ours.append(accuracy(dawid_skene(L, 2).argmax(axis=1), y, L))
        best.append(accuracy(told, y, L))
    assert np.mean(ours) > np.mean(best) - 0.01


def test_one_sided_functions_of_many_classes_beat_their_majority():
    L, y, _ = one_sided(3000, 12, 0.1, 0, balance=[0.25] * 4)
    ours, usual = (accuracy(model(L, 4).argmax(axis=1), y, L) for model in (dawid_skene, majority_vote))
    assert ours > usual > 0.5


@pytest.mark.parametrize("coverage", [0.1, 0.3])
@pytest.mark.parametrize("draw", [one_sided, two_sided])
def test_a_function_that_others_repeat_does_not_outvote_the_rest(draw, coverage):
    ours, best = [], []
    for seed in range(5):
        L, y, told = repeated(draw(2000, 7, coverage, seed), 3, seed)
        ours.append(accuracy(dawid_skene(L, 2).argmax(axis=1), y, L))
        best.append(accuracy(told, y, L))
    assert np.mean(ours) > np.mean(best) - 0.03


def test_two_good_functions_that_vote_everywhere_are_not_taken_to_repeat_each_other():
    L, y = simulated(400, [0.95, 0.9, 0.6, 0.5, 0.4], seed=3)
    assert accuracy(dawid_skene(L, 2).argmax(axis=1), y, L) > 0.92


@pytest.mark.parametrize(("coverage", "least"), [(0.1, 0.8), (0.3, 0.92)])
def test_silence_is_weighed_where_one_class_is_rare(coverage, least):
    scores = []
    for seed in range(5):
        L, y, _ = one_sided(2000, 10, coverage, seed, balance=(0.85, 0.15))
        scores.append(accuracy(dawid_skene(L, 2).argmax(axis=1), y, L))
    assert np.mean(scores) > least


def test_a_few_votes_are_not_believed_to_be_always_right():
    ours, usual = [], []
    for seed in range(5):
        L, y, _ = two_sided(300, 10, 0.1, seed)
        ours.append(accuracy(dawid_skene(L, 2).argmax(axis=1), y, L))
        usual.append(accuracy(majority_vote(L, 2).argmax(axis=1), y, L))
    assert np.mean(ours) > np.mean(usual) - 0.01


def test_a_few_hundred_samples_with_few_votes_do_not_lead_astray():
    scores = []
    for seed in range(5):
        L, y, told = one_sided(300, 10, 0.05, seed)
        scores.append(accuracy(dawid_skene(L, 2).argmax(axis=1), y, L) - accuracy(told, y, L))
    assert np.mean(scores) > -0.03


def test_where_functions_vote_is_no_evidence_of_a_class_if_they_speak_of_every_class():
    L, y = simulated(2000, [0.9, 0.85, 0.8, 0.75, 0.7], seed=3)
    generator = np.random.default_rng(0)
    # Some samples are easy, and all functions vote there: that has nothing to do with the class.
    easy = generator.random(len(L)) < 0.5
    L[generator.random(L.shape) > np.where(easy, 0.9, 0.3)[:, None]] = -1
    assert accuracy(dawid_skene(L, 2).argmax(axis=1), y, L) > 0.85
    np.testing.assert_allclose(dawid_skene(L, 2)[(L < 0).all(axis=1)], 0.5, atol=0.05)


def test_six_votes_of_three_one_sided_functions_are_told_surely_and_right():
    L = np.array([[1, -1, -1], [-1, 1, -1], [-1, -1, 0], [1, 1, -1], [-1, -1, 0], [-1, -1, 0]] * 50)
    proba = dawid_skene(L, 2)
    assert proba.argmax(axis=1).tolist() == [1, 1, 0, 1, 0, 0] * 50
    assert proba.max(axis=1).min() > 0.9


def test_the_triplet_method_refuses_votes_from_which_no_accuracy_follows():
    L, _, _ = one_sided(500, 6, 0.3, 0)
    with pytest.raises(ValueError, match=r"each function of L votes for one class only; .* Use dawid_skene"):
        triplet(L, 2)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_the_triplet_method_refuses_functions_that_all_vote_for_the_same_class(n_classes):
    for function in (triplet, triplet_accuracy):
        with pytest.raises(ValueError, match=r"each function of L votes for one class only; .* Use dawid_skene"):
            function(np.array([[1, 1, -1], [-1, 1, 1], [1, -1, 1], [-1, -1, -1]] * 20), n_classes)


def silent_on_the_last(n_classes, balance, coverage, n_samples=2000, n_functions=5, seed=1):
    """Functions that vote for each class but the last, and rarely where it is that; return (L, y)."""
    generator = np.random.default_rng(seed)
    y = generator.choice(n_classes, n_samples, p=balance)
    L = np.full((n_samples, n_functions), -1)
    for m in range(n_functions):
        guess = generator.integers(0, n_classes - 1, n_samples)
        right = (generator.random(n_samples) < 0.9) & (y < n_classes - 1)
        votes = generator.random(n_samples) < np.where(y < n_classes - 1, coverage, 0.02)
        L[votes, m] = np.where(right, y, guess)[votes]
    return L, y


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("share", [0.05, 0.2, 0.5])
def test_silence_speaks_for_the_class_that_no_function_votes_for(share, seed):
    generator = np.random.default_rng(seed)
    y = (generator.random(2000) < share).astype(int)
    L = np.full((2000, 3), -1)
    for m in range(3):
        L[(y == 1) & (generator.random(2000) < 0.7), m] = 1
        L[(y == 0) & (generator.random(2000) < 0.02), m] = 1
    told = dawid_skene(L, 2)
    assert np.mean(told.argmax(axis=1) == y) > 0.92
    assert told[(L < 0).all(axis=1), 0].min() > 0.8
    # The other way round it is the same.
    np.testing.assert_allclose(dawid_skene(np.where(L == 1, 0, -1), 2)[:, ::-1], told, atol=1e-12)


@pytest.mark.parametrize("balance", [[0.4, 0.4, 0.2], [0.2, 0.1, 0.7], [0.5, 0.47, 0.03]])
def test_silence_speaks_for_the_one_of_three_classes_that_no_function_votes_for(balance):
    L, y = silent_on_the_last(3, balance, 0.7)
    told = dawid_skene(L, 3)
    assert told[(L < 0).all(axis=1), 2].min() > 0.8
    assert np.mean(told.argmax(axis=1) == y) > 0.9


def test_one_function_that_votes_for_one_class_tells_its_votes_from_its_silence():
    told = dawid_skene(np.array([[1], [-1], [-1], [-1]] * 50), 2)
    assert told.argmax(axis=1).tolist() == [1, 0, 0, 0] * 50


def test_a_sample_with_a_vote_is_not_lost_to_a_class_without_any():
    L, y = simulated(2000, [0.9, 0.85, 0.8, 0.75, 0.7], abstentions=0.3, seed=3)
    ours = dawid_skene(L, 3).argmax(axis=1)
    assert accuracy(ours, y, L) > accuracy(dawid_skene(L, 2).argmax(axis=1), y, L) - 0.02


def test_dawid_skene_runs_to_the_same_end_as_the_paper_s_sums():
    L, _ = simulated(300, [0.9, 0.8, 0.6, 0.7], 3, 0.2)
    np.testing.assert_allclose(dawid_skene(L, 3), dawid_skene_by_hand(L, 3, 100), atol=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_learning_who_errs_beats_the_majority(seed):
    L, y = simulated(400, [0.95, 0.9, 0.6, 0.5, 0.4], seed=seed)
    majority, learned, closed = (np.mean(model(L, 2).argmax(axis=1) == y) for model in MODELS)
    assert learned > majority + 0.05
    assert closed > majority + 0.05


def test_a_function_that_always_errs_is_as_good_as_one_that_never_does():
    y = np.arange(60) % 2
    L = np.column_stack([y, y, 1 - y])
    L[:5, :2] = -1
    np.testing.assert_array_equal(dawid_skene(L, 2).argmax(axis=1), y)
    np.testing.assert_array_equal(triplet(L, 2).argmax(axis=1), y)
    np.testing.assert_allclose(triplet_accuracy(L, 2), [1, 1, 0])


@pytest.mark.parametrize("balance", [[0.5, 0.5], [0.85, 0.15]])
@pytest.mark.parametrize("abstentions", [0.0, 0.4])
def test_accuracies_of_two_classes_are_found_without_a_label(balance, abstentions):
    accuracies = [0.8, 0.7, 0.9, 0.6, 0.25]
    L, _ = simulated(50_000, accuracies, abstentions=abstentions, balance=balance)
    np.testing.assert_allclose(triplet_accuracy(L, 2), accuracies, atol=0.02)


@pytest.mark.parametrize(("n_classes", "balance"), [(3, [0.6, 0.3, 0.1]), (10, None)])
def test_accuracies_of_more_classes_are_found_without_a_label(n_classes, balance):
    accuracies = [0.8, 0.7, 0.5, 0.4, 0.85]
    L, y = simulated(50_000, accuracies, n_classes, 0.3, balance)
    np.testing.assert_allclose(triplet_accuracy(L, n_classes), accuracies, atol=0.02)
    proba = triplet(L, n_classes)
    assert proba.max(axis=1).mean() == pytest.approx(np.mean(proba.argmax(axis=1) == y), abs=0.01)
    np.testing.assert_allclose(proba.mean(axis=0), np.bincount(y) / len(y), atol=0.01)


def test_the_accuracy_of_three_functions_is_the_closed_form():
    L, _ = simulated(50, [0.9, 0.8, 0.8], abstentions=0.2, seed=3)
    signs = np.where(L < 0, 0, 2 * L - 1)
    e = (signs.T @ signs) / (abs(signs).T @ abs(signs))
    skill = np.sqrt([e[0, 1] * e[0, 2] / e[1, 2], e[0, 1] * e[1, 2] / e[0, 2], e[0, 2] * e[1, 2] / e[0, 1]])
    np.testing.assert_allclose(triplet_accuracy(L, 2), np.minimum(1 + skill, 2) / 2, rtol=1e-12)


def test_the_posterior_is_naive_bayes_given_the_accuracies():
    L, _ = simulated(2000, [0.8, 0.7, 0.6, 0.75], 3, 0.3)
    accuracies, balance = triplet_accuracy(L, 3), np.array([0.5, 0.3, 0.2])
    expected = np.tile(balance, (len(L), 1))
    for i, m in np.argwhere(L >= 0):
        likelihood = np.full(3, (1 - accuracies[m]) / 2)
        likelihood[L[i, m]] = accuracies[m]
        expected[i] *= likelihood
    expected /= expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(triplet(L, 3, class_balance=balance), expected, atol=1e-12)


def test_functions_that_never_vote_together_have_no_known_accuracy_and_no_weight():
    L = np.full((30, 4), -1)
    L[:10, 0], L[10:20, 1], L[20:, 2] = 1, 0, 1
    assert np.isnan(triplet_accuracy(L, 3)).all()
    np.testing.assert_allclose(triplet(L, 3), 1 / 3)


def test_two_groups_of_functions_that_never_meet_are_each_taken_to_be_better_than_chance():
    first, _ = simulated(20_000, [0.8, 0.7, 0.9], seed=1)
    second, _ = simulated(20_000, [0.6, 0.75, 0.85], seed=2)
    L = np.full((40_000, 6), -1)
    L[:20_000, :3], L[20_000:, 3:] = first, second
    np.testing.assert_allclose(triplet_accuracy(L, 2), [0.8, 0.7, 0.9, 0.6, 0.75, 0.85], atol=0.03)


@of_models
def test_a_sample_nobody_votes_on_gets_the_balance_of_the_classes(model):
    L, _ = simulated(5000, [0.9, 0.85, 0.8], balance=[0.7, 0.3])
    L[0] = -1
    expected = [0.5, 0.5] if model is majority_vote else [0.7, 0.3]
    np.testing.assert_allclose(model(L, 2)[0], expected, atol=0.03)


@of_models
def test_renaming_the_classes_renames_the_columns(model):
    L, _ = simulated(500, [0.9, 0.7, 0.6, 0.8], 3, 0.2)
    names = np.array([2, 0, 1, -1])
    np.testing.assert_allclose(model(names[L], 3)[:, [2, 0, 1]], model(L, 3), atol=1e-9)


@of_models
def test_neither_the_order_of_the_samples_nor_of_the_functions_matters(model):
    L, _ = simulated(500, [0.9, 0.7, 0.6, 0.8], 3, 0.2)
    order = np.random.default_rng(0).permutation(500)
    np.testing.assert_allclose(model(L[order], 3), model(L, 3)[order], atol=1e-9)
    np.testing.assert_allclose(model(L[:, [2, 0, 3, 1]], 3), model(L, 3), atol=1e-9)


@of_models
@pytest.mark.parametrize("n_classes", [1, 300])
def test_one_class_and_many_are_possible(model, n_classes):
    L = np.array([[0, 0, 0], [0, -1, 0], [-1, -1, -1], [n_classes - 1] * 3])
    proba = model(L, n_classes)
    assert proba.shape == (4, n_classes)
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    assert proba[0, 0] > 0.9


def test_votes_over_several_tiles_are_each_counted_once():
    L, y = simulated(90_001, [0.9, 0.8, 0.7], 4, 0.2)
    half = len(L) // 2
    np.testing.assert_array_equal(majority_vote(L, 4)[half:], majority_vote(L[half:], 4))
    np.testing.assert_array_equal(conflict(L)[half:], conflict(L[half:]))
    np.testing.assert_array_equal(abstained(L)[half:], abstained(L[half:]))
    np.testing.assert_allclose(function_report(L, y)["coverage"], (L >= 0).mean(axis=0))
    np.testing.assert_allclose(function_report(L, y)["accuracy"], [np.mean(y[v >= 0] == v[v >= 0]) for v in L.T])


def test_votes_on_disk_are_not_read_at_once(tmp_path):
    L = np.memmap(tmp_path / "L", np.int64, "w+", shape=(200_000, 20))
    L[...] = simulated(200_000, [0.8] * 20)[0]
    for function in (lambda L: dawid_skene(L, 2, max_iter=2), lambda L: triplet(L, 2), conflict):
        tracemalloc.start()
        function(L)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < L.nbytes / 2


@of_matrices
@pytest.mark.parametrize("dtype", [np.int8, np.int32, ">i8"])
@pytest.mark.parametrize("layout", ["C", "F", "strided"])
def test_a_read_only_matrix_of_any_integers_and_layout_is_used_and_left_alone(function, dtype, layout):
    L, _ = simulated(60, [0.9, 0.8, 0.7, 0.6], 4, 0.3)
    given_votes = np.repeat(L, 2, axis=0)[::2] if layout == "strided" else np.array(L, order=layout)
    given_votes = given_votes.astype(dtype)
    given_votes.setflags(write=False)
    np.testing.assert_array_equal(function(given_votes), function(L))
    np.testing.assert_array_equal(given_votes, L)


@of_matrices
@pytest.mark.parametrize("L", [np.empty((0, 3), int), np.full((4, 3), -1)], ids=["no samples", "no votes"])
def test_a_matrix_without_votes_is_no_error(function, L):
    assert function(L).shape[-1] in {len(L), 3, 4}


def test_the_report_of_no_samples_is_unknown():
    report = function_report(np.empty((0, 2), int))
    assert set(report) == {"coverage", "overlaps", "conflicts", "accuracy"}
    assert all(np.isnan(values).all() for values in report.values())
    assert np.isnan(function_report(np.zeros((3, 2), int))["accuracy"]).all()


@of_matrices
@pytest.mark.parametrize("where", [0, 3, 100_000])
def test_a_vote_below_minus_one_is_refused_and_named(function, where):
    L = np.zeros((100_001, 3), int)
    L[where, 1] = -2
    with pytest.raises(ValueError, match=rf"^L row {where} is \[ 0 -2  0\]; expected class numbers from -1 to"):
        function(L)


@of_models
def test_a_vote_for_no_class_is_refused_and_named(model):
    with pytest.raises(ValueError, match=r"^L row 1 is \[0 2 1\]; expected class numbers from -1 to 1\."):
        model(np.array([[0, 1, 0], [0, 2, 1]]), 2)


@of_matrices
def test_votes_that_are_no_integers_are_refused_and_named(function):
    with pytest.raises(ValueError, match=r"(?s)^L has dtype float64, as in row 1: .*nan"):
        function(np.array([[0.0, 1.0, 1.0], [1.0, np.nan, 0.0]]))
    with pytest.raises(ValueError, match=r"^L has shape list; expected a matrix"):
        function([[0, 1, 0]])


@of_models
def test_a_number_of_classes_that_is_none_is_refused(model):
    with pytest.raises(ValueError, match="n_classes is 0; expected 1 or more"):
        model(np.zeros((1, 3), int), 0)
    with pytest.raises(TypeError):
        model(np.zeros((1, 3), int), 2.0)


@pytest.mark.parametrize("function", [triplet, triplet_accuracy])
def test_two_functions_make_no_triplet(function):
    with pytest.raises(ValueError, match=r"L has 2 functions; expected 3 or more.*Use majority_vote or dawid_skene"):
        function(np.zeros((5, 2), int), 2)


def test_settings_that_make_no_sense_are_refused():
    L = np.zeros((5, 3), int)
    with pytest.raises(ValueError, match="smoothing is 0; expected more than 0"):
        dawid_skene(L, 2, smoothing=0)
    with pytest.raises(ValueError, match="max_iter is -1; expected 0 or more"):
        dawid_skene(L, 2, max_iter=-1)
    with pytest.raises(ValueError, match="class_balance has 3 numbers; expected 2, one a class"):
        triplet(L, 2, class_balance=np.full(3, 1 / 3))
    with pytest.raises(ValueError, match=r"class_balance row 0 is .*expected probabilities that sum to 1"):
        triplet(L, 2, class_balance=np.array([0.5, 0.6]))


@pytest.mark.parametrize("y", [[0] * 5, np.zeros(4, int), np.zeros(5), np.zeros((5, 1), int)])
def test_classes_that_are_not_one_number_a_sample_are_refused(y):
    with pytest.raises(ValueError, match=r"^y has shape .*; expected class numbers, shape \(5,\)\.$"):
        function_report(np.zeros((5, 2), int), y)
