"""k-means batches, TypiClust and ProbCover against brute force over all distances."""

import tracemalloc
import warnings
from importlib import import_module

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csc_matrix, csr_array, csr_matrix
from scipy.sparse import random as random_sparse
from scipy.spatial.distance import cdist

from alwidgets.kernels.k_means import k_means, k_means_batch
from alwidgets.kernels.points import Points
from alwidgets.kernels.prob_cover import cover_radius, prob_cover
from alwidgets.kernels.typiclust import typiclust

# The functions of the same names are what the package exports.
K_MEANS, PROB_COVER, TYPICLUST = (
    import_module(f"alwidgets.kernels.{name}") for name in ("k_means", "prob_cover", "typiclust")
)

LARGE = 25_000


def seeded(seed=0):
    return np.random.default_rng(seed)


def blobs(n, n_features=3, n_blobs=4, seed=0, spread=0.2):
    generator = seeded(seed)
    centers = generator.normal(size=(n_blobs, n_features)) * 3
    number = generator.integers(n_blobs, size=n)
    X = centers[number] + spread * generator.normal(size=(n, n_features))
    # Numbers that float32 holds too.
    return X.astype(np.float32).astype(np.float64), number


def same_partition(first, second):
    return len(set(zip(first.tolist(), second.tolist(), strict=True))) == len(set(first.tolist())) == len(set(second))


