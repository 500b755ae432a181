"""Texts are read once: what leading steps give of them is kept, and nobody sees it but by the clock."""

import copy
import functools
import hashlib
import io
import pickle
import threading
from typing import ClassVar

import numpy as np
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import alwidgets as alw
from alwidgets.inspection.projection import project
from alwidgets.journal.identity import stored_identity, write_identity
from alwidgets.models import kept_files, kept_values
from alwidgets.models.kept_tokens import KeptTokens
from alwidgets.models.known_texts import KnownTexts
from alwidgets.models.spec import committee
from alwidgets.models.step_hash import name_of
from alwidgets.session import making

N, N_TEST = 240, 60


def texts_of(y, seed=0):
    rng = np.random.default_rng(seed)
    words = np.array([f"word{i}" for i in range(120)], object)
    chances = np.stack([np.where(np.arange(120) % 2 == k, 1.5, 1.0) for k in (0, 1)])
    chances /= chances.sum(axis=1, keepdims=True)
    return [" ".join(rng.choice(words, 14, p=chances[k])) for k in y]


Y = np.random.default_rng(1).integers(2, size=N + N_TEST)
TEXTS = texts_of(Y)
POOL, TEST = TEXTS[:N], (TEXTS[N:], Y[N:])


class Encoder(TransformerMixin, BaseEstimator):
    """An encoder that counts letters, and how often it was given each text."""

    seen: ClassVar[dict[str, int]] = {}

    def __init__(self, letters="0123456789"):
        self.letters = letters

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.input_tags.string = True
        return tags

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        for text in X:
            Encoder.seen[text] = Encoder.seen.get(text, 0) + 1
        return np.array([[text.count(letter) for letter in self.letters] for text in X], np.float32)


def two_numbers(X):
    return np.array([[len(text), text.count("1")] for text in X])


def of_all_rows(X):
    return np.array([[len(text), text.count("1") - len(X)] for text in X])


def uppercase(X):
    return np.array([text.upper() for text in X], object)


@pytest.fixture(autouse=True)
def _nothing_seen():
    Encoder.seen.clear()


LEARNERS = {
    "tfidf": lambda: make_pipeline(TfidfVectorizer(), LogisticRegression()),
    "counts": lambda: make_pipeline(CountVectorizer(binary=True, ngram_range=(1, 2)), MultinomialNB()),
    "rare words left out": lambda: make_pipeline(
        TfidfVectorizer(max_features=40, dtype=np.float32), LogisticRegression()
    ),
    "a given vocabulary": lambda: make_pipeline(
        CountVectorizer(vocabulary=["word7", "word3", "word8", "nowhere"]), TfidfTransformer(), LogisticRegression()
    ),
    "characters": lambda: make_pipeline(
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 3)), StandardScaler(with_mean=False, copy=False),
        LogisticRegression(),
    ),
    "components": lambda: make_pipeline(TfidfVectorizer(), TruncatedSVD(8, random_state=0), LogisticRegression()),
    "hashing": lambda: make_pipeline(HashingVectorizer(n_features=256), TfidfTransformer(), LogisticRegression()),
    "encoder": lambda: make_pipeline(Encoder(), StandardScaler(), LogisticRegression()),
    "a function": lambda: make_pipeline(
        FunctionTransformer(two_numbers), LogisticRegression()
    ),
    "a function of all rows": lambda: make_pipeline(
        FunctionTransformer(of_all_rows),
        LogisticRegression(),
    ),
    "texts to texts": lambda: make_pipeline(
        FunctionTransformer(uppercase),
        CountVectorizer(lowercase=False), LogisticRegression(),
    ),
    "committee": lambda: committee(make_pipeline(TfidfVectorizer(), LogisticRegression()), n_members=3),
    "other labels": lambda: make_pipeline(TfidfVectorizer(), SGDClassifier(loss="log_loss")),
}  # fmt: skip


def session(learner, **options):
    options = {"test": TEST, "random_state": 3, "batch_size": 6} | options
    return alw.Session(POOL, classes=[0, 1], learner=learner, **options)


