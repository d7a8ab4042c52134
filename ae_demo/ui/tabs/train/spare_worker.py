"""A worker process started ahead of time, so that a visitor's first run, too, begins at once."""

from __future__ import annotations

import threading

from ....training.worker import Worker

SPARE_SECONDS = 600  # that a process waits for a run

_spare: list[Worker] = []  # at most one
_lock = threading.Lock()


def prepare() -> None:
    """Start the process of the next run, unless one waits already."""
    with _lock:
        if _spare and _spare[0].is_alive():
            return
        worker = Worker()
        _spare[:] = [worker]
        worker.timer = threading.Timer(SPARE_SECONDS, end, [worker])
        worker.timer.daemon = True
        worker.timer.start()


def take() -> Worker:
    """The process that waits, or a new one."""
    with _lock:
        worker = _spare.pop() if _spare else None
    if worker and worker.timer:
        worker.timer.cancel()
    return worker if worker and worker.is_alive() else Worker()


def end(worker: Worker | None = None) -> None:
    """End the process that waits, or only `worker` if it still waits."""
    with _lock:
        ended = [each for each in _spare if worker in (None, each)]
        _spare[:] = [each for each in _spare if each not in ended]
    for each in ended:
        each.kill()


def count() -> int:
    """Processes that wait: 0 or 1."""
    with _lock:
        return len(_spare)
