"""The queue of training runs: the first `MAX_RUNS` run, the others wait for a place."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ....errors import TrainingError

MAX_RUNS = max(2, min(8, (os.cpu_count() or 2) - 1))
MAX_WAITING = 48  # visitors: each takes one of Gradio's jobs
POLL_SECONDS = 0.25

_queue: list[object] = []  # in the order of arrival
_lock = threading.Lock()


def enter(run: object) -> None:
    """Put a run at the end of the queue. Raises `TrainingError` when the queue is full."""
    with _lock:
        if len(_queue) >= MAX_RUNS + MAX_WAITING:
            raise TrainingError(f"{len(_queue)} runs are under way or wait already. Try again in some minutes.")
        _queue.append(run)


def ahead_of(run: object) -> int:
    """How many runs must end before this one may start; 0: it may start now."""
    with _lock:
        return max(0, _queue.index(run) + 1 - MAX_RUNS)


def leave(run: object) -> None:
    """Take a run out of the queue, if it is in it."""
    with _lock:
        if run in _queue:
            _queue.remove(run)


def size() -> int:
    """Runs that run or wait."""
    with _lock:
        return len(_queue)


@contextmanager
def place() -> Iterator[None]:
    """Wait for a place, and keep it while the block runs."""
    run = object()
    enter(run)
    try:
        while ahead_of(run):
            time.sleep(POLL_SECONDS)
        yield
    finally:
        leave(run)
