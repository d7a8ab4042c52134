"""Large pictures through fully convolutional models: tile by tile, in bounded memory, as fast as the machine can.

Tiles overlap, so that each pixel comes out as it would from the whole picture, to within 1/255. Where the machine
multiplies bfloat16 faster than float32, residual blocks x + f(x) compute f in bfloat16 and the sum in float32: the
picture itself travels along the sum and keeps its precision (within 1/255, where bfloat16 throughout is off by 2/255
and more).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import lru_cache
from math import ceil

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .models import Autoencoder
from .models.blocks import ResidualBlock

TILE = 1024  # pixels, at most, on a side of a tile's kept part
OVERLAP = 80  # pixels beyond which shipped weights no longer feel anything, whatever they could reach
forwards = threading.Semaphore(2)  # so many pictures at once, however many visitors


def takes_any_size(model: Autoencoder) -> bool:
    """Whether the model is fully convolutional, from pictures to the same."""
    return len(model.code_shape) == 3 and hasattr(model.config, "reach")


def device_of(model: Autoencoder) -> torch.device:
    """Where the model's weights lie."""
    return next(model.parameters()).device


@torch.inference_mode()
def run_tiled(
    model: Autoencoder,
    x: Tensor,
    *,
    channels: int | None = None,
    progress: Callable[[float], None] = lambda share: None,
    tile: int = TILE,
    overlap: int | None = None,
    with_code: bool = True,
) -> tuple[Tensor, Tensor | None]:
    """`x` `(B, C, H, W)` through a fully convolutional model tile by tile: `x_hat` of its shape, and the code map.

    `x` is float in [0, 1], or uint8, and so is `x_hat`: bytes keep a large picture small. The code, which may be larger
    than the picture, is None unless `with_code`. Tiles are cut where the model's coarsest places begin, and overlap by
    as much as it looks at (`reach`, at most `OVERLAP`, unless `overlap` is given). `progress` is told the share done.
    """
    height, width = x.shape[-2:]
    factor, stride = model.config.factor, model.config.code_stride
    overlap = min(model.config.reach, OVERLAP) if overlap is None else overlap
    overlap = ceil(overlap / factor) * factor
    rows, columns = (cut(side, tile, factor) for side in (height, width))
    x_hat, code = torch.empty(x.shape, dtype=x.dtype), None
    for done, (top, bottom, left, right) in enumerate((*r, *c) for r in rows for c in columns):
        y0, x0 = max(0, top - overlap), max(0, left - overlap)
        part = x[..., y0 : min(bottom + overlap, height), x0 : min(right + overlap, width)]
        with forwards:
            z = model.encode(_as_float(part).to(device_of(model), memory_format=torch.channels_last))
            if channels is not None:
                z = model.keep_channels(z, channels)
            part_hat = model.decode(z)[..., top - y0 : bottom - y0, left - x0 : right - x0]
            x_hat[..., top:bottom, left:right] = part_hat if x.is_floating_point() else (255 * part_hat).round()
            if with_code:
                code = torch.empty(*z.shape[:2], ceil(height / stride), ceil(width / stride)) if code is None else code
                kept = z[..., (top - y0) // stride : ceil((bottom - y0) / stride), (left - x0) // stride :]
                place = code[..., top // stride : ceil(bottom / stride), left // stride : ceil(right / stride)]
                place.copy_(kept[..., : place.shape[-1]])
        progress((done + 1) / (len(rows) * len(columns)))
    return x_hat, code


def cut(side: int, tile: int, factor: int) -> list[tuple[int, int]]:
    """The (begin, end) of equal pieces of at most `tile` pixels, each beginning at a multiple of `factor`."""
    count = max(1, ceil(side / (ceil(tile / factor) * factor)))
    step = ceil(side / count / factor) * factor
    return [(begin, min(begin + step, side)) for begin in range(0, side, step)]


def _as_float(x: Tensor) -> Tensor:
    return x if x.is_floating_point() else x.float() / 255


def quicken(model: Autoencoder) -> Autoencoder:
    """The same model for inference, as fast as its machine allows: channels last, and halves of blocks in bfloat16.

    Changes `model` and returns it. What comes out differs by less than 1/255.
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
    """Whether the machine has instructions for bfloat16; without them it is slower than float32."""
    if device == "cuda":
        return torch.cuda.is_bf16_supported()
    known = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")  # none of them in older PyTorch: then no
    return device == "cpu" and any(getattr(torch.cpu, name, lambda: False)() for name in known)
