"""Gathers the pictures that a visitor uploads for a run in a folder."""

from __future__ import annotations

import shutil
from pathlib import Path

from ....data.archive import unpack
from ....data.listing import notice_of_others
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
            shutil.copyfile(path, folder / f"{number:04}-{Path(path).stem[:80]}{suffix}")
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
