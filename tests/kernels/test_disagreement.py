"""The committee kernels against SciPy, a loop over the votes, and scikit-activeml."""

import itertools
import tracemalloc
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import entropy as scipy_entropy

from alwidgets.kernels.disagreement import consensus_entropy, kl_to_consensus, variation_ratio, vote_entropy

of_votes = pytest.mark.parametrize("kernel", [vote_entropy, variation_ratio])
of_probabilities = pytest.mark.parametrize(
    "kernel",
    [consensus_entropy, kl_to_consensus, lambda probas: kl_to_consensus(probas, "max")],
    ids=["consensus_entropy", "kl_to_consensus mean", "kl_to_consensus max"],
)


def entropy_by_hand(votes, n_classes):
    largest = np.log(min(votes.shape[1], n_classes))
    entropies = [scipy_entropy(list(Counter(row).values())) for row in votes.tolist()]
    return np.array(entropies) / largest if largest else np.zeros(len(votes))


def ratio_by_hand(votes, n_classes):
    return np.array([1 - max(Counter(row).values()) / votes.shape[1] for row in votes.tolist()])


def some_votes(n_candidates, n_members, n_classes):
    return np.random.default_rng(n_members).integers(0, n_classes, (n_candidates, n_members))


def some_probas(n_members, n_candidates, n_classes, dtype=np.float64):
    """Dirichlet rows, with the corners: all certain of one class, certain of different ones, all undecided."""
    generator = np.random.default_rng(n_members + n_classes)
    probas = generator.dirichlet(np.full(n_classes, 0.5), (n_members, n_candidates))
    corners = [np.eye(n_classes)[np.zeros(n_members, int)], np.eye(n_classes)[np.arange(n_members) % n_classes]]
    for row, corner in enumerate([*corners, np.full((n_members, n_classes), 1 / n_classes)][:n_candidates]):
        probas[:, row] = corner
    return probas.astype(dtype)


def kl_by_hand(probas):
    """Return KL(member, mean), shape (n_members, n_candidates), term by term."""
    mean = probas.mean(axis=0)
    divergence = np.zeros(probas.shape[:2])
    for m, i, c in np.ndindex(probas.shape):
        if probas[m, i, c] > 0:
            divergence[m, i] += probas[m, i, c] * np.log(probas[m, i, c] / mean[i, c])
    return divergence


@pytest.mark.parametrize(
    ("n_members", "n_classes"), [(1, 3), (2, 2), (3, 1), (5, 10), (6, 3), (9, 100), (12, 300), (40, 4), (300, 2)]
)
def test_votes_give_what_counting_them_gives(n_members, n_classes):
    votes = some_votes(80, n_members, n_classes)
    votes[0] = n_classes - 1
    votes[1] = np.arange(n_members) % n_classes
    utility = vote_entropy(votes, n_classes)
    assert utility.dtype == np.float64
    np.testing.assert_allclose(utility, entropy_by_hand(votes, n_classes), atol=1e-13)
    np.testing.assert_allclose(variation_ratio(votes, n_classes), ratio_by_hand(votes, n_classes), atol=1e-15)


@settings(max_examples=40)
@given(st.data())
def test_any_votes_give_what_counting_them_gives(data):
    n_members, n_classes = data.draw(st.integers(1, 12)), data.draw(st.integers(1, 12))
    row = st.lists(st.integers(0, n_classes - 1), min_size=n_members, max_size=n_members)
    votes = np.array(data.draw(st.lists(row, min_size=1, max_size=6)))
    utility = vote_entropy(votes, n_classes)
    np.testing.assert_allclose(utility, entropy_by_hand(votes, n_classes), atol=1e-13)
    assert 0 <= utility.min() <= utility.max() <= 1
    np.testing.assert_allclose(variation_ratio(votes, n_classes), ratio_by_hand(votes, n_classes), atol=1e-15)


@pytest.mark.parametrize("row", [[0, 0, 0, 1, 1, 2, 3], [0] * 9 + [1] * 5 + [2] * 3], ids=["7 members", "17 members"])
def test_candidates_whose_votes_split_alike_tie_exactly(row):
    generator = np.random.default_rng(0)
    votes = np.array([generator.permutation(10)[generator.permutation(row)] for _ in range(500)])
    assert len(np.unique(vote_entropy(votes, 10))) == 1
    assert len(np.unique(variation_ratio(votes, 10))) == 1


