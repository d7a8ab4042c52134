"""Reconstruction of a picture: preparation for the model, encoding and decoding, and restoring its size."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .. import checkpoints
from ..data import DATA_SETS
from ..data.digits import DigitInput, prepare_digit
from ..data.pictures import as_pixels, to_planes, to_tensor
from ..errors import CheckpointError
from ..functional import metrics
from ..models import Autoencoder
from .arguments import channel_count, refinement_count
from .model_cache import device_of, get_model, takes_any_size
from .pixels import Channels, input_planes, resize, restore_channels, with_channels
from .scheduler import check_cancelled, scheduler
from .tiles import Progress, run_tiled


@dataclass(frozen=True)
class Result:
    """A reconstruction.

    image: uint8 `(H, W)` or `(H, W, 3)`, of the input picture's shape
    code: float32 `(latent_dim,)` or a map `(C, h, w)`
    mse, psnr, ssim: between `image` and the input picture, with pixels in [0, 1]; psnr in dB
    seen, seen_hat: the model's input after preparation, and its output, float32 `(C, H, W)` in [0, 1]; those of models
        of pictures of any size are multiples of 1/255
    """

    image: np.ndarray
    code: np.ndarray
    mse: float
    psnr: float
    ssim: float
    _x: Tensor  # `(1, C, H, W)`, floats in [0, 1], or bytes, which take a quarter of the memory
    _x_hat: Tensor

    @cached_property
    def seen(self) -> np.ndarray:
        return _as_floats(self._x)

    @cached_property
    def seen_hat(self) -> np.ndarray:
        return _as_floats(self._x_hat)


def _as_floats(x: Tensor) -> np.ndarray:
    return (x if x.is_floating_point() else x / 255)[0].numpy()


def reconstruct(
    image: Any,
    checkpoint: str | Path = "conv-photo",
    *,
    channels: int | None = None,
    refinements: int | None = None,
    progress: Progress = lambda share: None,
) -> Result:
    """Encode and decode a picture with a checkpoint's model.

    Digits and garments of any size are prepared like the training pictures, and restored afterwards.

    image: a PIL image or uint8 array `(H, W)` or `(H, W, 3)`
    channels: number of leading channels to keep of a code map with ordered channels; None: all
    refinements: steps of gradient descent that adapt a code map to the picture, see `refine`; None: 12 if `channels`
        leaves some out and the picture has up to half a megapixel, otherwise 0
    progress: called with the share done, in [0, 1]

    Raises `PictureError` for a picture that cannot be used, `CheckpointError` for a checkpoint that is missing or does
    not take pictures, and `ConfigError` for invalid `channels` or `refinements`.
    """
    pixels = as_pixels(image)
    model = get_model(checkpoint)
    if model.task == "colorize":
        raise CheckpointError(
            "{checkpoint} predicts colours only: use colorize, or choose another checkpoint.", checkpoint=checkpoint
        )
    channels = channel_count(checkpoint, model, channels)
    steps = refinement_count(checkpoint, model, refinements, channels, pixels)
    if takes_any_size(model):
        x = input_planes(pixels, model.config.input_shape[0])
        x_hat, z = run_tiled(model, x, channels=channels, refinements=steps, progress=progress)
        assert z is not None
        image_hat = restore_channels(x_hat, Channels.of(pixels))
    else:
        prepared = prepare(pixels, checkpoint, model)
        x = prepared.x
        with scheduler.turn(), torch.inference_mode():
            output = model(x.to(device_of(model)))
            x_hat, z = output.x_hat.cpu(), output.z.cpu()
        image_hat = prepared.restore(x_hat)
    target, restored = to_planes(pixels), to_planes(image_hat)
    return Result(
        image=image_hat,
        code=z[0].numpy(),
        mse=metrics.mse(restored, target).item(),
        psnr=metrics.psnr(restored, target).item(),
        ssim=metrics.ssim(restored, target, check_cancelled).item(),
        _x=x,
        _x_hat=x_hat,
    )


@dataclass(frozen=True)
class _Resized:
    """A picture resized to a model's input size."""

    x: Tensor
    pixels: np.ndarray

    def restore(self, x_hat: Tensor) -> np.ndarray:
        return restore_channels(resize(x_hat, self.pixels.shape[:2]), Channels.of(self.pixels))


def prepare(pixels: np.ndarray, checkpoint: str | Path, model: Autoencoder) -> DigitInput | _Resized:
    """Prepare a picture for a model of one input size.

    `x` of the result is the model's input `(1, C, H, W)`; its method `restore` converts an output back to the picture's
    size. Raises `CheckpointError` if the model does not take pictures.
    """
    shape = model.config.input_shape
    entry = DATA_SETS.get(checkpoints.data_of(checkpoint))
    subject = entry.subject if entry else "digit"
    if shape == (1, 28, 28) and subject:
        return prepare_digit(pixels, kind=subject)
    if len(shape) != 3:
        raise CheckpointError(
            "{checkpoint} reads sequences of {shape}, not pictures; choose another.", checkpoint=checkpoint, shape=shape
        )
    return _Resized(resize(with_channels(to_tensor(pixels), shape[0]), shape[1:]), pixels)
