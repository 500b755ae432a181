"""Policy of a session that is served: when it retrains, brings questions to bridges, and tells that it may stop."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

from alwidgets.session import Session, view_of
from alwidgets.utils.checks import check_positive
from alwidgets.utils.errors import format_error
from alwidgets.utils.text import short_repr

_LOG = logging.getLogger(__name__)
# A burst of answers is looked at once.
_PAUSE_SECONDS = 0.2
# What failed is tried again so much later, and no sooner though there is news.
_AGAIN_SECONDS = 60.0
_Kind: TypeAlias = Literal["retrain", "push", "stop", "go on"]


class Bridge(Protocol):
    """Bridge to another labeling tool, as `LabelStudio`."""

    def step(self) -> Any:
        """Fetch answers, and bring questions."""


@dataclass(frozen=True)
class Policy:
    """Policy of a served session: when it retrains, brings questions to other tools, and tells that it may stop.

    After how many answers a session retrains is its own argument, ``Session(retrain_every=...)``, since it decides
    which questions are asked, served or not; a policy adds to that. With ``retrain_every="manual"`` only the policy,
    and whoever asks for it, has it retrain.

    A policy is followed on a thread of its own while ``session.serve(policy=...)`` or ``alwidgets serve --policy``
    serves it. All that it does is an event, of the kind ``acted``, with the reason and, where it failed, the error; it
    then goes on.

    Parameters
    ----------
    retrain_minutes : float, optional
        Fit when an answer has waited for so long, however few there are.
    retrain_on_drift : bool
        Look at the newest part of the pool with every new part and model, as `Session.drift` does; fit when it moved.
    push_to : bridge or sequence of these
        Objects with a method ``step``, as `LabelStudio`, that fetches answers and brings questions: with every new
        model, and every `push_minutes`.
    push_minutes : float
        Minutes between two steps of the bridges.
    on_stop : callable, optional
        Called with the session when its stopping rule advises to stop; again only after it had advised to go on. Where
        it raises it is called again a minute later, and where the process dies in the midst of it, at the next start.
    dry_run : bool
        Log what would be done, and do nothing.

    Raises
    ------
    ValueError, TypeError
        If an argument is not what it should be.

    Examples
    --------
    >>> Policy(retrain_minutes=30, on_stop=print).retrain_minutes
    30
    """

    retrain_minutes: float | None = None
    retrain_on_drift: bool = False
    push_to: Bridge | Sequence[Bridge] = ()
    push_minutes: float = 1.0
    on_stop: Callable[[Session], Any] | None = None
    dry_run: bool = False

    def __post_init__(self) -> None:
        if self.retrain_minutes is not None:
            check_positive("retrain_minutes", self.retrain_minutes)
        check_positive("push_minutes", self.push_minutes)
        for name in ("retrain_on_drift", "dry_run"):
            if not isinstance(given := getattr(self, name), bool):
                raise TypeError(f"{name} is {short_repr(given)}; expected True or False.")
        for bridge in self.bridges:
            if not callable(getattr(bridge, "step", None)):
                raise TypeError(f"push_to has {short_repr(bridge)}; expected bridges, such as a LabelStudio.")
        if self.on_stop is not None and not callable(self.on_stop):
            raise TypeError(f"on_stop is {short_repr(self.on_stop)}; expected a function of the session, or None.")

    @property
    def bridges(self) -> tuple[Bridge, ...]:
        """All bridges."""
        return tuple(self.push_to) if isinstance(self.push_to, Sequence) else (self.push_to,)


@dataclass(frozen=True)
class Situation:
    """State of a session, as far as a policy reads it; times are seconds since 1970.

    Parameters
    ----------
    now : float
        The time.
    n_untried : int
        Answers that no fit has tried.
    untried_since : float
        When the first of them came.
    tried_at : float
        When the policy retrained last; 0 for never.
    drifted : str
        Advice about a part of the pool that moved since the newest model; empty for none.
    fit_failed_at : float
        When the policy retrained last, if that failed; else 0.
    round : int
        The newest model; 0 before the first.
    stepped_round : int
        The newest model when bridges were stepped; -1 for never.
    stepped_at : float
        When that was.
    advice : str
        Advice of the stopping rule.
    stop : bool
        Whether that is to stop.
    told_to_stop : bool
        Whether the hook knows it.
    hook_failed_at : float
        When the hook was called last, if that failed; else 0.
    """

    now: float
    n_untried: int = 0
    untried_since: float = 0.0
    tried_at: float = 0.0
    drifted: str = ""
    fit_failed_at: float = 0.0
    round: int = 0
    stepped_round: int = -1
    stepped_at: float = 0.0
    advice: str = ""
    stop: bool = False
    told_to_stop: bool = False
    hook_failed_at: float = 0.0


@dataclass(frozen=True)
class Act:
    """Something to do.

    Parameters
    ----------
    kind : {"retrain", "push", "stop", "go on"}
        What.
    why : str
        The reason.
    """

    kind: _Kind
    why: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.why}"


def due(policy: Policy, at: Situation) -> Iterator[Act]:
    """Yield the acts that are due now: a pure function."""
    if _has_moved(policy, at) and at.now >= _again_at(at.fit_failed_at):
        yield Act("retrain", at.drifted)
    elif at.n_untried and policy.retrain_minutes is not None and at.now >= _retrain_at(policy, at):
        minutes = (at.now - at.untried_since) / 60
        yield Act("retrain", f"{at.n_untried} answers wait, the first for {minutes:.0f} minutes.")
    if policy.bridges and at.round != at.stepped_round:
        yield Act("push", f"round {at.round} ranks the questions anew." if at.round else "nothing was brought yet.")
    elif policy.bridges and at.now >= _step_at(policy, at):
        yield Act("push", f"{policy.push_minutes:g} minutes have passed.")
    if _is_to_tell(policy, at) and at.now >= _again_at(at.hook_failed_at):
        yield Act("stop" if at.stop else "go on", at.advice)


def seconds_left(policy: Policy, at: Situation) -> float | None:
    """Return the seconds after which something may be due though nothing changes; None for never."""
    times = [_step_at(policy, at)] if policy.bridges else []
    if at.n_untried and policy.retrain_minutes is not None:
        times.append(_retrain_at(policy, at))
    if _has_moved(policy, at):
        times.append(_again_at(at.fit_failed_at))
    if _is_to_tell(policy, at):
        times.append(_again_at(at.hook_failed_at))
    return max(0.0, min(times) - at.now) if times else None


def _has_moved(policy: Policy, at: Situation) -> bool:
    return policy.retrain_on_drift and bool(at.drifted) and at.n_untried > 0


def _is_to_tell(policy: Policy, at: Situation) -> bool:
    return policy.on_stop is not None and at.stop != at.told_to_stop


def _again_at(failed_at: float) -> float:
    return failed_at + _AGAIN_SECONDS if failed_at else 0.0


def _retrain_at(policy: Policy, at: Situation) -> float:
    # A fit that cannot be, as while a class has no answer, is not tried all the time.
    return max(at.untried_since, at.tried_at) + 60 * (policy.retrain_minutes or 0.0)


def _step_at(policy: Policy, at: Situation) -> float:
    return at.stepped_at + 60 * policy.push_minutes


class Orchestrator:
    """Follow a policy until the session is closed, or `close`.

    Parameters
    ----------
    session : Session
        Which.
    policy : Policy
        What to do when.
    """

    def __init__(self, session: Session, policy: Policy) -> None:
        self._session, self._policy, self._view = session, policy, view_of(session)
        self._news, self._ended = threading.Event(), threading.Event()
        self._stepped = -1, 0.0
        self._looked: tuple[int, int] | None = None
        # What a dry run would have done by now: when it retrained, of how many answers, and what the hook was told.
        self._would_try, self._would_tell = (0.0, 0), ""
        self._outcomes: dict[str, str] = {}
        self._failed_at: dict[str, float] = {}
        self._unfollow = self._view.on_change(self._news.set)
        self._thread = threading.Thread(target=self._follow, name="alwidgets-policy", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Do nothing more; what is being done is not waited for."""
        self._unfollow()
        self._ended.set()
        self._news.set()

    def _follow(self) -> None:
        while not self._ended.is_set() and not self._session.closed:
            self._news.clear()
            try:
                left = self._look()
            except Exception as error:  # noqa: BLE001 - of the user's criteria; the session may be closed meanwhile
                left = None
                if not self._session.closed:
                    _LOG.warning("%s", format_error(error, "Following the policy"))
            self._ended.wait(_PAUSE_SECONDS)
            self._news.wait(left)

    def _look(self) -> float | None:
        """Do what is due; return how many seconds later to look again, if nothing changes."""
        if self._policy.retrain_on_drift:
            self._look_for_drift()
        at = self._situation()
        acts = tuple(due(self._policy, at))
        for act in acts:
            if self._policy.dry_run:
                self._tell(act, at)
            else:
                self._do(act)
        return seconds_left(self._policy, self._situation() if acts else at)

    def _look_for_drift(self) -> None:
        """Look at the newest part, once with every part and every model."""
        seen = self._session.n_samples, self._round()
        if seen == self._looked:
            return
        self._looked = seen
        try:
            self._session.drift()
        except ValueError as error:
            # There is one part only, or too few samples of it.
            _LOG.debug("Drift is not looked at: %s", error)

    def _round(self) -> int:
        return (self._view.newest_model or (0, ""))[0]

    def _situation(self) -> Situation:
        n_untried, since = self._view.untried
        acts, alarm, advice = self._view.acts, self._view.alarm, self._view.advice
        tried_at = max([self._would_try[0], *(act.at for act in acts if act.act == "retrain")])
        # A hook that raised knows nothing.
        told = next((act.act for act in reversed(acts) if act.act in ("stop", "go on") and not act.outcome), "go on")
        return Situation(
            now=time.time(),
            n_untried=n_untried,
            untried_since=since,
            tried_at=tried_at,
            drifted="" if alarm is None or alarm.at < self._would_try[0] else alarm.sentence,
            fit_failed_at=self._failed_at.get("retrain", 0.0),
            round=self._round(),
            stepped_round=self._stepped[0],
            stepped_at=self._stepped[1],
            advice=advice.sentence,
            stop=advice.stop,
            told_to_stop=(self._would_tell or told) == "stop",
            hook_failed_at=self._failed_at.get("stop", 0.0),
        )

    def _tell(self, act: Act, at: Situation) -> None:
        """Log what would be done, once, and go on as if it had been: what is due later is told too."""
        is_news = True
        if act.kind == "retrain":
            is_news = at.n_untried != self._would_try[1]
            self._would_try = at.now, at.n_untried
        elif act.kind == "push":
            is_news = self._stepped[0] != at.round
            self._stepped = at.round, at.now
        else:
            self._would_tell = act.kind
        if is_news:
            _LOG.info("Would %s", act)

    def _do(self, act: Act) -> None:
        outcome, is_news = "", True
        try:
            if act.kind == "retrain":
                self._session.retrain()
            elif act.kind == "push":
                # Only the first step with a model is a decision.
                is_news = self._stepped[0] != self._round()
                outcome = self._step()
            elif act.kind == "stop" and self._policy.on_stop is not None:
                # Only the first try is a decision.
                is_news = "stop" not in self._failed_at
                self._policy.on_stop(self._session)
        except Exception as error:  # noqa: BLE001 - of a learner, a hook
            outcome = format_error(error, f"To {act.kind}")
        # A server that is away for a night is one event, not one a minute.
        is_news = is_news or outcome != self._outcomes.get(act.kind, "")
        self._outcomes[act.kind] = outcome
        self._failed_at.pop(act.kind, None)
        if outcome:
            self._failed_at[act.kind] = time.time()
        if is_news:
            _LOG.log(logging.WARNING if outcome else logging.INFO, "%s %s", act, outcome)
        if is_news and not self._session.closed:
            self._view.record_act(act.kind, act.why, outcome)

    def _step(self) -> str:
        """Step all bridges, and return what failed; one that is away holds up no other."""
        self._stepped, failed = (self._round(), time.time()), []
        for bridge in self._policy.bridges:
            try:
                bridge.step()
            except Exception as error:  # noqa: BLE001 - a server that is away, or anything of the user's own bridge
                failed.append(format_error(error, "To push"))
        return " ".join(failed)
