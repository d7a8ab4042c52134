"""Estimates how long a run will take on this machine's processor.

The time of a step is the number of its floating-point operations divided by this machine's speed in matrix products,
plus the time of the optimizer, which is proportional to the number of parameters. Measured times are within a factor of
two of the estimate.
"""

from __future__ import annotations

import dataclasses
import time
from functools import lru_cache
from typing import Any

import torch
from torch import nn

from ....models import Config, build_model
from ....training.controls import live_fields
from ....training.worker import PATCHES_PER_EPOCH
from .settings import PageSettings

SPEEDUP = 1.2  # of a model's matrix products over the timed one, which is smaller
UPDATE_SECONDS = 8e-9  # of the optimizer, per parameter and step
EVALUATION_SECONDS = 0.15  # per epoch


def estimate_seconds(settings: PageSettings) -> float | None:
    """Seconds for all epochs; None on a GPU."""
    if torch.cuda.is_available():
        return None
    operations = count_operations(settings.family, without_live(settings.config))
    samples = settings.data_set.train_count or PATCHES_PER_EPOCH
    samples = min(samples, settings.limit or samples)
    steps = -(-samples // settings.options.batch_size)
    updates = steps * UPDATE_SECONDS * settings.outline().parameter_count()
    epoch = samples * operations / (SPEEDUP * measure_speed()) + updates
    return settings.options.epochs * (epoch + EVALUATION_SECONDS)


def without_live(config: Config) -> Config:
    """The config with its live options, which do not change the operations, at their defaults."""
    defaults = {f.name: f.default for f in dataclasses.fields(config) if f.name in live_fields(type(config))}
    return dataclasses.replace(config, **defaults)


@lru_cache(maxsize=64)
def count_operations(family: str, config: Config) -> float:
    """Floating-point operations per sample, forward and backward, counted for one sample of zeros.

    Each weight is multiplied and added once for each place of the output. The backward pass costs twice as much as the
    forward one. `torch.utils.flop_counter` counts the same, but imports PyTorch's compiler (2 s, 150 MB).
    """
    counted = 0

    def count(module: nn.Module, given: tuple[torch.Tensor, ...], output: Any) -> None:
        nonlocal counted
        x = given[0] if isinstance(module, nn.LSTM | nn.modules.conv._ConvTransposeNd) else output
        axis = 1 if isinstance(module, nn.modules.conv._ConvNd) else -1  # of the channels
        counted += x.numel() // x.shape[axis] * sum(weight.numel() for weight in module.parameters(recurse=False))

    model = build_model(family, **config.to_dict()).eval()
    for module in model.modules():
        if isinstance(module, nn.Linear | nn.LSTM | nn.modules.conv._ConvNd):
            module.register_forward_hook(count)
    labels = (torch.zeros(1, dtype=torch.long),) if model.takes_labels else ()
    with torch.no_grad():
        model(model.prepare(torch.zeros(1, *config.input_shape))[0], *labels)
    return 3 * 2 * counted


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
