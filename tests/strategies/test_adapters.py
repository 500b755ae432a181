"""Strategies of other libraries in our sessions, and ours in a bare modAL loop."""

import importlib
import pickle
import sys
from functools import partial

import numpy as np
import pandas as pd
import pytest
from modAL.batch import uncertainty_batch_sampling
from modAL.disagreement import consensus_entropy_sampling, max_disagreement_sampling, vote_entropy_sampling
from modAL.models import ActiveLearner as TheirLearner
from modAL.models import Committee as TheirCommittee
from modAL.uncertainty import entropy_sampling, margin_sampling, uncertainty_sampling
from scipy.sparse import csr_matrix
from scipy.stats import entropy
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_iris
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

import alwidgets as alw
from alwidgets.models.modal import ActiveLearner
from alwidgets.strategies import NAMED, PoolView, mix, phases
from alwidgets.strategies.adapters import FromModal
from alwidgets.strategies.choose import choose, resolve, strategy_name

# Of small-text's own, at every data set and core-set it makes.
pytestmark = [
    pytest.mark.filterwarnings("ignore:The function get_flattened_unique_labels:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Default distance metric has changed:UserWarning"),
]

X, CODES = load_iris(return_X_y=True)
NAMES = np.array(["setosa", "versicolor", "virginica"])[CODES]
LABELED = np.array([0, 1, 50, 51, 100, 101, 120])
CANDIDATES = np.setdiff1d(np.arange(150), LABELED)
WORDS = np.array(["ham", "spam", "parcel", "fee", "meeting", "lunch", "win", "prize"])


def learner_of(y, estimator=None):
    return ActiveLearner(estimator or LogisticRegression(), X_training=X[LABELED], y_training=y[LABELED])


def committee_of(y):
    members = alw.committee([LogisticRegression(), GaussianNB(), KNeighborsClassifier(3)])
    return members.fit(X[LABELED], y[LABELED])


def view_of(learner, y=NAMES, seed=0, **changes):
    given = {
        "X": X,
        "candidates": CANDIDATES,
        "labeled": LABELED,
        "labels": y[LABELED],
        "classes": np.unique(y),
        "learner": learner,
        "rng": np.random.default_rng(seed),
    }
    return PoolView(**(given | changes))


def furthest(learner, X_pool, n_instances=1, power=1):
    """A modAL strategy as a user writes it, which draws from NumPy's global generator."""
    distance = np.abs(X_pool - X_pool.mean(axis=0)).sum(axis=1) ** power
    noise = np.random.random(len(X_pool)) * 1e-9  # noqa: NPY002
    return np.argsort(-distance - noise)[:n_instances]


def skactiveml(name, **options):
    pytest.importorskip("skactiveml")
    return alw.from_skactiveml(getattr(importlib.import_module("skactiveml.pool"), name)(**options))


def small_text(name, *args, **options):
    library = pytest.importorskip("small_text")
    if args == ("inner",):
        args = (library.BreakingTies(),)
    return alw.from_small_text(getattr(library, name)(*args, **options))


