"""Image compression with a fully convolutional autoencoder: its code map is quantised and entropy-coded.

    picture → f → z → q = round(z / Δ) → bytes → q → ẑ → g → picture

as in Ballé et al., 2017, "End-to-end Optimized Image Compression", but with a model that was not trained for
compression, and with probabilities fitted to each picture (`container.py`).
"""

from __future__ import annotations

import math
import zlib
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .. import checkpoints
from ..checkpoints import checkpoint_folder
from ..data import load_bundled_photos
from ..data.pictures import as_pixels, to_tensor
from ..errors import CheckpointError, DataError
from ..inference.arguments import channel_count, finite, refinement_count
from ..inference.model_cache import MAX_MODELS, device_of, get_model, takes_any_size, version_of
from ..inference.pixels import Channels, input_planes, restore_channels, with_channels
from ..inference.scheduler import scheduler
from ..inference.tiles import Progress, decode_tiled, encode_tiled
from ..models.conv import ConvAutoencoder
from . import container


def compress(
    image: Any,
    checkpoint: str | Path = "conv-photo",
    *,
    channels: int | None = None,
    step: float = 0.2,
    refinements: int | None = None,
    progress: Progress = lambda share: None,
) -> bytes:
    """Compress a picture to bytes; `decompress` restores it with the same checkpoint.

    image: a PIL image or uint8 array `(H, W)` or `(H, W, 3)`
    channels: number of leading channels of the code to keep; None: all
    step: quantization step, positive; 0.05 is fine, 1 is coarse
    refinements: steps that adapt the code to the picture, as in `reconstruct`
    progress: called with the share done, in [0, 1]

    Raises `PictureError` for a picture that cannot be used, `CheckpointError` for a checkpoint that is missing or does
    not take pictures of any size, `ConfigError` for invalid values.
    """
    pixels = as_pixels(image)
    code = encode_map(pixels, checkpoint, channels=channels, refinements=refinements, progress=progress)
    return container.to_bytes(pack(code, checkpoint, pixels, channels=channels, step=step))


def decompress(
    data: bytes, checkpoint: str | Path = "conv-photo", *, progress: Progress = lambda share: None
) -> np.ndarray:
    """Restore a picture from the bytes of `compress`: uint8 `(H, W, 3)`, or `(H, W)` if it is grey.

    Raises `DataError` for data that are damaged, truncated or from another checkpoint, and `CheckpointError` if the
    checkpoint is missing or does not take pictures of any size.
    """
    return decode_packed(container.from_bytes(data), checkpoint, progress)


def decode_packed(
    packed: container.Packed, checkpoint: str | Path, progress: Progress = lambda share: None
) -> np.ndarray:
    """Restore a picture from a quantised code; see `decompress`."""
    model = _map_model(checkpoint)
    if packed.fingerprint != _fingerprint(checkpoint):
        raise DataError(
            "This picture was compressed with another model than {checkpoint}; choose that one.", checkpoint=checkpoint
        )
    stride, (k, *map_size) = model.config.code_stride, packed.q.shape
    if k > model.config.code_channels or map_size != [math.ceil(side / stride) for side in packed.size]:
        raise DataError(
            "The file's code, {shape}, does not fit {checkpoint}. Download or copy the file again.",
            shape=packed.q.shape,
            checkpoint=checkpoint,
        )
    code = torch.zeros(1, model.config.code_channels, *map_size)
    code[0, :k] = torch.from_numpy(packed.code)
    x_hat = decode_tiled(model, code, packed.size, progress)
    return restore_channels(x_hat, packed.channels)


def encode_map(
    pixels: np.ndarray,
    checkpoint: str | Path,
    *,
    channels: int | None = None,
    refinements: int | None = 0,
    progress: Progress = lambda share: None,
) -> Tensor:
    """Encode pixels, uint8 `(H, W)` or `(H, W, 3)`, as a code map `(1, C, h, w)` for `pack`; see `compress`."""
    model = _map_model(checkpoint)
    channels = channel_count(checkpoint, model, channels)
    steps = refinement_count(checkpoint, model, refinements, channels, pixels)
    x = input_planes(pixels, model.config.input_shape[0])
    return encode_tiled(model, x, channels=channels, refinements=steps, progress=progress)


def pack(
    code: Tensor, checkpoint: str | Path, pixels: np.ndarray, *, channels: int | None = None, step: float = 0.2
) -> container.Packed:
    """Quantise a code map from `encode_map`, given with the picture's `pixels`; see `compress`."""
    model = _map_model(checkpoint)
    k = channel_count(checkpoint, model, channels) or model.config.code_channels
    weights = _channel_weights(checkpoint_folder(checkpoint), _fingerprint(checkpoint))
    q, steps = container.quantise(code[0, :k].numpy(), finite("step", step), weights[:k])
    size = (pixels.shape[0], pixels.shape[1])
    return container.Packed(q, steps, size, Channels.of(pixels), _fingerprint(checkpoint))


def _map_model(checkpoint: str | Path) -> ConvAutoencoder:
    model = get_model(checkpoint)
    if not (takes_any_size(model) and isinstance(model, ConvAutoencoder)):
        raise CheckpointError(
            "{checkpoint} does not compress pictures of any size; choose one such as conv-photo.", checkpoint=checkpoint
        )
    return model


def _fingerprint(checkpoint: str | Path) -> int:
    """A checksum of the weights; data compressed with one model cannot be decoded with another."""
    return _checksum(*version_of(checkpoint))


@lru_cache(maxsize=MAX_MODELS)
def _checksum(folder: Path, stamp: float) -> int:
    return zlib.crc32((folder / checkpoints.WEIGHTS).read_bytes())


@lru_cache(maxsize=8)
def _channel_weights(folder: Path, fingerprint: int) -> np.ndarray:
    """The effect on the picture of an error in each channel of the code, `(code_channels,)`, relative to their mean.

    It is the root mean square change of the output for a small random change of the channel, for a bundled photograph.
    """
    model = _map_model(folder)
    stride, generator = model.config.code_stride, torch.Generator().manual_seed(0)
    photo = next(p for p in load_bundled_photos().values() if p.ndim == 3)
    middle = [slice(side // 2 - 8 * stride, side // 2 + 8 * stride) for side in photo.shape[:2]]
    with torch.inference_mode(), scheduler.turn():
        x = with_channels(to_tensor(photo[middle[0], middle[1]]), model.config.input_shape[0])
        z = model.encode(x.to(device_of(model)))  # (1, C, 16, 16)
        change = 0.05 * z.std() * torch.randn(z.shape[-2:], generator=generator).to(z)
        unchanged, effects = model.decode_raw(z), []
        for c in range(z.shape[1]):
            changed = z.clone()
            changed[:, c] += change
            effects.append((model.decode_raw(changed) - unchanged).float().square().mean().sqrt().item())
    weights = np.array(effects)
    return weights / weights.mean()
