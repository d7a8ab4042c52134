"""A picture through a model's code and back: preparation, tiles, and the way back to the picture's own size."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .. import checkpoints
from ..data import DATA_SETS
from ..data.digits import DigitInput, prepare_digit
from ..data.pictures import as_pixels, to_pixels, to_tensor
from ..errors import CheckpointError
from ..functional import metrics
from ..models import Autoencoder
from .arguments import channel_count
from .model_cache import device_of, forwards, get_model, takes_any_size
from .pixels import resize, with_channels
from .tiles import Progress, run_tiled


@dataclass(frozen=True)
class Result:
    """A reconstruction. Figures are against the picture given, on pixels in [0, 1].

    `image` uint8 of the picture's height and width; `code` float32, `(latent_dim,)` or `(C, h, w)`; `seen` and
    `seen_hat` float32 `(C, H, W)` in [0, 1]: what the model was given after preparation, and gave back.
    """

    image: np.ndarray
    code: np.ndarray
    mse: float
    psnr: float
    ssim: float
    seen: np.ndarray
    seen_hat: np.ndarray


def reconstruct(
    image: Any,
    checkpoint: str | Path = "conv-photo",
    *,
    channels: int | None = None,
    progress: Progress = lambda share: None,
) -> Result:
    """`image` through a checkpoint's code and back.

    Digits and garments of any size are first prepared the way the training pictures were, and put back after;
    for a code that is a map, `channels` keeps only the first so many. Raises `PictureError`, `CheckpointError`,
    `ConfigError`.
    """
    pixels = as_pixels(image)
    model = get_model(checkpoint)
    if model.task == "colorize":
        raise CheckpointError(f"{checkpoint} predicts colours only: use colorize, or choose another checkpoint.")
    channels = channel_count(checkpoint, model, channels)
    if takes_any_size(model):
        x = with_channels(to_tensor(pixels), model.config.input_shape[0])
        x_hat, z = run_tiled(model, x, channels=channels, progress=progress)
        image_hat = _like(x_hat, pixels)
    else:
        prepared = prepare(pixels, checkpoint, model)
        x = prepared.x
        with forwards, torch.inference_mode():
            output = model(x.to(device_of(model)))
            x_hat, z = output.x_hat.cpu(), output.z.cpu()
        image_hat = prepared.restore(x_hat)
    given, back = to_tensor(pixels), to_tensor(image_hat)
    return Result(
        image=image_hat,
        code=z[0].numpy(),
        mse=metrics.mse(back, given).item(),
        psnr=metrics.psnr(back, given).item(),
        ssim=metrics.ssim(back, given).item(),
        seen=x[0].numpy(),
        seen_hat=x_hat[0].numpy(),
    )


@dataclass(frozen=True)
class _Resized:
    """A picture brought to a model's size, and the way back."""

    x: Tensor
    pixels: np.ndarray

    def restore(self, x_hat: Tensor) -> np.ndarray:
        return _like(resize(x_hat, self.pixels.shape[:2]), self.pixels)


def prepare(pixels: np.ndarray, checkpoint: str | Path, model: Autoencoder) -> DigitInput | _Resized:
    """A picture as the model's input `.x` `(1, C, H, W)`, with `.restore(x_hat)` back to the picture's size."""
    shape = model.config.input_shape
    entry = DATA_SETS.get(checkpoints.data_of(checkpoint))
    subject = entry.subject if entry else "digit"
    if shape == (1, 28, 28) and subject:
        return prepare_digit(pixels, kind=subject)
    if len(shape) != 3:
        raise CheckpointError(f"{checkpoint} reads sequences of {shape}, not pictures; choose another.")
    return _Resized(resize(with_channels(to_tensor(pixels), shape[0]), shape[1:]), pixels)


def _like(x_hat: Tensor, pixels: np.ndarray) -> np.ndarray:
    """Pictures in [0, 1] as uint8 with the channels of `pixels`."""
    return to_pixels(x_hat.mean(1, keepdim=True) if pixels.ndim == 2 else x_hat.expand(-1, 3, -1, -1))
