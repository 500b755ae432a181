"""The questions of a session as a stream of Prodigy, and its answers taken in."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from alwidgets.io.documents import Document
from alwidgets.io.fields import fields_of
from alwidgets.io.formats import prodigy
from alwidgets.io.formats.catalog import FORMATS
from alwidgets.io.reading import records_in
from alwidgets.io.records import identified
from alwidgets.session.receiving import Received
from alwidgets.utils.text import short_repr


class ProdigyStream:
    """Questions of a session as tasks of Prodigy, best first; what it answers is taken in by `update`.

    Parameters
    ----------
    session : Session
        The session that asks.
    """

    def __init__(self, session: Any) -> None:
        self._session = session
        # The rows that are out, by the ids of their samples.
        self._out: dict[str, int] = {}

    @property
    def view_id(self) -> str:
        """The interface of Prodigy: "classification" for a task with yes and no, else "choice"."""
        return "classification" if self._session.task.kind == "yes_no" else "choice"

    @property
    def config(self) -> dict[str, str]:
        """Settings of a recipe: whether one class is chosen, or several."""
        return {"choice_style": "multiple" if self._session.task.multilabel else "single"}

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield a task as Prodigy wants one, chosen by the newest model, until the pool is exhausted."""
        while (row := self._next()) is not None:
            sample = self._session.sample_id(row)
            self._out[sample] = row
            fields = fields_of(self._session.item(row)) or {"text": f"sample {row}"}
            yield prodigy.task(self._session.task.kind, self._session.classes, fields, sample)

    def _next(self) -> int | None:
        """Return the best question that is not out yet."""
        rows = self._session.query(len(self._out) + 1).tolist()
        out = set(self._out.values())
        return next((row for row in rows if row not in out), None)

    @staticmethod
    def _checked(answers: Any) -> list[dict[str, Any]]:
        expected = "expected a list of tasks with an 'answer', as Prodigy gives them to `update`"
        if not isinstance(answers, Iterable) or isinstance(answers, Mapping | str):
            raise TypeError(f"answers is {short_repr(answers)}; {expected}.")
        rows = list(answers)
        for row in rows:
            if not isinstance(row, dict):
                raise TypeError(f"answers has {short_repr(row)}; {expected}.")
        return rows

    def update(self, answers: Iterable[dict[str, Any]]) -> Received:
        """Take in answered tasks, as Prodigy gives them to the `update` of a recipe.

        Parameters
        ----------
        answers : iterable of dict
            Tasks with an "answer".

        Returns
        -------
        received : Received
            What became of them; the same task twice counts once.

        Raises
        ------
        ValueError
            If one is not an answer of Prodigy; nothing was taken in then.
        TypeError
            If they are not a list of tasks.

        Warns
        -----
        UserWarning
            If answers do not fit the session, which are in `Received.refused`, or tasks have none; they are asked
            again.
        """
        rows = self._checked(answers)
        document = Document(Path("the answers"), "json", rows)
        records = records_in(document, FORMATS["prodigy"])
        received: Received = self._session.receive(records)
        # What does not fit is asked again.
        unanswered = [row for row in rows if row.get("answer") is None]
        for sample in (*(record.sample for record in records), *(_sample_of(row) for row in unanswered)):
            self._out.pop(sample, None)
        if unanswered:
            warnings.warn(
                f"{len(unanswered)} of {len(rows)} tasks of Prodigy have no answer; they are asked again.",
                UserWarning,
                stacklevel=2,
            )
        if received.refused:
            warnings.warn(f"Answers of Prodigy: {received}", UserWarning, stacklevel=2)
        return received


def _sample_of(row: Mapping[str, Any]) -> str:
    return str(identified(prodigy.shown(row))["sample"])


def prodigy_stream(session: Any) -> ProdigyStream:
    """Return the questions of a session as a stream of Prodigy tasks, and the `update` that takes its answers.

    A recipe is ten lines; `docs/bridges.md` has it. Tested against an export of Prodigy, and not run with Prodigy
    itself, which is not free.

    Parameters
    ----------
    session : Session
        Whose questions; its items are texts, paths or rows.

    Returns
    -------
    stream : ProdigyStream
        Iterate over it for tasks, best first; `update`, `view_id` and `config` are what a recipe returns beside it.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.naive_bayes import GaussianNB
    >>> import alwidgets as alw
    >>> texts = ["win a prize", "see you at noon"]
    >>> session = alw.Session(np.eye(2), texts, classes=["ham", "spam"], learner=GaussianNB(), ids=["m1", "m2"])
    >>> stream = prodigy_stream(session)
    >>> task = next(iter(stream))
    >>> received = stream.update([task | {"accept": ["spam"], "answer": "accept"}])
    >>> received.n_taken, session.labels["label"].tolist()
    (1, ['spam'])
    """
    return ProdigyStream(session)
