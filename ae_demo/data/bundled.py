"""The bundled data: a small set of digits, one of garments, and photographs. See `assets/README.md`."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image

from ..errors import DataError
from ..resources import resource_folder
from .pictures import load_picture
from .samples import Samples

ASSETS = resource_folder("assets")
DIGIT_CLASSES = tuple("0123456789")
FASHION_CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
_FILES = {"digits": ("digits.npz", DIGIT_CLASSES), "fashion-small": ("fashion.npz", FASHION_CLASSES)}
_TEST_SHEETS = {"fashion": "fashion-test.png"}


def load_bundled(name: str) -> Samples:
    """The bundled "digits" (4,500 + 500 of MNIST) or "fashion-small" (12,000 + 2,000 of Fashion-MNIST).

    All pictures are from the training set of the full data set, none from its test set. Raises `DataError` if the files
    are missing or damaged.
    """
    file, classes = _FILES[name]
    try:
        with (ASSETS / file).open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            pictures = {part: torch.from_numpy(arrays[part])[:, None] for part in ("train", "test")}
            labels = {part: torch.from_numpy(arrays[f"{part}_labels"]).long() for part in pictures}
    except Exception as error:  # zip, zlib and NumPy raise different exceptions for a damaged file
        raise DataError(
            "{path} is missing or damaged: get it again from the repository.", path=ASSETS / file
        ) from error
    return Samples(name, pictures["train"], pictures["test"], labels["train"], labels["test"], classes)


def load_bundled_tests(name: str) -> tuple[torch.Tensor, torch.Tensor] | None:
    """The test set of the full data set `name`, uint8 (N, 1, 28, 28) and labels (N,); None if it is not bundled.

    It is stored as one picture file with a hundred samples per row. Raises `DataError` if a file is missing or damaged.
    """
    if name not in _TEST_SHEETS:
        return None
    path = ASSETS / _TEST_SHEETS[name]
    try:
        sheet = load_picture(path).pixels
        labels = torch.from_numpy(np.load(path.with_suffix(".npy"), allow_pickle=False)).long()
        pictures = torch.from_numpy(sheet.copy()).view(100, 28, 100, 28).transpose(1, 2).reshape(len(labels), 1, 28, 28)
    except Exception as error:  # as above
        raise DataError(
            "{path} or its labels are missing or damaged: get them again from the repository.", path=path
        ) from error
    return pictures, labels


def load_bundled_photos() -> dict[str, np.ndarray]:
    """The example photographs by name, each uint8 (H, W, 3), or (H, W) if grey. Raises `DataError` if missing."""
    paths = sorted((ASSETS / "photos").glob("*.*"))
    if not paths:
        raise DataError(
            "There are no photographs in {folder}: get them again from the repository.", folder=ASSETS / "photos"
        )
    return {path.stem: load_picture(path).pixels for path in paths}


def load_photo_squares(side: int, each: int = 50) -> torch.Tensor:
    """`each` random square crops of every bundled colour photograph, resized to uint8 (N, 3, side, side).

    Their sides are 0.3 to 1 times the photograph's shorter side. The crops are the same at each call. Raises
    `DataError` if there are no photographs.
    """
    squares = []
    for pixels in load_bundled_photos().values():
        if pixels.ndim == 2:
            continue
        photo, random = Image.fromarray(pixels), np.random.default_rng(0)
        for _ in range(each):
            width = round(min(photo.size) * random.uniform(0.3, 1))
            left, top = (int(random.integers(0, length - width + 1)) for length in photo.size)
            box = (left, top, left + width, top + width)
            squares.append(np.asarray(photo.resize((side, side), Image.Resampling.LANCZOS, box)))
    return torch.from_numpy(np.stack(squares)).permute(0, 3, 1, 2).contiguous()
