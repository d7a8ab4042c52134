"""Data sets as tensors in memory, bundled, downloaded or the user's; and the picture loader for untrusted files."""

from .bundled import ASSETS, load_bundled_photos, load_photo_squares
from .catalogue import DATA_SETS, DataSet, LoadOptions, get_data_set, load_dataset
from .digits import DigitInput, prepare_digit, prepare_garment
from .pictures import Picture, as_pixels, load_picture, to_pixels, to_tensor
from .samples import PatchSamples, Samples, augment

__all__ = [
    "ASSETS",
    "DATA_SETS",
    "DataSet",
    "DigitInput",
    "LoadOptions",
    "PatchSamples",
    "Picture",
    "Samples",
    "as_pixels",
    "augment",
    "get_data_set",
    "load_bundled_photos",
    "load_dataset",
    "load_photo_squares",
    "load_picture",
    "prepare_digit",
    "prepare_garment",
    "to_pixels",
    "to_tensor",
]
