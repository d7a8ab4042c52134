"""Divides the processors among visitors: small work first, large work in slices, comparisons last, visitors in turns.

    with scheduler.turn():               # small work: a picture of 28 × 28, a code
        ...
    for tile in tiles:                   # a photograph yields to small work between its slices
        with scheduler.turn(pixels):
            ...
    with scheduler.turn(pixels, comparison=True):    # what a visitor can wait for: a classical filter, another codec
        ...
    with improvement():              # the visitor sees a result already: turns within are as those of comparisons
        ...

Work waits for one of `places`. Small work comes first, then short work, which is that of previews and of small
photographs, then slices of large photographs, then comparisons. All but small work leaves one place free, so that
small work waits only for other small work, and comparisons leave another one to photographs. Within a class, the
visitor whose last turn is the longest ago comes first. Work under way gives its place to work of a class before its own
at each `check_cancelled`, and then continues before other work of its class. Work that has waited for the `PATIENCE` of
its class is in the first class and keeps its place, so that other work cannot delay it indefinitely.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

import torch

SMALL_PIXELS = 10_000  # maximum of small work
SHORT_PIXELS = 300_000  # maximum of short work; a tile of a large photograph has more
PATIENCE = (0.0, 2.0, 2.0, 10.0)  # seconds, by class
MAX_VISITORS = 1000  # whose last turns are recorded
CHECK_SECONDS = 0.1  # between two checks for cancellation while waiting


class Cancelled(Exception):
    """The visitor has left, or has made another request."""


@dataclass(frozen=True)
class Client:
    """The visitor for whom the work of this context is done, and whether it has been cancelled."""

    name: str = ""
    cancelled: Callable[[], bool] = lambda: False


client: ContextVar[Client] = ContextVar("client", default=Client())  # noqa: B039 - it is immutable


_improvement: ContextVar[bool] = ContextVar("improvement", default=False)


@contextmanager
def improvement(shown: bool = True) -> Iterator[None]:
    """Let turns within come after other visitors' first results, since a result of this work is `shown` already."""
    token = _improvement.set(shown)
    try:
        yield
    finally:
        _improvement.reset(token)


def check_cancelled() -> None:
    """Raise `Cancelled` if the work of this context has been cancelled, and let more urgent work go first.

    For loops that take longer than 0.1 s.
    """
    if client.get().cancelled():
        raise Cancelled
    scheduler.give_way()


@dataclass(eq=False)
class _Work:
    name: str
    pixels: int
    comparison: bool
    since: float
    number: int
    urgent: bool = False  # it has waited for too long
    begun: bool = False  # it has given its place to other work
    granted: threading.Event = field(default_factory=threading.Event)

    @property
    def large(self) -> bool:
        return self.pixels > SMALL_PIXELS

    @property
    def rank(self) -> int:
        return 0 if self.urgent else 3 if self.comparison else int(self.large) + int(self.pixels > SHORT_PIXELS)


class Scheduler:
    """Grants turns to threads.

    places: number of turns at the same time; for all but small work one less, for comparisons two less, at least one
    clock: returns the time in seconds
    """

    def __init__(self, places: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.places, self.clock = places, clock
        self._threads: int | None = None  # of PyTorch; None: its setting stays as it is
        self._lock = threading.Lock()
        self._waiting: list[_Work] = []
        self._under_way: set[_Work] = set()
        self._served: dict[str, int] = {}  # the number of each visitor's last turn, in ascending order
        self._count = 0
        self._inside = threading.local()

    @contextmanager
    def turn(self, pixels: int = 0, *, comparison: bool = False) -> Iterator[None]:
        """Wait for a turn for work on a number of pixels, and hold it during the block. Nested turns are one turn.

        comparison: whether all other work comes first, as within an `improvement`

        Raises `Cancelled` if the work is cancelled while it waits.
        """
        if self._work is not None:
            yield
            return
        work = self.enqueue(client.get().name, pixels, comparison or _improvement.get())
        try:
            self._wait(work)
            self._inside.work = work
            yield
        finally:
            self._inside.work = None
            self.leave(work)
            self._use_threads(None)

    @property
    def _work(self) -> _Work | None:
        """The work of this thread's turn."""
        return getattr(self._inside, "work", None)

    def _wait(self, work: _Work) -> None:
        """Wait until the work is granted a turn. Raises `Cancelled`."""
        while not work.granted.wait(CHECK_SECONDS):
            check_cancelled()
            self.grant()  # other work may have exceeded its patience
        check_cancelled()
        self._use_threads(work)

    def _use_threads(self, work: _Work | None) -> None:
        """Set this thread's share of PyTorch's threads, for a turn or, with None, for what follows it."""
        if self._threads is None:
            return
        sharing = sum(each.large for each in tuple(self._under_way))
        count = max(1, self._threads // max(1, sharing)) if work and work.large else 1
        if torch.get_num_threads() != count:  # setting them discards oneDNN's prepared kernels
            torch.set_num_threads(count)

    def give_way(self) -> None:
        """Let waiting work of a class before that of this thread's turn, if there are any, go first."""
        work = self._work
        if work is None:
            return
        with self._lock:
            if all(other.rank >= work.rank for other in self._waiting):
                return
            self._under_way.remove(work)
            work.granted.clear()
            work.since, work.begun = self.clock(), True
            self._waiting.append(work)
        self.grant()
        self._inside.work = None
        self._wait(work)
        self._inside.work = work

    def set_threads(self) -> None:
        """From now on, divide the threads that PyTorch has now among the large work under way; all else uses one.

        A second thread makes small work, and metrics of any size, no faster, and on busy processors much slower, since
        each operation then waits until both threads have run.
        """
        self._threads = torch.get_num_threads()

    @property
    def crowded(self) -> bool:
        """Whether work waits for a turn."""
        return bool(self._waiting)

    def enqueue(self, name: str, pixels: int, comparison: bool = False) -> _Work:
        """Add work to the queue, and grant the free turns."""
        with self._lock:
            self._count += 1
            work = _Work(name, pixels, comparison, self.clock(), self._count)
            self._waiting.append(work)
        self.grant()
        return work

    def leave(self, work: _Work) -> None:
        """End a turn, or stop waiting for it."""
        with self._lock:
            if work in self._waiting:
                self._waiting.remove(work)
            else:
                self._under_way.remove(work)
        self.grant()

    def grant(self) -> None:
        """Grant the free turns."""
        with self._lock:
            while len(self._under_way) < self.places and (work := self._next()):
                self._waiting.remove(work)
                self._under_way.add(work)
                self._count += 1
                self._served.pop(work.name, None)
                self._served[work.name] = self._count  # moves to the end
                while len(self._served) > MAX_VISITORS:
                    del self._served[next(iter(self._served))]
                work.granted.set()

    def _next(self) -> _Work | None:
        """The work that gets the next turn; None if there is none."""
        now = self.clock()
        full = sum(work.large for work in self._under_way) >= max(1, self.places - 1)
        compared = sum(work.comparison for work in self._under_way) >= max(1, self.places - 2)
        for work in self._waiting:
            work.urgent |= now - work.since >= PATIENCE[work.rank]

        def order(work: _Work) -> tuple[int, bool, int, int]:
            return work.rank, not work.begun, self._served.get(work.name, 0), work.number

        allowed = (w for w in self._waiting if not (w.large and full) and not (w.comparison and compared))
        return min(allowed, key=order, default=None)


# As many photographs at once as there are processors, as much of their work uses one thread, and one small work more.
scheduler = Scheduler(max(2, min(8, os.cpu_count() or 2)) + 1)
