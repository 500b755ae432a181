"""A comparison as the last line of a cell shows it: what was run, what failed, and the summary at a glance."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = (
    "n_runs", "n_failed", "area_under_curve", "area_sd", "last_score", "label_savings", "savings_low", "savings_high",
    "p_wilcoxon",
)  # fmt: skip
#: Strategies whose failures are told with their error.
_MOST_TOLD = 5


def as_text(sentences: list[str], summary: pd.DataFrame) -> str:
    """Return sentences, and the summary under them."""
    table = _glance(summary).to_string(index=False, na_rep="", float_format="{:.3f}".format)
    return "\n".join([*sentences, table])


def as_html(sentences: list[str], summary: pd.DataFrame) -> str:
    """Return the same for a page; it has no colours but the page's, light or dark."""
    table = _glance(summary).to_html(index=False, border=0, na_rep="", float_format="{:.3f}".format)
    return "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences) + table


def sentences(
    metric: str, n_splits: int, baseline: str, summary: pd.DataFrame, failures: dict[str, pd.DataFrame]
) -> Iterator[str]:
    """Give what was run, and what failed.

    Parameters
    ----------
    metric : str
        What the score is.
    n_splits : int
        How many splits have curves.
    baseline : str
        What the others are held against; empty for nothing.
    summary : DataFrame
        `Comparison.summary()`.
    failures : dict
        What a strategy is called -> those of its runs in which something failed.
    """
    alike = {name: summary[name].unique() for name in ("learner", "batch_size") if name in summary}
    about = [
        f"{metric} on {_count(n_splits, 'split')}",
        *(f"{name.replace('_', ' ')} {values[0]}" for name, values in alike.items() if len(values) == 1),
        *([f"savings against {baseline}"] if baseline else []),
    ]
    yield f"{'; '.join(about)}. summary() has more, plot() the curves."
    told = list(failures.items())
    for name, runs in told[:_MOST_TOLD]:
        lost = runs[runs["lost"].astype(bool)]
        if len(lost):
            yield f"{name}: {_count(len(lost), 'run')} failed. {lost['error'].iloc[0]}"
        if len(lost) < len(runs):
            overcome = runs[~runs["lost"].astype(bool)]
            yield f"{name}: {_count(len(overcome), 'run')} went on after what failed. {overcome['error'].iloc[0]}"
    if len(told) > _MOST_TOLD:
        yield f"Something failed in {len(told) - _MOST_TOLD} more; `failures` has all of it."


def _glance(summary: pd.DataFrame) -> pd.DataFrame:
    """Return which strategy it is, the means, and what there is of savings and tests."""
    parts = [name for name in ("learner", "batch_size") if name in summary and len(summary[name].unique()) > 1]
    columns = [name for name in _COLUMNS if name in summary and (name != "n_failed" or summary[name].any())]
    return summary[["strategy", *parts, *columns]].dropna(axis="columns", how="all")


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"
