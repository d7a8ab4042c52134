"""A visitor's training run: at most one each, in its own process and folder.

`follow` creates the run, waits in the queue, starts it and yields the changes of the components that show it. Meanwhile
`control`, `change` and `cancel` act on the run. When `follow` ends, for whatever reason, it has killed the process and
removed the folder.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from ....errors import AEDemoError
from ....training.worker import RunSpec, Worker
from . import report, run_queue, spare_worker
from .run_queue import POLL_SECONDS
from .settings import UPLOADS, PageSettings
from .uploads import gather_pictures
from .view import View

MAX_SECONDS = 1800  # of a run, since others wait
MAX_PAUSE_SECONDS = 600  # of a pause
STOP_SECONDS = 15  # for saving a stopped run, before its process is killed
PREFIX = "ae-demo-run-"  # of the folders' names


class UserRun:
    """The run of one visitor."""

    def __init__(self, settings: PageSettings, mode: str = "go") -> None:
        self.settings = settings
        self.mode = mode
        self.view = View(settings)
        self.worker: Worker | None = None
        self.scratch: Path | None = None
        self.folder: Path | None = None  # of the checkpoint
        self.ended = False
        self.cancelled = False  # it must not change the page any more
        self.stopping_since: float | None = None
        self._began = time.monotonic()

    def start(self) -> None:
        """Copy the uploads, which takes a while, and start the run in a worker process."""
        self.scratch = Path(tempfile.mkdtemp(prefix=PREFIX))
        spec = make_spec(self.settings, self.scratch, self.mode)
        self.folder = Path(spec.folder)
        self.worker = spare_worker.take()
        self._began = time.monotonic()
        if self.ended:  # it was cancelled or stopped meanwhile
            self.close()
        else:
            self.worker.begin(spec)

    def control(self, command: str) -> None:
        """Execute "pause", "go", "step", "epoch" or "stop". A run with nothing to save yet stops at once."""
        if command != "stop":
            self.mode = command
            if self.worker:
                self.worker.do(command)
        elif self.view.started and self.worker:
            self.stopping_since = self.stopping_since or time.monotonic()
            self.view.set_status("stopping")
            self.worker.stop()
        else:
            self.ended = True
            self.view.set_status("stopped")

    def change(self, name: str, value: float) -> None:
        """Change the learning rate or a live option from the next step on; the view shows the result."""
        if self.worker and self.view.started and isinstance(name, str) and isinstance(value, int | float):
            self.worker.set(**{name: value})

    def cancel(self) -> None:
        """End the run at once, without saving."""
        self.ended = self.cancelled = True
        if self.worker:
            self.worker.kill()

    def poll(self) -> dict[str, Any]:
        """Return the components that have changed since the last call. Stops a run that has exceeded its time."""
        assert self.worker is not None
        changes = self.view.update(self.worker.poll())
        now, paused = time.monotonic(), self.view.paused_since
        self.ended = self.ended or self.view.ended
        if self.ended:
            return changes
        if self.stopping_since is None and now - self._began > MAX_SECONDS:
            self._stop_early("time_limit")
        elif self.stopping_since is None and paused and now - paused > MAX_PAUSE_SECONDS:
            self._stop_early("pause_limit")
        elif self.stopping_since and now - self.stopping_since > STOP_SECONDS:
            self.ended = True
            changes |= self.view.set_status("stopped", reason="not_saved")
        return changes

    def _stop_early(self, reason: str) -> None:
        self.view.set_status(self.view.status["state"], reason=reason)
        self.control("stop")

    def close(self) -> None:
        """Kill the process and remove the folder."""
        if self.worker:
            self.worker.kill()
        if self.scratch:
            shutil.rmtree(self.scratch, ignore_errors=True)


_runs: dict[str, UserRun] = {}  # by session
_lock = threading.Lock()


def find(session: str) -> UserRun | None:
    """A visitor's current run, if any."""
    with _lock:
        run = _runs.get(session)
    return run if run and not run.ended else None


def count() -> int:
    """The number of visitors with a run."""
    with _lock:
        return len(_runs)


def prepare() -> None:
    """Start a process for the next run."""
    spare_worker.prepare()


async def follow(session: str, settings: PageSettings, mode: str = "go") -> AsyncIterator[dict[str, Any]]:
    """Start a visitor's run, which replaces an earlier one, and yield its changes, at most four times a second.

    Each dict has some of the values of the components `status`, `curve`, `preview`, `plane`, `activations` and
    `figures`. The first one also has `zip` and `report`, which are None; the last one has `folder` and `report`, the
    paths of the checkpoint and of its report, which are removed when the generator is resumed. Closing the generator
    ends the run. A waiting run occupies no thread.

    Raises `ConfigError` or `DataError` for settings that cannot be trained, `TrainingError` if the queue is full.
    """
    settings.check()
    run = UserRun(settings, mode)
    run_queue.enter(run)
    with _lock:
        old, _runs[session] = _runs.get(session), run
    if old:
        old.cancel()
    try:
        yield run.view.clear()
        while not run.ended and (ahead := run_queue.ahead_of(run)):
            yield run.view.set_status("waiting", ahead=ahead)
            await asyncio.sleep(POLL_SECONDS)
        try:
            if not run.ended:
                yield run.view.set_status("starting")
                await asyncio.to_thread(run.start)
            while not run.ended:
                yield run.poll()
                if run.view.started:
                    prepare()  # for this visitor's next run
                await asyncio.sleep(POLL_SECONDS if run.stopping_since is None else POLL_SECONDS / 5)
        except AEDemoError as error:
            run.view.set_status("failed", message=str(error))
        except OSError as error:
            run.view.set_status(
                "failed", message=f"A file could not be read ({error.strerror}); upload the pictures again."
            )
        if not run.cancelled:
            yield {"status": run.view.status}
            if run.view.finished and run.folder:
                yield {"folder": run.folder, "report": report.write_report(run.folder, settings, run.view)}
    finally:
        run.ended = True
        run.close()
        run_queue.leave(run)
        with _lock:
            if _runs.get(session) is run:
                del _runs[session]


def make_spec(settings: PageSettings, scratch: Path, mode: str = "go") -> RunSpec:
    """The worker's specification of the run; uploads are copied to a folder in `scratch`."""
    data_dir, data, notice = None, settings.data, None
    if settings.data == UPLOADS:
        data_dir, data = scratch / "pictures", "own"
        data_dir.mkdir()
        notice = gather_pictures(settings.pictures, data_dir)
    folder = str(scratch / f"{settings.family}-{data}")
    return RunSpec(settings, folder, data_dir and str(data_dir), mode, str(scratch), notice)
