"""What the README and the pages on labeling show works as it stands there."""

import re
import time
from pathlib import Path

import pytest

import alwidgets as alw
from alwidgets import Session, strategies
from alwidgets.session.task import ACTIONS
from alwidgets.strategies import NAMED
from tests.documentation.examples import examples_of, photos, run_examples

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
OVERVIEW = (ROOT / "docs" / "overview.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
WHOLE_CYCLES = [
    ("whole cycle, pool 100,000 x 384 float64, 10 classes, 2,000 labels, entropy, batch 10", "modAL"),
    ("whole cycle, pool 100,000 x 384 float64, 2 classes, 2,000 labels, margin, batch 10", "modAL"),
]
KEY_ROW = re.compile(r"^\| (`.+?) \|", flags=re.MULTILINE)


@pytest.mark.usefixtures("in_readers_folder")
def test_the_code_of_the_readme_runs(readers_folder):
    (readers_folder / "texts.csv").write_text("text\nwin a prize\nlunch at one\n")
    photos()
    names = {}
    assert run_examples(README, "README.md", names) == 2
    assert names["session"].query().size


@pytest.mark.usefixtures("in_readers_folder")
def test_the_code_of_the_overview_runs():
    names = {}
    run_examples(OVERVIEW, "overview.md", names)
    session = names["session"]
    assert len(session.labels) == 100
    assert len(names["X_train"]) == 0


def test_the_readme_is_a_screen_with_its_picture_and_the_way_to_ones_own_data_and_then_links():
    assert len(README) < 4000
    assert README.index("docs/pictures/labeling.webp") < README.index("## Try it") < README.index("## Your own data")


@pytest.mark.parametrize("name", ["tutorial", "labeling", "simulation"])
@pytest.mark.usefixtures("in_readers_folder")
def test_the_code_of_a_page_runs(name):
    names = {}
    page = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    assert run_examples(page, f"{name}.md", names) > 10
    assert names["session"].labels["item"].is_unique


@pytest.mark.usefixtures("in_readers_folder")
def test_the_code_on_large_pools_runs():
    page = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
    assert run_examples(page, "scale.md", {}) == 2


@pytest.mark.usefixtures("in_readers_folder")
def test_the_code_on_pools_that_grow_runs():
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


def test_the_hand_over_of_the_tutorial_can_be_run_again(make_session, blobs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    moments = iter(["2026-01-02-030405", "2026-01-02-030406"])
    usual = time.strftime
    named = lambda text, *given: usual(text, *given) if given else text.partition("%")[0] + next(moments)  # noqa: E731
    monkeypatch.setattr("time.strftime", named)
    _, heading, section = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8").partition("\n## 9. ")
    assert heading
    names = {"alw": alw, "session": make_session(journal="tutorial.alw").run(blobs[1], 8)}
    folders = []
    for _run in range(2):
        run_examples(section, "tutorial.md", names)
        folders.append(names["folder"].name)
    assert folders == ["tutorial-labels-2026-01-02-030405", "tutorial-labels-2026-01-02-030406"]


def test_the_plug_ins_of_the_overview_work_in_a_session(make_session, blobs):
    names = {}
    exec("import alwidgets as alw\n" + examples_of(OVERVIEW)[-1], names)  # noqa: S102
    y = blobs[1]
    for strategy in (names["near_boundary"], names["Spread"]()):
        session = make_session(strategy=strategy, stop=names["enough"]).run(y, 24)
        assert session.history["strategy"].tolist()[-1] in ("near_boundary", "Spread")
        assert not session.advice.stop
    assert session.run(y).advice.sentence.startswith("You may stop: enough (50 labels will do).")


def test_the_strategies_it_recommends_exist():
    section = OVERVIEW.partition("## What is asked")[2].partition("\n## ")[0].partition("A score is")[0]
    words = set(re.findall(r"`\"?(\w+)\"?`", section))
    assert {"weighted_k_means", "badge", "bald", "random", "mix", "typiclust"} <= words
    assert words - {"X"} <= {*NAMED, *strategies.__all__}


def test_no_two_pages_or_notebooks_keep_their_sessions_in_one_journal():
    texts = {page.name: page.read_text(encoding="utf-8") for page in PAGES}
    texts |= {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "notebooks").glob("*.ipynb")}
    pages_of = {}
    for name, text in texts.items():
        code = text if name.endswith(".ipynb") else "".join(re.findall(r"```py.*?```", text, flags=re.DOTALL))
        for journal in set(re.findall(r'journal=\\?"([^"\\]+)', code)):
            pages_of.setdefault(journal, set()).add(name)
    assert len(pages_of) > 10
    assert {journal: pages for journal, pages in pages_of.items() if len(pages) > 1} == {}


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
    assert {"docs/index.md", "docs/tutorial.md", "docs/how_to/index.md"} <= {file for file, _ in links_of(PAGES[0])}
    notebooks = re.findall(r"`(notebooks/\w+\.ipynb)`", README)
    assert "notebooks/03_strategies.ipynb" in notebooks
    assert all((ROOT / notebook).exists() for notebook in notebooks)


def test_the_index_has_every_page_and_every_notebook():
    linked = {file for file, _ in links_of(ROOT / "docs" / "index.md")}
    assert {page.name for page in (ROOT / "docs").glob("*.md")} - {"index.md"} <= linked
    assert "how_to/index.md" in linked
    assert {f"../notebooks/{path.name}" for path in (ROOT / "notebooks").glob("*.ipynb")} <= linked


def test_every_picture_is_shown_somewhere_and_small():
    shown = {(page.parent / file).resolve() for page in PAGES for file, _ in links_of(page)}
    pictures = set((ROOT / "docs" / "pictures").iterdir())
    assert pictures <= shown
    assert all(picture.stat().st_size < 1_500_000 for picture in pictures)


@pytest.mark.parametrize("page", ["docs/overview.md", "docs/labeling.md"])
def test_the_tables_of_keys_have_every_key_of_the_card(page):
    shown = {key for row in KEY_ROW.findall((ROOT / page).read_text(encoding="utf-8")) for key in row.split("`")[1::2]}
    names = {" ": "Space"}
    assert {names.get(key, key if len(key) > 1 else key.upper()) for key in ACTIONS.values()} <= shown
    assert {"Y", "N", "\u2190", "\u2192", "\u2193"} <= shown


def _ratios() -> dict[tuple[str, str], str]:
    """How many times as fast, of each case and peer of the page that the benchmark writes, as prose rounds it."""
    rows = (ROOT / "docs" / "speed.md").read_text(encoding="utf-8").partition("## Results")[2].splitlines()
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows if row.startswith("| ")]
    ratios = {(case, peer.split(" ")[0]): ratio for case, _, peer, ratio, *_ in cells if re.fullmatch(r"[\d.]+", ratio)}
    return {which: f"{float(ratio):.0f}" if float(ratio) >= 50 else ratio for which, ratio in ratios.items()}


