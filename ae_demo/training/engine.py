"""Training as a generator of events: its reader sees, paces and ends the run.

Not reading on pauses it; `should_stop` ends it with everything saved; closing the generator ends it at once. The engine
names no model: the model says what is minimised, over which parameters and in which phases.
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
from ..errors import AEDemoError, TrainingError
from ..functional import losses
from ..models import Autoencoder, Phase
from . import state
from .controls import RunControls
from .distributed import ProcessGroup
from .evaluation import advice, evaluate, means_of, measure_all, to_input
from .events import Checkpointed, Evaluated, Event, Failed, Finished, Started, Stepped
from .muon import Muon
from .options import TrainOptions
from .report import build_report
from .run import Run

WARMUP = 0.03  # share of a phase's steps in which the learning rate rises
STEP_SECONDS = 0.25  # between two Stepped events
SAVE_SECONDS = 60.0  # between two Checkpointed events
EPOCH_TEST_SAMPLES = 1000  # measured after each epoch; all of them at the end
STATISTICS_SAMPLES = 4096  # given to the model's `fit_statistics`


def train(
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
    """Train `model` on `data`, yielding events; the last is `Finished` or `Failed`.

    With `folder`, the run is saved there every minute and at its end, when it becomes a checkpoint with its figures;
    with `resume`, an unfinished run that was saved there continues, to the same end as an uninterrupted one.
    `controls` holds settings that may change during the run; `process_group` the processes that share it, of which the
    first measures and saves.
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
            if saved_optimizer and first_epoch > start:  # at the start of a phase, the saved one is the phase before's
                state.restore_optimizer(run.optimizer, saved_optimizer)
            saved_optimizer = None
            while run.epoch < end and not run.stopped:
                yield from _train_epoch(run, phase, start, epochs)
            if run.stopped:
                break
        yield from _finish(run)
    except AEDemoError as error:
        yield Failed(str(error))


def _prepare(run: Run, resume: bool) -> dict[str, Tensor] | None:
    """Seed and place the run, or load a saved one; the optimizer's saved tensors, if there are any."""
    options, saved_optimizer = run.options, None
    torch.manual_seed(options.seed)
    run.shuffler.manual_seed(options.seed)
    if options.threads:
        torch.set_num_threads(options.threads)
    run.model.to(run.device, memory_format=torch.channels_last).train()
    if resume and run.folder:
        saved_optimizer = state.load_state(run, run.folder)
    else:
        samples = run.data.epoch(run.shuffler)[:STATISTICS_SAMPLES]
        run.model.fit_statistics(to_input(samples, run.device))
    run.process_group.synchronize(run.model, options.seed)
    run.folder = run.folder if run.is_main_process else None
    if run.folder:
        checkpoints.make_folder(run.folder)  # now, for at the end it would be too late to learn that it cannot be made
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
    """Means of a batch's losses over the steps since the last event, and over the epoch."""

    recent: dict[str, Any] = field(default_factory=dict)
    total: dict[str, float] = field(default_factory=dict)
    since: int = 0
    steps: int = 0

    def add(self, parts: dict[str, Tensor]) -> None:
        for name, value in parts.items():
            self.recent[name] = self.recent.get(name, 0.0) + value.detach()
        self.since += 1
        self.steps += 1

    def take_recent(self) -> dict[str, float]:
        """The means since the last call. Reading them waits for the device."""
        sums = {name: float(value) for name, value in self.recent.items()}
        for name, value in sums.items():
            self.total[name] = self.total.get(name, 0.0) + value
        means = {name: value / self.since for name, value in sums.items()}
        self.recent, self.since = {}, 0
        return means

    def means(self) -> dict[str, float]:
        """Over the epoch."""
        return {name: value / self.steps for name, value in self.total.items()}


def _train_epoch(run: Run, phase: Phase, phase_start: int, phase_epochs: int) -> Iterator[Event]:
    """One pass over the training samples, and its figures; saves the run when it is time."""
    options, controls, group = run.options, run.controls, run.process_group
    samples = run.data.epoch(run.shuffler)
    batches = torch.randperm(len(samples), generator=run.shuffler).split(options.batch_size)
    autocast = torch.autocast(run.device.type, torch.bfloat16, enabled=options.precision == "bfloat16")
    sums, busy, since = _Losses(), 0.0, time.monotonic()
    run.model.train()
    for step, index in enumerate(batches, 1):
        progress = (run.epoch - phase_start + (step - 1) / len(batches)) / phase_epochs
        for param_group in run.optimizer.param_groups:
            param_group["lr"] = run.lr * rate_factor(options.schedule, progress)
        x = to_input(samples.index_select(0, index), run.device)  # faster than samples[index]
        if options.augment or options.mirror or options.contrast:
            x = augment(x, options.augment, run.shuffler, options.mirror, options.contrast)
        x, weight = group.split(x)
        with autocast:
            parts = phase.loss(x)
        loss = parts["loss"]
        if options.l1 or options.l2:
            loss = loss + losses.weight_penalty(phase.parameters, options.l1, options.l2)
        run.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        stop = group.reduce(phase.parameters, parts, weight, run.should_stop())
        run.optimizer.step()
        sums.add(parts)
        now = time.monotonic()
        if now - since >= STEP_SECONDS or step == len(batches) or controls.every_step or stop:
            means = sums.take_recent()
            check_finite(means, run.epoch + 1, run.lr)
            busy += now - since
            at = run.epoch + step / len(batches)
            speed = min(step * options.batch_size, len(samples)) / max(busy, 1e-9)
            left = (options.epochs - at) * len(samples) / speed
            yield Stepped(run.epoch * len(batches) + step, at, phase.name, means, speed, left)
            if stop or (group.size == 1 and run.should_stop()):
                break
            since = time.monotonic()
    yield from _end_epoch(run, phase, sums.means(), speed, partial=step < len(batches))