def answered(learner, n=36, **options):
    made = session(learner, **options)
    return made.run(oracle=Y[:N], n_labels=n)


def estimators_of(learner):
    return [each.estimator for each in getattr(learner, "learner_list", [learner])]


def coefficients_of(estimator):
    last = estimator.steps[-1][1]
    return getattr(last, "coef_", getattr(last, "feature_log_prob_", None))


def journal_of(made):
    """The events without ids and clocks."""
    told = []
    for event in made.events:
        values = {name: getattr(event, name) for name in event.__dataclass_fields__}
        text = repr({name: value for name, value in values.items() if name not in ("id", "at", "record", "seconds")})
        told.append((type(event).__name__, text))
    return told


@pytest.fixture(params=LEARNERS, scope="module")
def both(request):
    """A session as it is, and one in which nothing is kept."""
    options = {"strategy": "vote_entropy"} if request.param == "committee" else {}
    kept = answered(LEARNERS[request.param](), **options)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(making, "keep_texts", lambda *_: None)
        return kept, answered(LEARNERS[request.param](), **options)


def test_the_same_questions_scores_and_models_come_of_kept_features_to_the_last_bit(both):
    kept, bare = both
    assert kept.labels["item"].tolist() == bare.labels["item"].tolist()
    assert kept.history["score"].tolist() == bare.history["score"].tolist()
    for ours, plain in zip(estimators_of(kept.learner), estimators_of(bare.learner), strict=True):
        assert np.array_equal(coefficients_of(ours), coefficients_of(plain))
        assert np.array_equal(ours.predict_proba(POOL + TEST[0]), plain.predict_proba(POOL + TEST[0]))
    assert np.array_equal(kept.learner.predict_proba(POOL), bare.learner.predict_proba(POOL))


def test_the_same_journal_comes_of_kept_features(both):
    kept, bare = both
    assert journal_of(kept) == journal_of(bare)


def test_without_a_test_set_the_folds_are_the_same(monkeypatch):
    learner = LEARNERS["tfidf"]
    kept = answered(learner(), test=None, audit=0)
    monkeypatch.setattr(making, "keep_texts", lambda *_: None)
    assert kept.history["score"].tolist() == answered(learner(), test=None, audit=0).history["score"].tolist()
    assert kept.history["score"].notna().any()


def test_the_learner_is_a_whole_pipeline_that_predicts_texts_nobody_has_seen():
    for learner in ("tfidf", "encoder", "hashing"):
        for features in ("labels", "pool"):
            estimator = answered(LEARNERS[learner](), features=features).learner.estimator
            assert type(estimator) is Pipeline
            new = texts_of([0, 1, 0], seed=9)
            assert estimator.predict(new).shape == (3,)
            assert np.array_equal(
                estimator.predict_proba(new), estimator[-1].predict_proba(estimator[:-1].transform(new))
            )


def test_an_encoder_is_called_once_on_each_text():
    made = answered(LEARNERS["encoder"]())
    made.near_duplicates(0)
    made.explain(0)
    assert set(Encoder.seen) == set(TEXTS)
    assert set(Encoder.seen.values()) == {1}


def test_a_vectorizer_reads_each_text_once():
    read = []

    def tokens(text):
        read.append(text)
        return text.split()

    made = answered(make_pipeline(TfidfVectorizer(tokenizer=tokens, token_pattern=None), LogisticRegression()), n=60)
    made.learner.score(*TEST)
    made.run(oracle=Y[:N], n_labels=6)
    assert sorted(read) == sorted(TEXTS)


def test_texts_that_are_not_known_go_through_all_steps():
    learner = answered(LEARNERS["tfidf"]()).learner
    new = texts_of([0, 1], seed=5)
    assert np.array_equal(learner.predict_proba([*POOL[:2], *new])[2:], learner.estimator.predict_proba(new))
    learner.teach(new, np.array([0, 1]))
    assert len(learner.y_training) == 38


