"""Validation of numbers that callers pass."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from ..errors import ConfigError
from ..models import Autoencoder
from ..models.conv import ConvAutoencoder


def finite(name: str, value: Any) -> float:
    """`value` as a float. Raises `ConfigError`, which calls it `name`, unless it is a finite number."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise ConfigError(f"{name} is {str(value)[:80]}; give a finite number.")
    return number


def in_range(name: str, value: Any, lowest: float, highest: float) -> float:
    """`value` as a float. Raises `ConfigError`, which calls it `name`, unless it is from `lowest` to `highest`."""
    number = finite(name, value)
    if not lowest <= number <= highest:
        raise ConfigError(f"{name} is {number:g}; give a number from {lowest:g} to {highest:g}.")
    return number


def channel_count(checkpoint: str | Path, model: Autoencoder, channels: Any) -> int | None:
    """The number of the code's channels to keep, None for all.

    Raises `ConfigError` unless it is an integer from 1 to their number, and for a model whose code is not such a map.
    """
    if channels is None:
        return None
    if not isinstance(model, ConvAutoencoder) or model.config.latent_dim:
        raise ConfigError(f"{checkpoint} has no channels to choose from; leave channels out.")
    largest = model.config.code_channels
    if isinstance(channels, bool) or channels != channels // 1 or not 1 <= channels <= largest:
        raise ConfigError(f"channels is {channels}; allowed is an integer from 1 to {largest}.")
    return int(channels)
