"""Display of a comparison: the runs, the failures, and a summary."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = (
    "n_runs", "n_failed", "area_under_curve", "area_sd", "last_score", "label_savings", "savings_low", "savings_high",
    "p_wilcoxon",
)  # fmt: skip
#: Errors that are shown, and strategies that are named for each.
_MOST_ERRORS = 5
# What differs between errors that are otherwise the same: which run, and after how many labels.
_WHICH = re.compile(r"(?<=^Run )\d+|(?<= on )\d+(?= labels)")
_CODE = re.compile(r"`([^`\n]+)`")


def as_text(sentences: list[str], summary: pd.DataFrame) -> str:
    """Return sentences, and the summary under them."""
    table = _glance(summary).to_string(index=False, na_rep="", float_format="{:z.3f}".format)
    return "\n".join([*sentences, table])


def as_html(sentences: list[str], summary: pd.DataFrame) -> str:
    """Return the same for a page; it has no colors but the page's, light or dark."""
    table = _glance(summary).to_html(index=False, border=0, na_rep="", float_format="{:z.3f}".format)
    paragraphs = (_CODE.sub(r"<code>\1</code>", escape(sentence)) for sentence in sentences)
    return "".join(f"<p>{each}</p>" for each in paragraphs) + table


def sentences(
    metric: str, n_splits: int, baseline: str, summary: pd.DataFrame, failures: dict[str, pd.DataFrame]
) -> Iterator[str]:
    """Describe the runs and the failures.

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
    groups = _by_error(failures)
    for runs in groups[:_MOST_ERRORS]:
        names = list(runs)
        more = [f"{len(names) - _MOST_ERRORS} more"] if len(names) > _MOST_ERRORS else []
        first = next(iter(runs.values()))
        what = "failed" if first["lost"].iloc[0] else "went on after what failed"
        yield (
            f"{'; '.join([*names[:_MOST_ERRORS], *more])}: {_count(sum(map(len, runs.values())), 'run')} {what}. "
            f"{first['error'].iloc[0]}"
        )
    if len(groups) > _MOST_ERRORS:
        yield f"{_count(len(groups) - _MOST_ERRORS, 'more error')}; `failures` has all of them."


def _by_error(failures: dict[str, pd.DataFrame]) -> list[dict[str, pd.DataFrame]]:
    """Return the strategies that failed alike, with their runs: lost or not, and with the same first error."""
    alike: dict[tuple[bool, str], dict[str, pd.DataFrame]] = {}
    for name, runs in failures.items():
        for lost, part in sorted(runs.groupby(runs["lost"].astype(bool)), key=lambda each: not each[0]):
            alike.setdefault((bool(lost), _WHICH.sub("", part["error"].iloc[0])), {})[name] = part
    return list(alike.values())


def _glance(summary: pd.DataFrame) -> pd.DataFrame:
    """Select the columns for display: the strategy, the means, and the savings and tests if there are any."""
    parts = [name for name in ("learner", "batch_size") if name in summary and len(summary[name].unique()) > 1]
    columns = [name for name in _COLUMNS if name in summary and (name != "n_failed" or summary[name].any())]
    return summary[["strategy", *parts, *columns]].dropna(axis="columns", how="all")


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"
