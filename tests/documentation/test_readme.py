"""What the README and the pages on labeling show works as it stands there."""

import re
from pathlib import Path

import pytest

from alwidgets import Session, strategies
from alwidgets.session.task import ACTIONS
from alwidgets.strategies import NAMED
from tests.documentation.examples import examples_of, run_examples

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
KEY_ROW = re.compile(r"^\| (`.+?) \|", flags=re.MULTILINE)


def test_the_code_of_the_readme_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {}
    run_examples(README, "README.md", names)
    session = names["session"]
    assert len(session.labels) == 100
    assert len(names["X_train"]) == 0


@pytest.mark.parametrize("name", ["tutorial", "labeling", "simulation"])
def test_the_code_of_a_page_runs(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {}
    page = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    assert run_examples(page, f"{name}.md", names) > 10
    assert names["session"].labels["item"].is_unique


def test_the_code_on_pools_that_grow_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs" / "pools_that_grow.md").read_text(encoding="utf-8")
    assert run_examples(page, "pools_that_grow.md", {}) == 5


def test_what_test_then_train_is_an_estimate_of_is_said_where_it_is_chosen():
    page = (ROOT / "docs" / "labeling.md").read_text(encoding="utf-8")
    for text in [page, Session.__doc__]:
        said = " ".join(text.partition("test_then_train")[2].split())
        assert "estimate of how the models of the last 100 such questions did" in said
        assert "neither of the newest model" in said


def test_the_cells_of_the_tutorial_can_be_run_again_after_a_restart(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    so_far, heading, _ = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8").partition("\n## 7. ")
    assert heading
    for _kernel in range(2):
        names = {}
        run_examples(so_far, "tutorial.md", names)
        assert len(names["session"].labels) == 40
        names["session"].close()


def test_the_readmes_own_plug_ins_work_in_a_session(make_session, blobs):
    names = {}
    exec("import alwidgets as alw\n" + examples_of(README)[-1], names)  # noqa: S102
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


def links_of(page):
    """Links and pictures that are not addresses, without fenced code: (file, anchor)."""
    prose = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.findall(r"\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]*))?\)", prose)


def anchors_of(page):
    """The anchors that a Markdown page has for its headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_to_something(page):
    for file, anchor in links_of(page):
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), file
        assert not anchor or anchor in anchors_of(target), f"{file}#{anchor}"


def test_the_readme_links_to_the_documentation_and_names_notebooks_that_exist():
    assert {"docs/index.md", "docs/tutorial.md", "docs/strategies.md"} <= {file for file, _ in links_of(PAGES[0])}
    notebooks = re.findall(r"`(notebooks/\w+\.ipynb)`", README)
    assert "notebooks/03_strategies.ipynb" in notebooks
    assert all((ROOT / notebook).exists() for notebook in notebooks)


def test_the_index_has_every_page_and_every_notebook():
    linked = {file for file, _ in links_of(ROOT / "docs" / "index.md")}
    assert {page.name for page in (ROOT / "docs").glob("*.md")} - {"index.md"} <= linked
    assert {f"../notebooks/{path.name}" for path in (ROOT / "notebooks").glob("*.ipynb")} <= linked


def test_every_picture_is_shown_somewhere_and_small():
    shown = {(page.parent / file).resolve() for page in PAGES for file, _ in links_of(page)}
    pictures = set((ROOT / "docs" / "pictures").iterdir())
    assert pictures <= shown
    assert all(picture.stat().st_size < 1_500_000 for picture in pictures)


@pytest.mark.parametrize("page", ["README.md", "docs/labeling.md"])
def test_the_tables_of_keys_have_every_key_of_the_card(page):
    shown = {key for row in KEY_ROW.findall((ROOT / page).read_text(encoding="utf-8")) for key in row.split("`")[1::2]}
    names = {" ": "Space"}
    assert {names.get(key, key if len(key) > 1 else key.upper()) for key in ACTIONS.values()} <= shown
    assert {"Y", "N", "\u2190", "\u2192", "\u2193"} <= shown


def test_what_the_comparison_says_of_speed_is_what_was_measured():
    speed = (ROOT / "docs" / "speed.md").read_text(encoding="utf-8")
    rows = (ROOT / "docs" / "peers.md").read_text(encoding="utf-8").partition("## Measured")[2]
    for said, measured in {
        "1,028": "1,028.3",
        "148": "148.3",
        "1,093": "1,093.2",
        "4.7": "4.7",
        "19.8": "19.8",
    }.items():
        assert f"{said} " in rows
        assert f"| {measured} |" in speed


@pytest.mark.parametrize("file", ["notebooks/open.py", "tests/run.py"])
def test_the_commands_of_the_readme_exist(file):
    assert f"python3 {file}" in README
    assert (ROOT / file).exists()


def test_no_file_names_a_package_registry():
    hosts = re.compile("pypi" + r"\.org|registry\.npmjs|pythonhosted")
    for name in ("pyproject.toml", "package.json", "binder/requirements.txt", "tests/oldest.txt", ".ci/run"):
        assert not hosts.search((ROOT / name).read_text(encoding="utf-8")), name
