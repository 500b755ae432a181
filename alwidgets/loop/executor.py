"""Places where fits run: in the kernel, in a process of our own, or in an executor that the user gives."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, wait
from typing import Any, Literal, TypeAlias

from alwidgets.loop.cycles import GivenUpError
from alwidgets.loop.fit_task import FitTask
from alwidgets.loop.fitting import Fitted, fitted
from alwidgets.loop.process_executor import ProcessExecutor
from alwidgets.loop.shipping import Parcel, pack, unpack, work
from alwidgets.strategies.elsewhere import Elsewhere
from alwidgets.utils.leaving import rest_if_leaving
from alwidgets.utils.text import short_repr
from alwidgets.utils.workers import this_process

#: What a session takes: None is the kernel.
FitIn: TypeAlias = Literal["process"] | Executor | Callable[[], Executor] | None
#: Where blocks of a large pool are scored: None is the kernel.
ScoreIn: TypeAlias = Executor | None
# How often who waits looks whether what it waits for has been given up.
_GLANCE = 0.05


class FitWorkerError(RuntimeError):
    """The process that fitted was killed, or its executor broke; the labels stay."""


def check_fit_in(fit_in: Any) -> FitIn:
    """Validate where to fit."""
    if fit_in is None or fit_in == "process" or isinstance(fit_in, Executor) or callable(fit_in):
        return fit_in  # type: ignore[no-any-return]
    kind = ValueError if isinstance(fit_in, str) else TypeError
    raise kind(
        f"fit_in is {short_repr(fit_in)}; expected None, 'process', an executor as of concurrent.futures, or a "
        "function without arguments that makes one."
    )


def check_score_in(score_in: Any) -> Elsewhere | None:
    """Return the place where blocks are scored; None for the kernel."""
    if score_in is None or isinstance(score_in, Executor):
        return None if score_in is None else Elsewhere(score_in)
    raise TypeError(
        f"score_in is {short_repr(score_in)}; expected None, or an executor as of concurrent.futures, which is "
        "client.get_executor() of a Dask cluster."
    )


class Fits:
    """Fits of a session, one at a time, each a pure function of its task wherever it runs.

    Parameters
    ----------
    fit_in : {"process"}, Executor, callable or None
        Where; an executor that is given stays its owner's, one that is made here ends with the session.
    session : str
        Id of the session.
    """

    def __init__(self, fit_in: FitIn, session: str) -> None:
        self._session = session
        self._make: Any = ProcessExecutor if fit_in == "process" else fit_in
        self._given = isinstance(fit_in, Executor)
        self._pool: Executor | None = fit_in if isinstance(fit_in, Executor) else None
        self._name = "process" if fit_in == "process" else ""
        self._out: Future[bytes] | None = None
        self._awaited = object()  # stands for the fit that is waited for
        self._closed = False

    @property
    def where(self) -> str:
        """Place where the last fit ran: empty for the kernel, "process", or the class of the executor."""
        return self._name or ("" if self._pool is None else type(self._pool).__name__)

    def __call__(self, task: FitTask) -> Fitted:
        """Fit and measure, and wait for it; an interrupt, or giving up, leaves nothing running that can be ended."""
        if self._make is None:
            return fitted(task)
        self.cancel()
        awaited = self._awaited
        parcel = pack(task, self._session)
        try:
            back = self._back(awaited, parcel)
        except BaseException:
            if self._awaited is awaited:
                if self._out is None:
                    # An interrupt may have come while it was sent.
                    self._let_go()
                self.cancel()
            raise
        return unpack(back, task)

    def cancel(self) -> None:
        """Give up the fit that runs: end the processes of a pool that was made here, else drop what it finds."""
        out, self._out, self._awaited = self._out, None, object()
        if out is not None and not out.done() and not out.cancel():
            self._let_go()

    def close(self) -> None:
        """Fit no more."""
        self._closed = True
        self.cancel()
        self._let_go()

    def _back(self, awaited: object, parcel: Parcel) -> bytes:
        self._check(awaited)
        self._out = out = self._submitted(parcel)
        while not wait([out], _GLANCE).done:
            rest_if_leaving()
            self._check(awaited)
        try:
            return out.result()
        except Exception as error:
            self._check(awaited)
            # Dask's own says that several workers were killed, one after the other.
            if not isinstance(error, BrokenExecutor) and type(error).__name__ != "KilledWorker":
                raise
            how = f" ({error})" if isinstance(self._pool, ProcessExecutor) else ""
            self._let_go()
            raise FitWorkerError(f"the process that fitted was killed{how}.{self._advice}") from error

    def _submitted(self, parcel: Parcel) -> Future[bytes]:
        try:
            return self._made().submit(work, parcel, this_process())
        except BrokenExecutor as error:
            # Since the last fit.
            if self._given:
                raise FitWorkerError(f"a process of the executor was killed before.{self._advice}") from error
            self._let_go()
            return self._made().submit(work, parcel, this_process())

    @property
    def _advice(self) -> str:
        """Advice about a killed worker, beside trying again."""
        if self._name:
            return ""
        main = (
            ' If it never started: a script that opens a session needs if __name__ == "__main__": around that, for its '
            "workers run it once more."
        )
        if not self._given:
            return main
        return (
            " This executor may stay broken: give a function that makes one instead, such as "
            f"fit_in=lambda: ProcessPoolExecutor(1), and each batch can have a new one.{main}"
        )

    def _check(self, awaited: object) -> None:
        if self._awaited is not awaited:
            raise GivenUpError("the fit was given up, or its session closed; what it finds is dropped.")

    def _made(self) -> Executor:
        if self._closed:
            raise GivenUpError("the session was closed; nothing is fitted any more.")
        if self._pool is None:
            pool = self._make()
            if not isinstance(pool, Executor):
                raise TypeError(
                    f"fit_in made {short_repr(pool)}; expected an executor as of concurrent.futures, such as "
                    "ProcessPoolExecutor(1)."
                )
            self._pool = pool
        return self._pool

    def _let_go(self) -> None:
        """End the pool, where it was made here; the next fit has another."""
        if not self._given:
            pool, self._pool = self._pool, None
            if pool is not None:
                end(pool)


def end(pool: Executor) -> None:
    """End an executor at once, its processes too, whatever runs in it."""
    if isinstance(pool, ProcessExecutor):
        pool.shutdown(wait=False)
        return
    # Those of the standard library and of loky; they have no common way to end them before Python 3.14.
    processes = list((getattr(pool, "_processes", None) or {}).values())
    try:
        pool.shutdown(wait=False, cancel_futures=True)
    except TypeError:
        pool.shutdown(wait=False)
    for process in processes:
        with contextlib.suppress(Exception):
            process.kill()
