"""Sessions over the real Label Studio 1.23: nothing is lost, doubled or silently wrong, whatever happens in between."""

import contextlib
import json
import secrets
import struct
import threading
import uuid
import zlib

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

import alwidgets as alw
from alwidgets.bridges import label_studio
from alwidgets.bridges.client import LabelStudioError
from tests.bridges import real
from tests.bridges.sample import chosen, labels, make, written
from tests.bridges.scenario import served, tell

pytestmark = [pytest.mark.label_studio, pytest.mark.timeout(600)]


@pytest.fixture
def session():
    session = make()
    yield session
    session.close()


@pytest.fixture
def studio(fresh, session):
    return alw.LabelStudio(session, fresh.url, real.LEGACY)


def tasks(server, studio):
    """Return the tasks over there, by the rows of their samples."""
    status, page = server.call("GET", f"/api/tasks/?project={studio.project}&fields=all&page_size=1000")
    assert status == 200, page
    rows = [task["data"]["alw_row"] for task in page["tasks"]]
    assert len(set(rows)) == len(rows), "a sample is there twice"
    return dict(zip(rows, page["tasks"], strict=True))


def answer(server, studio, row, *results, token=real.LEGACY, **more):
    """Answer the question of a row; return the number of the answer."""
    number = tasks(server, studio)[row]["id"]
    body = {"result": list(results), "lead_time": 1.5, **more}
    status, made = server.call("POST", f"/api/tasks/{number}/annotations/", body, token=token)
    assert status == 201, made
    return made["id"]


def asked_next(server, studio, token=real.LEGACY):
    """Return the row that an annotator is asked next."""
    return server.call("GET", f"/api/projects/{studio.project}/next/", token=token)[1]["data"]["alw_row"]


def in_order(server, studio):
    """Return the rows that the project has a score for in its present version, lowest first."""
    version = server.call("GET", f"/api/projects/{studio.project}/")[1]["model_version"]
    scores = {
        row: prediction["score"]
        for row, task in tasks(server, studio).items()
        for prediction in task["predictions"]
        if prediction["model_version"] == version and not task["is_labeled"]
    }
    return sorted(scores, key=scores.get)


def test_the_story_of_every_run_is_true(fresh, session):
    tell(session, lambda: alw.LabelStudio(session, fresh.url, real.LEGACY), fresh.call)


def test_questions_are_asked_in_the_order_of_the_session(fresh, session, studio):
    studio.push()
    # Of several members of the organization each is asked any of them, so that no two have the same.
    alone = len(fresh.call("GET", "/api/users/")[1]) == 1
    for row in range(6):
        asked = asked_next(fresh, studio)
        assert asked == row if alone else asked < 8
        answer(fresh, studio, asked, chosen("ham" if asked % 3 else "spam"))
    studio.pull()
    session.wait()
    # A new model ranked them: a new version of the order, in which those answered are no more.
    session.enqueue([17])
    studio.push()
    assert in_order(fresh, studio) == session.query(8).tolist()
    assert asked_next(fresh, studio) in ([17] if alone else session.query(8))


def test_who_answers_is_known_by_e_mail_and_the_newest_answer_stands(fresh, session, studio):
    ann, bob = (real.annotator(fresh, f"{name}-{secrets.token_hex(4)}@example.com") for name in ("ann", "bob"))
    studio.push()
    answer(fresh, studio, 0, chosen("ham"), token=ann)
    answer(fresh, studio, 0, chosen("spam"), token=bob)
    assert studio.pull().n_taken == 2
    (row,) = session.labels.to_dict("records")
    assert row["label"] == "spam"
    assert row["annotator"].startswith("bob-")
    fresh.call("DELETE", f"/api/annotations/{tasks(fresh, studio)[0]['annotations'][0]['id']}/")
    studio.pull()
    assert len(labels(session)) == 1


