"""The code that a page shows, for tests that run it."""

import re

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
