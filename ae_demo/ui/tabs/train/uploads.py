"""Gathers the pictures or series that a visitor uploads for a run in a folder."""

from __future__ import annotations

import shutil
from pathlib import Path

from ....data.archive import unpack
from ....data.listing import notice_of_others
from ....data.named_samples import is_series_name
from ....data.pictures import is_picture_name
from ....errors import DataError, Message
from .settings import MAX_PICTURES, MAX_UNPACKED_BYTES


def gather_pictures(uploads: tuple[str, ...], folder: Path) -> Message | None:
    """Copy uploads to `folder`, and unpack zips; returns a notice of files that were left out, or None.

    Raises `DataError`, also for fewer than two pictures.
    """
    count = 0
    left_out: list[str] = []
    for number, path in enumerate(uploads):
        suffix = Path(path).suffix.lower()
        if suffix == ".zip":
            target = folder if len(uploads) == 1 else folder / f"{number:04}"  # the folders of a single zip are classes
            bounds = {"most_files": MAX_PICTURES - count, "most_bytes": MAX_UNPACKED_BYTES}
            count += len(unpack(path, target, wanted=is_picture_name, left_out=left_out, **bounds))
        elif is_picture_name(path):
            shutil.copyfile(path, _numbered(folder, number, path))
            count += 1
        else:
            left_out.append(Path(path).name)
    notice = notice_of_others(left_out)
    if count < 2:
        if notice:
            raise DataError(
                "Your uploads have {count} pictures; upload two or more. {notice}", count=count, notice=notice
            )
        raise DataError("Your uploads have {count} pictures; upload two or more.", count=count)
    return notice


def gather_series(uploads: tuple[str, ...], folder: Path) -> Message | None:
    """Copy files of series to `folder`, and unpack zips; returns a notice of files that were left out, or None.

    Raises `DataError`, also for no series.
    """
    count = 0
    left_out: list[str] = []
    for number, path in enumerate(uploads):
        suffix = Path(path).suffix.lower()
        if suffix == ".zip":
            bounds = {"most_files": MAX_PICTURES - count, "most_bytes": MAX_UNPACKED_BYTES}
            count += len(unpack(path, folder / f"{number:04}", wanted=is_series_name, left_out=left_out, **bounds))
        elif is_series_name(path):
            shutil.copyfile(path, folder / Path(path).name if len(uploads) == 1 else _numbered(folder, number, path))
            count += 1
        else:
            left_out.append(Path(path).name)
    notice = notice_of_others(left_out, series=True)
    if not count:
        raise DataError("Your uploads have no series: upload .csv, .npy or .npz files, or a zip of them.")
    return notice


def _numbered(folder: Path, number: int, path: str) -> Path:
    """A name of its own for each upload, which messages can name."""
    return folder / f"{number:04}-{Path(path).stem[:80]}{Path(path).suffix.lower()}"
