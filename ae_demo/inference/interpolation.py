"""Interpolation between two samples in the latent space."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..data.pictures import to_pixels
from ..data.series_files import as_series
from ..data.windows import fill_gaps
from ..errors import ConfigError, ShapeError
from ..models import Autoencoder
from .arguments import integer, shown
from .encoding import encode
from .model_cache import device_of, get_model
from .scheduler import scheduler
from .sequences import interpolate_words, walk

MAX_STEPS = 1000


def interpolate(a: Any, b: Any, checkpoint: str | Path = "vae-mnist", steps: int = 9) -> np.ndarray | list[str]:
    """Decode `steps` points of the straight line from the code of `a` to the code of `b`, both ends included.

    x̂_t = g((1 − t) f(a) + t f(b)), t = 0, …, 1. The ends are reconstructions of `a` and `b`.

    a, b: pictures, as in `reconstruct`; for a model of series, arrays `(T, F)` or `(T,)`; for a model of symbols,
        arrays `(T,)`; for a model of words, strings
    steps: from 2 to 1,000

    Returns uint8 pictures `(steps, H, W)`, or `(steps, H, W, 3)` in colour, of the model's size; or series, float32
    `(steps, T, F)`; or symbols, int64 `(steps, T)`; or a list of words. Raises `ConfigError` for another number of
    steps, `ShapeError`, `PictureError` and `CheckpointError` as `encode` does, and `DataError` for a word with
    characters other than a to z.
    """
    steps = integer("steps", steps, 2, MAX_STEPS)
    if isinstance(a, str) and isinstance(b, str):
        return interpolate_words(a, b, checkpoint, steps)
    model = get_model(checkpoint)
    is_picture = len(model.config.input_shape) == 3
    start, end = (encode([each] if is_picture else _batch_of(each, model), checkpoint) for each in (a, b))
    if start.shape != end.shape:
        raise ConfigError("The code is a map as large as the picture: give two pictures of one size.")
    z = torch.from_numpy(walk(start[0], end[0], steps))
    with scheduler.turn(), torch.inference_mode():
        x_hat = model.decode(z.to(device_of(model))).cpu()
    return np.stack([to_pixels(each[None]) for each in x_hat]) if is_picture else x_hat.numpy()


def _batch_of(sequence: Any, model: Autoencoder) -> np.ndarray:
    """A series with its gaps filled, or symbols, as a batch of one. Raises `DataError`, `ShapeError`."""
    if len(model.config.input_shape) == 2:
        return fill_gaps(as_series(sequence).values)[None]
    try:
        return np.asarray(sequence, np.int64)[None]
    except (TypeError, ValueError, OverflowError) as error:
        raise ShapeError("The symbols are {given}; give integers (T,).", given=shown(sequence)) from error