def test_an_answer_that_is_sent_twice_counts_once(fresh, session, studio):
    studio.push()
    number, unique = tasks(fresh, studio)[0]["id"], str(uuid.uuid4())
    body = {"result": [chosen("ham")], "unique_id": unique}
    statuses = []
    race = [
        threading.Thread(
            target=lambda: statuses.append(fresh.call("POST", f"/api/tasks/{number}/annotations/", body)[0])
        )
        for _ in range(2)
    ]
    for thread in race:
        thread.start()
    for thread in race:
        thread.join()
    assert statuses.count(201) == 1, statuses
    assert studio.pull().n_taken == 1
    assert labels(session) == {0: "ham"}


def test_a_pre_label_that_was_accepted_is_a_suggestion(fresh, session, studio):
    studio.push()
    task = tasks(fresh, studio)[0]
    prediction = {"task": task["id"], "result": [chosen("spam")], "score": 0.5, "model_version": "theirs"}
    assert fresh.call("POST", f"/api/projects/{studio.project}/import/predictions", [prediction])[0] == 201
    shown = tasks(fresh, studio)[0]["predictions"][-1]["id"]
    answer(fresh, studio, 0, chosen("spam", origin="prediction"), parent_prediction=shown)
    answer(fresh, studio, 1, chosen("ham"))
    studio.pull()
    suggested = session.labels.set_index("item")["suggested"]
    assert suggested[0] == "spam"
    assert suggested.isna().tolist() == [False, True]


class Faulty:
    """Stands before the server, and breaks off at one call: before it is passed on, or before it is answered."""

    def __init__(self, target, at, when):
        self.target, self.at, self.when, self.n = target, at, when, 0

    def answer(self, method, path, body, headers):
        self.n += 1
        broken = self.n == self.at
        if broken and self.when == "before":
            raise ConnectionResetError
        status, content = real.send(method, self.target + path, body, headers["Authorization"])
        if broken:
            raise ConnectionResetError
        return status, content


def work(url, server, session, before):
    """Push, have a question answered, and pull; return the bridge."""
    studio = before or alw.LabelStudio(session, url, real.LEGACY)
    studio.push()
    if not labels(session) and not any(task["annotations"] for task in tasks(server, studio).values()):
        answer(server, studio, 0, chosen("ham"))
    studio.pull()
    return studio


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("again", ["the same bridge", "a new one"])
def test_whatever_call_breaks_off_the_next_one_goes_on(fresh, when, again):
    at, is_broken = 0, True
    while is_broken:
        at += 1
        session, faulty = make(), Faulty(fresh.url, at, when)
        with served(faulty) as url:
            first = None
            with contextlib.suppress(LabelStudioError):
                first = alw.LabelStudio(session, url, real.LEGACY)
                work(url, fresh, session, first)
            is_broken, faulty.at = faulty.n >= at, 0
            studio = work(url, fresh, session, first if again == "the same bridge" else None)
            # Nothing is there twice, and the answer counts once.
            assert labels(session) == {0: "ham"}
            assert studio.push().n_open == 8
            assert set(tasks(fresh, studio)) == set(range(9))
            assert in_order(fresh, studio) == session.query(8).tolist()
        session.close()
    assert at > 7


def test_who_comes_after_a_kill_goes_on_in_the_same_project(fresh, session, studio):
    studio.push()
    answer(fresh, studio, 0, chosen("ham"))
    other = alw.LabelStudio(session, fresh.url, real.LEGACY)
    assert other.project == studio.project
    assert (other.pull().n_taken, other.push().n_new) == (1, 1)
    assert studio.pull().n_taken == 0


def pull_until_it_breaks(studio):
    while True:
        studio._is_known = False
        studio.pull()


def test_a_server_that_dies_in_the_middle_of_a_pull_is_asked_again(fresh, session, studio):
    studio.push()
    for row in range(5):
        answer(fresh, studio, row, chosen("ham"))
    killer = threading.Timer(0.02, fresh.kill)
    killer.start()
    with pytest.raises(LabelStudioError, match=r"does not answer .* try again") as caught:
        pull_until_it_breaks(studio)
    killer.join()
    assert caught.value.may_pass
    before = labels(session)
    assert before in ({}, dict.fromkeys(range(5), "ham"))
    with pytest.raises(LabelStudioError):
        studio.push()
    fresh.start()
    studio.step()
    assert labels(session) == dict.fromkeys(range(5), "ham")
    assert len(tasks(fresh, studio)) >= 5 + studio.n_tasks