MODAL = {
    "uncertainty_sampling": uncertainty_sampling,
    "margin_sampling": margin_sampling,
    "entropy_sampling": entropy_sampling,
    "random ties": partial(uncertainty_sampling, random_tie_break=True),
    "uncertainty_batch_sampling": uncertainty_batch_sampling,
    "cityblock batch": partial(uncertainty_batch_sampling, metric="cityblock"),
    "a user's own": furthest,
    "a partial of a user's own": partial(furthest, power=2),
}
VOTING = {
    "vote_entropy_sampling": vote_entropy_sampling,
    "consensus_entropy_sampling": consensus_entropy_sampling,
    "max_disagreement_sampling": max_disagreement_sampling,
}
EUCLIDEAN = {"distance_metric": "euclidean", "normalize": False}
MAKERS = {
    **{f"modAL {name}": partial(alw.from_modal, each) for name, each in {**MODAL, **VOTING}.items()},
    "skactiveml entropy": partial(skactiveml, "UncertaintySampling", method="entropy", random_state=0),
    "skactiveml random": partial(skactiveml, "RandomSampling"),
    "skactiveml CoreSet": partial(skactiveml, "CoreSet", random_state=0),
    "skactiveml Badge": partial(skactiveml, "Badge"),
    "skactiveml TypiClust": partial(skactiveml, "TypiClust"),
    "skactiveml ContrastiveAL": partial(skactiveml, "ContrastiveAL"),
    "skactiveml Falcun": partial(skactiveml, "Falcun"),
    "skactiveml Clue": partial(skactiveml, "Clue"),
    "skactiveml ProbCover": partial(skactiveml, "ProbCover"),
    "skactiveml DiscriminativeAL": partial(skactiveml, "DiscriminativeAL"),
    "skactiveml QueryByCommittee": partial(skactiveml, "QueryByCommittee"),
    "skactiveml GreedyBALD": partial(skactiveml, "GreedyBALD"),
    "small-text BreakingTies": partial(small_text, "BreakingTies"),
    "small-text LeastConfidence": partial(small_text, "LeastConfidence"),
    "small-text PredictionEntropy": partial(small_text, "PredictionEntropy"),
    "small-text RandomSampling": partial(small_text, "RandomSampling"),
    "small-text GreedyCoreset": partial(small_text, "GreedyCoreset", **EUCLIDEAN),
    "small-text LightweightCoreset": partial(small_text, "LightweightCoreset"),
    "small-text EmbeddingKMeans": partial(small_text, "EmbeddingKMeans"),
    "small-text ContrastiveActiveLearning": partial(small_text, "ContrastiveActiveLearning", k=5),
    "small-text subsampled": partial(small_text, "SubsamplingQueryStrategy", "inner", subsample_size=40),
}
every_adapter = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


def suited(strategy, y):
    return committee_of(y) if any(need.startswith("vote") for need in strategy.needs) else learner_of(y)


def global_state():
    return np.random.get_state()[1].tolist()  # noqa: NPY002


# What every adapter owes a session.


@every_adapter
@pytest.mark.parametrize("y", [NAMES, CODES], ids=["str", "int"])
def test_a_foreign_strategy_gives_as_many_distinct_candidates_as_asked(make, y):
    strategy = make()
    learner = suited(strategy, y)
    assert resolve(strategy, learner) is strategy
    for n in (1, 2, 5):
        rows = choose(strategy, view_of(learner, y), n).rows
        assert len(set(rows.tolist())) == n
        assert set(rows.tolist()) <= set(CANDIDATES.tolist())


@every_adapter
def test_a_batch_larger_than_the_pool_is_the_pool_and_none_is_none(make):
    strategy = make()
    learner = suited(strategy, NAMES)
    few = CANDIDATES[[3, 60, 110, 142]]
    assert set(choose(strategy, view_of(learner, candidates=few), 9).rows.tolist()) == set(few.tolist())
    assert choose(strategy, view_of(learner, candidates=few[:0]), 9).rows.shape == (0,)


@every_adapter
def test_the_seed_decides_and_numpy_s_global_generator_neither_matters_nor_changes(make):
    strategy = make()
    learner = suited(strategy, NAMES)
    np.random.seed(1)  # noqa: NPY002
    before = global_state()
    first = choose(strategy, view_of(learner, seed=3), 6).rows
    assert global_state() == before
    np.random.seed(2)  # noqa: NPY002
    np.testing.assert_array_equal(choose(strategy, view_of(learner, seed=3), 6).rows, first)


@pytest.mark.parametrize("name", ["modAL random ties", "skactiveml random", "small-text RandomSampling"])
def test_another_seed_draws_others(name):
    strategy = MAKERS[name]()
    learner = learner_of(NAMES, KNeighborsClassifier(1))
    assert len({tuple(choose(strategy, view_of(learner, seed=seed), 5).rows) for seed in range(4)}) > 1


@every_adapter
def test_what_the_user_gave_stays_as_it_was(make):
    strategy = make()
    learner = suited(strategy, NAMES)
    given, samples, candidates = pickle.dumps(strategy.query_strategy), X.copy(), CANDIDATES.copy()
    view = view_of(learner)
    own = learner.query_strategy
    view.features.at(CANDIDATES)
    choose(strategy, view, 5)
    assert pickle.dumps(strategy.query_strategy) == given
    np.testing.assert_array_equal(X, samples)
    np.testing.assert_array_equal(CANDIDATES, candidates)
    assert learner.query_strategy is own
    assert not learner.on_transformed
    np.testing.assert_array_equal(learner.X_training, X[LABELED])


