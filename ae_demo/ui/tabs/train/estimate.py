"""About how long a run will take on this machine's processor, before it starts.

A step costs its floating-point operations, counted without doing them, at this machine's speed in matrix products, and
the time of the update rule, which is proportional to the parameters. Measured, that is right within a factor of two.
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

COUNTED_SAMPLES = 16  # in the batch whose operations are counted
SPEEDUP = 1.2  # of a model's matrix products over the smaller one that is timed
UPDATE_SECONDS = 8e-9  # for each parameter and step
EVALUATION_SECONDS = 0.15  # for each epoch


def estimate_seconds(settings: PageSettings) -> float | None:
    """Seconds for all epochs, or None if they cannot be estimated: on a GPU, or if operations cannot be counted."""
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
    """The config with defaults for the options that do not change what is computed."""
    defaults = {f.name: f.default for f in dataclasses.fields(config) if f.name in live_fields(type(config))}
    return dataclasses.replace(config, **defaults)


@lru_cache(maxsize=64)
def count_operations(family: str, config: Config) -> float | None:
    """Floating-point operations for a sample, forward and backward; None if they cannot be counted."""
    from torch.utils.flop_counter import FlopCounterMode

    try:
        with torch.device("meta"), FlopCounterMode(display=False) as counter:
            model = build_model(family, **config.to_dict())
            model.batch_loss(torch.zeros(COUNTED_SAMPLES, *config.input_shape))["loss"].backward()
    except (RuntimeError, NotImplementedError):  # an operation that needs numbers
        return None
    return counter.get_total_flops() / COUNTED_SAMPLES


@lru_cache(maxsize=1)
def measure_speed(size: int = 384, repeats: int = 10) -> float:
    """Floating-point operations a second of one thread in matrix products: the best of `repeats`."""
    a, best = torch.randn(size, size), float("inf")
    threads = torch.get_num_threads()
    for _ in range(repeats):
        began = time.perf_counter()
        a @ a
        best = min(best, time.perf_counter() - began)
    return 2 * size**3 / best / threads
