"""The real Label Studio asks the model of a session, has it trained, and says when there is something to fetch."""

import threading

import pytest

import alwidgets as alw
from tests.bridges import real
from tests.bridges.backend_story import ROWS, ask_for_predictions, connected, trained
from tests.bridges.sample import chosen, labels

pytestmark = [pytest.mark.label_studio, pytest.mark.timeout(600)]


@pytest.fixture
def session():
    session = trained()
    yield session
    session.close()


def answer(server, number, name):
    body = {"result": [chosen(name, control="kind", shown="mail")]}
    status, made = server.call("POST", f"/api/tasks/{number}/annotations/", body)
    assert status == 201, made
    return made["id"]


def test_a_project_is_given_pre_labels_and_starts_a_training(fresh, session):
    page = session.serve(ml_backend=True)
    with connected(fresh, page.ml_backend_url) as (project, _, backend):
        assert (backend["state"], backend["model_version"]) == ("CO", "round-1")
        *known, unknown = ask_for_predictions(fresh, project)
        assert unknown == []
        for row, (prediction,) in zip(ROWS, known, strict=True):
            suggestion = session.suggestion(row)
            assert prediction["result"][0]["value"] == {"choices": [suggestion.label]}
            assert prediction["score"] == pytest.approx(suggestion.confidence)
            assert prediction["model_version"] == "round-1"
        assert fresh.call("POST", f"/api/ml/{backend['id']}/train", {})[0] == 200
        assert session.progress.round == 2
        # A newer model is asked again.
        assert {each[-1]["model_version"] for each in ask_for_predictions(fresh, project)[:-1]} == {"round-2"}
    page.close()


def test_a_project_of_something_else_is_told_why_it_is_not_connected(fresh, session):
    page = session.serve(ml_backend=True)
    config = '<View><Text name="t" value="$t"/><Choices name="c" toName="t"><Choice value="eggs"/></Choices></View>'
    project = fresh.call("POST", "/api/projects/", {"title": "other", "label_config": config})[1]["id"]
    status, refused = fresh.call("POST", "/api/ml/", {"url": page.ml_backend_url, "project": project, "title": "a"})
    assert status == 400
    assert "lacks ['ham', 'spam'] and has ['eggs']" in str(refused["validation_errors"])
    page.close()


def until_labeled(n):
    return lambda session: session.progress.n_labeled >= n


@pytest.mark.parametrize("webhooks", ["arrive", "are lost"])
def test_an_answer_over_there_is_fetched_at_once_and_without_webhooks_a_little_later(fresh, session, webhooks):
    page = session.serve(ml_backend=True)
    with connected(fresh, page.ml_backend_url) as (project, numbers, _):
        studio = alw.LabelStudio(session, fresh.url, real.LEGACY, project)
        studio.pull()
        if webhooks == "are lost":
            page.close()
        looked = threading.Event()
        unfollow = studio.on_change(looked.set)
        # It would wait for a day, were it not told.
        options = {"poll_seconds": 86400 if webhooks == "arrive" else 0.2, "push": False}
        loop = threading.Thread(target=studio.run, args=(until_labeled(15),), kwargs=options, daemon=True)
        loop.start()
        assert looked.wait(60)
        for number, row in zip(numbers[:3], ROWS, strict=False):
            answer(fresh, number, "ham" if row % 3 else "spam")
        loop.join(60)
        assert not loop.is_alive()
        unfollow()
        assert {row: labels(session)[row] for row in ROWS[:3]} == {12: "spam", 13: "ham", 14: "ham"}
        # Who only fetches leaves the project as it is.
        found = fresh.call("GET", f"/api/projects/{project}/")[1]
        assert (found["sampling"], found["show_collab_predictions"], found["task_number"]) == (
            "Sequential sampling", True, 7,
        )  # fmt: skip
    page.close()
