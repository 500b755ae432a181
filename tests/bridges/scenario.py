"""Stories of a session and its annotators, told on the real Label Studio or on what it once answered.

`python -m tests.bridges.scenario` tells them on the real one and writes down what was said, for every later run.
"""

import contextlib
import json
import re
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import alwidgets as alw
from alwidgets.bridges import label_studio
from tests.bridges import real
from tests.bridges.sample import chosen, labels, make, written

EXCHANGE = Path(__file__).parent / "exchange.json"
OF_TEAM = Path(__file__).parent / "exchange_of_team.json"
PEOPLE = ("ann", "bob", "cy", "eve")
# What is another one in every telling.
_TIMES = re.compile(r"\d{4}-\d\d-\d\dT[\d%A.]+Z")


def tell(session, studio_of, act):
    """Tell the story: `act` is what annotators do over there, `studio_of` makes a bridge on the session."""
    studio = studio_of()
    pushed = studio.push()
    assert (pushed.n_new, pushed.n_open, pushed.n_withdrawn) == (8, 8, 0)
    assert studio.push().n_new == 0
    tasks = {row: number for number, row in ((each.id, each.row) for each in studio._tasks.values())}
    assert sorted(tasks) == list(range(8))

    def answer(row, *results, **more):
        act("POST", f"/api/tasks/{tasks[row]}/annotations/", {"result": list(results), "lead_time": 2.5, **more})

    # An answer with a note, a skip, one of no class, one of an unknown class, two classes, and garbage.
    answer(0, chosen("spam"), written("sure"))
    answer(1, chosen("ham"), was_cancelled=True)
    answer(2)
    answer(3, chosen("NOPE"))
    answer(4, chosen("ham", "spam"))
    answer(5, chosen("ham", control="other"))
    answer(6, {"from_name": "label", "type": "choices", "value": "junk"})
    received = studio.pull()
    assert (received.n_taken, len(received.refused)) == (2, 3)
    assert labels(session) == {0: "spam"}
    assert session.notes == {0: "sure"}
    (first,) = session.labels.to_dict("records")
    assert (first["annotator"], first["seconds"], first["note"]) == (real.OWNER, 2.5, "sure")
    assert first["via"].startswith("label_studio project ")
    assert session.progress.n_skipped == 1
    reasons = {each.sample: each.reason for each in studio.quarantined}
    assert sorted(reasons) == ["m2", "m3", "m4", "m5", "m6"]
    assert reasons["m2"] == "the answer is []; expected one class."
    assert reasons["m3"] == "label 'NOPE' is unknown; expected one of ['ham', 'spam']."
    assert reasons["m4"] == "the answer is ['ham', 'spam']; expected one class."
    assert reasons["m5"] == "it answers ['other']; expected an answer to 'label'."
    assert studio.pull().n_taken == 0
    # A correction, one of what was in quarantine too, and a deletion.
    numbers = {each.sample: each.annotation for each in studio.quarantined}
    act("PATCH", f"/api/annotations/{numbers['m3']}/", {"result": [chosen("ham")]})
    assert studio.pull().n_taken == 1
    assert labels(session) == {0: "spam", 3: "ham"}
    assert len(studio.quarantined) == 4
    act("DELETE", f"/api/annotations/{numbers['m3']}/")
    assert studio.pull().n_taken == 1
    assert labels(session) == {0: "spam"}
    # Who goes on after a kill finds all of it, and what was deleted in between.
    answer(3, chosen("ham"))
    studio.pull()
    assert labels(session) == {0: "spam", 3: "ham"}
    again = {each.sample: each.annotation for each in studio.quarantined}
    act("DELETE", f"/api/annotations/{numbers['m2']}/")
    again.pop("m2")
    other = studio_of()
    assert other.project == studio.project
    assert other.pull().n_taken == 0
    assert {each.sample: each.annotation for each in other.quarantined} == again


def team_session():
    """Return a session of three people, of whom one is called by an address; it fits no model meanwhile."""
    return make(team=alw.Team(["ann", "bob", "cy@Example.com"], answers=2, at_most=3), batch_size=20)


