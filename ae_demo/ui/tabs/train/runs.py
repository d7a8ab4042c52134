"""The Train tab's runs: at most one a visitor, each in a process and a folder of its own.

`follow` makes a visitor's run, waits for a place, starts it and tells what the page is to show; meanwhile `do`, `steer`
and `drop` act on it. Nothing of a run outlives `follow`, however it ends: not its process, not its folder.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ....data.archive import unpack
from ....data.pictures import SUFFIXES
from ....errors import AEDemoError, DataError, TrainingError
from ....training.worker import RunSpec, Worker
from ...shared import user_runs
from . import report
from .run_view import View
from .settings import MAX_PICTURES, MAX_UNPACKED, OWN, Settings

PLACES = max(2, min(8, (os.cpu_count() or 2) - 1))  # runs at once; others wait
MOST_WAITING = 48  # visitors in the line: each takes one of Gradio's jobs
PACE = 0.25  # seconds between two changes of the page
RUN_SECONDS = 1800  # after which a run makes way for others, as if it were stopped
PAUSE_SECONDS = 600  # the same for one that is held
STOP_SECONDS = 15  # for a stop in good order; then the process is killed
SPARE_SECONDS = 600  # that a process waits for a run
PREFIX = "ae-demo-run-"  # of the folders


class Run:
    """One visitor's run, from the press of a button to its end."""

    def __init__(self, settings: Settings, mode: str = "go") -> None:
        self.settings = settings
        self.mode = mode
        self.view = View(settings)
        self.worker: Worker | None = None
        self.scratch: Path | None = None
        self.folder: Path | None = None  # of the checkpoint
        self.over = False
        self.dropped = False  # nobody looks at it any more
        self._began = time.monotonic()
        self.stopping: float | None = None  # since when

    def start(self) -> None:
        """Hand the run to a process. Uploads are copied, which takes a while."""
        self.scratch = Path(tempfile.mkdtemp(prefix=PREFIX))
        spec = make_spec(self.settings, self.scratch, self.mode)
        self.folder = Path(spec.folder)
        self.worker = _take_worker()
        self._began = time.monotonic()
        if self.over:  # meanwhile
            self.end()
        else:
            self.worker.begin(spec)

    def do(self, what: str) -> None:
        """Steer it: "pause", "go", "step", "epoch" or "stop". One that has nothing yet to save is stopped at once."""
        if what != "stop":
            self.mode = what
            if self.worker:
                self.worker.do(what)
        elif self.view.started:
            self.stopping = self.stopping or time.monotonic()
            self.view.say("stopping")
            self.worker.stop()
        else:
            self.over = True
            self.view.say("stopped")

    def steer(self, name: str, value: float) -> None:
        """Change the learning rate or β from the next step on; the view says what came of it."""
        if self.worker and self.view.started and isinstance(name, str) and isinstance(value, int | float):
            self.worker.set(**{name: value})

    def drop(self) -> None:
        """End it at once."""
        self.over = self.dropped = True
        if self.worker:
            self.worker.kill()

    def tick(self) -> dict[str, Any]:
        """What changes in the page since the last time; ends the run that is over its time."""
        changes = self.view.update(self.worker.poll())
        now, held = time.monotonic(), self.view.paused_since
        self.over = self.over or self.view.over
        if self.over:
            return changes
        if self.stopping is None and now - self._began > RUN_SECONDS:
            self._end_early("time_limit")
        elif self.stopping is None and held and now - held > PAUSE_SECONDS:
            self._end_early("pause_limit")
        elif self.stopping and now - self.stopping > STOP_SECONDS:
            self.over = True
            changes |= self.view.say("stopped", reason="not_saved")
        return changes

    def _end_early(self, reason: str) -> None:
        self.view.say(self.view.status["state"], reason=reason)
        self.do("stop")

    def end(self) -> None:
        """Leave nothing behind."""
        if self.worker:
            self.worker.kill()
        if self.scratch:
            shutil.rmtree(self.scratch, ignore_errors=True)


_runs: dict[str, Run] = {}  # by visitor
_line: list[Any] = []  # runs in the order in which they came; the first `PLACES` go
_spare: list[Worker] = []  # at most one process that waits for a run, so that a first one, too, begins at once
_lock = threading.Lock()


def find(session: str) -> Run | None:
    """A visitor's run, if they have one that is not over."""
    with _lock:
        run = _runs.get(session)
    return run if run and not run.over else None


def ahead_of(run: Any) -> int:
    """How many must end before a run in the line may start; 0: it may now."""
    with _lock:
        return max(0, _line.index(run) + 1 - PLACES)


def queue_up(run: Any) -> None:
    """Put a run at the end of the line. Raises `TrainingError` when the line is too long."""
    with _lock:
        if len(_line) >= PLACES + MOST_WAITING:
            raise TrainingError(f"{len(_line)} runs go or wait already. Try again in some minutes.")
        _line.append(run)


