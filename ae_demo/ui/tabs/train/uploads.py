"""Gathers the pictures that a visitor uploads for a run in a folder."""

from __future__ import annotations

import shutil
from pathlib import Path

from ....data.archive import unpack
from ....data.pictures import SUFFIXES
from ....errors import DataError
from .settings import MAX_PICTURES, MAX_UNPACKED_BYTES


def gather_pictures(uploads: tuple[str, ...], folder: Path) -> None:
    """Copy uploads to `folder`, and unpack zips. Raises `DataError`, also for fewer than two pictures."""
    count = 0
    for number, path in enumerate(uploads):
        suffix = Path(path).suffix.lower()
        if suffix == ".zip":
            target = folder if len(uploads) == 1 else folder / f"{number:04}"  # the folders of a single zip are classes
            bounds = {"most_files": MAX_PICTURES - count, "most_bytes": MAX_UNPACKED_BYTES}
            count += len(unpack(path, target, wanted=lambda inside: inside.suffix.lower() in SUFFIXES, **bounds))
        elif suffix in SUFFIXES:
            shutil.copyfile(path, folder / f"{number:04}-{Path(path).stem[:80]}{suffix}")
            count += 1
    if count < 2:
        raise DataError(f"Your uploads have {count} pictures; upload two or more.")
