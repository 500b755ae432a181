"""A session is the same whatever surrounds it: language, time zone, odd folders, a home that cannot be written."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
import json, sys
import numpy as np
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
import alwidgets as alw
from alwidgets.io import read_labels, write_labels

X, y = load_iris(return_X_y=True)
given = dict(
    classes=["eins", "zwei, ß", "drei"], learner=LogisticRegression(max_iter=1000), random_state=0, journal="iris.alw"
)
names = np.array(given["classes"], dtype=object)[y]
session = alw.Session(X, **given)
session.run(oracle=names, n_labels=24)
session.close()
session = alw.Session(X, **given)
session.run(oracle=names, n_labels=8)
session.undo()
write_labels(session, "labels.csv")
assert read_labels("labels.csv")["label"].tolist() == session.labels["label"].tolist()
session.export("export")
session.advice, session.audit_log, session.versions
told = {
    "labels": session.labels[["item", "label", "round"]].to_dict("list"),
    "score": session.history["score"].round(12).tolist(),
    "next": session.query().tolist(),
    "sound": alw.verify("iris.alw").sound,
}
sys.stdout.buffer.write(json.dumps(told).encode())
"""


def run_in(folder, **surroundings):
    script = folder / "label.py"
    script.write_text(SCRIPT, encoding="utf-8")
    command = [sys.executable, "-W", "error", script.name]
    # Linear algebra on one thread: what differs is to be the surroundings.
    env = os.environ | {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"} | surroundings
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    return run_in(tmp_path_factory.mktemp("usual"))


@pytest.mark.parametrize(
    "surroundings",
    [
        {"TZ": "Pacific/Kiritimati"},
        {"TZ": "America/St_Johns", "LC_ALL": "de_DE.UTF-8"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"},
        {"PYTHONHASHSEED": "1"},
        {"PYTHONOPTIMIZE": "0", "PYTHONSAFEPATH": "1"},
    ],
    ids=["far east", "half an hour off, German", "no language", "Turkish", "another hash seed", "safe path"],
)
def test_language_zone_and_hash_seed_change_nothing(tmp_path, usual, surroundings):
    assert run_in(tmp_path, **surroundings) == usual


def test_a_folder_with_spaces_and_letters_of_all_kinds_changes_nothing(tmp_path, usual):
    folder = tmp_path / "my data, 2nd (ü 标签)"
    folder.mkdir()
    assert run_in(folder) == usual


def test_a_home_that_cannot_be_written_changes_nothing(tmp_path, usual):
    # Nobody can make a folder there, root included.
    home = os.devnull
    assert run_in(tmp_path, HOME=home, XDG_CACHE_HOME=f"{home}/cache", XDG_CONFIG_HOME=f"{home}/config") == usual