def leave(run: Any) -> None:
    """Give the place in the line back."""
    with _lock:
        if run in _line:
            _line.remove(run)


@contextmanager
def place_in_line() -> Iterator[None]:
    """Wait in the line, and keep the place while the block runs; for runs that are no visitor's."""
    run = object()
    queue_up(run)
    try:
        while ahead_of(run):
            time.sleep(PACE)
        yield
    finally:
        leave(run)


def prepare() -> None:
    """Start the process of the next run ahead of time, unless one waits already."""
    with _lock:
        if _spare and _spare[0].is_alive():
            return
        user_runs.clear_stale(PREFIX, user_runs.PREFIX)
        worker = Worker()
        _spare[:] = [worker]
        worker.timer = threading.Timer(SPARE_SECONDS, give_up, [worker])
        worker.timer.daemon = True
        worker.timer.start()


def give_up(worker: Worker) -> None:
    """End a spare process that nobody came for."""
    with _lock:
        if worker not in _spare:
            return
        _spare.remove(worker)
    worker.kill()


def _take_worker() -> Worker:
    with _lock:
        worker = _spare.pop() if _spare else None
    if worker:
        worker.timer.cancel()
    return worker if worker and worker.is_alive() else Worker()


async def follow(session: str, settings: Settings, mode: str = "go") -> AsyncIterator[dict[str, Any]]:
    """A visitor's new run, telling at most four times a second what changes in the page; the one they have is ended.

    Each dict has some of: `status`, `curve`, `preview`, `plane`, `activations`, `figures` (values of those components);
    the first one also `zip` and `report`, None; the last one `folder` and `report`: the paths of the checkpoint and of
    its report, which are gone when the generator goes on. Closing it ends the run. While it waits it takes no thread.
    Raises `ConfigError`, `DataError` for what cannot be trained, `TrainingError` where too many wait.
    """
    settings.check()
    run = Run(settings, mode)
    queue_up(run)
    with _lock:
        old, _runs[session] = _runs.get(session), run
    if old:
        old.drop()
    try:
        yield run.view.clear()
        while not run.over and (ahead := ahead_of(run)):
            yield run.view.say("waiting", ahead=ahead)
            await asyncio.sleep(PACE)
        try:
            if not run.over:
                yield run.view.say("starting")
                await asyncio.to_thread(run.start)
            while not run.over:
                yield run.tick()
                if run.view.started:
                    prepare()  # who has seen a run begin will change a setting and press Start again
                await asyncio.sleep(PACE if run.stopping is None else PACE / 5)
        except AEDemoError as error:
            run.view.say("failed", message=str(error))
        except OSError as error:
            run.view.say("failed", message=f"A file could not be read ({error.strerror}); upload the pictures again.")
        if not run.dropped:
            yield {"status": run.view.status}
            if run.view.finished:
                yield {"folder": run.folder, "report": report.write_report(run.folder, settings, run.view)}
    finally:
        run.over = True
        run.end()
        leave(run)
        with _lock:
            if _runs.get(session) is run:
                del _runs[session]


def make_spec(settings: Settings, scratch: Path, mode: str = "go") -> RunSpec:
    """What the process is told; uploads are gathered under `scratch`."""
    data_dir = None
    if settings.data == OWN:
        data_dir = scratch / "pictures"
        data_dir.mkdir()
        gather_pictures(settings.pictures, data_dir)
    name = f"{settings.family}-{'own' if settings.data == OWN else settings.data}"
    return RunSpec(
        family=settings.family,
        data=settings.data,
        folder=str(scratch / name),
        data_dir=data_dir and str(data_dir),
        limit=settings.limit or None,
        config=settings.config,
        options=settings.options,
        mode=mode,
        scratch=str(scratch),
    )


def gather_pictures(uploads: tuple[str, ...], folder: Path) -> None:
    """Copy uploads under `folder`, zips unpacked. Raises `DataError`, for fewer than two pictures too."""
    count = 0
    for number, path in enumerate(uploads):
        suffix = Path(path).suffix.lower()
        if suffix == ".zip":
            place = folder if len(uploads) == 1 else folder / f"{number:04}"  # whose folders are then classes
            bounds = {"most_files": MAX_PICTURES - count, "most_bytes": MAX_UNPACKED}
            count += len(unpack(path, place, wanted=lambda inside: inside.suffix.lower() in SUFFIXES, **bounds))
        elif suffix in SUFFIXES:
            shutil.copyfile(path, folder / f"{number:04}-{Path(path).stem[:80]}{suffix}")
            count += 1
    if count < 2:
        raise DataError(f"There are {count} pictures in what you uploaded; two or more are needed to train on them.")
