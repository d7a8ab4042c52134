"""Validation of arguments."""

from __future__ import annotations

import math
import numbers
import reprlib
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..errors import CheckpointError, ConfigError
from ..models import Autoencoder
from ..models.conv import ConvAutoencoder
from .model_cache import device_of
from .refinement import MAX_REFINEMENTS, REFINED_PIXELS, REFINEMENTS


def shown(value: Any) -> str:
    """A short representation of a value for an error message: strings in quotes, long or nested values abbreviated."""
    return _short.repr(value)[:100]


_short = reprlib.Repr()
_short.maxstring = 80


def finite(name: str, value: Any) -> float:
    """`value` as a float. Raises `ConfigError`, with `name` in its message, unless it is a finite number."""
    try:
        number = math.nan if isinstance(value, (str, bytes, bool)) else float(value)
    except (TypeError, ValueError, OverflowError, RuntimeError):
        number = math.nan
    if not math.isfinite(number):
        raise ConfigError("{name} is {given}; give a finite number.", name=name, given=shown(value))
    return number


def in_range(name: str, value: Any, lowest: float, highest: float) -> float:
    """`value` as a float. Raises `ConfigError`, with `name` in its message, unless it is in [lowest, highest]."""
    number = finite(name, value)
    if not lowest <= number <= highest:
        raise ConfigError(
            "{name} is {given:g}; give a number from {lowest:g} to {highest:g}.",
            name=name,
            given=number,
            lowest=lowest,
            highest=highest,
        )
    return number


def integer(name: str, value: Any, minimum: int, maximum: int) -> int:
    """`value` as an int. Raises `ConfigError`, with `name` in its message, unless it is an integer in this range."""
    fits = isinstance(value, numbers.Real) and not isinstance(value, bool) and math.isfinite(value)
    if not fits or value != int(value) or not minimum <= value <= maximum:
        raise ConfigError(
            "{name} is {given}; give an integer from {minimum:,} to {maximum:,}.",
            name=name,
            given=shown(value),
            minimum=minimum,
            maximum=maximum,
        )
    return int(value)


def channel_count(checkpoint: str | Path, model: Autoencoder, channels: Any) -> int | None:
    """`channels`, the validated number of the code's channels to keep; None: all.

    Raises `ConfigError` unless it is an integer from 1 to their number, and if the model's code is not a map.
    """
    if channels is None:
        return None
    if not isinstance(model, ConvAutoencoder) or model.config.latent_dim:
        raise ConfigError("{checkpoint} has no channels to choose from; leave channels out.", checkpoint=checkpoint)
    largest = model.config.code_channels
    return integer("channels", channels, 1, largest)


def refinement_count(
    checkpoint: str | Path, model: Autoencoder, refinements: Any, channels: int | None, pixels: np.ndarray
) -> int:
    """The number of steps that refine the code of a picture `(H, W, …)`.

    By default (None), codes of pictures up to `REFINED_PIXELS` are refined if fewer than all `channels` are kept.

    Raises `ConfigError` unless it is an integer from 0 to 1,000, and if it is not 0 but the model's code is not a map.
    """
    if refinements is None:
        fewer = channels is not None and channels < model.code_shape[0]
        return REFINEMENTS if fewer and pixels.shape[0] * pixels.shape[1] <= REFINED_PIXELS else 0
    steps = integer("refinements", refinements, 0, MAX_REFINEMENTS)
    if steps and (not isinstance(model, ConvAutoencoder) or model.config.latent_dim):
        raise ConfigError("{checkpoint} has no map of codes to refine; leave refinements out.", checkpoint=checkpoint)
    return steps


def code_batch(checkpoint: str | Path, model: Autoencoder, codes: Any) -> Tensor:
    """Codes as float32 `(N, latent_dim)` on the model's device. Raises `CheckpointError` for other shapes."""
    z = torch.as_tensor(codes, dtype=torch.float32)
    if z.ndim != 2 or tuple(z.shape[1:]) != model.code_shape:
        raise CheckpointError(
            "{checkpoint} has codes of shape {shape}; {given} was given.",
            checkpoint=checkpoint,
            shape=model.code_shape,
            given=tuple(z.shape[1:]),
        )
    return z.to(device_of(model))
