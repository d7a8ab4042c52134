"""Models that the page fetches and runs itself."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from ... import checkpoints, export, inference
from .. import static_files
from ..static_files import publish
from . import user_runs

MAX_WEIGHTS = 40_000_000  # of a model that runs in the page


def page_model(checkpoint: str | Path) -> str | None:
    """The file of a model that runs in the page, see `export_model`; None for one that cannot.

    The file of a visitor's run is removed with the run.
    """
    if _forget not in user_runs.on_remove:
        user_runs.on_remove.append(_forget)
    place = "" if isinstance(checkpoint, str) else place_of(checkpoint)
    return _publish(checkpoints.checkpoint_folder(checkpoint).resolve(), place)


@lru_cache(maxsize=64)
def _publish(folder: Path, place: str) -> str | None:
    model = inference.get_model(folder)
    if not export.can_export(model) or model.parameter_count() > MAX_WEIGHTS:
        return None
    return publish(export.export_model(model), "bin", place)


def place_of(folder: Path) -> str:
    """The folder of the published files of a visitor's run."""
    return hashlib.sha256(str(folder).encode()).hexdigest()[:24]


def _forget(folder: Path) -> None:
    static_files.withdraw(place_of(folder))
