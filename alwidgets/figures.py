"""Figures of a session: plain plotly, pure functions of the rounds. The browser gives them the page's colours."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alwidgets.stopping import History, Round

# One hue that keeps a contrast of 3:1 on white and on the darkest notebook theme.
_ACCENT = "#2f7de1"
_BAND = "rgba(47, 125, 225, 0.18)"
_STEPS = (0.02, 0.05, 0.1, 0.2)


def learning_curve(history: History) -> Any:
    """Return the score against the number of labels, with its interval.

    Parameters
    ----------
    history : History
        The rounds; those without a score are left out.

    Returns
    -------
    plotly.graph_objects.Figure
        A cross-validated score is dashed, because the labelled set it was measured on was not drawn at random.
    """
    from plotly import graph_objects as go

    rounds = [item for item in history if math.isfinite(item.score)]
    x = [item.n_labelled for item in rounds]
    biased = bool(rounds) and rounds[-1].score_kind == "cross-validated"
    figure = go.Figure()
    figure.add_scatter(
        x=x + x[::-1],
        y=[item.score_high for item in rounds] + [item.score_low for item in rounds][::-1],
        mode="lines",
        fill="toself",
        fillcolor=_BAND,
        line={"width": 0},
        hoverinfo="skip",
        name="95 % interval",
    )
    figure.add_scatter(
        x=x,
        y=[item.score for item in rounds],
        mode="lines+markers",
        line={"color": _ACCENT, "width": 2, "dash": "dash" if biased else "solid"},
        marker={"size": 6},
        customdata=[_hover(item) for item in rounds],
        hovertemplate="%{customdata}<extra></extra>",
        name="accuracy",
    )
    return figure.update_layout(
        template="none",
        showlegend=False,
        margin={"l": 48, "r": 12, "t": 8, "b": 40},
        height=220,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        xaxis={"title": {"text": "labels"}, "rangemode": "tozero", "zeroline": False, "nticks": 6},
        yaxis={"tickformat": ".0%", "zeroline": False, "range": _range(rounds), "nticks": 5},
        # Keeps zoom and hover when the next round redraws.
        uirevision="learning curve",
    )


def plotly_text(text: str) -> str:
    """Return text that plotly shows as it is: no tag, no entity, no template field."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("%{", "%&#123;")


def _hover(item: Round) -> str:
    return (
        f"round {item.round}: {item.score:.1%} ({item.score_low:.1%} to {item.score_high:.1%})<br>"
        f"{item.n_labelled} labels, {item.n_learnt} learnt, {plotly_text(item.strategy)}<br>"
        f"{plotly_text(item.score_kind)} on {item.score_n} samples, fit {item.fit_seconds:.2f} s"
    )


def _range(rounds: Sequence[Round]) -> list[float]:
    """Return limits on a coarse grid, so that the axis does not jump at every round."""
    if not rounds:
        return [0.0, 1.0]
    lowest = min(item.score_low for item in rounds)
    step = next((step for step in _STEPS if (1 - lowest) / step <= 6), _STEPS[-1])  # noqa: PLR2004
    return [max(0.0, math.floor(lowest / step) * step), 1.0]
