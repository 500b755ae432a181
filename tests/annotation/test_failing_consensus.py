"""A function that makes no label of some answers leaves it to the majority, which says so."""

import warnings

import pytest

import alwidgets as alw

PEOPLE = ["a1", "a2", "a3"]


def raising(given):
    return given["nobody"]


def nonsense(given):
    return ["up", *given]


def unknown(given):
    return f"up {len(given)}"


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (raising, "the function raising failed: KeyError: 'nobody'"),
        (nonsense, "the function nonsense failed: ValueError: method returns"),
        (unknown, r"expected one of \['left', 'right'\], or None"),
    ],
)
def test_a_function_that_fails_leaves_it_to_the_majority_in_words(make_session, blobs, tmp_path, function, reason):
    session = make_session(team=alw.Team(PEOPLE, consensus=function), audit=0, batch_size=8, stop=None)
    with pytest.warns(RuntimeWarning, match=reason):
        session.run(dict.fromkeys(PEOPLE, blobs[1]), 20)
    assert session.rounds
    assert any("learned labels by the majority" in each for each in session.progress.notices)
    assert session.progress.error == ""
    found = session.team.consensus
    assert (found.method, found.wanted, found.trained) == ("majority", function.__name__, "majority")
    assert found.reason.startswith(f"majority, since the function {function.__name__} failed: ")
    assert session.labels["label"].tolist() == [blobs[1][item] for item in session.labels["item"]]
    assert session.team.annotators.loc["a1", "quality"] == 1
    assert "Team of a1" in repr(session.team)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        assert (session.export(tmp_path / "out", model=False) / "labels.csv").exists()
    assert len(session.training_set()[1]) == len(session.labels)