def _end_epoch(run: Run, phase: Phase, means: dict[str, float], speed: float, partial: bool) -> Iterator[Event]:
    """Measure, record and save. A `partial` epoch, in which the run was stopped, is done again when it is resumed."""
    number = run.epoch + 1
    figures = evaluate(run.model, run.data.test[:EPOCH_TEST_SAMPLES]) if run.is_main_process else {}
    check_finite(figures, number, run.lr)
    run.history.append({"epoch": number, "phase": phase.name, **means, **figures})
    yield Evaluated(number, phase.name, means, figures, speed, run.seconds)
    run.epoch = number - partial
    last = number == run.options.epochs
    run.stopped = partial or (run.process_group.size == 1 and run.should_stop() and not last)
    if run.resumable and not run.stopped and not last and time.monotonic() - run.saved > SAVE_SECONDS:
        yield _save(run)


def _save(run: Run) -> Checkpointed:
    state.save_state(run)
    run.saved = time.monotonic()
    return Checkpointed(str(run.folder), run.epoch)


def _finish(run: Run) -> Iterator[Event]:
    """Save the checkpoint, measure it as it is stored, and report."""
    run.process_group.close()
    seconds = run.seconds
    if run.stopped and run.resumable:
        yield _save(run)
    if run.folder:
        checkpoints.save(run.model, run.folder)
        run.model.load_state_dict(checkpoints.load(run.folder, run.device).state_dict())  # in half precision
    measured = measure_all(run.model, run.data.test) if run.is_main_process else {}
    figures = means_of(measured)
    if run.folder:
        checkpoints.write_json(run.folder / checkpoints.METRICS, build_report(run, measured, seconds))
        if not run.stopped:
            state.clear_state(run.folder)
    notice = None if run.stopped or not run.is_main_process else advice(run.model, figures, run.data.test)
    yield Finished(run.epoch, run.stopped, seconds, figures, str(run.folder) if run.folder else None, notice)


def check_finite(values: dict[str, float], epoch: int, lr: float) -> None:
    """Raise `TrainingError` unless all losses or figures are finite."""
    if not all(math.isfinite(value) for value in values.values()):
        raise TrainingError(
            f"The loss is no longer finite (epoch {epoch}). Lower the learning rate, which is {lr:g}, and start again."
        )


def plan_phases(phases: list[Phase], epochs: int) -> list[tuple[Phase, int]]:
    """Distribute the epochs over the phases by their shares: each gets at least one, the last what is left."""
    if epochs < len(phases):
        return [(phases[-1], epochs)]  # too few for every layer: train the whole
    counts = [max(1, round(phase.share * epochs)) for phase in phases[:-1]]
    while sum(counts) >= epochs:
        counts[counts.index(max(counts))] -= 1
    return list(zip(phases, [*counts, epochs - sum(counts)], strict=True))


def build_optimizer(phase: Phase, options: TrainOptions) -> torch.optim.Optimizer:
    """The update rule over the phase's parameters, in its fused form where there is one."""
    if options.optimizer == "sgd":
        return torch.optim.SGD(phase.parameters, lr=options.lr, momentum=0.9)
    if options.optimizer == "muon":
        return Muon(phase.parameters, options.lr)
    on_mps = phase.parameters[0].device.type == "mps"
    return torch.optim.Adam(phase.parameters, lr=options.lr, fused=not on_mps)


def rate_factor(schedule: str, progress: float) -> float:
    """The learning rate as a share of its peak, at `progress` in [0, 1] of a phase."""
    rise = min(1.0, (progress + 1e-4) / WARMUP)
    return rise if schedule == "constant" else rise * 0.5 * (1 + math.cos(math.pi * progress))


def run_to_end(events: Iterator[Event], on_event: Callable[[Event], Any] = lambda event: None) -> Finished:
    """Read a run to its end and return its last event. Raises `TrainingError` when it failed."""
    for event in events:
        on_event(event)
        if isinstance(event, Failed):
            raise TrainingError(event.message)
        if isinstance(event, Finished):
            return event
    raise TrainingError("The run ended without a final event.")
