"""Data: bundled, downloaded, or the user's own, always as tensors in memory; and the one safe picture loader."""

from dataclasses import replace

from ..errors import ConfigError
from .bundled import ASSETS, load_bundled, load_bundled_photos
from .datasets import Dataset, PatchDataset, augment
from .digits import DigitInput, prepare_digit, prepare_garment
from .folder import load_folder
from .fullsets import load_full_set
from .pictures import Picture, as_pixels, load_picture, to_pixels, to_tensor
from .series import load_array, load_waves

DATASETS = ("mnist", "fashion", "digits", "fashion-small", "folder", "waves", "array")

__all__ = [
    "ASSETS",
    "DATASETS",
    "Dataset",
    "DigitInput",
    "PatchDataset",
    "Picture",
    "as_pixels",
    "augment",
    "load_bundled_photos",
    "load_dataset",
    "load_picture",
    "prepare_digit",
    "prepare_garment",
    "to_pixels",
    "to_tensor",
]


def load_dataset(
    name, *, data_dir=None, patch=64, patches_per_epoch=8192, limit=None, download=True, scale=False, seed=0
):
    """Load a data set of `DATASETS`.

    data_dir: where the full sets lie or go ("data" if None), the folder of pictures, or the .npy file of "array"
    patch, patches_per_epoch: for a folder of pictures of different sizes, see `PatchDataset`
    limit: keep only so many training samples (of "folder": files)
    download: whether a full set that is not there may be fetched
    scale: bring the floats of "array" to [0, 1]
    seed: decides what is held out of "folder" and "array", and the waves

    Raises ConfigError for a setting that is not allowed, DataError for data that is missing or damaged.
    """
    if name not in DATASETS:
        raise ConfigError(f"There is no data set {name!r}: choose one of {', '.join(DATASETS)}.")
    for key, value, least in (
        ("patch", patch, 8),
        ("patches_per_epoch", patches_per_epoch, 1),
        ("limit", limit, 1),
    ):
        if value is not None and (not isinstance(value, int) or value < least):
            raise ConfigError(f"{key} is {value!r}: it must be a whole number of {least} or more.")
    if name == "folder":
        return load_folder(data_dir, patch=patch, patches_per_epoch=patches_per_epoch, limit=limit, seed=seed)
    if name in ("mnist", "fashion"):
        dataset = load_full_set(name, data_dir, download)
    elif name == "waves":
        dataset = load_waves(seed)
    elif name == "array":
        dataset = load_array(data_dir, scale=scale, seed=seed)
    else:
        dataset = load_bundled(name)
    if limit is None:
        return dataset
    labels = None if dataset.train_labels is None else dataset.train_labels[:limit]
    return replace(dataset, train=dataset.train[:limit], train_labels=labels)
