"""What every pipeline needs: models kept in memory and made fast, and pictures brought to the channels they take.

Where the machine multiplies bfloat16 faster than float32, residual blocks x + f(x) compute f in bfloat16 and the sum in
float32: the picture itself travels along the sum and keeps its precision. Of a clean picture nothing changes by more
than 1/255; what is guessed under heavy noise does at single pixels, for at most 0.01 dB of PSNR.
"""

from __future__ import annotations

import math
import threading
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from . import checkpoints
from .errors import ConfigError
from .models import Autoencoder
from .models.blocks import ResidualBlock

forwards = threading.Semaphore(2)  # so many pictures at once, however many visitors


@lru_cache(maxsize=32)
def _load(folder: Path, stamp: float) -> Autoencoder:
    return quicken(checkpoints.load(folder))


def get_model(checkpoint: str | Path) -> Autoencoder:
    """The model of a checkpoint, kept in memory and shared by all visitors; loaded anew when its file changes."""
    folder = checkpoints.checkpoint_folder(checkpoint).resolve()
    return _load(
        folder, (folder / checkpoints.WEIGHTS).stat().st_mtime if (folder / checkpoints.WEIGHTS).exists() else 0
    )


def takes_any_size(model: Autoencoder) -> bool:
    """Whether the model is fully convolutional, from pictures to the same."""
    return len(model.code_shape) == 3 and hasattr(model.config, "reach")


def device_of(model: Autoencoder) -> torch.device:
    """Where the model's weights lie."""
    return next(model.parameters()).device


def quicken(model: Autoencoder) -> Autoencoder:
    """The same model for inference, as fast as its machine allows: channels last, and halves of blocks in bfloat16.

    Changes `model` and returns it. What comes out differs by rounding errors only, see above.
    """
    if not takes_any_size(model):
        return model
    if multiplies_bfloat16(device_of(model).type):
        for parent in list(model.modules()):
            for name, child in list(parent.named_children()):
                if isinstance(child, ResidualBlock):
                    setattr(parent, name, HalfBlock(child))
    return model.to(memory_format=torch.channels_last)


class HalfBlock(nn.Module):
    """A residual block whose convolutions are in bfloat16 and whose sum is not; for inference."""

    def __init__(self, block: ResidualBlock) -> None:
        super().__init__()
        self.norm, self.conv1, self.conv2 = block.norm, block.conv1.bfloat16(), block.conv2.bfloat16()

    def forward(self, x: Tensor) -> Tensor:
        h = F.relu(self.norm(x).bfloat16())
        return x + self.conv2(F.relu(self.conv1(h), inplace=True))


@lru_cache(maxsize=4)
def multiplies_bfloat16(device: str) -> bool:
    """Whether the machine has units for products of bfloat16 matrices, in a processor AMX.

    Elsewhere float32 is faster: with the vector instructions of AVX-512 for bfloat16 a picture took 1.6 times as long.
    """
    if device == "cuda":
        return torch.cuda.is_bf16_supported()
    return device == "cpu" and getattr(torch.cpu, "_is_amx_tile_supported", lambda: False)()  # older PyTorch: no


def finite(name: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise ConfigError(f"{name} is {str(value)[:80]}; give a finite number.")
    return number


def with_channels(x: Tensor, count: int) -> Tensor:
    """`(1, 1 or 3, H, W)` with 1 or 3 channels: grey by Rec. 601's weights, as PIL makes it."""
    if x.shape[1] == count:
        return x
    if count == 3:
        return x.expand(-1, 3, -1, -1)
    return (x * torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1, keepdim=True)


def bytes_like(x_hat: Tensor, pixels: np.ndarray) -> np.ndarray:
    """Pictures of bytes `(1, C, H, W)` with the channels of `pixels`."""
    if pixels.ndim == 2:
        return x_hat[0].float().mean(0).round().byte().numpy()
    return np.ascontiguousarray(x_hat[0].expand(3, -1, -1).permute(1, 2, 0).numpy())


def resize(x: Tensor, size: tuple[int, int]) -> Tensor:
    return F.interpolate(x, tuple(size), mode="bilinear", antialias=True, align_corners=False)


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
