"""What Label Studio says to the address of a model, from being given it to a training.

`python -m tests.bridges.backend_story` has the real one say it, and writes it down for every later run.
"""

import contextlib
import json
import tempfile
import time
from pathlib import Path

from tests.bridges import real
from tests.bridges.sample import chosen, make
from tests.bridges.scenario import served

EXCHANGE = Path(__file__).parent / "ml_backend.json"
# In the place of whatever may be secret.
HIDDEN = "what only the owner may know"
CONFIG = (
    '<View><Text name="mail" value="$body"/><Choices name="kind" toName="mail">'
    '<Choice value="spam"/><Choice value="ham"/></Choices></View>'
)
ROWS = range(12, 18)


def trained():
    """Return a session that has a model, and fits no other one by itself."""
    session = make(batch_size=20)
    for row in range(12):
        session.teach(row, "ham" if row % 3 else "spam")
    session.retrain()
    return session


class Between:
    """Stands before the address of a model, and keeps what was said to it."""

    def __init__(self, url):
        self.url, self.said = url, []

    def answer(self, method, path, body, _headers):
        status, content = real.send(method, self.url + path, body or None, "")
        self.said.append({
            "method": method, "path": path, "body": json.loads(body) if body else None, "status": status,
            "answer": json.loads(content),
        })  # fmt: skip
        return status, content


@contextlib.contextmanager
def connected(server, url):
    """Yield a project of somebody else's, with tasks of which one is of no pool, which has the address of a model."""
    status, project = server.call("POST", "/api/projects/", {"title": "theirs", "label_config": CONFIG})
    assert status == 201, project
    given = [{"data": {"body": text}} for text in (*(f"text {row}" for row in ROWS), "of no pool")]
    place = f"/api/projects/{project['id']}/import?return_task_ids=true"
    numbers = server.call("POST", place, given)[1]["task_ids"]
    status, backend = server.call("POST", "/api/ml/", {"url": url, "project": project["id"], "title": "alwidgets"})
    assert status == 201, backend
    yield project["id"], numbers, backend
    assert server.call("DELETE", f"/api/projects/{project['id']}/")[0] == 204


def ask_for_predictions(server, project):
    """Have the project ask its model about all tasks, and return what it said of them, in their order."""
    body = {"selectedItems": {"all": True, "excluded": []}}
    status, done = server.call("POST", f"/api/dm/actions?id=retrieve_tasks_predictions&project={project}", body)
    assert status == 200, done
    page = server.call("GET", f"/api/tasks/?project={project}&fields=all&page_size=100")[1]
    return [task["predictions"] for task in sorted(page["tasks"], key=lambda task: task["id"])]


def without_secrets(said):
    """Return what was said without what only its owner may know, and without who that was."""
    for each in said:
        body = each["body"] or {}
        if "access_token" in body:
            body["access_token"] = HIDDEN
        if "params" in body:
            body["params"] |= {"login": HIDDEN, "password": HIDDEN}
        project = body.get("project")
        if isinstance(project, dict):
            body["project"] = {"id": project["id"], "token": HIDDEN}
        for key in body.keys() & {"annotation", "task"}:
            body[key] = {"id": body[key]["id"]}
    return said


def record():
    """Have the real one say it, and write it down."""
    session = trained()
    page = session.serve(ml_backend=True)
    between = Between(page.ml_backend_url)
    with (
        tempfile.TemporaryDirectory() as folder,
        real.started(folder) as server,
        served(between) as url,
        connected(server, url) as (project, numbers, backend),
    ):
        ask_for_predictions(server, project)
        body = {"result": [chosen("ham", control="kind", shown="mail")]}
        server.call("POST", f"/api/tasks/{numbers[0]}/annotations/", body)
        server.call("POST", f"/api/ml/{backend['id']}/train", {})
        server.call("GET", f"/api/ml/{backend['id']}/versions")
        time.sleep(0.5)
        said = without_secrets(list(between.said))
    EXCHANGE.write_text(json.dumps(said, indent=1) + "\n")
    print(*(f"{each['method']} {each['path']} {each['status']}" for each in said), EXCHANGE, sep="\n")
    session.close()


if __name__ == "__main__":
    record()