@every_adapter
def test_a_session_runs_with_it_and_repeats_itself(make):
    strategy, y = make(), NAMES
    voting = any(need.startswith("vote") for need in strategy.needs)
    rows = np.r_[0:20, 50:70, 100:120]

    def asked():
        session = alw.Session(
            X[rows], classes=np.unique(y).tolist(), strategy=strategy, batch_size=4, random_state=5,
            test=(X[::9], y[::9]),
            learner=alw.committee(GaussianNB(), 3) if voting else LogisticRegression(),
        )  # fmt: skip
        labels = session.run(y[rows], n_labels=20).labels
        session.close()
        return labels["item"].tolist(), set(labels["strategy"])

    items, strategies = asked()
    assert len(set(items)) == 20
    assert strategy.__name__ in strategies
    assert asked()[0] == items


# modAL's.


@pytest.mark.parametrize("function", [*MODAL.values(), *VOTING.values()], ids=[*MODAL, *VOTING])
def test_a_function_that_takes_n_instances_is_known_to_be_modal_s(function):
    learner = committee_of(NAMES)
    plain = resolve(function, learner)
    assert isinstance(plain, FromModal)
    np.testing.assert_array_equal(
        choose(plain, view_of(learner), 5).rows, choose(alw.from_modal(function), view_of(learner), 5).rows
    )


def test_strategies_made_of_strategies_take_modal_s_too():
    learner = learner_of(NAMES)
    both = mix({entropy_sampling: 0.5, "k_center": 0.5})
    assert strategy_name(both) == "mix(entropy_sampling 0.5, k_center 0.5)"
    first = choose(both, view_of(learner), 1).rows
    assert first[0] in (
        choose(NAMED["entropy"], view_of(learner), 1).rows[0],
        choose(NAMED["k_center"], view_of(learner), 1).rows[0],
    )
    with pytest.raises(ValueError, match="LinearSVC has no predict_proba, which 'margin_sampling' needs"):
        resolve(phases("margin", margin_sampling), ActiveLearner(LinearSVC()))


def test_a_function_of_a_view_is_not_taken_for_modal_s():
    def by_width(view):
        return view.X[view.candidates, 1]

    assert resolve(by_width, LogisticRegression()) is by_width
    assert resolve(max, LogisticRegression()) is max


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [(uncertainty_sampling, "least_confidence"), (margin_sampling, "margin"), (entropy_sampling, "entropy")],
)
def test_modal_s_uncertainties_choose_what_ours_choose(theirs, ours):
    learner = learner_of(NAMES, LogisticRegression(C=0.1))
    expected = choose(NAMED[ours], view_of(learner), 7).rows
    np.testing.assert_array_equal(choose(alw.from_modal(theirs), view_of(learner), 7).rows, expected)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [(consensus_entropy_sampling, "consensus_entropy"), (max_disagreement_sampling, "max_disagreement")],
)
def test_modal_s_committees_choose_what_ours_choose(theirs, ours):
    members = alw.committee([LogisticRegression(), LogisticRegression(C=0.01), LogisticRegression(C=100)])
    members.fit(X[LABELED], NAMES[LABELED])
    expected = choose(NAMED[ours], view_of(members), 7).rows
    np.testing.assert_array_equal(choose(alw.from_modal(theirs), view_of(members), 7).rows, expected)


def test_the_ranked_batch_sees_what_is_labeled():
    learner = learner_of(NAMES)
    chosen = choose(alw.from_modal(uncertainty_batch_sampling), view_of(learner), 1).rows[0]
    distance = np.linalg.norm(X[CANDIDATES, None] - X[LABELED], axis=2).min(axis=1)
    alpha = len(CANDIDATES) / 150
    uncertainty = 1 - learner.predict_proba(X[CANDIDATES]).max(axis=1)
    assert chosen == CANDIDATES[np.argmax(alpha * (1 - 1 / (1 + distance)) + (1 - alpha) * uncertainty)]


