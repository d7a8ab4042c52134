"""Worker processes started ahead of time, so that the next run begins at once.

An idle one has imported PyTorch and holds about 0.4 GB of memory that it shares with no other process. The environment
variable `AE_SPARE_WORKERS` sets their number: 0 on a small machine, 2 where runs often start together.
"""

from __future__ import annotations

import os
import threading

from .... import cluster
from ....errors import ConfigError
from ....training.cluster_worker import ClusterWorker
from ....training.worker import BaseWorker, Worker

MAX_SIZE = 8

_spares: list[Worker] = []
_lock = threading.Lock()


def size() -> int:
    """The number of processes to keep ready. Raises `ConfigError`."""
    text = os.environ.get("AE_SPARE_WORKERS") or "1"
    if not (text.isdecimal() and int(text) <= MAX_SIZE):
        raise ConfigError("AE_SPARE_WORKERS is {text!r}; give an integer from 0 to {most}.", text=text, most=MAX_SIZE)
    return int(text)


def prepare() -> None:
    """Start the processes that are missing."""
    if cluster.address():
        return
    with _lock:
        _spares[:] = [worker for worker in _spares if worker.is_alive()]
        _spares.extend(Worker() for _ in range(size() - len(_spares)))


def take() -> BaseWorker:
    """Take the process that was started first, or start a new one; on a cluster, if there is one."""
    if cluster.address():
        return ClusterWorker()
    with _lock:
        while _spares:
            if (worker := _spares.pop(0)).is_alive():
                return worker
    return Worker()


def end() -> None:
    """End the processes."""
    with _lock:
        ended = list(_spares)
        _spares.clear()
    for worker in ended:
        worker.kill()