def test_access_tokens_are_renewed_and_a_revoked_token_is_named_but_not_shown(fresh, session):
    token = fresh.call("POST", "/api/token/", {})[1]["token"]
    studio = alw.LabelStudio(session, fresh.url, token)
    studio.push()
    first = studio._client._access
    # It has ended, and this clock knows; then only the server knows.
    studio._client._renew_at = 0.0
    studio.pull()
    studio._client._access = first[:-4] + "AAAA"
    assert studio.pull().n_known == 0
    assert fresh.call("POST", "/api/token/blacklist/", {"refresh": token})[0] in (200, 204)
    studio._client._access = ""
    before = list(session.events)
    with pytest.raises(LabelStudioError, match=r"refused the token .* copy a new one") as caught:
        studio.pull()
    assert not caught.value.may_pass
    assert token not in str(caught.value)
    assert list(session.events) == before


def test_a_question_that_is_withdrawn_is_asked_of_nobody_and_deleted_later(fresh, session, studio, monkeypatch):
    studio.push()
    ours = tasks(fresh, studio)
    draft = {"result": [chosen("ham")], "lead_time": 1.0}
    assert fresh.call("POST", f"/api/tasks/{ours[5]['id']}/drafts", draft)[0] == 201
    # It is answered here: no question any more.
    for row in (2, 5, 7):
        session.teach(row, "ham")
    pushed = studio.push()
    assert (pushed.n_withdrawn, pushed.n_deleted) == (3, 0)
    for _ in range(3):
        assert asked_next(fresh, studio) not in (2, 5, 7)
    # Whoever has it open may answer, and this counts.
    answer(fresh, studio, 7, chosen("spam"))
    monkeypatch.setattr(label_studio, "_GRACE", 0.0)
    assert studio.push().n_deleted == 1
    left = tasks(fresh, studio)
    assert 2 not in left
    assert {5, 7} <= left.keys()
    studio.pull()
    assert labels(session)[7] == "spam"
    assert studio.push().n_deleted == 0


def test_tasks_that_somebody_deleted_are_brought_again(fresh, session, studio):
    studio.push()
    gone = [task["id"] for row, task in tasks(fresh, studio).items() if row in (1, 4)]
    for number in gone:
        assert fresh.call("DELETE", f"/api/tasks/{number}/")[0] == 204
    assert studio.push().n_new == 2
    assert set(tasks(fresh, studio)) == set(range(8))


def test_a_project_that_is_there_is_taken_with_the_answers_it_has(fresh, session):
    config = (
        '<View><Header value="Is it?"/><Text name="mail" value="$body"/>'
        '<Choices name="kind" toName="mail"><Choice value="Ham" alias="ham"/>'
        '<Choice value="Spam" alias="spam"/></Choices>'
        '<Choices name="tone" toName="mail"><Choice value="rude"/><Choice value="kind"/></Choices></View>'
    )
    project = fresh.call("POST", "/api/projects/", {"title": "theirs", "label_config": config})[1]["id"]
    given = [{"data": {"body": "text 3"}}, {"data": {"body": "something else"}}]
    made = fresh.call("POST", f"/api/projects/{project}/import?return_task_ids=true", given)[1]["task_ids"]
    for number in made:
        results = [chosen("spam", control="kind", shown="mail"), chosen("rude", control="tone", shown="mail")]
        fresh.call("POST", f"/api/tasks/{number}/annotations/", {"result": results})
    studio = alw.LabelStudio(session, fresh.url, real.LEGACY, project)
    received = studio.pull()
    assert (received.n_taken, len(received.refused)) == (1, 1)
    assert labels(session) == {3: "spam"}
    assert "not in the pool" in studio.quarantined[0].reason
    assert studio.push().n_new == 8
    found = fresh.call("GET", f"/api/projects/{project}/")[1]
    assert (found["show_collab_predictions"], found["enable_empty_annotation"]) == (False, False)
    assert found["sampling"] == "Uncertainty sampling"


