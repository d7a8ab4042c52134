"""A run in a separate process: the child's side, `python -m ae_demo.training.worker_process`.

Each line of standard input is a JSON object: first `RunSpec.to_json`, then {"do": "pause" | "go" | "step" | "epoch" |
"stop"} and {"set": {"lr": 0.001}}. Events are written to standard output.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import torch

from ..data import get_data_set, load_dataset
from ..data.listing import join_notices
from ..errors import AEDemoError, ConfigError, DataError
from ..models import Autoencoder, get_family
from . import own_pictures
from .controls import RunControls
from .engine import train
from .events import Evaluated, Event, Failed, Finished, Paused, Started, Steered, Stepped
from .options import TrainOptions
from .preview import preview
from .worker import PATCHES_PER_EPOCH, TEST_SAMPLES, RunSpec

PREVIEW_SECONDS = 0.25  # between two previews, at least
PREVIEW_SHARE = 0.1  # of the run's time that previews may take
NICE = 15  # of 19
MAX_BYTES = 4 << 30  # of memory


class RemoteControl:
    """The requests of the parent process, received as lines of JSON; decides when the run pauses."""

    def __init__(self, mode: str = "go") -> None:
        self.mode = mode  # "go", "pause", or "step" and "epoch": continue to the end of one, then pause
        self.stopped = False
        self._values: dict[str, float] = {}
        self._changed = threading.Condition()

    def receive(self, line: str) -> None:
        """Handle one line."""
        request = json.loads(line)
        with self._changed:
            self._values |= request.get("set", {})
            match request.get("do"):
                case "stop":
                    self.stopped = True
                case "pause" | "go" | "step" | "epoch" as mode:
                    self.mode = mode
            self._changed.notify()

    def take_values(self) -> dict[str, float]:
        """Return the settings to change, and forget them."""
        with self._changed:
            values, self._values = self._values, {}
        return values

    def pauses_after(self, event: Event) -> bool:
        """Whether the run pauses after this event. If so, the mode becomes "pause"."""
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
    """Read the run from standard input, and write its events to standard output."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what libraries print must not mix with the events
    lower_priority()
    warm_up()
    limit_memory()
    first = sys.stdin.readline()
    if not first:  # the parent needed no run
        return
    values = json.loads(first)
    remote = RemoteControl(values["mode"])

    def listen() -> None:
        for line in sys.stdin:
            remote.receive(line)
        if scratch := values["scratch"]:  # the parent has ended and cannot remove it
            shutil.rmtree(scratch, ignore_errors=True)
        os._exit(1)

    threading.Thread(target=listen, daemon=True).start()
    try:
        for event in run(RunSpec.from_json(values), remote):
            print(event.to_json(), file=out, flush=True)
    except Exception as error:
        if not isinstance(error, AEDemoError):
            traceback.print_exc()
        print(Failed(message_of(error)).to_json(), file=out, flush=True)
    os._exit(0)  # the other thread may be waiting for a line


def message_of(error: Exception) -> str:
    """The message for the user: what happened, and what to do."""
    if isinstance(error, AEDemoError):
        return str(error)
    words = str(error).lower()
    if isinstance(error, MemoryError) or "out of memory" in words or "can't allocate memory" in words:
        allowed = f"{MAX_BYTES >> 30} GB" if not torch.cuda.is_available() else "the GPU has"
        return f"The run needs more memory than is allowed ({allowed}). Choose smaller layers or a smaller batch size."
    if isinstance(error, OSError):
        return f"A file could not be read or written ({error.strerror or 'unknown reason'}). Start the run again."
    return (
        "The run ended with an unexpected error, which is in the server's log. Start it again, or undo your last "
        "change of the settings."
    )


