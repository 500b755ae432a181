"""Build the site of the documentation: python -m tests.documentation.site [folder]; default `site`.

The pages are those of `docs/`, with the README, the changelog and the notebooks beside them, and the reference cut into
a page for each name. A link that leads nowhere is an error.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
import plotly
import yaml

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
# What lies beside `docs/`, and the pages it becomes.
BESIDE = {
    "README.md": "about.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
}
# It names everything once, and would stand before the page on each thing in a search.
HEADS = {"CHANGELOG.md": "---\nsearch:\n  exclude: true\n---\n\n"}
# What a notebook without figures shows in the gallery.
PICTURES = {
    "01_quickstart": "labeling.webp",
    "02_text": "marked-words.png",
    "05_race": "race.png",
    "10_bridges": "grid.png",
    "11_service": "team.png",
    "13_after_labeling": "review.png",
}
FIGURE = "application/vnd.plotly.v1+json"
# Drawn by the plotly.js that plotly itself brings.
DRAWN = """
<script src="../{up}assets/plotly.min.js"></script>
<script src="../{up}assets/figures.js"></script>
"""
_LINK = re.compile(r"(\]\()([^)\s]+)(\))")
_FENCED = re.compile(r"(```.*?```)", flags=re.DOTALL)
_QUESTION = re.compile(r"^\*\*(.+?)\*\* ", flags=re.MULTILINE)
_HEADING = re.compile(r"^## (\w+)$", flags=re.MULTILINE)


def build(folder: Path) -> None:
    """Write the site into a folder; a warning of the builder is an error."""
    with tempfile.TemporaryDirectory() as place:
        pages = Path(place) / "pages"
        write_pages(pages)
        config = yaml.load((DOCS / "mkdocs.yml").read_text(encoding="utf-8"), Loader=yaml.UnsafeLoader)  # noqa: S506
        config |= {"docs_dir": str(pages), "site_dir": str(folder.resolve()), "nav": nav(config["nav"], pages)}
        file = Path(place) / "mkdocs.yml"
        file.write_text(yaml.dump(config), encoding="utf-8")
        command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--config-file", str(file)]
        # What the theme says of the next release of the builder is nothing about these pages.
        subprocess.run(command, check=True, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"})


def write_pages(pages: Path) -> None:
    """Write every page, with links that lead from where it lies in the site."""
    shutil.copytree(DOCS, pages, ignore=shutil.ignore_patterns("api.md", "mkdocs.yml"))
    for name, page in BESIDE.items():
        (pages / page).write_text(HEADS.get(name, "") + (ROOT / name).read_text(encoding="utf-8"), encoding="utf-8")
    faq = pages / "how_to" / "faq.md"
    # A question that is a heading is in the table of contents, and is what a search finds first.
    faq.write_text(_QUESTION.sub(r"## \1\n\n", faq.read_text(encoding="utf-8")), encoding="utf-8")
    _write_notebooks(pages / "notebooks")
    names = _write_reference(pages / "api")
    for page in pages.rglob("*.md"):
        page.write_text(_relinked(page, pages, names), encoding="utf-8")


def nav(sections: list[dict[str, object]], pages: Path) -> list[dict[str, object]]:
    """Return the table of contents: folders as their pages, and names as files."""
    made = []
    for section in sections:
        ((title, inside),) = section.items()
        if isinstance(inside, list):
            made.append({title: [f"{name}.md" for name in inside]})
        elif str(inside).endswith("/*"):
            files = sorted(
                (pages / str(inside)[:-2]).glob("*.md"), key=lambda file: (file.name != "index.md", file.name.lower())
            )
            made.append({title: [file.relative_to(pages).as_posix() for file in files]})
        else:
            made.append(section)
    return made


def _write_notebooks(folder: Path) -> None:
    folder.mkdir()
    assets = folder.parent / "assets"
    assets.mkdir()
    shutil.copy(Path(plotly.__file__).parent / "package_data" / "plotly.min.js", assets)
    shutil.copy(Path(__file__).with_name("figures.js"), assets)
    gallery = ["# Notebooks"]
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        text = "\n\n".join(part for cell in notebook.cells for part in _cell(cell))
        drawn = DRAWN.format(up="../") if _figures(notebook) else ""
        (folder / f"{path.stem}.md").write_text(f"{text}\n{drawn}", encoding="utf-8")
        gallery += _in_gallery(path.stem, text, _figures(notebook))
    (folder / "index.md").write_text("\n\n".join([*gallery, DRAWN.format(up="")]), encoding="utf-8")


def _figures(notebook):
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", ()))
    return [output.data[FIGURE] for output in outputs if FIGURE in output.get("data", {})]


def _in_gallery(name, text, figures):
    """Yield the parts of a notebook in the gallery: its title, how it begins, and its first figure or a picture."""
    title = re.search(r"^# (.+)$", text, flags=re.MULTILINE)[1]
    yield f"## [{title}]({name}.md)"
    yield next((part for part in text.partition(title)[2].strip().split("\n\n") if part[0].isalpha()), "")
    yield _figure(figures[0]) if figures else f"[![{title}](../pictures/{PICTURES[name]})]({name}.md)"


def _figure(figure):
    shown = json.dumps({"data": figure["data"], "layout": figure["layout"]}).replace("</", "<\\/")
    return f'<div class="figure" style="height: 24rem"><script type="application/json">{shown}</script></div>'


def _cell(cell):
    """Yield the parts of a cell as Markdown: its text, or its code and what that gave."""
    if cell.cell_type == "markdown":
        yield cell.source
        return
    yield f"```python\n{cell.source}\n```"
    for output in cell.outputs:
        data = output.get("data", {})
        if FIGURE in data:
            yield _figure(data[FIGURE])
        elif "text/html" in data:
            yield re.sub(r"<style.*?</style>|\n\s*", "", data["text/html"], flags=re.DOTALL)
        elif "image/png" in data:
            yield f'<img alt="output" src="data:image/png;base64,{"".join(data["image/png"].split())}">'
        else:
            yield f"```\n{output.get('text') or data.get('text/plain', '')}\n```"


def _write_reference(folder: Path) -> set[str]:
    """Cut `api.md` into a page for each name, and return the files."""
    folder.mkdir()
    before, *rest = re.split(r"(?m)^(?=## )", (DOCS / "api.md").read_text(encoding="utf-8"))
    files: dict[str, str] = {}
    for section in rest:
        name = section.splitlines()[0][3:]
        # `Committee` and `committee` are one file on some disks.
        file = name if name.lower() not in {each.lower() for each in files} else f"{name}_function"
        files[file] = section.replace(f"## {name}", f"# {name}", 1)
    for file, text in files.items():
        (folder / f"{file}.md").write_text(text, encoding="utf-8")
    listed = "\n".join(f"* [`{file.removesuffix('_function')}`]({file}.md)" for file in files)
    (folder / "index.md").write_text(f"{before.split(chr(10) + '- ')[0]}\n\n{listed}\n", encoding="utf-8")
    return set(files)


def _relinked(page: Path, pages: Path, names: set[str]) -> str:
    """Return the text of a page with links that lead to where things lie in the site."""
    inside = page.relative_to(pages)
    here = inside.parent
    # Where the text comes from, as a folder of the repository.
    origin = ROOT if inside.name in BESIDE.values() and here == Path() else DOCS / here
    if here.parts[:1] == ("notebooks",):
        origin = ROOT / "notebooks"
    if here.parts[:1] == ("api",):
        origin = DOCS
    by_anchor = {name.removesuffix("_function").lower(): name for name in names}

    def led(match: re.Match[str]) -> str:
        target, _, anchor = match[2].partition("#")
        if re.match(r"\w+:", target) or (not target and here.parts[:1] != ("api",)):
            return match[0]
        if not target or (origin / target).resolve() == DOCS / "api.md":
            place = f"api/{by_anchor[anchor]}.md" if anchor in by_anchor else "api/index.md"
            anchor = ""
        elif (pages / here / target).exists():
            return match[0]
        else:
            place = _place((origin / target).resolve())
        up = "../" * len(here.parts)
        return f"{match[1]}{up}{place}{'#' + anchor if anchor else ''}{match[3]}"

    parts = _FENCED.split(page.read_text(encoding="utf-8"))
    return "".join(part if i % 2 else _LINK.sub(led, part) for i, part in enumerate(parts))


def _place(path: Path) -> str:
    """Return where a file of the repository lies in the site; as it is named where it is not there."""
    name = path.relative_to(ROOT).as_posix()
    if name in BESIDE:
        return BESIDE[name]
    if name.endswith(".ipynb"):
        return name.removesuffix(".ipynb") + ".md"
    return name.removeprefix("docs/")


if __name__ == "__main__":
    build(Path(sys.argv[1] if len(sys.argv) > 1 else "site"))
