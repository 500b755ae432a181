"""The session: active learning on a pool, with the model in the loop. Every method is safe from any thread."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Unpack

from alwidgets import types
from alwidgets.annotation.repeats import Agreement, agreement, repeats_frame
from alwidgets.data import conversion
from alwidgets.data.lending import lent, read_only
from alwidgets.inspection.answers_table import Sort
from alwidgets.inspection.explanation import Explanation
from alwidgets.inspection.predictions import Predictions
from alwidgets.inspection.suggestion import Suggestion
from alwidgets.io import frames
from alwidgets.io.answers import all_answers
from alwidgets.io.records import AnswerRecord
from alwidgets.journal.events import Event
from alwidgets.loop.executor import FitIn, ScoreIn
from alwidgets.loop.restore import Rollback
from alwidgets.scoring.baseline import Baseline, BaselineSource, Efficiency
from alwidgets.session import answers, asking, ownership, repeats, serving, settings, standing, validation, versions
from alwidgets.session.blinding import explain, suggestion
from alwidgets.session.drifting import ask_audit, drift
from alwidgets.session.export import export, export_model, exported
from alwidgets.session.extending import extend, parts_frame
from alwidgets.session.labels import labels_beside, labels_of
from alwidgets.session.making import make
from alwidgets.session.oracle import Oracles
from alwidgets.session.progress import ADVICE, Advice, Progress
from alwidgets.session.receiving import Received, receive, records_of
from alwidgets.session.review import review
from alwidgets.session.run import run
from alwidgets.session.settings import Decision, adjust
from alwidgets.session.task import Keys, Kind, Task, keys_of
from alwidgets.session.team import SessionTeam, begin_team, disputed, settle
from alwidgets.session.validation import AuditMode, Duplicates, FeaturesOf, RetrainEvery, Via
from alwidgets.session.versions import Changes
from alwidgets.session.view_model import ViewModel
from alwidgets.stopping import Budget, Criterion, CriterionName, History, Round, Rule
from alwidgets.stopping.settings import Settings
from alwidgets.strategies import ColdStart, Strategy, StrategyName
from alwidgets.types import AnyClass, AnyLabel, Class, IntArray, Renderer, Rows
from alwidgets.utils.checks import check_journal, check_share

if TYPE_CHECKING:
    import pandas as pd

    from alwidgets.annotation.team import Team


class Session:
    """Active learning session: label a pool with the model in the loop.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features), or list of str
        The pool: ndarray, memory map, sparse matrix, DataFrame; texts with a Pipeline.
    items : sequence or DataFrame of length n_samples, optional
        What the annotator sees of each row; default the rows of `X`.
    classes : list of str, int, float or bool
        The possible answers, at least two.
    learner : classifier, Pipeline, modAL ActiveLearner, modAL Committee or str
        Cloned, never changed; or the name of one, as in `Race`. In a multilabel task one that takes an indicator
        matrix.
    strategy : str, callable or object with `select`, optional
        A name in `alwidgets.strategies.NAMED`, a function of a PoolView, a batch strategy, or a query strategy of
        modAL. Default: "margin", or the own query strategy of a modAL learner.
    batch_size : int
        Questions that a strategy chooses together.
    retrain_every : int or "manual", optional
        Answers between two retrains; default `batch_size`. With "manual" only `retrain` fits a model.
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
        Held-out samples to score on, none of which is in `X`, or a warning says so; in a multilabel task `y_test` is an
        indicator matrix, or a list of lists of classes.
    audit : float, optional
        Share of the questions drawn uniformly at random, to measure; default 0 with `test`, else 0.1.
    audit_mode : {"hold_back", "test_then_train"}
        Whether their answers only measure until `end_audit`, or are predicted by the model of the time and then train.
        The score is then an estimate of how the models of the last 100 such questions did, on the average, on samples
        that had no answer yet: neither of the newest model, better as a rule, nor of the whole pool. Where most of a
        small pool is labeled it is too high; only held-out samples tell of new ones.
    scoring : str, callable, list or dict of these
        What to measure: names of scikit-learn's scorers, or functions (estimator, X, y) -> float, larger is better;
        default "accuracy". The first is the score of the curve and the criteria. Multilabel accuracy is the share of
        samples all of whose classes are right.
    ids : sequence of length n_samples, optional
        Stable ids of the samples; default a hash of each row.
    cold_start : str, callable, object with `select`, ColdStart or None
        How questions are chosen before every class has a label: a strategy that needs no model. With None, only until
        there is a model. Default "mixed", and in a session that is resumed what was the default when it began: for long
        "k_means".
    embed : callable, optional
        X -> ndarray of shape (n_samples, n_features), in which samples are compared; default what the learner's
        Pipeline makes of them before its last step, or the columns of `X` in units of their spread.
    features : {"labels", "pool"}
        On what the steps of a Pipeline before its last one are fitted. With "labels" on the labeled samples of each
        round, as `learner.fit` does. With "pool" once, on all samples of the pool without their labels, and the last
        step alone on each round's: a vectorizer then knows the words of all texts, and a round on texts takes a small
        part of the time, for what the steps give of the pool is kept. The name is of what features come from; the
        samples that are scored go through the same steps, and `session.learner` is a whole Pipeline all the same. Only
        scores on `test` tell what becomes of samples that are not in the pool. On six sets of real texts "labels" was
        the more accurate way. A session that began with the other says so when it is resumed.
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
        a multilabel task an indicator matrix, or lists of classes. Each counts as an answer, whose `via` is
        "given", and is recorded once, however often the session is opened; an answer given since stays. A column of the
        items that says these labels is not shown to the annotator, and a warning says so, unless there is a `render`.
    duplicates : {"carry", "ask"}, optional
        What becomes of samples that are identical, in `X` and in what is shown. With "carry" one of them is asked, and
        the others have its answer, with "duplicate" as `via`, until it is undone or they have one of their own;
        they neither train nor measure, so that no score is of what was learned. With "ask" each is a sample like any
        other. Default "carry" in a new session, and what it was in one that is resumed.
    fit_in : {"process"}, Executor or callable, optional
        Where models are fitted and measured: in a process of the session's own, in an executor as of
        `concurrent.futures`, as `CeleryExecutor`, or in one that a function makes, again when a worker was killed.
        Questions and scores are the same as in the kernel, the default, where a fit in pure Python makes the page wait.
        The rows that train and measure are sent, never the pool; strategies run here. An executor that is given is the
        caller's to shut down; what is made here ends with `close`.
    score_in : Executor, optional
        Where blocks of a pool above 256 MB are scored, by a strategy that docs/strategies.md says is exact: an executor
        as of `concurrent.futures`, such as ``client.get_executor()`` of a Dask cluster; default threads of the kernel.
        Workers open memory maps and datasets of h5py or zarr themselves where they find the file; other rows are sent.
        Questions are the same. Where the executor fails, the kernel scores, and a warning says so.
    team : Team, optional
        Who labels together, and how their answers become labels. An item then gets answers of several people, one each,
        and its label is what most of them say; `query`, `teach` and all else take `annotator`, one of the team. Default
        one person, whose last answer is the label, and in a session that is resumed the team that it had.
    find : str, int, float or bool, optional
        The goal is not a good model but all samples of this class, which may be rare. Questions are then those most
        probably of it (`alwidgets.strategies.certainty`), the advice is about recall
        (`alwidgets.stopping.recall_test` at 0.95), the score is the average precision, every twentieth question is one
        of the audit, and a learner that is given by its name weighs the classes alike. What is given is as given.
        Where examples are known, `labels` or ``cold_start=alwidgets.strategies.like([...])`` tell of them.

    Raises
    ------
    ValueError, TypeError
        If an argument is not what it should be; nothing has been written then.
    JournalError
        If the journal was made for another session or is damaged.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y = load_iris(return_X_y=True)
    >>> learner = LogisticRegression(max_iter=1000)
    >>> held_out = np.arange(len(X)) % 3 == 0
    >>> pool, test = ~held_out, (X[held_out], y[held_out])
    >>> session = Session(X[pool], classes=[0, 1, 2], learner=learner, test=test, random_state=0)
    >>> session.run(oracle=y[pool], n_labels=24)  # doctest: +ELLIPSIS
    Session(in memory, round 3, 24 of 100 samples labeled, accuracy ... held out)
    """

    def __init__(  # noqa: PLR0913 - one keyword each for the parts a user chooses
        self,
        X: types.Samples,
        items: types.Items | None = None,
        *,
        classes: Iterable[AnyClass] | types.SupportsArray[Any],
        learner: types.Learner,
        strategy: StrategyName | Strategy | None = None,
        batch_size: int = 8,
        retrain_every: RetrainEvery | None = None,
        budget: Budget | int | None = None,
        stop: CriterionName | Criterion | Rule | None = ADVICE,
        journal: str | Path | None = None,
        random_state: int | None = None,
        test: tuple[types.Samples, types.Samples] | None = None,
        audit: float | None = None,
        audit_mode: AuditMode = "hold_back",
        scoring: types.Scoring | None = None,
        ids: types.Samples | None = None,
        cold_start: StrategyName | Strategy | ColdStart | Literal["auto"] | None = "auto",
        embed: Callable[[Any], Any] | None = None,
        features: FeaturesOf = "labels",
        task: Task | Kind = "single",
        render: Renderer | None = None,
        media_root: str | Path | None = None,
        annotator: str | None = None,
        labels: types.Samples | Mapping[int, Any] | None = None,
        duplicates: Duplicates | None = None,
        fit_in: FitIn = None,
        score_in: ScoreIn = None,
        team: Team | None = None,
        find: AnyClass | None = None,
    ) -> None:
        params = {name: value for name, value in locals().items() if name not in ("self", "journal", "random_state")}
        folder = check_journal(journal)
        made = make(self, params, random_state, folder)
        self.task, self.render = made.task, made.render
        self._core, self.media_root, self.annotator = made.core, made.media_root, made.annotator
        ownership.open_log(self._core, folder, made.classes, seeded=made.seeded)
        if not self.read_only:
            self._core.keep_features(folder)
            settings.begin(self._core, made.classes, made.audit_mode, made.duplicates, made.labels)
        notes = begin_team(self._core, made.team)
        for warning in (*made.warnings, *notes, *ownership.warnings_of(self._core)):
            warnings.warn(warning, RuntimeWarning, stacklevel=2)

    # What a user reads

    @property
    def X(self) -> Any:
        """The pool, read-only."""
        self._core.check_pool()
        return lent(self._core.setup.X)

    @property
    def items(self) -> Any:
        """Items as shown to the annotator, one per row; None once the session is closed."""
        return lent(self._core.items)

    @property
    def n_samples(self) -> int:
        """Rows of the pool."""
        return self._core.n_samples

    @property
    def classes(self) -> tuple[Class, ...]:
        """The possible answers, those that were added among them."""
        return self._core.classes

    @property
    def budget(self) -> Budget:
        """Current budget and prices, including later adjustments."""
        return self._core.engine.settings.budget

    @property
    def rule(self) -> Rule:
        """Current stopping rule, including later adjustments."""
        return self._core.engine.settings.rule

    @property
    def random_state(self) -> int:
        """Random seed of the session."""
        return self._core.setup.random_state

    @property
    def session_id(self) -> str:
        """Unique id of the session, the same whenever its journal is opened."""
        return self._core.log.session_id

    @property
    def learner(self) -> Any:
        """The modAL learner of the newest round, unfitted before it; after reopening the first access fits it."""
        return self._core.engine.learner

    @property
    def labels(self) -> pd.DataFrame:
        """Current labels, one row per item: item, label, annotator, seconds, round, strategy, utility, ...

        With a team also n_answers, share (of the answers, or as `alwidgets.consensus` says) and how it came about:
        "settled" by an expert, by "consensus" of several, or of a "single" answer.
        """
        return labels_of(self._core)

    @property
    def answers(self) -> pd.DataFrame:
        """All answers that were not undone, one row each, whoever gave them, in the order in which they came.

        item, annotator, label (None of a skip), unsure, seconds, when, round, source (the tool, or where on the page),
        id, and three marks: `standing` of the last answer of an annotator to an item, `second` of one to the same item
        again, which tells of their agreement with themselves, and `late` of one to an item that had all answers its
        team was to give. Answers carried to identical samples have no row.
        """
        return self._core.of_state(all_answers)

    @property
    def history(self) -> pd.DataFrame:
        """Rounds, one row each: n_labeled, score and interval, seconds, cost, each criterion's reading, ...

        With a team also n_answers. Rounds that were scored on an audit answer that has been corrected since are scored
        again first.
        """
        self._core.engine.rounds.correct()
        with self._core.log.lock:
            return frames.history_frame(self._core.engine.rounds.history)

    @property
    def rounds(self) -> History:
        """The rounds so far and what is spent by now, as a stopping criterion reads them; corrected as `history`."""
        return standing.rounds_of(self._core)

    @property
    def events(self) -> Sequence[Event]:
        """All events, oldest first."""
        with self._core.log.lock:
            return self._core.log.events

    @property
    def progress(self) -> Progress:
        """Current progress of the session."""
        return standing.progress_of(self._core)

    @property
    def advice(self) -> Advice:
        """Advice of the stopping rule."""
        return standing.advice_of(self._core)

    @property
    def versions(self) -> pd.DataFrame:
        """One row a round ever made: labels, scores, cost, training set, seed, spec, libraries, whether it stands."""
        return self._core.of_state(frames.versions_frame)

    @property
    def audit_log(self) -> pd.DataFrame:
        """One row for everything a person did: when, who, what, item, label, seconds, model, reason."""
        with self._core.log.lock:
            return frames.audit_log_frame(self._core.log.events)

    @property
    def per_class(self) -> pd.DataFrame:
        """One row a round and class: recall, precision and how many samples they were measured on."""
        self._core.engine.rounds.correct()
        with self._core.log.lock:
            return frames.per_class_frame(self._core.engine.rounds.history)

    @property
    def decisions(self) -> pd.DataFrame:
        """One row a decision to stop or to go on: decision, reason, advice, n_labeled, annotator, at."""
        return self._core.of_state(frames.decisions_frame)

    def to_frame(self, data: Any = None) -> pd.DataFrame:
        """Return the user's data with columns for the labels, one row per sample, in the order of the pool.

        Parameters
        ----------
        data : DataFrame or other table of columns of length n_samples, optional
            What the labels are put beside; default `X` or `items` where they are a DataFrame, else nothing.

        Returns
        -------
        frame : DataFrame
            A copy of the data, with its index, and the columns label (None where there is none), annotator and via;
            one whose name is taken has "(session)" behind it. ``labels=frame["label"]`` gives them to another session.

        Raises
        ------
        ValueError, TypeError
            If `data` is not a DataFrame with a row for each sample, or has the index of the pool in another order.

        Examples
        --------
        >>> import pandas as pd
        >>> from sklearn.naive_bayes import GaussianNB
        >>> mails = pd.DataFrame({"size": [3, 90, 4]}, index=["a", "b", "c"])
        >>> session = Session(mails, classes=["ham", "spam"], learner=GaussianNB(), labels={1: "spam"})
        >>> session.to_frame()["label"].tolist()
        [None, 'spam', None]
        """
        own = conversion.first_frame(self.X, self.items) if data is None else data
        beside = validation.check_beside(own, self.n_samples, self._core.order)
        return labels_beside(self._core, beside)

    def training_set(self) -> tuple[Any, Any]:
        """Return (X, y) of the labeled samples that train, by ascending row; audit samples are not in it.

        In a multilabel task `y` is an indicator matrix, one column for each of `classes`.
        """
        return standing.training_set(self._core)

    def item(self, row: int) -> Any:
        """Return the item shown to the annotator for a row."""
        row = self._core.check_item(row)
        self._core.check_pool()
        return read_only(conversion.item_of(self.items, row))

    def sample_id(self, row: int) -> str:
        """Return the stable id of a sample: its own, or the hash of what is in it."""
        return self._core.sample_id(self._core.check_item(row))

    def explain(self, item: int, *, annotator: str | None = None) -> Explanation:
        """Explain why an item is asked, or not: utility and rank, probabilities or votes, neighbors, density.

        Parameters
        ----------
        item : int
            Row number in `X`.
        annotator : str, optional
            For whom; default the session's.

        Returns
        -------
        explanation : Explanation
            Print it for a sentence. Costs a scoring of the pool.

        Raises
        ------
        ValueError
            If a team keeps the item blind for them: as for `suggestion`.
        """
        return explain(self._core, item, annotator)

    def suggestion(self, item: int, *, annotator: str | None = None) -> Suggestion | None:
        """Return the model's suggested label for an item; None before there is a model.

        In a team also None of what measures, and of what the model has learned from others and this person has not
        answered; experts are told of that.

        Parameters
        ----------
        item : int
            Row number in `X`.
        annotator : str, optional
            For whom; default the session's.
        """
        return suggestion(self._core, item, annotator)

    def predictions(self) -> Predictions | None:
        """Predict every sample with the newest model; None before there is a model.

        Returns
        -------
        predictions : Predictions
            Costs a prediction of the pool.
        """
        self._core.check_ready("predictions")
        return self._core.inspector.predictions()

    def near_duplicates(self, item: int, *, threshold: float = 0.95) -> IntArray:
        """Return the unanswered near duplicates of an item, nearest first, without the item itself.

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
        self._core.log.check_open()
        return self._core.inspector.near_duplicates(self._core.check_item(item), threshold)

    @property
    def agreement(self) -> Agreement:
        """Agreement of second answers with the first."""
        return self._core.of_state(agreement)

    @property
    def pending_repeats(self) -> list[int]:
        """The labeled rows that are to be answered a second time, in the order of asking."""
        return self._core.of_state(lambda state: list(state.pending_repeats))

    @property
    def repeats(self) -> pd.DataFrame:
        """One row a second answer: item, first, second, whether they agree, seconds, annotator."""
        return self._core.of_state(repeats_frame)

    def review(  # noqa: PLR0913 - one keyword each for what answers are picked by
        self,
        label: AnyClass | None = None,
        *,
        disagrees: bool | None = None,
        flagged: bool | None = None,
        slow: bool | None = None,
        skipped: bool | None = None,
        unsure: bool | None = None,
        changed: bool | None = None,
        noted: bool | None = None,
        search: str = "",
        sort: Sort = "newest",
        wait: bool = True,
    ) -> pd.DataFrame:
        """Return answers to review, with the predictions of models that were not trained on them.

        Parameters
        ----------
        label : str, int, float or bool, optional
            Only answers with this class; in a multilabel task, with it among others too.
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
            Most suspicious is where the model finds another class than that of the label most probable; in a
            multilabel task, where it is surest that some class is missing or too many.
        wait : bool
            Whether to wait for the predictions of the newest round; otherwise those known so far are shown.

        Returns
        -------
        answers : DataFrame
            One row a sample: item, label (None when skipped), predicted, confidence, disagrees, suspicion, seconds,
            slow, flagged, flag, note, skipped, unsure, second, changed, round, annotator, via, duplicate_of, at. Labels
            that train are predicted by models of the other folds, audit and skipped samples by the newest model;
            `predicted` is None where there is no such model, and of an answer that was carried from an identical
            sample, whose row is `duplicate_of`. A team's labels are by the majority here, whatever its consensus. The
            first call in a round costs up to five fits.

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
        >>> import numpy as np
        >>> from sklearn.naive_bayes import GaussianNB
        >>> session = Session(np.eye(4), ["a", "b", "c", "d"], classes=["x", "y"], learner=GaussianNB())
        >>> session.teach(0, "x")
        >>> session.teach(3, "y", via="map")
        >>> session.review(search="D")[["item", "label", "via"]].values.tolist()
        [[3, 'y', 'map']]
        """
        wanted = {
            "disagrees": disagrees, "flagged": flagged, "slow": slow, "skipped": skipped, "unsure": unsure,
            "changed": changed, "noted": noted,
        }  # fmt: skip
        return review(self._core, label, wanted, search=search, sort=sort, wait=wait)

    # What an annotator does

    def query(self, n: int | None = None, *, annotator: str | None = None) -> IntArray:
        """Return the pending rows, best first, asking for more only when fewer are pending than wanted.

        With a team these are the questions before one annotator, claimed for `Team.lease_seconds`, and renewed by each
        call: gold that is due, what others could not tell, what more answers are wanted of, and fresh questions. What
        is before as many others as answers are wanted is not before them. To experts it is what is disputed.

        A script waits for a fit that is due or runs: one that asks one or `batch_size` at a time, and answers them all
        before it asks again, is asked the same on every machine. (Others call `wait()` after each answer.)
        Where a page keeps questions ready, or a team labels, nobody waits: the present model chooses what is missing.
        A model that a resumed session has yet to bring back is waited for once.

        Parameters
        ----------
        n : int, optional
            How many; default what is pending, or a batch when nothing is, and with a team a batch.
        annotator : str, optional
            Who of the team asks; default the session's.

        Returns
        -------
        rows : ndarray of shape (at most n,)
            Empty when the pool is exhausted.
        """
        return asking.query(self._core, n, annotator)

    def teach(  # noqa: PLR0913 - one keyword each for what is kept of an answer
        self,
        item: int,
        label: AnyLabel,
        *,
        annotator: str | None = None,
        seconds: float | None = None,
        shown_at: float | None = None,
        round: int | None = None,  # noqa: A002 - the glossary's word
        event_id: str | None = None,
        via: Via = "",
        suggested: AnyLabel | None = None,
        as_of: int | None = None,
    ) -> None:
        """Record a label of any item, asked or not; on disk when this returns.

        Parameters
        ----------
        item : int
            Row number in `X`.
        label : str, int, float, bool or list of these
            One of the classes; in a multilabel task a list of classes, [] for none of them.
        annotator : str, optional
            Who; default the session's.
        seconds : float, optional
            How long it took, at least 0. What is beyond 120 s is kept and not counted as cost: one was away.
        shown_at : float, optional
            When the item appeared, seconds since 1970.
        round : int, optional
            The model that asked; default the newest.
        event_id : str, optional
            The same id twice counts once; with another item, label or annotator it is a ValueError. So in all methods.
        via : {"", "grid", "alike", "map", "review"}
            Where it was given, if not on the card.
        suggested : str, int, float, bool or list of these, optional
            The model's label that the annotator had been shown.
        as_of : int, optional
            What the annotator knew of: `progress.n_events` when the item was on screen. A label given since then stays,
            and this one is kept as a second answer. Default: this label counts, whatever stood before.
        """
        answers.teach(
            self._core, item, label, annotator=annotator, seconds=seconds, shown_at=shown_at, round=round,
            event_id=event_id, via=via, suggested=suggested, as_of=as_of,
        )  # fmt: skip

    def receive(self, records: Iterable[AnswerRecord], *, complete: bool = False) -> Received:
        """Take in answers that were given in another tool, by the ids of their samples; all on disk, or none.

        The same record twice counts once; a record whose answer is another than before is a correction, and one
        without an answer undoes it. Where several annotators answered a sample the newest label stands, and an
        older one, or the skip of somebody else, is kept as a second answer. `via` is the tool.

        Parameters
        ----------
        records : iterable of AnswerRecord
            As `alwidgets.io.read_answers` returns them.
        complete : bool
            Whether they are all that their tool has of the samples that they name: what was received from it before
            and is not among them, or is refused now, is undone; a note or a flag that came with an answer that has
            none now is taken away. A record without answer and id says that there is none.

        Returns
        -------
        received : Received
            How many were taken and known, and which do not fit (no such sample or class, two classes where there is
            one), each with the reason. Costs a hash of every sample the first time.

        Examples
        --------
        >>> import numpy as np
        >>> from sklearn.naive_bayes import GaussianNB
        >>> from alwidgets.io import AnswerRecord
        >>> session = Session(np.eye(2), classes=["ham", "spam"], learner=GaussianNB(), ids=["m1", "m2"])
        >>> records = [AnswerRecord(sample="m1", answer=("spam",)), AnswerRecord(sample="m2", answer=("eggs",))]
        >>> received = session.receive(records)
        >>> received.n_taken, received.refused[0].reason
        (1, "label 'eggs' is unknown; expected one of ['ham', 'spam'].")
        """
        return receive(self._core, records, complete=complete)

    def records(self) -> list[AnswerRecord]:
        """Return the answers that stand, skips too, as another session or tool can receive them; by ascending row.

        Of a team those of each annotator, also to items without a label and to gold.
        """
        return records_of(self._core)

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
        """Record that an item cannot be answered; it is not asked again.

        Parameters as in `teach`; with `unsure`, someone else or more time could tell, and the review lists it.
        """
        answers.skip(
            self._core, item, unsure=unsure, annotator=annotator, seconds=seconds, shown_at=shown_at, round=round,
            event_id=event_id, as_of=as_of,
        )  # fmt: skip

    def flag(self, item: int, note: str = "", *, annotator: str | None = None, event_id: str | None = None) -> None:
        """Mark an item for review, with a note."""
        answers.flag(self._core, item, note, annotator, event_id)

    def note(self, item: int, note: str, *, annotator: str | None = None, event_id: str | None = None) -> None:
        """Write a note on an item; an empty or blank note removes the previous one."""
        answers.note(self._core, item, note, annotator, event_id)

    def enqueue(self, items: int | Rows, *, annotator: str | None = None, event_id: str | None = None) -> IntArray:
        """Ask the given items next; items with a label are left as they are.

        Parameters
        ----------
        items : int or sequence of int
            Row numbers in `X`; asked in this order, before all others, until they are answered.
        annotator : str, optional
            Who wants them; default the session's.
        event_id : str, optional
            The same id twice counts once, and returns the same.

        Returns
        -------
        rows : ndarray of int
            Those that are asked.
        """
        return asking.enqueue(self._core, items, annotator, event_id)

    def ask_only(self, items: Rows | None, *, annotator: str | None = None, event_id: str | None = None) -> IntArray:
        """Ask only some samples from now on, those that the strategy takes of them, until none of them is left.

        Then all may be asked again, as with None. Questions that were chosen before and nobody has begun are
        withdrawn. The journal keeps it: a session that is opened again goes on so. Questions of the audit are drawn of
        the whole pool all the same, and the model predicts all of it, so that scores stay honest; criteria of stopping
        that read the questions, or the answers to them, say meanwhile that they cannot tell.

        Parameters
        ----------
        items : sequence of int or None
            Row numbers in `X`; None for all.
        annotator : str, optional
            Who wants it; default the session's.
        event_id : str, optional
            The same id twice counts once.

        Returns
        -------
        rows : ndarray of int
            Those of the samples that can still be asked.

        Raises
        ------
        ValueError
            If each of them has an answer; nothing has changed then.

        Examples
        --------
        >>> from sklearn.naive_bayes import MultinomialNB
        >>> from sklearn.pipeline import make_pipeline
        >>> from sklearn.feature_extraction.text import CountVectorizer
        >>> texts = ["my refund is late", "a fine shop", "no refund yet", "good"]
        >>> learner = make_pipeline(CountVectorizer(), MultinomialNB())
        >>> session = Session(texts, classes=["good", "bad"], learner=learner, audit=0)
        >>> session.ask_only([row for row, text in enumerate(texts) if "refund" in text])
        array([0, 2])
        >>> sorted(session.query(2).tolist())
        [0, 2]
        """
        return asking.ask_only(self._core, items, annotator, event_id)

    def request_repeats(
        self, items: float | Rows, *, annotator: str | None = None, event_id: str | None = None
    ) -> IntArray:
        """Ask labeled items a second time, to measure self-agreement; the labels stay.

        Parameters
        ----------
        items : float, or sequence of int
            A share of the labels, of which so many are drawn, not from the last twenty; or row numbers in `X`.
        annotator : str, optional
            Who wants them; default the session's.
        event_id : str, optional
            The same id twice counts once, and returns the same.

        Returns
        -------
        rows : ndarray of int
            Those that are to be answered again with `answer_repeat`.

        Raises
        ------
        ValueError, TypeError
            If it is not above 0 and at most 1, or an item has no label.
        """
        return repeats.request_repeats(self._core, items, annotator, event_id)

    def answer_repeat(
        self,
        item: int,
        label: AnyLabel | None,
        *,
        annotator: str | None = None,
        seconds: float | None = None,
        shown_at: float | None = None,
        round: int | None = None,  # noqa: A002 - the glossary's word
        event_id: str | None = None,
    ) -> None:
        """Record a second answer to a labeled item, whose label stays; None for "cannot tell".

        Parameters as in `teach`. Of an item whose first answer was undone meanwhile it is the first one.
        """
        answers.answer_repeat(
            self._core, item, label, annotator=annotator, seconds=seconds, shown_at=shown_at, round=round,
            event_id=event_id,
        )  # fmt: skip

    def unflag(self, item: int, *, annotator: str | None = None, event_id: str | None = None) -> None:
        """Remove the flag of an item; nothing changes if it has none. The same `event_id` twice counts once."""
        answers.unflag(self._core, item, annotator, event_id)

    def undo(
        self,
        steps: int = 1,
        *,
        event_id: str | None = None,
        target: str | None = None,
        annotator: str | None = None,
    ) -> list[int]:
        """Undo the last answers; their items are the next questions again.

        Whoever has a name undoes answers of one's own only: `annotator`, or the session's. Without a name it is
        the last answers of all. Labels that were carried to identical samples are undone with the answer.

        Parameters
        ----------
        steps : int
            How many answers.
        event_id : str, optional
            The same id twice counts once, and returns the same; only with one step.
        target : str, optional
            Undo this answer (an event id), whoever gave it, instead of the last; one that comes later then does
            not count. In a team it must be one's own, unless one is an expert, and of those that come later only one's
            own does not count.
        annotator : str, optional
            Who; default the session's.

        Returns
        -------
        items : list of int
            Rows whose answer was undone, last answer first; empty when there was none.
        """
        return answers.undo(self._core, steps, event_id=event_id, target=target, annotator=annotator)

    def disputed(self) -> pd.DataFrame:
        """Return the items on which a team's answers tie though it has as many as it is to get: for an expert.

        Returns
        -------
        items : DataFrame
            One row an item: item, n_answers, share (of the answers that say the most frequent label), answers, seconds
            (a dict each, by annotator), note, flag. Empty without a team; in one without experts they stay open.
        """
        return disputed(self._core)

    def settle(
        self,
        item: int,
        label: AnyLabel | None,
        *,
        annotator: str | None = None,
        reason: str = "",
        event_id: str | None = None,
    ) -> None:
        """Decide the label of an item as an expert of the team; an answer that comes later reopens it.

        Parameters
        ----------
        item : int
            Row number in `X`.
        label : str, int, float, bool, list of these or None
            Its label; None where there is none.
        annotator : str, optional
            The expert; default the session's annotator.
        reason : str
            Why; kept in the journal.
        event_id : str, optional
            The same id twice counts once.

        Raises
        ------
        ValueError, TypeError
            If the session has no team, this is not an expert of it, or item or label are
            invalid; nothing has changed then.
        """
        settle(self._core, item, label, annotator=annotator, reason=reason, event_id=event_id)

    @property
    def team(self) -> SessionTeam | None:
        """The people who label: `agreement`, `annotators`, `gold`, `weigh`, `ask_more`; None without a team."""
        return None if self._core.engine.team is None else SessionTeam(self._core)

    def retrain(self) -> Round:
        """Fit now, score, select anew, and return the round.

        Raises
        ------
        ValueError
            If there are labels of fewer than two classes.
        Exception
            Whatever the estimator's `fit` raised; the labels stay.
        """
        asking.retrain(self._core)
        return self.rounds[-1]

    def run(self, oracle: Oracles, n_labels: int | None = None, *, first: Sequence[int] = ()) -> Session:
        """Have a scripted annotator, or several of a team, answer; the same loop as for people, repeatable.

        Parameters
        ----------
        oracle : array-like of shape (n_samples,) or (n_samples, n_classes), dict or callable
            The known labels, a dict row -> label, or a function item -> label; where there is no label, or it is None
            or NaN, the item is skipped. In a multilabel task an indicator
            matrix, or a list of lists of classes. What `SimulatedAnnotator.answers` returns takes its time, too.
            With a team a dict of name to one of these: those who are named answer in turn, and experts among them
            settle what is disputed.
        n_labels : int, optional
            Labels to give, of a team answers that are labels, several an item; default until the stopping rule advises
            to stop or the pool is exhausted.
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
        run(self._core, oracle, n_labels, first)
        return self

    def take_over(self) -> None:
        """Take the session from the kernel that holds it, and go on from what it wrote until now.

        That kernel can write no more: what it still tries is refused there, and what came too late is kept in the
        journal and not counted (`recovery_message` says how many). Without another owner nothing changes.
        """
        ownership.take_over(self._core)
        begin_team(self._core, self._core.engine.team)

    def refresh(self) -> None:
        """Read the events that the owner of the session has written since; nothing to do for the owner itself."""
        ownership.refresh(self._core)
        begin_team(self._core, self._core.engine.team)

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
            One of `versions`; None undoes the last rollback, and the one before it when called again.
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
        return versions.rollback(self._core, round, annotator)

    def diff(self, first: int, second: int) -> pd.DataFrame:
        """Return the labels in which two rounds differ: item, label in the first, label in the second, change.

        Parameters
        ----------
        first, second : int
            Rounds in `versions`.
        """
        return versions.diff(self._core, first, second)

    def branch(self, journal: str | Path, *, round: int | None = None, **changes: Unpack[Changes]) -> Session:  # noqa: A002
        """Start a new session from the present state, with a journal of its own.

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
        return versions.branched(self._core, Session, journal, round, dict(changes))

    def export(self, folder: str | Path, *, model: bool | None = None) -> Path:
        """Export everything to a new folder: labels, history, journal, model, and a card that describes them.

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
        >>> import numpy as np
        >>> from tempfile import mkdtemp
        >>> from sklearn.naive_bayes import GaussianNB
        >>> session = Session(np.eye(4), classes=["a", "b"], learner=GaussianNB())
        >>> session.teach(0, "a")
        >>> folder = session.export(Path(mkdtemp()) / "labels-of-today", model=False)
        >>> len((folder / "labels.csv").read_text().splitlines())
        2
        """
        return exported(self._core, "export", folder, partial(export, self, folder, model=model))

    def export_model(self, folder: str | Path) -> Path:
        """Export the newest model to a new folder, from which `load_model` predicts without the session.

        Labels that came after the last fit are learned first. The model may hold samples that it learned from: nearest
        neighbors and support vector machines keep whole samples, text vectorizers keep words.

        Parameters
        ----------
        folder : str or Path
            A folder that does not exist, in one that does; after an error it still does not exist.

        Returns
        -------
        folder : Path
            Where it is.

        Raises
        ------
        FileExistsError
            If the folder exists; nothing has changed then.
        ValueError
            If there is no model yet, or the learner holds what looks like a secret.
        ImportError
            If skops is not installed.
        TimeoutError
            If a fit runs far longer than the last one took, 60 s at least; `abandon_fit` gives it up.
        Exception
            Whatever an estimator raises that skops cannot take apart.

        Examples
        --------
        >>> import numpy as np
        >>> from tempfile import mkdtemp
        >>> from sklearn.naive_bayes import GaussianNB
        >>> session = Session(np.eye(4), classes=["a", "b"], learner=GaussianNB(), labels={0: "a", 3: "b"})
        >>> folder = session.export_model(Path(mkdtemp()) / "model")
        >>> sorted(file.name for file in folder.iterdir())
        ['README.md', 'model.json', 'model.skops', 'requirements.txt']
        """
        return exported(self._core, "export_model", folder, partial(export_model, self, folder))

    def wait(self, timeout: float | None = None) -> bool:
        """Join the background worker; return False when the timeout (seconds) ran out first."""
        self._core.engine.callbacks.check_outside("wait")
        return self._core.engine.wait(timeout)

    def abandon_fit(self, *, annotator: str | None = None) -> bool:
        """Give up the fit or selection that runs, as one that hangs; labels stay, and the next batch tries again.

        Its thread cannot be stopped: what it finds is dropped, whenever it comes, and another thread goes on. A process
        that the session started to fit, as with ``fit_in="process"``, is ended.

        Parameters
        ----------
        annotator : str, optional
            Who; default the session's.

        Returns
        -------
        given_up : bool
            Whether there was one. `progress.error` then says so, and `progress.busy_since` how long it had run before.
            Where it ran in `retrain`, `query` or `run`, that call raises a RuntimeError when it comes back.

        Examples
        --------
        >>> import numpy as np
        >>> from sklearn.naive_bayes import GaussianNB
        >>> Session(np.eye(4), classes=["a", "b"], learner=GaussianNB()).abandon_fit()
        False
        """
        return self._core.engine.abandon_fit(self._core.name_of(annotator))

    def close(self) -> None:
        """Stop listening and writing, and release the pool.

        What was acknowledged is on disk, and labels and history can still be read; a running fit is dropped.
        """
        ownership.close(self._core)

    def random_baseline(self, source: BaselineSource | None = None, *, n_runs: int = 10) -> Baseline:
        """Estimate the learning curve of random sampling, and show it beside the session's curve.

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
        return standing.random_baseline(self._core, source, n_runs)

    @property
    def baseline(self) -> Baseline | None:
        """Latest result of `random_baseline`; None before there is one."""
        return self._core.baseline

    @property
    def efficiency(self) -> Efficiency | None:
        """Comparison of the session with its random baseline; None before there is one, and while there is no score."""
        return standing.efficiency_of(self._core)

    def add_class(self, label: AnyClass, *, annotator: str | None = None) -> None:
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
            If it is not such a label.
        """
        settings.add_class(self._core, label, annotator)

    def end_audit(self) -> None:
        """Ask no more audit questions, and train on the answers of those asked; the score is then cross-validated."""
        settings.end_audit(self._core)

    def end_cold_start(self, *, annotator: str | None = None) -> None:
        """Ask by the strategy from now on, whatever classes have no label: one may not be in the pool at all.

        Questions that the cold start chose, and nobody has seen yet, are withdrawn. Before there is a model nothing
        else can choose, and the cold start goes on until the first.

        Parameters
        ----------
        annotator : str, optional
            Who; default the session's.
        """
        settings.end_cold_start(self._core, annotator)

    def decide(
        self, decision: Decision, reason: str = "", *, annotator: str | None = None, event_id: str | None = None
    ) -> None:
        """Record a decision to stop or to go on, with the advice it was made on; nothing is locked by it.

        Parameters
        ----------
        decision : {"stop", "go on"}
            The decision.
        reason : str
            The reason, in words.
        annotator : str, optional
            The person who decides; default the session's.
        event_id : str, optional
            The same id twice counts once.
        """
        settings.decide(self._core, decision, reason, self.advice.sentence, annotator, event_id)

    def adjust(
        self, *, annotator: str | None = None, event_id: str | None = None, **settings: Unpack[Settings]
    ) -> None:
        """Change prices, limits, thresholds or the rule while labeling goes on; recorded, and kept on resuming.

        A change holds until the session is made with another value of what it changed.

        Parameters
        ----------
        annotator : str, optional
            Who; default the session's.
        event_id : str, optional
            The same id twice counts once.
        **settings
            Fields of `Budget` (``cost_per_label=0.15``), ``needs="any"``, ``"all"`` or a number of criteria, and
            ``thresholds={"plateau": 0.01}``.

        Raises
        ------
        ValueError, TypeError
            If there is no such setting or its value is not what it should be; nothing has changed then.

        Examples
        --------
        >>> import numpy as np
        >>> from sklearn.naive_bayes import GaussianNB
        >>> session = Session(np.eye(4), classes=["a", "b"], learner=GaussianNB())
        >>> session.adjust(cost_per_label=0.15, currency="EUR")
        >>> session.budget.spent(10)
        1.5
        """
        adjust(self._core, dict(settings), annotator, event_id)

    @classmethod
    def find_open(cls, path: str | Path) -> Session | None:
        """Return the open session of this kernel that keeps its journal in this folder, None when there is none."""
        found: Session | None = ownership.find_open(check_journal(path))
        return found

    @property
    def init_params(self) -> dict[str, Any]:
        """Arguments that the session was made with, to make a similar one."""
        return dict(self._core.init_params)

    @property
    def identity(self) -> dict[str, Any]:
        """Identity of the session: fingerprint of the pool, classes, seed."""
        return self._core.identity(self.classes)

    @property
    def journal(self) -> Path | None:
        """The folder where events are kept; None in memory."""
        return self._core.log.path

    @property
    def closed(self) -> bool:
        """True if `close` was called, or the same journal was opened by another session of this kernel."""
        return self._core.log.closed

    @property
    def read_only(self) -> bool:
        """True if another kernel holds the session; `take_over` changes that."""
        return self._core.log.read_only

    @property
    def recovery_message(self) -> str:
        """Report of the repairs made when the journal was opened; empty if there were none."""
        return ownership.recovery_message(self._core)

    @property
    def shortcuts(self) -> Keys:
        """Keyboard shortcuts in the widgets of this session."""
        return keys_of(self.task, self.classes, self._core.remapped, self._core.n_declared)

    def remap(self, keys: Mapping[Any, str]) -> None:
        """Set keys of classes and actions, as `Task.keys` does; for all widgets, as long as the session is open.

        Parameters
        ----------
        keys : dict of class or action to str
            The rest stay as they are; a name may also be a pair, ("class", name) or ("action", name).

        Raises
        ------
        ValueError, TypeError
            If a name or a key is not valid, or two would have the same; nothing has changed then.
        """
        settings.remap(self._core, keys)

    @property
    def notes(self) -> dict[int, str]:
        """Notes on rows."""
        return self._core.of_state(lambda state: dict(state.notes))

    @property
    def flags(self) -> dict[int, str]:
        """The rows that were flagged for review, and the note of each."""
        return self._core.of_state(lambda state: dict(state.flags))

    def on_event(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Call a function with every event from now on: answers, questions, rounds, settings.

        Parameters
        ----------
        listener : callable
            Called with an event, each once and in the order in which they were recorded, from whatever thread has
            something to tell. While a script answers (`run`), events come round by round. What it raises is logged,
            and harms nothing.

        Returns
        -------
        remove : callable
            Call it, without arguments, to hear no more.

        Examples
        --------
        >>> import numpy as np
        >>> from sklearn.naive_bayes import GaussianNB
        >>> session = Session(np.eye(4), classes=["a", "b"], learner=GaussianNB())
        >>> heard = []
        >>> remove = session.on_event(heard.append)
        >>> session.teach(0, "a")
        >>> [event.kind for event in heard]
        ['labeled']
        """
        return self._core.listeners.on_event(listener)

    serve, extend, parts, drift, ask_audit = serving.serve, extend, property(parts_frame), drift, ask_audit

    def __repr__(self) -> str:
        return standing.in_short(self._core)

    _repr_mimebundle_, _display_ = serving.to_jupyter, serving.to_marimo


def view_of(session: Session) -> ViewModel:
    """Return the view model of a session, for the widgets."""
    return ViewModel(session._core)  # noqa: SLF001 - a friend, in the same module
