"""The queue of training runs: the first `max_runs()` run at the same time, and the others wait."""

from __future__ import annotations

import os
import threading

from .... import cluster
from ....errors import TrainingError

MAX_RUNS = max(2, min(8, (os.cpu_count() or 2) - 1))  # on this machine
MAX_WAITING = 48  # runs: each occupies one of Gradio's jobs
POLL_SECONDS = 0.25

_queue: list[object] = []  # running and waiting, in the order of arrival
_lock = threading.Lock()


def max_runs() -> int:
    """How many runs there may be at the same time: on this machine, or for which the cluster has room."""
    return cluster.places() if cluster.address() else MAX_RUNS


def enter(run: object) -> None:
    """Add a run to the queue. Raises `TrainingError` if the queue is full."""
    with _lock:
        if len(_queue) >= max_runs() + MAX_WAITING:
            raise TrainingError("{count} runs are training or waiting. Try again in a few minutes.", count=len(_queue))
        _queue.append(run)


def ahead_of(run: object) -> int:
    """The number of runs that must end before this one may start."""
    with _lock:
        return max(0, _queue.index(run) + 1 - max_runs())


def leave(run: object) -> None:
    """Remove a run from the queue, if it is there."""
    with _lock:
        if run in _queue:
            _queue.remove(run)


def size() -> int:
    """The number of runs that train or wait."""
    with _lock:
        return len(_queue)


def running() -> int:
    """The number of runs that train."""
    return min(size(), max_runs())