def test_a_learner_is_copied_and_written_without_what_is_kept():
    learner = answered(LEARNERS["tfidf"]()).learner
    assert len(pickle.dumps(learner)) < len(pickle.dumps(learner.estimator)) + 20_000
    again = pickle.loads(pickle.dumps(learner))  # noqa: S301 - our own
    assert again.kept is None
    assert np.array_equal(again.predict_proba(POOL), learner.predict_proba(POOL))
    assert copy.deepcopy(learner).kept is learner.kept


def test_a_closed_session_keeps_nothing():
    made = answered(LEARNERS["encoder"]())
    learner = made.learner
    made.close()
    assert learner.kept is None
    assert learner.predict(POOL[:3]).shape == (3,)


def test_members_with_the_same_steps_share_what_is_kept():
    lock = threading.Lock()

    def encode(X):
        with lock:
            return two_numbers(X)

    nameless = FunctionTransformer(encode)
    assert name_of([nameless]) is None
    for steps in (TfidfVectorizer(), nameless):
        made = session(committee(make_pipeline(steps, LogisticRegression()), n_members=3), strategy="vote_entropy")
        kept = {id(member.kept): member.kept for member in made._core.setup.model_spec.template.learner_list}
        assert len(kept) == 1
        assert None not in kept.values()


def test_counts_are_those_of_the_vectorizer_for_any_rows():
    texts = np.array(["b a b", "", "c c a", "d", "b a b", "z y x w"], object)
    for vectorizer in (CountVectorizer(analyzer="char"), TfidfVectorizer(analyzer="char", sublinear_tf=True)):
        kept, fitted = KeptTokens(KnownTexts(texts), vectorizer), copy.deepcopy(vectorizer).fit(texts[:3])
        for rows in (slice(0, 6), np.array([3]), np.array([5, 0, 0, 1])):
            ours, theirs = kept.transform(fitted, rows), fitted.transform(texts[rows])
            for part in ("data", "indices", "indptr"):
                assert np.array_equal(getattr(ours, part), getattr(theirs, part))
            assert ours.shape == theirs.shape
            assert ours.dtype == theirs.dtype


@pytest.mark.parametrize(
    "vectorizer",
    [
        TfidfVectorizer(),
        TfidfVectorizer(dtype=np.float32, norm="l1", sublinear_tf=True),
        CountVectorizer(ngram_range=(1, 2), binary=True),
        CountVectorizer(max_features=40),
        TfidfVectorizer(min_df=3, max_df=0.5),
        TfidfVectorizer(vocabulary=["word7", "word3", "nowhere"]),
    ],
)
def test_the_pool_is_what_the_vectorizer_makes_of_it_to_the_last_bit(vectorizer):
    kept = KeptTokens(KnownTexts(np.array(POOL, object)), vectorizer)
    kept.transform(copy.deepcopy(vectorizer).fit(POOL), np.array([7, 3, 90]))
    ours, theirs = kept.of_pool(), vectorizer.fit_transform(POOL)
    for part in ("data", "indices", "indptr"):
        assert np.array_equal(getattr(ours, part), getattr(theirs, part))
    assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)


def test_a_pool_without_words_has_no_features():
    kept = KeptTokens(KnownTexts(np.array(["!", "?"], object)), TfidfVectorizer())
    with pytest.raises(ValueError, match="no terms"):
        kept.of_pool()


def test_a_vectorizer_that_finds_no_words_says_so_as_ever():
    made = alw.Session(["!", "?", ".", ","], classes=[0, 1], learner=LEARNERS["tfidf"](), cold_start="random")
    made.teach(0, 0)
    made.teach(1, 1)
    with pytest.raises(ValueError, match="empty vocabulary"):
        made.retrain()


# Features of the pool


@pytest.mark.parametrize("learner", ["tfidf", "components", "hashing", "encoder", "texts to texts"])
def test_features_of_the_pool_are_those_of_steps_fitted_on_all_of_it(learner):
    made = answered(LEARNERS[learner](), features="pool")
    steps = LEARNERS[learner]()[:-1]
    X = steps.fit_transform(np.array(POOL, object))
    texts, y = made.training_set()
    places = [POOL.index(text) for text in texts]
    last = LogisticRegression().fit(X[places], y)
    assert np.allclose(coefficients_of(made.learner.estimator), last.coef_, atol=1e-6)
    score = np.mean(last.predict(steps.transform(np.array(TEST[0], object))) == TEST[1])
    assert made.history["score"].iloc[-1] == pytest.approx(score)


