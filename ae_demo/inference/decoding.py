"""Decoding of codes to pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..data.pictures import to_pixels
from .arguments import code_batch, finite
from .model_cache import get_model
from .scheduler import scheduler


def decode(x: float, y: float, checkpoint: str | Path = "vae-mnist") -> np.ndarray:
    """Decode a point of a 2-D latent space: uint8 `(H, W)` or `(H, W, 3)`.

    Raises `CheckpointError` for a model whose code is not two numbers, `ConfigError` for a coordinate that is not
    finite.
    """
    return to_pixels(decode_points(np.array([[finite("x", x), finite("y", y)]]), checkpoint))


def decode_points(points: np.ndarray, checkpoint: str | Path = "vae-mnist") -> Tensor:
    """Decode `(N, latent_dim)` to pictures `(N, C, H, W)` in [0, 1]. Raises `CheckpointError` for another width."""
    model = get_model(checkpoint)
    z = code_batch(checkpoint, model, points)
    with scheduler.turn(), torch.inference_mode():
        return model.decode(z).cpu()
