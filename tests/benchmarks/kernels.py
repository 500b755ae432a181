"""Ours, the other libraries and the limit of the machine side by side: python -m tests.benchmarks.kernels.

Prints the table and writes docs/speed.md. --quick runs everything in small and --only NAME some cases; neither
writes the page. Needs the extra `bench`.
"""

import argparse

import numpy as np
from scipy.stats import spearmanr
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from alwidgets import kernels
from alwidgets.data.pool import take
from alwidgets.loop.plan import model_spec
from alwidgets.strategies import PoolView
from alwidgets.strategies.choose import choose
from tests.benchmarks import page, peers
from tests.benchmarks.memory_map import memory_map
from tests.benchmarks.samples import embeddings, probabilities
from tests.benchmarks.side_by_side import Case, Peer, Row, SideBySide, table

N_LABELED, N_FEATURES, N_CLASSES, N_MEMBERS = 200, 64, 10, 5
N_SEEDS = 3


def rng():
    return np.random.default_rng(0)


def modal_sampling(name, proba, n):
    from modAL import uncertainty

    sampling = getattr(uncertainty, f"{name}_sampling")
    return lambda: sampling(peers.StoredLearner(proba), proba, n_instances=n)[0]


def skactiveml_sampling(method, proba, n):
    from skactiveml.pool import uncertainty_scores
    from skactiveml.utils import simple_batch

    return lambda: simple_batch(uncertainty_scores(proba, method=method), random_state=0, batch_size=n)


def layouts(proba):
    """Return the probabilities as ours may get them, by what to call it."""
    single = proba.astype(np.float32)
    return {"float64": proba, "float32": single, "float32 class-major": np.asfortranarray(single)}


def uncertainty_case(side, kernel, modal, goals, skactiveml=None, **own_goals):
    """Yield a case for each layout: `goals` are the ratios to modAL, `skactiveml` a method's name and its ratio."""
    proba, n = probabilities(side.size(1_000_000), N_CLASSES), side.size(100)
    for layout, given in layouts(proba).items():
        if layout not in goals:
            continue
        others = [Peer("modAL", modal_sampling(modal, proba, n), goals[layout])]
        if skactiveml and layout == "float64":
            method, goal = skactiveml
            others.append(Peer("scikit-activeml", skactiveml_sampling(method, proba, n), goal))
        yield from side.compare(
            Case(
                f"{kernel.__name__.replace('_', ' ')}, top {n} of {len(proba):,} x {N_CLASSES}, {layout} in",
                lambda given=given: kernels.most_uncertain(kernel, given, n, rng())[0],
                tuple(others),
                reads=given,
                most_passes=own_goals.get("most_passes") if layout == "float32" else None,
            )
        )


def entropy(side):
    goals = {"float64": 8, "float32": 12}
    return uncertainty_case(side, kernels.entropy, "entropy", goals, ("entropy", 60), most_passes=8)


def margin(side):
    goals = {"float64": 4, "float32": 7, "float32 class-major": 12}
    return uncertainty_case(side, kernels.margin, "margin", goals, ("margin_sampling", None))


def least_confidence(side):
    goals = {"float64": 4, "float32": 7, "float32 class-major": 12}
    return uncertainty_case(side, kernels.least_confidence, "uncertainty", goals, ("least_confident", None))


def hundred_classes(side):
    proba, n = probabilities(side.size(1_000_000), 100), side.size(100)
    for given in (proba, proba.astype(np.float32)):
        for kernel in (kernels.entropy, kernels.margin):
            yield from side.compare(
                Case(
                    f"hundred classes, {kernel.__name__}, top {n} of {len(proba):,} x 100, {given.dtype} in",
                    lambda kernel=kernel, given=given: kernels.most_uncertain(kernel, given, n, rng())[0],
                    (Peer("modAL", modal_sampling(kernel.__name__, proba, n), 8),),
                    reads=given,
                    most_megabytes=16,
                )
            )


def vote_entropy(side):
    from modAL.disagreement import vote_entropy as modal
    from skactiveml.pool import vote_entropy as skactiveml

    votes = rng().integers(N_CLASSES, size=(side.size(1_000_000), N_MEMBERS))
    committee, classes = peers.StoredCommittee(N_MEMBERS, N_CLASSES, votes=votes), np.arange(N_CLASSES)
    return side.compare(
        Case(
            f"vote entropy, {len(votes):,} x {N_MEMBERS} members, {N_CLASSES} classes, int64 in",
            lambda: kernels.vote_entropy(votes, N_CLASSES),
            (
                Peer("modAL", lambda: modal(committee, votes), 400),
                Peer("scikit-activeml", lambda: skactiveml(votes, classes), 100),
            ),
            reads=votes,
        )
    )