def test_the_range_ends_are_met_exactly():
    for n_members, n_classes in itertools.product(range(1, 12), range(2, 12)):
        votes = np.stack([np.zeros(n_members, int), np.arange(n_members) % n_classes])
        assert vote_entropy(votes, n_classes)[0] == 0
        assert variation_ratio(votes, n_classes)[0] == 0
        if 1 < n_members <= n_classes:
            assert vote_entropy(votes, n_classes)[1] == pytest.approx(1, abs=1e-15)
            assert variation_ratio(votes, n_classes)[1] == pytest.approx(1 - 1 / n_members, abs=1e-15)


def test_a_class_that_nobody_votes_for_lowers_the_share_of_the_largest_entropy():
    votes = np.array([[0, 0, 1, 1]])
    assert vote_entropy(votes, 2)[0] == pytest.approx(1, abs=1e-15)
    assert vote_entropy(votes, 4)[0] == pytest.approx(0.5, abs=1e-15)


@of_votes
def test_neither_the_order_of_the_members_nor_the_names_of_the_classes_matter(kernel):
    votes = some_votes(200, 7, 5)
    generator = np.random.default_rng(1)
    np.testing.assert_array_equal(kernel(votes[:, generator.permutation(7)], 5), kernel(votes, 5))
    np.testing.assert_array_equal(kernel(generator.permutation(5)[votes], 5), kernel(votes, 5))


@of_votes
@pytest.mark.parametrize("dtype", [np.int64, np.int8, np.uint8, np.uint64, np.bool_, ">i4"])
@pytest.mark.parametrize("layout", ["C", "F", "strided"])
def test_read_only_votes_of_any_integers_and_layout_are_scored_and_left_alone(kernel, dtype, layout):
    votes = some_votes(60, 4, 2)
    given_votes = np.repeat(votes, 2, axis=0)[::2] if layout == "strided" else np.array(votes, order=layout)
    given_votes = given_votes.astype(dtype)
    given_votes.setflags(write=False)
    np.testing.assert_array_equal(kernel(given_votes, 2), kernel(votes, 2))
    np.testing.assert_array_equal(given_votes, votes)


@of_votes
def test_votes_over_several_tiles_are_each_scored_once(kernel):
    votes = some_votes(270_001, 3, 4)
    kinds = kernel(np.array(list(np.ndindex(4, 4, 4))), 4)
    np.testing.assert_array_equal(kernel(votes, 4), kinds[votes @ [16, 4, 1]])


@of_votes
def test_no_candidates_have_no_disagreement(kernel):
    assert kernel(np.empty((0, 3), int), 4).shape == (0,)


@of_votes
def test_votes_on_disk_are_scored_without_reading_them_at_once(kernel, tmp_path):
    votes = np.memmap(tmp_path / "votes", np.int64, "w+", shape=(600_000, 5))
    votes[::3, 2] = 1
    tracemalloc.start()
    utility = kernel(votes, 2)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert utility[0] == utility[3] > utility[1] == 0
    assert peak < utility.nbytes + votes.nbytes / 4


@of_votes
@pytest.mark.parametrize("vote", [-1, 3, 259, 2**40])
@pytest.mark.parametrize("where", [0, 2, 300_000])
def test_a_vote_for_no_class_is_refused_and_named(kernel, vote, where):
    votes = np.zeros((300_001, 2), int)
    votes[where, 1] = vote
    with pytest.raises(ValueError, match=rf"^votes row {where} is .*{vote}.*expected class numbers from 0 to 2\."):
        kernel(votes, 3)


@of_votes
@pytest.mark.parametrize(
    ("votes", "named"),
    [
        (np.array([[0.0, 1.0], [1.0, np.nan]]), "as in row 1: .*nan"),
        (np.array([[0.0, 1.0], [1.0, 0.5]]), r"as in row 1: .*0\.5"),
        (np.array([[0.0, 1.0]]), "as in row 0"),
        (np.empty((0, 2)), "as in row 0"),
        (np.array([["cat", "dog"]]), "as in row 0: .*cat"),
    ],
    ids=["NaN", "fraction", "floats", "no rows", "names"],
)
def test_votes_that_are_no_integers_are_refused_and_named(kernel, votes, named):
    with pytest.raises(ValueError, match=f"(?s)^votes has dtype .*{named}.*Encode the labels"):
        kernel(votes, 2)


@of_votes
@pytest.mark.parametrize("votes", [np.zeros(3, int), np.zeros((2, 0), int), [[0, 1]]], ids=["1-D", "nobody", "list"])
def test_votes_that_are_no_matrix_are_refused(kernel, votes):
    with pytest.raises(ValueError, match=r"^votes has shape .*; expected a matrix"):
        kernel(votes, 2)


