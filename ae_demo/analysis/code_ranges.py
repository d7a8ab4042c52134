"""The range of each number of a code over known pictures."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from torch import Tensor

from .. import checkpoints
from ..data import DATA_SETS, load_dataset, load_photo_squares
from ..facts import describe_model
from ..inference.encoding import encode_batch
from ..inference.model_cache import get_model
from ..training import own_pictures

PICTURES = 500
BATCH = 100
QUANTILES = (0.02, 0.98)


def code_range(checkpoint: str | Path) -> tuple[np.ndarray, np.ndarray] | None:
    """The 2 % and 98 % quantiles of each number of a checkpoint's code, each float32 `(numbers,)`.

    Computed over bundled pictures like those it was trained on, or over the pictures stored with a run; None if there
    are neither.
    """
    return _range(checkpoints.checkpoint_folder(checkpoint).resolve())


@lru_cache(maxsize=64)
def _range(folder: Path) -> tuple[np.ndarray, np.ndarray] | None:
    x = _pictures_of(folder)
    if x is None:
        return None
    model = get_model(folder)
    codes = np.concatenate([encode_batch(model, batch) for batch in x[:PICTURES].split(BATCH)])
    low, high = np.quantile(codes.reshape(len(codes), -1), QUANTILES, axis=0).astype(np.float32)
    return low, high


def _pictures_of(folder: Path) -> Tensor | None:
    """Pictures uint8 `(N, C, H, W)` like those that a checkpoint was trained on; None if there are none."""
    name = checkpoints.data_of(folder)
    entry = DATA_SETS.get(name)
    if entry is not None and entry.subject:
        return load_dataset(entry.bundled or name).test
    if kept := own_pictures.load_pictures(folder):
        return kept[0]
    facts = describe_model(folder)
    square = len(facts.input_shape) == 3 and facts.input_shape[1] == facts.input_shape[2]
    if facts.subject == "photographs" and square and not facts.any_size:
        return load_photo_squares(facts.input_shape[1])
    return None
