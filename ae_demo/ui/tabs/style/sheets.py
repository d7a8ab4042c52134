"""What the Style tab shows of a class-conditional model: its weights and example pictures, as files for the page."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import torch

from .... import checkpoints, export, inference
from ....data import get_data_set, load_dataset
from ....data.samples import Samples
from ...static_files import publish

EXAMPLES = 12


def list_models() -> list[str]:
    """Checkpoints of pictures that take labels and run in the page."""
    names = checkpoints.list_checkpoints()
    return [
        n for n in names if checkpoints.family_of(n).takes_labels and export.can_export(checkpoints.load_outline(n))
    ]


@lru_cache(maxsize=4)
def describe(name: str) -> dict[str, Any]:
    """What the component `style_sheet` shows of a checkpoint of `list_models`."""
    entry = get_data_set(checkpoints.data_of(name))
    data = load_dataset(entry.bundled or entry.name)
    chosen = examples_of(data)
    arrays = {"pictures": data.test[chosen].numpy(), "labels": data.test_labels[chosen].numpy().astype(np.uint8)}
    return {
        "name": name,
        "file": publish(export.export_model(inference.get_model(name)), "bin"),
        "examples": publish(export.write_bundle({}, arrays), "bin"),
        "classes": entry.classes,
        "drawing": entry.subject or "whole",
        "accuracy": checkpoints.load_metrics(name)["figures"].get("label_accuracy"),
    }


def examples_of(data: Samples) -> list[int]:
    """Indices of held-out pictures of the classes in turn: among the boldest, the finest and the usual of each."""
    labels, ink = data.test_labels, data.test.flatten(1).float().mean(1)
    found = []
    for number in range(EXAMPLES):
        members = (labels == number * 3 % len(data.classes)).nonzero()[:, 0]
        order = members[torch.argsort(ink[members])]
        share = (0.97, 0.05, 0.5)[number % 3] - (number >= len(data.classes)) * 0.03
        found.append(int(order[int(share * (len(order) - 1))]))
    return found


def warm_up() -> None:
    """Make the files of the first model before the first visit."""
    for name in list_models()[:1]:
        describe(name)