@pytest.mark.parametrize("answer", [[3, 9], (np.array([3, 9]), np.array([0.1, 0.2])), np.array([3, 9])])
def test_two_indices_are_two_indices_with_or_without_metrics(answer):
    strategy = alw.from_modal(lambda learner, X_pool, n_instances=1: answer)
    np.testing.assert_array_equal(choose(strategy, view_of(learner_of(NAMES)), 2).rows, CANDIDATES[[3, 9]])


def test_a_batch_whose_ties_are_drawn_comes_best_first():
    learner = learner_of(NAMES)
    rows = choose(alw.from_modal(partial(entropy_sampling, random_tie_break=True)), view_of(learner), 8).rows
    assert (np.diff(entropy(learner.predict_proba(X[rows]).T)) <= 0).all()


def test_a_strategy_that_answers_wrongly_is_named_and_one_that_fails_fails_once():
    calls = []

    def broken(learner, X_pool, n_instances=1):
        calls.append(n_instances)
        raise ZeroDivisionError("mine")

    view = view_of(learner_of(NAMES))
    with pytest.raises(ZeroDivisionError, match="mine"):
        choose(alw.from_modal(broken), view, 2)
    assert calls == [2]
    with pytest.raises(ValueError, match=r"one_only\.select returned shape"):
        choose(alw.from_modal(one_only), view, 2)
    with pytest.raises(ValueError, match="returned -1, which is not a candidate"):
        choose(alw.from_modal(lambda learner, X_pool, n_instances=1: [0, -1]), view, 2)


def one_only(learner, X_pool, n_instances=1):
    return 4


def as_frame(rows):
    return pd.DataFrame(rows, columns=list("abcd"), index=np.arange(len(rows)) * 3 + 7)


@pytest.mark.parametrize("convert", [as_frame, csr_matrix], ids=["DataFrame", "sparse"])
@pytest.mark.parametrize("function", [margin_sampling, uncertainty_batch_sampling])
def test_frames_and_sparse_pools_give_what_arrays_give(convert, function):
    samples = convert(X)
    taken = samples.iloc[LABELED] if isinstance(samples, pd.DataFrame) else samples[LABELED]
    learner = ActiveLearner(LogisticRegression(), X_training=taken, y_training=NAMES[LABELED])
    rows = choose(alw.from_modal(function), view_of(learner, X=samples), 4).rows
    np.testing.assert_array_equal(rows, choose(alw.from_modal(function), view_of(learner_of(NAMES)), 4).rows)


def texts(n=40):
    generator = np.random.default_rng(2)
    y = generator.integers(2, size=n)
    return [" ".join(generator.choice(WORDS[code::2], 4)) for code in y], np.array(["ham", "spam"])[y]


TEXT_STRATEGIES = {
    "margin": lambda: margin_sampling,
    "ranked batch": lambda: uncertainty_batch_sampling,
    "CoreSet": MAKERS["skactiveml CoreSet"],
    "entropy": MAKERS["skactiveml entropy"],
    "BreakingTies": MAKERS["small-text BreakingTies"],
    "EmbeddingKMeans": MAKERS["small-text EmbeddingKMeans"],
}


@pytest.mark.parametrize("make", TEXT_STRATEGIES.values(), ids=TEXT_STRATEGIES)
def test_texts_are_compared_behind_the_pipeline(make):
    pool, y = texts()
    learner = make_pipeline(TfidfVectorizer(), LogisticRegression())
    session = alw.Session(pool, classes=["ham", "spam"], learner=learner, strategy=make(), random_state=0)
    labels = session.run(y, n_labels=25).labels
    session.close()
    asked = labels[labels["via"] != "duplicate"]
    assert asked["item"].nunique() == 25
    assert asked["strategy"].nunique() == 2


def test_missing_values_pass_through_to_a_model_that_takes_them():
    holes = X.copy()
    holes[::7, 1] = np.nan
    learner = ActiveLearner(
        HistGradientBoostingClassifier(max_iter=3, min_samples_leaf=1),
        X_training=holes[LABELED], y_training=NAMES[LABELED], force_all_finite=False,
    )  # fmt: skip
    for strategy in (alw.from_modal(margin_sampling), MAKERS["skactiveml CoreSet"](), MAKERS["skactiveml Badge"]()):
        assert len(choose(strategy, view_of(learner, X=holes), 5).rows) == 5