@pytest.mark.parametrize("page", ["docs/peers.md", "docs/measured.md"])
def test_what_the_pages_say_of_speed_is_what_was_measured(page):
    ratios = _ratios()
    said = {
        "docs/peers.md": {
            "100 of 100,000 x 64 by BADGE": [("BADGE, 100 of 100,000 x 64, 10 classes", "scikit-activeml")],
            "1,000 of 100,000 x 64 by k-center": [("k-center, 1,000 of 100,000 x 64", "scikit-activeml")],
            "information density of 10,000 x 64": [("information density, cosine, 10,000 x 64", "modAL")],
            "entropy, the 100 best": [
                ("entropy, top 100 of 1,000,000 x 10, float64 in", "modAL"),
                ("entropy, top 100 of 1,000,000 x 10, float64 in", "scikit-activeml"),
            ],
            "margin, the same": [("margin, top 100 of 1,000,000 x 10, float64 in", "modAL")],
            "a whole cycle": WHOLE_CYCLES,
        },
        "docs/measured.md": {
            "a whole cycle": WHOLE_CYCLES,
            "100 of 100,000 x 64 by BADGE; 1,000 by k-center": [
                ("BADGE, 100 of 100,000 x 64, 10 classes", "scikit-activeml"),
                ("k-center, 1,000 of 100,000 x 64", "scikit-activeml"),
            ],
        },
    }[page]
    text = (ROOT / page).read_text(encoding="utf-8")
    for begins, cases in said.items():
        row = re.search(rf"^\| {re.escape(begins)}[^|]*\|(.*?)\|", text, re.MULTILINE).group(1)
        assert re.findall(r"\d[\d.]*", row)[: len(cases)] == [ratios[case] for case in cases], begins


def test_what_the_pages_say_of_faults_is_what_was_measured():
    measured, peers, reliability = (
        (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8") for name in ("measured", "peers", "reliability")
    )
    ratio = re.search(r"^\| an acknowledged label \|.* ([\d.]+) \|$", reliability, re.MULTILINE)[1]
    n_tried = dict(re.findall(r"^\| ([\w-]+ [\w-]+).*? \| ([\d,]+) \| 0 \|$", reliability, re.MULTILINE))
    kinds = ("kill -9", "power cut", "disk full", "message lost", "bit flipped", "two kernels", "rollback to")
    for page in (measured, peers):
        assert re.search(r"^\| an acknowledged label.*?([\d.]+) times the wall", page, re.MULTILINE)[1] == ratio
        said, command = re.search(r"^\| (100 kills[^|]*)\|[^|]*\| `([^`]*)`", page, re.MULTILINE).groups()
        assert re.findall(r"\d[\d,]*\d", said) == [n_tried[kind] for kind in kinds]
        assert command == "python -m tests.benchmarks.reliability"


def test_what_is_said_of_the_wait_for_a_picture_is_what_the_table_has():
    page = (ROOT / "docs" / "measured.md").read_text(encoding="utf-8")
    row = re.search(r"^\| key to next sample.*$", page, re.MULTILINE)[0]
    of_images = re.search(r" / ([\d.]+) ms, [\d.]+ ms; to the frame .*? / ([\d.]+) ms,", row).groups()
    prose = " ".join(page.partition("## In ten minutes")[2].split())
    assert (
        re.search(r"next picture ([\d.]+) ms pass in the median, ([\d.]+) ms to the frame", prose).groups() == of_images
    )


@pytest.mark.parametrize("file", ["notebooks/open.py", "tests/run.py"])
def test_the_commands_of_the_readme_exist(file):
    assert f"python3 {file}" in README
    assert (ROOT / file).exists()


def test_no_file_names_a_package_registry():
    hosts = re.compile("pypi" + r"\.org|registry\.npmjs|pythonhosted")
    for name in ("pyproject.toml", "package.json", "binder/requirements.txt", "tests/oldest.txt", ".ci/run"):
        assert not hosts.search((ROOT / name).read_text(encoding="utf-8")), name
