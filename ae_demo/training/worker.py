"""A run in a process of its own, so that it slows nobody down, and can be ended at any time.

The parent writes a `RunSpec` as a line of JSON to the child's standard input and reads events from its standard
output. Another line, "stop", ends the run in good order; a closed input (the parent is gone) ends it too. A child
imports everything before it reads, so that one started ahead of time begins its run at once.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from ..errors import AEDemoError, DataError
from .events import Evaluated, Event, Failed, Finished, Stepped, event_from_json

PREVIEW_SECONDS = 0.5
PATCHES = 2048  # cut from photographs for one epoch: few, so that curve and pictures move
QUICK_TEST = 500  # held-out pictures that a run is judged by, so that a stop is answered at once


@dataclass(frozen=True)
class RunSpec:
    """All that a run needs to start elsewhere. `config` and `options` are the fields that differ from defaults."""

    family: str
    data: str
    folder: str
    data_dir: str | None = None
    limit: int | None = None
    config: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)


class Worker:
    """The parent's side: start, read, stop. Use as a context manager: leaving it ends the process.

    Without a `spec` the process starts and waits for `begin`.
    """

    def __init__(self, spec: RunSpec | None = None) -> None:
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=environment,
        )
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if spec is not None:
            self.begin(spec)

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def _read(self) -> None:
        with suppress(OSError, ValueError):  # closed while reading
            for line in self.process.stdout:
                self._lines.put(line)
        self._lines.put(None)

    def _write(self, line: str) -> None:
        with suppress(OSError, ValueError):  # it is gone already, and `events` says so
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()

    def events(self, patience: float = 0.25) -> Iterator[list[Event]]:
        """What has happened since the last time, at most every `patience` seconds; empty where nothing has.

        Ends after `Finished` or `Failed`; a process that died without either gives a `Failed`.
        """
        over = False
        while not over:
            deadline, batch = time.monotonic() + patience, []
            while not over and (left := deadline - time.monotonic()) > 0:
                try:
                    line = self._lines.get(timeout=left)
                except queue.Empty:
                    break
                if line is None:
                    code = self.process.wait()
                    batch.append(
                        Failed(f"The training process ended without a word (exit status {code}). Start it again.")
                    )
                else:
                    batch.append(event_from_json(line))
                over = isinstance(batch[-1], (Finished, Failed))
            yield batch

    def begin(self, spec: RunSpec) -> None:
        """Hand over the one run that this process is for."""
        self._write(json.dumps(asdict(spec)))

    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self.process.poll() is None

    def stop(self) -> None:
        """Ask the run to end in good order: it is saved, and `Finished` follows."""
        self._write("stop")

    def kill(self) -> None:
        """End the process now, whatever it does. Calling it again does no harm."""
        self.process.kill()
        self.process.wait()
        self._reader.join(1)  # the dead process's output ends, and so does its reader
        for pipe in (self.process.stdin, self.process.stdout):
            with suppress(OSError):  # what was still to be written
                pipe.close()


def main() -> None:
    """The child's side."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever a library prints must not come between the events
    stop = threading.Event()

    def tell(event: Event) -> None:
        print(event.to_json(), file=out, flush=True)

    def listen() -> None:
        for line in sys.stdin:
            if line.strip() == "stop":
                stop.set()
        os._exit(1)  # the parent is gone: nobody is left to save for

    yield_to_others()
    warm_up()
    first = sys.stdin.readline()
    if not first:  # never needed
        return
    threading.Thread(target=listen, daemon=True).start()
    try:
        for event in run(RunSpec(**json.loads(first)), stop):
            tell(event)
    except AEDemoError as error:
        tell(Failed(str(error)))
    except Exception as error:
        traceback.print_exc()
        tell(Failed(f"{type(error).__name__}: {error}"))
    os._exit(0)  # the listener may be waiting for a line


def yield_to_others() -> None:
    """Let whoever serves visitors go first: on the processor, and where memory runs out."""
    if hasattr(os, "nice"):
        os.nice(10)
    with suppress(OSError):  # Linux only
        Path("/proc/self/oom_score_adj").write_text("1000")


def warm_up() -> None:
    """Make torch and torchmetrics import now what they import at first use, which takes seconds."""
    import torch

    from .. import metrics

    torch.optim.Adam([torch.zeros(1)])
    metrics.ssim(torch.zeros(1, 1, 28, 28), torch.zeros(1, 1, 28, 28))


def run(spec: RunSpec, stop: threading.Event) -> Iterator[Event]:
    """The engine's events, with previews among them."""
    import torch

    from ..data import load_dataset
    from ..models import build_model
    from .engine import train
    from .options import TrainOptions
    from .preview import preview

    options = TrainOptions.from_dict({"threads": 1, **spec.options})
    torch.set_num_threads(options.threads)
    data = load_dataset(spec.data, data_dir=spec.data_dir, limit=spec.limit, patches_per_epoch=PATCHES)
    labels = None if data.test_labels is None else data.test_labels[:QUICK_TEST]
    data = replace(data, test=data.test[:QUICK_TEST], test_labels=labels)
    if spec.family == "colorization" and data.sample_shape[0] != 3:
        raise DataError("Colorization learns from colour pictures, and these are grey: give photographs in colour.")
    torch.manual_seed(options.seed)
    model = build_model(spec.family, **{**spec.config, "input_shape": data.sample_shape})
    told = 0.0
    for event in train(model, data, options, folder=spec.folder, should_stop=stop.is_set, command="the Train tab"):
        yield event
        at_end = isinstance(event, Evaluated)
        if at_end or (isinstance(event, Stepped) and time.monotonic() - told > PREVIEW_SECONDS and not stop.is_set()):
            yield preview(model, data, event.epoch, at_end)
            told = time.monotonic()


if __name__ == "__main__":
    main()
