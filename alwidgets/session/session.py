"""The session: a pool being labelled, with the model in the loop. Every method is safe from any thread."""

from __future__ import annotations

import contextlib
import logging
import secrets
import shutil
import threading
import time
import warnings
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import cached_property
from importlib import import_module
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from alwidgets.annotation.repeats import (
    Agreement,
    agreement,
    drawn,
    due,
    second_looks_frame,
)
from alwidgets.data import conversion, pool
from alwidgets.data.lending import lent, read_only
from alwidgets.inspection.answers_table import (
    answers_frame,
    answers_of,
    found,
    ordered,
    picked,
)
from alwidgets.inspection.explanation import Explanation
from alwidgets.inspection.label_issues import Checked
from alwidgets.inspection.predictions import Predictions
from alwidgets.inspection.suggestion import Suggestion
from alwidgets.io.frames import (
    audit_log_frame,
    decisions_frame,
    diff_frame,
    history_frame,
    labels_beside,
    labels_frame,
    per_class_frame,
    versions_frame,
)
from alwidgets.journal.decode import many_objects
from alwidgets.journal.encode import to_record
from alwidgets.journal.events import (
    Adjusted,
    Answer,
    AuditSet,
    ClassAdded,
    Decided,
    DuplicatesSet,
    Event,
    Flagged,
    Labelled,
    LookAgain,
    LookedAgain,
    Noted,
    RolledBack,
    Skipped,
    Undone,
    Unflagged,
    as_second,
)
from alwidgets.journal.files import (
    Journal,
    JournalError,
    begins_with,
    build,
)
from alwidgets.journal.log import EventLog, given_id, new_id
from alwidgets.journal.state import CANDIDATE, LABELLED, SKIPPED
from alwidgets.loop.conformance import conforming
from alwidgets.loop.engine import Loop
from alwidgets.loop.plan import recipe
from alwidgets.loop.restore import Rollback
from alwidgets.loop.setup import Setup
from alwidgets.models.modal import Committee
from alwidgets.models.spec import reads_texts
from alwidgets.scoring.baseline import (
    Baseline,
    BaselineSource,
    Efficiency,
    efficiency,
)
from alwidgets.session import validation
from alwidgets.session.inspector import Inspector
from alwidgets.session.oracle import Answers, oracle_function
from alwidgets.session.progress import (
    SCORED_AGAIN,
    Advice,
    Progress,
    advise,
)
from alwidgets.session.task import (
    Keys,
    Task,
    as_task,
    check_classes,
    keys_of,
)
from alwidgets.stopping import Budget, History, Round, Rule, any_of, as_rule, unless_priced
from alwidgets.strategies import ColdStart, Features
from alwidgets.types import Class, Criterion, IntArray, Label, Renderer, Strategy
from alwidgets.utils.checks import check_share, checked_count, checked_journal, checked_seed
from alwidgets.utils.text import brief, writable

if TYPE_CHECKING:
    import pandas as pd


_ADVICE = any_of("budget", "marginal_gain", unless_priced("plateau"), unless_priced("stabilizing_predictions"))
_LOG = logging.getLogger(__name__)


