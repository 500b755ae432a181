"""The front end of each part of a page: its ES module and its stylesheets, the same in Jupyter and without."""

from __future__ import annotations

from dataclasses import dataclass

from alwidgets.views.front_end import script, style


@dataclass(frozen=True)
class Front:
    """Place of the front end of a part, in the folder of all of them.

    Parameters
    ----------
    module : str
        The ES module, which has a widget's functions `initialize` and `render`.
    styles : tuple of str
        Stylesheets beside those that all parts share.
    """

    module: str
    styles: tuple[str, ...]

    @property
    def script(self) -> str:
        """One module, joined of all that it imports."""
        return script(self.module)

    @property
    def style(self) -> str:
        """One stylesheet."""
        return style(*self.styles)


_SAMPLE = ("common/sample.css", "common/answers.css")
_FIGURES = ("common/figures.css",)
LABELER = Front("labeler/labeler.js", (*_SAMPLE, "labeler/labeler.css", "labeler/grid.css"))
REVIEW = Front("review/review.js", (*_SAMPLE, *_FIGURES, "common/disputes.css", "review/review.css"))
STOPPING_PANEL = Front("panels/stopping_panel.js", ("panels/stopping_panel.css",))
LEARNING_CURVE = Front("panels/learning_curve.js", ("panels/learning_curve.css",))
POOL_MAP = Front("map/pool_map.js", (*_SAMPLE, "map/pool_map.css"))
RACE = Front("race/race.js", ("race/race.css",))
LABEL_STUDIO_PANEL = Front("panels/label_studio_panel.js", ("panels/label_studio_panel.css",))
TEAM_PANEL = Front("team/team_panel.js", (*_SAMPLE, *_FIGURES, "common/disputes.css", "team/team_panel.css"))
DRIFT_PANEL = Front("drift/drift_panel.js", (*_FIGURES, "drift/drift_panel.css"))
PAGE_LINKS = Front("page/page_links.js", ("page/page_links.css",))
