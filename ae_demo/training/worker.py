"""A run in a separate process, which can be killed at any time: the parent's side.

The parent writes a `RunSpec` as a line of JSON to the child's standard input and reads events from its standard output.
Further lines control the run, see `worker_process`. The child ends when its input is closed, which also happens when
the parent ends. It imports everything before it receives a run, so that a child started in advance begins at once.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
import weakref
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import Message
from .events import Event, Failed, Finished, event_from_json
from .settings import RunSettings

if TYPE_CHECKING:
    from typing_extensions import Self

CHILD_MODULE = f"{__package__}.worker_process"
PATCHES_PER_EPOCH = 2048  # of uploaded photographs; few, so that an epoch is short
TEST_SAMPLES = 500  # few, so that a run stops quickly
KILLED = -9  # exit status of a process killed by SIGKILL, usually because memory ran out


@dataclass(frozen=True)
class RunSpec:
    """The specification of a run.

    folder: where the checkpoint is saved
    data_dir: see `load_dataset`
    mode: "go", or "step" or "epoch" to pause after the first one
    scratch: a folder that the child removes if the parent has ended
    notice: about the data, shown before the data set's own notice
    save_seconds: minimum time between two saves of the run's state; None: it is not saved
    resume: continue from the saved state in `folder`, if there is one
    """

    settings: RunSettings
    folder: str
    data_dir: str | None = None
    mode: str = "go"
    scratch: str | None = None
    notice: Message | None = None
    save_seconds: float | None = None
    resume: bool = False

    def to_json(self) -> dict[str, Any]:
        """Values that JSON can represent."""
        settings = self.settings
        named = {"family": settings.family, "data": settings.data, "values": settings.to_flat()}
        paths = {"folder": self.folder, "data_dir": self.data_dir, "scratch": self.scratch}
        notice = None if self.notice is None else self.notice.to_json()
        saving = {"save_seconds": self.save_seconds, "resume": self.resume}
        return {**named, **paths, **saving, "mode": self.mode, "notice": notice}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> RunSpec:
        """The inverse of `to_json`. Raises `ConfigError`."""
        values = dict(values)
        settings = RunSettings.from_flat(values.pop("family"), values.pop("data"), values.pop("values"))
        notice = values.pop("notice")
        return cls(settings, notice=None if notice is None else Message.from_json(notice), **values)


class BaseWorker(ABC):
    """Controls a run in another process. As a context manager, it kills the run at the end of the block."""

    _over = False  # whether the last event has been read

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @abstractmethod
    def begin(self, spec: RunSpec) -> None:
        """Start the run. A worker has only one run."""

    @abstractmethod
    def is_alive(self) -> bool:
        """Whether the run can continue, as far as is known."""

    @abstractmethod
    def cpu_seconds(self) -> float | None:
        """The processor time that the run has used; None if unknown."""

    @abstractmethod
    def kill(self) -> None:
        """End the run at once. May be called again."""

    @abstractmethod
    def _write(self, **line: Any) -> None:
        """Send a line to the run, see `worker_process`."""

    @abstractmethod
    def _next(self, timeout: float) -> Event:
        """The next event. Raises `queue.Empty` if there is none within `timeout` seconds."""

    def poll(self, timeout: float = 0.0) -> list[Event]:
        """The events since the last call, after waiting up to `timeout` seconds for the first; may be empty.

        The last event of a run is `Finished` or `Failed`, even if its process dies.
        """
        deadline, batch = time.monotonic() + timeout, []
        while not self._over:
            try:
                batch.append(self._next(max(0.0, deadline - time.monotonic())))
            except queue.Empty:
                break
            self._over = isinstance(batch[-1], (Finished, Failed))
        return batch

    def events(self, timeout: float = 0.25) -> Iterator[list[Event]]:
        """Poll until `Finished` or `Failed`, yielding what each call of `poll` returns."""
        while not self._over:
            yield self.poll(timeout)

    def do(self, command: str) -> None:
        """Control the run: "pause", "go", "stop", or "step" or "epoch", after which it pauses.

        After "stop", the run is saved and `Finished` follows.
        """
        self._write(do=command)

    def set(self, **values: float) -> None:
        """Change `lr` or live options of the model from the next step on; a `Steered` event follows."""
        self._write(set=values)

    def stop(self) -> None:
        """Save the run and end it; `Finished` follows."""
        self.do("stop")


_workers: weakref.WeakSet[Worker] = weakref.WeakSet()


def kill_all() -> None:
    """Kill the processes of all workers."""
    for worker in list(_workers):
        worker.kill()


def child_environment() -> dict[str, str]:
    """The environment of a child process: one thread, and the modules that this process finds."""
    return {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}


class Worker(BaseWorker):
    """A child process and its run.

    Without a `spec` the process starts and waits for `begin`.
    """

    def __init__(self, spec: RunSpec | None = None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", CHILD_MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=child_environment(),
        )
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        _workers.add(self)
        if spec is not None:
            self.begin(spec)

    def _read(self) -> None:
        assert self.process.stdout is not None
        with suppress(OSError, ValueError):  # closed while reading
            for line in self.process.stdout:
                self._lines.put(line)
        self._lines.put(None)

    def _write(self, **line: Any) -> None:
        assert self.process.stdin is not None
        with suppress(OSError, ValueError):  # the process has ended, which `poll` reports
            self.process.stdin.write(json.dumps(line) + "\n")
            self.process.stdin.flush()

    def _next(self, timeout: float) -> Event:
        line = self._lines.get(timeout=timeout)
        return self._ended() if line is None else event_from_json(line)

    def _ended(self) -> Failed:
        code = self.process.wait()
        if code == KILLED:
            message = Message(
                "The training process was killed, most likely because the machine ran out of memory. Start again with "
                "smaller layers or a smaller batch."
            )
        else:
            message = Message(
                "The training process ended unexpectedly (exit status {code}). Start it again.", code=code
            )
        return Failed(message)

    def begin(self, spec: RunSpec) -> None:
        """Start the run. A process has only one run."""
        self._write(**spec.to_json())

    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self.process.poll() is None

    def cpu_seconds(self) -> float | None:
        """The processor time that the process has used; None if unknown (it is known only on Linux)."""
        try:
            fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        except (OSError, IndexError):  # it has ended
            return None

    def kill(self) -> None:
        """Kill the process. May be called again."""
        self.process.kill()
        self.process.wait()
        self._reader.join(1)  # ends when the output is closed
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            with suppress(OSError):  # raised if buffered lines cannot be written
                pipe.close()
