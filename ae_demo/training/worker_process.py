"""A run in a process of its own: the child's side, `python -m ae_demo.training.worker_process`.

Each line of standard input is a JSON object: first a `RunSpec`, then {"do": "pause" | "go" | "step" | "epoch" |
"stop"} and {"set": {"lr": 0.001}}. Events go to standard output.
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

from ..data import load_dataset
from ..errors import AEDemoError, ConfigError, DataError
from ..models import build_model
from . import keepsakes
from .engine import train
from .events import Evaluated, Event, Failed, Finished, Paused, Started, Steered, Stepped
from .options import TrainOptions
from .preview import preview
from .steering import Steering
from .worker import RunSpec

PREVIEW_SECONDS = 0.25
PREVIEW_SHARE = 0.1  # of the run's time, at most
PATCHES = 2048  # cut from photographs for one epoch: few, so that curve and pictures move
QUICK_TEST = 500  # held-out pictures that a run is judged by, so that a stop is answered at once
NICE = 15  # of 19; a session of its own has it as well
MEMORY = 4 << 30  # bytes that a run may take on the processor


class Reins:
    """What the parent has said, and the holding of the run by it."""

    def __init__(self, mode: str = "go") -> None:
        self.mode = mode  # "go", "pause", or "step" and "epoch": go on to the end of one, then pause
        self.stopped = False
        self._values: dict[str, float] = {}
        self._said = threading.Condition()

    def hear(self, line: str) -> None:
        """Take in one line."""
        words = json.loads(line)
        with self._said:
            self._values |= words.get("set", {})
            match words.get("do"):
                case "stop":
                    self.stopped = True
                case "pause" | "go" | "step" | "epoch" as mode:
                    self.mode = mode
            self._said.notify()

    def take_values(self) -> dict[str, float]:
        """The settings that are to change, once."""
        with self._said:
            values, self._values = self._values, {}
        return values

    def holds_at(self, event: Event) -> bool:
        """Whether the run is to be held after this event; then its mode is "pause" from here on."""
        with self._said:
            ends = Evaluated if self.mode == "epoch" else Stepped if self.mode in ("pause", "step") else ()
            holds = isinstance(event, ends) and not self.stopped
            if holds:
                self.mode = "pause"
        return holds

    def wait(self) -> bool:
        """Hold the run until there is something to do; whether it is to be held on after that."""
        with self._said:
            self._said.wait_for(lambda: not self.holding or self._values)
            return self.holding

    @property
    def holding(self) -> bool:
        """Whether a run that is held stays so."""
        return self.mode == "pause" and not self.stopped


def main() -> None:
    """Read the run from standard input, and tell its events."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever a library prints must not come between the events
    yield_to_others()
    warm_up()
    bound_memory()
    first = sys.stdin.readline()
    if not first:  # never needed
        return
    spec = RunSpec(**json.loads(first))
    reins = Reins(spec.mode)

    def listen() -> None:
        for line in sys.stdin:
            reins.hear(line)
        if spec.scratch:  # the parent is gone: nobody is left to save for, or to clear up
            shutil.rmtree(spec.scratch, ignore_errors=True)
        os._exit(1)

    threading.Thread(target=listen, daemon=True).start()
    try:
        for event in run(spec, reins):
            print(event.to_json(), file=out, flush=True)
    except Exception as error:
        if not isinstance(error, AEDemoError):
            traceback.print_exc()
        print(Failed(sentence_of(error)).to_json(), file=out, flush=True)
    os._exit(0)  # the listener may be waiting for a line


def sentence_of(error: Exception) -> str:
    """What a visitor is told of an error: what happened, and what to do."""
    if isinstance(error, AEDemoError):
        return str(error)
    words = str(error).lower()
    if isinstance(error, MemoryError) or "out of memory" in words or "can't allocate memory" in words:
        allowed = f"{MEMORY >> 30} GB" if not torch.cuda.is_available() else "the GPU has"
        return f"The run needs more memory than is allowed ({allowed}). Take smaller layers or a smaller batch."
    if isinstance(error, OSError):
        return f"A file could not be read or written ({error.strerror or 'unknown reason'}). Start the run again."
    return (
        "The run broke off for a reason that we did not foresee; the server's log has it. Start it again, or change "
        "what you changed last."
    )


