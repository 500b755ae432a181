"""The quickstart as an app of Voila, which shows a notebook without its code; where Voila is installed."""

import importlib.util
import shutil
from pathlib import Path

import pytest
from lab import Card, served
from sessions import labels_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(importlib.util.find_spec("voila") is None, reason="Voila is not installed"),
]
QUICKSTART = Path(__file__).parents[2] / "notebooks" / "01_quickstart.ipynb"


def test_the_quickstart_runs_unchanged_and_takes_answers_by_key(tmp_path, page):
    home = tmp_path / "home"
    home.mkdir()
    shutil.copy(QUICKSTART, tmp_path)
    environment = {"IPYTHONDIR": str(home), "JUPYTER_CONFIG_DIR": str(home), "JUPYTER_RUNTIME_DIR": str(home)}
    command = ["voila", "--no-browser", "--Voila.ip=127.0.0.1", QUICKSTART.name]
    with served(command, tmp_path, home, environment, "/voila/static/voila.js") as address:
        page.goto(address)
        card = Card(page).wait().focus()
        items = []
        for key in ("1", "2", "3"):
            items.append((card.item, int(key)))
            card.press(key)
            card.wait()
        card.settled()
        assert labels_of(tmp_path) == items
        page.locator(".alw-verdict").wait_for()
        assert page.get_by_text("zoom(digits.images").count() == 0
