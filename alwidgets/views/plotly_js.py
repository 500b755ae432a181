"""plotly.js as the installed plotly package has it: nothing is vendored, and nothing comes from the network."""

from __future__ import annotations

import re
from ast import literal_eval
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alwidgets.views import messages
    from alwidgets.views.view import BaseView

# An element made for a stylesheet, and the text that is put into it.
_STYLE = re.compile(r"""createElement\("style"\)[^'`]{0,200}\.textContent=('(?:[^'\\\n]|\\.)*')""")


@cache
def plotly_js() -> bytes:
    """Return the library, about 5 MB, for a page that asks for it."""
    return (files("plotly") / "package_data" / "plotly.min.js").read_bytes()


def send_plotly(view: BaseView, _message: messages.Message) -> None:
    """Send the library to a page."""
    view.send({"kind": "plotly"}, [plotly_js()])


@cache
def plotly_styles() -> tuple[str, ...]:
    """Return the stylesheets that the library puts into a page, for a policy that is to allow these and no others.

    Its own are empty ones, which it fills rule by rule; another is one of a library that it has in it.
    """
    return "", *(str(literal_eval(text)) for text in _STYLE.findall(plotly_js().decode()))
