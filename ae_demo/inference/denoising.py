"""Denoising, and adding noise."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..checkpoints import list_checkpoints
from ..data.pictures import as_pixels, row_bands, to_pixels, to_planes
from ..errors import CheckpointError, ConfigError
from ..functional import noise
from ..functional.noise import Noise
from ..models import Autoencoder
from .arguments import in_range
from .collaborative import filter_collaboratively, gaussian_level
from .model_cache import get_model
from .pixels import Channels, mean_of_channels, restore_channels
from .scheduler import check_cancelled
from .tiles import Progress, run_tiled

ORIENTATIONS = ((500_000, 8), (4_000_000, 2))  # maximum number of pixels, and the default for them
REFINED_PIXELS = 4_000_000  # maximum number of pixels for which `collaborative` is the default
SPECIALISTS = {"denoising-photo": "denoising-photo-gaussian"}  # of white Gaussian noise alone, by the blind model
PROBE_SIDE = 256  # pixels, of the part by which the kind of noise is found
_BAND_SEED = 2**32  # between the seeds of the noise in two bands of a picture, larger than visitors' seeds


def denoise(
    image: Any,
    checkpoint: str | Path = "denoising-photo",
    *,
    level: float | None = None,
    orientations: int | None = None,
    collaborative: bool | None = None,
    progress: Progress = lambda share: None,
) -> np.ndarray:
    """Remove noise of any kind from a picture. Returns uint8 `(H, W)` if it is grey, otherwise `(H, W, 3)`.

    level: standard deviation of the noise to remove, with pixels in [0, 1]; None: the model's estimate. Lower levels
        keep a share of the noise; higher levels also remove detail that noise of that level would hide
    orientations: number of rotations and reflections of the picture to average over, 1, 2, 4 or 8; the time is
        proportional to it. None: 8 for up to half a megapixel, 2 for up to 4 megapixels, otherwise 1. Two gain about
        0.15 dB, eight another 0.1 dB. Ignored for models of one channel, which are trained on upright pictures only
    collaborative: whether noise that turns out to be white and Gaussian is removed by a model for it alone, if the
        checkpoint has one in `SPECIALISTS`, and filtered once more among similar patches of the picture, see
        `collaborative.filter_collaboratively`. None: for up to 4 megapixels. Ignored for models of one channel. The
        two together gain 0.5 to 0.7 dB
    progress: called with the share done, in [0, 1]

    Raises `PictureError` for a picture that cannot be used, `ConfigError` for values that are not allowed, and
    `CheckpointError` for a checkpoint that is missing or not for denoising.
    """
    pixels = as_pixels(image)
    model = get_model(checkpoint)
    if model.task != "denoise":
        raise CheckpointError("{checkpoint} does not denoise; choose a denoising checkpoint.", checkpoint=checkpoint)
    if orientations not in (None, 1, 2, 4, 8):
        raise ConfigError("orientations is {orientations!r}; give 1, 2, 4 or 8.", orientations=orientations)
    if level is not None:
        level = in_range("level", level, 0, 1)
    x = to_planes(pixels)  # (1, 1 or 3, H, W)
    planes = x.shape[1] == 3 and model.config.input_shape[0] == 1
    x = (
        x.transpose(0, 1) if planes else x.expand(-1, model.config.input_shape[0], -1, -1)
    )  # planes: each channel as a picture
    if x.shape[1] == 1:
        orientations = 1
    elif orientations is None:
        orientations = next((count for most, count in ORIENTATIONS if pixels.shape[0] * pixels.shape[1] <= most), 1)

    if collaborative is None:
        collaborative = pixels.shape[0] * pixels.shape[1] <= REFINED_PIXELS
    stored = Channels.of(pixels)
    refine = _Refinement(checkpoint, stored is Channels.COLOR) if collaborative and x.shape[1] == 3 else None

    def run(x: Tensor, progress: Progress) -> Tensor:
        if refine is None:
            return run_tiled(model, x, progress=progress, with_code=False, orientations=orientations)[0]
        own, by_model = refine.choose(model, x), lambda share: progress(0.7 * share)
        x_hat = run_tiled(own, x, progress=by_model, with_code=False, orientations=orientations)[0]
        return refine.filter(x, x_hat, lambda share: progress(0.7 + 0.3 * share))

    x_hat = run(x, progress) if level is None else _at_level(run, x, level, stored is Channels.COLOR, progress)
    return restore_channels(x_hat.transpose(0, 1) if planes else x_hat, stored)


class _Refinement:
    """What is done for white Gaussian noise alone: the model for it, and the filter among similar patches.

    checkpoint: the blind model's
    color: whether the three channels of the pictures differ
    """

    def __init__(self, checkpoint: str | Path, color: bool) -> None:
        self.specialist, self.color = SPECIALISTS.get(str(checkpoint)), color

    def choose(self, model: Autoencoder, x: Tensor) -> Autoencoder:
        """The model for the noise of uint8 `(1, 3, H, W)`, as `model`, the blind one, finds it in the middle of x."""
        if self.specialist is None or self.specialist not in list_checkpoints():
            return model
        top, left = (max(0, (size - PROBE_SIDE) // 2) for size in x.shape[2:])
        part = x[:, :, top : top + PROBE_SIDE, left : left + PROBE_SIDE]
        found = gaussian_level(*self._shown(part, run_tiled(model, part, with_code=False)[0]))
        return model if found is None else get_model(self.specialist)

    def filter(self, x: Tensor, x_hat: Tensor, progress: Progress) -> Tensor:
        """The model's output, filtered if the noise that it removed is white and Gaussian."""
        noisy, denoised = self._shown(x, x_hat)
        sigma = gaussian_level(noisy, denoised)
        if sigma is None:
            return x_hat
        return filter_collaboratively(noisy, denoised, sigma, progress)[None].expand(-1, 3, -1, -1)

    def _shown(self, x: Tensor, x_hat: Tensor) -> tuple[Tensor, Tensor]:
        """The channels of both that differ."""
        return (x[0], x_hat[0]) if self.color else (x[0, :1], mean_of_channels(x_hat)[0])


