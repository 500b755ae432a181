"""The model of a session answers a Label Studio, which may ask it and have it trained, and is believed nothing."""

import gc
import json
import logging
import secrets
import types
import urllib.error
import urllib.request

import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from alwidgets.bridges import hints
from alwidgets.session import view_of
from tests.bridges.backend_story import CONFIG, EXCHANGE, HIDDEN, ROWS, trained
from tests.bridges.sample import make
from tests.service.visitor import ask as sent


@pytest.fixture
def started(serve):
    """A function that serves the model of a session, and returns a function that asks it."""
    sessions = []

    def start(session):
        sessions.append(session)
        page = serve(session, ml_backend=True)

        def ask(what, body=None, *, url=page.ml_backend_url, **headers):
            data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
            request = urllib.request.Request(f"{url}/{what}", data, headers)  # noqa: S310
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                    return answer.status, json.loads(answer.read())
            except urllib.error.HTTPError as error:
                with error:
                    ask.reason = error.reason
                    return error.code, json.loads(error.read())

        ask.page = page
        return ask

    yield start
    for session in sessions:
        session.close()


def asked_about(*texts, config=CONFIG):
    tasks = [{"id": 1 + place, "data": {"body": text}} for place, text in enumerate(texts)]
    return {"tasks": tasks, "project": "1.0", "label_config": config, "params": {"login": HIDDEN, "password": HIDDEN}}


def rounded(value):
    if isinstance(value, dict):
        return {name: rounded(each) for name, each in value.items()}
    if isinstance(value, list):
        return [rounded(each) for each in value]
    return pytest.approx(value, abs=0.02) if isinstance(value, float) else value


def test_what_a_real_label_studio_said_is_answered_as_it_was(started):
    session = trained()
    ask = started(session)
    said = json.loads(EXCHANGE.read_text())
    assert [each["path"] for each in said][-4:] == ["/predict", "/webhook", "/webhook", "/versions"]
    for each in said:
        assert ask(each["path"][1:], each["body"]) == (each["status"], rounded(each["answer"]))
    assert session.progress.round == 2


def test_a_pre_label_is_what_the_model_says_of_that_very_sample(started):
    session = trained()
    ask = started(session)
    status, found = ask("predict", asked_about(*(f"text {row}" for row in ROWS), "of no pool"))
    assert status == 200
    *known, unknown = found["results"]
    assert unknown == []
    for row, (prediction,) in zip(ROWS, known, strict=True):
        suggestion = session.suggestion(row)
        (result,) = prediction["result"]
        assert result == {
            "from_name": "kind", "to_name": "mail", "type": "choices", "value": {"choices": [suggestion.label]},
        }  # fmt: skip
        assert prediction["score"] == pytest.approx(suggestion.confidence)
        assert prediction["model_version"] == "round-1"


RATING = '<View><Text name="t" value="$body"/><Rating name="stars" toName="t" maxRating="3"/></View>'
SIDES = (
    '<View><Text name="left" value="$left"/><Text name="right" value="$right"/>'
    '<Pairwise name="better" toName="left,right"/></View>'
)
SEVERAL = CONFIG.replace('toName="mail">', 'toName="mail" choice="multiple">')


BOTH = ["ham", "spam"]
TO_SEVERAL = {"task": "multi", "learner": OneVsRestClassifier(LogisticRegression())}


@pytest.mark.parametrize(
    ("changes", "labels", "config", "kind", "values"),
    [
        ({"classes": [1, 2, 3], "task": "ordinal"}, [1, 2, 3], RATING, "rating", [{"rating": n} for n in (1, 2, 3)]),
        (
            {"classes": ["A", "B"], "task": "pair"},
            "AB",
            SIDES,
            "pairwise",
            [{"selected": n} for n in ("left", "right")],
        ),
        (TO_SEVERAL, [["ham"], BOTH, []], SEVERAL, "choices", [{"choices": n} for n in (["ham"], BOTH)]),
    ],
)
def test_a_pre_label_is_of_the_kind_that_the_project_asks_for(started, changes, labels, config, kind, values):
    session = make(**changes)
    for row in range(12):
        session.teach(row, labels[row % len(labels)])
    session.retrain()
    ask = started(session)
    tasks = [{"id": row, "data": {"alw_id": f"m{row}"}} for row in range(40)]
    status, found = ask("predict", {"tasks": tasks, "label_config": config})
    assert status == 200
    results = [result for predictions in found["results"] for each in predictions for result in each["result"]]
    assert results
    assert {result["type"] for result in results} == {kind}
    assert all(result["value"] in values for result in results)


def test_a_batch_is_taken_that_is_larger_than_what_a_page_may_send(started):
    ask = started(trained())
    status, found = ask("predict", asked_about(*(f"text {row}" for row in ROWS), *["long " * 20_000] * 20))
    assert status == 200
    assert [len(each) for each in found["results"]] == [1] * len(ROWS) + [0] * 20


def test_before_there_is_a_model_nothing_is_said(started):
    ask = started(make())
    assert ask("setup", {"schema": CONFIG}) == (200, {"model_version": "round-0"})
    assert ask("predict", asked_about("text 1", "text 2")) == (200, {"results": [[], []]})


def test_an_answer_that_measures_the_model_is_not_led_by_it(started):
    session = make(audit=0.5, batch_size=8)
    for row in session.query(16).tolist():
        session.teach(row, "ham" if row % 3 else "spam")
    session.retrain()
    ask = started(session)
    rows = session.query(8).tolist()
    audited = [row for row in rows if view_of(session).is_audit(row)]
    assert audited
    assert len(audited) < len(rows)
    _, found = ask("predict", asked_about(*(f"text {row}" for row in rows)))
    assert [row for row, said in zip(rows, found["results"], strict=True) if not said] == audited


