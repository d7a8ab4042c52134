"""Some of a run's own pictures beside its checkpoint, as `pictures.npz`: to be looked at, on its latent plane."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from ..data import Dataset
from ..errors import CheckpointError

FILE = "pictures.npz"
MOST = 2000  # pictures
MOST_BYTES = 8_000_000  # of all together


def save_pictures(data: Dataset, folder: str | Path) -> None:
    """Keep pictures of `data`, the held-out ones first, at most `MOST` and `MOST_BYTES`."""
    most = max(1, min(MOST, MOST_BYTES // data.test[0].numel()))
    parts = [(data.test, data.test_labels), (data.train, data.train_labels)]
    labels = torch.cat([torch.zeros(len(x)).long() if known is None else known.cpu() for x, known in parts])[:most]
    pictures = torch.cat([x[:most] for x, _ in parts])[:most].cpu().numpy()
    np.savez_compressed(Path(folder) / FILE, x=pictures, labels=labels.numpy(), classes=np.array(data.classes, str))


def load_pictures(folder: str | Path) -> tuple[torch.Tensor, torch.Tensor, tuple[str, ...]] | None:
    """Pictures uint8 `(N, C, H, W)`, labels `(N,)` and the classes' names (none: no labels); None if none were kept.

    Raises `CheckpointError` for a damaged file.
    """
    path = Path(folder) / FILE
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as kept:
            x, labels = torch.from_numpy(kept["x"]), torch.from_numpy(kept["labels"])
            return x, labels, tuple(str(name) for name in kept["classes"])
    except Exception as error:  # zip, zlib and numpy each raise their own
        raise CheckpointError(f"{FILE} of the run is damaged; train it again.") from error
