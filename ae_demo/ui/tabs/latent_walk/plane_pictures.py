"""The pictures that are shown on latent planes as points: test pictures of digits and garments, or a run's own."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import torch

from .... import checkpoints
from ....data import DATA_SETS, get_data_set, load_dataset
from ....data.bundled import load_bundled_tests
from ....training import own_pictures
from ...shared.picture_sheet import sheet_of
from ...static_files import publish

TEST_SETS = sorted({entry.full for entry in DATA_SETS.values() if entry.full}, reverse=True)  # ["mnist", "fashion"]


class Placed(NamedTuple):
    """The pictures whose codes are shown on a plane: uint8 `(N, C, H, W)`, labels `(N,)`, and the classes' names."""

    name: str  # "mnist" and "fashion" (10,000 test pictures), "digits" (those that are bundled) or "own"
    x: torch.Tensor
    labels: torch.Tensor
    classes: tuple[str, ...]


def test_set_of(checkpoint: str | Path) -> str | None:
    """The test set, "mnist" or "fashion", of the pictures that a checkpoint knows; None where it knows others."""
    entry = DATA_SETS.get(checkpoints.data_of(checkpoint))
    return entry.full if entry else None


@lru_cache(maxsize=2)
def test_pictures(tests: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures to place on the planes, uint8 `(N, 1, 28, 28)`, and their labels.

    The 10,000 of the official test part; of MNIST only where it lies in `data/`, else the 5,000 bundled digits.
    """
    if bundled := load_bundled_tests(tests):
        return bundled
    full = load_dataset(tests, download=False)
    if full.notice is None:
        return full.test, full.test_labels
    return torch.cat([full.train, full.test]), torch.cat([full.train_labels, full.test_labels])


def pictures_of(checkpoint: str | Path) -> Placed | None:
    """The pictures to place on a checkpoint's plane: the test pictures of its data, or what a run kept of its own."""
    shape = tuple(checkpoints.load_outline(checkpoint).config.input_shape)
    tests = test_set_of(checkpoint)
    if tests is not None:
        placed = placed_tests(tests)
    elif not isinstance(checkpoint, str) and (kept := own_pictures.load_pictures(checkpoint)):
        placed = Placed("own", *kept)
    else:
        return None
    return placed if placed.x.shape[1:] == shape else None


def placed_tests(tests: str) -> Placed:
    """The test set "mnist" or "fashion"."""
    x, labels = test_pictures(tests)
    entry = get_data_set(tests)
    return Placed(tests if len(x) == entry.test_count else entry.bundled, x, labels, entry.classes)


def drawing_of(checkpoint: str | Path, model: torch.nn.Module) -> str:
    """How `inference.prepare` takes a drawing: "digit" and "garment" are centred, "whole" is only made smaller."""
    entry = DATA_SETS.get(checkpoints.data_of(checkpoint))
    if tuple(model.config.input_shape) != (1, 28, 28) or (entry and not entry.subject):
        return "whole"
    return entry.subject if entry else "digit"


@lru_cache(maxsize=2)
def test_sheet(tests: str) -> str:
    """The published file of a test set's pictures, see `sheet_of`."""
    return publish(sheet_of(placed_tests(tests).x), "png")
