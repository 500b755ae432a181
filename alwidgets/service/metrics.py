"""Figures for Prometheus, in its text format."""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

#: Of the format.
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
#: Path of a request in logs and figures where it may be anything, or is not known.
UNKNOWN = "unknown"
_BUCKETS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_BEGAN = time.time()


@dataclass(frozen=True)
class Figure:
    """A figure, or several by their labels.

    Parameters
    ----------
    name, help : str
        What it is called, and what it is.
    values : mapping of (tuple of (str, str)) to float
        By labels; () where there are none.
    kind : {"gauge", "counter"}
        Whether it may fall.
    """

    name: str
    help: str
    values: Mapping[Any, float]
    kind: str = "gauge"

    def lines(self) -> Iterator[str]:
        """Yield its lines."""
        yield from _head(self.name, self.help, self.kind)
        for labels, value in self.values.items():
            yield _line(self.name, labels, value)


@dataclass
class Requests:
    """Requests that were answered: how many, and how long that took."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _n: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    _seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    _below: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0] * (len(_BUCKETS) + 1)))

    def count(self, method: str, path: str, status: int, seconds: float) -> None:
        """Count one."""
        with self._lock:
            self._n[method, path, status] += 1
            self._seconds[path] += seconds
            self._below[path][bisect_left(_BUCKETS, seconds)] += 1

    def cut(self, status: int) -> None:
        """Count one that was answered before all of it was there: where it was to go, and since when, is not known."""
        with self._lock:
            self._n["other", UNKNOWN, status] += 1

    def lines(self) -> Iterator[str]:
        """Yield the lines of the figures."""
        with self._lock:
            counts = {
                (("method", method), ("path", path), ("status", str(status))): float(n)
                for (method, path, status), n in sorted(self._n.items())
            }
            taken = [(path, list(self._below[path]), self._seconds[path]) for path in sorted(self._below)]
        yield from Figure("alwidgets_http_requests_total", "Requests that were answered.", counts, "counter").lines()
        name = "alwidgets_http_request_seconds"
        yield from _head(name, "Time from a request to its answer.", "histogram")
        for path, below, seconds in taken:
            n = 0
            for limit, more in zip((*map(str, _BUCKETS), "+Inf"), below, strict=True):
                n += more
                yield _line(f"{name}_bucket", (("path", path), ("le", limit)), n)
            yield _line(f"{name}_sum", (("path", path),), seconds)
            yield _line(f"{name}_count", (("path", path),), n)


def page_of(figures: Iterable[Figure], requests: Requests) -> bytes:
    """Return the page of all figures, those of the process among them."""
    own = (
        Figure("process_cpu_seconds_total", "CPU time of the process.", {(): time.process_time()}, "counter"),
        Figure("process_start_time_seconds", "When it started, seconds since 1970.", {(): _BEGAN}),
    )
    lines = [line for figure in (*figures, *own) for line in figure.lines()]
    return "\n".join([*lines, *requests.lines(), ""]).encode()


def _head(name: str, text: str, kind: str) -> Iterator[str]:
    yield f"# HELP {name} {text}"
    yield f"# TYPE {name} {kind}"


def _line(name: str, labels: tuple[tuple[str, str], ...], value: float) -> str:
    inside = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels)
    return f"{name}{{{inside}}} {value:.12g}" if inside else f"{name} {value:.12g}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