def test_a_learner_that_cannot_do_what_modal_s_function_asks_is_told_the_cure():
    with pytest.raises(ValueError, match=r"LinearSVC has no predict_proba, which 'entropy_sampling' needs; .*Calib"):
        alw.Session(X, classes=np.unique(NAMES).tolist(), learner=LinearSVC(), strategy=entropy_sampling)
    with pytest.raises(ValueError, match=r"'vote_entropy_sampling' needs several that vote; .*alwidgets.committee\("):
        alw.Session(X, classes=np.unique(NAMES).tolist(), learner=GaussianNB(), strategy=vote_entropy_sampling)
    with pytest.raises(TypeError, match="the learner is a GaussianNB; expected a fitted modAL learner"):
        choose(alw.from_modal(furthest), view_of(GaussianNB()), 1)


@pytest.mark.parametrize("wrong", ["entropy", None, 3, TheirLearner])
def test_what_is_no_modal_strategy_is_refused(wrong):
    with pytest.raises(TypeError, match=r"expected a function f\(learner, X_pool, n_instances=1\)"):
        alw.from_modal(wrong)


# scikit-activeml's and small-text's.


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("skactiveml entropy", "entropy"),
        ("skactiveml CoreSet", "k_center"),
        ("skactiveml QueryByCommittee", "bald"),
        ("small-text BreakingTies", "margin"),
        ("small-text LeastConfidence", "least_confidence"),
        ("small-text PredictionEntropy", "entropy"),
        ("small-text GreedyCoreset", "k_center"),
    ],
)
@pytest.mark.parametrize("y", [NAMES, CODES], ids=["str", "int"])
def test_what_two_libraries_define_alike_chooses_alike(name, ours, y):
    strategy = MAKERS[name]()
    learner = learner_of(y)
    if ours == "bald":
        # Smooth members, so that there are no ties.
        learner = alw.committee([LogisticRegression(C=C) for C in (0.1, 1, 10)]).fit(X[LABELED], y[LABELED])
    expected = choose(NAMED[ours], view_of(learner, y), 6).rows
    np.testing.assert_array_equal(choose(strategy, view_of(learner, y), 6).rows, expected)


def test_skactiveml_s_margin_chooses_as_ours():
    theirs = skactiveml("UncertaintySampling", method="margin_sampling")
    learner = learner_of(NAMES)
    expected = choose(NAMED["margin"], view_of(learner), 6).rows
    np.testing.assert_array_equal(choose(theirs, view_of(learner), 6).rows, expected)


@pytest.mark.parametrize("name", ["skactiveml entropy", "small-text PredictionEntropy"])
def test_classes_in_another_order_than_the_model_s_change_nothing(name):
    learner = learner_of(NAMES)
    turned = view_of(learner, classes=np.unique(NAMES)[::-1])
    expected = choose(NAMED["entropy"], view_of(learner), 6).rows
    np.testing.assert_array_equal(choose(MAKERS[name](), turned, 6).rows, expected)


@pytest.mark.parametrize("name", ["skactiveml entropy", "skactiveml QueryByCommittee", "small-text PredictionEntropy"])
def test_a_class_that_nobody_has_seen_yet_does_not_matter(name):
    strategy = MAKERS[name]()
    learner = suited(strategy, NAMES)
    classes = np.array(["amaryllis", *np.unique(NAMES)])
    np.testing.assert_array_equal(
        choose(strategy, view_of(learner, classes=classes), 3).rows, choose(strategy, view_of(learner), 3).rows
    )


def test_the_model_asked_is_the_session_s_and_not_a_refit():
    skactiveml("Badge")
    learner = learner_of(NAMES, KNeighborsClassifier(3))
    fits = []
    learner.estimator.fit = lambda *args: fits.append(args)
    for name in ("skactiveml entropy", "skactiveml Badge", "skactiveml ContrastiveAL", "small-text BreakingTies"):
        choose(MAKERS[name](), view_of(learner), 3)
    assert fits == []


