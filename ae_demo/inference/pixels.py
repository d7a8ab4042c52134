"""Conversion of pictures to the channels and the size that a model takes, and back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor


def with_channels(x: Tensor, count: int) -> Tensor:
    """`(1, 1 or 3, H, W)` to `count` channels, 1 or 3; grey with the weights of ITU-R BT.601, as in Pillow."""
    if x.shape[1] == count:
        return x
    if count == 3:
        return x.expand(-1, 3, -1, -1)
    return (x * torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1, keepdim=True)


def bytes_like(x_hat: Tensor, pixels: np.ndarray) -> np.ndarray:
    """A uint8 picture `(1, C, H, W)` as an array `(H, W)` or `(H, W, 3)`, whichever `pixels` is."""
    if pixels.ndim == 2:
        return x_hat[0].float().mean(0).round().byte().numpy()
    return np.ascontiguousarray(x_hat[0].expand(3, -1, -1).permute(1, 2, 0).numpy())


def resize(x: Tensor, size: Sequence[int]) -> Tensor:
    """`(B, C, H, W)` resized to `size` (height, width), bilinear and antialiased."""
    return F.interpolate(x, tuple(size), mode="bilinear", antialias=True, align_corners=False)
