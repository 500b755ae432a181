"""The site: every page of it, with links that lead somewhere, and a builder that takes no warning."""

import importlib.util
import json
import re

import pytest

from tests.documentation import site

LINK = re.compile(r"\]\((?!\w+:)([^)#\s]+)")


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site") / "pages"
    site.write_pages(folder)
    return folder


def test_every_link_in_the_pages_of_the_site_leads_to_one_of_its_files(pages):
    texts = {page: re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL) for page in pages.rglob("*.md")}
    broken = {
        (page.relative_to(pages).as_posix(), link)
        for page, text in texts.items()
        for link in LINK.findall(text)
        if not (page.parent / link).exists()
    }
    assert broken == set()


def test_the_table_of_contents_has_every_page_and_a_page_of_the_reference_for_every_name(pages):
    config = (site.DOCS / "mkdocs.yml").read_text(encoding="utf-8")
    listed = set(re.findall(r"\w+(?=[,\]])", config.partition("\nnav:")[2])) | {"index", "tutorial"}
    assert {page.stem for page in pages.glob("*.md")} == listed
    n_names = len(re.findall(r"^## ", (site.DOCS / "api.md").read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert len(list((pages / "api").glob("*.md"))) == n_names + 1


def test_every_notebook_is_in_the_gallery_with_a_picture_and_its_figures_are_drawn(pages):
    gallery = (pages / "notebooks" / "index.md").read_text(encoding="utf-8")
    _, *parts = re.split(r"^## \[.+\]\((\w+)\.md\)$", gallery, flags=re.MULTILINE)
    names, shown = parts[::2], parts[1::2]
    assert names == sorted(path.stem for path in (site.ROOT / "notebooks").glob("*.ipynb"))
    assert all("](../pictures/" in part or '<div class="figure"' in part for part in shown)
    strategies = (pages / "notebooks" / "03_strategies.md").read_text(encoding="utf-8")
    assert '<div class="figure"' in strategies
    assert {path.name for path in (pages / "assets").iterdir()} == {"plotly.min.js", "figures.js"}


@pytest.mark.skipif(importlib.util.find_spec("mkdocs") is None, reason="needs the extra docs")
def test_the_builder_takes_it_without_a_warning_and_loads_nothing_from_elsewhere(tmp_path):
    site.build(tmp_path / "site")
    page = (tmp_path / "site" / "how_to" / "index.html").read_text(encoding="utf-8")
    assert not re.search(r'<(?:script|link|img)[^>]*(?:src|href)="https?://', page)
    index = json.loads((tmp_path / "site" / "search" / "search_index.json").read_text(encoding="utf-8"))
    found = {doc["location"].partition("#")[0] for doc in index["docs"]}
    assert "how_to/faq/#my-model-is-slow" in {doc["location"] for doc in index["docs"]}
    assert "changelog/" not in found


def test_the_home_of_the_site_says_what_it_is_shows_it_and_leads_on(pages):
    before, _, _ = (pages / "index.md").read_text(encoding="utf-8").partition("\n## ")
    where = [before.index(each) for each in ("active learning", "labeling.webp", "how_to/install.md", "(overview.md)")]
    assert where == sorted(where)
