"""The curve of a session that seeks a class: how many were found against how many were read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from alwidgets.session import view_of
from alwidgets.utils.plotly_style import DASHES, HUES, INK, LAYOUT, plotly_text

if TYPE_CHECKING:
    from alwidgets.session.session import Session


def found_curve(session: Session) -> Any:
    """Draw the samples of the class sought that were found, against the samples that were read.

    Parameters
    ----------
    session : Session
        One with ``find=``.

    Returns
    -------
    figure : plotly Figure
        Beside the curve, the ideal one, whose every question is of the class until all that are known are found, and
        that of random questions, were there no more than are known. O(n_labels).

    Raises
    ------
    ValueError
        If the session seeks no class.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.naive_bayes import GaussianNB
    >>> import alwidgets as alw
    >>> session = alw.Session(np.eye(4), classes=["a", "b"], learner=GaussianNB(), find="b", labels={0: "a", 3: "b"})
    >>> [line.name for line in found_curve(session).data]
    ['found', 'ideal', 'random, if there are no more']
    """
    import plotly.graph_objects as go

    told = view_of(session).found
    if told is None:
        raise ValueError(
            "the session seeks no class; give Session(find=...) the class of which all samples are wanted."
        )
    labels = session.labels
    # The answer to an identical sample is the same one.
    found = np.cumsum(labels["label"][labels["via"] != "duplicate"].to_numpy() == told.label)
    n_found = int(found[-1]) if len(found) else 0
    random = n_found * len(found) / told.n_samples
    lines = {
        "found": ([*range(len(found) + 1)], [0, *found.tolist()]),
        "ideal": ([0, n_found, len(found)], [0, n_found, n_found]),
        "random, if there are no more": ([0, len(found)], [0, random]),
    }
    figure = go.Figure(layout=LAYOUT)
    for (name, (x, y)), dash, color in zip(lines.items(), DASHES, (HUES[0], INK, INK), strict=False):
        figure.add_scatter(x=x, y=y, name=name, mode="lines", line={"dash": dash, "color": color})
    return figure.update_layout(xaxis_title="read", yaxis_title=f"found of {plotly_text(str(told.label))}")
