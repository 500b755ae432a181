"""The API beside the page: questions that are before one person, answers that count once, and what there is to read."""

import io
import threading
import zipfile

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline

import alwidgets as alw
from alwidgets.service import api, models

NPY = "application/octet-stream"


@pytest.fixture
def team(make_session, serve):
    session = make_session(team=alw.Team(["ann", "bob"], experts=["eve"], answers=1), batch_size=20)
    return serve(session, viewers=["vic"])


@pytest.fixture
def trained(make_session, serve, blobs):
    """A page of a session with a model."""
    session = make_session()
    session.run(blobs[1], 12)
    return serve(session, ["ann"], experts=["eve"], viewers=["vic"])


def test_a_question_is_before_one_person_until_it_is_answered(team, caller):
    ann, bob = caller(team, "ann"), caller(team, "bob")
    mine, theirs = ann.next(4), bob.next(4)
    assert len({*mine, *theirs}) == 8
    assert ann.next(4) == mine
    assert ann.answer(mine[0], "left").json()["kept_as"] == "label"
    assert ann.next(3) == mine[1:]


def test_without_a_team_too_a_question_is_before_one_person_until_it_is_answered_or_let_go(make_session, serve, caller):
    page = serve(make_session(retrain_every="manual"), ["ann", "bob"])
    ann, bob = caller(page, "ann"), caller(page, "bob")
    mine, theirs = ann.next(20), bob.next(20)
    assert (len(mine), len(theirs), len({*mine, *theirs})) == (20, 20, 40)
    assert ann.next(20) == mine
    assert ann.answer(mine[0], "left").json()["kept_as"] == "label"
    assert mine[0] not in ann.next(20)
    assert ann.call("POST", "/v1/release").json() == {"released": True}
    assert {*mine[1:]} & {*bob.next(50)}
    assert ann.get("/v1/next")["lease_seconds"] == 120


def test_an_answer_is_undone_once_by_who_gave_it(team, caller):
    ann, bob = caller(team, "ann"), caller(team, "bob")
    (first,), (second,) = ann.next(), bob.next()
    ann.answer(first, "left", event_id="a1")
    bob.answer(second, "left", event_id="b1")
    for _ in range(2):
        undone = ann.call("POST", "/v1/undo", {"event_id": "u1"})
        assert undone.json() == {"event_id": "u1", "items": [first]}
    assert team.session.answers[team.session.answers["standing"]]["item"].tolist() == [second]
    refused = [
        ann.call("POST", "/v1/undo", body).status
        for body in (
            {"event_id": "u2", "target": "b1"}, {"event_id": "u2", "target": "nothing"}, {"event_id": "b1"},
            {"event_id": "u2", "session": "another"}, {"target": "a1"},
        )
    ]  # fmt: skip
    assert refused == [403, 404, 409, 409, 422]
    assert ann.call("POST", "/v1/undo", {"event_id": "u3"}).json()["items"] == []
    assert team.session.progress.n_labeled == 1


def test_an_answer_of_another_is_not_undone_but_by_an_expert(team, caller):
    ann, bob, eve = (caller(team, name) for name in ("ann", "bob", "eve"))
    (item,) = ann.next()
    ann.answer(item, "left", event_id="a1")
    reply = bob.call("POST", "/v1/undo", {"event_id": "u1", "target": "a1"})
    assert reply.status == 403
    assert f"the answer to item {item} is by 'ann'; expected one by 'bob', or an expert" in reply.json()["error"]
    assert team.session.progress.n_labeled == 1
    assert eve.call("POST", "/v1/undo", {"event_id": "u1", "target": "a1"}).json()["items"] == [item]


def test_a_round_that_never_was_has_asked_for_nothing(trained, caller):
    ann, session = caller(trained, "ann"), trained.session
    last = session.rounds[-1].round
    session.rollback(1)
    item = ann.next()[0]
    reply = ann.answer(item, "left", round=9999)
    assert (reply.status, reply.json()["error"]) == (
        404, f"There is no round 9999; expected 0 to {last}, or null for the newest.",
    )  # fmt: skip
    # One that was rolled back meanwhile did ask.
    assert ann.answer(item, "left", round=last).status == 200