def test_a_project_that_asks_something_else_is_told_what_differs_beside_the_status(started):
    ask = started(trained())
    status, answer = ask("setup", {"schema": CONFIG.replace("ham", "eggs"), "access_token": HIDDEN})
    assert status == 400
    assert "has ['eggs'], which the session has not" in answer["error"]
    # This is what Label Studio shows.
    assert ask.reason == answer["error"][:300]


def test_a_training_that_fails_says_why(started):
    ask = started(make())
    status, answer = ask("webhook", {"action": "START_TRAINING"})
    assert status == 409
    assert "two classes" in answer["error"]
    assert ask("health")[0] == 200


def test_a_webhook_is_a_hint_and_its_answer_is_not_believed(started):
    session = trained()
    ask, before = started(session), list(session.events)
    forged = {"action": "ANNOTATION_CREATED", "annotation": {"result": [], "id": 3}, "task": {"id": 1}}
    with hints.awaited(session.session_id) as news:
        assert ask("webhook", {"action": "TASKS_CREATED"}) == (200, {"status": "noted", "n_waiting": 0})
        assert not news.is_set()
        assert ask("webhook", forged) == (200, {"status": "noted", "n_waiting": 1})
        assert news.is_set()
    assert ask("webhook", forged) == (200, {"status": "noted", "n_waiting": 0})
    assert list(session.events) == before


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'{"schema": 3}', b'{"tasks": {}}', b'{"action": []}'])
@pytest.mark.parametrize("what", ["setup", "predict", "webhook"])
def test_what_is_no_request_of_label_studio_is_refused(started, what, body):
    ask = started(trained())
    status, answer = ask(what, body or b" ")
    assert (status == 400) == (not (what == "webhook" and b"action" in body))
    assert status == 200 or answer["error"]
    assert ask("health")[0] == 200


def test_whoever_has_not_the_address_gets_nothing(started):
    session = trained()
    ask = started(session)
    url = ask.page.ml_backend_url
    wrong = url[:-1] + ("A" if url[-1] != "A" else "B")
    for what, body in (("health", None), ("setup", {"schema": CONFIG}), ("webhook", {"action": "START_TRAINING"})):
        assert ask(what, body, url=wrong)[0] == 404
        assert ask(what, body, Origin="http://evil.example")[0] == 403
    assert session.progress.round == 1
    assert ask("predict")[0] == 405
    assert ask("health", {"a": 1})[0] == 405


def test_its_replies_have_the_headers_of_all_others(started):
    ask = started(trained())
    reply = sent(f"{ask.page.ml_backend_url}/health")
    assert (reply.headers["X-Frame-Options"], reply.headers["Cache-Control"]) == ("DENY", "no-store")
    assert "Server" not in reply.headers
    assert sent(f"{ask.page.ml_backend_url}/setup", "DELETE").status == 405


def test_the_address_is_none_unless_it_is_served_and_another_one_with_new_links(serve):
    session = make()
    page = serve(session)
    assert page.ml_backend_url is None
    first = serve(session, ml_backend=True).ml_backend_url
    assert first == serve(session, ml_backend=True).ml_backend_url
    assert first != serve(session, ml_backend=True, new_links=True).ml_backend_url
    assert first.rpartition("/")[2] not in repr(page)
    session.close()


def test_the_address_of_a_session_with_a_journal_is_the_same_after_a_restart(serve, tmp_path):
    session = make(journal=tmp_path / "session.alw")
    first = serve(session, ml_backend=True)
    key = first.ml_backend_url.rpartition("/")[2]
    first.close()
    session.close()
    session = make(journal=tmp_path / "session.alw")
    assert serve(session, ml_backend=True).ml_backend_url.rpartition("/")[2] == key
    session.close()


def keepers(secret, known):
    """Return what in memory holds a text with a secret in it, but for what is known to."""
    found = []
    # A dict of texts alone is not among the objects, but what holds it is.
    todo = [each for each in gc.get_objects() if not isinstance(each, types.FrameType)]
    while todo:
        each = todo.pop()
        if any(each is one for one in (known, todo, found)):
            continue
        for held in gc.get_referents(each):
            if isinstance(held, str | bytes):
                if secret in (held if isinstance(held, str) else held.decode("latin-1")):
                    found.append(each)
            elif isinstance(held, dict | tuple) and not gc.is_tracked(held):
                todo.append(held)
    return found


def test_the_secrets_of_a_setup_are_kept_nowhere(started, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    session = make(journal=tmp_path / "session.alw", batch_size=20)
    for row in range(12):
        session.teach(row, "ham" if row % 3 else "spam")
    session.retrain()
    ask, secret = started(session), secrets.token_hex(20)
    given = {"project": "1.0", "hostname": "http://x", "access_token": secret}
    answers = [
        ask("setup", given | {"schema": CONFIG}),
        ask("setup", given | {"schema": CONFIG.replace("ham", "eggs")}),
        ask("setup", given),
        ask("setup", f'{{"access_token": "{secret}"'.encode()),
        ask("predict", asked_about("text 1") | {"params": {"password": secret}}),
        ask("predict", asked_about("text 1", config="<View") | {"params": {"password": secret}}),
        ask("webhook", {"action": "ANNOTATION_CREATED", "project": {"token": secret}}),
        ask("webhook", {"action": "START_TRAINING", "project": {"token": secret}}),
    ]
    assert [status for status, _ in answers] == [200, 400, 400, 400, 200, 400, 200, 200]
    assert keepers(secret, known=given) == []
    assert secret not in caplog.text
    assert secret not in str(answers)
    session.close()
    for path in (tmp_path / "session.alw").rglob("*"):
        assert path.is_dir() or secret.encode() not in path.read_bytes()
