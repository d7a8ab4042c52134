"""A cache of models, shared by all visitors and optimised for inference.

On hardware that multiplies bfloat16 faster than float32, residual blocks x + f(x) compute f in bfloat16 and the sum in
float32, so that the picture, which passes through the sums, keeps its precision. In a clean picture, no pixel changes
by more than 1/255; under heavy noise a few pixels do, which costs at most 0.01 dB of PSNR.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .. import checkpoints
from ..models import Autoencoder
from ..models.base import FullyConvolutionalConfig
from ..models.blocks import ResidualBlock
from .scheduler import check_cancelled

MAX_MODELS = 12  # in memory at once; a shipped one is loaded within a tenth of a second


@lru_cache(maxsize=MAX_MODELS)
def _load(folder: Path, stamp: float) -> Autoencoder:
    return optimize_for_inference(checkpoints.load(folder))


def get_model(checkpoint: str | Path) -> Autoencoder:
    """The model of a checkpoint, cached until its file changes. Raises `CheckpointError` if missing or damaged."""
    return _load(*version_of(checkpoint))


def version_of(checkpoint: str | Path) -> tuple[Path, float]:
    """The folder of a checkpoint, and the time at which its weights were written. Raises `CheckpointError`."""
    folder = checkpoints.checkpoint_folder(checkpoint).resolve()
    weights = folder / checkpoints.WEIGHTS
    return folder, weights.stat().st_mtime if weights.exists() else 0


def takes_any_size(model: Autoencoder) -> bool:
    """Whether the model is fully convolutional and returns pictures of its input's size."""
    return len(model.code_shape) == 3 and isinstance(model.config, FullyConvolutionalConfig)


def device_of(model: Autoencoder) -> torch.device:
    """The device of the model's weights."""
    return next(model.parameters()).device


def optimize_for_inference(model: Autoencoder) -> Autoencoder:
    """Optimise a model in place and return it: channels last, and residual blocks that compute in place, in bfloat16
    if that is faster.

    Its output changes only by rounding errors; see the module's docstring.
    """
    if not takes_any_size(model):
        return model
    block = BFloat16Block if multiplies_bfloat16(device_of(model).type) else InPlaceBlock
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, ResidualBlock):
                setattr(parent, name, block(child))
    return model.to(memory_format=torch.channels_last)


class InPlaceBlock(nn.Module):
    """A residual block for inference that overwrites its intermediate maps; the arithmetic is the same."""

    def __init__(self, block: ResidualBlock) -> None:
        super().__init__()
        self.norm, self.conv1, self.conv2 = block.norm, block.conv1, block.conv2

    def forward(self, x: Tensor) -> Tensor:
        check_cancelled()
        h = self.norm(x)
        h = F.relu(h, inplace=h is not x)
        h = F.relu(self.conv1(h), inplace=True)  # frees the map before it
        return self.conv2(h).add_(x)


class BFloat16Block(nn.Module):
    """A residual block for inference, with convolutions in bfloat16 and the sum in float32."""

    def __init__(self, block: ResidualBlock) -> None:
        super().__init__()
        self.norm, self.conv1, self.conv2 = block.norm, block.conv1.bfloat16(), block.conv2.bfloat16()

    def forward(self, x: Tensor) -> Tensor:
        check_cancelled()
        h = F.relu(self.norm(x).bfloat16())
        h = F.relu(self.conv1(h), inplace=True)  # frees the map before it
        return x + self.conv2(h)


@lru_cache(maxsize=4)
def multiplies_bfloat16(device: str) -> bool:
    """Whether the device has units for bfloat16 matrix products, as CPUs with AMX and GPUs have.

    Otherwise float32 is faster: with AVX-512's bfloat16 instructions, a picture takes 1.6 times as long.
    """
    if device == "cuda":
        return torch.cuda.is_bf16_supported()
    return device == "cpu" and getattr(torch.cpu, "_is_amx_tile_supported", lambda: False)()  # missing in older PyTorch
