"""About how long a run will take on this machine's processor, before it starts.

A step costs its floating-point operations, counted without doing them, at this machine's speed in matrix products, and
the time in which the update rule goes through the parameters. Measured, that is right within a factor of two.
"""

from __future__ import annotations

import time
from functools import lru_cache

import torch

from ....models import FAMILIES, build_model
from .settings import PICTURES, SHAPES, RunOptions, Settings

COUNTED = 16  # pictures in the batch whose operations are counted
GAIN = 1.2  # a model's products are larger than the one that is timed
UPDATE_SECONDS = 8e-9  # for each parameter, a step
EPOCH_SECONDS = 0.15  # to measure held-out pictures


def estimate_seconds(settings: Settings) -> float | None:
    """Seconds for all epochs, or None where nothing can be said: on a GPU, or for operations that cannot be counted."""
    options = RunOptions(**settings.options)
    config = tuple(sorted((name, value) for name, value in settings.config.items() if name in shaping(settings.family)))
    operations = count_operations(settings.family, config, SHAPES[settings.data])
    if torch.cuda.is_available() or operations is None:
        return None
    pictures = min(PICTURES[settings.data], settings.limit or 10**9)
    steps = -(-pictures // options.batch_size)
    epoch = pictures * operations / (GAIN * measure_speed()) + steps * UPDATE_SECONDS * settings.parameters()
    return options.epochs * (epoch + EPOCH_SECONDS)


def shaping(family: str) -> list[str]:
    """The options that change what is computed."""
    return [field.name for field in FAMILIES[family].Config.__dataclass_fields__.values() if not field.metadata["live"]]


@lru_cache(maxsize=64)
def count_operations(family: str, config: tuple, shape: tuple[int, ...]) -> float | None:
    """Floating-point operations for a picture, forward and back."""
    from torch.utils.flop_counter import FlopCounterMode

    try:
        with torch.device("meta"), FlopCounterMode(display=False) as counter:
            model = build_model(family, **{**dict(config), "input_shape": shape})
            model.batch_loss(torch.zeros(COUNTED, *shape))["loss"].backward()
    except (RuntimeError, NotImplementedError):  # an operation that needs numbers
        return None
    return counter.get_total_flops() / COUNTED


@lru_cache(maxsize=1)
def measure_speed(size: int = 384, times: int = 10) -> float:
    """Floating-point operations a second of one thread in matrix products: the best of a few, some milliseconds."""
    a, best = torch.randn(size, size), float("inf")
    threads = torch.get_num_threads()
    for _ in range(times):
        began = time.perf_counter()
        a @ a
        best = min(best, time.perf_counter() - began)
    return 2 * size**3 / best / threads
