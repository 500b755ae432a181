"""One story of a session and its annotators, told on the real Label Studio or on what it once answered.

`python -m tests.bridges.scenario` tells it on the real one and writes down what was said, for every later run.
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
    """Tell the story on the real server, and write down what was said."""
    with tempfile.TemporaryDirectory() as folder, real.started(folder) as server, pytest.MonkeyPatch.context() as patch:
        always_the_same(patch)
        recorder = Recorder(server.url)
        session = make()
        with served(recorder) as url:
            tell(session, lambda: alw.LabelStudio(session, url, real.LEGACY), server.call)
        session.close()
        text = json.dumps(recorder.said, indent=1)
        text = text.replace(session.session_id, "SESSION-OF-THE-STORY").replace(session.session_id[:12], "SHORT-OF-IT")
        EXCHANGE.write_text(text + "\n")
        print(f"{len(recorder.said)} calls, {len(text) // 1024} KB: {EXCHANGE}")


if __name__ == "__main__":
    record()