def test_an_undo_that_found_nothing_undoes_nothing_when_it_is_sent_again(team, caller):
    ann, bob = caller(team, "ann"), caller(team, "bob")
    for _ in range(2):
        assert ann.call("POST", "/v1/undo", {"event_id": "u1"}).json() == {"event_id": "u1", "items": []}
    (first,) = ann.next()
    ann.answer(first, "left", event_id="a1")
    assert ann.call("POST", "/v1/undo", {"event_id": "u1"}).json() == {"event_id": "u1", "items": []}
    assert team.session.progress.n_labeled == 1
    assert bob.call("POST", "/v1/undo", {"event_id": "u1"}).status == 409
    assert ann.call("POST", "/v1/undo", {"event_id": "u2"}).json()["items"] == [first]


def test_second_answers_are_asked_without_the_first_and_leave_the_label(make_session, serve, caller):
    page = serve(make_session(), ["ann"])
    ann, session = caller(page, "ann"), page.session
    (item,) = ann.next()
    ann.answer(item, "left")
    session.request_repeats([item])
    (asked,) = ann.get("/v1/repeats?n=3")["questions"]
    assert asked == {"item": item, "sample": session.sample_id(item), "content": session.item(item).tolist()}
    assert ann.answer(item, "right", again=True).json()["kept_as"] == "second answer"
    assert ann.get("/v1/repeats")["questions"] == []
    assert session.labels["label"].tolist() == ["left"]
    assert session.repeats["second"].tolist() == ["right"]


def test_a_model_is_fitted_when_an_expert_asks_for_it(make_session, serve, caller):
    page = serve(make_session(retrain_every="manual"), ["ann"], experts=["eve"])
    ann, eve = caller(page, "ann"), caller(page, "eve")
    assert ann.call("POST", "/v1/retrain").status == 403
    unready = eve.call("POST", "/v1/retrain")
    assert (unready.status, "Fitting failed" in unready.json()["error"]) == (409, True)
    for row, label in enumerate(("left", "right") * 3):
        ann.answer(row, label)
    assert eve.call("POST", "/v1/retrain").json() == {"done": True, "round": 1}


def test_an_expert_has_only_some_samples_asked_of_everybody_and_all_again(trained, caller):
    ann, eve, session = caller(trained, "ann"), caller(trained, "eve"), trained.session
    mine, labeled = ann.next(4), session.labels["item"].tolist()
    wanted = sorted({*range(60, 90), *labeled[:2]})
    body = {"event_id": "o1", "items": wanted}
    denied = ann.call("POST", "/v1/ask-only", body)
    assert denied.status == 403
    asked = eve.call("POST", "/v1/ask-only", body)
    assert asked.json() == {"event_id": "o1", "items": [row for row in wanted if row not in set(labeled)]}
    assert eve.get("/v1/status")["n_only"] == len(asked.json()["items"])
    session.wait()
    assert ann.next(4) == mine
    assert set(eve.next(6)) <= set(wanted)
    n_events = len(session.events)
    assert eve.call("POST", "/v1/ask-only", body).json() == asked.json()
    assert len([each for each in session.events[n_events:] if each.kind == "asked_only"]) == 0
    for items, status in (([60], 409), ([500], 404), ([], 422)):
        assert eve.call("POST", "/v1/ask-only", {"event_id": "o1", "items": items}).status == status
    known = eve.call("POST", "/v1/ask-only", {"event_id": "o2", "items": labeled[:2]})
    assert known.status == 422
    assert "expected some without an answer" in known.json()["error"]
    assert eve.call("POST", "/v1/ask-only", {"event_id": "o3", "items": None}).json()["items"] == []
    assert eve.get("/v1/status")["n_only"] == 0


def test_a_question_has_the_item_the_id_of_its_sample_and_what_an_answer_to_it_says(team, caller):
    session, found = team.session, caller(team, "ann").get("/v1/next?n=2")
    item = found["questions"][0]["item"]
    assert found["questions"][0] == {
        "item": item, "sample": session.sample_id(item), "content": session.item(item).tolist()
    }  # fmt: skip
    assert found["session"] == session.session_id
    assert found["as_of"] <= session.progress.n_events
    assert found["lease_seconds"] == 120
    assert found["done"] is False


