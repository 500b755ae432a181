"""The code that a page shows, and the files that it reads, for tests that run it."""

import re
from pathlib import Path

import numpy as np
from PIL import Image

_CODE = re.compile(r"```python\n(.*?)```", flags=re.DOTALL)


def examples_of(page):
    """List the blocks of Python in the text of a page."""
    return _CODE.findall(page)


def run_examples(page, name, names):
    """Run the blocks of a page one after the other, as a reader does, with these names; and return how many."""
    blocks = examples_of(page)
    for block in blocks:
        exec(compile(block, name, "exec"), names)  # noqa: S102
    return len(blocks)


def photos():
    """Write the folder of images that pages read, where it is not there."""
    if Path("photos").exists():
        return
    Path("photos").mkdir()
    rng = np.random.default_rng(0)
    for number in range(8):
        Image.fromarray(rng.integers(0, 255, (20, 20, 3), dtype=np.uint8)).save(f"photos/{number}.png")
