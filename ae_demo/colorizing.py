"""Colours for grey pictures, guessed by a model from the lightness, which stays as it is at full size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from . import color
from .data.pictures import as_pixels, to_pixels, to_tensor
from .errors import CheckpointError
from .inference import device_of, finite, forwards, get_model, resize, with_channels

COLOR_SIDE = 96  # pixels on the short side at which colours are predicted


def colorize(image: Any, checkpoint: str | Path = "colorization-photo", *, saturation: float = 1.0) -> np.ndarray:
    """The picture in predicted colours, uint8 `(H, W, 3)`, its lightness L untouched.

    Colours are predicted at a fixed modest size, so the same picture gets the same colours at any size, and then
    enlarged. `saturation` scales a and b. Raises `PictureError`, `CheckpointError`, `ConfigError`.
    """
    saturation = finite("saturation", saturation)
    pixels = as_pixels(image)
    model = get_model(checkpoint)
    if not hasattr(model, "predict_ab"):
        raise CheckpointError(f"{checkpoint} does not colorize; choose a colorization checkpoint.")
    lightness = color.rgb_to_lab(with_channels(to_tensor(pixels), 3))[:, :1]  # (1, 1, H, W)
    height, width = pixels.shape[:2]
    scale = COLOR_SIDE / min(height, width)
    long = min(round(max(height, width) * scale), 8 * COLOR_SIDE)  # a very long strip is predicted squeezed
    small = (COLOR_SIDE, long) if height <= width else (long, COLOR_SIDE)
    with forwards, torch.inference_mode():
        ab = model.predict_ab(resize(lightness, small).to(device_of(model)) / 100).cpu()
    ab = F.interpolate(ab, (height, width), mode="bilinear", align_corners=False)
    return to_pixels(color.lab_to_rgb(torch.cat([lightness, saturation * ab], dim=1)))
