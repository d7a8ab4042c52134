"""Conversion of pictures to the channels and the size of a model's input, and back."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..data.pictures import row_bands, to_pixels, to_planes, to_tensor


def with_channels(x: Tensor, count: int) -> Tensor:
    """`(1, 1 or 3, H, W)` with `count` channels, 1 or 3; grey has the weights of ITU-R BT.601, as in Pillow."""
    if x.shape[1] == count:
        return x
    if count == 3:
        return x.expand(-1, 3, -1, -1)
    return (x * torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1, keepdim=True)


def input_planes(pixels: np.ndarray, count: int) -> Tensor:
    """Pixels as a model's input `(1, count, H, W)`: a view of the bytes, or floats in [0, 1] if channels are mixed."""
    x = to_planes(pixels)
    return with_channels(to_tensor(pixels) if x.shape[1] > count else x, count)


class Channels(IntEnum):
    """How the pixels of a picture are stored. The values are written to compressed files."""

    COLOR = 0  # (H, W, 3)
    GREY = 1  # (H, W)
    GREY_RGB = 2  # (H, W, 3) with R = G = B

    @classmethod
    def of(cls, pixels: np.ndarray) -> Channels:
        """The channels of a picture `(H, W)` or `(H, W, 3)`."""
        if pixels.ndim == 2:
            return cls.GREY
        red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
        return cls.GREY_RGB if np.array_equal(red, green) and np.array_equal(green, blue) else cls.COLOR


def restore_channels(x_hat: Tensor, channels: Channels) -> np.ndarray:
    """A picture `(1, 1 or 3, H, W)`, uint8 or float in [0, 1], as uint8 pixels stored as `channels`.

    If `channels` is grey, three channels are averaged.
    """
    if channels is not Channels.COLOR and x_hat.shape[1] == 3:
        x_hat = mean_of_channels(x_hat)
    if channels is not Channels.GREY:
        x_hat = x_hat.expand(-1, 3, -1, -1)
    if x_hat.is_floating_point():
        return to_pixels(x_hat)
    return np.ascontiguousarray(x_hat[0, 0].numpy() if channels is Channels.GREY else x_hat[0].permute(1, 2, 0).numpy())


def mean_of_channels(x: Tensor) -> Tensor:
    """The mean of the channels of `(B, C, H, W)`, `(B, 1, H, W)`, rounded if `x` is uint8."""
    if x.is_floating_point():
        return x.float().mean(1, keepdim=True)
    out = x.new_empty(len(x), 1, *x.shape[2:])
    for band in row_bands(x.shape[2], x.shape[1] * x.shape[3]):
        out[:, :, band] = x[:, :, band].float().mean(1, keepdim=True).round()
    return out


def resize(x: Tensor, size: Sequence[int]) -> Tensor:
    """`(B, C, H, W)` resized to `size` (height, width), bilinear and antialiased."""
    return F.interpolate(x, tuple(size), mode="bilinear", antialias=True, align_corners=False)
