"""Training runs on a Ray cluster, with the interface of `worker.Worker`.

A run is an actor on a node with free resources, which streams the run's events. The run's folder is on a file system
that all nodes share, where its state is saved every few seconds; if its node is lost, the run continues on another one.
"""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

from ..cluster import MAX_MOVES, connect, resources
from ..errors import AEDemoError, Message
from .events import Event, Failed, Moved, Preparing, event_from_json
from .worker import BaseWorker, RunSpec
from .worker_process import RemoteControl

SAVE_SECONDS = 5.0  # minimum time between two saves


class RunHost:
    """The actor of a run: one thread trains, another one receives the lines for `RemoteControl`."""

    def __init__(self) -> None:
        self._remote = RemoteControl()

    def receive(self, line: str) -> None:
        """Handle one line."""
        self._remote.receive(line)

    def run(self) -> Iterator[str]:
        """Wait for the run's specification, and yield its events as JSON."""
        yield Preparing("libraries").to_json()
        from . import worker_run

        worker_run.warm_up()
        for event in worker_run.run_or_fail(self._remote.wait_for_spec(), self._remote):
            yield event.to_json()


class ClusterWorker(BaseWorker):
    """A run on the cluster."""

    def __init__(self, spec: RunSpec | None = None) -> None:
        self._ray = connect()
        self._events: queue.Queue[Event] = queue.Queue()
        self._actor: Any = None
        self._killed = False
        self._command = "go"  # the last one sent
        self._values: dict[str, float] = {}  # settings changed so far
        self._lock = threading.Lock()
        if spec is not None:
            self.begin(spec)

    def begin(self, spec: RunSpec) -> None:
        """Start the run; a worker has one run."""
        self._command = spec.mode
        spec = replace(spec, save_seconds=SAVE_SECONDS)
        threading.Thread(target=self._follow, args=[spec], daemon=True).start()

    def _follow(self, spec: RunSpec) -> None:
        """Queue the run's events until it ends. If its node is lost, start it again on another one."""
        errors = self._ray.exceptions
        for _ in range(MAX_MOVES + 1):
            try:
                for line in self._start(spec):
                    self._events.put(event_from_json(self._ray.get(line)))
                return
            except (errors.RayActorError, errors.ObjectLostError, errors.NodeDiedError, errors.WorkerCrashedError):
                if self._killed:
                    return
                self._events.put(Moved())
                spec = replace(spec, resume=True)
            except AEDemoError as error:
                self._events.put(Failed(error.message))
                return
            except errors.RayError as error:
                self._events.put(_failed(type(error).__name__))
                return
        self._events.put(_failed("NodeDiedError"))

    def _start(self, spec: RunSpec) -> Any:
        """Start an actor with the latest command and settings; return the references of its events."""
        actor = self._ray.remote(RunHost).options(max_concurrency=2, **resources()).remote()
        with self._lock:
            self._actor = actor
            mode = self._command if not spec.resume else {"go": "go", "stop": "go"}.get(self._command, "pause")
            actor.receive.remote(json.dumps(replace(spec, mode=mode).to_json()))
            if self._values:
                actor.receive.remote(json.dumps({"set": self._values}))
            if self._command == "stop":
                actor.receive.remote(json.dumps({"do": "stop"}))
            if self._killed:
                self._ray.kill(actor)
        return actor.run.options(num_returns="streaming").remote()

    def _next(self, timeout: float) -> Event:
        return self._events.get(timeout=timeout)

    def _write(self, **line: Any) -> None:
        with self._lock:
            self._values |= line.get("set", {})
            self._command = line.get("do", self._command)
            if self._actor is not None:
                self._actor.receive.remote(json.dumps(line))

    def is_alive(self) -> bool:
        """Whether `kill` has not been called."""
        return not self._killed

    def cpu_seconds(self) -> None:
        """None: the processor time of the run is unknown."""

    def kill(self) -> None:
        """End the run at once. May be called again."""
        with self._lock:
            self._killed = True
            if self._actor is not None:
                with suppress(self._ray.exceptions.RayError):
                    self._ray.kill(self._actor)


def _failed(reason: str) -> Failed:
    return Failed(Message("The cluster could not go on with the work ({reason}). Start it again.", reason=reason))