def yield_to_others() -> None:
    """Let whoever serves visitors, and their browser, go first: on the processor, and where memory runs out."""
    if hasattr(os, "nice"):
        os.nice(NICE)
    with suppress(OSError):  # Linux only
        Path("/proc/self/oom_score_adj").write_text("1000")
        if os.getsid(0) == os.getpid():  # Linux shares processors among sessions first
            Path("/proc/self/autogroup").write_text(str(NICE))


def bound_memory() -> None:
    """Let no run take more than `MEMORY`, on systems that hold to it (Linux); a GPU's memory bounds itself."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        if not torch.cuda.is_available():  # whose driver reserves more than it uses
            resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))


def warm_up() -> None:
    """Make torch import now what it imports at first use, which takes seconds."""
    torch.set_num_threads(1)
    torch.optim.Adam([torch.zeros(1)])


def run(spec: RunSpec, reins: Reins) -> Iterator[Event]:
    """The engine's events, with previews among them, held and steered by `reins`."""
    options = TrainOptions.from_dict({"threads": 1, **spec.options})
    torch.set_num_threads(options.threads)
    data = load_dataset(spec.data, data_dir=spec.data_dir, limit=spec.limit, patches_per_epoch=PATCHES)
    labels = None if data.test_labels is None else data.test_labels[:QUICK_TEST]
    data = replace(data, test=data.test[:QUICK_TEST], test_labels=labels)
    if spec.family == "colorization" and data.sample_shape[0] != 3:
        raise DataError("Colorization learns from colour pictures, and these are grey: give photographs in colour.")
    torch.manual_seed(options.seed)
    model = build_model(spec.family, **{**spec.config, "input_shape": data.sample_shape})
    steering = Steering(resumable=False)
    due, epoch = 0.0, 0.0

    def look(phase: str | None = None) -> Event:
        nonlocal due
        began = time.monotonic()
        seen = preview(model, data, epoch, phase)
        now = time.monotonic()
        due = now + max(PREVIEW_SECONDS, (now - began) / PREVIEW_SHARE)
        return seen

    settings = {"folder": spec.folder, "command": "the Train tab", "steering": steering}
    for event in train(model, data, options, should_stop=lambda: reins.stopped, **settings):
        if isinstance(event, Finished):
            yield look()  # as the checkpoint is
            if spec.data == "folder" and event.folder and model.code_shape == (2,):
                keepsakes.save_pictures(data, event.folder)
        yield event
        steering.every_step = reins.mode in ("pause", "step")
        if isinstance(event, Started):
            yield look()
        if not isinstance(event, (Stepped, Evaluated)):
            continue
        at_end = isinstance(event, Evaluated)
        epoch = epoch if at_end else event.epoch  # the last step tells it, also of a part of an epoch
        holds = epoch < options.epochs and reins.holds_at(event)
        if (at_end or holds or time.monotonic() > due) and not reins.stopped:
            yield look(event.phase if at_end else None)
        if holds:
            yield Paused(epoch)
        began = time.monotonic()
        while holds:
            holds = reins.wait()
            yield from steer(model, options, steering, reins, epoch)
        steering.idle += time.monotonic() - began
        steering.every_step = reins.mode in ("pause", "step")
        yield from steer(model, options, steering, reins, epoch)


def steer(model, options, steering: Steering, reins: Reins, epoch: float) -> Iterator[Event]:
    """Change what is to change, and say so."""
    values = reins.take_values()
    if not values:
        return
    try:
        steering.change(model, options, epoch, values)
        yield Steered(epoch, values)
    except ConfigError as error:
        yield Steered(epoch, {}, str(error))


if __name__ == "__main__":
    main()
