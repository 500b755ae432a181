"""What the README shows works as it stands there."""

import re
from pathlib import Path

import pytest

from alwidgets import strategies
from alwidgets.strategies import NAMED

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)


def test_the_code_of_the_readme_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {}
    for block in BLOCKS:
        exec(compile(block, "README.md", "exec"), names)  # noqa: S102
    session = names["session"]
    assert len(session.labels) == 100
    assert len(names["X_train"]) == 0


def test_the_readmes_own_plug_ins_work_in_a_session(make_session, blobs):
    names = {}
    exec("import alwidgets as alw\n" + BLOCKS[-1], names)  # noqa: S102
    y = blobs[1]
    for strategy in (names["near_boundary"], names["Spread"]()):
        session = make_session(strategy=strategy, stop=names["enough"]).run(y, 24)
        assert session.history["strategy"].tolist()[-1] in ("near_boundary", "Spread")
        assert not session.advice.stop
    assert session.run(y).advice.sentence.startswith("You may stop: enough (50 labels will do).")


def test_the_strategies_it_recommends_exist():
    section = README.partition("## What is asked")[2].partition("\n## ")[0].partition("A score is")[0]
    words = set(re.findall(r"`\"?(\w+)\"?`", section))
    assert {"weighted_k_means", "badge", "bald", "random", "mix", "typiclust"} <= words
    assert words - {"X"} <= {*NAMED, *strategies.__all__}


def test_it_links_to_files_that_exist():
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README) + re.findall(r"`(notebooks/\w+\.ipynb)`", README)
    assert {"docs/strategies.md", "notebooks/03_strategies.ipynb"} <= set(links)
    assert all((ROOT / link).exists() for link in links)


@pytest.mark.parametrize("file", ["notebooks/open.py", "tests/run.py"])
def test_the_commands_of_the_readme_exist(file):
    assert f"python3 {file}" in README
    assert (ROOT / file).exists()


def test_no_file_names_a_package_registry():
    hosts = re.compile("pypi" + r"\.org|registry\.npmjs|pythonhosted")
    for name in ("pyproject.toml", "package.json", "binder/requirements.txt", "tests/oldest.txt", ".ci/run"):
        assert not hosts.search((ROOT / name).read_text(encoding="utf-8")), name