class TestKMeans:
    @pytest.mark.parametrize("n", [200, LARGE])
    def test_clouds_far_apart_are_its_clusters_and_distances_go_to_their_means(self, n):
        X, number = blobs(n, n_blobs=2, seed=2)
        cluster, distance = k_means(X, 2, seeded())
        assert same_partition(cluster, number)
        means = np.array([X[cluster == k].mean(axis=0) for k in range(2)])
        np.testing.assert_allclose(distance, np.linalg.norm(X - means[cluster], axis=1), atol=0.02)

    def test_each_row_is_nearest_to_the_mean_of_its_own_cluster(self):
        X = seeded(1).normal(size=(300, 2))
        cluster, distance = k_means(X, 6, seeded())
        means = np.array([X[cluster == k].mean(axis=0) for k in range(6)])
        assert (cdist(X, means).argmin(axis=1) == cluster).mean() > 0.98
        np.testing.assert_allclose(distance, np.linalg.norm(X - means[cluster], axis=1), atol=0.05)

    def test_mini_batches_are_about_as_tight_as_scikit_learn_s_full_k_means(self):
        from sklearn.cluster import KMeans

        X, _ = blobs(LARGE, n_blobs=20, spread=1.0)
        _, distance = k_means(X, 20, seeded())
        assert (distance**2).sum() < 1.15 * KMeans(20, n_init=1, random_state=0).fit(X).inertia_

    @pytest.mark.parametrize("n", [200, LARGE])
    def test_the_same_generator_gives_the_same_clusters_in_either_precision(self, n):
        X, _ = blobs(n, n_blobs=7)
        first = k_means(X, 9, seeded(3))
        for other in (X, X.astype(np.float32), np.asfortranarray(X)):
            np.testing.assert_array_equal(first, k_means(other, 9, seeded(3)))

    @pytest.mark.parametrize("n", [60, LARGE])
    @pytest.mark.parametrize("n_distinct", [1, 3])
    @pytest.mark.parametrize("offset", [0.0, 0.1, 1e9])
    def test_points_that_coincide_make_fewer_clusters_and_no_warning(self, n, n_distinct, offset):
        X = np.repeat(np.arange(n_distinct), n // n_distinct)[:, None] * np.ones(4) + offset
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            cluster, distance = k_means(X, 10, seeded())
        assert same_partition(cluster, X[:, 0])
        assert set(cluster.tolist()) == set(range(n_distinct))
        np.testing.assert_allclose(distance, 0, atol=1e-6)

    @given(
        st.lists(st.sampled_from([0.0, 1e-300, 1e-12, 1e-8, 1e-7, 1.0, 1 + 1e-9, 1 + 1e-15, 5.0, 1e6]), max_size=30),
        st.integers(1, 12),
    )
    @settings(max_examples=60)
    def test_no_warning_escapes_whatever_the_points(self, values, n_clusters):
        X = np.array(values)[:, None]
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            cluster, distance = k_means(X, n_clusters, seeded())
        assert cluster.shape == distance.shape == (len(X),)
        assert set(cluster.tolist()) == set(range(len(set(cluster.tolist()))))
        assert len(set(cluster.tolist())) <= min(n_clusters, max(len(set(values)), 0) or n_clusters)

    def test_a_weight_counts_like_as_many_copies(self):
        X = np.array([[0.0], [1.0], [10.0]])
        cluster, distance = k_means(X, 2, seeded(), np.array([3.0, 1.0, 1.0]))
        assert same_partition(cluster, np.array([0, 0, 1]))
        np.testing.assert_allclose(distance, [0.25, 0.75, 0])

    @pytest.mark.parametrize("zero", [0.0, 1e-300])
    def test_rows_of_no_weight_move_no_center(self, zero):
        X = np.array([[0.0], [1.0], [10.0], [90.0]])
        cluster, distance = k_means(X, 2, seeded(), np.array([1.0, 1.0, 1.0, zero]))
        assert same_partition(cluster, np.array([0, 0, 1, 1]))
        np.testing.assert_allclose(distance, [0.5, 0.5, 0, 80])

    def test_weights_that_are_all_zero_are_all_equal(self):
        X, _ = blobs(50)
        np.testing.assert_array_equal(k_means(X, 4, seeded(), np.zeros(50)), k_means(X, 4, seeded()))

    @pytest.mark.parametrize("kind", [csr_matrix, csr_array])
    @pytest.mark.parametrize("n_rows", [150, LARGE])
    def test_a_csr_matrix_is_clustered_like_its_dense_equal(self, kind, n_rows):
        X = random_sparse(n_rows, 12, density=0.3, random_state=0, format="csr")
        cluster, distance = k_means(kind(X, dtype=np.float32), 5, seeded())
        dense = X.astype(np.float32).toarray()
        assert cluster.shape == (n_rows,)
        means = np.array([dense[cluster == k].mean(axis=0) for k in range(5)])
        np.testing.assert_allclose(distance, np.linalg.norm(dense - means[cluster], axis=1), atol=0.1)
        np.testing.assert_array_equal(distance, k_means(kind(X, dtype=np.float32), 5, seeded())[1])

    def test_rows_of_a_sparse_matrix_that_coincide_make_one_cluster(self):
        cluster, distance = k_means(csr_matrix(np.ones((20, 3)) / 3), 4, seeded())
        assert cluster.tolist() == [0] * 20
        np.testing.assert_allclose(distance, 0, atol=1e-7)

    def test_no_rows_have_no_clusters(self):
        cluster, distance = k_means(np.empty((0, 3)), 2, seeded())
        assert cluster.shape == distance.shape == (0,)

    def test_a_large_pool_is_not_copied(self):
        X = np.zeros((400_000, 32), np.float32)
        X[::2] = seeded().normal(size=32)
        tracemalloc.start()
        k_means(X, 4, seeded())
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < X.nbytes * 0.8


class TestKMeansBatch:
    @pytest.mark.parametrize("n", [1, 5, 9])
    def test_it_gives_the_nearest_of_each_cluster_heaviest_first(self, n):
        X, weights = seeded(2).normal(size=(120, 2)), seeded(3).random(120)
        rows = k_means_batch(X, n, seeded(), weights)
        cluster, distance = k_means(X, n, seeded(), weights)
        heaviest = np.argsort(-np.bincount(cluster, weights))
        assert cluster[rows].tolist() == heaviest.tolist()
        for row in rows:
            assert distance[row] == distance[cluster == cluster[row]].min()

    def test_without_weights_the_largest_cluster_comes_first(self):
        X = np.concatenate([np.full(5, 0.0), np.full(9, 50.0), np.full(2, 90.0)])[:, None] + np.zeros((16, 2))
        assert X[k_means_batch(X, 3, seeded()), 0].tolist() == [50, 0, 90]

    @given(st.lists(st.sampled_from([0.0, 1.0, 7.0]), max_size=20), st.integers(0, 25), st.integers(0, 3))
    @settings(max_examples=60)
    def test_the_rows_are_distinct_and_as_many_as_asked_even_when_points_coincide(self, values, n, seed):
        rows = k_means_batch(np.array(values)[:, None], n, seeded(seed))
        assert rows.dtype == np.intp
        assert len(set(rows.tolist())) == len(rows) == min(n, len(values))

    def test_coincident_points_are_asked_again_only_after_every_other_cluster(self):
        X = np.array([0.0, 0, 0, 5, 5, 9])[:, None]
        assert X[k_means_batch(X, 6, seeded()), 0].tolist() == [0, 5, 9, 0, 5, 0]

    def test_rows_of_weight_zero_come_after_all_others(self):
        X, weights = seeded(4).normal(size=(30, 2)), np.tile([0.0, 1.0, 2.0], 10)
        rows = k_means_batch(X, 30, seeded(), weights)
        assert (weights[rows[:20]] > 0).all()
        assert sorted(rows.tolist()) == list(range(30))

    def test_ties_are_ordered_by_the_generator(self):
        picks = {tuple(k_means_batch(np.ones((4, 2)), 2, seeded(seed)).tolist()) for seed in range(60)}
        assert len(picks) == 12

    def test_both_precisions_and_a_sparse_matrix_give_rows_of_every_cloud(self):
        X, number = blobs(300, n_blobs=3)
        rows = k_means_batch(X, 3, seeded())
        assert set(number[rows]) == {0, 1, 2}
        assert rows.tolist() == k_means_batch(X.astype(np.float32), 3, seeded()).tolist()
        assert set(number[k_means_batch(csr_matrix(X), 3, seeded())]) == {0, 1, 2}


def typicality(X, cluster, row):
    members = np.flatnonzero(cluster == cluster[row])
    near = np.sort(np.linalg.norm(X[members[members != row]] - X[row], axis=1))[: min(20, len(members) // 2)]
    return 1 / ((near.mean() if len(near) else 0) + 1e-5)


def brute_typiclust(X, X_labeled, n, cluster):
    """Follow the definition step by step, for the clusters given."""
    both, numbers = np.vstack([X, X_labeled]), range(cluster.max() + 1)
    n_labeled = np.bincount(cluster[len(X) :], minlength=len(numbers))
    size = np.bincount(cluster)
    left = {k: [i for i in range(len(X)) if cluster[i] == k] for k in numbers}
    for k in numbers:
        left[k].sort(key=lambda i: -typicality(both, cluster, i))
    order = sorted(numbers, key=lambda k: (n_labeled[k], -size[k]))
    picks = []
    for some in ([k for k in order if size[k] > 5], [k for k in order if size[k] <= 5]):
        while any(left[k] for k in some):
            picks += [left[k].pop(0) for k in some if left[k]]
    return picks[:n]


def clusters_of(X, X_labeled, n, seed):
    """Return the clusters that typiclust finds with this seed."""
    both = np.vstack([X, X_labeled])
    points = Points.of(X, X_labeled)
    return K_MEANS.fit_k_means(points, min(len(X_labeled) + n, 500), seeded(seed), np.ones(len(both)))[0]


class TestTypiClust:
    @pytest.mark.parametrize(("n_labeled", "n"), [(0, 1), (0, 6), (3, 4), (30, 3), (4, 60), (3, 300)])
    def test_it_picks_what_the_definition_picks(self, n_labeled, n):
        for seed in range(6):
            X, X_labeled = seeded(seed).normal(size=(300, 3)), seeded(50 + seed).normal(size=(n_labeled, 3))
            cluster = clusters_of(X, X_labeled, n, seed)
            picks = typiclust(X, X_labeled, n, seeded(seed))
            assert len(set(picks.tolist())) == len(picks) == n
            expected = np.array(brute_typiclust(X, X_labeled, 300, cluster))
            # Clusters with as many labels and as many members may change places.
            keys = np.bincount(cluster[len(X) :], minlength=cluster.max() + 1), np.bincount(cluster)
            for key in keys:
                assert key[cluster[picks]].tolist() == key[cluster[expected[:n]]].tolist()
            for number in set(cluster[picks].tolist()):
                own = picks[cluster[picks] == number].tolist()
                assert own == expected[cluster[expected] == number].tolist()[: len(own)]

    def test_many_members_are_measured_block_by_block(self, monkeypatch):
        X, X_labeled = seeded(1).normal(size=(900, 4)), seeded(2).normal(size=(5, 4))
        expected = typiclust(X, X_labeled, 8, seeded()).tolist()
        for name, size in (("FEW", 7), ("MANY", 50), ("_SIDE", 33)):
            monkeypatch.setattr(TYPICLUST, name, size)
        assert typiclust(X, X_labeled, 8, seeded()).tolist() == expected

    def test_a_cloud_with_a_label_waits_for_those_without(self):
        X, number = blobs(400, n_blobs=4, seed=3)
        X_labeled = X[number == 2][:1] + 0.01
        assert sorted(number[typiclust(X, X_labeled, 3, seeded())].tolist()) == [0, 1, 3]

    def test_a_handful_of_outliers_comes_when_nothing_else_is_left(self):
        X = np.concatenate([seeded().normal(size=(40, 2)), np.full((5, 2), 500.0)])
        assert same_partition(clusters_of(X, X[:0], 2, 0), np.arange(45) >= 40)
        picks = typiclust(X, np.empty((0, 2)), 2, seeded())
        assert (picks < 40).all()

    @pytest.mark.parametrize("offset", [0.0, 1e6])
    def test_both_precisions_pick_the_same(self, offset):
        X = (blobs(800, 6, spread=1.0)[0] + offset).astype(np.float32)
        X_labeled = X[:10] + np.float32(1)
        first = typiclust(X, X_labeled, 20, seeded())
        wide = typiclust(X.astype(np.float64), X_labeled.astype(np.float64), 20, seeded())
        assert first.tolist() == wide.tolist()

    @pytest.mark.parametrize("n", [0, 3, 50])
    def test_rows_that_are_all_alike_are_each_given_once(self, n):
        picks = typiclust(np.ones((20, 3)), np.ones((2, 3)), n, seeded())
        assert len(set(picks.tolist())) == len(picks) == min(n, 20)

    def test_ties_are_ordered_by_the_generator(self):
        assert {int(typiclust(np.ones((4, 1)), np.empty((0, 1)), 1, seeded(seed))[0]) for seed in range(60)} == {
            *range(4)
        }

    def test_no_more_than_500_clusters_are_made(self, monkeypatch):
        asked = []
        real = K_MEANS.fit_k_means
        monkeypatch.setattr(TYPICLUST, "fit_k_means", lambda *a: asked.append(a[1]) or real(*a))
        picks = typiclust(seeded().normal(size=(1200, 2)), seeded(1).normal(size=(100, 2)), 450, seeded())
        assert asked == [500]
        assert len(set(picks.tolist())) == 450

    def test_one_cluster_of_many_takes_little_memory(self):
        X = seeded().normal(size=(6000, 8))
        tracemalloc.start()
        typiclust(X, X[:0], 1, seeded())
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 6000 * 6000 * 4 / 8


def brute_prob_cover(X, X_labeled, n, radius):
    near = cdist(X, X) <= radius
    covered = (cdist(X, X_labeled) <= radius).any(axis=1)
    picks = []
    while len(picks) < min(n, len(X)) and not covered.all():
        picks.append(int((near & ~covered).sum(axis=1).argmax()))
        covered |= near[picks[-1]]
    rest = sorted(set(range(len(X))) - set(picks), key=lambda i: (-near[i].sum(), i))
    return (picks + rest)[:n]


class TestProbCover:
    @pytest.mark.parametrize("radius", [0.0, 0.3, 0.8, 2.0, 50.0, np.inf])
    @pytest.mark.parametrize("n_labeled", [0, 1, 9])
    @pytest.mark.parametrize("seed", range(3))
    def test_it_picks_what_a_brute_force_picks(self, seed, n_labeled, radius):
        X, X_labeled = seeded(seed).normal(size=(150, 2)), seeded(9 + seed).normal(size=(n_labeled, 2))
        for n in (0, 1, 12, 150, 400):
            assert prob_cover(X, X_labeled, n, radius).tolist() == brute_prob_cover(X, X_labeled, n, radius)

    @given(
        st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), max_size=25),
        st.sampled_from([0.0, 1.0, 2**0.5, 3.0, 5**0.5]),
        st.integers(0, 3),
        st.sampled_from([0.0, 1e6]),
    )
    @settings(max_examples=80)
    def test_points_exactly_on_the_edge_of_a_ball_are_inside(self, grid, radius, n_labeled, offset):
        X = np.array(grid, float).reshape(-1, 2)
        X_labeled = X[:n_labeled] + np.array([0, 1])
        expected = brute_prob_cover(X, X_labeled, 30, radius)
        # The mean of the grid is not a round number: distances from it are rounded, those counted here must not be.
        assert prob_cover(X + offset, X_labeled + offset, 30, radius).tolist() == expected
        assert prob_cover(X.astype(np.float32), X_labeled, 30, radius).tolist() == expected

    def test_blocks_make_no_difference(self, monkeypatch):
        X, X_labeled = np.round(seeded(1).normal(size=(400, 3)), 1), np.round(seeded(2).normal(size=(5, 3)), 1)
        expected = brute_prob_cover(X, X_labeled, 60, 0.5)
        assert prob_cover(X, X_labeled, 60, 0.5).tolist() == expected
        monkeypatch.setattr(PROB_COVER, "FEW", 7)
        monkeypatch.setattr(PROB_COVER, "MANY", 31)
        assert prob_cover(X, X_labeled, 60, 0.5).tolist() == expected

    @pytest.mark.parametrize("scale", [1e-100, 1e-20, 1e20, 1e100])
    def test_the_unit_makes_no_difference(self, scale):
        X = seeded(3).normal(size=(80, 2))
        expected = brute_prob_cover(X, X[:0], 20, 0.4)
        assert prob_cover(X * scale, X[:0], 20, 0.4 * scale).tolist() == expected

    def test_an_outlier_far_away_does_not_blur_the_others(self):
        X = np.concatenate([seeded(3).normal(size=(80, 2)), [[1e7, 0]]])
        assert prob_cover(X, X[:0], 20, 0.4).tolist() == brute_prob_cover(X, X[:0], 20, 0.4)

    def test_it_agrees_with_scikit_activeml(self):
        pool = pytest.importorskip("skactiveml.pool")
        X = seeded(7).normal(size=(100, 2))
        theirs = pool.ProbCover(n_classes=2, deltas=[0.5], random_state=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            first = theirs.query(X, np.full(100, np.nan), batch_size=1)
        near = cdist(X, X) <= 0.5
        assert near[first[0]].sum() == near[prob_cover(X, X[:0], 1, 0.5)[0]].sum()

    def test_it_takes_little_memory_even_when_everything_is_near(self):
        X = seeded().normal(size=(5000, 4))
        tracemalloc.start()
        prob_cover(X, X[:0], 3, 100.0)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 5000 * 5000 / 4


class TestCoverRadius:
    @pytest.mark.parametrize("purity", [0.5, 0.95, 1.0])
    @pytest.mark.parametrize("n_clusters", [2, 5])
    def test_it_is_the_largest_at_which_enough_balls_are_pure(self, n_clusters, purity):
        X = seeded(1).normal(size=(200, 2))
        radius = cover_radius(X, n_clusters, seeded(), purity)
        cluster, _ = k_means(X, n_clusters, seeded())
        distance = cdist(X, X)

        def share(radius):
            other = cluster[:, None] != cluster
            return 1 - (other & (distance <= radius)).any(axis=1).mean()

        assert share(radius * (1 - 1e-9)) >= purity > share(radius * (1 + 1e-9))

    def test_the_radius_found_is_one_that_keeps_clouds_apart(self):
        X, number = blobs(300, n_blobs=3, spread=0.05)
        radius = cover_radius(X, 3, seeded())
        apart = cdist(X, X)[number[:, None] != number].min()
        assert radius >= apart * (1 - 1e-12)
        assert set(number[prob_cover(X, X[:0], 3, radius)]) == {0, 1, 2}

    def test_more_rows_than_balls_give_nearly_the_same(self, monkeypatch):
        X, _ = blobs(1500, spread=1.0)
        full = cover_radius(X, 4, seeded())
        monkeypatch.setattr(PROB_COVER, "_MOST_BALLS", 700)
        assert cover_radius(X, 4, seeded()) == pytest.approx(full, rel=0.5)

    def test_both_precisions_give_the_same(self):
        X, _ = blobs(300, spread=1.0)
        assert cover_radius(X, 4, seeded()) == cover_radius(X.astype(np.float32), 4, seeded())

    @pytest.mark.parametrize("X", [np.empty((0, 2)), np.ones((1, 2)), np.ones((9, 2))])
    def test_one_cluster_is_pure_at_any_radius(self, X):
        assert cover_radius(X, 3, seeded()) == np.inf


KERNELS = {
    "k_means": lambda X, L: k_means(X, 3, seeded())[0],
    "k_means_batch": lambda X, L: k_means_batch(X, 4, seeded()),
    "typiclust": lambda X, L: typiclust(X, L, 4, seeded()),
    "prob_cover": lambda X, L: prob_cover(X, L, 4, 0.7),
    "cover_radius": lambda X, L: cover_radius(X, 3, seeded()),
}


@pytest.mark.parametrize("name", KERNELS)
def test_however_the_samples_lie_in_memory_the_answer_is_the_same_and_they_are_left_alone(name, tmp_path):
    X, X_labeled = blobs(90)[0], blobs(5, seed=1)[0]
    expected = KERNELS[name](X, X_labeled)
    read_only = X.copy()
    read_only.setflags(write=False)
    np.save(tmp_path / "X.npy", X)
    wide = np.repeat(np.repeat(X, 2, axis=0), 2, axis=1)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    for other in (read_only, mapped, np.asfortranarray(X), wide[::2, ::2], X.astype(np.float32)):
        before = other.copy()
        np.testing.assert_array_equal(KERNELS[name](other, X_labeled), expected)
        np.testing.assert_array_equal(other, before)


@pytest.mark.parametrize("name", KERNELS)
def test_whole_numbers_and_constant_columns_are_samples_too(name):
    X = np.stack([np.arange(12) ** 2, np.ones(12)], axis=1)
    np.testing.assert_array_equal(KERNELS[name](X.astype(int), X[:2].astype(int)), KERNELS[name](X, X[:2]))


@pytest.mark.parametrize("name", ["k_means_batch", "typiclust", "prob_cover"])
@pytest.mark.parametrize("n_rows", [0, 1])
def test_a_pool_of_no_row_or_one_is_given_whole(name, n_rows):
    picks = KERNELS[name](np.ones((n_rows, 2)), np.ones((1, 2)))
    assert picks.tolist() == list(range(n_rows))
    assert picks.dtype == np.intp


@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize(
    ("X", "cure"),
    [
        (np.array([[0.0], [np.nan]]), "X row 1 is not finite; expected numbers to measure distances between"),
        (np.array([[0.0], [np.inf]]), "X row 1 is not finite"),
        (np.ones(3), r"X is an ndarray of shape \(3,\) and dtype float64; expected an array of numbers"),
        ([[1.0]], "X is a list"),
    ],
)
def test_a_matrix_that_is_none_is_refused(name, X, cure):
    with pytest.raises(ValueError, match=cure):
        KERNELS[name](X, np.ones((1, 1)))


@pytest.mark.parametrize(
    ("call", "cure"),
    [
        (lambda X, rng: k_means(X, 0, rng), "n_clusters is 0; expected 1 or more"),
        (lambda X, rng: k_means(X, -1, rng), "n_clusters is -1; expected 0 or more"),
        (lambda X, rng: cover_radius(X, 0, rng), "n_clusters is 0; expected 1 or more"),
        (lambda X, rng: cover_radius(X, 2, rng, 0.0), "purity is 0.0; expected a share above 0, at most 1"),
        (lambda X, rng: cover_radius(X, 2, rng, np.nan), "purity is nan"),
        (lambda X, rng: prob_cover(X, X, 1, -1.0), "radius is -1.0; expected 0 or more. cover_radius finds one"),
        (lambda X, rng: prob_cover(X, X, 1, np.nan), "radius is nan"),
        (lambda X, rng: prob_cover(X, X[:, :1], 1, 1.0), "expected two matrices with the same number of columns"),
        (lambda X, rng: typiclust(X, X[:, :1], 1, rng), "expected two matrices with the same number of columns"),
        (lambda X, rng: typiclust(csr_matrix(X), X, 1, rng), "with TruncatedSVD"),
        (lambda X, rng: cover_radius(csr_matrix(X), 1, rng), "with TruncatedSVD"),
        (lambda X, rng: typiclust(X, X, -1, rng), "n is -1; expected 0 or more"),
        (lambda X, rng: k_means_batch(X, -1, rng), "n is -1; expected 0 or more"),
        (lambda X, rng: prob_cover(X, X, -1, 1.0), "n is -1; expected 0 or more"),
        (lambda X, rng: k_means(csc_matrix(X), 1, rng), r"X is a csc matrix of dtype float64; .* Call X.tocsr\(\)"),
        (lambda X, rng: k_means(csr_matrix(X * np.nan), 1, rng), "X row 0 is not finite"),
        (lambda X, rng: k_means(csr_matrix([[0.0], [np.inf]]), 1, rng), "X row 1 is not finite"),
        (lambda X, rng: k_means(X, 1, rng, np.array([1, -1, 0.0])), "weights row 1 is -1.0; expected a finite number"),
        (lambda X, rng: k_means(X, 1, rng, np.array([1, np.nan, 0])), "weights row 1 is nan"),
        (lambda X, rng: k_means_batch(X, 1, rng, np.array([1, 0, np.inf])), "weights row 2 is inf"),
        (lambda X, rng: k_means(X, 1, rng, np.ones(2)), r"weights have shape \(2,\) .* expected 3 numbers"),
        (lambda X, rng: k_means(X, 1, rng, [1, 1, 1]), "weights have shape list"),
    ],
)
def test_a_wrong_argument_is_refused(call, cure):
    with pytest.raises(ValueError, match=cure):
        call(np.eye(3)[:, :2] + 1, seeded())


def test_a_number_of_rows_that_is_not_whole_is_refused():
    for call in (
        lambda: k_means(np.eye(3), 1.5, seeded()),
        lambda: k_means_batch(np.eye(3), 1.5, seeded()),
        lambda: typiclust(np.eye(3), np.eye(3), 1.5, seeded()),
        lambda: prob_cover(np.eye(3), np.eye(3), 1.5, 1.0),
    ):
        with pytest.raises(TypeError, match=r"1\.5; expected a whole number"):
            call()