def test_a_project_that_asks_something_else_is_refused_and_left_alone(fresh, session):
    two = '<Choice value="ham"/><Choice value="{}"/></Choices>'
    for config, said in (
        (f'<Choices name="label" toName="text">{two.format("eggs")}', r"lacks \['spam'\] and has \['eggs'\]"),
        (f'<Choices name="label" toName="text" choice="multiple">{two.format("spam")}', "choose several"),
        ('<Labels name="label" toName="text"><Label value="ham"/></Labels>', "asks for no class"),
    ):
        whole = f'<View><Text name="text" value="$text"/>{config}</View>'
        status, made = fresh.call("POST", "/api/projects/", {"title": "another one", "label_config": whole})
        assert status == 201, made
        with pytest.raises(ValueError, match=f"project {made['id']} at .* asks something else: .*{said}"):
            alw.LabelStudio(session, fresh.url, real.LEGACY, made["id"])
        assert fresh.call("GET", f"/api/projects/{made['id']}/")[1]["show_collab_predictions"]


def test_a_class_that_was_renamed_over_there_is_told_and_labels_stay(fresh, session, studio):
    studio.push()
    answer(fresh, studio, 0, chosen("spam"))
    studio.pull()
    place = f"/api/projects/{studio.project}/"
    config = fresh.call("GET", place)[1]["label_config"]
    assert fresh.call("PATCH", place, {"label_config": config.replace('"spam"', '"junk"')})[0] == 200
    answer(fresh, studio, 1, chosen("junk"))
    assert studio.pull().refused[0].reason == "label 'junk' is unknown; expected one of ['ham', 'spam']."
    before = list(session.events)
    with pytest.raises(ValueError, match="lacks \\['spam'\\] and has \\['junk'\\]"):
        studio.push()
    assert list(session.events) == before
    assert fresh.call("PATCH", place, {"label_config": config})[0] == 200
    assert studio.push().n_new == 2


def test_a_class_that_the_session_has_since_is_one_over_there(fresh, session, studio):
    session.add_class("eggs")
    studio.push()
    answer(fresh, studio, 0, chosen("eggs"))
    studio.pull()
    assert labels(session) == {0: "eggs"}


def test_a_project_that_was_deleted_is_told_and_labels_stay(fresh, session, studio):
    studio.push()
    answer(fresh, studio, 0, chosen("spam"))
    studio.pull()
    assert fresh.call("DELETE", f"/api/projects/{studio.project}/")[0] == 204
    for call in (studio.pull, studio.push):
        with pytest.raises(LabelStudioError, match=f"project {studio.project}.* is not there any more"):
            call()
    assert labels(session) == {0: "spam"}
    other = alw.LabelStudio(session, fresh.url, real.LEGACY)
    assert other.project != studio.project
    other.push()
    other.pull()
    assert labels(session) == {0: "spam"}


def test_a_wrong_token_and_a_project_that_never_was_are_told(fresh, session):
    with pytest.raises(LabelStudioError, match="refused the token \\(Invalid token\\)"):
        alw.LabelStudio(session, fresh.url, "f" * 40)
    with pytest.raises(LabelStudioError, match=r"project 99999 at .* is not there"):
        alw.LabelStudio(session, fresh.url, real.LEGACY, 99999)
    with pytest.raises(LabelStudioError, match="there is no Label Studio at"):
        alw.LabelStudio(session, f"{fresh.url}/nowhere", real.LEGACY)


def pairwise(side):
    return {"from_name": "label", "to_name": "label", "type": "pairwise", "value": {"selected": side}}


PAIRS = [(f"left {row}", f"right {row}") for row in range(12)]


