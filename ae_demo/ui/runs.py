"""The Train tab's runs: at most one a visitor, each in a process and a folder of its own.

`begin` checks what is wanted and makes a visitor's run, `follow` starts it and tells what the page is to show, `stop`
ends it in good order. Nothing of a run outlives `follow`: not its process, not its folder.
"""

from __future__ import annotations

import math
import shutil
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from .. import checkpoints
from ..data.pictures import SUFFIXES
from ..data.series import STEPS
from ..errors import ConfigError, DataError
from ..models import FAMILIES, Autoencoder, build_model
from ..training.worker import RunSpec, Worker
from .run_view import View

MAX_PARAMETERS = 40_000_000  # a run takes some 16 bytes for each
MAX_BATCH = 150_000_000  # numbers in all layers for one batch
MAX_EPOCHS = 500  # places are few, and others wait
MAX_PICTURES = 2000  # uploaded for a run
SPARE_SECONDS = 600  # that a process waits for a run
OWN = "folder"  # the data set of uploaded pictures
SHAPES = {
    "digits": (1, 28, 28),
    "fashion-small": (1, 28, 28),
    "mnist": (1, 28, 28),
    "fashion": (1, 28, 28),
    "waves": (STEPS, 1),
    OWN: (3, 64, 64),  # what is cut from photographs; known for sure once they are read
}


def data_of(family: str) -> list[str]:
    """The data sets that a family can learn from."""
    if family == "colorization":
        return [OWN]
    return [name for name in SHAPES if name != "waves" or family == "seq2seq"]


@dataclass(frozen=True)
class Settings:
    """What a visitor wants to train: `pictures` are the paths of uploads, for the data set `OWN`."""

    family: str
    data: str
    config: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    pictures: tuple[str, ...] = ()

    def outline(self) -> Autoencoder:
        """The model without its numbers, for its layers and its size. Raises `ConfigError`."""
        if self.family not in FAMILIES or self.data not in SHAPES:
            raise ConfigError(f"There is no {self.family!r} on {self.data!r}; choose a family and data from the lists.")
        if self.data not in data_of(self.family):
            if self.family == "colorization":
                raise ConfigError("Colorization learns from colour pictures: choose your own as data, and upload some.")
            raise ConfigError(f"{self.family} learns from pictures, not from {self.data}: choose other data.")
        with torch.device("meta"):  # takes no memory, however large the layers are
            model = build_model(self.family, **{**self.config, "input_shape": SHAPES[self.data]})
        if model.parameter_count() > MAX_PARAMETERS:
            raise ConfigError(
                f"This model has {model.parameter_count():,} parameters; {MAX_PARAMETERS:,} are allowed here. Make its "
                "layers smaller, or train it from the command line."
            )
        return model

    def check(self) -> None:
        """Raise `ConfigError` or `DataError` unless a run can start."""
        numbers = sum(math.prod(shape) for _, shape in self.outline().layers())
        if (batch := numbers * self.options.get("batch_size", 128)) > MAX_BATCH:
            raise ConfigError(
                f"One batch holds {batch:,} numbers in all layers; {MAX_BATCH:,} are allowed here. Take a smaller "
                "batch size or smaller layers."
            )
        if not 1 <= self.options.get("epochs", 1) <= MAX_EPOCHS:
            raise ConfigError(f"epochs is {self.options['epochs']}; allowed here is 1 to {MAX_EPOCHS}.")
        if self.data == OWN and not 2 <= len(self.pictures) <= MAX_PICTURES:
            raise DataError(f"You gave {len(self.pictures)} pictures; upload 2 to {MAX_PICTURES:,} to train on them.")