def lower_priority() -> None:
    """Give the server and the browser precedence, for processor time and when memory runs out."""
    if hasattr(os, "nice"):
        os.nice(NICE)
    with suppress(OSError):  # Linux only
        Path("/proc/self/oom_score_adj").write_text("1000")
        if os.getsid(0) == os.getpid():  # Linux schedules sessions first, then their processes
            Path("/proc/self/autogroup").write_text(str(NICE))


def limit_memory() -> None:
    """Limit the memory of the process to `MAX_BYTES`, on Linux and without a GPU."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        if not torch.cuda.is_available():  # its driver reserves more than it uses
            resource.setrlimit(resource.RLIMIT_DATA, (MAX_BYTES, MAX_BYTES))


def warm_up() -> None:
    """Import what torch imports only at first use, which takes seconds."""
    torch.set_num_threads(1)
    torch.optim.Adam([torch.zeros(1)])


def run(spec: RunSpec, remote: RemoteControl) -> Iterator[Event]:
    """Train, controlled by `remote`; yield the engine's events and previews."""
    settings = spec.settings
    options = replace(settings.options, threads=settings.options.threads or 1)
    torch.set_num_threads(options.threads)
    data = load_dataset(
        settings.data, data_dir=spec.data_dir, limit=settings.limit, patches_per_epoch=PATCHES_PER_EPOCH
    )
    labels = None if data.test_labels is None else data.test_labels[:TEST_SAMPLES]
    notice = join_notices(spec.notice, data.notice)
    data = replace(data, test=data.test[:TEST_SAMPLES], test_labels=labels, notice=notice)
    if not get_family(settings.family).takes(data.sample_shape):
        raise DataError(
            f"The family {settings.family} cannot be trained on samples of shape {data.sample_shape}. Upload other "
            "pictures, in colour if the family needs them so, or choose another family."
        )
    torch.manual_seed(options.seed)
    model = settings.build_model(data.sample_shape)
    controls = RunControls(resumable=False)
    due, epoch = 0.0, 0.0

    def make_preview(phase: str | None = None) -> Event:
        nonlocal due
        began = time.monotonic()
        made = preview(model, data, epoch, phase)
        now = time.monotonic()
        due = now + max(PREVIEW_SECONDS, (now - began) / PREVIEW_SHARE)
        return made

    for event in train(
        model,
        data,
        options,
        folder=spec.folder,
        command="the Train tab",
        should_stop=lambda: remote.stopped,
        controls=controls,
    ):
        if isinstance(event, Finished):
            yield make_preview()  # of the checkpoint
            if get_data_set(settings.data).own and event.folder and model.code_shape == (2,):
                own_pictures.save_pictures(data, event.folder)
        yield event
        controls.every_step = remote.mode in ("pause", "step")
        if isinstance(event, Started):
            yield make_preview()
        if not isinstance(event, (Stepped, Evaluated)):
            continue
        at_end = isinstance(event, Evaluated)
        epoch = epoch if at_end else event.epoch  # of the last step, also of a part of an epoch
        pauses = epoch < options.epochs and remote.pauses_after(event)
        if (at_end or pauses or time.monotonic() > due) and not remote.stopped:
            yield make_preview(event.phase if at_end else None)
        if pauses:
            yield Paused(epoch)
        began = time.monotonic()
        while pauses:
            pauses = remote.wait()
            yield from change_settings(model, options, controls, remote, epoch)
        controls.paused_seconds += time.monotonic() - began
        controls.every_step = remote.mode in ("pause", "step")
        yield from change_settings(model, options, controls, remote, epoch)


def change_settings(
    model: Autoencoder, options: TrainOptions, controls: RunControls, remote: RemoteControl, epoch: float
) -> Iterator[Event]:
    """Change the settings that the parent asked to change, and report it."""
    values = remote.take_values()
    if not values:
        return
    try:
        controls.change(model, options, epoch, values)
        yield Steered(epoch, values)
    except ConfigError as error:
        yield Steered(epoch, {}, str(error))


if __name__ == "__main__":
    main()
