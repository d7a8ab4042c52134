"""The decoders of sequence models, as files that the page runs, and the range of their codes."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from .... import checkpoints, inference
from ....data import DATA_SETS, load_dataset
from ....export import export_sequence_decoder
from ...shared import user_runs
from ...static_files import publish, withdraw

MARGIN = 1.15  # the range of the bars, of that of the codes
SAMPLES = 1000  # encoded for the range


def serves(checkpoint: str | Path) -> bool:
    """Whether a checkpoint is of series, or of words."""
    return _is_sequence(checkpoints.load_outline(checkpoint).config.input_shape, checkpoints.data_of(checkpoint))


def list_sequence_models() -> list[str]:
    """The checkpoints of series and words, those of series first."""
    return [name for name in checkpoints.list_checkpoints() if serves(checkpoints.checkpoint_folder(name))]


def _is_sequence(shape: tuple[int, ...], data: str) -> bool:
    return len(shape) == 2 or (len(shape) == 1 and data == "words")


def publish_decoder(checkpoint: str | Path) -> str:
    """The path of the file with a checkpoint's decoder; the file of a visitor's run is removed with the run."""
    if isinstance(checkpoint, str):
        return _shipped(checkpoint)
    if _forget not in user_runs.on_remove:
        user_runs.on_remove.append(_forget)
    return publish(export_sequence_decoder(inference.get_model(checkpoint)), "bin", _token(checkpoint))


@lru_cache(maxsize=32)
def _shipped(name: str) -> str:
    return publish(export_sequence_decoder(inference.get_model(name)), "bin")


def _forget(folder: Path) -> None:
    withdraw(_token(folder))


def _token(folder: Path) -> str:
    return hashlib.sha256(f"decoder {folder}".encode()).hexdigest()[:24]


def bar_range(checkpoint: str | Path, codes: np.ndarray) -> np.ndarray:
    """The lowest and highest value of each number of a code, float32 `(2, latent_dim)`.

    They hold `codes`, 0 and, of shipped checkpoints, the codes of test samples, with a margin.
    """
    low, high = codes.min(0), codes.max(0)
    known = _test_range(checkpoint) if isinstance(checkpoint, str) else None
    if known is not None:
        low, high = np.minimum(low, known[0]), np.maximum(high, known[1])
    return np.stack([np.minimum(MARGIN * low, -0.1), np.maximum(MARGIN * high, 0.1)]).astype(np.float32)


@lru_cache(maxsize=32)
def _test_range(checkpoint: str) -> tuple[np.ndarray, np.ndarray] | None:
    entry = DATA_SETS.get(checkpoints.data_of(checkpoint))
    if entry is None or entry.own:
        return None
    model = inference.get_model(checkpoint)
    with torch.inference_mode():
        z = model.encode(load_dataset(entry.name).test[:SAMPLES].to(next(model.parameters()).device)).float().cpu()
    return z.amin(0).numpy(), z.amax(0).numpy()
