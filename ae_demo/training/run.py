"""The state of a run: model, data, options, optimizer and progress."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from ..data import Samples
from ..models import Autoencoder
from .controls import RunControls
from .distributed import ProcessGroup
from .options import TrainOptions


@dataclass
class Run:
    """One run of the engine.

    folder: where this process saves the run; None: nowhere
    shuffler: random generator for the order of samples, for patches and for augmentation
    epoch: number of completed epochs
    history: losses and metrics of each epoch
    resumed_seconds: training time before the run was resumed
    stopped: whether the run was stopped before its last epoch
    began, saved: times of the start and of the last save, from `time.monotonic`
    step_seconds: time spent in steps since `began`, without evaluations and previews
    evaluation_seconds: time of the last evaluation, per test sample
    """

    model: Autoencoder
    data: Samples
    options: TrainOptions
    device: torch.device
    folder: Path | None = None
    command: str = ""
    should_stop: Callable[[], bool] = lambda: False
    controls: RunControls = field(default_factory=RunControls)
    process_group: ProcessGroup = field(default_factory=ProcessGroup)
    shuffler: torch.Generator = field(default_factory=torch.Generator)
    optimizer: torch.optim.Optimizer | None = None
    epoch: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)
    resumed_seconds: float = 0.0
    stopped: bool = False
    began: float = field(default_factory=time.monotonic)
    saved: float = field(default_factory=time.monotonic)
    step_seconds: float = 0.0
    evaluation_seconds: float = 0.0

    @property
    def lr(self) -> float:
        """The current peak learning rate."""
        return self.controls.lr or self.options.lr

    @property
    def seconds(self) -> float:
        """Training time so far, without pauses."""
        return self.resumed_seconds + time.monotonic() - self.began - self.controls.paused_seconds

    def seconds_left(self, epoch: float, speed: float) -> float:
        """Estimated time from `epoch` (fractional) to the end of the run, at `speed` samples per second.

        Evaluations and previews are assumed to take as large a share of the time as so far; the last evaluation is of
        all test samples. Later phases are assumed to be as fast as the present one.
        """
        steps = (self.options.epochs - epoch) * self.data.epoch_size / speed
        share = (self.seconds - self.resumed_seconds) / self.step_seconds if self.step_seconds else 1.0
        return steps * max(1.0, share) + self.evaluation_seconds * len(self.data.test)

    @property
    def steps_per_epoch(self) -> int:
        """Number of batches in one epoch."""
        return math.ceil(self.data.epoch_size / self.options.batch_size)

    @property
    def labels(self) -> torch.Tensor | None:
        """The labels of the training samples, int64 `(N,)`, if the model takes them; else None."""
        return self.data.train_labels if self.model.takes_labels else None

    @property
    def is_main_process(self) -> bool:
        """Whether this process evaluates, saves and reports."""
        return self.process_group.rank == 0

    @property
    def resumable(self) -> bool:
        """Whether the state of the run is saved, so that it can be resumed."""
        return self.folder is not None and self.controls.resumable
