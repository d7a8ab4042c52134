"""A run in the queue, then in its own process and folder, with a limit on its time."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

from ....errors import AEDemoError, Message
from ....training.events import Event, Failed, Finished, Paused, Preparing, Started, Stepped, Waiting
from ....training.worker import BaseWorker, RunSpec
from . import estimate, run_queue, spare_worker
from .run_queue import POLL_SECONDS
from .settings import SERIES, UPLOADED, UPLOADS, PageSettings
from .uploads import gather_pictures, gather_series

if TYPE_CHECKING:
    from typing_extensions import Self

MAX_SECONDS = 1800  # of a run, since others wait
MAX_PAUSE_SECONDS = 600  # of a pause
STOP_SECONDS = 15  # for saving a stopped run, before its process is killed
LEARN_SECONDS = 1.0  # of processor time, after which the time of an epoch is known; then again after twice as much
PREFIX = "ae-demo-run-"  # of the folders' names


class QueuedRun:
    """One run. As a context manager it has a place in the queue; at the end of the block process and folder are gone.

    `events` waits, starts the process and reads its events; meanwhile `control` and `cancel` act on the run.

    mode: "go", or "pause", "step" or "epoch": what the run does when it starts
    started: from here on the run can be saved
    reason: why it was stopped, a key of the status component's `strings.json`; None: by the user, or it was not
    """

    def __init__(self, settings: PageSettings, mode: str = "go") -> None:
        self.settings = settings
        self.mode = mode
        self.worker: BaseWorker | None = None
        self.scratch: Path | None = None
        self.folder: Path | None = None  # of the checkpoint
        self.started = self.ended = False
        self.reason: str | None = None
        self.stopping_since: float | None = None
        self._paused_since: float | None = None
        self._measured_from: tuple[str, float, float] | None = None  # phase, epoch and processor time of its first step
        self._learn_after = LEARN_SECONDS
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        """Take a place in the queue. Raises `TrainingError` if the queue is full."""
        run_queue.enter(self)
        return self

    def __exit__(self, *_: object) -> None:
        self.ended = True
        self.close()
        run_queue.leave(self)

    async def events(self) -> AsyncIterator[list[Event]]:
        """Yield the events since the last time, at least every `POLL_SECONDS`; may be empty.

        The last one is `Finished` or `Failed`, unless the run is cancelled, or stopped when there is nothing to save.
        A waiting run occupies no thread.
        """
        try:
            while not self.ended and (ahead := run_queue.ahead_of(self)):
                yield [Waiting(ahead)]
                await asyncio.sleep(POLL_SECONDS)
            if not self.ended:
                yield [Preparing("pictures")] if self.settings.data == UPLOADS else []
                starting = asyncio.ensure_future(asyncio.to_thread(self.start))
                while not starting.done():
                    await asyncio.wait([starting], timeout=POLL_SECONDS)
                    yield []
                starting.result()
            while not self.ended:
                yield self.poll()
                often = not self.started or self.stopping_since is not None
                await asyncio.sleep(POLL_SECONDS / 5 if often else POLL_SECONDS)
        except AEDemoError as error:
            yield [Failed(error.message)]
        except OSError as error:
            reason = error.strerror or "unknown reason"
            yield [Failed(Message("A file could not be read ({reason}); upload the pictures again.", reason=reason))]

    def start(self) -> None:
        """Copy the uploads, which takes a while, and start the run in a worker process."""
        self.scratch = Path(tempfile.mkdtemp(prefix=PREFIX))
        spec = make_spec(self.settings, self.scratch, self.mode)
        self.folder = Path(spec.folder)
        self.worker = spare_worker.take()
        self._began = time.monotonic()
        if self.ended:  # it was cancelled or stopped meanwhile
            self.close()
            return
        self.worker.begin(spec)
        if self.mode != spec.mode:
            self.worker.do(self.mode)

    def control(self, command: str) -> None:
        """Execute "pause", "go", "step", "epoch" or "stop". A run with nothing to save yet stops at once."""
        if command != "stop":
            self.mode = command
            if self.worker:
                self.worker.do(command)
        elif self.started and self.worker:
            self.stopping_since = self.stopping_since or time.monotonic()
            self.worker.stop()
        else:
            self.ended = True
            self.reason = self.reason or "not_started"

    def cancel(self) -> None:
        """End the run at once, without saving."""
        self.ended = True
        if self.worker:
            self.worker.kill()

    def poll(self) -> list[Event]:
        """Return the events since the last call. Stops a run that has exceeded its time."""
        assert self.worker is not None
        events, now = self.worker.poll(), time.monotonic()
        for event in events:
            if isinstance(event, Started):
                self.started = True
                spare_worker.prepare()  # for the next run
            self.ended = self.ended or isinstance(event, (Finished, Failed))
            if isinstance(event, Stepped):
                self._measure(event.phase, event.epoch)
            if isinstance(event, (Stepped, Paused)):
                self._paused_since = (self._paused_since or now) if isinstance(event, Paused) else None
        if self.ended:
            return events
        if self.stopping_since is not None:
            if now - self.stopping_since > STOP_SECONDS:
                self.ended, self.reason = True, "not_saved"
        elif now - self._began > MAX_SECONDS:
            self._stop_early("time_limit")
        elif self._paused_since and now - self._paused_since > MAX_PAUSE_SECONDS:
            self._stop_early("pause_limit")
        return events

    def _measure(self, phase: str, epoch: float) -> None:
        """Learn how much processor time an epoch of this phase takes."""
        assert self.worker is not None
        if (seconds := self.worker.cpu_seconds()) is None:
            return
        if self._measured_from is None or self._measured_from[0] != phase:
            self._measured_from, self._learn_after = (phase, epoch, seconds), LEARN_SECONDS
        _, first_epoch, first_seconds = self._measured_from
        if (used := seconds - first_seconds) > self._learn_after and epoch > first_epoch:
            estimate.learn(self.settings, phase, epoch - first_epoch, used)
            self._learn_after = 2 * used

    def _stop_early(self, reason: str) -> None:
        self.reason = reason
        self.control("stop")

    def close(self) -> None:
        """Kill the process and remove the folder."""
        if self.worker:
            self.worker.kill()
        if self.scratch:
            shutil.rmtree(self.scratch, ignore_errors=True)


def make_spec(settings: PageSettings, scratch: Path, mode: str = "go") -> RunSpec:
    """The worker's specification of the run; uploads are copied to a folder in `scratch`."""
    data_dir, data, notice = None, settings.data, None
    if settings.data in UPLOADED:
        data_dir, data = scratch / "pictures", "series" if settings.data == SERIES else "own"
        data_dir.mkdir()
        gather = gather_series if settings.data == SERIES else gather_pictures
        notice = gather(settings.pictures, data_dir)
    folder = str(scratch / f"{settings.family}-{data}")
    return RunSpec(settings, folder, data_dir and str(data_dir), mode, str(scratch), notice)