@of_votes
def test_a_number_of_classes_that_is_none_is_refused(kernel):
    with pytest.raises(ValueError, match="n_classes is 0; expected 1 or more"):
        kernel(np.zeros((1, 2), int), 0)
    with pytest.raises(TypeError):
        kernel(np.zeros((1, 2), int), 2.0)


def test_votes_give_what_scikit_activeml_gives():
    peer = pytest.importorskip("skactiveml.pool._query_by_committee")
    votes = some_votes(300, 6, 4)
    expected = peer.vote_entropy(votes, np.arange(4)) / np.log(4)
    np.testing.assert_allclose(vote_entropy(votes, 4), expected, atol=1e-12)
    np.testing.assert_allclose(variation_ratio(votes, 4), peer.variation_ratios(votes), atol=1e-12)


@pytest.mark.parametrize("n_classes", [1, 2, 3, 100])
@pytest.mark.parametrize("n_members", [1, 2, 5])
@pytest.mark.parametrize(("dtype", "atol"), [(np.float64, 1e-12), (np.float32, 1e-6)])
def test_probabilities_give_what_the_formulas_give(n_members, n_classes, dtype, atol):
    probas = some_probas(n_members, 30, n_classes, dtype)
    exact = probas.astype(np.float64)
    largest = np.log(n_classes) or 1
    consensus, mean, most = consensus_entropy(probas), kl_to_consensus(probas), kl_to_consensus(probas, "max")
    assert consensus.dtype == mean.dtype == most.dtype == dtype
    np.testing.assert_allclose(consensus, scipy_entropy(exact.mean(axis=0), axis=1) / largest, atol=atol)
    np.testing.assert_allclose(mean, kl_by_hand(exact).mean(axis=0), atol=atol)
    np.testing.assert_allclose(most, kl_by_hand(exact).max(axis=0), atol=atol)
    assert min(consensus.min(), mean.min(), most.min()) >= 0
    assert consensus.max() <= 1
    assert mean.max() <= np.log(min(n_members, n_classes)) + atol
    assert most.max() <= np.log(n_members) + atol


def test_the_mean_divergence_is_the_mutual_information_of_bald():
    probas = some_probas(4, 200, 6)
    bald = scipy_entropy(probas.mean(axis=0), axis=1) - scipy_entropy(probas, axis=2).mean(axis=0)
    np.testing.assert_allclose(kl_to_consensus(probas), bald, atol=1e-12)


def test_divergence_gives_what_scikit_activeml_gives():
    peer = pytest.importorskip("skactiveml.pool._query_by_committee")
    probas = np.random.default_rng(0).dirichlet(np.ones(4), (5, 300))
    np.testing.assert_allclose(kl_to_consensus(probas), peer.average_kl_divergence(probas.copy()), atol=1e-5)


def test_two_members_that_agree_disagree_by_nothing():
    proba = some_probas(1, 50, 5)[0]
    np.testing.assert_array_equal(kl_to_consensus([proba, proba]), 0)
    np.testing.assert_array_equal(kl_to_consensus([proba, proba], "max"), 0)


def test_members_certain_of_different_classes_disagree_as_far_as_possible():
    probas = np.eye(3)[:, None, :]
    np.testing.assert_allclose(kl_to_consensus(probas), np.log(3), rtol=1e-15)
    np.testing.assert_allclose(kl_to_consensus(probas, "max"), np.log(3), rtol=1e-15)
    np.testing.assert_allclose(consensus_entropy(probas), 1, rtol=1e-15)


def test_a_class_nobody_believes_in_changes_no_divergence():
    probas = some_probas(3, 40, 4)
    wider = np.concatenate([probas, np.zeros((3, 40, 2))], axis=2)
    for reduce in ("mean", "max"):
        np.testing.assert_allclose(kl_to_consensus(wider, reduce), kl_to_consensus(probas, reduce), atol=1e-15)


@of_probabilities
def test_what_is_a_little_below_zero_counts_as_zero(kernel):
    exact = np.array([[[0.0, 1.0]], [[0.5, 0.5]]])
    rough = np.array([[[-1e-6, 1.0]], [[0.5, 0.5]]])
    np.testing.assert_array_equal(kernel(rough), kernel(exact))


@of_probabilities
def test_a_sequence_of_members_in_any_layout_is_scored_like_one_array_and_left_alone(kernel):
    probas = some_probas(4, 60, 5)
    layouts = [np.asfortranarray(probas[0]), np.repeat(probas[1], 2, axis=0)[::2], probas[2], probas.copy()[3]]
    for member in layouts:
        member.setflags(write=False)
    np.testing.assert_allclose(kernel(layouts), kernel(probas), rtol=1e-14)
    np.testing.assert_allclose(kernel(np.moveaxis(np.moveaxis(probas, 0, 1).copy(), 1, 0)), kernel(probas), rtol=1e-14)
    np.testing.assert_array_equal(np.stack(layouts), probas)