class Session:
    """Label a pool with the model in the loop.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features), or list of str
        The pool: ndarray, memory map, sparse matrix, DataFrame; texts with a Pipeline.
    items : sequence or DataFrame of length n_samples, optional
        What the annotator sees of each row; default the rows of `X`.
    classes : list of str, int, float or bool
        The possible answers, at least two.
    learner : classifier, Pipeline, modAL ActiveLearner, modAL Committee or str
        Cloned, never changed; or the name of one, as in `Race`. In a task of many labels one that takes an indicator
        matrix.
    strategy : str, callable or object with `select`, optional
        A name in `alwidgets.strategies.NAMED`, a function of a PoolView, a batch strategy, or a query strategy of
        modAL. Default: "margin", or the own query strategy of a modAL learner.
    batch_size : int
        Answers between two retrains.
    budget : Budget or int, optional
        The most to spend; a whole number is a number of labels.
    stop : str, callable, Rule or None
        When to advise to stop: criteria in `alwidgets.stopping.CRITERIA`, or functions. None never advises, and saves
        what the criteria would have looked at.
    journal : str or Path, optional
        Folder where every answer is kept; when it exists, the session resumes. None keeps them in memory.
    random_state : int, optional
        Seeds questions and fits; the same seed and answers give the same session.
    test : tuple of (X_test, y_test), optional
        Held-out samples to score on, none of which is in `X`, or a warning says so; of many labels `y_test` is an
        indicator matrix, or a list of lists of classes.
    audit : float, optional
        Share of the questions drawn uniformly at random, to measure; default 0 with `test`, else 0.1.
    audit_mode : {"hold_back", "test_then_train"}
        Whether their answers only measure until `end_audit`, or are predicted by the model of the time and then train.
        The score is then an estimate of how the models of the last 100 such questions did, on the average, on samples
        that had no answer yet: neither of the newest model, better as a rule, nor of the whole pool. Where most of a
        small pool is labelled it is too high; only held-out samples tell of new ones.
    scoring : str, callable, list or dict of these
        What to measure: names of scikit-learn's scorers, or functions (estimator, X, y) -> float, larger is better. The
        first is the score of the curve and the criteria. Of many labels the accuracy is the share of samples all of
        whose classes are right.
    ids : sequence of length n_samples, optional
        Stable ids of the samples; default a hash of each row.
    cold_start : str, callable, object with `select`, ColdStart or None
        How questions are chosen before every class has a label: a strategy that needs no model. With None, only until
        there is a model.
    embed : callable, optional
        X -> ndarray of shape (n_samples, n_features), in which samples are compared; default what the learner's
        Pipeline makes of them before its last step, or the columns of `X` in units of their spread.
    task : Task or str
        What the annotator is asked: "single", "multi", "ordinal", "yes_no" or "pair", or a `Task` with question,
        instructions, keys and more.
    render : callable, optional
        item -> what to show; see `alwidgets.renderers`.
    media_root : str or Path, optional
        The folder in which the files of items that are paths must lie, links followed; default the working directory.
    annotator : str, optional
        Who answers.
    labels : sequence, Series, DataFrame or dict, optional
        Labels that there are already, one a row of `X`, None or NaN where there is none yet; or a dict row -> label; in
        a task of many labels an indicator matrix, or lists of classes. Each counts as an answer, whose `via` is
        "given", and is recorded once, however often the session is opened; an answer given since stays.
    duplicates : {"carry", "ask"}, optional
        What becomes of samples that are identical, in `X` and in what is shown. With "carry" one of them is asked, and
        the others have its answer, with "duplicate" as `via`, until it is taken back or they have one of their own;
        they neither train nor measure, so that no score is of what was learnt. With "ask" each is a sample like any
        other. Default "carry" in a new session, and what it was in one that is resumed.

    Raises
    ------
    ValueError, TypeError
        If an argument is not what it should be; nothing has been written then.
    JournalError
        If the journal was made for another session or is damaged.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y = load_iris(return_X_y=True)
    >>> learner = LogisticRegression(max_iter=1000)
    >>> held_out = np.arange(len(X)) % 3 == 0
    >>> pool, test = ~held_out, (X[held_out], y[held_out])
    >>> session = Session(X[pool], classes=[0, 1, 2], learner=learner, test=test, random_state=0)
    >>> session.run(oracle=y[pool], n_labels=24)  # doctest: +ELLIPSIS
    Session(in memory, round 3, 24 of 100 samples labelled, accuracy ... held out)
    """

    _by_path: ClassVar[weakref.WeakValueDictionary[Path, Session]] = weakref.WeakValueDictionary()
    _opening: ClassVar[threading.RLock] = threading.RLock()
    # Never changed, but replaced.
    _remapped: Mapping[Any, str] = MappingProxyType({})

    def __init__(  # noqa: PLR0913 - one keyword each for the parts a user chooses
        self,
        X: Any,
        items: Any = None,
        *,
        classes: Any,
        learner: Any,
        strategy: str | Strategy | None = None,
        batch_size: int = 8,
        budget: Budget | int | None = None,
        stop: str | Criterion | Rule | None = _ADVICE,
        journal: str | Path | None = None,
        random_state: int | None = None,
        test: tuple[Any, Any] | None = None,
        audit: float | None = None,
        audit_mode: str = "hold_back",
        scoring: Any = "accuracy",
        ids: Any = None,
        cold_start: str | Strategy | ColdStart | None = "k_means",
        embed: Callable[[Any], Any] | None = None,
        task: Task | str = "single",
        render: Renderer | None = None,
        media_root: str | Path | None = None,
        annotator: str | None = None,
        labels: Any = None,
        duplicates: str | None = None,
    ) -> None:
        self._given = {
            "X": X, "items": items, "classes": classes, "learner": learner, "strategy": strategy, "render": render,
            "batch_size": batch_size, "budget": budget, "stop": stop, "test": test, "audit": audit, "embed": embed,
            "audit_mode": audit_mode, "scoring": scoring, "ids": ids, "cold_start": cold_start, "annotator": annotator,
            "media_root": media_root, "task": task, "labels": labels, "duplicates": duplicates,
        }  # fmt: skip
        made = recipe(learner, strategy)
        texts = reads_texts(made.estimator)
        samples, missing = validation.checked_samples(X, allow_nan=made.allow_nan, texts=texts)
        known = validation.checked_classes(classes)
        self.task, self._n_declared = as_task(task), len(known)
        check_classes(self.task, known)
        keys_of(self.task, known)
        self._many = self.task.kind == "multi"
        validation.check_seeds(made.seeds, samples, known, many=self._many)
        made, note = conforming(made, learner, samples, known, many=self._many, missing=missing)
        self._order = validation.order_of(X=X, items=items)
        self.items = read_only(validation.checked_items(items, samples, self._order))
        self.render = validation.checked_render(render, self.items)
        self.media_root = validation.checked_media_root(media_root)
        self.annotator = validation.checked_annotator(annotator)
        self._ids = validation.checked_ids(ids, pool.n_rows(samples), self._order)
        self._seed = checked_seed(random_state)
        self._setup = Setup(
            X=read_only(samples),
            recipe=made,
            batch_size=checked_count("batch_size", batch_size),
            budget=validation.checked_budget(budget),
            rule=as_rule(stop),
            test=validation.checked_test(
                test, samples, known, allow_nan=made.allow_nan or missing, allow_inf=missing, many=self._many
            ),
            audit=validation.checked_audit(audit, has_test=test is not None),
            metrics=validation.checked_scoring(scoring),
            random_state=secrets.randbelow(2**31) if self._seed is None else self._seed,
            cold_start=validation.checked_cold_start(cold_start),
            embed=validation.checked_embed(embed),
            items=None if items is None else self.items,
        )
        strategies = (made.strategy, self._setup.cold_start.strategy)
        validation.check_strategies(samples, known, made.estimator, strategies, embed, many=self._many)
        committee = isinstance(made.template, Committee)
        validation.check_scored(committee=committee, has_test=test is not None, audit=self._setup.audit)
        mode = validation.checked_audit_mode(audit_mode)
        duplicates = validation.checked_duplicates(duplicates)
        known_labels = validation.checked_labels(labels, samples, known, many=self._many, order=self._order)
        self._baseline: Baseline | None = None
        self._listeners: list[Callable[[], None]] = []
        self._log = self._opened(checked_journal(journal), known)
        self._loop = Loop(self._setup, self._log, self._notify)
        self._inspector = Inspector(self._setup, self._log, self._loop)
        if not self.read_only:
            self._begin(known, mode, duplicates, known_labels)
        for warning in filter(None, (note, *self._warnings())):
            warnings.warn(warning, RuntimeWarning, stacklevel=2)

    # What a user reads

    @property
    def X(self) -> Any:
        """The pool, which can be read and not written to."""
        self._check_pool()
        return lent(self._setup.X)

    @property
    def n_samples(self) -> int:
        """Rows of the pool."""
        return self._log.state.n_samples

    @property
    def classes(self) -> tuple[Class, ...]:
        """The possible answers, those that were added among them."""
        return self._log.state.classes

    @property
    def budget(self) -> Budget:
        """The most to spend, and the prices; as given, or as adjusted since."""
        return self._loop.budget

    @property
    def rule(self) -> Rule:
        """When to advise to stop; as given, or as adjusted since."""
        return self._loop.rule

    @property
    def random_state(self) -> int:
        """Where all randomness of the session starts."""
        return self._setup.random_state

    @property
    def model_name(self) -> str:
        """What the learner's estimator is called."""
        return self._setup.recipe.name

    @property
    def session_id(self) -> str:
        """Unique to the session, the same whenever its journal is opened."""
        return self._log.session_id

    @property
    def learner(self) -> Any:
        """The modAL learner of the newest round, fitted; unfitted before the first."""
        return self._loop.learner

    @property
    def labels(self) -> pd.DataFrame:
        """One row an answer that stands: item, label, annotator, seconds, round, strategy, utility, ..."""
        with self._log.lock:
            return labels_frame(self._log.state)

    @property
    def history(self) -> pd.DataFrame:
        """One row a round: n_labelled, score and interval, seconds, cost, each criterion's reading, ...

        Rounds that were scored on an audit answer that has been corrected since are scored again first.
        """
        self._loop.correct()
        with self._log.lock:
            return history_frame(self._loop.history)

    @property
    def rounds(self) -> History:
        """The rounds so far and what is spent by now, as a stopping criterion reads them; corrected as `history`."""
        self._loop.correct()
        with self._log.lock:
            return self._loop.history

    @property
    def events(self) -> Sequence[Event]:
        """Everything that happened, oldest first."""
        with self._log.lock:
            return self._log.events

    @property
    def progress(self) -> Progress:
        """Where the session stands."""
        with self._log.lock:
            state, loop = self._log.state, self._loop
            learnt = state.rounds[-1].record.n_labelled if state.rounds else 0
            return Progress(
                n_samples=self.n_samples,
                n_labelled=state.n_labelled,
                n_skipped=int(np.count_nonzero((state.status == SKIPPED) & ~state.copied)),
                n_pending=len(state.pending),
                class_counts=tuple(state.class_counts),
                round=state.round,
                n_learnt=learnt,
                n_behind=max(0, state.n_labelled - learnt),
                n_changed=len(state.relearn),
                phase=loop.phase,
                labels_per_minute=loop.labels_per_minute,
                busy=loop.busy_since is not None,
                busy_since=loop.busy_since,
                error=" ".join(filter(None, (loop.error or state.failure, loop.written_to))),
                notices=tuple(loop.notices.values()),
                saved_as=writable(self._log.path.name) if self._log.path else None,
                n_events=state.n_events,
                n_copies=int(np.count_nonzero(state.copied)),
                waits_for=loop.waits_for,
            )

    @property
    def advice(self) -> Advice:
        """What the stopping rule says now."""
        # Not under the lock: rounds that a correction has outdated are scored again without it.
        rounds = self.rounds
        with self._loop.callbacks.within():
            return self._advise(rounds)

    @property
    def versions(self) -> pd.DataFrame:
        """One row a round ever made: labels, scores, cost, training set, seed, recipe, libraries, whether it stands."""
        with self._log.lock:
            return versions_frame(self._log.state)

    def audit_log(self) -> pd.DataFrame:
        """Return one row for everything a person did: when, who, what, item, label, seconds, model, reason."""
        with self._log.lock:
            return audit_log_frame(self._log.events)

    @property
    def per_class(self) -> pd.DataFrame:
        """One row a round and class: recall, precision and how many samples they were measured on."""
        self._loop.correct()
        with self._log.lock:
            return per_class_frame(self._loop.history)

    @property
    def decisions(self) -> pd.DataFrame:
        """One row a decision to stop or to go on: decision, reason, advice, n_labelled, annotator, at."""
        with self._log.lock:
            return decisions_frame(self._log.state)

    @property
    def last_decision(self) -> Decided | None:
        """The newest decision to stop or to go on."""
        decisions = self._log.state.decisions
        return decisions[-1] if decisions else None

    def to_frame(self, data: Any = None) -> pd.DataFrame:
        """Return one's own data with the labels beside them, one row a sample, in the order of the pool.

        Parameters
        ----------
        data : DataFrame or other holder of columns of length n_samples, optional
            What the labels are put beside; default `X` or `items` where they are a DataFrame, else nothing.

        Returns
        -------
        frame : DataFrame
            A copy of the data, with its index, and the columns label (None where there is none), annotator and via;
            one whose name is taken has "(session)" behind it. ``labels=frame["label"]`` gives them to another session.

        Raises
        ------
        ValueError, TypeError
            If `data` is no DataFrame with a row for each sample, or has the index of the pool in another order.

        Examples
        --------
        >>> import pandas as pd
        >>> from sklearn.naive_bayes import GaussianNB
        >>> mails = pd.DataFrame({"size": [3, 90, 4]}, index=["a", "b", "c"])
        >>> session = Session(mails, classes=["ham", "spam"], learner=GaussianNB(), labels={1: "spam"})
        >>> session.to_frame()["label"].tolist()
        [None, 'spam', None]
        """
        own = next((held for held in (self.X, self.items) if pool.is_frame(held)), None) if data is None else data
        beside = validation.checked_beside(own, self.n_samples, self._order)
        with self._log.lock:
            return labels_beside(beside, self._log.state)

    def training_set(self) -> tuple[Any, Any]:
        """Return (X, y) of the labelled samples that train, by ascending row; audit samples are not in it.

        In a task of many labels `y` is an indicator matrix, one column for each of `classes`.
        """
        self._check_pool()
        with self._log.lock:
            rows = self._log.state.training_rows()
            labels = self._loop.targets.y(self._log.state.codes[rows])
        return pool.take(self._setup.X, rows), labels

    def item(self, row: int) -> Any:
        """Return what the annotator sees of a row."""
        row = validation.checked_item(row, self.n_samples)
        self._check_pool()
        return read_only(self.items.iloc[row] if hasattr(self.items, "iloc") else self.items[row])

    def explain(self, item: int) -> Explanation:
        """Return why an item is, or is not, asked: utility and rank, probabilities or votes, neighbours, density.

        Parameters
        ----------
        item : int
            Row number in `X`.

        Returns
        -------
        explanation : Explanation
            Print it for a sentence. Costs a scoring of the pool.
        """
        self._loop.callbacks.check_outside("explain")
        self._log.check_open()
        return self._inspector.explain(validation.checked_item(item, self.n_samples))

    def suggestion(self, item: int) -> Suggestion | None:
        """Return what the model would answer for an item; None before there is a model.

        Parameters
        ----------
        item : int
            Row number in `X`.
        """
        self._loop.callbacks.check_outside("suggestion")
        self._log.check_open()
        return self._inspector.suggestion(validation.checked_item(item, self.n_samples))

    def predictions(self) -> Predictions | None:
        """Return what the newest model makes of every sample; None before there is a model.

        Returns
        -------
        predictions : Predictions
            Costs a prediction of the pool.
        """
        self._loop.callbacks.check_outside("predictions")
        self._log.check_open()
        return self._inspector.predictions()

    def near_duplicates(self, item: int, *, threshold: float = 0.95) -> IntArray:
        """Return the unanswered items that are nearly the same as an item, nearest first; without the item.

        Parameters
        ----------
        item : int
            Row number in `X`.
        threshold : float
            Cosine similarity of the features in which the session compares samples, above 0 and at most 1.

        Returns
        -------
        rows : ndarray of int
            Empty where samples cannot be compared. Costs O(n_samples * n_features).
        """
        check_share("threshold", threshold)
        self._log.check_open()
        return self._inspector.near_duplicates(validation.checked_item(item, self.n_samples), threshold)

    @property
    def agreement(self) -> Agreement:
        """How well second answers agree with the first."""
        with self._log.lock:
            return agreement(self._log.state)

    def is_second(self, event_id: str) -> bool:
        """Return whether an answer was kept as a second one, which leaves the item's label as it is."""
        with self._log.lock:
            return event_id in self._log.state.second_answers

    @property
    def second_looks(self) -> pd.DataFrame:
        """One row a second answer: item, first, second, whether alike, seconds, annotator."""
        with self._log.lock:
            return second_looks_frame(self._log.state)

    def review(  # noqa: PLR0913 - one keyword each for what answers are picked by
        self,
        label: Class | None = None,
        *,
        disagrees: bool | None = None,
        flagged: bool | None = None,
        slow: bool | None = None,
        skipped: bool | None = None,
        unsure: bool | None = None,
        changed: bool | None = None,
        noted: bool | None = None,
        search: str = "",
        sort: str = "newest",
        wait: bool = True,
    ) -> pd.DataFrame:
        """Return one's answers to look over, with what a model that had not learnt them makes of each.

        Parameters
        ----------
        label : str, int, float or bool, optional
            Only answers with this class; in a task of many labels, with it among others too.
        disagrees : bool, optional
            Only where the model predicts another label, or with False only the others; so with all that follow.
        flagged, noted : bool, optional
            Only samples that are flagged; that have a note, of their own or of the flag.
        slow : bool, optional
            Only answers that took more than three times the median, once five were timed.
        skipped, unsure : bool, optional
            Only samples that were skipped; that were skipped as unsure.
        changed : bool, optional
            Only labels to which the second answer was another, and which were not answered since.
        search : str
            Only samples that say this, whatever the case: in a text, a value of a row, a file's name, or a note.
        sort : {"newest", "oldest", "slowest", "suspicious"}
            Most suspicious is where the model finds another class than that of the label most probable; in a task of
            many labels, where it is surest that some class is missing or too many.
        wait : bool
            Whether to wait for the predictions of the newest round; otherwise those known so far are shown.

        Returns
        -------
        answers : DataFrame
            One row a sample: item, label (None when skipped), predicted, confidence, disagrees, suspicion, seconds,
            slow, flagged, flag, note, skipped, unsure, second, changed, round, annotator, via, at. Labels that train
            are predicted by models of the other folds, audit and skipped samples by the newest model; `predicted` is
            None where there is no such model. The first call in a round costs up to five fits.

        Raises
        ------
        ValueError, TypeError
            If there is no such class, or a filter is not what it should be.
        Exception
            Whatever the newest model raised.

        Warns
        -----
        RuntimeWarning
            If a model of the other folds could not be fitted, so that some labels are not judged.

        Examples
        --------
        >>> from sklearn.naive_bayes import GaussianNB
        >>> session = Session(np.eye(4), ["a", "b", "c", "d"], classes=["x", "y"], learner=GaussianNB())
        >>> session.teach(0, "x")
        >>> session.teach(3, "y", via="map")
        >>> session.review(search="D")[["item", "label", "via"]].values.tolist()
        [[3, 'y', 'map']]
        """
        if wait:
            self._loop.callbacks.check_outside("review")
        if label is not None:
            label = validation.checked_label(label, self.classes, self._log.state.code_of)
        words = validation.checked_words("search", search)
        wanted = {
            "disagrees": disagrees, "flagged": flagged, "slow": slow, "skipped": skipped, "unsure": unsure,
            "changed": changed, "noted": noted,
        }  # fmt: skip
        checked = self._inspector.checked(wait=wait)
        if checked is not None and checked.problem:
            warnings.warn(checked.problem, RuntimeWarning, stacklevel=2)
        with self._log.lock:
            known = answers_of(self._log.state)
        frame = answers_frame(known, checked)
        return found(ordered(picked(frame, label, wanted), sort), self.items, words).reset_index(drop=True)

    # What an annotator does

    def query(self, n: int | None = None) -> IntArray:
        """Return the pending rows, best first, asking for more only when fewer are pending than wanted.

        Parameters
        ----------
        n : int, optional
            How many; default what is pending, or a batch when nothing is.

        Returns
        -------
        rows : ndarray of shape (at most n,)
            Empty when the pool is exhausted.
        """
        self._loop.callbacks.check_outside("query")
        self._log.check_open()
        rows = self._loop.query(None if n is None else checked_count("n", n))
        self._loop.warn(stacklevel=2)
        return rows

    def teach(  # noqa: PLR0913 - one keyword each for what is kept of an answer
        self,
        item: int,
        label: Label,
        *,
        annotator: str | None = None,
        seconds: float | None = None,
        shown_at: float | None = None,
        round: int | None = None,  # noqa: A002 - the glossary's word
        event_id: str | None = None,
        via: str = "",
        suggested: Label | None = None,
        as_of: int | None = None,
    ) -> None:
        """Record a label of any item, asked or not; on disk when this returns.

        Parameters
        ----------
        item : int
            Row number in `X`.
        label : str, int, float, bool or list of these
            One of the classes; in a task of many labels a list of classes, [] for none of them.
        annotator : str, optional
            Who; default the session's.
        seconds : float, optional
            How long it took, at least 0. What is beyond 120 s is kept and not counted as cost: one was away.
        shown_at : float, optional
            When the item appeared, seconds since 1970.
        round : int, optional
            The model that asked; default the newest.
        event_id : str, optional
            The same id twice counts once.
        via : {"", "grid", "alike", "map", "review"}
            Where it was given, if not on the card.
        suggested : str, int, float, bool or list of these, optional
            The model's label that the annotator had been shown.
        as_of : int, optional
            What the annotator knew of: `progress.n_events` when the item was on screen. A label given since then stays,
            and this one is kept as a second answer. Default: this label counts, whatever stood before.
        """
        item = validation.checked_item(item, self.n_samples)
        label = self._checked_label(label)
        if suggested is not None:
            suggested = self._checked_label(suggested)
        self._answer(
            Labelled,
            event_id,
            as_of,
            item=item,
            label=label,
            via=validation.checked_via(via),
            suggested=suggested,
            **self._answer_fields(annotator, seconds, shown_at, round),
        )

    def skip(
        self,
        item: int,
        *,
        unsure: bool = False,
        annotator: str | None = None,
        seconds: float | None = None,
        shown_at: float | None = None,
        round: int | None = None,  # noqa: A002 - the glossary's word
        event_id: str | None = None,
        as_of: int | None = None,
    ) -> None:
        """Record "cannot tell" for an item: it is not asked again.

        Parameters as in `teach`; with `unsure`, someone else or more time could tell, and the review lists it.
        """
        item = validation.checked_item(item, self.n_samples)
        fields = self._answer_fields(annotator, seconds, shown_at, round)
        self._answer(Skipped, event_id, as_of, item=item, unsure=bool(unsure), **fields)

    def flag(self, item: int, note: str = "", *, annotator: str | None = None, event_id: str | None = None) -> None:
        """Mark an item for review, with a note."""
        item = validation.checked_item(item, self.n_samples)
        name = validation.checked_annotator(annotator)
        self._answer(
            Flagged, event_id, item=item, note=validation.checked_words("note", note), annotator=name or self.annotator
        )

    def note(self, item: int, note: str, *, annotator: str | None = None, event_id: str | None = None) -> None:
        """Write something down about an item; an empty or blank note takes the one before away."""
        item = validation.checked_item(item, self.n_samples)
        name = validation.checked_annotator(annotator) or self.annotator
        self._answer(Noted, event_id, item=item, note=validation.checked_words("note", note), annotator=name)

    def ask(self, items: Any) -> IntArray:
        """Make items of one's own choice the next questions; those that have a label stay as they are.

        Parameters
        ----------
        items : int or sequence of int
            Row numbers in `X`; asked in this order, before all others, until they are answered.

        Returns
        -------
        rows : ndarray of int
            Those that are asked.
        """
        rows = [validation.checked_item(item, self.n_samples) for item in np.atleast_1d(np.asarray(items))]
        return self._loop.ask(list(dict.fromkeys(rows)))

    def look_again(self, items: Any) -> IntArray:
        """Have labelled items answered a second time, to measure how well one agrees with oneself; labels stay.

        Parameters
        ----------
        items : float, or sequence of int
            A share of the labels, of which so many are drawn, not from the last twenty; or row numbers in `X`.

        Returns
        -------
        rows : ndarray of int
            Those that are to be answered again with `answer_again`.

        Raises
        ------
        ValueError, TypeError
            If it is no share above 0 and up to 1, or an item has no label.
        """
        with self._log.lock:
            self._log.check_open()
            state = self._log.state
            if np.ndim(items) == 0:
                check_share("items", items)
                rng = np.random.default_rng((self.random_state, state.n_events, 3))
                rows = drawn(state, max(1, round(items * state.n_labelled)), rng)
            else:
                rows = np.array([validation.checked_item(item, self.n_samples) for item in items], np.intp)
                unlabelled = [row for row in rows.tolist() if state.codes[row] < 0]
                if unlabelled:
                    raise ValueError(f"items has {unlabelled[0]}, which has no label; expected labelled rows.")
            if len(rows):
                self._log.record(LookAgain(id=new_id(), at=time.time(), items=tuple(rows.tolist())))
        self._loop.changed()
        return rows

    def answer_again(
        self,
        item: int,
        label: Label | None,
        *,
        annotator: str | None = None,
        seconds: float | None = None,
        shown_at: float | None = None,
        round: int | None = None,  # noqa: A002 - the glossary's word
        event_id: str | None = None,
    ) -> None:
        """Record a second answer to a labelled item, whose label stays; None for "cannot tell".

        Parameters as in `teach`. Of an item whose first answer was taken back meanwhile it is the first one.
        """
        item = validation.checked_item(item, self.n_samples)
        with self._log.lock:
            has_label = self._log.state.codes[item] >= 0
        if not has_label:
            details: dict[str, Any] = {
                "annotator": annotator, "seconds": seconds, "shown_at": shown_at, "round": round, "event_id": event_id,
            }  # fmt: skip
            if label is None:
                self.skip(item, **details)
            else:
                self.teach(item, label, **details)
            return
        if label is not None:
            label = self._checked_label(label)
        fields = self._answer_fields(annotator, seconds, shown_at, round)
        self._answer(LookedAgain, event_id, item=item, label=label, **fields)

    def unflag(self, item: int, *, annotator: str | None = None, event_id: str | None = None) -> None:
        """Take away the mark of an item; without one nothing changes."""
        item = validation.checked_item(item, self.n_samples)
        name = validation.checked_annotator(annotator) or self.annotator
        if item in self.flags:
            self._answer(Unflagged, event_id, item=item, annotator=name)

    def undo(
        self,
        steps: int = 1,
        *,
        event_id: str | None = None,
        target: str | None = None,
        annotator: str | None = None,
    ) -> list[int]:
        """Take back the last answers; their items are the next questions again.

        Whoever has a name takes back answers of one's own only: `annotator`, or the session's. Without a name it is
        the last answers of all. Labels that were carried to identical samples are taken back with the answer.

        Parameters
        ----------
        steps : int
            How many answers.
        event_id : str, optional
            The same id twice counts once; only with one step.
        target : str, optional
            Take back this answer (an event id), whoever gave it, instead of the last; one that comes later then does
            not count.
        annotator : str, optional
            Who; default the session's.

        Returns
        -------
        items : list of int
            Rows whose answer was taken back, last answer first; empty when there was none.
        """
        steps = checked_count("steps", steps)
        event_id = validation.checked_name("event_id", event_id)
        target = validation.checked_name("target", target)
        name = validation.checked_annotator(annotator) or self.annotator
        if steps > 1 and (event_id is not None or target is not None):
            raise ValueError(f"steps is {steps} with an event_id or a target; expected 1 step with these.")
        with self._log.lock:
            self._log.check_open()
            state = self._log.state
            chosen = [target] if target is not None else list(islice(state.newest_answers(name), steps))
            seen = state.seen
            # One that has not come yet is taken back beforehand; one that no longer stands is not taken back twice.
            if not chosen or event_id in seen or (target in seen and state.answer_of(target) is None):
                return []
            items = [answer.item for answer in map(state.answer_of, chosen) if answer is not None]
            self._log.record(
                *(Undone(id=event_id or new_id(), at=time.time(), target=answer, annotator=name) for answer in chosen)
            )
        self._loop.changed()
        return items

    def retrain(self) -> Round:
        """Fit now, score, select anew, and return the round.

        Raises
        ------
        ValueError
            If there are labels of fewer than two classes.
        Exception
            Whatever the estimator's `fit` raised; the labels stay.
        """
        self._loop.callbacks.check_outside("retrain")
        self._log.check_open()
        self._loop.retrain()
        self._log.check_open()
        self._loop.warn(stacklevel=2)
        return self.rounds[-1]

    def run(self, oracle: Any, n_labels: int | None = None, *, first: Sequence[int] = ()) -> Session:
        """Have a scripted annotator answer; the same loop as by hand, without threads, repeatable.

        Parameters
        ----------
        oracle : array-like of shape (n_samples,) or (n_samples, n_classes), dict or callable
            The known labels, a dict row -> label, or a function item -> label; where there is no label, or it is None
            or NaN, the item is skipped. In a task of many labels an indicator
            matrix, or a list of lists of classes. What `Annotator.answers` returns takes its time, too.
        n_labels : int, optional
            Labels to give; default until the stopping rule advises to stop or the pool is exhausted.
        first : sequence of int, optional
            Rows of `X` to answer before anything is asked; no model is trained until they are.

        Returns
        -------
        self : Session

        Warns
        -----
        RuntimeWarning
            If a fit failed; the labels stay, and the next batch tries again. If nothing more was asked before
            `n_labels` were given, though samples are left.
        """
        self._loop.callbacks.check_outside("run")
        self._log.check_open()
        label_of = oracle_function(
            oracle, self._setup.X, self.classes, self._log.state.code_of, many=self._many, order=self._order
        )
        n_labels = None if n_labels is None else checked_count("n_labels", n_labels)
        first = [validation.checked_item(item, self.n_samples) for item in first]
        with self._loop.alone():
            given = sum(self._answer_by(label_of, item) for item in first)
            while given < n_labels if n_labels is not None else not self.advice.stop:
                self._loop.retrain_if_due()
                pending = self._loop.query(None)
                if not len(pending):
                    break
                given += self._answer_by(label_of, int(pending[0]))
            self._loop.retrain_if_due()
        if n_labels is not None and given < n_labels and (n_left := self._loop.n_askable):
            warnings.warn(
                f"run() ended at {given} of {n_labels} labels, for the strategy asked nothing more; {n_left} samples "
                "that may be asked are left. Look at what the strategy chooses.",
                RuntimeWarning,
                stacklevel=2,
            )
        self._loop.warn(stacklevel=2)
        return self

    def _answer_by(self, label_of: Callable[[int], Any], item: int) -> bool:
        """Give the oracle's answer; return whether it is a label."""
        with self._loop.callbacks.within():
            label = label_of(item)
        seconds = label_of.seconds_of(item) if isinstance(label_of, Answers) else None
        if conversion.is_missing(label):
            self.skip(item, annotator="oracle", seconds=seconds)
            return False
        self.teach(item, label, annotator="oracle", seconds=seconds)
        return True

    def take_over(self) -> None:
        """Take the session from the kernel that holds it, and go on from what it wrote until now.

        That kernel can write no more: what it still tries is refused there, and what came too late is kept in the
        journal and not counted (`report` says how many). Without another holder nothing changes.
        """
        if not self.read_only:
            return
        self._loop.callbacks.check_outside("take_over")
        with self._loop.between_turns(), self._log.lock:
            self._log.take_over()
        self._loop.changed()

    def refresh(self) -> None:
        """Read what the holder of the session has written since; a session that may write knows all there is."""
        if not self.read_only:
            return
        self._loop.callbacks.check_outside("refresh")
        with self._loop.between_turns(), self._log.lock:
            self._log.refresh()
        self._loop.changed()

    def rollback(
        self,
        round: int | None = None,  # noqa: A002 - the glossary's word
        *,
        annotator: str | None = None,
    ) -> Rollback:
        """Go back to the labels, questions and model of a round; nothing is erased, and all of it can come back.

        Labels that no longer stand no longer count as cost; the seconds they took do.

        Parameters
        ----------
        round : int, optional
            One of `versions`; None takes the last rollback back, and the one before it when called again.
        annotator : str, optional
            Who; default the session's.

        Returns
        -------
        rollback : Rollback
            Whether the refitted model is the one it was.

        Raises
        ------
        ValueError
            If there is no such round; nothing has changed then.
        TimeoutError
            If a fit runs far longer than the last one took, 60 s at least; `abandon_fit` gives it up.

        Warns
        -----
        RuntimeWarning
            If the refitted model predicts otherwise than it did.
        """
        self._loop.callbacks.check_outside("rollback")
        number = None if round is None else validation.checked_round(round)
        name = validation.checked_annotator(annotator) or self.annotator
        with self._loop.between_turns(), self._log.lock:
            self._log.check_open()
            self._log.state.check_rollback(number)
            self._log.record(RolledBack(id=new_id(), at=time.time(), round=number, annotator=name))
        found = self._loop.compare_with_recorded()
        self._loop.changed()
        if not found.same_predictions:
            warnings.warn(
                f"The model of round {found.round} was fitted again and predicts otherwise than it did; `versions` has "
                "the libraries that it was made with.",
                RuntimeWarning,
                stacklevel=2,
            )
        return found

    def diff(self, first: int, second: int) -> pd.DataFrame:
        """Return the labels in which two rounds differ: item, label in the first, label in the second, change.

        Parameters
        ----------
        first, second : int
            Rounds in `versions`.
        """
        rounds = validation.checked_round(first), validation.checked_round(second)
        with self._log.lock:
            before, after = (self._log.state.at_round(number) for number in rounds)
        return diff_frame(before, after)

    def branch(self, journal: str | Path, *, round: int | None = None, **changes: Any) -> Session:  # noqa: A002
        """Return a session of its own that starts with what this one knows, in a journal of its own.

        Parameters
        ----------
        journal : str or Path
            A folder that does not exist.
        round : int, optional
            Start with what was known in this round instead.
        **changes
            Arguments of `Session` that are to be others than here, such as ``strategy="entropy"``; not `X` and `ids`,
            and `classes` only with more of them at the end.

        Returns
        -------
        session : Session

        Raises
        ------
        ValueError, TypeError
            If it cannot be made; the folder does not exist then.
        """
        target = self._checked_branch(journal, changes)
        number = None if round is None else validation.checked_round(round)
        with self._log.lock:
            records = [to_record(event) for event in self._log.events]
            if number is not None:
                self._log.state.check_rollback(number)
                records.append(
                    to_record(RolledBack(id=new_id(), at=time.time(), round=number, annotator=self.annotator))
                )
            origin = {"session": self.session_id, "round": self._log.state.round if number is None else number}
            identity = self._identity(self._log.declared) | {"branched_from": origin}
        seed = checked_seed(changes.get("random_state"))
        identity["random_state"] = self.random_state if seed is None else seed
        build(target, identity, records)
        try:
            return Session(**self._given | changes | {"random_state": identity["random_state"]}, journal=target)
        except BaseException:
            shutil.rmtree(target, ignore_errors=True)
            raise

    def _checked_branch(self, journal: str | Path, changes: dict[str, Any]) -> Path:
        """Return the folder of a branch, if one with these changes can be there."""
        target = checked_journal(journal)
        if target is None or target.exists():
            raise ValueError(f"journal is {str(journal)!r}, which exists; expected the name of a new folder.")
        if self.journal is not None and self.journal in target.parents:
            raise ValueError(f"journal is {str(journal)!r}, in the session's own; expected a folder beside it.")
        for name in ("X", "ids"):
            if name in changes:
                raise ValueError(
                    f"{name} is changed; expected the samples of this session, whose labels the branch has."
                )
        if "classes" in changes:
            classes = list(validation.checked_classes(changes["classes"]))
            if not begins_with(classes, list(self._log.declared)):
                raise ValueError(
                    f"classes is {brief(classes)}; expected {list(self._log.declared)}, and more behind them."
                )
        return target

    def export(self, folder: str | Path, *, model: bool | None = None) -> Path:
        """Write all there is into a new folder: labels, history, journal, model, and a card that says what they are.

        Samples are not written. ``README.md`` in the folder says how to go on from it. Labels that came after the last
        fit are learned first; where that fails, the card says that the model is behind.

        Parameters
        ----------
        folder : str or Path
            A folder that does not exist, in one that does; after an error it still does not exist.
        model : bool, optional
            Whether to write the model with skops; default when skops is installed and can write it.

        Returns
        -------
        folder : Path
            Where it is.

        Raises
        ------
        FileExistsError
            If the folder exists; nothing has changed then.
        ImportError
            If a model is asked for and skops is not installed.
        TimeoutError
            If a fit runs far longer than the last one took, 60 s at least; `abandon_fit` gives it up.

        Examples
        --------
        >>> from tempfile import mkdtemp
        >>> from sklearn.naive_bayes import GaussianNB
        >>> session = Session(np.eye(4), classes=["a", "b"], learner=GaussianNB())
        >>> session.teach(0, "a")
        >>> folder = session.export(Path(mkdtemp()) / "labels-of-today", model=False)
        >>> len((folder / "labels.csv").read_text().splitlines())
        2
        """
        from alwidgets.session.export import export, new_folder

        self._loop.callbacks.check_outside("export")
        self._log.check_open()
        new_folder(folder)
        with self._loop.alone(patient=False):
            if not self.read_only:
                self._loop.learn_rest()
            self._loop.correct()
            # No fit ends and no answer comes between two of its files.
            with self._log.lock:
                return export(self, folder, model=model)

    def wait(self, timeout: float | None = None) -> bool:
        """Join the background worker; return False when the timeout (seconds) ran out first."""
        self._loop.callbacks.check_outside("wait")
        return self._loop.wait(timeout)

    def abandon_fit(self) -> bool:
        """Give up the fit or selection that runs, as one that hangs; labels stay, and the next batch tries again.

        Its thread cannot be stopped: what it finds is dropped, whenever it comes, and another thread goes on.

        Returns
        -------
        given_up : bool
            Whether there was one. `progress.error` then says so, and `progress.busy_since` how long it had run before.
            Where it ran in `retrain`, `query` or `run`, that call raises a RuntimeError when it comes back.

        Examples
        --------
        >>> from sklearn.naive_bayes import GaussianNB
        >>> Session(np.eye(4), classes=["a", "b"], learner=GaussianNB()).abandon_fit()
        False
        """
        return self._loop.abandon_fit()

    def close(self) -> None:
        """Stop listening and writing, and let go of the pool.

        What was acknowledged is on disk, and labels and history can still be read; a running fit is dropped.
        """
        with self._log.lock:
            news = not self._log.closed
            # Once more after an interrupt, which may have come before the session was given back.
            self._log.close()
        if news:
            self._leave()

    def random_baseline(self, source: BaselineSource | None = None, *, n_runs: int = 10) -> Baseline:
        """Find what labels drawn at random would have reached, and show it beside the learning curve.

        Parameters
        ----------
        source : {"audit", "simulated"}, optional
            Draw from the audit's answers, or from the whole pool with the present model's predictions where there are
            no labels; default the audit when it has 10 answers.
        n_runs : int
            Draws.

        Returns
        -------
        baseline : Baseline
            Costs `n_runs` fits for each of at most 8 numbers of labels.

        Raises
        ------
        ValueError
            If there are too few labels, or nothing to score on.
        """
        self._loop.callbacks.check_outside("random_baseline")
        if source not in (None, "audit", "simulated"):
            raise ValueError(f"source is {source!r}; expected 'audit', 'simulated', or None for the better one.")
        self._log.check_open()
        self._baseline = self._inspector.random_baseline(source, checked_count("n_runs", n_runs))
        self._notify()
        return self._baseline

    @property
    def baseline(self) -> Baseline | None:
        """What `random_baseline` found last."""
        return self._baseline

    @property
    def efficiency(self) -> Efficiency | None:
        """How the session compares with its random baseline; None before there is one."""
        every = self.rounds
        # Where the newest model cannot be scored, what those before it saved is no news of it.
        rounds = [] if every and every[-1].problem else [item for item in every if item.n_labelled and item.measured]
        if self._baseline is None or not rounds:
            return None
        n_labelled, score = zip(*((item.n_labelled, item.score) for item in rounds), strict=True)
        return efficiency(np.array(n_labelled), np.array(score), self._baseline)

    def add_class(self, label: Class, *, annotator: str | None = None) -> None:
        """Add a class that was found while labeling; it comes last, and is kept on resuming.

        Parameters
        ----------
        label : str, int, float or bool
            Of the kind of the other classes, and none of them.
        annotator : str, optional
            Who; default the session's.

        Raises
        ------
        ValueError, TypeError
            If it is no such label.
        """
        *_, added = validation.checked_classes((*self.classes, label))
        check_classes(self.task, (*self.classes, added))
        name = validation.checked_name("annotator", annotator) or self.annotator
        self._note(ClassAdded, label=added, annotator=name)

    def end_audit(self) -> None:
        """Ask no more audit questions, and train on the answers of those asked; the score is then cross-validated."""
        if self._log.state.audit_mode != "ended":
            self._set_audit("ended")

    def end_cold_start(self, *, annotator: str | None = None) -> None:
        """Ask by the strategy from now on, whatever classes have no label: one may not be in the pool at all.

        Questions that the cold start chose, and nobody has seen yet, are withdrawn. Before there is a model nothing
        else can choose, and the cold start goes on until the first.

        Parameters
        ----------
        annotator : str, optional
            Who; default the session's.
        """
        name = validation.checked_annotator(annotator) or self.annotator
        if not self._log.state.cold_start_ended:
            self._loop.end_cold_start(name)

    def decide(self, decision: str, reason: str = "", *, annotator: str | None = None) -> None:
        """Record a decision to stop or to go on, with the advice it was made on; nothing is locked by it.

        Parameters
        ----------
        decision : {"stop", "go on"}
            Which.
        reason : str
            Why.
        annotator : str, optional
            Who; default the session's.
        """
        if decision not in ("stop", "go on"):
            raise ValueError(f"decision is {brief(decision)}; expected 'stop' or 'go on'.")
        name = validation.checked_annotator(annotator) or self.annotator
        self._note(
            Decided, decision=decision, reason=validation.checked_words("reason", reason), advice=self.advice.sentence,
            n_labelled=self._log.state.n_labelled, annotator=name,
        )  # fmt: skip

    def adjust(self, *, annotator: str | None = None, **settings: Any) -> None:
        """Change prices, limits, thresholds or the rule while labeling goes on; recorded, and kept on resuming.

        A change holds until the session is made with another value of what it changed.

        Parameters
        ----------
        annotator : str, optional
            Who; default the session's.
        **settings
            Fields of `Budget` (``cost_per_label=0.15``), ``needs="any"``, ``"all"`` or a number of criteria, and
            ``thresholds={"plateau": 0.01}``.

        Raises
        ------
        ValueError, TypeError
            If there is no such setting or its value is not what it should be; nothing has changed then.

        Examples
        --------
        >>> from sklearn.naive_bayes import GaussianNB
        >>> session = Session(np.eye(4), classes=["a", "b"], learner=GaussianNB())
        >>> session.adjust(cost_per_label=0.15, currency="EUR")
        >>> session.budget.spent(10)
        1.5
        """
        name = validation.checked_annotator(annotator) or self.annotator
        with self._log.lock:
            changes = self._loop.checked_changes(settings)
            if not changes:
                return
            self._log.check_open()
            self._log.record(Adjusted(id=new_id(), at=time.time(), settings=changes, annotator=name))
            self._loop.readjust()
        self._loop.changed()

    @classmethod
    def at(cls, path: str | Path) -> Session | None:
        """Return the open session of this kernel that keeps its journal in this folder, None when there is none."""
        place = checked_journal(path)
        session = None if place is None else cls._by_path.get(place)
        return None if session is None or session.closed else session

    @property
    def given(self) -> dict[str, Any]:
        """The arguments that the session was made with, for one that is to be like it."""
        return dict(self._given)

    # What a view needs

    @property
    def identity(self) -> dict[str, Any]:
        """What makes the session this one: fingerprint of the pool, classes, seed."""
        return self._identity(self.classes)

    @property
    def journal(self) -> Path | None:
        """The folder where events are kept; None in memory."""
        return self._log.path

    @property
    def closed(self) -> bool:
        """Whether `close` was called, or the same journal was opened by another session of this kernel."""
        return self._log.closed

    @property
    def read_only(self) -> bool:
        """Whether another kernel holds the session; `take_over` changes that."""
        return self._log.read_only

    @property
    def held_by(self) -> str:
        """The kernel that keeps this one from writing: process, machine, since when; empty when none does."""
        return self._log.held_by

    @property
    def report(self) -> str:
        """What opening the journal had to mend; empty when nothing."""
        return self._log.journal.report if self._log.journal else ""

    @property
    def known_rounds(self) -> History:
        """The rounds as far as they are known: while `outdated`, scores are as they were before a correction.

        What waits for nothing reads these; `rounds` waits until they are scored again.
        """
        self._loop.wake_if_outdated()
        with self._log.lock:
            return self._loop.history

    @property
    def outdated(self) -> bool:
        """Whether rounds are being scored again, since the answer to an audit question was corrected."""
        with self._log.lock:
            return self._loop.outdated

    @property
    def known_advice(self) -> Advice:
        """What the stopping rule says as far as the rounds are known; it never advises to stop while `outdated`."""
        outdated, advice = self.outdated, self._advise(self.known_rounds)
        return replace(advice, stop=False, sentence=SCORED_AGAIN) if outdated else advice

    def _advise(self, rounds: History) -> Advice:
        with self._log.lock:
            exhausted = self._loop.exhausted
            # Asked only where it matters: it looks at all labels.
            can_fit = bool(rounds) or not exhausted or self._loop.can_fit
        return advise(self.rule, rounds, exhausted=exhausted, can_fit=can_fit)

    @property
    def queue(self) -> list[int]:
        """The pending rows, best first; asks for nothing."""
        with self._log.lock:
            return list(self._log.state.pending)

    @property
    def withdrawn(self) -> list[int]:
        """Rows that were pending lately, and are candidates again because a newer model ranks them lower."""
        with self._log.lock:
            state = self._log.state
            return [row for row in state.withdrawn if state.status[row] == CANDIDATE]

    @property
    def shortcuts(self) -> Keys:
        """Which key does what in the widgets of this session."""
        return keys_of(self.task, self.classes, self._remapped, self._n_declared)

    def remap(self, keys: Mapping[Any, str]) -> None:
        """Set keys of classes and actions, as `Task.keys` does; for all widgets, as long as the session is open.

        Parameters
        ----------
        keys : dict of class or action to str
            The rest stay as they are; a name may also be a pair, ("class", name) or ("action", name).

        Raises
        ------
        ValueError, TypeError
            If a name or a key is none, or two would have the same; nothing has changed then.
        """
        remapped = {**self._remapped, **keys}
        keys_of(self.task, self.classes, remapped, self._n_declared)
        self._remapped = remapped
        self._notify()

    def calling(self) -> AbstractContextManager[None]:
        """Mark a block in which something of the user's is called that must not wait for the session: a renderer."""
        return self._loop.callbacks.within()

    def measures(self, item: int) -> bool:
        """Return whether an item is an audit question: its answer measures, so nothing may lead it."""
        item = validation.checked_item(item, self.n_samples)
        with self._log.lock:
            state = self._log.state
            return bool(state.audit[item]) and state.audit_mode != "ended"

    @property
    def codes(self) -> IntArray:
        """The position of each row's label in `classes`; -1 where there is none."""
        with self._log.lock:
            return self._log.state.codes.copy()

    @property
    def features(self) -> Features:
        """Where samples are compared."""
        return self._setup.features

    @property
    def looks(self) -> list[int]:
        """The labelled rows that are to be answered a second time, in the order of asking."""
        with self._log.lock:
            return list(self._log.state.looks)

    @property
    def notes(self) -> dict[int, str]:
        """What was written down about rows."""
        with self._log.lock:
            return dict(self._log.state.notes)

    @property
    def flags(self) -> dict[int, str]:
        """The rows that were flagged for review, and the note of each."""
        with self._log.lock:
            return dict(self._log.state.flags)

    def recent(self, n: int) -> list[Answer]:
        """Return the last answers that stand, newest first."""
        with self._log.lock:
            return list(islice(self._log.state.answers.newest(), n))

    def answers(self, items: list[int]) -> pd.DataFrame:
        """Return the answers to some samples as `review` does, in this order, with the predictions known so far."""
        checked = self._inspector.checked(wait=False)
        with self._log.lock:
            known = answers_of(self._log.state)
        return answers_frame(known, checked, items)

    def checked(self, *, wait: bool = True) -> Checked | None:
        """Return what models make of the answered samples, as `review` shows it; None before the first model."""
        return self._inspector.checked(wait=wait)

    def look_ahead(self, n: int) -> None:
        """Keep at least `n` questions pending from now on, more when answers are fast and fits are slow."""
        self._loop.look_ahead(checked_count("n", n))

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after every change, from any thread; return what ends that.

        A listener that raises is logged, and stands in nobody's way.
        """
        self._listeners.append(listener)

        def unsubscribe() -> None:
            with contextlib.suppress(ValueError):
                self._listeners.remove(listener)

        return unsubscribe

    def __repr__(self) -> str:
        progress, rounds = self.progress, self.known_rounds
        name = f"{progress.saved_as!r}" if progress.saved_as else "in memory"
        score = ""
        if rounds and rounds[-1].measured:
            score = f", {rounds[-1].metric} {rounds[-1].score:.2f} {rounds[-1].score_kind}"
        elif rounds and rounds[-1].problem:
            score = f", {rounds[-1].problem}"
        labelled = f"{progress.n_labelled} of {progress.n_samples} samples labelled"
        return f"Session({name}, round {progress.round}, {labelled}{score})"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        # By name: a session knows no widget, and is shown by one all the same, wherever its class was imported from.
        return import_module("alwidgets.widgets").Workbench.of(self)._repr_mimebundle_(**kwargs)

    def _warnings(self) -> Iterator[str]:
        """Yield what whoever opens the session must know of its journal."""
        if self.report:
            yield self.report
        if self._log.forbidden:
            yield (
                f"{self._log.path} may not be written to ({self._log.forbidden}): this session only reads. To label, "
                "copy the folder to where you may write, and open the copy."
            )
        elif self.held_by:
            yield (
                f"{self._log.path} is held by {self.held_by}: this session only reads. Call take_over() to go on here; "
                "the other kernel can then write no more to this folder. If this folder is a copy, the other kernel "
                "has the original open and goes on there: what both write then, alw.merge joins."
            )

    def _opened(self, journal: Path | None, classes: tuple[Class, ...]) -> EventLog:
        """Open the journal, and end the session of this kernel that has it open already."""
        if journal is None:
            return EventLog(pool.n_rows(self.X), classes, None, many=self._many)
        with Session._opening:
            before = Session._by_path.get(journal)
            # The other session writes nothing while its file is read, and goes on if this one does not fit.
            with contextlib.nullcontext() if before is None else before._log.lock:  # noqa: SLF001 - one of this class
                identity = self._identity(classes)
                if self._seed is None:
                    del identity["random_state"]
                with many_objects():
                    stored = Journal(journal, identity, self._accept)
                seed = int(stored.identity.get("random_state", self.random_state))
                self._setup = replace(self._setup, random_state=seed)
                Session._by_path[journal] = self
                if before is not None:
                    before._log.close()  # noqa: SLF001
        if before is not None:
            before._leave()  # noqa: SLF001
        return self._log

    def _leave(self) -> None:
        """Let go of the pool, and of all that was worked out from it, once the session is closed."""
        self._notify()
        self._loop.let_go()
        self._setup = self._loop.setup
        self._given = {name: value for name, value in self._given.items() if name not in ("X", "items", "embed")}
        self.items = None

    def _check_pool(self) -> None:
        if self._setup.X is None:
            self._log.check_open()

    def _accept(self, journal: Journal) -> None:
        """Know what a journal says, or refuse it, before the session is taken."""
        self._log = EventLog(pool.n_rows(self.X), tuple(journal.identity["classes"]), journal, many=self._many)
        self._check_ids(journal.path)

    def _check_ids(self, journal: Path) -> None:
        """Refuse ids that are others than those that were answered."""
        for event in self._log.state.past.of(Labelled) if self._ids is not None else ():
            if event.sample != self._sample_id(event.item):
                raise JournalError(
                    f"{journal}: the sample of row {event.item} had the id {brief(event.sample)}, and ids has "
                    f"{brief(self._sample_id(event.item))}; pass the ids that it was made with."
                )

    def _identity(self, classes: tuple[Class, ...]) -> dict[str, Any]:
        return {
            "pool": self._fingerprint,
            "classes": list(classes),
            "random_state": self.random_state,
        }

    @cached_property
    def _fingerprint(self) -> dict[str, Any]:
        """What tells the pool, as it was when it was looked at first: it may be written to later."""
        return pool.fingerprint(self._setup.X)

    def _begin(
        self, classes: tuple[Class, ...], audit_mode: str, duplicates: str | None, labels: Mapping[int, Label]
    ) -> None:
        """Record what the session is made with that is new or other than before."""
        is_new = not self._log.state.n_events
        self._declare(classes)
        if self._log.state.audit_mode not in (audit_mode, "ended"):
            self._set_audit(audit_mode)
        self._set_duplicates(duplicates or ("carry" if is_new else self._log.state.duplicates))
        self._give(labels)

    def _declare(self, classes: tuple[Class, ...]) -> None:
        for label in classes:
            if self._log.state.code_of(label) is None:
                self._note(ClassAdded, label=label, annotator=self.annotator)

    def _set_audit(self, mode: str) -> None:
        self._note(AuditSet, mode=mode)

    def _set_duplicates(self, mode: str) -> None:
        """Record what becomes of identical samples, where there are any and it is other than before."""
        if mode != self._log.state.duplicates and self._setup.copies.any:
            self._note(DuplicatesSet, mode=mode)

    def _give(self, labels: Mapping[int, Label]) -> None:
        """Record labels that there are already, each once, whatever became of it; whoever answered since is right."""
        with self._log.lock:
            state = self._log.state
            new = {row: label for row, label in labels.items() if given_id(row, label) not in state.seen}
            own = {row for row in new if state.status[row] in (LABELLED, SKIPPED) and not state.copied[row]}
            now = time.time()
            events = [
                Labelled(
                    id=given_id(row, label), at=now, item=row, label=label, annotator=None, seconds=None, shown_at=None,
                    round=state.round, via="given", **self._copied_to(Labelled, row, labels),
                )
                for row, label in new.items()
                if row not in own
            ]  # fmt: skip
            n_other = sum(state.label_at(row) != new[row] for row in own)
            if events:
                self._log.record(*events)
        if events:
            self._loop.changed()
        if n_other:
            warnings.warn(
                f"labels has {n_other} rows that were answered otherwise; those answers stand.",
                RuntimeWarning,
                stacklevel=4,
            )

    def _copied_to(self, kind: type[Event], item: int, but: Any = ()) -> dict[str, Any]:
        """Return what an answer says of its sample, and of identical ones that it counts for. Under the lock."""
        state = self._log.state
        own = {"sample": self._sample_id(item)} if kind is Labelled else {}
        if state.duplicates != "carry" or not self._setup.copies.any:
            return own
        rows = [row for row in state.takes_copy(self._setup.copies.of(item)).tolist() if row not in but]
        samples = tuple(self._ids[row] for row in rows) if self._ids is not None and kind is Labelled else ()
        return own | {"copies": tuple(rows)} | ({"copy_samples": samples} if samples else {})

    def _note(self, kind: type[Event], **values: Any) -> None:
        with self._log.lock:
            self._log.check_open()
            self._log.record(kind(id=new_id(), at=time.time(), **values))
        self._loop.changed()

    def _answer(self, kind: type[Event], event_id: str | None, as_of: int | None = None, /, **values: Any) -> None:
        event_id = validation.checked_name("event_id", event_id)
        as_of = validation.checked_events(as_of)
        with self._log.lock:
            self._log.check_open()
            state = self._log.state
            if event_id is not None and event_id in state.seen:
                return
            if as_of is not None and state.labelled_since(values["item"], as_of):
                # Whoever answered first was not known to this annotator: neither overwrites the other.
                kind, values = LookedAgain, as_second(values)
            elif kind in (Labelled, Skipped):
                values |= self._copied_to(kind, values["item"])
            self._log.record(kind(id=event_id or new_id(), at=time.time(), **values))
        if issubclass(kind, Answer):
            self._look_again_if_due()
            self._loop.answered()
        else:
            self._loop.changed()

    def _look_again_if_due(self) -> None:
        """Draw second looks when the task's share of the answers calls for some."""
        with self._log.lock:
            state = self._log.state
            n_due = due(state, self.task.second_looks)
            if not n_due or self._log.closed:
                return
            rows = drawn(state, n_due, np.random.default_rng((self.random_state, state.n_events, 3)))
            if len(rows):
                self._log.record(LookAgain(id=new_id(), at=time.time(), items=tuple(rows.tolist())))

    def _answer_fields(
        self,
        annotator: str | None,
        seconds: float | None,
        shown_at: float | None,
        round: int | None,  # noqa: A002 - the glossary's word
    ) -> dict[str, Any]:
        seconds = validation.checked_duration("seconds", seconds)
        return {
            "annotator": validation.checked_annotator(annotator) or self.annotator,
            "seconds": seconds,
            "shown_at": validation.checked_seconds("shown_at", shown_at),
            "round": self._log.state.round if round is None else validation.checked_round(round),
        }

    def _checked_label(self, label: Any) -> Label:
        code_of = self._log.state.code_of
        if self._many:
            return validation.checked_label_set(label, self.classes, code_of)
        return validation.checked_label(label, self.classes, code_of)

    def _sample_id(self, item: int) -> str:
        return self._ids[item] if self._ids is not None else pool.sample_id(self._setup.X, item)

    def _notify(self) -> None:
        for listener in tuple(self._listeners):
            try:
                with self._loop.callbacks.within():
                    listener()
            except Exception:  # noqa: BLE001 - a listener may raise anything
                # What happened stands, and the other listeners hear of it too.
                _LOG.exception("A listener of %r failed; the session goes on.", self)
