"""Answers of a team for other sessions and tools: each person's, and in a file of labels what they amount to."""

import pytest

import alwidgets as alw
from alwidgets.io import read_answers, write_labels

PEOPLE = ["a1", "a2", "a3"]


@pytest.fixture
def session(make_session):
    team = alw.Team(PEOPLE, experts=["e1"], answers=2, at_most=2, gold={5: "left"})
    session = make_session(team=team, audit=0)
    for item, name, label in [
        (3, "a1", "left"), (3, "a2", "right"), (4, "a2", "left"), (4, "a1", "right"), (4, "a1", "left"),
        (5, "a1", "left"), (6, "a3", "right"), (7, "a1", "left"), (7, "a2", "right"),
    ]:  # fmt: skip
        session.teach(item, label, annotator=name)
    for name in ("a1", "a2"):
        session.skip(8, annotator=name)
    session.settle(7, "right", annotator="e1", reason="sharp")
    return session


def said(records):
    return [(record.item, record.annotator, *(record.answer or ("skip",))) for record in records]


def test_the_answer_of_each_annotator_is_a_record_that_counts_once(session):
    assert said(session.records()) == [
        (3, "a1", "left"), (3, "a2", "right"), (4, "a2", "left"), (4, "a1", "left"), (5, "a1", "left"),
        (6, "a3", "right"), (7, "a1", "left"), (7, "a2", "right"), (7, "e1", "right"), (8, "a1", "skip"),
        (8, "a2", "skip"),
    ]  # fmt: skip


def test_another_session_of_the_team_takes_them_all_and_comes_to_the_same(session, make_session):
    other = make_session(team=session.team.members, audit=0)
    assert other.receive(session.records()).n_taken == 11
    assert other.receive(session.records()).n_taken == 0
    columns = ["item", "annotator", "label"]
    whole = [frame[frame["standing"]][columns].sort_values(columns[:2]) for frame in (session.answers, other.answers)]
    assert whole[0].to_numpy().tolist() == whole[1].to_numpy().tolist()
    assert other.team.agreement.alpha == session.team.agreement.alpha


@pytest.mark.parametrize("format", ["label_studio", "prodigy", "argilla"])
def test_a_file_of_labels_has_one_of_each_item_that_has_one(session, tmp_path, format):  # noqa: A002
    ending = "jsonl" if format == "prodigy" else "json"
    # Filters of warnings are those of all threads: none is to set its own meanwhile.
    session.wait()
    with pytest.warns(UserWarning, match="one label a sample"):
        path = write_labels(session, tmp_path / f"labels.{ending}", format=format)
    known = {record.sample: record.answer for record in read_answers(path) if record.answer}
    assert known == {session.sample_id(item): (label,) for item, label in ((4, "left"), (6, "right"), (7, "right"))}


def test_an_export_has_all_answers_and_says_how_labels_came_about(session, tmp_path):
    folder = session.export(tmp_path / "out", model=False)
    assert (folder / "answers.csv").read_text().count("\n") == 1 + len(session.answers)
    card = (folder / "card.md").read_text()
    alpha = session.team.agreement.alpha
    assert f"or what an expert settled. Krippendorff's alpha between the annotators is {alpha:.2f}." in card
    assert "- 9 answers," in card
    assert "`answers.csv`" in (folder / "README.md").read_text()


def test_a_label_that_nobody_gave_is_written_as_nobodys(make_session, tmp_path):
    team = alw.Team(PEOPLE, consensus=lambda given: "right" if "a1" in given else "left")
    session = make_session(team=team, audit=0)
    session.teach(3, "left", annotator="a1")
    session.teach(4, "left", annotator="a2")
    (first, second) = read_answers(write_labels(session, tmp_path / "labels.json", format="label_studio"))
    assert [(each.answer, each.annotator) for each in (first, second)] == [(("right",), None), (("left",), "a2")]
