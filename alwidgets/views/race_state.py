"""State of a race, for its page: numbers, boundaries, and one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from alwidgets.views.states import RaceProgress

if TYPE_CHECKING:
    from alwidgets.session import Session
    from alwidgets.simulation.race import Heat
    from alwidgets.simulation.sketch import Drawing

# A mean difference of accuracy, in percentage points, that is called none.
_DRAW = 0.5
# How much more neighbors must tell with all labels than a model does, to say that it is the model's fault.
_FAR_BETTER = 0.1

_NOTHING: RaceProgress = {
    "running": False, "finished": False, "question": None, "n_labeled": 0, "n_asked": 0, "drawn": [], "measured": [],
    "problem": "", "labeled": [[], []], "n_newest": 0, "scores": [None, None], "curves": [],
}  # fmt: skip


def map_of(heat: Heat, session: Session) -> bytes:
    """Return `Heat.leads` as bytes; empty without a model."""
    leads = heat.leads(session)
    return b"" if leads is None else leads.tobytes()


def state_of(heat: Heat | None) -> RaceProgress:
    """Return the state of a race for the page, without the boundaries."""
    if heat is None:
        return _NOTHING
    curves = heat.curves()
    scores = curves[["active", "random"]].ffill().iloc[-1].tolist() if len(curves) else [None, None]
    problem = next((session.progress.error for session in heat.sessions if session.progress.error), "")
    return {
        "running": True,
        "finished": heat.finished,
        "question": heat.question,
        "n_labeled": heat.n_labeled,
        "n_asked": len(heat.asked),
        "drawn": heat.drawn.tolist(),
        "measured": heat.measured.tolist(),
        "problem": problem,
        # Row and class of each label, oldest first.
        "labeled": [_labeled(heat, session) for session in heat.sessions],
        "n_newest": (heat.n_labeled - 1) % heat.terms.batch_size + 1 if heat.n_labeled else 0,
        "scores": scores,
        "curves": curves.astype(object).where(curves.notna(), None).to_numpy().tolist(),
    }


def _labeled(heat: Heat, session: Session) -> list[tuple[int, int]]:
    labels = session.labels
    codes = [heat.classes.index(label) for label in labels["label"]]
    return [(int(row), code) for row, code in zip(heat.asked[labels["item"].to_numpy()], codes, strict=True)]


def how_it_stands(drawing: Drawing, heat: Heat | None, strategy: str) -> str:
    """Return the state of a race in one sentence."""
    counts = np.bincount(drawing.codes, minlength=len(drawing.classes))
    drawn = ", ".join(f"{count} {label}" for label, count in zip(drawing.classes, counts, strict=True) if count)
    if heat is None:
        enough = np.count_nonzero(counts) > 1
        return f"{drawn}. Who will win? Step or play." if enough else "Draw points of two classes, or add a shape."
    curves = heat.curves().ffill().dropna()
    both = zip((strategy, "random"), heat.sessions, strict=True)
    failed = list(dict.fromkeys(name for name, session in both if session.progress.error))
    if failed and not len(curves):
        return f"{heat.n_labeled} labels each, and no model of {' and '.join(failed)}: fitting failed."
    if not len(curves):
        return f"{heat.n_labeled} labels each, by the same start. There is a model as soon as two classes have a label."
    active, at_random = (float(curves[name].iloc[-1]) for name in ("active", "random"))
    lead = 100 * float((curves["active"] - curves["random"]).mean())
    name = strategy if strategy != "random" else "the strategy"
    leader = name if lead > 0 else "random"
    on_average = f"{leader} leads by {abs(lead):.1f} points" if abs(lead) >= _DRAW else "a draw"
    old = f" The last fit of {' and '.join(failed)} failed, and an older model is scored." if failed else ""
    return (
        f"{heat.n_labeled} labels each: {strategy} {active:.0%}, random {at_random:.0%} of the {len(heat.measured)} "
        f"points that are never asked. On average so far: {on_average}.{old}{_no_such_border(heat, active, at_random)}"
    )


def _no_such_border(heat: Heat, *scores: float) -> str:
    """Describe a model that scores low with every point labeled while k-NN scores well; empty otherwise."""
    if not heat.finished or (reached := heat.by_neighbors()) < max(scores) + _FAR_BETTER:
        return ""
    return f" With every point labeled, k-NN tells {reached:.0%}: this model cannot draw such a border."