def test_an_answer_that_is_sent_again_counts_once(team, caller):
    ann = caller(team, "ann")
    (item,) = ann.next()
    first = ann.answer(item, "left", event_id="e1", seconds=2.5, shown_at=1e9, as_of=1)
    assert first.status == 200
    assert ann.answer(item, "left", event_id="e1", seconds=2.5, shown_at=1e9, as_of=1).json() == first.json()
    row = team.session.answers.iloc[0]
    assert len(team.session.answers) == 1
    assert (row["item"], row["annotator"], row["label"], row["seconds"], row["id"]) == (item, "ann", "left", 2.5, "e1")


def test_who_cannot_tell_says_null(team, caller):
    ann = caller(team, "ann")
    (item,) = ann.next()
    assert ann.answer(item, None, unsure=True).json()["kept_as"] == "skip"
    assert team.session.answers[["item", "unsure"]].to_numpy().tolist() == [[item, True]]


def test_an_answer_by_who_did_not_know_of_another_is_kept_as_a_second_one(make_session, serve, caller):
    page = serve(make_session(), ["ann", "bob"])
    ann, bob = caller(page, "ann"), caller(page, "bob")
    known = bob.get("/v1/next")["as_of"]
    assert ann.answer(3, "left").json()["kept_as"] == "label"
    assert bob.answer(3, "right", as_of=known).json()["kept_as"] == "second answer"
    assert page.session.labels[["item", "label"]].to_numpy().tolist() == [[3, "left"]]


def test_an_id_of_another_answer_is_refused(team, caller):
    ann, bob = caller(team, "ann"), caller(team, "bob")
    ann.answer(3, "left", event_id="e1")
    for reply in (
        ann.answer(4, "left", event_id="e1"),
        ann.answer(3, "right", event_id="e1"),
        ann.answer(3, None, event_id="e1"),
        bob.answer(3, "left", event_id="e1"),
    ):
        assert reply.status == 409
        assert "event_id 'e1' is of something else" in reply.json()["error"]
    assert len(team.session.answers) == 1


def test_what_is_of_another_session_or_of_later_than_now_is_refused(team, caller):
    ann = caller(team, "ann")
    other = ann.answer(3, "left", session="another")
    late = ann.answer(3, "left", as_of=team.session.progress.n_events + 1)
    assert (other.status, late.status) == (409, 409)
    assert "for another session" in other.json()["error"]
    assert "ask for questions anew" in late.json()["error"]
    assert ann.answer(3, "left", session=team.session.session_id).status == 200


def test_multilabel_answers_are_a_list(make_session, serve, caller):
    page = serve(make_session(task="multi", test=None, learner=OneVsRestClassifier(LogisticRegression())), ["ann"])
    ann = caller(page, "ann")
    assert ann.answer(3, ["right", "left"], event_id="e1").json()["kept_as"] == "label"
    assert ann.answer(3, ["left", "right"], event_id="e1").status == 200
    assert ann.answer(4, []).status == 200
    assert page.session.labels["label"].tolist() == [("left", "right"), ()]


def test_questions_come_to_an_end(make_session, serve, caller):
    X = np.random.default_rng(0).normal(size=(6, 2))
    page = serve(make_session(X=X, test=None, batch_size=2), ["ann"])
    ann = caller(page, "ann")
    n = 0
    while not (found := ann.get("/v1/next?n=3"))["done"]:
        for question in found["questions"]:
            ann.answer(question["item"], ["left", "right"][n % 2])
            n += 1
    assert (n, found["questions"]) == (6, [])


def test_questions_are_waited_for_while_they_are_chosen(make_session, serve, caller):
    begun, let_go = threading.Event(), threading.Event()

    def slow(view):
        begun.set()
        assert let_go.wait(60)
        return np.zeros(len(view.candidates))

    page = serve(make_session(cold_start=slow), ["ann"])
    found = []
    asking = threading.Thread(target=lambda: found.extend(caller(page, "ann").next(2)))
    asking.start()
    assert begun.wait(60)
    let_go.set()
    asking.join()
    assert len(found) == 2


