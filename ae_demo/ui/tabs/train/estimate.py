"""Estimates how long a run will take on this machine's processor.

The time of a step is the number of its floating-point operations divided by this machine's speed in matrix products,
plus the time of the optimizer, which is proportional to the number of parameters that are trained. Phases of training
are estimated one by one: they differ in both. Each run corrects the estimates for the phases of its family by the
processor time that it uses, and what else the machine has to do is taken into account.
"""

from __future__ import annotations

import dataclasses
import os
import statistics
import time
from functools import lru_cache
from typing import Any

import torch
from torch import nn

from ....models import Config, build_model
from ....training.controls import live_fields
from ....training.engine import plan_phases
from ....training.worker import PATCHES_PER_EPOCH
from ....training.worker_run import NICE
from . import run_queue
from .settings import PageSettings

SPEEDUP = 1.2  # of a model's matrix products over the timed one, which is smaller
UPDATE_SECONDS = 8e-9  # of the optimizer, per parameter and step
EVALUATION_SECONDS = 0.15  # per epoch

_corrections: dict[tuple[str, str], float] = {}  # measured over estimated time, of each family's phases in its last run


def estimate_seconds(settings: PageSettings) -> float | None:
    """Seconds for all epochs, with the machine's present load; None on a GPU."""
    if torch.cuda.is_available():
        return None
    usual = statistics.median(_corrections.values() or [1.0])
    seconds, epochs = phase_seconds(settings), planned_epochs(settings)
    known = {phase: _corrections.get((settings.family, phase), usual) for phase in epochs}
    return sum(epochs[phase] * known[phase] * seconds[phase] for phase in epochs) / share_of_a_core()


def learn(settings: PageSettings, phase: str, epochs: float, seconds: float) -> None:
    """Correct the estimates by a run of `settings` that has used `seconds` of processor time in `epochs` of a phase."""
    _corrections[settings.family, phase] = seconds / (epochs * phase_seconds(settings)[phase])


def planned_epochs(settings: PageSettings) -> dict[str, int]:
    """The epochs of each phase that the run will have."""
    return {phase.name: epochs for phase, epochs in plan_phases(settings.outline().phases(), settings.options.epochs)}


def share_of_a_core(running: int | None = None) -> float:
    """The share of a processor core that one more run gets, in (0, 1].

    Others are those that are ready to run, without the `running` runs of this demo (None: as many as there are): the
    average of the last minute. Beside them a run has the weight that Linux gives its niceness.
    """
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    running, cores = run_queue.running() if running is None else running, os.cpu_count() or 1
    others, weight = max(0.0, load - running), 1.25**-NICE
    free = cores - others - running
    return max(min(1.0, free), min(1.0, cores * weight / (others + (running + 1) * weight)))


def phase_seconds(settings: PageSettings) -> dict[str, float]:
    """Seconds of one epoch of each phase on an idle core, estimated without the correction by earlier runs."""
    operations = count_operations(settings.family, without_live(settings.config))
    samples = settings.data_set.train_count or PATCHES_PER_EPOCH
    samples = min(samples, settings.limit or samples)
    steps = -(-samples // settings.options.batch_size)
    found = {}
    for phase in settings.outline().phases():
        updates = steps * UPDATE_SECONDS * sum(parameter.numel() for parameter in phase.parameters)
        products = samples * operations[phase.name] / (SPEEDUP * measure_speed())
        found[phase.name] = products + updates + EVALUATION_SECONDS
    return found


def without_live(config: Config) -> Config:
    """The config with its live options, which do not change the operations, at their defaults."""
    defaults = {f.name: f.default for f in dataclasses.fields(config) if f.name in live_fields(type(config))}
    return dataclasses.replace(config, **defaults)


@lru_cache(maxsize=64)
def count_operations(family: str, config: Config) -> dict[str, float]:
    """Floating-point operations of each phase per sample, forward and backward, counted for one sample of zeros.

    Each weight is multiplied and added once for each place of the output. The backward pass costs twice as much as the
    forward one; layers without gradients have none. `torch.utils.flop_counter` counts the same, but imports PyTorch's
    compiler (2 s, 150 MB).
    """
    counted = 0

    def count(module: nn.Module, given: tuple[torch.Tensor, ...], output: Any) -> None:
        nonlocal counted
        x = given[0] if isinstance(module, nn.LSTM | nn.modules.conv._ConvTransposeNd) else output
        axis = 1 if isinstance(module, nn.modules.conv._ConvNd) else -1  # of the channels
        products = x.numel() // x.shape[axis] * sum(weight.numel() for weight in module.parameters(recurse=False))
        counted += 2 * products * (3 if torch.is_grad_enabled() else 1)

    model = build_model(family, **config.to_dict()).eval()
    for module in model.modules():
        if isinstance(module, nn.Linear | nn.LSTM | nn.modules.conv._ConvNd):
            module.register_forward_hook(count)
    labels = (torch.zeros(1, dtype=torch.long),) if model.takes_labels else ()
    kind = torch.long if len(config.input_shape) == 1 else torch.float  # of symbols, and of all others
    x, found = torch.zeros(1, *config.input_shape, dtype=kind), {}
    for phase in model.phases():
        counted = 0
        phase.loss(x, *labels)
        found[phase.name] = float(counted)
    return found


@lru_cache(maxsize=1)
def measure_speed(size: int = 384, repeats: int = 10) -> float:
    """Floating-point operations per second of one thread in matrix products: the best of `repeats`."""
    a, best = torch.randn(size, size), float("inf")
    threads = torch.get_num_threads()
    for _ in range(repeats):
        began = time.perf_counter()
        a @ a
        best = min(best, time.perf_counter() - began)
    return 2 * size**3 / best / threads
