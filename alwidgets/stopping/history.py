"""Inputs of the stopping criteria."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any, Literal, TypeAlias, overload

from alwidgets.scoring.scores import ClassScore, Score
from alwidgets.types import Reading
from alwidgets.utils.text import is_writable, short_repr

_LONGEST_CURRENCY = 40
#: A pool that grew by no larger share of its samples is taken for the same one.
NEGLIGIBLE_GROWTH = 0.1


@dataclass(frozen=True, slots=True)
class Budget:
    """The most to spend, what a label costs, and what a better model is worth.

    Parameters
    ----------
    labels : int or None
        Most answers.
    cost : float or None
        Most money, in `currency`.
    minutes : float or None
        Most minutes of the annotator.
    cost_per_label : float
        Price of one answer, in `currency`.
    cost_per_hour : float
        Price of an hour of the annotator, in `currency`, added to that of the answers.
    currency : str
        Shown after amounts.
    n_predictions : int or None
        How many predictions the finished model will make; None when it is not known.
    cost_per_error : float
        What one wrong prediction costs, in `currency`.

    Raises
    ------
    ValueError
        If a most is not positive, a price is negative, or a most cost is given without a price.

    Examples
    --------
    >>> Budget(labels=300, cost_per_label=0.12, currency="EUR").spent(64)
    7.68
    """

    labels: int | None = None
    cost: float | None = None
    minutes: float | None = None
    cost_per_label: float = 0.0
    currency: str = ""
    cost_per_hour: float = 0.0
    n_predictions: int | None = None
    cost_per_error: float = 0.0

    def __post_init__(self) -> None:
        for name in ("labels", "cost", "minutes", "n_predictions"):
            _check_most(name, getattr(self, name), whole=name in ("labels", "n_predictions"))
        for name in ("cost_per_label", "cost_per_hour", "cost_per_error"):
            price = getattr(self, name)
            if not (is_number(price) and price >= 0):
                raise ValueError(f"{name} is {price!r}; expected a number of 0 or more.")
        if not isinstance(self.currency, str):
            raise TypeError(f"currency is {self.currency!r}; expected a str, such as 'EUR'.")
        if len(self.currency) > _LONGEST_CURRENCY or not is_writable(self.currency):
            raise ValueError(
                f"currency is {short_repr(self.currency)}; expected at most {_LONGEST_CURRENCY} characters, all of them"
                " whole."
            )
        if self.cost is not None and not self.priced:
            raise ValueError(
                "budget cost is given but cost_per_label is 0; expected the price of one label, or a cost_per_hour."
            )

    @property
    def priced(self) -> bool:
        """True if a label costs money."""
        return self.cost_per_label > 0 or self.cost_per_hour > 0

    @property
    def error_cost(self) -> float:
        """Cost of a model in use that is always wrong: `n_predictions` times `cost_per_error`."""
        return (self.n_predictions or 0) * self.cost_per_error

    def spent(self, n_labeled: float, seconds: float = 0.0) -> float:
        """Return the cost of so many answers that took so many seconds together, in `currency`."""
        return round(n_labeled * self.cost_per_label + seconds / 3600 * self.cost_per_hour, 10)


def _check_most(name: str, amount: Any, *, whole: bool) -> None:
    if amount is None:
        return
    if not (is_number(amount) and amount > 0):
        without = "if it is not known" if name == "n_predictions" else "for no limit"
        raise ValueError(f"budget {name} is {amount!r}; expected a number above 0, or None {without}.")
    if whole and amount != int(amount):
        raise ValueError(f"budget {name} is {amount!r}; expected a whole number.")


def is_number(value: Any) -> bool:
    """Return whether a value is a finite number that a float can hold."""
    try:
        # A bool is a number to Python, and no amount.
        return not isinstance(value, bool) and isinstance(value, Real) and math.isfinite(value)
    except OverflowError:
        return False


@dataclass(frozen=True, slots=True)
class Signals:
    """Statistics of a round, other than its score, that the stopping criteria read.

    Measured on the stop set, the same random rows of the pool in every round, and on the batch, the questions that
    the new model asks first. "The unlabeled" are the unlabeled rows of the stop set. None is what this model, or
    this round, cannot tell. Entropies are in units of log(n_classes), so they lie in [0, 1].

    Parameters
    ----------
    n_watched : int
        Rows of the stop set; 0 when nothing was measured.
    n_unlabeled : int
        How many of them are unlabeled.
    kappa : float or None
        Cohen's kappa between the predictions of this model and the one before, on all of the stop set.
    changed : float or None
        Share of all of the stop set that this model predicts otherwise than the one before.
    f_change : float or None
        Predicted change of F between the two models on all of the stop set, the mean over the classes, each against
        the rest.
    entropy : float or None
        Mean over the unlabeled.
    max_entropy : float or None
        Largest of the unlabeled and the batch.
    batch_entropy : float or None
        Mean over the batch.
    confidence, confidence_variance : float or None
        Mean and variance over the unlabeled of the largest probability.
    batch_variance : float or None
        Variance over the batch of the largest probability.
    expected_error : float or None
        Share of wrong predictions that the model itself expects of the unlabeled: 1 - confidence.
    expected_f : float or None
        F that the model itself expects of the unlabeled, the mean over the classes, from expected counts.
    n_answered : int
        Answers since the model before that it had not seen.
    answered_right : float or None
        Share of them that the model before predicted right.
    contradiction : float or None
        Entropy of the model before about those it had wrong, summed, over its mean entropy about all of them.
    agreement, batch_agreement : float or None
        How far a committee agrees on the unlabeled and on the batch: 1 - mean vote entropy.
    inside_margin : int or None
        Rows of the unlabeled and of the batch with a decision value in (-1, 1): inside the margin of a support
        vector machine, or of any of several. A row in both counts twice.
    n_support : int or None
        Support vectors.
    n_predicted : int or None
        Classes that are predicted for any of the stop set. A model that predicts one class only agrees with itself
        and is sure of it whatever it knows.
    n_found, n_read, n_unread : int or None
        Of a session with ``find=``: samples with a label of the class sought, with any answer, and with none.
    n_at_most : int or None
        The most there are of that class in the pool, by random questions, with 95 %.
    expected_read, expected_unread, variance_read, variance_unread : float or None
        How many of the class the model expects among the read and the unread, and the variances of these.
    strata : tuple of (int, int, int, int)
        Of each part of the pool, small ones together, its samples, and `n_found`, `n_read` and `n_unread` of it.
    unasked : str or None
        What is missing of a pool that grew: which part has too few answers, where such parts are more than a tenth of
        the samples together. None where nothing is.
    """

    n_watched: int = 0
    n_unlabeled: int = 0
    kappa: float | None = None
    changed: float | None = None
    f_change: float | None = None
    entropy: float | None = None
    max_entropy: float | None = None
    batch_entropy: float | None = None
    confidence: float | None = None
    confidence_variance: float | None = None
    batch_variance: float | None = None
    expected_error: float | None = None
    expected_f: float | None = None
    n_answered: int = 0
    answered_right: float | None = None
    contradiction: float | None = None
    agreement: float | None = None
    batch_agreement: float | None = None
    inside_margin: int | None = None
    n_support: int | None = None
    n_predicted: int | None = None
    n_found: int | None = None
    n_read: int | None = None
    n_unread: int | None = None
    n_at_most: int | None = None
    expected_read: float | None = None
    expected_unread: float | None = None
    variance_read: float | None = None
    variance_unread: float | None = None
    strata: tuple[tuple[int, ...], ...] = ()
    unasked: str | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """One ask-answer-retrain cycle, as its model found it.

    Parameters
    ----------
    round : int
        1 for the first model.
    n_labeled : int
        Answers given when the fit began, audit answers among them.
    n_learned : int
        Samples in the training set.
    score, score_low, score_high : float
        The first metric and its 95 % interval; NaN when there was nothing to measure on.
    score_kind : str
        "held out", "audit", "test then train", "weighted" or "cross-validated"; see `alwidgets.scoring.scores`.
    score_n : int
        Samples it was measured on.
    fit_seconds : float
        Seconds the fit took.
    seconds : float
        Seconds of the annotator so far.
    cost : float
        Money so far.
    strategy : str
        What chose the questions.
    readings : tuple of Reading
        The stopping criteria.
    metric : str
        What the score is: "accuracy", or a scorer's name.
    scores : tuple of Score
        All metrics, the first among them.
    per_class : tuple of ClassScore
        Precision and recall of each class.
    signals : Signals
        What the criteria read beside the score.
    n_answers : int or None
        Answers of a team by then, several a sample; None where each label is one answer.
    """

    round: int
    n_labeled: int
    n_learned: int
    score: float
    score_low: float
    score_high: float
    score_kind: str
    score_n: int
    fit_seconds: float
    seconds: float
    cost: float
    strategy: str
    readings: tuple[Reading, ...] = ()
    metric: str = "accuracy"
    scores: tuple[Score, ...] = ()
    per_class: tuple[ClassScore, ...] = ()
    signals: Signals = Signals()
    n_answers: int | None = None

    @property
    def measured(self) -> bool:
        """True if there is a score: what was not measured is never shown as a number, and nothing follows from it."""
        return math.isfinite(self.score)

    @property
    def problem(self) -> str:
        """Reason why the score was not measured; empty where it was, or where there was nothing to measure on."""
        return "" if self.measured else next((score.problem for score in self.scores[:1]), "")

    @property
    def measured_later(self) -> bool:
        """True if the score is missing but may become available with further answers."""
        return not self.measured and any(score.later for score in self.scores[:1])

    @property
    def blind(self) -> str:
        """Reason why the outputs of this model cannot tell its quality; empty if they may.

        It predicts one class only, which agrees with itself and is sure of it whatever is true, or the class that the
        score is about was never seen among what it is measured on.
        """
        if self.signals.n_predicted == 1:
            return "the model predicts one class only"
        seen = sum(each.n > 0 for each in self.per_class)
        return self.problem if self.problem and seen == 1 else ""


@dataclass(frozen=True)
class History(Sequence[Round]):
    """The rounds so far, and what has been spent by now.

    Parameters
    ----------
    rounds : tuple of Round
        Oldest first.
    budget : Budget
        The most to spend.
    n_labeled : int
        Answers given by now.
    seconds : float
        Seconds of the annotator by now.
    batch_size : int
        Answers between two retrains.
    n_samples : int or None
        Rows of the pool, which labels cannot exceed; None when it is not known.
    n_timed : int or None
        How many of the answers were timed; None for all.
    n_answers : int or None
        Answers of a team, several a sample, which are what a budget counts; None where each label is one answer.
    answers_per_minute : float or None
        Answers a minute of all of a team who label now; None for one person, and while no answer was timed.
    growths : tuple of (int, int)
        Of each part that was added to the pool, how many of the rounds did not know it yet, and its samples.
    earlier : tuple of Round
        Rounds before these, of a pool that grew much since; see `since_growth`.
    """

    rounds: tuple[Round, ...]
    budget: Budget
    n_labeled: int
    seconds: float
    batch_size: int = 8
    n_samples: int | None = None
    n_timed: int | None = None
    n_answers: int | None = None
    answers_per_minute: float | None = None
    growths: tuple[tuple[int, int], ...] = ()
    earlier: tuple[Round, ...] = ()

    @overload
    def __getitem__(self, index: int) -> Round: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Round]: ...
    def __getitem__(self, index: int | slice) -> Round | Sequence[Round]:
        try:
            return self.rounds[index]
        except IndexError:
            if not self.rounds:
                raise IndexError("there is no round yet: no model has been fitted.") from None
            raise IndexError(
                f"index is {index}, and of rounds there are {len(self)}; expected the place of one."
            ) from None

    @property
    def cost(self) -> float:
        """Money spent by now, in the budget's currency."""
        return self.budget.spent(self.n_spent, self.seconds)

    @property
    def n_spent(self) -> int:
        """Answers given by now, which the budget counts."""
        return self.n_labeled if self.n_answers is None else self.n_answers

    @property
    def answers_per_label(self) -> float:
        """Answers that a label has taken, 1 for one person."""
        return self.n_spent / self.n_labeled if self.n_labeled and self.n_spent else 1.0

    @property
    def most_labels(self) -> int | None:
        """Labels that the budget's answers come to; None without such a limit."""
        limit = self.budget.labels
        return limit if limit is None or self.n_answers is None else int(limit / self.answers_per_label)

    @property
    def seconds_per_label(self) -> float | None:
        """Mean seconds of annotators that a label took; None before any was measured."""
        n_timed = self.n_spent if self.n_timed is None else self.n_timed
        return self.seconds / n_timed * self.answers_per_label if n_timed and self.seconds else None

    @property
    def comparable(self) -> tuple[Round, ...]:
        """The rounds whose scores make one curve: of the kind and metric of the last, each with more labels.

        A score of another kind is not an earlier point of this one, and a score on answers that were undone since is
        left out.
        """
        kept: list[Round] = []
        for item in reversed(self.of_one_kind):
            if not kept or item.n_labeled < kept[-1].n_labeled:
                kept.append(item)
        return tuple(reversed(kept))

    @property
    def of_one_kind(self) -> tuple[Round, ...]:
        """Most recent scored rounds of the same score kind and metric, which can be compared with each other."""
        scored = [item for item in self.rounds if item.measured]
        kinds = [(item.score_kind, item.metric) for item in scored]
        first = next((i for i in range(len(kinds), 0, -1) if kinds[i - 1] != kinds[-1]), 0)
        return tuple(scored[first:])

    @property
    def cost_per_label(self) -> float:
        """Cost of a label, including the time of annotators, in the budget's currency."""
        return self.budget.spent(self.answers_per_label, self.seconds_per_label or 0.0)

    def before(self, n_rounds: int) -> History:
        """Return the history as it was after its first `n_rounds` rounds."""
        rounds = self.rounds[:n_rounds]
        last = rounds[-1] if rounds else None
        n_since = sum(n for at, n in self.growths if at >= n_rounds)
        return replace(
            self,
            rounds=rounds,
            growths=tuple((at, n) for at, n in self.growths if at < n_rounds),
            n_samples=None if self.n_samples is None else self.n_samples - n_since,
            n_labeled=last.n_labeled if last else 0,
            seconds=last.seconds if last else 0.0,
            n_timed=None
            if self.n_timed is None or last is None
            else min(self.n_timed, last.n_answers or last.n_labeled),
            n_answers=None if self.n_answers is None else ((last.n_answers or last.n_labeled) if last else 0),
            answers_per_minute=None,
        )

    def since_growth(self, share: float = NEGLIGIBLE_GROWTH) -> History:
        """Return the history that begins with the first round since which the pool grew by at most so large a share.

        Rounds before say nothing of what came since; they are `earlier` in it.
        """
        n_new, first = 0, 0
        for at, n in reversed(self.growths):
            n_new += n
            if n_new > share * (self.n_samples or 0):
                first = at
                break
        if not first:
            return self
        return replace(
            self,
            rounds=self.rounds[first:],
            earlier=(*self.earlier, *self.rounds[:first]),
            growths=tuple((at - first, n) for at, n in self.growths if at >= first),
        )

    @property
    def n_unseen(self) -> int:
        """Number of samples that came since the newest round."""
        return sum(n for at, n in self.growths if at == len(self.rounds))

    def __len__(self) -> int:
        return len(self.rounds)

    def __iter__(self) -> Iterator[Round]:
        return iter(self.rounds)


#: History of a session -> Reading, or None when it cannot tell.
Criterion: TypeAlias = Callable[[History], Reading | None]
#: The names that stand for a criterion.
CriterionName: TypeAlias = Literal[
    "budget", "plateau", "target", "marginal_gain", "stabilizing_predictions", "predicted_f_change",
    "classification_change", "overall_uncertainty", "max_uncertainty", "batch_uncertainty", "oracle_accuracy",
    "expected_error", "gradient", "confidence_peak", "contradictory_information", "variance_model",
    "committee_agreement", "margin_exhausted", "support_saturated", "recall_test", "drawn_recall", "knee",
    "knee_budget", "quant_ci",
]  # fmt: skip