@of_probabilities
def test_members_of_two_precisions_are_scored_in_the_finer_one(kernel):
    probas = some_probas(2, 40, 3)
    single = probas[0].astype(np.float32)
    utility = kernel([single, probas[1]])
    assert utility.dtype == np.float64
    np.testing.assert_array_equal(utility, kernel([single.astype(np.float64), probas[1]]))


@of_probabilities
def test_members_over_several_tiles_are_each_scored_once(kernel):
    probas = some_probas(3, 40_001, 2)
    few = np.r_[:5, 20_000:20_005, 39_990:40_001]
    np.testing.assert_allclose(kernel(probas)[few], kernel(probas[:, few]), rtol=1e-14)


@of_probabilities
def test_no_candidates_have_no_divergence(kernel):
    assert kernel(np.empty((2, 0, 3))).shape == (0,)


@of_probabilities
def test_members_on_disk_are_scored_without_stacking_or_reading_them_at_once(kernel, tmp_path):
    shape = (4, 100_000, 4)
    probas = np.memmap(tmp_path / "probas", np.float64, "w+", shape=shape)
    probas[...] = 0.25
    tracemalloc.start()
    kernel(list(probas))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < probas.nbytes / 4


@of_probabilities
@pytest.mark.parametrize(
    "row",
    [[np.nan, 0.5, 0.5], [0.5, 0.2, 0.2], [0.5, 0.5, 0.5], [0, 0, 0], [np.inf, -np.inf, 1], [2, -1, 0]],
    ids=["NaN", "too little", "too much", "nothing", "infinite", "negative"],
)
@pytest.mark.parametrize("where", [0, 3, 50_000])
def test_a_row_that_is_no_distribution_is_refused_with_its_member(kernel, row, where):
    probas = np.full((3, 50_001, 3), 1 / 3)
    probas[1, where] = row
    with pytest.raises(ValueError, match=rf"^probas\[1\] row {where} is .*sum to 1. Look at the model"):
        kernel(probas)


@of_probabilities
def test_members_of_different_shapes_are_refused(kernel):
    with pytest.raises(ValueError, match=r"probas\[1\] has shape \(2, 3\) and probas\[0\] \(2, 2\); .*column of zeros"):
        kernel([np.full((2, 2), 0.5), np.full((2, 3), 1 / 3)])


@of_probabilities
@pytest.mark.parametrize(
    ("probas", "message"),
    [
        ([], "^probas is empty; expected the probabilities of at least one member"),
        (np.full((2, 2), 0.5), r"^probas\[0\] has shape \(2,\); expected \(n_candidates, n_classes\)"),
        ([[[0.5, 0.5]]], r"^probas\[0\] has shape list; expected \(n_candidates, n_classes\)"),
    ],
    ids=["nobody", "one matrix", "lists"],
)
def test_what_is_no_committee_is_refused(kernel, probas, message):
    with pytest.raises(ValueError, match=message):
        kernel(probas)


def test_an_unknown_reduction_is_refused():
    with pytest.raises(ValueError, match="reduce is 'sum'; expected 'mean' or 'max'"):
        kl_to_consensus(some_probas(2, 3, 2), "sum")


@pytest.mark.parametrize("kind", [np.int8, np.int16, np.int32, np.int64, ">i2"])
@pytest.mark.parametrize("n_classes", [2, 100, 127, 128, 300, 40_000])
@pytest.mark.parametrize("score", [vote_entropy, variation_ratio])
def test_a_vote_below_zero_is_refused_whatever_the_integers_and_the_classes(score, n_classes, kind):
    votes = np.ones((4, 3), kind)
    votes[2, 1] = -1
    with pytest.raises(ValueError, match=r"^votes row 2 is .*expected class numbers from 0"):
        score(votes, n_classes)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n_classes", [3, 10, 16, 31, 100])
def test_candidates_with_equal_probabilities_tie_wherever_they_are(n_classes, dtype):
    rows = np.random.default_rng(n_classes).dirichlet(np.ones(n_classes), 3).astype(dtype)
    members = [np.tile(row, (1003, 1)) for row in rows]
    for utility in (kl_to_consensus(members, "max"), kl_to_consensus(members, "mean"), consensus_entropy(members)):
        assert len(np.unique(utility)) == 1