def test_a_strategy_that_refits_refits_the_session_s_kind_of_model():
    few = np.array([60, 70, 80, 110, 120, 130, 140])
    chosen = choose(skactiveml("ValueOfInformationEER"), view_of(learner_of(NAMES, GaussianNB()), candidates=few), 2)
    assert set(chosen.rows.tolist()) <= set(few.tolist())


def test_labels_that_a_strategy_names_itself_are_understood():
    order = ["virginica", "setosa", "versicolor"]
    strategy = skactiveml("Quire", classes=order)
    rows = choose(strategy, view_of(learner_of(NAMES)), 2).rows
    in_codes = choose(skactiveml("Quire", classes=[2, 0, 1]), view_of(learner_of(CODES), CODES), 2).rows
    np.testing.assert_array_equal(rows, in_codes)
    assert strategy.query_strategy.classes == order


def test_a_strategy_inside_another_follows_the_seed_too():
    pool = pytest.importorskip("skactiveml.pool")
    inner = pool.UncertaintySampling(method="entropy", random_state=0)
    strategy = alw.from_skactiveml(pool.SubSamplingWrapper(inner, max_candidates=30, random_state=1))
    assert strategy.needs == ("predict_proba",)
    rows = {tuple(choose(strategy, view_of(learner_of(NAMES), seed=seed), 4).rows) for seed in (0, 0, 1, 2)}
    assert 1 < len(rows) < 4
    assert inner.random_state == 0


def test_points_that_are_no_samples_are_refused():
    strategy = skactiveml("DropQuery")
    with pytest.raises(ValueError, match=r"which is not a sample of the pool; .* Use another strategy"):
        choose(strategy, view_of(learner_of(NAMES)), 2)


def test_a_learner_that_cannot_do_what_the_strategy_asks_is_told_the_cure():
    with pytest.raises(ValueError, match="LinearSVC has no predict_proba, which 'skactiveml Badge' needs"):
        resolve(MAKERS["skactiveml Badge"](), ActiveLearner(LinearSVC()))
    with pytest.raises(ValueError, match=r"'skactiveml QueryByCommittee' needs several .*alwidgets.committee\("):
        resolve(MAKERS["skactiveml QueryByCommittee"](), ActiveLearner(GaussianNB()))
    with pytest.raises(ValueError, match="LinearSVC has no predict_proba, which 'small-text BreakingTies' needs"):
        resolve(MAKERS["small-text BreakingTies"](), ActiveLearner(LinearSVC()))
    coreset = MAKERS["skactiveml CoreSet"]()
    assert resolve(coreset, ActiveLearner(LinearSVC())) is coreset


def test_texts_without_a_pipeline_are_refused_before_anything_is_labeled():
    pool, _ = texts()
    for name in ("skactiveml CoreSet", "small-text BreakingTies"):
        with pytest.raises(ValueError, match=r"texts need a vectorizer, such as make_pipeline\(TfidfVectorizer"):
            alw.Session(pool, classes=["ham", "spam"], learner=KNeighborsClassifier(1), strategy=MAKERS[name]())


def test_what_is_no_strategy_of_theirs_is_refused():
    pool = pytest.importorskip("skactiveml.pool")
    with pytest.raises(TypeError, match=r"expected an object of a class in skactiveml\.pool"):
        alw.from_skactiveml(pool.CoreSet)
    with pytest.raises(TypeError, match=r"GreedySamplingTarget\.query needs 'reg', which a session has not"):
        alw.from_skactiveml(pool.GreedySamplingTarget())
    pytest.importorskip("small_text")
    with pytest.raises(TypeError, match="'badge'; expected a query strategy of small-text"):
        alw.from_small_text("badge")


@pytest.mark.parametrize(
    ("adapter", "module", "extra"),
    [(alw.from_skactiveml, "skactiveml", "skactiveml"), (alw.from_small_text, "small_text", "small-text")],
)
def test_a_library_that_is_missing_is_named_with_the_extra_that_brings_it(monkeypatch, adapter, module, extra):
    for name in [name for name in sys.modules if name.split(".")[0] == module]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ModuleNotFoundError, match=rf"{module}.* pip install 'alwidgets\[{extra}\]'"):
        adapter(object())


# Ours in a bare modAL loop.


