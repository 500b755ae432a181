"""Operations of every service: that it is there, that it is ready, its figures, and its document."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, ClassVar

import alwidgets
from alwidgets.service.denied import DeniedError
from alwidgets.service.metrics import CONTENT_TYPE, Figure, Requests, page_of
from alwidgets.service.models import Models
from alwidgets.service.openapi import document
from alwidgets.service.operations import Call, Operation, Reply
from alwidgets.service.shapes import ALIVE, READY, TEXT

if TYPE_CHECKING:
    from alwidgets.service.api import Api


#: Names of the threads that do what is asked, and what computes.
POOLS = ("alwidgets-api", "alwidgets-predicts")


class Common:
    """A service.

    Its API is given to it, once there is one.
    """

    title: ClassVar[str]
    threads: ThreadPoolExecutor
    heavy: ThreadPoolExecutor
    operations: Sequence[Operation]
    requests: Requests
    models: Models
    #: Whether it is to stop.
    stopping = False

    def belong(self, api: Api) -> None:
        """Take what it needs of its API."""
        self.threads, self.heavy = api.threads, api.heavy
        self.operations, self.requests = api.operations, api.requests

    @property
    def problem(self) -> str:
        """Reason that it is not ready; empty if it is."""
        return ""

    @property
    def figures(self) -> Iterable[Figure]:
        """Figures for a monitor."""
        return ()

    @staticmethod
    def now() -> float:
        """Return the time, seconds since 1970."""
        return time.time()


def _healthz(_service: Common, _call: Call) -> Reply:
    return Reply({"alive": True, "version": alwidgets.__version__})


def _readyz(service: Common, _call: Call) -> Reply:
    problem = "The server is about to stop." if service.stopping else service.problem
    if problem:
        raise DeniedError(503, problem, {"Retry-After": "10"})
    return Reply({"ready": True})


def _metrics(service: Common, _call: Call) -> Reply:
    return Reply(page_of(service.figures, service.requests), CONTENT_TYPE)


def _openapi(service: Common, _call: Call) -> Reply:
    return Reply(document(service.title, service.operations))


#: What every service can do.
COMMON: tuple[Operation, ...] = (
    Operation(
        "is_alive", "GET", "/healthz", "Whether the process answers.", _healthz,
        ALIVE,
    ),
    Operation(
        "is_ready", "GET", "/readyz", "Whether requests are taken: 503 with the reason where they are not.", _readyz,
        READY,
    ),
    Operation(
        "get_metrics", "GET", "/metrics", "Figures for Prometheus.", _metrics, TEXT, roles=("viewer", "expert"),
        gives=CONTENT_TYPE.partition(";")[0],
    ),
    Operation("get_openapi", "GET", "/openapi.json", "This document.", _openapi, {"type": "object"}),
)  # fmt: skip
