"""Shared style of all figures: colors, a transparent background, and escaped text."""

from __future__ import annotations

from typing import Any

#: Hues that keep a contrast of 3:1 on white and on the darkest notebook theme.
HUES = ("#2f7de1", "#c2701c", "#2a9463", "#b45bb0", "#d0514f", "#7a7d1e", "#1f8f9f", "#7d74d8")
#: Dashes that tell lines apart without their hue.
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
#: A text that can be read on both.
INK = "#767676"
LAYOUT: dict[str, Any] = {"template": "none", "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)"}


def plotly_text(text: str) -> str:
    """Return text that plotly shows as it is: no tag, no entity, no template field."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("%{", "%&#123;")