def modal_learner(y, estimator=None, strategy=None):
    return TheirLearner(
        estimator or LogisticRegression(),
        query_strategy=strategy or uncertainty_sampling,
        X_training=X[LABELED],
        y_training=y[LABELED],
    )


def modal_committee(y, strategy=None):
    members = [modal_learner(y, each) for each in (LogisticRegression(), GaussianNB(), KNeighborsClassifier(3))]
    return TheirCommittee(members, query_strategy=strategy or vote_entropy_sampling)


def driven(name, y, strategy):
    """Return a learner of modAL's own and one of ours that ask by this strategy."""
    if NAMED[name].needs[:1] in (("vote",), ("vote_proba",)):
        ours = committee_of(y)
        ours.query_strategy = strategy
        return modal_committee(y, strategy), ours
    # The one that refits fifty times a class gets a model that fits in no time.
    estimator = GaussianNB() if name == "expected_error" else LogisticRegression()
    ours = learner_of(y, estimator)
    ours.query_strategy = strategy
    return modal_learner(y, estimator, strategy), ours


@pytest.mark.parametrize("y", [NAMES, CODES], ids=["str", "int"])
@pytest.mark.parametrize("name", NAMED)
def test_every_named_strategy_drives_a_modal_learner_as_it_drives_a_session(name, y):
    theirs, ours = driven(name, y, alw.as_modal(name))
    pool = X[CANDIDATES]
    before = global_state()
    rows, samples = theirs.query(pool, n_instances=4)
    assert len(set(rows.tolist())) == 4
    np.testing.assert_array_equal(samples, pool[rows])
    np.testing.assert_array_equal(theirs.query(pool, n_instances=4)[0], rows)
    np.testing.assert_array_equal(ours.query(pool, n_instances=4)[0], rows)
    assert global_state() == before
    # What a session would ask of the same pool, the labeled samples being in it.
    view = PoolView(
        np.concatenate([pool, X[LABELED]]), np.arange(len(pool)), np.arange(len(pool), 150), y[LABELED],
        np.unique(y), ours, np.random.default_rng(0),
    )  # fmt: skip
    np.testing.assert_array_equal(rows, choose(NAMED[name], view, 4).rows)


@pytest.mark.parametrize("name", NAMED)
def test_a_pool_smaller_than_the_batch_is_asked_whole(name):
    for learner in driven(name, NAMES, alw.as_modal(name)):
        assert sorted(learner.query(X[[5, 60, 110]], n_instances=8)[0].tolist()) == [0, 1, 2]


def test_the_first_center_is_farthest_from_what_the_learner_was_taught():
    pool = X[CANDIDATES]
    points = np.concatenate([pool, X[LABELED]])
    points = (points - points.mean(axis=0)) / points.std(axis=0)
    distance = np.linalg.norm(points[: len(pool), None] - points[len(pool) :], axis=2).min(axis=1)
    assert alw.as_modal("k_center")(learner_of(NAMES), pool)[0].tolist() == [distance.argmax()]


@pytest.mark.parametrize("name", ["k_center", "typiclust", "k_means", "random", "margin", "badge"])
def test_a_learner_with_a_fitted_model_and_no_labeled_set_is_asked_all_the_same(name):
    fitted = LogisticRegression().fit(X[LABELED], NAMES[LABELED])
    learner = TheirLearner(fitted, query_strategy=alw.as_modal(name))
    assert len(set(learner.query(X, n_instances=3)[0].tolist())) == 3


def test_a_committee_s_labeled_set_counts_though_modal_hides_it():
    members = modal_committee(NAMES)
    assert members.X_training is None
    for name in ("k_center", "contrastive", "ranked_batch"):
        members.query_strategy = alw.as_modal(name)
        theirs = members.query(X[CANDIDATES], n_instances=3)[0]
        np.testing.assert_array_equal(theirs, alw.as_modal(name)(committee_of(NAMES), X[CANDIDATES], 3)[0])
    members.query_strategy = alw.as_modal("k_center")
    single = alw.as_modal("k_center")(learner_of(NAMES), X[CANDIDATES], 3)[0]
    np.testing.assert_array_equal(members.query(X[CANDIDATES], n_instances=3)[0], single)


