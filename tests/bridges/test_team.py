"""A team over the real Label Studio: all answers count by name, and each task is asked of as many as it needs."""

import pytest

import alwidgets as alw
from tests.bridges import real
from tests.bridges.sample import chosen, make
from tests.bridges.scenario import PEOPLE, team_session, tell_of_team
from tests.bridges.test_real import tasks

pytestmark = [pytest.mark.label_studio, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def tokens(server):
    """Tokens of people over there, by their first names."""
    return {name: real.annotator(server, f"{name}.of.the.team@example.com") for name in PEOPLE}


@pytest.fixture
def team_of(fresh):
    made = []

    def start(**rules):
        rules = {"answers": 2, "at_most": 3} | rules
        session = make(team=alw.Team(["ann", "bob", "cy.of.the.team@Example.com"], **rules))
        made.append(session)
        addresses = {f"{name}.of.the.team@example.com": name for name in ("ann", "bob")}
        return session, alw.LabelStudio(session, fresh.url, real.LEGACY, annotators=addresses)

    yield start
    for session in made:
        session.close()


def answer(server, studio, row, label, token):
    number = tasks(server, studio)[row]["id"]
    body = {"result": [chosen(label)] if label else [], "was_cancelled": label is None, "lead_time": 1.5}
    status, made = server.call("POST", f"/api/tasks/{number}/annotations/", body, token=token)
    assert status == 201, made
    return made["id"]


def asked(server, studio, token):
    """Return the rows that somebody is asked, one after the other, answering each with ham."""
    rows = []
    while True:
        status, task = server.call("GET", f"/api/projects/{studio.project}/next/", token=token)
        if status != 200:
            return rows
        rows.append(task["data"]["alw_row"])
        server.call("POST", f"/api/tasks/{task['id']}/annotations/", {"result": [chosen("ham")]}, token=token)


def test_the_story_of_every_run_is_true(fresh):
    tokens = {name: real.annotator(fresh, f"{name}@example.com") for name in PEOPLE}
    session = team_session()
    tell_of_team(
        session,
        lambda **more: alw.LabelStudio(session, fresh.url, real.LEGACY, **more),
        lambda name, *call: fresh.call(*call, token=tokens[name]),
    )
    session.close()


def test_a_task_is_asked_of_one_more_as_long_as_the_answers_tie_and_then_of_nobody(fresh, tokens, team_of):
    session, studio = team_of()
    studio.push()
    answer(fresh, studio, 0, "ham", tokens["ann"])
    answer(fresh, studio, 0, "spam", tokens["bob"])
    # Not to know is not an answer: two more are wanted.
    answer(fresh, studio, 1, None, tokens["ann"])
    answer(fresh, studio, 2, "ham", tokens["ann"])
    answer(fresh, studio, 2, "ham", tokens["bob"])
    studio.step()
    there = tasks(fresh, studio)
    assert {row: (there[row]["overlap"], there[row]["is_labeled"]) for row in range(3)} == {
        0: (3, False), 1: (2, False), 2: (2, True),
    }  # fmt: skip
    rows = asked(fresh, studio, tokens["cy"])
    assert {0, 1} <= set(rows)
    assert 2 not in rows
    studio.step()
    assert session.labels.set_index("item")["label"].to_dict()[0] == "ham"
    assert tasks(fresh, studio)[0]["is_labeled"]


def test_what_the_session_has_enough_answers_of_is_asked_of_nobody_over_there(fresh, tokens, team_of):
    session, studio = team_of()
    studio.push()
    answer(fresh, studio, 0, "ham", tokens["ann"])
    studio.pull()
    # On the page of the session.
    session.teach(0, "ham", annotator="bob")
    studio.push()
    assert tasks(fresh, studio)[0]["is_labeled"]
    assert 0 not in asked(fresh, studio, tokens["cy"])


def test_corrections_and_deletions_are_of_one_person_and_leave_the_answers_of_others(fresh, tokens, team_of):
    session, studio = team_of()
    studio.push()
    of_ann = answer(fresh, studio, 0, "ham", tokens["ann"])
    of_bob = answer(fresh, studio, 0, "spam", tokens["bob"])
    studio.pull()
    assert session.labels.empty
    assert fresh.call("PATCH", f"/api/annotations/{of_ann}/", {"result": [chosen("spam")]})[0] == 200
    studio.pull()
    assert session.labels["label"].tolist() == ["spam"]
    assert session.labels["n_answers"].tolist() == [2]
    assert fresh.call("DELETE", f"/api/annotations/{of_bob}/")[0] == 204
    studio.step()
    assert session.labels["n_answers"].tolist() == [1]
    assert not tasks(fresh, studio)[0]["is_labeled"]
    # Another bridge finds the same.
    before = list(session.events)
    again = alw.LabelStudio(session, fresh.url, real.LEGACY, studio.project)
    assert {each.annotator for each in again.quarantined} == set()
    assert list(session.events) == before


def test_gold_is_asked_of_everybody_and_a_measuring_sample_of_as_many_as_the_team_wants(fresh, tokens, team_of):
    session, studio = team_of(gold={30: "ham", 33: "spam"}, gold_share=0.2)
    studio.push()
    golden = {row for row in tasks(fresh, studio) if row in (30, 33)}
    assert len(golden) == 1
    (row,) = golden
    assert tasks(fresh, studio)[row]["overlap"] == 3
    answer(fresh, studio, row, "ham", tokens["ann"])
    studio.step()
    assert session.labels.empty
    assert session.team.gold()["n_gold"].sum() == 1
    assert tasks(fresh, studio)[row]["overlap"] == 3


def test_a_team_labels_to_the_end(fresh, tokens):
    addresses = {f"{name}.of.the.team@example.com": name for name in ("ann", "bob")}
    session = make(16, team=alw.Team(["ann", "bob"], answers=2), batch_size=8)
    studio = alw.LabelStudio(session, fresh.url, real.LEGACY, n_tasks=8, annotators=addresses)
    while session.progress.n_labeled < 16 or session.labels["n_answers"].min() < 2:
        studio.step()
        rows = [asked(fresh, studio, tokens[name]) for name in ("ann", "bob")]
        studio.pull()
        assert any(rows)
    assert session.labels["n_answers"].tolist() == [2] * 16
    assert not studio.quarantined
    session.close()
