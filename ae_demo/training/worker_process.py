"""A run in a separate process: the child's side, `python -m ae_demo.training.worker_process`.

Each line of standard input is a JSON object: first `RunSpec.to_json`, then {"do": "pause" | "go" | "step" | "epoch" |
"stop"} and {"set": {"lr": 0.001}}. Events are written to standard output.

A thread reads the input from the beginning, and ends the process when the input is closed, which also happens when the
parent is killed. Therefore this module imports only the standard library; `worker_run`, which trains, takes seconds to
import.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from .events import Evaluated, Event, Preparing, Stepped


class RemoteControl:
    """Receives the requests of the parent process as lines of JSON, and decides when the run pauses."""

    def __init__(self, mode: str = "go", on_early_spec: Callable[[], None] = lambda: None) -> None:
        self.mode = mode  # "go", "pause", or "step" or "epoch": continue to its end, then pause
        self.stopped = False
        self.ready = False  # to run; a specification received before is early
        self._on_early_spec = on_early_spec
        self._spec: dict[str, Any] | None = None
        self._values: dict[str, float] = {}
        self._changed = threading.Condition()

    def listen(self, lines: Iterable[str]) -> None:
        """Handle the lines of the input. At its end, remove the run's folder and end the process."""
        for line in lines:
            self.receive(line)
        if self._spec and (scratch := self._spec["scratch"]):  # the parent has ended and cannot remove it
            shutil.rmtree(scratch, ignore_errors=True)
        os._exit(1)

    def receive(self, line: str) -> None:
        """Handle one line."""
        request = json.loads(line)
        with self._changed:
            if "family" in request:
                self._spec, self.mode = request, request["mode"]
                if not self.ready:
                    self._on_early_spec()
            self._values |= request.get("set", {})
            match request.get("do"):
                case "stop":
                    self.stopped = True
                case "pause" | "go" | "step" | "epoch" as mode:
                    self.mode = mode
            self._changed.notify()

    def wait_for_spec(self) -> dict[str, Any]:
        """Wait for the run's specification, see `RunSpec.to_json`."""
        self.ready = True
        with self._changed:
            self._changed.wait_for(lambda: self._spec is not None)
        assert self._spec is not None
        return self._spec

    def take_values(self) -> dict[str, float]:
        """Return the settings to change since the last call."""
        with self._changed:
            values, self._values = self._values, {}
        return values

    def pauses_after(self, event: Event) -> bool:
        """Whether the run pauses after this event; if so, set the mode to "pause"."""
        with self._changed:
            ends = Evaluated if self.mode == "epoch" else Stepped if self.mode in ("pause", "step") else ()
            pauses = isinstance(event, ends) and not self.stopped
            if pauses:
                self.mode = "pause"
        return pauses

    def wait(self) -> bool:
        """Wait for a request; return whether the run is still paused."""
        with self._changed:
            self._changed.wait_for(lambda: not self.paused or self._values)
            return self.paused

    @property
    def paused(self) -> bool:
        """Whether a paused run stays paused."""
        return self.mode == "pause" and not self.stopped


def main() -> None:
    """Import what training needs, wait for a run, and write its events to standard output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent also receives Ctrl-C, and ends the run
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # the output of libraries must not mix with the events

    def send(event: Event) -> None:
        print(event.to_json(), file=out, flush=True)

    remote = RemoteControl(on_early_spec=lambda: send(Preparing("libraries")))
    threading.Thread(target=remote.listen, args=[sys.stdin], daemon=True).start()
    prefer_for_oom_killer()
    from . import worker_run

    worker_run.warm_up()
    for event in worker_run.run_or_fail(remote.wait_for_spec(), remote):
        send(event)
    os._exit(0)  # the other thread may be waiting for a line


def prefer_for_oom_killer() -> None:
    """Make Linux kill this process rather than the server when memory runs out."""
    with suppress(OSError):  # Linux only
        Path("/proc/self/oom_score_adj").write_text("1000")


if __name__ == "__main__":
    main()
