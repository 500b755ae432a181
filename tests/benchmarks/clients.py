"""Clients that others made, on the API: python -m tests.benchmarks.clients.

Installs schemathesis and openapi-python-client in an environment of their own, beside the project, and serves a
session. Schemathesis calls every address with what the OpenAPI document allows and with what it does not, and looks at
every reply; then a client is generated from the document, and labels and predicts.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.api import Service
from tests.service.visitor import ask

ROOT = Path(__file__).parents[2]
HOME = Path(os.environ.get("API_CLIENTS_VENV", ROOT / ".venv-api-clients"))
NEEDED = ("schemathesis>=4", "openapi-python-client>=0.26")
SERVED = """
import alwidgets as alw
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

X, y = load_digits(return_X_y=True)
labels = dict(enumerate(y[:100].tolist()))
learner = LogisticRegression(max_iter=200)
session = alw.Session(X, classes=range(10), learner=learner, labels=labels, journal="digits.alw")
session.retrain()
"""
# A body may be as the document says, and still say what is not in this session: another class, a row of other length,
# bytes that are not an array.
CONFIG = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "400", "401", "403", "404", "406", "409", "413", "422", "429"]
"""
GENERATED = """
project_name_override: client
package_name_override: client
content_type_overrides:
  application/zip: application/octet-stream
"""
CLIENT = """
import sys
from client import AuthenticatedClient
from client.api.default import get_status, give_answer, next_questions, predict
from client.models import Answer, Samples

with AuthenticatedClient(sys.argv[1], sys.argv[2], raise_on_unexpected_status=True) as client:
    found = next_questions.sync(client=client, n=3)
    for question in found.questions:
        item = question.item
        answer = Answer(event_id=f"generated {item}", item=item, label=item % 10, as_of=found.as_of)
        assert give_answer.sync(client=client, body=answer).kept_as == "label"
    said = predict.sync(client=client, body=Samples(samples=[question.content for question in found.questions]))
    assert [len(row) for row in said.probabilities] == [10, 10, 10]
    status = get_status.sync(client=client)
    print(f"client: {len(found.questions)} answers, {status.n_labeled} labels, round {said.model.round_}")
"""


def install():
    """Make the environment, unless it is there."""
    if not (HOME / "bin" / "schemathesis").exists():
        subprocess.run([sys.executable, "-m", "venv", str(HOME)], check=True)
        subprocess.run([str(HOME / "bin" / "python"), "-m", "pip", "install", "-q", *NEEDED], check=True)


def tested(service, folder, url, n_examples):
    (folder / "schemathesis.toml").write_text(CONFIG)
    command = [
        str(HOME / "bin" / "schemathesis"), "--config-file", "schemathesis.toml", "run", f"{url}/openapi.json",
        "--header", f"Authorization: Bearer {service.tokens['eve']}", "--checks", "all", "--max-examples",
        str(n_examples), "--suppress-health-check", "all", "--warnings", "off",
    ]  # fmt: skip
    return subprocess.run(command, cwd=folder, check=False).returncode


def generated(service, folder, url):
    (folder / "openapi.json").write_bytes(ask(f"{url}/openapi.json").body)
    (folder / "config.yml").write_text(GENERATED)
    command = [
        "generate",
        "--path",
        "openapi.json",
        "--config",
        "config.yml",
        "--meta",
        "none",
        "--output-path",
        "client",
    ]
    subprocess.run([str(HOME / "bin" / "openapi-python-client"), *command], cwd=folder, check=True)
    (folder / "use.py").write_text(CLIENT)
    command = [str(HOME / "bin" / "python"), "use.py", url, service.tokens["eve"]]
    return subprocess.run(command, cwd=folder, check=False).returncode


def main():
    install()
    folder = Path(tempfile.mkdtemp())
    service = Service(folder, SERVED, [("eve", "expert")])
    url = f"http://127.0.0.1:{service.port}"
    try:
        status = generated(service, folder, url) or tested(service, folder, url, int((*sys.argv[1:], 100)[0]))
    finally:
        service.end()
    sys.exit(status)


if __name__ == "__main__":
    main()
