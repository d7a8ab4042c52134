"""A visitor's training run: at most one each, in a process and a folder of its own.

`follow` creates the run, waits for a place, starts it and yields what the page shows of it; meanwhile `control`,
`change` and `cancel` act on it. When `follow` ends, however it ends, process and folder are gone.
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
from ...shared import user_runs
from . import report, run_queue, spare_worker
from .run_queue import POLL_SECONDS
from .settings import UPLOADS, PageSettings
from .uploads import gather_pictures
from .view import View

MAX_SECONDS = 1800  # then a run is stopped, for others wait
MAX_PAUSE_SECONDS = 600  # the same for a paused one
STOP_SECONDS = 15  # for saving after a stop; then the process is killed
PREFIX = "ae-demo-run-"  # of the folders


class UserRun:
    """One visitor's run, from the press of a button to its end."""

    def __init__(self, settings: PageSettings, mode: str = "go") -> None:
        self.settings = settings
        self.mode = mode
        self.view = View(settings)
        self.worker: Worker | None = None
        self.scratch: Path | None = None
        self.folder: Path | None = None  # of the checkpoint
        self.over = False
        self.cancelled = False  # the page shows another run, or none
        self.stopping_since: float | None = None
        self._began = time.monotonic()

    def start(self) -> None:
        """Give the run to a process. Uploads are copied, which takes a while."""
        self.scratch = Path(tempfile.mkdtemp(prefix=PREFIX))
        spec = make_spec(self.settings, self.scratch, self.mode)
        self.folder = Path(spec.folder)
        self.worker = spare_worker.take()
        self._began = time.monotonic()
        if self.over:  # it was ended meanwhile
            self.close()
        else:
            self.worker.begin(spec)

    def control(self, what: str) -> None:
        """Control it: "pause", "go", "step", "epoch" or "stop". A run with nothing to save yet stops at once."""
        if what != "stop":
            self.mode = what
            if self.worker:
                self.worker.do(what)
        elif self.view.started and self.worker:
            self.stopping_since = self.stopping_since or time.monotonic()
            self.view.say("stopping")
            self.worker.stop()
        else:
            self.over = True
            self.view.say("stopped")

    def change(self, name: str, value: float) -> None:
        """Change the learning rate or β from the next step on; the view shows the outcome."""
        if self.worker and self.view.started and isinstance(name, str) and isinstance(value, int | float):
            self.worker.set(**{name: value})

    def cancel(self) -> None:
        """End it at once, without saving."""
        self.over = self.cancelled = True
        if self.worker:
            self.worker.kill()

    def poll(self) -> dict[str, Any]:
        """What changes in the page since the last call. Ends a run that has exceeded its time."""
        assert self.worker is not None
        changes = self.view.update(self.worker.poll())
        now, paused = time.monotonic(), self.view.paused_since
        self.over = self.over or self.view.over
        if self.over:
            return changes
        if self.stopping_since is None and now - self._began > MAX_SECONDS:
            self._stop_early("time_limit")
        elif self.stopping_since is None and paused and now - paused > MAX_PAUSE_SECONDS:
            self._stop_early("pause_limit")
        elif self.stopping_since and now - self.stopping_since > STOP_SECONDS:
            self.over = True
            changes |= self.view.say("stopped", reason="not_saved")
        return changes

    def _stop_early(self, reason: str) -> None:
        self.view.say(self.view.status["state"], reason=reason)
        self.control("stop")

    def close(self) -> None:
        """End the process and remove the folder."""
        if self.worker:
            self.worker.kill()
        if self.scratch:
            shutil.rmtree(self.scratch, ignore_errors=True)


_runs: dict[str, UserRun] = {}  # by session
_lock = threading.Lock()


def find(session: str) -> UserRun | None:
    """A visitor's run, if they have one that is not over."""
    with _lock:
        run = _runs.get(session)
    return run if run and not run.over else None


def count() -> int:
    """Visitors with a run."""
    with _lock:
        return len(_runs)


def prepare() -> None:
    """Prepare for a visitor's run: a process ahead of time, and no leftovers of servers that were killed."""
    user_runs.remove_stale(PREFIX, user_runs.PREFIX)
    spare_worker.prepare()


async def follow(session: str, settings: PageSettings, mode: str = "go") -> AsyncIterator[dict[str, Any]]:
    """Start a visitor's run and yield what changes in the page, at most four times a second; an earlier run is ended.

    Each dict has some of `status`, `curve`, `preview`, `plane`, `activations`, `figures` (values of those components);
    the first one also `zip` and `report`, None; the last one `folder` and `report`, the paths of the checkpoint and of
    its report, which are removed when the generator is resumed. Closing it ends the run. A waiting run takes no thread.
    Raises `ConfigError` and `DataError` for settings that cannot be trained, `TrainingError` when the queue is full.
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
        while not run.over and (ahead := run_queue.ahead_of(run)):
            yield run.view.say("waiting", ahead=ahead)
            await asyncio.sleep(POLL_SECONDS)
        try:
            if not run.over:
                yield run.view.say("starting")
                await asyncio.to_thread(run.start)
            while not run.over:
                yield run.poll()
                if run.view.started:
                    prepare()  # for this visitor's next run
                await asyncio.sleep(POLL_SECONDS if run.stopping_since is None else POLL_SECONDS / 5)
        except AEDemoError as error:
            run.view.say("failed", message=str(error))
        except OSError as error:
            run.view.say("failed", message=f"A file could not be read ({error.strerror}); upload the pictures again.")
        if not run.cancelled:
            yield {"status": run.view.status}
            if run.view.finished and run.folder:
                yield {"folder": run.folder, "report": report.write_report(run.folder, settings, run.view)}
    finally:
        run.over = True
        run.close()
        run_queue.leave(run)
        with _lock:
            if _runs.get(session) is run:
                del _runs[session]


def make_spec(settings: PageSettings, scratch: Path, mode: str = "go") -> RunSpec:
    """What the process is given; uploads are gathered under `scratch`."""
    data_dir, data = None, settings.data
    if settings.data == UPLOADS:
        data_dir, data = scratch / "pictures", "own"
        data_dir.mkdir()
        gather_pictures(settings.pictures, data_dir)
    folder = str(scratch / f"{settings.family}-{data}")
    return RunSpec(settings, folder, data_dir and str(data_dir), mode, str(scratch))
