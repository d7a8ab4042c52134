"""Checks of the numbers that callers give."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from ..errors import ConfigError
from ..models import Autoencoder


def finite(name: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise ConfigError(f"{name} is {str(value)[:80]}; give a finite number.")
    return number


def channel_count(checkpoint: str | Path, model: Autoencoder, channels: Any) -> int | None:
    """How many channels are to be kept, checked."""
    if channels is None:
        return None
    if not hasattr(model, "keep_channels") or model.config.latent_dim:
        raise ConfigError(f"{checkpoint} has no channels to choose from; leave channels out.")
    most = model.config.code_channels
    if isinstance(channels, bool) or channels != channels // 1 or not 1 <= channels <= most:
        raise ConfigError(f"channels is {channels}; allowed is 1 to {most}, whole.")
    return int(channels)