def test_steps_are_fitted_on_the_pool_once():
    fits = []

    class Counted(TfidfVectorizer):
        def fit_transform(self, X, y=None):
            fits.append(len(X))
            return super().fit_transform(X, y)

    made = answered(make_pipeline(Counted(), LogisticRegression()), features="pool")
    assert fits.count(N) == 1
    n_before = len(fits)
    made.run(oracle=Y[:N], n_labels=12)
    assert len(fits) == n_before


def test_features_of_the_pool_are_for_numbers_too():
    X = np.random.default_rng(0).normal(size=(90, 6))
    y = (X[:, 0] > 0).astype(int)
    made = alw.Session(
        X, classes=[0, 1], learner=make_pipeline(StandardScaler(), PCA(3), LogisticRegression()), features="pool",
        random_state=0,
    )  # fmt: skip
    made.run(oracle=y, n_labels=24)
    assert np.allclose(made.learner.estimator[0].mean_, X.mean(axis=0))
    assert np.array_equal(made.learner.predict(X), made.learner.estimator.predict(X))


def test_a_session_with_features_of_the_pool_is_opened_again_with_the_same_next_question(tmp_path):
    options = {"features": "pool", "journal": tmp_path / "j"}
    made = answered(make_pipeline(TfidfVectorizer(), TruncatedSVD(8), LogisticRegression()), **options)
    asked, said = made.query().tolist(), made.learner.predict_proba(TEST[0])
    made.close()
    again = session(make_pipeline(TfidfVectorizer(), TruncatedSVD(8), LogisticRegression()), **options)
    assert again.query().tolist() == asked
    assert np.array_equal(again.learner.predict_proba(TEST[0]), said)


@pytest.mark.parametrize(("begun", "given"), [("pool", "labels"), ("labels", "pool")])
def test_a_session_that_is_opened_again_with_features_of_another_kind_says_so(tmp_path, begun, given):
    answered(LEARNERS["tfidf"](), features=begun, journal=tmp_path / "j").close()
    with pytest.warns(
        RuntimeWarning, match=f'began with features="{begun}" and is opened with features="{given}"'
    ) as said:
        again = session(LEARNERS["tfidf"](), features=given, journal=tmp_path / "j")
    assert len(said) == 1
    assert f'Pass features="{begun}" to go on as it began' in str(said[0].message)
    again.run(oracle=Y[:N], n_labels=6)
    assert ("fitted on the pool" in again.versions["model_spec"].iloc[-1]) == (given == "pool")


def test_a_session_says_nothing_of_features_that_are_as_it_began_or_as_its_branch_was_told(tmp_path, recwarn):
    made = answered(LEARNERS["tfidf"](), features="pool", journal=tmp_path / "j")
    made.branch(tmp_path / "branch", features="labels").close()
    made.close()
    session(LEARNERS["tfidf"](), features="pool", journal=tmp_path / "j").close()
    session(LEARNERS["tfidf"](), journal=tmp_path / "branch").close()
    assert not [each for each in recwarn if "features=" in str(each.message)]


def test_a_journal_that_does_not_say_with_which_features_it_began_is_opened_with_any(tmp_path, recwarn):
    session(LEARNERS["tfidf"](), journal=tmp_path / "j").close()
    identity = stored_identity(tmp_path / "j")
    del identity["features"]
    write_identity(tmp_path / "j" / "session.json", identity)
    session(LEARNERS["tfidf"](), features="pool", journal=tmp_path / "j").close()
    assert not [each for each in recwarn if "features=" in str(each.message)]


def test_a_branch_with_features_of_no_kind_is_refused_before_it_is_there(tmp_path):
    made = session(LEARNERS["tfidf"](), journal=tmp_path / "j")
    with pytest.raises(ValueError, match="features is 'all'; expected one of"):
        made.branch(tmp_path / "branch", features="all")
    assert not (tmp_path / "branch").exists()