def test_predictions_are_those_of_the_newest_model_and_say_which(trained, caller, blobs):
    vic, session = caller(trained, "vic"), trained.session
    for X in (blobs[0][:1], blobs[0][:5]):
        found = vic.call("POST", "/v1/predict", {"samples": X.tolist()}).json()
        assert found["labels"] == session.learner.predict(X).tolist()
        assert found["probabilities"] == session.learner.predict_proba(X).tolist()
        assert found["classes"] == ["left", "right"]
        assert found["model"]["round"] == session.rounds[-1].round
        assert found["model"]["training_set"] == session.versions["training_set"].iloc[-1]
    session.run(blobs[1], 8)
    after = vic.call("POST", "/v1/predict", {"samples": X.tolist()}).json()
    assert after["model"]["round"] == session.rounds[-1].round > found["model"]["round"]
    session.rollback(1)
    assert vic.call("POST", "/v1/predict", {"samples": X.tolist()}).json()["model"]["round"] == 1


@pytest.mark.parametrize(("quick", "where"), [(0.0, "alwidgets-predicts"), (60.0, "alwidgets-server")])
def test_a_model_that_is_quick_is_asked_where_requests_come_in_and_another_one_beside_it(
    trained, caller, blobs, monkeypatch, quick, where
):
    monkeypatch.setattr(api, "_QUICK_SECONDS", quick)
    vic, asked, predict = caller(trained, "vic"), [], models.predicted

    def noted(*args):
        asked.append(threading.current_thread().name)
        return predict(*args)

    monkeypatch.setattr("alwidgets.service.model_api.predicted", noted)
    for _ in range(3):
        assert vic.call("POST", "/v1/predict", {"samples": blobs[0][:1].tolist()}).status == 200
    # How long it takes is known from the first time on; many samples at once are never read there.
    assert [name.partition("_")[0] for name in asked] == ["alwidgets-predicts", where, where]
    assert vic.call("POST", "/v1/predict", {"samples": blobs[0].tolist() * 2}).status == 200
    assert asked[-1].startswith("alwidgets-predicts")


def test_arrays_go_as_files_of_numpy_too(trained, caller, blobs):
    vic, X = caller(trained, "vic"), blobs[0][:7]
    for values in (X, X.astype(np.float32), np.asfortranarray(X)):
        content = io.BytesIO()
        np.save(content, values)
        reply = vic.call("POST", "/v1/predict-array", content.getvalue(), **{"Content-Type": NPY})
        assert reply.headers["Content-Type"] == NPY
        assert reply.headers["Alwidgets-Round"] == str(trained.session.rounds[-1].round)
        assert np.load(io.BytesIO(reply.body)) == pytest.approx(trained.session.learner.predict_proba(values))


def test_texts_and_rows_of_columns_are_predicted(serve, caller):
    texts = ["win a prize", "see you at noon", "a prize for you", "lunch at noon"]
    learner = make_pipeline(TfidfVectorizer(), LogisticRegression())
    spam = alw.Session(texts, classes=["ham", "spam"], learner=learner, labels={0: "spam", 1: "ham"}, audit=0)
    spam.retrain()
    found = caller(serve(spam, viewers=["vic"]), "vic").call("POST", "/v1/predict", {"samples": ["a prize"]})
    assert found.json()["labels"] == ["spam"]
    frame = pd.DataFrame({"width": [1.0, 2.0, 8.0, 9.0], "height": [1.0, 1.0, 4.0, 5.0]})
    sizes = alw.Session(frame, classes=["s", "l"], learner=LogisticRegression(), labels={0: "s", 3: "l"}, audit=0)
    sizes.retrain()
    vic = caller(serve(sizes, viewers=["vic"]), "vic")
    assert vic.call("POST", "/v1/predict", {"samples": [{"height": 5, "width": 9}]}).json()["labels"] == ["l"]
    wrong = vic.call("POST", "/v1/predict", {"samples": [{"height": 5}]})
    assert (wrong.status, wrong.json()["error"]) == (
        422, "The model cannot predict these samples: samples[0] has other columns; expected ['width', 'height']."
    )  # fmt: skip


