"""A user's folder of pictures as a data set: whole pictures if all have one small size, otherwise patches."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import torch

from ..errors import DataError, Message, PictureError
from .listing import is_system_file, join_notices, list_files, notice_of_others, notice_of_unreadable, split_names
from .pictures import is_picture_name, load_picture
from .samples import PatchSamples, Samples, regular_patches

HELD_OUT = 0.05
LARGEST_SIDE = 128  # pixels: pictures of one size up to this are used whole
MEMORY = 1_500_000_000  # bytes: limit for all pictures together; each is downsampled to its share
TRAIN_FOLDERS = ("train", "training")  # in upper or lower case
TEST_FOLDERS = ("val", "valid", "validation", "test", "testing")  # the first one that exists is held out
_MIN_PIXELS, _MAX_PIXELS = 256 * 256, 1_000_000  # bounds of a picture's share


def load_folder(
    data_dir: str | Path | None,
    *,
    patch: int = 64,
    patches_per_epoch: int = 8192,
    limit: int | None = None,
    seed: int = 0,
) -> Samples:
    """Every picture under `data_dir`: `Samples` if all have one size of at most 128 pixels, otherwise `PatchSamples`.

    Subfolders with a name in `TRAIN_FOLDERS` and one in `TEST_FOLDERS` define the split; without them 5 %, at least one
    picture, are held out, chosen by a hash of `seed` and path. Two or more subfolders one level down are classes. If
    the folder contains only one folder, that one is used. Files that are not pictures or cannot be read are left out
    and counted in `notice`.

    patch, patches_per_epoch: see `PatchSamples`
    limit: maximum number of training files; None: all

    Raises `DataError` if the folder is missing or no picture in it can be read.
    """
    root = _innermost(_folder(data_dir))
    files, others = split_names(list_files(root), is_picture_name)
    notices: list[Message | None] = []
    split = _split_folders(root)
    if split:
        train_root, test_root = (root / name for name in split)
        parts = [[path.removeprefix(f"{name}/") for path in files if path.startswith(f"{name}/")] for name in split]
        train_paths, test_paths = (_shuffled(paths, seed) for paths in parts)
        if beside := len(files) - len(train_paths) - len(test_paths):
            notices.append(
                Message(
                    "Pictures outside {train} and {test} that were left out: {count:,}.",
                    train=split[0],
                    test=split[1],
                    count=beside,
                )
            )
    else:
        train_root = test_root = root
        train_paths = _shuffled(files, seed)
        kept = max(1, round(HELD_OUT * len(train_paths)))
        test_paths, train_paths = train_paths[:kept], train_paths[kept:] or train_paths
    train_paths = train_paths[:limit]
    share = MEMORY // (3 * max(1, len(train_paths) + len(test_paths)))
    max_pixels = min(max(share, _MIN_PIXELS), _MAX_PIXELS)
    reading = _Reading(max_pixels)
    train, train_paths = reading.read(train_root, train_paths)
    test, test_paths = reading.read(test_root, test_paths)
    if not train and not test:
        if reading.reasons:
            raise DataError(
                "No picture in {name} can be read ({reason}): put pictures there, for example JPEG, PNG or WebP files.",
                name=root.name,
                reason=reading.reasons[0],
            )
        raise DataError(
            "No picture in {name} can be read: put pictures there, for example JPEG, PNG or WebP files.", name=root.name
        )
    notices = [*reading.notices(), *notices, notice_of_others(others)]
    if not train or not test or (train_root == test_root and train_paths == test_paths):
        train = test = train or test
        train_paths = test_paths = train_paths or test_paths
        notices.append(
            Message("There are too few pictures to hold any out, so training and test pictures are the same.")
        )
    notice = join_notices(*notices)
    train, test = _same_channels(train, test)
    sizes = {picture.shape for picture in (*train, *test)}
    if len(sizes) == 1 and max(next(iter(sizes))) <= LARGEST_SIDE:
        classes, train_labels, test_labels = _labelled(train_paths, test_paths)
        stacked = [torch.from_numpy(np.stack(part)) for part in (train, test)]
        return Samples("folder", stacked[0], stacked[1], train_labels, test_labels, classes, notice)
    train_pictures, test_pictures = ([_at_least(picture, patch) for picture in part] for part in (train, test))
    return PatchSamples(
        name="folder",
        train=regular_patches(train_pictures, patch),
        test=regular_patches(test_pictures, patch),
        notice=notice,
        pictures=tuple(train_pictures),
        patch=patch,
        patches_per_epoch=patches_per_epoch,
    )


def _folder(data_dir: str | Path | None) -> Path:
    if data_dir is None:
        raise DataError("The data set 'folder' needs data_dir: the path of a folder of pictures.")
    root = Path(data_dir)
    if not root.is_dir():
        raise DataError("{root} is not a folder: give the path of a folder of pictures.", root=root)
    return root


def _innermost(root: Path) -> Path:
    """The folder itself, or, if it contains only a folder, as in the zip of a folder, the innermost such folder."""
    inside = [each for each in root.iterdir() if not is_system_file(Path(each.name))]
    alone = len(inside) == 1 and inside[0].is_dir() and not inside[0].is_symlink()
    return _innermost(inside[0]) if alone else root


def _split_folders(root: Path) -> tuple[str, str] | None:
    """The names of the folders of training and of held-out pictures; None if there are none."""
    names = sorted(each.name for each in root.iterdir() if each.is_dir())
    found = [
        [name for part in parts for name in names if name.lower() == part] for parts in (TRAIN_FOLDERS, TEST_FOLDERS)
    ]
    return (found[0][0], found[1][0]) if all(found) else None


def _shuffled(paths: list[str], seed: int) -> list[str]:
    """The paths in an order that depends only on the paths and the seed."""
    return sorted(paths, key=lambda path: hashlib.blake2b(f"{seed}/{path}".encode(errors="replace")).digest())


class _Reading:
    """Reads pictures, and counts those that cannot be read and those scaled by the range of their values.

    reasons: the errors of pictures that cannot be read
    """

    def __init__(self, max_pixels: int) -> None:
        self.max_pixels = max_pixels
        self.reasons: list[PictureError] = []
        self._ranges: list[tuple[float, float]] = []

    def read(self, root: Path, paths: list[str]) -> tuple[list[np.ndarray], list[str]]:
        """Pictures (C, H, W), and their paths."""
        pictures, kept = [], []
        for path in paths:
            try:
                picture = load_picture(root / path, max_pixels=self.max_pixels)
            except PictureError as error:
                self.reasons.append(PictureError(error.message))  # without its traceback
                continue
            if picture.value_range:
                self._ranges.append(picture.value_range)
            pixels = picture.pixels
            planes = pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
            pictures.append(np.ascontiguousarray(planes))
            kept.append(path)
        return pictures, kept

    def notices(self) -> list[Message | None]:
        """Notices of pictures that cannot be read, and of pictures scaled by their values."""
        return [notice_of_unreadable(self.reasons), self._notice_of_ranges()]

    def _notice_of_ranges(self) -> Message | None:
        if not self._ranges:
            return None
        low, high = self._ranges[0]
        return Message(
            "Pictures scaled by the values in their files: {count:,}, for example from {low:g} to {high:g}.",
            count=len(self._ranges),
            low=low,
            high=high,
        )


def _same_channels(train: list[np.ndarray], test: list[np.ndarray]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Convert grey pictures to three channels if there are colour pictures."""
    if len({len(picture) for picture in (*train, *test)}) == 1:
        return train, test
    train, test = (
        [np.repeat(picture, 3, axis=0) if len(picture) == 1 else picture for picture in part] for part in (train, test)
    )
    return train, test


def _at_least(picture: np.ndarray, patch: int) -> torch.Tensor:
    """The picture as a tensor, padded by reflection if a side is shorter than `patch`."""
    missing = [max(0, patch - side) for side in picture.shape[1:]]
    if any(missing):
        widths = [(0, 0), *((count // 2, count - count // 2) for count in missing)]
        picture = np.pad(picture, widths, mode="symmetric")
    return torch.from_numpy(picture)


def _labelled(
    train_paths: list[str], test_paths: list[str]
) -> tuple[tuple[str, ...], torch.Tensor | None, torch.Tensor | None]:
    """(classes, train labels, test labels) from the subfolders one level down, or ((), None, None)."""
    parts = [[path.split("/") for path in paths] for paths in (train_paths, test_paths)]
    classes = tuple(sorted({folders[0] for folders in parts[0]}))
    flat = all(len(folders) == 2 and folders[0] in classes for part in parts for folders in part)
    if not flat or len(classes) < 2:
        return (), None, None
    train_labels, test_labels = (torch.tensor([classes.index(folders[0]) for folders in part]) for part in parts)
    return classes, train_labels, test_labels
