"""Some of the user's pictures that a run was trained on, stored beside its checkpoint for its latent plane."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from ..data import Samples
from ..errors import CheckpointError

FILE = "pictures.npz"
MAX_PICTURES = 2000
MAX_BYTES = 8_000_000  # uncompressed


def save_pictures(data: Samples, folder: str | Path) -> None:
    """Save pictures of `data` in `folder`, held-out ones first, up to `MAX_PICTURES` and `MAX_BYTES`."""
    count = max(1, min(MAX_PICTURES, MAX_BYTES // data.test[0].numel()))
    parts = [(data.test, data.test_labels), (data.train, data.train_labels)]
    labels = torch.cat([torch.zeros(len(x)).long() if known is None else known.cpu() for x, known in parts])[:count]
    pictures = torch.cat([x[:count] for x, _ in parts])[:count].cpu().numpy()
    np.savez_compressed(Path(folder) / FILE, x=pictures, labels=labels.numpy(), classes=np.array(data.classes, str))


def load_pictures(folder: str | Path) -> tuple[torch.Tensor, torch.Tensor, tuple[str, ...]] | None:
    """Pictures uint8 `(N, C, H, W)`, labels `(N,)` and class names (empty: no labels); None if none were saved.

    Raises `CheckpointError` for a damaged file.
    """
    path = Path(folder) / FILE
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as saved:
            x, labels = torch.from_numpy(saved["x"]), torch.from_numpy(saved["labels"])
            return x, labels, tuple(str(name) for name in saved["classes"])
    except Exception as error:  # zipfile, zlib and NumPy raise different exceptions for a damaged file
        raise CheckpointError("{file} of the run is damaged; train it again.", file=FILE) from error
