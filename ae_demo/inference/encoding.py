"""Encoding of samples: pictures, series or symbols to codes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ..data.pictures import as_pixels, to_tensor
from ..errors import CheckpointError, ShapeError
from ..models import Autoencoder
from .arguments import integer, shown
from .model_cache import device_of, get_model, takes_any_size
from .pixels import with_channels
from .reconstruction import prepare
from .scheduler import scheduler

BATCH = 250


def encode(
    samples: Any,
    checkpoint: str | Path = "dense-mnist",
    *,
    pool: int | None = None,
    progress: Callable[[float], None] = lambda share: None,
) -> np.ndarray:
    """The codes of samples: float32 `(N, latent_dim)`, or maps `(N, C, h, w)`.

    The codes of a variational model are the means μ(x).

    samples: a PIL image or a list of pictures of any size, PIL images or uint8 arrays, which are prepared as by
        `reconstruct`; or an array or tensor of samples of the model's shape: pictures `(N, C, H, W)`, or `(N, H, W)` if
        they are grey, uint8 or floats in [0, 1]; series `(N, T, F)` or `(N, T)`, floats in [0, 1]; or symbols `(N, T)`,
        integers
    pool: average maps over a grid of `pool` × `pool` and flatten them to `(N, C · pool²)`; other codes are not changed
    progress: called with the share done, in [0, 1]

    Raises `ShapeError` for samples of another shape or type, `PictureError` for a picture that cannot be used,
    `CheckpointError` for a checkpoint that is missing or that only predicts colours, `ConfigError` for another `pool`.
    """
    model = get_model(checkpoint)
    if model.task == "colorize":
        raise CheckpointError("{checkpoint} predicts colours only; choose another checkpoint.", checkpoint=checkpoint)
    pool = None if pool is None else integer("pool", pool, 1, 64)
    x = to_samples(samples, checkpoint, model)
    parts = []
    for batch in x.split(BATCH):
        codes = encode_batch(model, batch)
        parts.append(pool_map(codes, pool) if pool and codes.ndim == 4 else codes)
        progress(sum(map(len, parts)) / len(x))
    return np.concatenate(parts)


def encode_batch(model: Autoencoder, x: Tensor) -> np.ndarray:
    """The codes, or their means, of samples of a model's shape, uint8 pictures or inputs of the model; float32."""
    x = x.to(device_of(model))
    with scheduler.turn(), torch.inference_mode():
        z = model.encode(x.float() / 255 if x.dtype == torch.uint8 else x)
    return (z[0] if isinstance(z, tuple) else z).float().cpu().numpy()


def pool_map(codes: np.ndarray, parts: int) -> np.ndarray:
    """Maps `(N, C, h, w)` averaged over a grid of `parts` × `parts`, flattened to `(N, C · parts²)`."""
    pooled = torch.nn.functional.adaptive_avg_pool2d(torch.from_numpy(codes), parts)
    return pooled.flatten(1).numpy()


def to_samples(samples: Any, checkpoint: str | Path, model: Autoencoder) -> Tensor:
    """The `samples` of `encode` as one tensor of the model's shape. Raises `ShapeError`, `PictureError`."""
    samples = [samples] if isinstance(samples, Image.Image) else samples
    if isinstance(samples, Sequence) and not isinstance(samples, (str, bytes)):
        if len(model.config.input_shape) == 3 and not _is_numbers(samples):
            return _prepared(samples, checkpoint, model)
        samples = _as_array(samples)
    if not isinstance(samples, (np.ndarray, Tensor)):
        raise ShapeError(
            "samples is a {kind}; give an array of samples, or a list of pictures.", kind=type(samples).__name__
        )
    if isinstance(samples, np.ndarray) and samples.dtype.kind not in "fiub":
        raise ShapeError("The samples are an array of {dtype}; give one of numbers.", dtype=samples.dtype)
    x = torch.as_tensor(np.ascontiguousarray(samples)) if isinstance(samples, np.ndarray) else samples
    shape = model.config.input_shape
    if len(shape) == 1:
        if x.is_floating_point() or x.dtype == torch.bool:
            raise ShapeError(
                "{checkpoint} reads symbols, integers (N, {length}), not {dtype}.",
                checkpoint=checkpoint,
                length=shape[0],
                dtype=x.dtype,
            )
        x = x.long()
    elif x.dtype != torch.uint8 or len(shape) == 2:
        x = x.float()
        if x.numel() and not (x.min() >= 0 and x.max() <= 1):  # also true for NaN
            raise ShapeError(
                "The samples lie in {low:g} to {high:g}; give floats in [0, 1], or pictures as uint8.",
                low=x.min(),
                high=x.max(),
            )
    if len(shape) == 3 and x.ndim == 3 and shape[0] == 1:
        x = x[:, None]
    if len(shape) == 2 and x.ndim == 2 and shape[1] == 1:
        x = x[..., None]
    fits = x.ndim == 4 and x.shape[1] == shape[0] if takes_any_size(model) else tuple(x.shape[1:]) == shape
    if not fits or not len(x):
        raise ShapeError(
            "{checkpoint} takes samples (N, {shape}), at least one, but was given {given}. Give pictures of "
            "another size as a list: they are then resized.",
            checkpoint=checkpoint,
            shape=", ".join(map(str, shape)),
            given=tuple(x.shape),
        )
    return x


def _as_array(samples: Sequence[Any]) -> np.ndarray:
    try:
        return np.asarray(samples)
    except (TypeError, ValueError) as error:  # of different lengths
        raise ShapeError("The samples are {given}; give samples of one shape.", given=shown(samples)) from error


def _is_numbers(samples: Sequence[Any]) -> bool:
    """Whether a list contains numbers, possibly nested, rather than pictures."""
    first = samples[0] if len(samples) else 0
    while isinstance(first, (list, tuple)) and first:
        first = first[0]
    return isinstance(first, (int, float))


def _prepared(pictures: Sequence[Any], checkpoint: str | Path, model: Autoencoder) -> Tensor:
    """Pictures of any size as one batch in [0, 1]."""
    if takes_any_size(model):
        parts = [with_channels(to_tensor(as_pixels(each)), model.config.input_shape[0]) for each in pictures]
    else:
        parts = [prepare(as_pixels(each), checkpoint, model).x for each in pictures]
    if len({part.shape for part in parts}) > 1:
        raise ShapeError(
            "The code of {checkpoint} is a map as large as the picture, so the pictures must have one size; "
            "{count} of different sizes were given. Encode them one at a time.",
            checkpoint=checkpoint,
            count=len(parts),
        )
    return torch.cat(parts)
