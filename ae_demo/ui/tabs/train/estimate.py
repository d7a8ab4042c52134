"""Estimates how long a run will take on this machine's processor.

The time of a step is the number of its floating-point operations, counted on the meta device, divided by this machine's
speed in matrix products, plus the time of the optimizer, which is proportional to the number of parameters. Measured
times are within a factor of two of the estimate.
"""

from __future__ import annotations

import dataclasses
import time
from functools import lru_cache

import torch

from ....models import Config, build_model
from ....training.controls import live_fields
from ....training.worker import PATCHES_PER_EPOCH
from .settings import PageSettings

COUNTED_SAMPLES = 16  # batch size for which operations are counted
SPEEDUP = 1.2  # of a model's matrix products over the timed one, which is smaller
UPDATE_SECONDS = 8e-9  # of the optimizer, per parameter and step
EVALUATION_SECONDS = 0.15  # per epoch


def estimate_seconds(settings: PageSettings) -> float | None:
    """Seconds for all epochs; None on a GPU, or if operations cannot be counted."""
    operations = count_operations(settings.family, without_live(settings.config))
    if torch.cuda.is_available() or operations is None:
        return None
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
def count_operations(family: str, config: Config) -> float | None:
    """Floating-point operations per sample, forward and backward; None if they cannot be counted."""
    from torch.utils.flop_counter import FlopCounterMode

    try:
        with torch.device("meta"), FlopCounterMode(display=False) as counter:
            model = build_model(family, **config.to_dict())
            labels = (torch.zeros(COUNTED_SAMPLES, dtype=torch.long),) if model.takes_labels else ()
            model.batch_loss(torch.zeros(COUNTED_SAMPLES, *config.input_shape), *labels)["loss"].backward()
    except (RuntimeError, NotImplementedError):  # an operation that the meta device does not support
        return None
    return counter.get_total_flops() / COUNTED_SAMPLES


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