@pytest.mark.parametrize(
    ("changes", "result", "label"),
    [
        ({"classes": [1, 2, 3], "task": "ordinal"}, chosen("2"), 2),
        ({"classes": ["no", "yes"], "task": "yes_no"}, chosen("yes"), "yes"),
        ({"classes": ["A", "B"], "task": "pair", "items": PAIRS}, pairwise("right"), "B"),
        ({"classes": ["A", "B", "tie"], "task": "pair", "items": PAIRS}, chosen("tie", shown="left"), "tie"),
        ({"items": [{"size": row, "from": f"<{row}>"} for row in range(12)]}, chosen("spam", shown="row"), "spam"),
        ({"classes": ['a "b"', "<c> & d"]}, chosen("<c> & d"), "<c> & d"),
    ],
)
def test_every_kind_of_task_is_asked_and_answered(fresh, changes, result, label):
    session = make(12, **changes)
    studio = alw.LabelStudio(session, fresh.url, real.LEGACY)
    studio.push()
    answer(fresh, studio, 0, result, written("a note") | {"to_name": result["to_name"]})
    assert studio.pull().refused == ()
    assert labels(session) == {0: label}
    assert session.notes == {0: "a note"}
    session.close()


def test_any_number_of_classes_is_an_answer_of_a_multilabel_task(fresh):
    session = make(12, task="multi", learner=OneVsRestClassifier(LogisticRegression()))
    studio = alw.LabelStudio(session, fresh.url, real.LEGACY)
    studio.push()
    answer(fresh, studio, 0, chosen("spam", "ham"))
    answer(fresh, studio, 1)
    studio.pull()
    assert labels(session) == {0: ("ham", "spam"), 1: ()}
    session.close()


def png(shade):
    """Return an image of one pixel."""

    def part(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixel = zlib.compress(bytes([0, shade]))
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", pixel) + part(b"IEND", b"")


def test_images_on_this_machine_are_given_to_the_server(fresh, tmp_path):
    names = [f"käse {row}.png" for row in range(12)]
    for row, name in enumerate(names):
        (tmp_path / name).write_bytes(png(row))
    session = make(12, items=names, media_root=tmp_path)
    studio = alw.LabelStudio(session, fresh.url, real.LEGACY, n_tasks=3)
    studio.push()
    task = tasks(fresh, studio)[0]
    assert real.send("GET", fresh.url + task["data"]["image"], None, f"Token {real.LEGACY}") == (200, png(0))
    answer(fresh, studio, 0, chosen("ham", shown="image"))
    studio.pull()
    assert labels(session) == {0: "ham"}
    session.close()


def test_a_session_is_labeled_to_its_end(fresh, session):
    studio = alw.LabelStudio(session, fresh.url, real.LEGACY)

    def label():
        while session.progress.n_labeled + session.progress.n_skipped < len(session.X):
            status, task = fresh.call("GET", f"/api/projects/{studio.project}/next/")
            if status == 200:
                name = "spam" if task["data"]["alw_row"] % 3 == 0 else "ham"
                fresh.call("POST", f"/api/tasks/{task['id']}/annotations/", {"result": [chosen(name)]})

    annotator = threading.Thread(target=label, daemon=True)
    annotator.start()
    studio.run(poll_seconds=0.1)
    annotator.join(60)
    assert labels(session) == {row: "ham" if row % 3 else "spam" for row in range(len(session.X))}
    assert np.all(session.labels["annotator"] == real.OWNER)
    assert session.progress.round >= 2


def test_labels_that_were_written_for_it_are_imported_with_their_answers_and_predictions(fresh, tmp_path):
    first = make(annotator=real.OWNER, batch_size=20)
    for row in range(12):
        first.teach(row, "ham" if row % 3 else "spam", seconds=2.5)
    first.note(3, "sure, #1\nand more")
    first.skip(12)
    first.retrain()
    path = alw.io.write_labels(first, tmp_path / "tasks.json", format="label_studio")
    second = make()
    studio = alw.LabelStudio(second, fresh.url, real.LEGACY)
    place = f"/api/projects/{studio.project}/import"
    status, made = fresh.call("POST", place, json.loads(path.read_text()))
    assert status == 201, made
    assert (made["task_count"], made["annotation_count"], made["prediction_count"]) == (13, 13, 13)
    received = studio.pull()
    assert (received.n_taken, received.refused) == (13, ())
    assert labels(second) == labels(first)
    assert second.notes == first.notes
    assert second.labels["seconds"].tolist() == [2.5] * 12
    assert set(second.labels["annotator"]) == {real.OWNER}
    assert second.progress.n_skipped == 1
    for session in (first, second):
        session.close()
