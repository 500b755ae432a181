"""Pictures of a comparison: plain plotly, for light and dark pages alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from alwidgets.simulation.statistics import Ranks, Runs
from alwidgets.utils.plotly_style import (
    DASHES,
    HUES,
    INK,
    LAYOUT,
    plotly_text,
)

if TYPE_CHECKING:
    import pandas as pd

_GRID = "rgba(128, 128, 128, 0.25)"
_BAND_OPACITY = 0.14
_HEIGHT = 360
_STANDOFF = 8


def curves(runs: Mapping[str, Runs], metric: str, unit: str) -> Any:
    """Return the mean score against labels or answers, a line a strategy, with the 95 % interval of the mean."""
    figure = _figure(unit, metric)
    for place, (name, each) in enumerate(runs.items()):
        n, mean = each.mean
        spread = _half_width(each)
        low, high = mean - spread, mean + spread
        if np.all((mean >= 0) & (mean <= 1)):
            # Shares stay shares, however few runs there are.
            low, high = np.clip(low, 0, 1), np.clip(high, 0, 1)
        _add_band(figure, n, low, high, place, name)
        _add_line(figure, n, mean, place, name, f"{_shown(name)}: %{{y:.1%}} at %{{x:.4~g}} {unit}<extra></extra>")
    return _shares(figure, [value for each in runs.values() for value in each.mean[1]])


def savings(parts: Mapping[str, pd.DataFrame], metric: str, baseline: str, unit: str) -> Any:
    """Return the share of the baseline's labels or answers that each strategy saves on the way to a score."""
    figure = _figure(metric, f"{unit} saved against {plotly_text(baseline)}")
    for place, (name, part) in enumerate(parts.items()):
        target, saved = part["target"].to_numpy(), part["label_savings"].to_numpy()
        known = part.dropna(subset=["savings_low"])
        at, low, high = (known[column].to_numpy() for column in ("target", "savings_low", "savings_high"))
        _add_band(figure, at, low, high, place, name)
        _add_line(figure, target, saved, place, name, f"{_shown(name)}: %{{y:.0%}} saved at %{{x:.4~g}}<extra></extra>")
    figure.add_hline(y=0, line={"color": INK, "width": 1, "dash": "dot"})
    return figure.update_yaxes(tickformat=".0%")


def regret(frame: pd.DataFrame, metric: str, unit: str) -> Any:
    """Return the score lost against the best strategy at equal labels or answers."""
    figure = _figure(unit, f"{metric} lost against the best")
    for place, (name, part) in enumerate(frame.groupby("strategy", sort=False)):
        hover = f"{_shown(str(name))}: %{{y:.1%}} lost at %{{x:.4~g}} {unit}<extra></extra>"
        _add_line(figure, part.iloc[:, 1].to_numpy(), part["regret"].to_numpy(), place, str(name), hover)
    return _shares(figure, frame["regret"].tolist())


def ranks(found: Ranks) -> Any:
    """Return the mean ranks, best on top, and a bar over each group whose members do not differ."""
    from plotly import graph_objects as go

    n = len(found.names)
    figure = _figure("mean rank (1 = best)", "")
    for first, last in _indistinct(found):
        figure.add_scatter(
            x=[found.mean_rank[first]] * 2,
            y=[first - 0.3, last + 0.3],
            mode="lines",
            line={"color": HUES[1], "width": 4},
            hoverinfo="skip",
            showlegend=False,
            name="do not differ",
        )
    # Last, so that no bar hides them.
    figure.add_scatter(
        x=found.mean_rank.tolist(),
        y=list(range(n)),
        mode="markers+text",
        marker={"size": 9, "color": HUES[0]},
        text=[f"{rank:.2f}" for rank in found.mean_rank],
        textposition="middle right",
        cliponaxis=False,
        hoverinfo="skip",
        showlegend=False,
    )
    why = f"Strategies that share a bar do not differ: critical difference {found.critical_difference:.2f}"
    friedman = "" if np.isnan(found.p) else f", Friedman p {found.p:.2g}"
    figure.update_layout(title=go.layout.Title(text=f"{why}{friedman}, {found.n} splits", font={"size": 12}))
    figure.update_layout(height=120 + 40 * n, margin={"t": 40})
    names = [_shown(name) for name in found.names]
    return figure.update_yaxes(tickvals=list(range(n)), ticktext=names, range=[n - 0.4, -0.6], showgrid=False)


def _indistinct(found: Ranks) -> list[tuple[int, int]]:
    """Return the largest groups of neighbors in rank that lie closer than the critical difference."""
    groups: list[tuple[int, int]] = []
    for first, rank in enumerate(found.mean_rank):
        last = int(np.flatnonzero(found.mean_rank <= rank + found.critical_difference).max(initial=first))
        if last > first and not (groups and groups[-1][1] >= last):
            groups.append((first, last))
    return groups


def _half_width(runs: Runs) -> Any:
    """Return half the 95 % interval of the mean over the runs; 0 for a single one."""
    n = len(runs.scores)
    if n < 2:  # noqa: PLR2004 - one tells no spread
        return np.zeros(runs.scores.shape[1])
    from scipy.stats import t

    return float(t.ppf(0.975, n - 1)) * runs.scores.std(axis=0, ddof=1) / np.sqrt(n)


def _figure(x: str, y: str) -> Any:
    from plotly import graph_objects as go

    # Room for labels of any width, and the titles beyond them.
    axis = {"gridcolor": _GRID, "zeroline": False, "linecolor": _GRID, "automargin": True}
    return go.Figure().update_layout(
        **LAYOUT,
        font={"color": INK},
        height=_HEIGHT,
        margin={"l": 60, "r": 12, "t": 12, "b": 48},
        xaxis={"title": {"text": plotly_text(x), "standoff": _STANDOFF}, **axis},
        yaxis={"title": {"text": plotly_text(y), "standoff": _STANDOFF}, **axis},
    )


def _add_line(figure: Any, x: Any, y: Any, place: int, name: str, hover: str) -> None:
    figure.add_scatter(
        x=x.tolist(),
        y=y.tolist(),
        mode="lines",
        line={"color": HUES[place % len(HUES)], "width": 2, "dash": DASHES[place % len(DASHES)]},
        hovertemplate=hover,
        showlegend=True,
        name=_shown(name),
    )


def _add_band(figure: Any, x: Any, low: Any, high: Any, place: int, name: str) -> None:
    red, green, blue = (int(HUES[place % len(HUES)][i : i + 2], 16) for i in (1, 3, 5))
    figure.add_scatter(
        x=[*x.tolist(), *x[::-1].tolist()],
        y=[*high.tolist(), *low[::-1].tolist()],
        mode="lines",
        fill="toself",
        fillcolor=f"rgba({red}, {green}, {blue}, {_BAND_OPACITY})",
        line={"width": 0},
        hoverinfo="skip",
        showlegend=False,
        name=f"95 % interval of {_shown(name)}",
    )


def _shown(name: str) -> str:
    return plotly_text(name)


def _shares(figure: Any, values: Sequence[float]) -> Any:
    """Show a score that lies in [0, 1] as per cent."""
    if all(0 <= value <= 1 for value in values):
        return figure.update_yaxes(tickformat=".0%")
    for trace in figure.data:
        if trace.hovertemplate:
            trace.hovertemplate = trace.hovertemplate.replace("%{y:.1%}", "%{y:.4~g}")
    return figure
