"""Generated waves, and a user's array in a .npy file.

A wave is x(t) = a₁ sin(2π f₁ t + φ₁) + a₂ sin(2π f₂ t + φ₂) + noise, t in [0, 1), scaled from [-1, 1] to [0, 1].
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import torch

from ..errors import DataError, Message
from .samples import Samples

STEPS = 64
TRAIN_WAVES, TEST_WAVES = 8000, 1000
WAVE_NOISE = 0.02
HELD_OUT = 0.1
_SHAPES = Message(
    "uint8 pictures (N, H, W), (N, C, H, W) or (N, H, W, C) with C 1 or 3, "
    "floats (N, T) or (N, T, F) in [0, 1], or integers (N, T) from 0"
)


def load_waves(seed: int = 0) -> Samples:
    """Waves, float32 (N, 64, 1) in [0, 1]: frequencies of 1 to 6 periods, amplitudes of 0.15 to 0.45, random phases."""
    generator = torch.Generator().manual_seed(seed)
    count = TRAIN_WAVES + TEST_WAVES
    t = torch.arange(STEPS) / STEPS
    frequency, amplitude, phase = torch.rand(3, count, 2, 1, generator=generator)
    waves = (0.15 + 0.3 * amplitude) * torch.sin(2 * math.pi * ((1 + 5 * frequency) * t + phase))  # (N, 2, T)
    x = waves.sum(1) + WAVE_NOISE * torch.randn(count, STEPS, generator=generator)
    x = ((x + 1) / 2).clamp(0, 1)[..., None]  # (N, T, 1)
    return Samples("waves", x[:TRAIN_WAVES], x[TRAIN_WAVES:])


def load_array(path: str | Path | None, *, scale: bool = False, seed: int = 0) -> Samples:
    """A .npy file as a data set, of which a random tenth, at least one sample, is held out by `seed`.

    It contains uint8 pictures (N, H, W), (N, C, H, W) or (N, H, W, C), floats (N, T) or (N, T, F) in [0, 1], or
    integers (N, T), which are symbols. Nothing is unpickled.

    scale: scale each feature of a float array to [0, 1] by its range in the training set, and clamp the test set

    Raises `DataError` for other files.
    """
    if path is None:
        raise DataError("The data set 'array' needs data_dir: the path of a .npy file.")
    if not Path(path).is_file():
        raise DataError("There is no file {path}: give the path of a .npy file.", path=path)
    name = Path(path).name
    try:
        array = np.lib.format.open_memmap(path, mode="r")  # checks that the file is as long as its header says
    except Exception as error:  # NumPy raises ValueError, SyntaxError, OverflowError and others for a damaged header
        raise DataError("{name} is not a .npy file of numbers: save it with numpy.save.", name=name) from error
    if len(array.shape) < 2 or len(array) < 2 or array.size == 0:
        raise DataError(
            "{name} has shape {shape}: it must hold two or more samples, {shapes}.",
            name=name,
            shape=array.shape,
            shapes=_SHAPES,
        )
    order = torch.randperm(len(array), generator=torch.Generator().manual_seed(seed))
    samples = _as_samples(np.array(array), name)[order]
    held = max(1, round(HELD_OUT * len(samples)))
    train, test = samples[held:], samples[:held]
    if samples.is_floating_point():
        if scale:
            low, high = train.amin((0, 1)), train.amax((0, 1))
            train, test = (((part - low) / (high - low).clamp_min(1e-12)).clamp(0, 1) for part in (train, test))
        elif samples.min() < 0 or samples.max() > 1:
            raise DataError(
                "{name} holds values from {low:g} to {high:g}: they must be in [0, 1]. Scale them, or set "
                "scale (--scale on the command line).",
                name=name,
                low=samples.min().item(),
                high=samples.max().item(),
            )
    return Samples("array", train, test)


def _as_samples(array: np.ndarray, name: str) -> torch.Tensor:
    """uint8 (N, C, H, W), float32 (N, T, F) or int64 (N, T)."""
    if array.dtype == np.uint8 and array.ndim == 3:
        return torch.from_numpy(array)[:, None]
    if array.dtype == np.uint8 and array.ndim == 4 and array.shape[1] in (1, 3):
        return torch.from_numpy(array)
    if array.dtype == np.uint8 and array.ndim == 4 and array.shape[3] in (1, 3):
        return torch.from_numpy(np.ascontiguousarray(array.transpose(0, 3, 1, 2)))
    if array.dtype.kind == "f" and array.ndim in (2, 3):
        if not np.isfinite(array).all():
            raise DataError("{name} holds NaN or infinite values: remove or replace them.", name=name)
        array = array[..., None] if array.ndim == 2 else array
        return torch.from_numpy(array.astype(np.float32))
    if array.dtype.kind in "iu" and array.ndim == 2 and array.min() >= 0:
        return torch.from_numpy(array.astype(np.int64))
    raise DataError(
        "{name} holds {dtype} of shape {shape}: it must be {shapes}.",
        name=name,
        dtype=array.dtype,
        shape=array.shape,
        shapes=_SHAPES,
    )
