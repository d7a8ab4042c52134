"""A user's folder of pictures as a data set: whole pictures if all have one small size, otherwise patches."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import torch

from ..errors import DataError, PictureError
from .pictures import SUFFIXES, load_picture
from .samples import PatchSamples, Samples, regular_patches

HELD_OUT = 0.05
LARGEST_SIDE = 128  # pixels: pictures of one size up to this are used whole
MEMORY = 1_500_000_000  # bytes: budget of all pictures together; each is reduced to its share
_MIN_PIXELS, _MAX_PIXELS = 256 * 256, 1_000_000  # bounds of that reduction


def load_folder(
    data_dir: str | Path | None,
    *,
    patch: int = 64,
    patches_per_epoch: int = 8192,
    limit: int | None = None,
    seed: int = 0,
) -> Samples:
    """Every picture under `data_dir`: `Samples` if all have one size of at most 128 pixels, otherwise `PatchSamples`.

    Subfolders `train` and `val` (or `test`) define the split; without them 5 %, at least one, are held out, chosen by
    the hash of `seed` and path. Subfolders one level down, if there are two or more, are classes. Files that cannot be
    read are skipped and counted in `notice`. `limit` bounds the number of training files. Raises `DataError` if the
    folder is missing or no picture in it can be read.
    """
    root = _folder(data_dir)
    train_root, test_root = root, root
    held = next((root / part for part in ("val", "test") if (root / part).is_dir()), None)
    train_paths = _listed(root, seed)
    if held and (root / "train").is_dir():
        train_root, test_root = root / "train", held
        train_paths, test_paths = _listed(train_root, seed), _listed(test_root, seed)
    else:
        kept = max(1, round(HELD_OUT * len(train_paths)))
        test_paths, train_paths = train_paths[:kept], train_paths[kept:] or train_paths
    train_paths = train_paths[:limit]
    share = MEMORY // (3 * max(1, len(train_paths) + len(test_paths)))
    max_pixels = min(max(share, _MIN_PIXELS), _MAX_PIXELS)
    train, train_paths, reasons = _read(train_root, train_paths, max_pixels)
    test, test_paths, more_reasons = _read(test_root, test_paths, max_pixels)
    reasons += more_reasons
    if not train and not test:
        reason = f" ({reasons[0]})" if reasons else ""
        raise DataError(f"No picture in {root} can be read{reason}: put JPEG, PNG or WebP files there.")
    notices = []
    if reasons:
        files = "1 file" if len(reasons) == 1 else f"{len(reasons):,} files"
        notices.append(f"{files} could not be read, left out because: {reasons[0]}")
    if not train or not test or (train_root == test_root and train_paths == test_paths):
        train = test = train or test
        train_paths = test_paths = train_paths or test_paths
        notices.append("There are too few pictures to hold any out, so training and test pictures are the same.")
    notice = " ".join(notices) or None
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
        raise DataError(f"{root} is not a folder: give the path of a folder of pictures.")
    return root


def _listed(root: Path, seed: int) -> list[str]:
    """Paths of pictures relative to `root`, in an order that depends only on the paths and the seed."""
    found, seen = [], set()
    for folder, inner, files in os.walk(root, followlinks=True):
        seen.add(os.path.realpath(folder))
        inner[:] = [
            name
            for name in inner
            if not name.startswith(".") and os.path.realpath(os.path.join(folder, name)) not in seen
        ]
        for name in files:
            if not name.startswith(".") and os.path.splitext(name)[1].lower() in SUFFIXES:
                found.append(Path(folder, name).relative_to(root).as_posix())
    return sorted(found, key=lambda path: hashlib.blake2b(f"{seed}/{path}".encode(errors="replace")).digest())


def _read(root: Path, paths: list[str], max_pixels: int) -> tuple[list[np.ndarray], list[str], list[str]]:
    """Pictures (C, H, W), their paths, and the error messages of files that could not be read."""
    pictures, kept, reasons = [], [], []
    for path in paths:
        try:
            pixels = load_picture(root / path, max_pixels=max_pixels).pixels
        except PictureError as error:
            reasons.append(str(error))
            continue
        planes = pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
        pictures.append(np.ascontiguousarray(planes))
        kept.append(path)
    return pictures, kept, reasons


def _same_channels(train: list[np.ndarray], test: list[np.ndarray]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Convert grey pictures to three channels if there are pictures in colour."""
    if len({len(picture) for picture in (*train, *test)}) == 1:
        return train, test
    train, test = (
        [np.repeat(picture, 3, axis=0) if len(picture) == 1 else picture for picture in part] for part in (train, test)
    )
    return train, test


def _at_least(picture: np.ndarray, patch: int) -> torch.Tensor:
    """The picture as a tensor, padded by reflection where a side is shorter than `patch`."""
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
