"""Training as a generator of events: whoever reads them sees, paces and ends the run.

Not reading pauses it; `should_stop` ends it in good order; closing the generator ends it at once. The engine knows
no model by name: what is minimised, by which parameters and in which phases, the model says itself.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch

from .. import checkpoints
from ..data import Dataset, augment
from ..errors import AEDemoError, CheckpointError, TrainingError
from ..functional import losses
from ..models import Autoencoder, Phase
from . import state
from .distributed import Alone
from .evaluation import evaluate, means_of, measure_all, to_input, weakness
from .events import Checkpointed, Evaluated, Event, Failed, Finished, Started, Stepped
from .muon import Muon
from .options import TrainOptions
from .report import build_report
from .steering import Steering

WARMUP = 0.03  # share of a phase's steps in which the learning rate rises
STEP_SECONDS = 0.25  # between two Stepped events
SAVE_SECONDS = 60.0  # between two Checkpointed events
QUICK_TEST = 1000  # held-out pictures measured after each epoch; all of them at the end


def train(
    model: Autoencoder,
    data: Dataset,
    options: TrainOptions,
    *,
    folder: str | Path | None = None,
    resume: bool = False,
    device: str | torch.device | None = None,
    command: str = "",
    should_stop: Callable[[], bool] = lambda: False,
    steering: Steering | None = None,
    crew: Alone | None = None,
) -> Iterator[Event]:
    """Train `model` on `data`, yielding events; the last is `Finished` or `Failed`.

    With `folder`, the run is saved there every minute and at its end, when it becomes a checkpoint with its figures;
    with `resume`, a run that was saved there and not finished goes on where it was, to the same end.
    `steering` is a hand on the run while it goes on; `crew` the processes that share it, of which the first one tells
    the figures and saves.
    """
    steering, crew = steering or Steering(), crew or Alone()
    device = torch.device(device or crew.device or checkpoints.best_device())
    folder = Path(folder) if folder else None
    torch.manual_seed(options.seed)
    if options.threads:
        torch.set_num_threads(options.threads)
    shuffler = torch.Generator().manual_seed(options.seed)
    model.to(device, memory_format=torch.channels_last).train()
    test = data.test[:QUICK_TEST]
    plan = plan_phases(model.phases(), options.epochs)
    spent, history, first_epoch, saved_optimizer = 0.0, [], 0, None
    if resume and folder:
        first_epoch, history, spent, saved_optimizer = state.load_state(folder, model, options, shuffler)
    else:
        model.fit_statistics(to_input(data.epoch(shuffler)[:4096], device))
    crew.begin(model, options.seed)
    folder = folder if crew.rank == 0 else None
    if folder:
        checkpoints.make_folder(folder)  # now: to find at the end that nothing can be written there is too late

    steps_per_epoch = math.ceil(data.epoch_size / options.batch_size)
    yield Started(
        family=model.family,
        data=data.name,
        device=str(device),
        parameters=model.parameter_count(),
        train_pictures=data.epoch_size,
        test_pictures=len(data.test),
        epochs=options.epochs,
        first_epoch=first_epoch,
        steps_per_epoch=steps_per_epoch,
        phases={phase.name: epochs for phase, epochs in plan},
        notice=data.notice,
    )
    began, saved, epoch, done, stopped = time.monotonic() - spent, time.monotonic(), 0, first_epoch, False
    for phase, epochs in plan:
        if epoch + epochs <= first_epoch:
            epoch += epochs
            continue
        optimizer = build_optimizer(phase, options)
        if saved_optimizer and first_epoch > epoch:  # at the start of a phase, what is saved is of the one before
            state.restore_optimizer(optimizer, saved_optimizer)
        saved_optimizer = None
        for phase_epoch in range(max(0, first_epoch - epoch), epochs):
            number = epoch + phase_epoch + 1
            try:
                partial, sums = yield from _train_epoch(
                    model, phase, optimizer, data, options, shuffler, device, should_stop, steering, crew,
                    number - 1, phase_epoch / epochs, 1 / epochs,
                )  # fmt: skip
                figures = evaluate(model, test) if crew.rank == 0 else {}
                check_finite(figures, number, steering.lr or options.lr)
            except AEDemoError as error:
                yield Failed(str(error))
                return
            seconds = time.monotonic() - began - steering.idle
            event = Evaluated(number, phase.name, sums["losses"], figures, sums["speed"], seconds)
            history.append({"epoch": number, "phase": phase.name, **sums["losses"], **figures})
            yield event
            done = number - partial  # a part of an epoch is kept in the weights, and is done again on resuming
            stopped = partial or (crew.size == 1 and should_stop() and number < options.epochs)
            if stopped:
                break
            may_save = folder and steering.resumable
            if may_save and time.monotonic() - saved > SAVE_SECONDS and number < options.epochs:
                state.save_state(folder, model, optimizer, options, shuffler, number, history, seconds)
                saved = time.monotonic()
                yield Checkpointed(str(folder), number)
        epoch += epochs
        if stopped:
            break

    crew.end()
    seconds = time.monotonic() - began - steering.idle
    if stopped and folder and steering.resumable:
        state.save_state(folder, model, optimizer, options, shuffler, done, history, seconds)
        yield Checkpointed(str(folder), done)
    if folder:
        try:
            checkpoints.save(model, folder)
        except CheckpointError as error:
            yield Failed(str(error))
            return
        model.load_state_dict(checkpoints.load(folder, device).state_dict())  # measured as stored, in half precision
    measured = measure_all(model, data.test) if crew.rank == 0 else {}
    figures = means_of(measured)
    if folder:
        report = build_report(model, data, options, measured, history, done, seconds, command)
        if steering.changes:
            report["steered"] = steering.changes
        checkpoints.write_json(folder / checkpoints.METRICS, report)
        if not stopped:
            state.clear_state(folder)
    notice = None if stopped or crew.rank else weakness(model, figures, test)
    yield Finished(done, stopped, seconds, figures, str(folder) if folder else None, notice)


def _train_epoch(
    model, phase, optimizer, data, options, shuffler, device, should_stop, steering, crew, epoch, start, share
):  # fmt: skip
    """One pass over the training pictures; returns whether it was stopped, and its mean losses and speed."""
    pictures = data.epoch(shuffler)
    order = torch.randperm(len(pictures), generator=shuffler)
    batches = order.split(options.batch_size)
    amp = torch.autocast(device.type, torch.bfloat16, enabled=options.precision == "bfloat16")
    total: dict[str, torch.Tensor] = {}
    recent: dict[str, torch.Tensor] = {}
    since, busy, told = 0, 0.0, time.monotonic()
    model.train()
    for step, index in enumerate(batches):
        lr = steering.lr or options.lr
        for group in optimizer.param_groups:
            group["lr"] = lr * rate_factor(options.schedule, start + share * step / len(batches))
        x = to_input(pictures.index_select(0, index), device)  # rows whole: faster than [index]
        if options.augment or options.mirror or options.contrast:
            x = augment(x, options.augment, shuffler, options.mirror, options.contrast)
        x, weight = crew.share(x)
        with amp:
            parts = phase.loss(x)
        loss = parts["loss"]
        if options.l1 or options.l2:
            loss = loss + losses.weight_penalty(phase.parameters, options.l1, options.l2)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        stop = crew.combine(phase.parameters, parts, weight, should_stop())
        optimizer.step()
        for name, value in parts.items():
            recent[name] = recent.get(name, 0.0) + value.detach()
        since += 1
        now = time.monotonic()
        due = now - told >= STEP_SECONDS or step == len(batches) - 1
        if due or steering.every_step or stop:
            means = {name: float(value) / since for name, value in recent.items()}
            check_finite(means, epoch + 1, lr)
            busy += now - told
            for name, value in recent.items():
                total[name] = total.get(name, 0.0) + float(value)
            at = epoch + (step + 1) / len(batches)
            speed = min((step + 1) * options.batch_size, len(pictures)) / max(busy, 1e-9)  # of the epoch, as `left` is
            left = (options.epochs - at) * len(pictures) / speed
            yield Stepped(epoch * len(batches) + step + 1, at, phase.name, means, speed, left)
            if stop or (crew.size == 1 and should_stop()):
                break
            recent, since, told = {}, 0, time.monotonic()
    seen = step + 1
    return seen < len(batches), {"losses": {n: v / seen for n, v in total.items()}, "speed": speed}


def check_finite(values: dict[str, float], epoch: int, lr: float) -> None:
    """Raise `TrainingError` unless all losses or figures are finite."""
    if not all(math.isfinite(value) for value in values.values()):
        raise TrainingError(
            f"The loss is no longer a number (epoch {epoch}). Lower the learning rate, which is {lr:g}, and "
            "start again."
        )


def plan_phases(phases: list[Phase], epochs: int) -> list[tuple[Phase, int]]:
    """Share the epochs out among the phases: each at least one, the last takes what is left."""
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
    raise TrainingError("The run ended without a word.")