def test_a_rollback_brings_the_same_model_back():
    made = session(LEARNERS["components"](), features="pool")
    made.run(oracle=Y[:N], n_labels=24)
    said, number = made.learner.predict_proba(POOL), made.progress.round
    made.run(oracle=Y[:N], n_labels=12)
    found = made.rollback(number)
    assert (found.same_training_set, found.same_predictions) == (True, True)
    assert np.array_equal(made.learner.predict_proba(POOL), said)


def test_a_step_of_the_learner_that_is_fitted_by_hand_is_nobody_elses():
    made = answered(LEARNERS["tfidf"](), features="pool")
    words = len(made.learner.estimator[0].vocabulary_)
    made.learner.estimator[0].fit(["one word"])
    made.run(oracle=Y[:N], n_labels=6)
    assert len(made.learner.estimator[0].vocabulary_) == words


def test_a_learner_in_another_process_has_the_steps_of_the_pool():
    learner = answered(LEARNERS["tfidf"](), features="pool").learner
    again = pickle.loads(pickle.dumps(learner))  # noqa: S301 - our own
    again.teach(["wordless"], np.array([1]))
    assert again.estimator[0].vocabulary_ == learner.estimator[0].vocabulary_
    assert again.estimator[-1].coef_.shape == learner.estimator[-1].coef_.shape
    assert np.allclose(pickle.loads(pickle.dumps(learner)).predict_proba(POOL), learner.predict_proba(POOL))  # noqa: S301


def test_versions_say_on_what_features_were_fitted():
    spec = answered(LEARNERS["tfidf"](), features="pool").versions["model_spec"].iloc[-1]
    assert "fitted on the pool" in spec
    assert "fitted on the pool" not in answered(LEARNERS["tfidf"]()).versions["model_spec"].iloc[-1]


@pytest.mark.parametrize(
    ("learner", "said"),
    [
        (LogisticRegression(), "LogisticRegression as learner: there are no steps"),
        (make_pipeline(LogisticRegression()), "no steps to fit on the pool"),
        (Pipeline([("a", TfidfVectorizer()), ("b", LogisticRegression())], memory="cache"), "without memory"),
        (
            make_pipeline(TfidfVectorizer(), SelectKBest(), LogisticRegression()),
            "SelectKBest, which learns from labels",
        ),
    ],
)
def test_features_of_the_pool_are_refused_where_steps_need_labels_or_are_none(learner, said):
    texts = POOL if isinstance(learner, Pipeline) and len(learner) > 1 else np.eye(12)
    with pytest.raises(ValueError, match=said):
        alw.Session(texts, classes=[0, 1], learner=learner, features="pool")


def test_features_have_two_ways():
    with pytest.raises(ValueError, match=r"features is 'all'; expected one of \['labels', 'pool'\]"):
        session(LEARNERS["tfidf"](), features="all")


def test_a_replay_has_the_features_of_the_whole_pool():
    made = answered(LEARNERS["components"](), features="pool", audit=0)
    result = alw.replay(made, strategies=["random"])
    assert not len(result.failures)
    curves = result.curves[result.curves["strategy"] == "as it was"]
    assert curves["score"].iloc[-1] == made.history["score"].iloc[-1]


def test_a_simulation_has_features_of_its_pools():
    options = {"strategies": ["margin"], "n_runs": 1, "n_labels": 30, "batch_size": 6}
    result = alw.simulate(TEXTS, Y, learner=LEARNERS["components"](), features="pool", **options)
    other = alw.simulate(TEXTS, Y, learner=LEARNERS["components"](), **options)
    assert not len(result.failures)
    assert result.curves["score"].tolist() != other.curves["score"].tolist()
    with pytest.raises(ValueError, match="no steps to fit on the pool"):
        alw.simulate(np.eye(20), [0, 1] * 10, learner=LogisticRegression(), features="pool")


# Beside the journal


@pytest.fixture
def slow(monkeypatch):
    """Whatever time it takes is long."""
    monkeypatch.setattr(kept_values, "_SLOW", 0.0)


def files_of(folder):
    return list((folder / "features").glob("*"))