def kl_to_consensus(side):
    from modAL.disagreement import KL_max_disagreement as modal
    from skactiveml.pool import average_kl_divergence as skactiveml

    n = side.size(1_000_000)
    probas = np.stack([probabilities(n, N_CLASSES, seed) for seed in range(N_MEMBERS)])
    committee = peers.StoredCommittee(N_MEMBERS, N_CLASSES, probas=np.ascontiguousarray(probas.swapaxes(0, 1)))
    own = probas.copy()  # scikit-activeml clips and divides in place what it is given
    modal_peer = Peer("modAL", lambda: modal(committee, probas[0]), 25)
    skactiveml_peer = Peer("scikit-activeml", lambda: skactiveml(own), 8)
    for given in (probas, probas.astype(np.float32)):
        for reduce, peer in (("max", modal_peer), ("mean", skactiveml_peer)):
            yield from side.compare(
                Case(
                    f"KL to consensus, {reduce}, {n:,} x {N_MEMBERS} members, {N_CLASSES} classes, {given.dtype} in",
                    lambda given=given, reduce=reduce: kernels.kl_to_consensus(given, reduce),
                    (peer,),
                    reads=given,
                )
            )


def labeled_pool(side):
    """Return embeddings, how many of the first are labeled, and labels as scikit-activeml wants them."""
    X, n_labeled = embeddings(side.size(100_000), N_FEATURES), side.size(N_LABELED)
    y = np.full(len(X), np.nan)
    y[:n_labeled] = np.arange(n_labeled) % N_CLASSES
    return X, n_labeled, y


def k_center(side):
    from skactiveml.pool import CoreSet

    X, n_labeled, y = labeled_pool(side)
    n = side.size(1000)
    ours = lambda: kernels.k_center(X[n_labeled:], X[:n_labeled], n) + n_labeled  # noqa: E731
    return side.compare(
        Case(
            f"k-center, {n:,} of {len(X):,} x {N_FEATURES}",
            ours,
            (Peer("scikit-activeml", lambda: CoreSet(random_state=0).query(X, y, batch_size=n), 80),),
            reads=X,
            product=(X, X[:n].T),
            same_picks=True,
        )
    )


def badge(side):
    from skactiveml.pool import Badge

    X, n_labeled, y = labeled_pool(side)
    n, proba = side.size(100), probabilities(len(X) - n_labeled, N_CLASSES)
    classifier = peers.stored_classifier(proba)
    return side.compare(
        Case(
            f"BADGE, {n} of {len(X):,} x {N_FEATURES}, {N_CLASSES} classes",
            lambda: kernels.badge(X[n_labeled:], proba, n, rng()),
            (
                Peer(
                    "scikit-activeml",
                    lambda: Badge(random_state=0).query(X, y, classifier, fit_clf=False, batch_size=n),
                    500,
                ),
                Peer("small-text's k-means++", peers.small_text_seeds(X[n_labeled:], proba, n), 500),
            ),
            reads=X,
        )
    )


def ranked_batch(side):
    from modAL.batch import ranked_batch as modal

    X, n_labeled, _ = labeled_pool(side)
    n, utility = side.size(100), rng().random(len(X) - n_labeled)
    learner = peers.StoredLearner(None, X[:n_labeled])
    return side.compare(
        Case(
            f"ranked batch, {n} of {len(X):,} x {N_FEATURES}",
            lambda: kernels.ranked_batch(utility, X[n_labeled:], X[:n_labeled], n),
            (Peer("modAL", lambda: modal(learner, X[n_labeled:], utility, n, "euclidean", None)[0], 50),),
            reads=X,
            product=(X, X[:n].T),
            same_picks=True,
        )
    )


def information_density(side):
    from modAL.density import information_density as modal

    X = embeddings(side.size(10_000), N_FEATURES)
    yield from side.compare(
        Case(
            f"information density, cosine, {len(X):,} x {N_FEATURES}",
            lambda: kernels.information_density(X),
            (Peer("modAL", lambda: modal(X, "cosine"), 500),),
            reads=X,
        )
    )
    large = embeddings(side.size(1_000_000), N_FEATURES)
    yield from side.compare(
        Case(
            f"information density, cosine, {len(large):,} x {N_FEATURES}, which is {large.nbytes / 1e6:,.0f} MB",
            lambda: kernels.information_density(large),
            reads=large,
            most_megabytes=large.nbytes / 1e6,
        )
    )


def typiclust(side):
    from skactiveml.pool import TypiClust

    X, n_labeled, y = labeled_pool(side)
    n = side.size(100)
    others = tuple(
        Peer(
            f"scikit-activeml, KMeans, k={k}",
            lambda k=k: TypiClust(random_state=0, k=k).query(X, y, batch_size=n),
            15,
        )
        for k in (5, 20)
    )
    return side.compare(
        Case(
            f"TypiClust, {n} of {len(X):,} x {N_FEATURES}, {n_labeled} labeled, k=20",
            lambda: kernels.typiclust(X[n_labeled:], X[:n_labeled], n, rng()),
            others,
            reads=X,
        )
    )


