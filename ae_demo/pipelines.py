"""A picture in, a result out: preparation, tiles, device, and the way back to the picture's own size.

Pictures are PIL images or uint8 arrays `(H, W)` or `(H, W, 3)`; results are uint8 arrays of the same height and
width. Large pictures go through in overlapping tiles, so memory stays bounded and time linear in pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from . import checkpoints, metrics, noise
from .colorizing import Hint, colorize
from .compression import compress, decompress
from .data.digits import DigitInput, prepare_digit
from .data.pictures import as_pixels, to_pixels, to_tensor
from .errors import CheckpointError
from .inference import (
    bytes_like,
    channel_count,
    device_of,
    finite,
    forwards,
    get_model,
    resize,
    takes_any_size,
    with_channels,
)
from .models import Autoencoder
from .noise import Noise
from .tiles import Progress, run_tiled

__all__ = [
    "Hint",
    "Result",
    "add_noise",
    "colorize",
    "compress",
    "decode",
    "decode_points",
    "decompress",
    "denoise",
    "get_model",
    "reconstruct",
    "run_tiled",
]


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
    if hasattr(model, "predict_ab"):
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


def denoise(
    image: Any,
    checkpoint: str | Path = "denoising-photo",
    *,
    quick: bool = False,
    progress: Progress = lambda share: None,
) -> np.ndarray:
    """The picture without its noise, whatever kind and however much: uint8 of the same height and width.

    A grey picture stays grey, `(H, W)`; one in colour stays in colour. A model of photographs sees it upside down as
    well, and the mean is taken, which gains some 0.15 dB for twice the time; not if `quick`. Raises `PictureError`,
    `CheckpointError`.
    """
    pixels = as_pixels(image)
    model = get_model(checkpoint)
    if model.family != "denoising":
        raise CheckpointError(f"{checkpoint} does not denoise; choose a denoising checkpoint.")
    x = torch.from_numpy(np.atleast_3d(pixels)).permute(2, 0, 1)[None]  # (1, 1 or 3, H, W), the very bytes
    if x.shape[1] == 3 and model.config.input_shape[0] == 1:
        x = x.transpose(0, 1)  # each colour plane as a grey picture
        return bytes_like(run_tiled(model, x, progress=progress, with_code=False)[0].transpose(0, 1), pixels)
    x = x.expand(-1, model.config.input_shape[0], -1, -1)
    turned = x.shape[1] == 3 and not quick  # digits and garments, which are grey, have a top and a bottom
    return bytes_like(run_tiled(model, x, progress=progress, with_code=False, turned=turned)[0], pixels)


def add_noise(image: Any, levels: Noise, seed: int = 0) -> np.ndarray:
    """The picture with noise, clipped and rounded to uint8; the same seed gives the same noise."""
    pixels = as_pixels(image)
    return to_pixels(noise.corrupt(to_tensor(pixels), levels, seed=seed))


def decode(x: float, y: float, checkpoint: str | Path = "vae-mnist") -> np.ndarray:
    """The picture at a point of a 2-D latent plane: uint8 `(H, W)` or `(H, W, 3)`.

    Raises `CheckpointError`, `ConfigError`.
    """
    return to_pixels(decode_points(np.array([[finite("x", x), finite("y", y)]]), checkpoint))


def decode_points(points: np.ndarray, checkpoint: str | Path = "vae-mnist") -> Tensor:
    """Codes `(N, latent_dim)` to pictures `(N, C, H, W)` in [0, 1]."""
    model = get_model(checkpoint)
    z = torch.as_tensor(points, dtype=torch.float32)
    if z.ndim != 2 or model.code_shape != tuple(z.shape[1:]):
        raise CheckpointError(f"{checkpoint} has codes of shape {model.code_shape}; {tuple(z.shape[1:])} was given.")
    with forwards, torch.inference_mode():
        return model.decode(z.to(device_of(model))).cpu()


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
    name = checkpoints.load_metrics(checkpoint).get("data", {}).get("name", "")
    if shape == (1, 28, 28) and name != "folder":
        return prepare_digit(pixels, kind="garment" if name.startswith("fashion") else "digit")
    if len(shape) != 3:
        raise CheckpointError(f"{checkpoint} reads sequences of {shape}, not pictures; choose another.")
    return _Resized(resize(with_channels(to_tensor(pixels), shape[0]), shape[1:]), pixels)


def _like(x_hat: Tensor, pixels: np.ndarray) -> np.ndarray:
    """Pictures in [0, 1] as uint8 with the channels of `pixels`."""
    return to_pixels(x_hat.mean(1, keepdim=True) if pixels.ndim == 2 else x_hat.expand(-1, 3, -1, -1))
