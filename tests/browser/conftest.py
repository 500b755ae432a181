"""One server of each kind and one Chromium for all browser tests; a fresh page and notebook for each."""

import itertools
import json
import os
import shutil
from pathlib import Path

import nbformat
import pytest
from lab import Notebook, chromium, jupyterlab, notebook7

NOTEBOOKS = Path(__file__).parent.parent.parent / "notebooks"


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("notebooks")


@pytest.fixture(scope="session")
def address(folder, tmp_path_factory):
    with jupyterlab(folder, tmp_path_factory.mktemp("jupyter")) as served:
        yield served


@pytest.fixture(scope="session")
def notebook7_address(folder, tmp_path_factory):
    with notebook7(folder, tmp_path_factory.mktemp("notebook7")) as served:
        yield served


@pytest.fixture(scope="session")
def browser():
    with chromium() as launched:
        yield launched


def _new_page(browser):
    context = browser.new_context(viewport={"width": 1400, "height": 950})
    context.set_default_timeout(60_000)
    return context.new_page()


@pytest.fixture(scope="module")
def warm():
    """The page and the notebook that tests marked `one_kernel` hand on to each other; none after one that failed."""
    kept = {}
    yield kept
    _drop(kept)


def _drop(kept):
    if "page" in kept:
        kept["notebook"].shut_down()
        kept["page"].context.close()
    kept.clear()


def _shares(request):
    return request.node.get_closest_marker("one_kernel") is not None


@pytest.fixture
def page(request, browser, warm):
    if not _shares(request):
        made = _new_page(browser)
        yield made
        made.context.close()
        return
    yield warm["page"] if "page" in warm else _new_page(browser)
    if request.node.stash.get(FAILED, False):
        _drop(warm)
    elif "page" in warm:
        warm["page"].emulate_media(forced_colors="null", reduced_motion="null")


_numbers = itertools.count()
FAILED = pytest.StashKey()


def _write(path, cells):
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(made, path)


def _opener(page, folder, address, at):
    """Yield a function that opens a notebook of the project by name, or one made of the given cells."""
    opened = []

    def open_it(*cells, name=None):
        place = folder / f"test{next(_numbers)}"
        place.mkdir()
        if name:
            shutil.copy(NOTEBOOKS / name, place)
        else:
            name = "test.ipynb"
            _write(place / name, cells)
        notebook = Notebook(page, address, f"{place.name}/{name}", at)
        notebook.folder = place
        opened.append(notebook)
        return notebook.open()

    yield open_it
    for notebook in opened:
        notebook.shut_down()


def _warm_opener(warm, page, folder, address):
    """Yield a function that puts cells into the notebook at hand."""

    def open_it(*cells):
        place = folder / f"test{next(_numbers)}"
        place.mkdir()
        if "notebook" in warm:
            return warm["notebook"].begin_anew(place, cells)
        _write(place / "test.ipynb", cells)
        notebook = Notebook(page, address, f"{place.name}/test.ipynb")
        notebook.folder = place
        warm.update(page=page, notebook=notebook)
        return notebook.open()

    yield open_it


@pytest.fixture
def open_notebook(request, page, folder, address, warm):
    """A function that opens a notebook in JupyterLab."""
    opener = (
        _warm_opener(warm, page, folder, address) if _shares(request) else _opener(page, folder, address, "lab/tree")
    )
    yield from opener


@pytest.fixture
def open_in_notebook7(page, folder, notebook7_address):
    """A function that opens a notebook in Notebook 7."""
    yield from _opener(page, folder, notebook7_address, "notebooks")


@pytest.fixture
def no_subshells(page, address):
    """JupyterLab set to send the widgets' messages to the kernel's main thread."""
    settings = f"{address}/lab/api/settings/@jupyterlab/apputils-extension:kernels-settings"
    assert page.request.put(settings, data={"raw": json.dumps({"commsOverSubshells": "disabled"})}).ok
    yield
    page.request.put(settings, data={"raw": "{}"})


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Leave a picture of the page when a test fails and SCREENSHOTS names a folder."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    target = os.environ.get("SCREENSHOTS")
    if report.when == "call" and report.failed and target and "page" in item.funcargs:
        Path(target).mkdir(parents=True, exist_ok=True)
        item.funcargs["page"].screenshot(path=f"{target}/{item.name}.png")
    return report