def names_of(folder):
    return {file.name.partition("-")[0] for file in files_of(folder)}


@pytest.mark.usefixtures("slow")
@pytest.mark.parametrize("features", ["labels", "pool"])
def test_an_encoder_is_called_once_on_each_text_also_when_the_session_is_opened_again(tmp_path, features):
    options = {"journal": tmp_path / "j", "features": features}
    made = answered(LEARNERS["encoder"](), **options)
    asked, said = made.query().tolist(), made.learner.predict_proba(POOL)
    made.close()
    again = session(LEARNERS["encoder"](), **options)
    assert again.query().tolist() == asked
    assert np.array_equal(again.learner.predict_proba(POOL), said)
    again.run(oracle=Y[:N], n_labels=12)
    assert {Encoder.seen[text] for text in POOL} == {1}
    assert names_of(tmp_path / "j") == {name_of([Encoder()])}


def test_features_that_take_no_time_are_kept_in_memory_alone(tmp_path):
    answered(LEARNERS["encoder"](), journal=tmp_path / "j")
    assert files_of(tmp_path / "j") == []


@pytest.mark.usefixtures("slow")
@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: content[:-20],
        lambda content: content[:200] + bytes([content[200] ^ 1]) + content[201:],
        lambda _: b"",
        lambda _: pickle.dumps({"values": 1}),
        lambda _: checked(values=np.array([[object()]] * N, object)),
        lambda _: checked(values=np.zeros((N, 10)), texts=np.zeros((3, 32), np.uint8)),
        lambda _: checked(packed=True, values=np.zeros((N, 10))),
    ],
)  # fmt: skip
def test_a_file_that_is_not_what_was_kept_is_not_read(tmp_path, spoil):
    options = {"journal": tmp_path / "j"}
    made = answered(LEARNERS["encoder"](), **options)
    asked = made.query().tolist()
    made.close()
    for file in files_of(tmp_path / "j"):
        file.write_bytes(spoil(file.read_bytes()))
    again = session(LEARNERS["encoder"](), **options)
    assert again.query().tolist() == asked
    assert again.learner.predict(POOL).shape == (N,)
    assert 2 in Encoder.seen.values()


def checked(packed=False, texts=None, **arrays):
    """A file whose checksum is right."""
    texts = kept_files.digests(POOL) if texts is None else texts
    buffer = io.BytesIO()
    (np.savez_compressed if packed else np.savez)(buffer, texts=texts, shape=np.array([N, 10]), **arrays)
    return hashlib.sha256(buffer.getvalue()).digest() + buffer.getvalue()


@pytest.mark.usefixtures("slow")
def test_another_encoder_has_another_file(tmp_path):
    answered(LEARNERS["encoder"](), journal=tmp_path / "j").close()
    session(make_pipeline(Encoder("abc"), LogisticRegression()), journal=tmp_path / "j").learner.predict(POOL)
    assert names_of(tmp_path / "j") == {name_of([Encoder()]), name_of([Encoder("abc")])}


def test_steps_are_told_apart_by_their_parameters_and_by_their_code():
    def made(body):
        space = {"BaseEstimator": BaseEstimator, "__name__": "made"}
        exec(f"class Step(BaseEstimator):\n def transform(self, X):\n  return {body}", space)  # noqa: S102 - as a cell
        space["Step"].__module__ = __name__
        globals()["Step"] = space["Step"]
        return name_of([space["Step"]()])

    assert made("X") == made("X") is not None
    assert made("X") != made("X + 1")
    assert name_of([Encoder()]) != name_of([Encoder("ab")])


def test_a_network_is_told_apart_by_its_weights():
    torch = pytest.importorskip("torch")

    def made(seed):
        torch.manual_seed(seed)
        model = torch.nn.Sequential(torch.nn.EmbeddingBag(10, 3), torch.nn.Linear(3, 2).to(torch.bfloat16))
        return name_of([FunctionTransformer(model.forward)])

    assert made(0) == made(0) is not None
    assert made(0) != made(1)


