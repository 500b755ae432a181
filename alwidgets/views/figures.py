"""Figures of a session: plain plotly, pure functions of the rounds. The browser gives them the page's colors."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from alwidgets.scoring.scores import basis
from alwidgets.stopping.next_labels import fitted, forecast, projected_to
from alwidgets.utils.plotly_style import HUES, LAYOUT, plotly_text
from alwidgets.views.messages import Against

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alwidgets.annotation.ceiling import Ceiling
    from alwidgets.journal.parts import Growth
    from alwidgets.scoring.baseline import Baseline
    from alwidgets.stopping import History, Round


_ACCENT, _OTHER, _CEILING = HUES[:3]
_BAND, _OTHER_BAND, _CEILING_BAND = "rgba(47, 125, 225, 0.18)", "rgba(194, 112, 28, 0.14)", "rgba(42, 148, 99, 0.12)"
_STEPS = (0.02, 0.05, 0.1, 0.2)
_PROJECTED = 24
_LINES = {"cross-validated": "dash", "weighted": "dashdot"}

_SOURCES = {
    "audit": "random draws from the audit",
    "simulated": "random draws, the model's own predictions for labels where there are none",
}


def learning_curve(
    history: History,
    *,
    baseline: Baseline | None = None,
    ceiling: Ceiling | None = None,
    against: Against = "labels",
    model: str = "",
    growth: Sequence[Growth] = (),
) -> Any:
    """Return the score against labels, money or minutes, with its interval, where it leads, and the random baseline.

    Parameters
    ----------
    history : History
        The rounds; those without a score are left out.
    baseline : Baseline, optional
        What random sampling would have reached.
    ceiling : Ceiling, optional
        What a model without an error would score on the labels that measure, as far as a team agrees on them.
    model : str
        Said of each round, when it is given.
    against : {"labels", "cost", "minutes"}
        What lies along x. Beyond the last round, and for the baseline, a label costs and takes what it did so far.
    growth : sequence of Growth
        When the pool grew: a line each, the last one with its name.

    Returns
    -------
    plotly.graph_objects.Figure
        A cross-validated score is dashed, because the labeled set it was measured on was not drawn at random; the
        projection is dotted. Rounds whose score is of another kind than the last make a line of their own.
    """
    from plotly import graph_objects as go

    rounds = list(history.comparable)
    along = _along(history, against)
    x = [_place(item, history, against) for item in rounds]
    figure = go.Figure()
    _add_band(
        figure, x, [item.score_low for item in rounds], [item.score_high for item in rounds], _BAND, "95 % interval"
    )
    metric = rounds[-1].metric if rounds else "score"
    figure.add_scatter(
        x=_values(x),
        y=_values([item.score for item in rounds]),
        mode="lines+markers",
        line={"color": _ACCENT, "width": 2, "dash": _LINES.get(rounds[-1].score_kind, "solid") if rounds else "solid"},
        marker={"size": 6},
        customdata=_values([_hover(item, model) for item in rounds]),
        hovertemplate="%{customdata}<extra></extra>",
        name=plotly_text(metric),
    )
    _add_other_kinds(figure, history, against, model)
    form = ".1%" if _is_share(rounds) else ".3g"
    _add_projection(figure, history, along, form)
    if baseline is not None:
        _add_baseline(figure, baseline, along, form)
    if ceiling is not None:
        _add_ceiling(figure, ceiling, form)
    _add_growth(figure, growth, along)
    limits = _range(rounds, baseline)
    return figure.update_layout(
        **LAYOUT,
        showlegend=sum(trace.showlegend is not False for trace in figure.data) > 1,
        legend={
            "x": 1,
            "xanchor": "right",
            **_legend_corner(rounds, limits),
            "bgcolor": "rgba(0,0,0,0)",
            "font": {"size": 11},
        },
        margin={"l": 48, "r": 12, "t": 8, "b": 40},
        height=240,
        xaxis={"title": {"text": _AXES[against](history)}, "rangemode": "tozero", "zeroline": False, "nticks": 6},
        yaxis={
            "tickformat": ".0%" if _is_share(rounds) else "",
            "zeroline": False,
            "range": limits,
            "nticks": 5,
        },
        # Keeps zoom and hover when the next round redraws; another axis is another picture.
        uirevision=f"learning curve {against}",
    )


_AXES: dict[str, Callable[[History], str]] = {
    "labels": lambda _: "labels",
    "cost": lambda history: plotly_text(f"cost in {history.budget.currency}" if history.budget.currency else "cost"),
    "minutes": lambda _: "minutes of labeling",
}


def _place(item: Round, history: History, against: Against) -> float:
    # At the prices as they are now: those of the projection and the baseline.
    spent = history.budget.spent(item.n_answers or item.n_labeled, item.seconds)
    return {"labels": item.n_labeled, "cost": spent, "minutes": item.seconds / 60}[against]


def _along(history: History, against: Against) -> Callable[[float], float]:
    """Return labels -> place on the x axis, at the rate of the labels so far."""
    rate = {
        "labels": 1.0,
        "cost": history.cost_per_label,
        "minutes": (history.seconds_per_label or 0.0) / 60,
    }[against]
    return lambda n: rate * n


def _add_band(figure: Any, x: list[float], low: list[float], high: list[float], color: str, name: str) -> None:
    figure.add_scatter(
        x=_values(x + x[::-1]),
        y=_values(high + low[::-1]),
        mode="lines",
        fill="toself",
        fillcolor=color,
        line={"width": 0},
        hoverinfo="skip",
        showlegend=False,
        name=name,
    )


def _add_growth(figure: Any, growth: Sequence[Growth], along: Callable[[float], float]) -> None:
    """Mark where the pool was another from: scores before are of fewer samples."""
    for number, (part, n_labeled) in enumerate(growth, start=1):
        said = {"text": plotly_text(f"+{part.n_rows:,} {part.name}"), "font": {"size": 10}}
        last = number == len(growth)
        figure.add_vline(
            along(n_labeled), line={"color": _ACCENT, "width": 1, "dash": "dot"}, annotation=said if last else None
        )


def _add_other_kinds(figure: Any, history: History, against: Against, model: str) -> None:
    """Draw the rounds with scores of another kind separately: they do not belong to the curve."""
    last = history.of_one_kind[-1:]
    others = [item for item in history if last and item.measured and item.metric == last[0].metric]
    for kind in dict.fromkeys(item.score_kind for item in others if item.score_kind != last[0].score_kind):
        rounds = [item for item in others if item.score_kind == kind]
        figure.add_scatter(
            x=_values([_place(item, history, against) for item in rounds]),
            y=_values([item.score for item in rounds]),
            mode="lines",
            line={"color": _ACCENT, "width": 1, "dash": _LINES.get(kind, "solid")},
            customdata=_values([_hover(item, model) for item in rounds]),
            hovertemplate="%{customdata}<extra></extra>",
            name=plotly_text(kind),
        )


def _add_projection(figure: Any, history: History, along: Callable[[float], float], form: str) -> None:
    """Draw the extrapolated law up to the end of the budget."""
    curve, last = fitted(history), projected_to(history)
    ahead = forecast(history)
    if curve is None or ahead is None or not ahead.clear or not history.n_labeled < last:
        return
    # It starts where the curve ends, which a law fitted to all of it may pass beside.
    here = history.comparable[-1]
    n = np.linspace(here.n_labeled, last, _PROJECTED)
    projected = np.maximum(curve.at(n), here.score)
    projected[0] = here.score
    low, high = curve.band(n)
    low, high = np.minimum(low, projected), np.maximum(high, projected)
    x = [along(labels) for labels in n.tolist()]
    _add_band(figure, x, low.tolist(), high.tolist(), _BAND, "95 % band of the projection")
    figure.add_scatter(
        x=x,
        y=projected.tolist(),
        mode="lines",
        line={"color": _ACCENT, "width": 2, "dash": "dot"},
        hovertemplate=f"projected %{{y:{form}}} at %{{x:.4~g}}<extra></extra>",
        name="projection",
    )


def _add_baseline(figure: Any, baseline: Baseline, along: Callable[[float], float], form: str) -> None:
    x = [along(n) for n in baseline.n_labeled.tolist()]
    _add_band(figure, x, baseline.low.tolist(), baseline.high.tolist(), _OTHER_BAND, "95 % interval of the baseline")
    figure.add_scatter(
        x=x,
        y=baseline.score.tolist(),
        mode="lines",
        line={"color": _OTHER, "width": 2, "dash": "solid" if baseline.source == "audit" else "dash"},
        hovertemplate=f"{_SOURCES[baseline.source]}: %{{y:{form}}} at %{{x:.4~g}}<extra></extra>",
        name=baseline.name,
    )


def _add_ceiling(figure: Any, ceiling: Ceiling, form: str) -> None:
    """Draw a line, with its interval, across all that there is."""
    ends = [0.0, max((place for trace in figure.data for place in trace.x), default=1.0)]
    low, high = [ceiling.low] * len(ends), [ceiling.high] * len(ends)
    _add_band(figure, ends, low, high, _CEILING_BAND, "95 % interval of the ceiling")
    figure.add_scatter(
        x=ends,
        y=[ceiling.value] * len(ends),
        mode="lines",
        line={"color": _CEILING, "width": 1, "dash": "dash"},
        hovertemplate=f"a model without an error: %{{y:{form}}}, by how far the annotators agree<extra></extra>",
        name="ceiling",
    )


def _values(values: list[Any]) -> Any:
    """Return an array of objects: plotly looks at each item of a list, and sends arrays of numbers as bytes."""
    return np.array(values, object)


def _hover(item: Round, model: str) -> str:
    by = f" by {plotly_text(model)}" if model else ""
    return (
        f"round {item.round}: {_percent(item.score)} ({_percent(item.score_low)} to {_percent(item.score_high)})<br>"
        f"{item.n_labeled} labels, {item.n_learned} learned{by}, {plotly_text(item.strategy)}<br>"
        f"{plotly_text(basis(item.score_kind, item.score_n))}, fit {item.fit_seconds:.2f} s"
    )


def _percent(score: float) -> str:
    return f"{score:.1%}" if 0 <= score <= 1 else f"{score:.3g}"


def _is_share(rounds: Sequence[Round]) -> bool:
    """Return whether the score is one that lies in [0, 1]."""
    return all(item.score_low >= 0 and item.score_high <= 1 for item in rounds)


def _legend_corner(rounds: Sequence[Round], limits: list[float] | None) -> dict[str, Any]:
    """Return a corner at the right where the legend covers no curve: below a risen curve, above a flat one."""
    low = bool(rounds and limits) and rounds[-1].score < np.mean(limits or 0.0)
    return {"y": 1, "yanchor": "top"} if low else {"y": 0, "yanchor": "bottom"}


def _range(rounds: Sequence[Round], baseline: Baseline | None) -> list[float] | None:
    """Return limits on a coarse grid, so that the axis does not jump at every round."""
    if not _is_share(rounds):
        return None
    if not rounds:
        return [0.0, 1.0]
    lowest = min([item.score_low for item in rounds] + ([] if baseline is None else baseline.score.tolist()))
    step = next((step for step in _STEPS if (1 - lowest) / step <= 6), _STEPS[-1])  # noqa: PLR2004
    return [max(0.0, math.floor(lowest / step) * step), 1.0]
