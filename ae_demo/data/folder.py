"""A user's folder of pictures as a data set: of one small size as they are, else as patches."""

import hashlib
import os
from pathlib import Path

import numpy as np
import torch

from ..errors import DataError, PictureError
from .pictures import SUFFIXES, load_picture
from .samples import PatchSamples, Samples, regular_patches

HELD_OUT = 0.05
LARGEST_SIDE = 128  # pictures of one size up to this are learnt whole
MEMORY = 1_500_000_000  # bytes for all pictures together; each is made smaller to keep to it
_PIXELS = (256 * 256, 1_000_000)  # but no picture under the first, and none over the second


def load_folder(data_dir, *, patch=64, patches_per_epoch=8192, limit=None, seed=0):
    """Every picture under `data_dir` as a `Samples` if all have one size of at most 128 px, else a `PatchSamples`.

    Subfolders `train` and `val` (or `test`) are the split; without them a seeded 5 %, at least one, is held out by the
    hash of its path. Folders one level down, if there are two or more, are classes. Files that cannot be read are left
    out and counted in `notice`. Raises DataError if the folder is missing or no picture in it can be read.
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
    room = MEMORY // (3 * max(1, len(train_paths) + len(test_paths)))
    max_pixels = min(max(room, _PIXELS[0]), _PIXELS[1])
    train, train_paths, reasons = _read(train_root, train_paths, max_pixels)
    test, test_paths, more = _read(test_root, test_paths, max_pixels)
    reasons += more
    if not train and not test:
        reason = f" ({reasons[0]})" if reasons else ""
        raise DataError(f"No picture in {root} can be read{reason}: put JPEG, PNG or WebP files there.")
    notices = []
    if reasons:
        files = "1 file" if len(reasons) == 1 else f"{len(reasons):,} files"
        notices.append(f"{files} could not be read, left out because: {reasons[0]}")
    if not train or not test or (train_root == test_root and train_paths == test_paths):
        train, train_paths, test, test_paths = (train or test, train_paths or test_paths) * 2
        notices.append("There are too few pictures to hold any out, so training and test pictures are the same.")
    notice = " ".join(notices) or None
    train, test = _same_channels(train, test)
    sizes = {picture.shape for picture in (*train, *test)}
    if len(sizes) == 1 and max(next(iter(sizes))) <= LARGEST_SIDE:
        classes, train_labels, test_labels = _labelled(train_paths, test_paths)
        stacked = (torch.from_numpy(np.stack(part)) for part in (train, test))
        return Samples("folder", *stacked, train_labels, test_labels, classes, notice)
    train, test = ([_at_least(picture, patch) for picture in part] for part in (train, test))
    return PatchSamples(
        name="folder",
        train=regular_patches(train, patch),
        test=regular_patches(test, patch),
        notice=notice,
        pictures=tuple(train),
        patch=patch,
        patches_per_epoch=patches_per_epoch,
    )


def _folder(data_dir):
    if data_dir is None:
        raise DataError("The data set 'folder' needs data_dir: the path of a folder of pictures.")
    root = Path(data_dir)
    if not root.is_dir():
        raise DataError(f"{root} is not a folder: give the path of a folder of pictures.")
    return root


def _listed(root, seed):
    """Paths of pictures relative to root, in an order that depends on their names and the seed alone."""
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


def _read(root, paths, max_pixels):
    """Pictures (C, H, W), their paths, and the reasons why others could not be read."""
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


def _same_channels(*parts):
    """Grey pictures among coloured ones get three channels."""
    if len({len(picture) for part in parts for picture in part}) == 1:
        return parts
    return tuple([np.repeat(each, 3, axis=0) if len(each) == 1 else each for each in part] for part in parts)


def _at_least(picture, patch):
    """A tensor of it, mirrored outward where a side is under `patch`."""
    lacking = [max(0, patch - side) for side in picture.shape[1:]]
    if any(lacking):
        sides = [(0, 0), *((each // 2, each - each // 2) for each in lacking)]
        picture = np.pad(picture, sides, mode="symmetric")
    return torch.from_numpy(picture)


def _labelled(train_paths, test_paths):
    """(classes, train labels, test labels) from the folders one level down, or ((), None, None)."""
    parts = [[path.split("/") for path in paths] for paths in (train_paths, test_paths)]
    classes = tuple(sorted({folders[0] for folders in parts[0]}))
    flat = all(len(folders) == 2 and folders[0] in classes for part in parts for folders in part)
    if not flat or len(classes) < 2:
        return (), None, None
    labels = (torch.tensor([classes.index(folders[0]) for folders in part]) for part in parts)
    return (classes, *labels)