def test_a_function_is_told_apart_by_what_it_refers_to():
    def made(model, body="MODEL.upper()"):
        space = {"MODEL": model, "helper": lambda text: text}
        exec(f"def encode(texts):\n return [{body} for text in texts]", space)  # noqa: S102 - as a cell
        return name_of([FunctionTransformer(space["encode"])])

    assert made("small") == made("small") is not None
    assert made("small") != made("large")
    assert made("small", "helper(text)") == made("large", "helper(text)")
    assert made(threading.Lock()) is None
    letters = [lambda X, letter=letter: [[text.count(letter)] for text in X] for letter in "aab"]
    names = [name_of([FunctionTransformer(each)]) for each in letters]
    assert names[0] == names[1] != names[2]
    assert name_of([FunctionTransformer(Encoder().transform)]) != name_of([FunctionTransformer(Encoder("a").transform)])


def _run(code):
    space = {"functools": functools, "__name__": "__main__"}
    exec(code, space)  # noqa: S102 - as a cell
    return space


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("@functools.cache\ndef loaded(): return 1\ndef encode(X): return loaded()", ("return 1", "return 2")),
        ("class Net:\n def run(self): return 1\ndef encode(X): return Net().run()", ("return 1", "return 2")),
        ("class Net:\n size = 1\ndef encode(X): return Net.size", ("size = 1", "size = 2")),
        ("class Net:\n def __call__(self, X): return 1\nencode = Net()", ("return 1", "return 2")),
        ("class Net:\n def more(self): return 1\n def encode(self, X): return self.more()\nencode = Net().encode",
         ("return 1", "return 2")),
        ("def clean(X): return 1\nSTEPS = [clean]\ndef encode(X): return [f(X) for f in STEPS]",
         ("return 1", "return 2")),
        ("def inner(f): return functools.wraps(f)(lambda X: f(X))\n@inner\ndef encode(X): return 1",
         ("return 1", "return 2")),
    ],
    ids=["kept results", "class", "attribute", "callable", "another method", "list", "decorator"],
)  # fmt: skip
def test_code_is_told_apart_wherever_an_encoder_has_it(code, change):
    first, again, other = (_run(each)["encode"] for each in (code, code, code.replace(*change)))
    assert name_of([FunctionTransformer(first)]) == name_of([FunctionTransformer(again)]) is not None
    assert name_of([FunctionTransformer(first)]) != name_of([FunctionTransformer(other)])


def test_an_attribute_of_an_encoders_class_tells_it_apart(monkeypatch):
    before = name_of([Encoder()])
    Encoder.seen["a text"] = 1
    assert name_of([Encoder()]) == before
    monkeypatch.setattr(Encoder, "scale", 2.0, raising=False)
    assert name_of([Encoder()]) != before


@pytest.mark.usefixtures("slow")
def test_sparse_features_are_kept_beside_the_journal_too(tmp_path):
    made = answered(LEARNERS["hashing"](), journal=tmp_path / "j")
    said = made.learner.predict_proba(POOL)
    made.close()
    again = session(LEARNERS["hashing"](), journal=tmp_path / "j")
    assert np.array_equal(again.learner.predict_proba(POOL), said)
    rows, values = kept_files.read(tmp_path / "j", names_of(tmp_path / "j").pop(), np.array(POOL, object))
    assert len(rows) == N
    assert values.format == "csr"


@pytest.mark.parametrize("features", ["labels", "pool"])
def test_explanations_the_map_and_near_duplicates_use_what_is_kept(features):
    read = []

    def tokens(text):
        read.append(text)
        return text.split()

    learner = make_pipeline(TfidfVectorizer(tokenizer=tokens, token_pattern=None), LogisticRegression())
    made = answered(learner, features=features)
    n_before = len(read)
    assert made.explain(3).neighbors
    made.near_duplicates(3, threshold=0.5)
    made.suggestion(3)
    made.predictions()
    made.learner.score(*TEST)
    points = project(made.X, made._core.setup.features)
    assert points.shape == (N, 2)
    assert len(read) == n_before
    vectors = TfidfVectorizer(tokenizer=str.split, token_pattern=None).fit_transform(POOL)
    assert abs(made._core.setup.features.raw - vectors).max() < 1e-12