class Digits:
    """Standardized digits, 100 labeled, and a logistic regression fitted on them."""

    def __init__(self, n_candidates, seed=0):
        X, y = load_digits(return_X_y=True)
        rows = np.random.default_rng(seed).permutation(len(X))
        X = StandardScaler().fit_transform(X)[rows]
        self.X_labeled, self.y_labeled = X[:100], y[rows[:100]]
        self.X = X[100 : 100 + n_candidates]
        self.learner = peers.fitted(LogisticRegression(max_iter=1000), self.X_labeled, self.y_labeled)

    def one_step(self):
        proba = self.learner.predict_proba(self.X)
        of_labeled = self.learner.predict_proba(self.X_labeled)
        return kernels.expected_error_one_step(self.X, proba, self.X, proba, self.X_labeled, of_labeled)

    def exact(self):
        return kernels.expected_error(self.learner.predict_proba(self.X), self._proba_after)

    def _proba_after(self, i, c):
        X, y = np.vstack([self.X_labeled, self.X[i]]), np.append(self.y_labeled, c)
        return LogisticRegression(max_iter=1000).fit(X, y).predict_proba(self.X)


def expected_error(side):
    modal, n = peers.modal_expected_error(), side.size(200)
    digits = Digits(n)
    work = f"expected error, {n} candidates, 10 classes, digits"
    yield from side.compare(
        Case(
            f"{work}: Newton steps beside modAL's refits",
            digits.one_step,
            (Peer("modAL", lambda: modal(digits.learner, digits.X, "log"), 100),),
        )
    )
    draws = [Digits(n, seed) for seed in range(min(N_SEEDS, side.n_rounds))]
    yield agreement(f"{work}: Newton steps beside exact refits", draws)


def agreement(work, draws):
    """Return how Newton steps rank the candidates beside refits, for each draw of the labeled set."""
    alike, ranks = [], []
    for digits in draws:
        with threadpool_limits(1):
            steps, exact = digits.one_step(), digits.exact()
        alike.append(len(set(np.argsort(steps)[-10:]) & set(np.argsort(exact)[-10:])))
        ranks.append(f"{spearmanr(steps, exact).statistic:.3f}")
    return Row(work, f"{', '.join(map(str, alike))} of the ten best, rank correlation {', '.join(ranks)}")


def whole_cycle(side):
    """Refit, score, select: 10 more of a pool of which 2,000 are labeled."""
    double = embeddings(side.size(100_000), 384).astype(np.float64)
    for n_classes, strategy, goals in ((10, "entropy", (6, 4)), (2, "margin", (9, 6))):
        for X, goal in zip((double, double.astype(np.float32)), goals, strict=True):
            yield from side.compare(cycle_case(X, side.size(2000), n_classes, strategy, goal))


def cycle_case(X, n_labeled, n_classes, strategy, goal):
    y, classes = np.arange(len(X)) % n_classes, np.arange(n_classes)
    labeled, pool = np.arange(n_labeled), np.arange(n_labeled, len(X))
    ours, n = model_spec(LogisticRegression(max_iter=1000), strategy), 10
    pool_of = f"pool {len(X):,} x {X.shape[1]} {X.dtype}"

    def our_cycle():
        learner = ours.fit(take(X, labeled), y[labeled], 0)
        view = PoolView(X, pool, labeled, y[labeled], classes, learner, rng())
        return choose(ours.strategy, view, n).rows

    return Case(
        f"whole cycle, {pool_of}, {n_classes} classes, {n_labeled:,} labels, {strategy}, batch {n}",
        our_cycle,
        (Peer("modAL", modal_cycle(X[n_labeled:].copy(), X[:n_labeled], y[:n_labeled], strategy, n), goal),),
        reads=X,
        product=(X, np.ones((X.shape[1], n_classes), X.dtype)),
        threads_at_default=True,
    )


def modal_cycle(X_pool, X_labeled, y_labeled, strategy, n):
    """Return a cycle as modAL's users write it: the rows that are asked leave the pool."""
    from modAL import uncertainty

    sampling = getattr(uncertainty, f"{strategy}_sampling")

    def cycle():
        classifier = LogisticRegression(max_iter=1000).fit(X_labeled, y_labeled)
        asked = sampling(classifier, X_pool, n_instances=n)[0]
        np.delete(X_pool, asked, axis=0)
        return asked + len(X_labeled)

    return cycle


#: Name -> what yields its rows; the work of each row begins with the name.
CASES = {
    "entropy": entropy,
    "margin": margin,
    "least confidence": least_confidence,
    "hundred classes": hundred_classes,
    "vote entropy": vote_entropy,
    "KL to consensus": kl_to_consensus,
    "k-center": k_center,
    "BADGE": badge,
    "ranked batch": ranked_batch,
    "information density": information_density,
    "TypiClust": typiclust,
    "expected error": expected_error,
    "whole cycle": whole_cycle,
    "memory map": memory_map,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small sizes, one round: to see that it works")
    parser.add_argument("--only", nargs="+", choices=CASES, metavar="NAME", help=", ".join(CASES))
    arguments = parser.parse_args()
    side, rows = SideBySide(quick=arguments.quick), []
    for name in arguments.only or CASES:
        print(f"{name} ...", flush=True)
        rows += CASES[name](side)
    print(table(rows))
    if not (arguments.quick or arguments.only):
        page.write(rows)


if __name__ == "__main__":
    main()