def test_a_loop_of_queries_and_answers_learns():
    learner = learner_of(NAMES)
    learner.query_strategy = alw.as_modal("badge")
    pool, y = X[CANDIDATES], NAMES[CANDIDATES]
    for _ in range(4):
        rows, samples = learner.query(pool, n_instances=4)
        learner.teach(samples, y[rows])
        pool, y = np.delete(pool, rows, axis=0), np.delete(y, rows)
    assert learner.X_training.shape == (len(LABELED) + 16, 4)
    assert learner.score(X, NAMES) > 0.85


@pytest.mark.parametrize(
    ("name", "learner", "cure"),
    [
        (
            "entropy",
            modal_learner(NAMES, LinearSVC()),
            "LinearSVC has no predict_proba, which 'entropy' needs; .*Cali",
        ),
        ("badge", modal_learner(NAMES, LinearSVC()), "LinearSVC has no predict_proba, which 'badge' needs"),
        ("bald", modal_learner(NAMES), r"LogisticRegression is a single model.* alwidgets.committee\("),
        ("vote_entropy", learner_of(NAMES), r"LogisticRegression is a single model.* alwidgets.committee\("),
        ("expected_error_one_step", modal_learner(NAMES, GaussianNB()), "use 'expected_error', which refits"),
        ("bald", TheirCommittee([modal_learner(NAMES, LinearSVC())]), "no predict_proba.* wrap each member"),
    ],
    ids=lambda value: value if isinstance(value, str) and " " not in value else "",
)
def test_a_learner_that_lacks_something_is_told_the_cure_when_it_asks(name, learner, cure):
    learner.query_strategy = alw.as_modal(name)
    with pytest.raises(ValueError, match=cure):
        learner.query(X[CANDIDATES], n_instances=2)


def test_a_model_without_probabilities_may_ask_by_margin_and_a_calibrated_one_by_entropy():
    for name, estimator in (
        ("margin", LinearSVC(dual=False)),
        ("entropy", CalibratedClassifierCV(LinearSVC(dual=False), cv=2)),
    ):
        learner = modal_learner(NAMES, estimator, alw.as_modal(name))
        assert len(learner.query(X[CANDIDATES], n_instances=3)[0]) == 3


def test_an_unfitted_learner_says_so_instead_of_asking_in_row_order():
    for name, learner in (("margin", TheirLearner(GaussianNB())), ("k_center", TheirLearner(GaussianNB()))):
        learner.query_strategy = alw.as_modal(name)
        with pytest.raises(ValueError, match="has not been fitted"):  # NotFittedError is one
            learner.query(X, n_instances=2)


def lists(rows):
    return rows.tolist()


@pytest.mark.parametrize("convert", [as_frame, csr_matrix, lists], ids=["DataFrame", "sparse", "list"])
@pytest.mark.parametrize("name", ["margin", "k_center", "badge"])
def test_frames_sparse_matrices_and_lists_are_pools(convert, name):
    learner = ActiveLearner(
        LogisticRegression(), alw.as_modal(name), X_training=convert(X[LABELED]), y_training=NAMES[LABELED]
    )
    rows, samples = learner.query(convert(X[CANDIDATES]), n_instances=4)
    assert len(set(rows.tolist())) == 4
    assert type(samples) is type(convert(X[:2]))


def test_texts_in_a_series_are_taken_by_position():
    pool, y = texts()
    learner = ActiveLearner(make_pipeline(TfidfVectorizer(), LogisticRegression()), X_training=pool, y_training=y)
    series = pd.Series(pool, index=np.arange(len(pool))[::-1] + 100)
    for name in ("margin", "k_center"):
        ask = alw.as_modal(name)
        np.testing.assert_array_equal(ask(learner, series, 3)[0], ask(learner, pool, 3)[0])


def test_strategies_made_of_strategies_and_foreign_ones_go_into_a_modal_loop_too():
    for strategy in (mix({"margin": 0.5, "k_center": 0.5}), furthest, MAKERS["skactiveml CoreSet"]()):
        learner = modal_learner(NAMES, strategy=alw.as_modal(strategy))
        rows = learner.query(X[CANDIDATES], n_instances=2)[0]
        assert len(set(rows.tolist())) == 2
        np.testing.assert_array_equal(learner.query(X[CANDIDATES], n_instances=2)[0], rows)