def _at_level(
    run: Callable[[Tensor, Progress], Tensor], x: Tensor, level: float, per_channel: bool, progress: Progress
) -> Tensor:
    """Remove noise of standard deviation `level` from uint8 `(B, C, H, W)` with a blind denoiser.

    For levels below its estimate, the result is interpolated with the input; above, noise is added first.
    """
    x_hat = run(x, lambda share: progress(share / 2))
    estimated = noise_level(x.numpy(), x_hat.numpy())
    bands = row_bands(x.shape[2], x.shape[1] * x.shape[3])
    if level <= estimated:
        mixed = torch.empty(x.shape, dtype=torch.uint8)
        for band in bands:
            part = torch.lerp(x[:, :, band].float(), x_hat[:, :, band].float(), level / max(estimated, 1e-6))
            mixed[:, :, band] = part.round()
        return mixed
    missing, generator = (level**2 - estimated**2) ** 0.5, torch.Generator().manual_seed(0)
    noisier = torch.empty(x.shape, dtype=torch.uint8)
    for band in bands:
        part = noise.gaussian(x[:, :, band] / 255, missing, generator=generator, per_channel=per_channel)
        noisier[:, :, band] = (255 * part).round()
    return run(noisier, lambda share: progress((1 + share) / 2))


def noise_level(noisy: np.ndarray, denoised: np.ndarray) -> float:
    """Root mean square of the removed noise, with pixels in [0, 1], from two uint8 arrays of equal shape."""
    bands = row_bands(noisy.shape[0], noisy[0].size)
    total = sum(np.square(noisy[band].astype(np.int32) - denoised[band]).sum(dtype=np.int64) for band in bands)
    return math.sqrt(total / noisy.size) / 255


def add_noise(image: Any, levels: Noise, seed: int = 0) -> np.ndarray:
    """Add noise to a picture: uint8 of the same shape, reproducible by `seed`. Raises `PictureError`.

    A large picture gets its noise in bands of rows, except for grain, which is larger than a pixel.
    """
    pixels = as_pixels(image)
    height, row = pixels.shape[0], pixels[0].size
    x, out = to_planes(pixels), np.empty_like(pixels)
    for number, band in enumerate([slice(None)] if levels.grain else row_bands(height, row)):
        check_cancelled()
        out[band] = to_pixels(noise.corrupt(x[:, :, band] / 255, levels, seed=seed + number * _BAND_SEED))
    return out
