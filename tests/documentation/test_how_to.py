"""Every how-to page is one screen, and its code runs as it stands."""

from pathlib import Path

import pytest

from tests.documentation.examples import photos, run_examples

FOLDER = Path(__file__).parents[2] / "docs" / "how_to"
PAGES = sorted(FOLDER.glob("*.md"))
# Without the table of the FAQ's kind, a page is what fits on a screen.
MOST_LINES, MOST_CHARACTERS = 55, 2900


def mails():
    lines = [
        f"{number},win a prize number {number}" if number % 3 else f"{number},lunch at {number}" for number in range(30)
    ]
    Path("mails.csv").write_text("number,text\n" + "\n".join(lines))


PREPARED = {"images_from_a_folder": photos, "texts_from_a_csv": mails}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
@pytest.mark.usefixtures("in_readers_folder")
def test_the_code_of_a_how_to_page_runs_where_that_of_the_others_ran(page):
    PREPARED.get(page.stem, lambda: None)()
    run_page(page)


@pytest.mark.parametrize("name", ["hand_over", "resume_tomorrow"])
def test_a_page_with_a_journal_can_be_run_again_the_next_day(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for _day in range(2):
        run_page(FOLDER / f"{name}.md")


def test_a_photo_that_cannot_be_read_is_left_out_and_named(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    photos()
    Path("photos/broken.jpg").write_bytes(b"no image")
    names = run_page(FOLDER / "images_from_a_folder.md")
    assert "left out: broken.jpg" in capsys.readouterr().out
    assert len(names["rows"]) == 8


def run_page(page):
    names = {}
    run_examples(page.read_text(encoding="utf-8"), page.name, names)
    if "session" in names and not names["session"].closed:
        names["session"].close()
    return names


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_how_to_page_is_one_screen(page):
    text = page.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    assert len(text) <= MOST_CHARACTERS


def test_the_list_of_pages_has_each_of_them():
    listed = (FOLDER / "index.md").read_text(encoding="utf-8")
    assert all(f"({page.name})" in listed for page in PAGES if page.stem != "index")
