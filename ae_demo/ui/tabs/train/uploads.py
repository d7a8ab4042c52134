"""The pictures that a visitor uploads for a run, gathered in a folder."""

from __future__ import annotations

import shutil
from pathlib import Path

from ....data.archive import unpack
from ....data.pictures import SUFFIXES
from ....errors import DataError
from .settings import MAX_PICTURES, MAX_UNPACKED


def gather_pictures(uploads: tuple[str, ...], folder: Path) -> None:
    """Copy uploads into `folder`, zips unpacked. Raises `DataError`, also for fewer than two pictures."""
    count = 0
    for number, path in enumerate(uploads):
        suffix = Path(path).suffix.lower()
        if suffix == ".zip":
            place = folder if len(uploads) == 1 else folder / f"{number:04}"  # its folders are classes, if it is alone
            bounds = {"most_files": MAX_PICTURES - count, "most_bytes": MAX_UNPACKED}
            count += len(unpack(path, place, wanted=lambda inside: inside.suffix.lower() in SUFFIXES, **bounds))
        elif suffix in SUFFIXES:
            shutil.copyfile(path, folder / f"{number:04}-{Path(path).stem[:80]}{suffix}")
            count += 1
    if count < 2:
        raise DataError(f"Your uploads hold {count} pictures; upload two or more to train on them.")
