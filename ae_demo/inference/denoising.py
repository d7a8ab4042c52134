"""Denoising, and adding noise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..data.pictures import as_pixels, to_pixels, to_tensor
from ..errors import CheckpointError
from ..functional import noise
from ..functional.noise import Noise
from .model_cache import get_model
from .pixels import bytes_like
from .tiles import Progress, run_tiled


def denoise(
    image: Any,
    checkpoint: str | Path = "denoising-photo",
    *,
    quick: bool = False,
    progress: Progress = lambda share: None,
) -> np.ndarray:
    """Remove the noise from a picture, whatever its kind and level: uint8 `(H, W)` if it is grey, else `(H, W, 3)`.

    With a model for photographs the result is averaged over the picture and the picture turned by 180°, which gains
    about 0.15 dB for twice the time; not with `quick`. Raises `PictureError`, and `CheckpointError` for a checkpoint
    that is missing or of another task.
    """
    pixels = as_pixels(image)
    model = get_model(checkpoint)
    if model.task != "denoise":
        raise CheckpointError(f"{checkpoint} does not denoise; choose a denoising checkpoint.")
    x = torch.from_numpy(np.atleast_3d(pixels)).permute(2, 0, 1)[None]  # (1, 1 or 3, H, W), uint8
    if x.shape[1] == 3 and model.config.input_shape[0] == 1:
        x = x.transpose(0, 1)  # each colour plane as a grey picture
        return bytes_like(run_tiled(model, x, progress=progress, with_code=False)[0].transpose(0, 1), pixels)
    x = x.expand(-1, model.config.input_shape[0], -1, -1)
    turned = x.shape[1] == 3 and not quick  # models of digits and garments, which are grey, learn upright ones only
    return bytes_like(run_tiled(model, x, progress=progress, with_code=False, turned=turned)[0], pixels)


def add_noise(image: Any, levels: Noise, seed: int = 0) -> np.ndarray:
    """Add noise to a picture: uint8 of its shape. The same seed gives the same noise. Raises `PictureError`."""
    pixels = as_pixels(image)
    return to_pixels(noise.corrupt(to_tensor(pixels), levels, seed=seed))