def test_a_model_without_probabilities_gives_labels(make_session, serve, caller, blobs):
    session = make_session(learner=RidgeClassifier(), strategy="random")
    session.run(blobs[1], 8)
    vic = caller(serve(session, viewers=["vic"]), "vic")
    body = {"samples": blobs[0][:3].tolist()}
    assert vic.call("POST", "/v1/predict", body).json()["probabilities"] is None
    content = io.BytesIO()
    np.save(content, blobs[0][:3])
    reply = vic.call("POST", "/v1/predict-array", content.getvalue(), **{"Content-Type": NPY})
    assert (reply.status, reply.json()["error"]) == (
        409,
        "The model has no probabilities; /v1/predict gives its labels.",
    )


def test_where_there_is_no_model_it_is_said_that_one_comes(make_session, serve, caller, blobs):
    page = serve(make_session(), viewers=["vic"])
    reply = caller(page, "vic").call("POST", "/v1/predict", {"samples": blobs[0][:1].tolist()})
    assert (reply.status, reply.headers["Retry-After"]) == (503, "10")
    assert "no model yet" in reply.json()["error"]


def test_the_status_says_how_far_the_session_is(trained, caller):
    session, found = trained.session, caller(trained, "vic").get("/v1/status")
    assert found["session"] == session.session_id
    assert found["n_labeled"] == len(session.labels)
    assert found["round"] == session.rounds[-1].round
    assert found["score"]["value"] == session.rounds[-1].score
    assert found["advice"] == session.advice.sentence


def test_labels_are_listed_in_parts(trained, caller):
    eve, labels = caller(trained, "eve"), trained.session.labels
    found = eve.get("/v1/labels")
    assert found["n_labels"] == len(labels) == 12
    rows = list(labels[["item", "label"]].itertuples(index=False, name=None))
    assert [(row["item"], row["label"]) for row in found["labels"]] == rows
    assert [row["item"] for row in eve.get("/v1/labels?offset=5&limit=3")["labels"]] == labels["item"].tolist()[5:8]


def test_an_export_is_what_the_session_exports_in_a_zip(trained, caller):
    reply = caller(trained, "eve").call("GET", "/v1/export")
    assert reply.headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(reply.body)) as archive:
        names = archive.namelist()
        assert {"session/README.md", "session/labels.csv", "session/history.csv"} <= set(names)
        lines = archive.read("session/labels.csv").decode().splitlines()
    assert len(lines) == 1 + len(trained.session.labels)


def test_figures_are_those_of_the_session_and_of_the_requests(trained, caller):
    vic = caller(trained, "vic")
    vic.get("/v1/status")
    lines = vic.call("GET", "/metrics").body.decode().splitlines()
    assert "alwidgets_labels 12" in lines
    assert "alwidgets_samples 120" in lines
    assert 'alwidgets_http_requests_total{method="GET",path="/v1/status",status="200"} 1' in lines
    assert 'alwidgets_http_request_seconds_bucket{path="/v1/status",le="+Inf"} 1' in lines
    assert any(line.startswith('alwidgets_score{metric="accuracy",kind="held out"} ') for line in lines)
    for line in lines:
        assert line.startswith("# ") or (len(line.rpartition(" ")[2]) > 0 and float(line.rpartition(" ")[2]) >= 0)


def test_a_session_that_is_closed_is_alive_and_not_ready(make_session, serve, caller, tmp_path):
    first = make_session(journal=tmp_path / "a.alw")
    page = serve(first, ["ann"])
    ann = caller(page, "ann")
    assert ann.get("/healthz")["alive"] is True
    assert ann.get("/readyz") == {"ready": True}
    # As when it is opened a second time, and before the page has ended.
    first._core.log.close()
    assert ann.get("/healthz")["alive"] is True
    for reply in (ann.call("GET", "/readyz"), ann.answer(3, "left"), ann.call("GET", "/v1/next")):
        assert (reply.status, reply.json()["error"]) == (503, "The session is closed.")


def test_answers_of_a_link_that_only_reads_are_not_taken_and_other_kernels_are_named(
    make_session, serve, caller, tmp_path, monkeypatch
):
    page = serve(make_session(journal=tmp_path / "a.alw"), ["ann"])
    monkeypatch.setattr(alw.Session, "read_only", property(lambda _self: True))
    reply = caller(page, "ann").answer(3, "left")
    assert (reply.status, reply.headers["Retry-After"]) == (503, "10")
    assert "The session is held by" in reply.json()["error"]