def tell_of_team(session, studio_of, act):
    """Tell the story of a team: `act` is what somebody does over there."""
    studio = studio_of(n_tasks=8, annotators={f"{name}@example.com": name for name in ("ann", "bob")})
    assert studio.push().n_new == 8
    tasks = {task.row: task.id for task in studio._tasks.values()}

    def answer(name, row, label):
        body = {"result": [chosen(label)] if label else [], "was_cancelled": label is None, "lead_time": 2.5}
        act(name, "POST", f"/api/tasks/{tasks[row]}/annotations/", body)

    def overlap(*rows):
        found = {task.row: (task.overlap, task.is_labeled) for task in studio._tasks.values()}
        return [found[row] for row in rows]

    # A tie, one who could not tell, two who agree, and somebody of no team.
    for name, row, label in (
        ("ann", 0, "ham"), ("bob", 0, "spam"), ("ann", 1, None), ("ann", 2, "ham"), ("bob", 2, "ham"),
        ("cy", 3, "spam"), ("eve", 3, "ham"),
    ):  # fmt: skip
        answer(name, row, label)
    received, _ = studio.step()
    assert (received.n_taken, len(received.refused)) == (6, 1)
    assert sorted(session.answers["annotator"].unique()) == ["ann", "bob", "cy@Example.com"]
    assert session.labels.set_index("item")["how"].to_dict() == {2: "consensus", 3: "single"}
    (unknown,) = studio.quarantined
    assert (unknown.sample, unknown.annotator) == ("m3", "eve@example.com")
    assert "expected one of the team: 'ann', 'bob', 'cy@Example.com'" in unknown.reason
    # One more is asked where they tie, and beside whoever is of no team; nobody where they agree.
    assert overlap(0, 1, 2, 3) == [(3, False), (2, False), (2, True), (3, False)]
    answer("cy", 0, "ham")
    studio.step()
    assert labels(session) == {0: "ham", 2: "ham", 3: "spam"}
    assert overlap(0) == [(3, True)]
    # Answered here by the second of two: over there it is asked of nobody any more.
    session.teach(3, "spam", annotator="ann")
    studio.push()
    assert overlap(3) == [(2, True)]


class Recorder:
    """Stands before the real server, and keeps what was said."""

    def __init__(self, target):
        self.said, self.target = [], target

    def answer(self, method, path, body, headers):
        status, content = real.send(method, self.target + path, body, headers["Authorization"])
        self.said.append({
            "method": method, "path": path, "body": json.loads(body) if body else None, "status": status,
            "answer": json.loads(content) if content else None,
        })  # fmt: skip
        return status, content


class Replayer:
    """Says again what was said, and holds each question against the one that was asked then."""

    def __init__(self, said, session_id):
        text = json.dumps(said).replace("SESSION-OF-THE-STORY", session_id)
        self.said = json.loads(text.replace("SHORT-OF-IT", session_id[:12]))
        self.place, self.wrong = 0, []

    def answer(self, method, path, body, headers):
        if self.place == len(self.said):
            self.wrong.append((method, path))
            return 500, b"{}"
        then = self.said[self.place]
        self.place += 1
        asked = (method, _plain(path), json.loads(body) if body else None)
        expected = (then["method"], _plain(then["path"]), then["body"])
        if asked != expected:
            self.wrong.append((asked, expected))
        return then["status"], b"" if then["answer"] is None else json.dumps(then["answer"]).encode()


def _plain(path):
    return _TIMES.sub("TIME", path)


@contextlib.contextmanager
def served(handler):
    """Yield the address of a server whose answers a handler gives."""

    class Handler(BaseHTTPRequestHandler):
        def _do(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            try:
                status, content = handler.answer(self.command, self.path, body, self.headers)
            except ConnectionResetError:
                # Nothing is answered.
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_DELETE = _do  # noqa: N815 - names of the base class

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def always_the_same(patch):
    """Have nothing drawn that is another one in every telling."""
    patch.setattr(label_studio.secrets, "token_hex", lambda n: "0" * n)


def record():
    """Tell the stories on the real server, and write down what was said."""
    with tempfile.TemporaryDirectory() as folder, real.started(folder) as server, pytest.MonkeyPatch.context() as patch:
        always_the_same(patch)
        session = make()
        _recorded(server, EXCHANGE, session, tell, server.call)
        tokens = {name: real.annotator(server, f"{name}@example.com") for name in PEOPLE}
        session = team_session()
        _recorded(server, OF_TEAM, session, tell_of_team, lambda name, *call: server.call(*call, token=tokens[name]))


def _recorded(server, path, session, story, act):
    recorder = Recorder(server.url)
    with served(recorder) as url:
        story(session, lambda **more: alw.LabelStudio(session, url, real.LEGACY, **more), act)
    session.close()
    text = json.dumps(recorder.said, indent=1)
    text = text.replace(session.session_id, "SESSION-OF-THE-STORY").replace(session.session_id[:12], "SHORT-OF-IT")
    path.write_text(text + "\n")
    print(f"{len(recorder.said)} calls, {len(text) // 1024} KB: {path}")


if __name__ == "__main__":
    record()