class Run:
    """One visitor's run, from the press of Start to its end."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.view = View(settings.data)
        self.worker: Worker | None = None
        self.followed = False  # it has a place
        self.stopping = False
        self.dropped = False  # another run of the same visitor took its place

    def stop(self) -> None:
        """End it in good order, or at once while there is nothing yet to save."""
        self.stopping = self.view.stopping = True
        if self.worker and self.view.started:
            self.worker.stop()
        elif self.worker:
            self.view.killed = True
            self.worker.kill()

    def drop(self) -> None:
        """End it at once; nobody looks at it any more."""
        self.dropped = self.stopping = True
        if self.worker:
            self.worker.kill()


_runs: dict[str, Run] = {}  # by visitor
_spare: list[Worker] = []  # at most one process that waits for a run, so that a first one, too, begins at once
_lock = threading.Lock()


def begin(session: str, settings: Settings) -> None:
    """Make ready a visitor's run, for `follow`; the one they have is ended. Raises `ConfigError`, `DataError`."""
    settings.check()
    with _lock:
        old, _runs[session] = _runs.get(session), Run(settings)
    if old:
        old.drop()


def stop(session: str) -> bool:
    """End a visitor's run in good order, if they have one; True if it was still waiting for a place, and is gone."""
    with _lock:
        run = _runs.get(session)
        if run and not run.followed:
            del _runs[session]
            return True
    if run:
        run.stop()
    return False


def prepare() -> None:
    """Start the process of the next run ahead of time, unless one waits already."""
    with _lock:
        if _spare and _spare[0].is_alive():
            return
        worker = Worker()
        _spare[:] = [worker]
    timer = threading.Timer(SPARE_SECONDS, _give_up, [worker])
    timer.daemon = True
    timer.start()


def _give_up(worker: Worker) -> None:
    with _lock:
        if worker not in _spare:
            return
        _spare.remove(worker)
    worker.kill()


def _take_worker() -> Worker:
    with _lock:
        worker = _spare.pop() if _spare else None
    return worker if worker and worker.is_alive() else Worker()


def follow(session: str) -> Iterator[dict[str, Any]]:
    """Run what `begin` made ready, telling at most four times a second what changes in the page.

    Each dict has some of: `status`, `curve`, `preview`, `plane`, `figures` (values of those components) and `zip` (the
    path of the finished checkpoint, which is gone when the generator goes on). Closing it ends the run.
    """
    with _lock:
        run = _runs.get(session)
        waited = run is not None and not run.followed
        if waited:
            run.followed = True
    if not waited:
        yield {}
        return
    view = run.view
    yield view.clear()
    with tempfile.TemporaryDirectory(prefix="ae-demo-run-", ignore_cleanup_errors=True) as folder:
        try:
            spec = make_spec(run.settings, Path(folder))
            run.worker = _take_worker()
            if run.stopping:  # meanwhile
                run.stop()
            run.worker.begin(spec)
            for events in run.worker.events():
                if run.dropped:
                    return
                yield view.update(events)
                if view.started:
                    prepare()  # who has seen a run begin will change a setting and press Start again
            if view.finished:
                yield {"zip": str(zip_checkpoint(Path(spec.folder)))}
        except OSError as error:
            yield view.say("failed", message=f"The pictures could not be read ({error.strerror}); upload them again.")
        finally:
            if run.worker:
                run.worker.kill()
            with _lock:
                if _runs.get(session) is run:
                    del _runs[session]


def make_spec(settings: Settings, folder: Path) -> RunSpec:
    """What the process is told; uploads are gathered under `folder`."""
    data_dir = None
    if settings.data == OWN:
        data_dir = folder / "pictures"
        data_dir.mkdir()
        for number, path in enumerate(settings.pictures):
            if (suffix := Path(path).suffix.lower()) in SUFFIXES:
                shutil.copyfile(path, data_dir / f"{number:04}-{Path(path).stem[:80]}{suffix}")
    name = f"{settings.family}-{'own' if settings.data == OWN else settings.data}"
    return RunSpec(
        family=settings.family,
        data=settings.data,
        folder=str(folder / name),
        data_dir=data_dir and str(data_dir),
        config=settings.config,
        options=settings.options,
    )


def zip_checkpoint(folder: Path) -> Path:
    """The checkpoint in `folder` as a zip beside it, with the folder in it."""
    path = folder.with_name(f"{folder.name}.zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name in (checkpoints.WEIGHTS, checkpoints.CONFIG, checkpoints.METRICS):
            file.write(folder / name, f"{folder.name}/{name}")
    return path
