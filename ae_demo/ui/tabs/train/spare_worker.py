"""A worker process started ahead of time, so that the next run begins at once."""

from __future__ import annotations

import threading

from ....training.worker import Worker

SPARE_SECONDS = 600  # that the spare process waits for a run

_spare: list[Worker] = []  # at most one
_lock = threading.Lock()


def prepare() -> None:
    """Start the spare process, unless there is one."""
    with _lock:
        if _spare and _spare[0].is_alive():
            return
        worker = Worker()
        _spare[:] = [worker]
        worker.timer = threading.Timer(SPARE_SECONDS, end, [worker])
        worker.timer.daemon = True
        worker.timer.start()


def take() -> Worker:
    """Take the spare process, or start a new one."""
    with _lock:
        worker = _spare.pop() if _spare else None
    if worker and worker.timer:
        worker.timer.cancel()
    return worker if worker and worker.is_alive() else Worker()


def end(worker: Worker | None = None) -> None:
    """End the spare process; with `worker`, only if it is this one."""
    with _lock:
        ended = [each for each in _spare if worker in (None, each)]
        _spare[:] = [each for each in _spare if each not in ended]
    for each in ended:
        each.kill()


def count() -> int:
    """The number of spare processes, 0 or 1."""
    with _lock:
        return len(_spare)
