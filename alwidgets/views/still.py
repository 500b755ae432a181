"""A session as a picture: its curve as SVG and a summary, to be seen without a kernel, a script or the network."""

from __future__ import annotations

import base64
from html import escape
from typing import TYPE_CHECKING

from alwidgets.session import view_of
from alwidgets.views.advice_words import facts
from alwidgets.views.learning_curve import caption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alwidgets.session import Session
    from alwidgets.stopping import Round

_WIDTH, _HEIGHT = 480, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 10, 34
_ACCENT, _LINE, _TEXT = "#1a63c9", "#d5d8dd", "#333"


def still(session: Session) -> str:
    """Return a session as plain HTML: the learning curve, where there is one, and a table.

    The curve is an image in the page itself; nothing is loaded from elsewhere, and nothing of it is a sample.
    """
    progress, rounds = session.progress, view_of(session).rounds
    counts = zip(session.classes, progress.class_counts, strict=True)
    rows = [
        ("labeled", f"{progress.n_labeled} of {progress.n_samples}, {progress.n_skipped} skipped"),
        ("by class", ", ".join(f"{name}: {count}" for name, count in counts)),
        ("model", f"round {progress.round}, {progress.n_learned} learned"),
        ("score", caption(session)),
        *((name, value) for name, value in facts(view_of(session).advice, rounds)[1:] if value[0].isdigit()),
        ("advice", session.advice.sentence),
        ("kept in", progress.saved_as or "memory only"),
    ]
    cells = "".join(f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in rows)
    table = f"<table><caption>alwidgets session, without a kernel</caption>{cells}</table>"
    return _picture(session) + table


def still_curve(session: Session) -> str:
    """Return the learning curve of a session as plain HTML: the same picture, where there is one, and its caption."""
    return f"{_picture(session)}<p>{escape(caption(session))}</p>"


def _picture(session: Session) -> str:
    measured = [item for item in view_of(session).rounds.comparable if item.measured]
    if not measured:
        return ""
    picture = base64.b64encode(curve_svg(measured).encode()).decode()
    words = escape(f"Learning curve: {caption(session)}")
    return f'<p><img alt="{words}" width="{_WIDTH}" src="data:image/svg+xml;base64,{picture}"></p>'


def curve_svg(rounds: Sequence[Round]) -> str:
    """Return the scores of rounds with their intervals, against labels, as one SVG file on white.

    Parameters
    ----------
    rounds : sequence of Round, at least one
        Measured, of one metric and kind, oldest first.
    """
    metric = rounds[-1].metric
    low, high = min(item.score_low for item in rounds), max(item.score_high for item in rounds)
    if low >= 0 and high <= 1:
        high = 1.0
    span, last = (high - low) or 1.0, max(item.n_labeled for item in rounds) or 1

    def x(n_labels: float) -> float:
        return _LEFT + n_labels / last * (_WIDTH - _LEFT - _RIGHT)

    def y(score: float) -> float:
        return _TOP + (high - score) / span * (_HEIGHT - _TOP - _BOTTOM)

    def line(places: Sequence[tuple[float, float]]) -> str:
        return " ".join(f"{x(n):.1f},{y(score):.1f}" for n, score in places)

    upper = [(item.n_labeled, item.score_high) for item in rounds]
    lower = [(item.n_labeled, item.score_low) for item in reversed(rounds)]
    ticks = [low + share * span for share in (0.0, 0.5, 1.0)]
    grid = "".join(
        f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y(tick):.1f}" y2="{y(tick):.1f}" stroke="{_LINE}"/>'
        f'<text x="{_LEFT - 6}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:.2f}</text>'
        for tick in ticks
    )
    ends = "".join(
        f'<text x="{x(n):.1f}" y="{_HEIGHT - 18}" text-anchor="{anchor}">{n}</text>'
        for n, anchor in ((0, "middle"), (last, "end"))
    )
    score_line = line([(item.n_labeled, item.score) for item in rounds])
    here = rounds[-1]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}" '
        f'font-family="sans-serif" font-size="11" fill="{_TEXT}">'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>{grid}{ends}'
        f'<text x="{_WIDTH / 2}" y="{_HEIGHT - 4}" text-anchor="middle">labels ({escape(metric)} above, with 95 % '
        f"interval)</text>"
        f'<polygon points="{line(upper + lower)}" fill="{_ACCENT}" fill-opacity="0.18"/>'
        f'<polyline points="{score_line}" fill="none" stroke="{_ACCENT}" stroke-width="2"/>'
        f'<circle cx="{x(here.n_labeled):.1f}" cy="{y(here.score):.1f}" r="3" fill="{_ACCENT}"/></svg>'
    )
