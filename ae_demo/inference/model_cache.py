"""Models kept in memory, shared by all visitors, and made fast for inference.

Where the machine multiplies bfloat16 faster than float32, residual blocks x + f(x) compute f in bfloat16 and the sum in
float32: the picture itself travels along the sum and keeps its precision. Of a clean picture nothing changes by more
than 1/255; what is guessed under heavy noise does at single pixels, for at most 0.01 dB of PSNR.
"""

from __future__ import annotations

import threading
from functools import lru_cache
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .. import checkpoints
from ..models import Autoencoder
from ..models.blocks import ResidualBlock

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
