"""Work on a Ray cluster: the connection, what a training run reserves, and functions applied to items in parallel.

The cluster is used if the environment variable `AE_CLUSTER` is its address or "auto".
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from .errors import AEDemoError, ConfigError

MAX_MOVES = 3  # of work to another node, when its own is lost
WAIT_SECONDS = 0.1  # between two calls of `waiting`

_connecting = threading.Lock()


def address() -> str | None:
    """The cluster's address, from `AE_CLUSTER`; None if runs are processes of this machine."""
    return os.environ.get("AE_CLUSTER") or None


def connect() -> Any:
    """Connect to the cluster at the first call, and return the module `ray`. Raises `ConfigError` if it fails."""
    try:
        import ray
    except ImportError as error:
        raise ConfigError('AE_CLUSTER needs Ray: pip install "ae-demo[cluster]"') from error
    with _connecting:
        if not ray.is_initialized():
            path = os.pathsep.join(os.path.abspath(p) for p in sys.path if p)  # nodes have the clone at the same path
            environment = {"PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
            try:
                ray.init(
                    address=address(),
                    runtime_env={"env_vars": environment},
                    log_to_driver=False,
                    logging_level=logging.ERROR,
                )
            except (ConnectionError, ValueError, RuntimeError) as error:
                raise ConfigError(
                    "There is no Ray cluster at AE_CLUSTER={address} ({reason}); start one with `ray start --head`.",
                    address=address(),
                    reason=str(error),
                ) from error
    return ray


def resources() -> dict[str, float]:
    """The resources of a run: one CPU, and if the cluster has GPUs, the share `AE_CLUSTER_GPU` of one (default 0.25).

    Raises `ConfigError` if the share is invalid.
    """
    text = os.environ.get("AE_CLUSTER_GPU") or "0.25"
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise ConfigError("AE_CLUSTER_GPU is {text!r}; give the share of a GPU for each run, from 0 to 1.", text=text)
    return {"num_cpus": 1, "num_gpus": share if connect().cluster_resources().get("GPU") else 0}


def places() -> int:
    """How many runs fit on the cluster at the same time. Raises `ConfigError`."""
    needed, total = resources(), connect().cluster_resources()
    by_gpu = total["GPU"] / needed["num_gpus"] if needed["num_gpus"] else total.get("CPU", 1)
    return max(1, int(min(total.get("CPU", 1), by_gpu)))


def map_tasks(
    function: Callable[[Any], Any],
    items: Sequence[Any],
    *,
    reserve: bool = True,
    waiting: Callable[[], object] = lambda: None,
) -> Iterator[Any]:
    """Apply `function` to the items in parallel on the cluster, and yield the results in order.

    reserve: whether each task waits for the `resources` of a run; otherwise it begins at once, beside the runs
    waiting: called several times per second; the tasks end if it raises an error

    Raises `ConfigError` if there is no cluster, the exception of a task that failed, and `AEDemoError` if its node was
    lost too often.
    """
    ray = connect()
    needed = resources() if reserve else {"num_cpus": 0, "scheduling_strategy": "SPREAD"}
    task = ray.remote(_call).options(**needed, max_retries=MAX_MOVES)
    shared = ray.put(function)  # stored once with its data, for all tasks
    results = [task.remote(shared, item) for item in items]
    try:
        for result in results:
            while not ray.wait([result], timeout=WAIT_SECONDS)[0]:
                waiting()
            try:
                yield ray.get(result)
            except ray.exceptions.RayTaskError as error:
                raise error.cause from error
            except ray.exceptions.RayError as error:
                raise AEDemoError(
                    "The cluster could not go on with the work ({reason}). Start it again.", reason=type(error).__name__
                ) from error
    finally:
        for result in results:
            ray.cancel(result)  # has no effect on those that are done


def _call(function: Callable[[Any], Any], item: Any) -> Any:
    import torch

    torch.set_num_threads(1)
    return function(item)
