"""Models that took long to fit are kept beside the journal, and used only when they are what was kept."""

import hashlib
import pickle

import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

import alwidgets as alw
from alwidgets.loop import restore
from alwidgets.models import snapshots

pytest.importorskip("skops")


@pytest.fixture
def slow(monkeypatch):
    """Every fit counts as slow."""
    monkeypatch.setattr(restore, "_SLOW_FIT", 0.0)


@pytest.fixture
def count_fits(monkeypatch):
    from alwidgets.models.spec import ModelSpec

    fits = []
    real = ModelSpec.fit
    monkeypatch.setattr(ModelSpec, "fit", lambda *given: fits.append(1) or real(*given))
    return fits


LEARNERS = {
    "logistic regression": LogisticRegression(),
    "forest": RandomForestClassifier(5),
    "committee": alw.committee([LogisticRegression(), GaussianNB()]),
}


@pytest.mark.parametrize("learner", LEARNERS.values(), ids=LEARNERS)
def test_a_kept_model_is_used_on_resuming_and_predicts_the_same(
    make_session, blobs, tmp_path, slow, count_fits, learner
):
    X, y = blobs
    given = {"learner": learner, "strategy": "random", "journal": tmp_path / "a.alw"}
    session = make_session(**given).run(y, 12)
    expected = session.learner.predict_proba(X)
    session.close()
    count_fits.clear()
    again = make_session(**given)
    assert again.learner.predict_proba(X) == pytest.approx(expected)
    assert count_fits == []
    assert len(again.run(y, 4).rounds) == 4
    assert again.rollback(2).same_predictions


def test_a_fast_fit_is_not_kept(make_session, blobs, tmp_path):
    make_session(journal=tmp_path / "a.alw").run(blobs[1], 8)
    assert not (tmp_path / "a.alw" / "models").exists()


class Trap:
    """Runs code when it is unpickled."""

    def __reduce__(self):
        return (pytest.fail, ("a pickle was opened",))


@pytest.mark.parametrize(
    "content",
    [b"", b"nonsense", pickle.dumps(Trap()), b"PK\x03\x04 no archive"],
    ids=["empty", "nonsense", "pickle", "zip"],
)
def test_what_is_not_what_was_kept_is_never_loaded(make_session, blobs, tmp_path, slow, count_fits, content):
    session = make_session(journal=tmp_path / "a.alw").run(blobs[1], 8)
    expected = session.learner.predict_proba(blobs[0])
    session.close()
    for file in (tmp_path / "a.alw" / "models").iterdir():
        file.write_bytes(content)
    count_fits.clear()
    assert make_session(journal=tmp_path / "a.alw").learner.predict_proba(blobs[0]) == pytest.approx(expected)
    assert len(count_fits) == 1


@pytest.mark.parametrize("content", [pickle.dumps(Trap()), b"nonsense"])
def test_even_with_its_checksum_in_the_journal_no_pickle_is_opened(tmp_path, content):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "name.skops").write_bytes(content)
    assert snapshots.read(tmp_path, "name", hashlib.sha256(content).hexdigest()) is None


class Odd(LogisticRegression):
    """A model of a type that nobody listed."""


def test_a_model_of_a_type_that_is_not_listed_is_not_kept_and_never_loaded(tmp_path, blobs):
    import skops.io

    odd = Odd().fit(*blobs)
    assert snapshots.write(tmp_path, "odd", [odd]) == ""
    content = skops.io.dumps([odd])
    (tmp_path / "models").mkdir(exist_ok=True)
    (tmp_path / "models" / "odd.skops").write_bytes(content)
    assert snapshots.read(tmp_path, "odd", hashlib.sha256(content).hexdigest()) is None


def test_a_kept_model_of_another_spec_is_fitted_again(make_session, blobs, tmp_path, slow):
    make_session(journal=tmp_path / "a.alw").run(blobs[1], 8).close()
    again = make_session(journal=tmp_path / "a.alw", learner=GaussianNB())
    assert type(again.learner.estimator) is GaussianNB
    assert again.learner.predict(blobs[0][:1]).shape == (1,)
