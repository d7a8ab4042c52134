"""The training loop, a generator of events.

A run pauses while its consumer does not request the next event. `should_stop` ends the run and saves it; closing the
generator ends it without saving. The engine is the same for every family: `Autoencoder.phases` defines the losses and
the parameters to train.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from .. import checkpoints
from ..data import Samples, augment
from ..errors import AEDemoError, DataError, TrainingError
from ..functional import losses
from ..models import Autoencoder, Phase
from . import state
from .controls import RunControls
from .distributed import ProcessGroup
from .evaluation import advice, evaluate, means_of, measure_all, to_input
from .events import Checkpointed, Evaluated, Event, Failed, Finished, Started, Stepped
from .options import TrainOptions
from .report import build_report
from .run import Run
from .schedule import build_optimizer, plan_phases, rate_factor

STEP_SECONDS = 0.25  # between two Stepped events
SAVE_SECONDS = 60.0  # between two Checkpointed events
EPOCH_TEST_SAMPLES = 1000  # evaluated after each epoch; at the end, all test samples are
STATISTICS_SAMPLES = 4096  # passed to the model's `fit_statistics`


def train(  # noqa: PLR0913 - public API
    model: Autoencoder,
    data: Samples,
    options: TrainOptions,
    *,
    folder: str | Path | None = None,
    resume: bool = False,
    device: str | torch.device | None = None,
    command: str = "",
    should_stop: Callable[[], bool] = lambda: False,
    controls: RunControls | None = None,
    process_group: ProcessGroup | None = None,
) -> Iterator[Event]:
    """Train `model` on `data`, yielding events; the last one is `Finished` or `Failed`.

    model: trained in place; must take samples of the shape `data.sample_shape`
    data: without test samples, nothing is evaluated
    folder: where the run is saved every minute, and its checkpoint at the end; None: nowhere
    resume: continue the unfinished run in `folder`; it ends with the weights of an uninterrupted run
    device: None means that of `process_group`, or the best available
    command: recorded in metrics.json
    should_stop: called after every step; once it returns True, the run is saved and ends
    controls: settings that may change during the run
    process_group: the processes that share the run; the first one evaluates and saves

    Before the first event, raises `CheckpointError` if there is nothing to resume or `folder` cannot be created, and
    `DataError` if the model takes labels that the data do not have. Later errors are the message of `Failed`.
    """
    group = process_group or ProcessGroup()
    run = Run(
        model,
        data,
        options,
        device=torch.device(device or group.device or checkpoints.best_device()),
        folder=Path(folder) if folder else None,
        command=command,
        should_stop=should_stop,
        controls=controls or RunControls(),
        process_group=group,
    )
    saved_optimizer = _prepare(run, resume)
    plan = plan_phases(model.phases(), options.epochs)
    first_epoch = run.epoch
    yield _started(run, plan)
    run.began = run.saved = time.monotonic()
    try:
        end = 0
        for phase, epochs in plan:
            start, end = end, end + epochs
            if end <= first_epoch:
                continue
            run.optimizer = build_optimizer(phase, options)
            if saved_optimizer and first_epoch > start:  # otherwise it belongs to the previous phase
                state.restore_optimizer(run.optimizer, saved_optimizer)
            saved_optimizer = None
            while run.epoch < end and not run.stopped:
                yield from _train_epoch(run, phase, start, epochs)
            if run.stopped:
                break
        yield from _finish(run)
    except AEDemoError as error:
        yield Failed(error.message)


def _prepare(run: Run, resume: bool) -> dict[str, Tensor] | None:
    """Seed the run, move the model to its device, and load the saved state if `resume`.

    Returns the optimizer's saved tensors; None without a saved state.
    """
    options, saved_optimizer = run.options, None
    check_labels(run.model, run.data)
    torch.manual_seed(options.seed)
    run.shuffler.manual_seed(options.seed)
    if options.threads:
        torch.set_num_threads(options.threads)
    run.model.to(run.device).to(memory_format=torch.channels_last).train()
    if resume and run.folder:
        saved_optimizer = state.load_state(run, run.folder)
    else:
        samples = run.data.epoch(run.shuffler)[:STATISTICS_SAMPLES]
        run.model.fit_statistics(to_input(samples, run.device))
    run.process_group.synchronize(run.model, options.seed)
    run.folder = run.folder if run.is_main_process else None
    if run.folder:
        checkpoints.make_folder(run.folder)  # fail now rather than after training
    return saved_optimizer


def _started(run: Run, plan: list[tuple[Phase, int]]) -> Started:
    return Started(
        family=run.model.family,
        data=run.data.name,
        device=str(run.device),
        parameters=run.model.parameter_count(),
        train_pictures=run.data.epoch_size,
        test_pictures=len(run.data.test),
        epochs=run.options.epochs,
        first_epoch=run.epoch,
        steps_per_epoch=run.steps_per_epoch,
        phases={phase.name: epochs for phase, epochs in plan},
        notice=run.data.notice,
    )


@dataclass
class _Losses:
    """Sums of the batches' losses since the last event, and over the epoch.

    They are separate so that the rounding of the epoch's sum does not depend on the times of the events.
    """

    recent: dict[str, Any] = field(default_factory=dict)
    total: dict[str, Any] = field(default_factory=dict)
    since: int = 0
    steps: int = 0

    def add(self, parts: dict[str, Tensor]) -> None:
        for name, value in parts.items():
            self.recent[name] = self.recent.get(name, 0.0) + value.detach()
            self.total[name] = self.total.get(name, 0.0) + value.detach()
        self.since += 1
        self.steps += 1

    def take_recent(self) -> dict[str, float]:
        """Return the means since the last call, which waits for the device."""
        means = {name: float(value) / self.since for name, value in self.recent.items()}
        self.recent, self.since = {}, 0
        return means

    def means(self) -> dict[str, float]:
        """The means over the epoch."""
        return {name: float(value) / self.steps for name, value in self.total.items()}


def _train_epoch(run: Run, phase: Phase, phase_start: int, phase_epochs: int) -> Iterator[Event]:
    """One pass over the training samples, then `_end_epoch`."""
    options, controls, group, optimizer = run.options, run.controls, run.process_group, run.optimizer
    assert optimizer is not None
    samples = run.data.epoch(run.shuffler)
    batches = torch.randperm(len(samples), generator=run.shuffler).split(options.batch_size)
    autocast = torch.autocast(run.device.type, torch.bfloat16, enabled=options.precision == "bfloat16")
    sums, before, since = _Losses(), run.step_seconds, time.monotonic()
    run.model.train()
    for step, index in enumerate(batches, 1):
        progress = (run.epoch - phase_start + (step - 1) / len(batches)) / phase_epochs
        for param_group in optimizer.param_groups:
            param_group["lr"] = run.lr * rate_factor(options.schedule, progress)
        x = to_input(samples.index_select(0, index), run.device)  # faster than samples[index]
        if options.augment or options.mirror or options.contrast:
            x = augment(x, options.augment, run.shuffler, options.mirror, options.contrast)
        x, weight = group.split(x)
        labels = () if run.labels is None else (group.split(run.labels[index].to(run.device))[0],)
        with autocast:
            parts = phase.loss(x, *labels)
        loss = parts["loss"]
        if options.l1 or options.l2:
            loss = loss + losses.weight_penalty(phase.parameters, options.l1, options.l2)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        stop = group.reduce(phase.parameters, parts, weight, run.should_stop())
        optimizer.step()
        sums.add(parts)
        now = time.monotonic()
        if now - since >= STEP_SECONDS or step == len(batches) or controls.every_step or stop:
            means = sums.take_recent()
            check_finite(means, run.epoch + 1, run.lr)
            run.step_seconds += now - since
            at = run.epoch + step / len(batches)
            speed = min(step * options.batch_size, len(samples)) / max(run.step_seconds - before, 1e-9)
            yield Stepped(run.epoch * len(batches) + step, at, phase.name, means, speed, run.seconds_left(at, speed))
            if stop or (group.size == 1 and run.should_stop()):
                break
            since = time.monotonic()
    yield from _end_epoch(run, phase, sums.means(), speed, partial=step < len(batches))


def _end_epoch(run: Run, phase: Phase, means: dict[str, float], speed: float, partial: bool) -> Iterator[Event]:
    """Evaluate the model, record the epoch and save the run.

    A `partial` epoch, during which the run was stopped, is repeated if the run is resumed.
    """
    number = run.epoch + 1
    data, figures = run.data, {}
    if run.is_main_process and len(data.test):
        began, samples = time.monotonic(), data.test[:EPOCH_TEST_SAMPLES]
        figures = evaluate(run.model, samples, labels=data.test_labels)
        run.evaluation_seconds = (time.monotonic() - began) / len(samples)
    check_finite(figures, number, run.lr)
    run.history.append({"epoch": number, "phase": phase.name, **means, **figures})
    yield Evaluated(number, phase.name, means, figures, speed, run.seconds)
    run.epoch = number - partial
    last = number == run.options.epochs
    run.stopped = partial or (run.process_group.size == 1 and run.should_stop() and not last)
    save_seconds = SAVE_SECONDS if run.controls.save_seconds is None else run.controls.save_seconds
    if run.resumable and not run.stopped and not last and time.monotonic() - run.saved > save_seconds:
        yield _save(run)


def _save(run: Run) -> Checkpointed:
    state.save_state(run)
    run.saved = time.monotonic()
    return Checkpointed(str(run.folder), run.epoch)


def _finish(run: Run) -> Iterator[Event]:
    """Save the checkpoint, evaluate it as it is stored, and write its report."""
    run.process_group.close()
    seconds, data = run.seconds, run.data
    if run.stopped and run.resumable:
        yield _save(run)
    if run.folder:
        checkpoints.save(run.model, run.folder)
        run.model.load_state_dict(checkpoints.load(run.folder, run.device).state_dict())  # in half precision
    measured = measure_all(run.model, data.test, labels=data.test_labels) if run.is_main_process else {}
    figures = means_of(measured)
    if run.folder:
        checkpoints.write_json(run.folder / checkpoints.METRICS, build_report(run, measured, seconds))
        if not run.stopped:
            state.clear_state(run.folder)
    notice = advice(run.model, figures, data.test, data.train) if run.is_main_process and not run.stopped else None
    yield Finished(run.epoch, run.stopped, seconds, figures, str(run.folder) if run.folder else None, notice)


def check_labels(model: Autoencoder, data: Samples) -> None:
    """Raise `DataError` if the model takes labels but the training samples have none, or too many classes."""
    if not model.takes_labels:
        return
    if data.train_labels is None:
        raise DataError(
            "The family {family} learns from labels, which {name} does not have.", family=model.family, name=data.name
        )
    most, classes = int(data.train_labels.max()), getattr(model.config, "classes", None)
    if classes is not None and most >= classes:
        raise DataError(
            "{name} has labels up to {most}, but the model has {classes} classes: set more.",
            name=data.name,
            most=most,
            classes=classes,
        )


def check_finite(values: dict[str, float], epoch: int, lr: float) -> None:
    """Raise `TrainingError` unless all losses or metrics are finite."""
    if not all(math.isfinite(value) for value in values.values()):
        raise TrainingError(
            "The loss is no longer finite (epoch {epoch}). Lower the learning rate, which is {lr:g}, and start again.",
            epoch=epoch,
            lr=lr,
        )


def run_to_end(events: Iterator[Event], on_event: Callable[[Event], Any] = lambda event: None) -> Finished:
    """Consume a run's events, calling `on_event` for each, and return the last. Raises `TrainingError` if it failed."""
    for event in events:
        on_event(event)
        if isinstance(event, Failed):
            raise TrainingError(event.message)
        if isinstance(event, Finished):
            return event
    raise TrainingError("The run ended without a final event.")
