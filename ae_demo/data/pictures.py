"""The picture loader for untrusted files: returns uint8 pixels, or raises an error whose message can be displayed.

Memory is bounded by the size in the header, before decoding: pictures over 100 megapixels (WebP, AVIF: 50) are
rejected, and pictures over `max_pixels` are downsampled in bands, so that there is no second full-size picture besides
the decoder's memory (4 bytes per pixel, up to 7 for progressive JPEG and 15 for WebP).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, UnidentifiedImageError

from ..errors import PictureError, ShapeError
from .conversion import Conversion

LARGEST_PICTURE = 100_000_000  # pixels
BAND = 2**20  # numbers of a picture that are processed at once
_LARGEST_BY_FORMAT = {"WEBP": 50_000_000, "AVIF": 50_000_000}  # decoders that hold three or more full pictures
Image.MAX_IMAGE_PIXELS = LARGEST_PICTURE  # above this, Pillow warns; this module raises an error

_FORMATS = ("AVIF", "BMP", "GIF", "JPEG", "MPO", "PNG", "PPM", "TIFF", "WEBP")
_UNSUPPORTED = {  # bytes near the start of a file of an unsupported format -> its description
    b"<svg": PictureError("an SVG drawing"),
    b"ftyphei": PictureError("an HEIC picture"),
    b"ftyphev": PictureError("an HEIC picture"),
    b"ftypmif1": PictureError("an HEIC picture"),
    b"ftypmsf1": PictureError("an HEIC picture"),
    b"%PDF": PictureError("a PDF document"),
}
_UPRIGHT = {  # EXIF orientation -> the operation that turns the stored picture upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ORIENTATION = 0x0112


@cache
def picture_suffixes() -> frozenset[str]:
    """The suffixes, in lower case, that Pillow registers for the formats of `load_picture`.

    They are used only to select files: the format of a file is recognised by its content.
    """
    return frozenset(suffix for suffix, kind in Image.registered_extensions().items() if kind in _FORMATS)


def is_picture_name(name: str | os.PathLike[str]) -> bool:
    """Whether a file's name has the suffix of a picture, in upper or lower case."""
    return os.path.splitext(os.fspath(name))[1].lower() in picture_suffixes()


@dataclass(frozen=True)
class Picture:
    """A loaded picture, upright.

    pixels: uint8, (H, W) if the file is grey, (H, W, 3) if it is in colour
    original_size: (height, width) of the upright picture in the file
    reduced: whether `pixels` was downsampled, because the file has more than `max_pixels`
    value_range: the file's values that were mapped to 0 and 255, if they are not the limits of its type, for example
        (0, 4095) for 12-bit values in a 16-bit file; otherwise None
    """

    pixels: np.ndarray
    original_size: tuple[int, int]
    reduced: bool
    value_range: tuple[float, float] | None = None


def load_picture(
    path: str | os.PathLike[str] | None, *, max_pixels: int = 16_000_000, mode: str | None = None
) -> Picture:
    """Load the first picture of a file.

    The EXIF orientation is applied. Colours are converted from the file's ICC profile to sRGB (a damaged profile, or
    one for other channels, is ignored), and CMYK and palettes to RGB. Transparency is composited on white, or on black
    if the visible pixels are too light for white. Integers of more than 8 bits are scaled from [0, 2^n - 1] to
    [0, 255], with n the smallest of 8, 10, 12, 14 and 16 that fits them all; floats in [0, 1], [0, 255] or [0, 65535]
    from that range; and other values from their own range.

    max_pixels: larger pictures are downsampled to at most this many pixels, with antialiasing
    mode: "L" or "RGB" for pixels (H, W) or (H, W, 3); None: as in the file

    Raises `PictureError` for a file that is missing, not a picture, damaged or too large.
    """
    name, head = _read_head(path)
    assert path is not None
    try:
        Image.init()
        image = Image.open(path, formats=[each for each in _FORMATS if each in Image.OPEN])
        with image:
            _check_size(image.size, name, _LARGEST_BY_FORMAT.get(image.format or "", LARGEST_PICTURE))
            return _decode(image, max_pixels, mode, name)
    except PictureError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large(name) from error
    except MemoryError as error:
        raise PictureError(
            "{name} needs more memory than there is: make it smaller and try again.", name=name
        ) from error
    except Exception as error:  # Pillow's decoders raise many kinds of exceptions for a damaged file
        raise _why_unreadable(name, head, error) from error


def as_pixels(image: Any) -> np.ndarray:
    """Copy a PIL image or uint8 array to pixels, uint8 (H, W) or (H, W, 3).

    Arrays may be (H, W), (H, W, 1), (H, W, 3), or (H, W, 4) with alpha. Transparency, profiles and depths are treated
    as by `load_picture`. The EXIF orientation of a PIL image is ignored: the result has its height and width. Raises
    `PictureError` for other types and shapes, and for damaged or too large pictures.
    """
    if isinstance(image, Image.Image):
        _check_size(image.size, "The picture")
        try:
            return np.array(Conversion.of(image, "The picture").convert(image))
        except (OSError, ValueError) as error:
            raise PictureError("The picture is damaged: open it again, or save it again.") from error
    if not isinstance(image, np.ndarray):
        raise PictureError(
            "A picture cannot be a {kind}: give a PIL image or a uint8 array of shape (H, W), (H, W, 1), "
            "(H, W, 3) or (H, W, 4).",
            kind=type(image).__name__,
        )
    if image.dtype != np.uint8:
        raise PictureError(
            "The array holds {dtype}, not uint8: give a PIL image or a uint8 array of shape (H, W), (H, W, "
            "1), (H, W, 3) or (H, W, 4) with values in 0 to 255.",
            dtype=image.dtype,
        )
    if image.ndim not in (2, 3) or (image.ndim == 3 and image.shape[2] not in (1, 3, 4)):
        raise PictureError(
            "An array of shape {shape} is not a picture: give a PIL image or a uint8 array of shape (H, W), "
            "(H, W, 1), (H, W, 3) or (H, W, 4).",
            shape=image.shape,
        )
    _check_size(image.shape[1::-1], "The array")
    if image.ndim == 3 and image.shape[2] == 1:
        image = image[..., 0]
    if image.ndim == 3 and image.shape[2] == 4:
        layered = Image.fromarray(np.ascontiguousarray(image))
        return np.array(Conversion.of(layered, "The array").convert(layered))
    return np.array(image, order="C")


def row_bands(height: int, row: int, most: int = BAND) -> list[slice]:
    """Divide `height` rows of `row` numbers each into bands of at most `most` numbers, and at least one row.

    Large pictures are processed in bands, so that intermediate results need little memory.
    """
    rows = max(1, most // row)
    return [slice(top, min(top + rows, height)) for top in range(0, height, rows)]


def to_planes(pixels: np.ndarray) -> torch.Tensor:
    """View uint8 (H, W) or (H, W, C) as uint8 (1, C, H, W); read-only pixels are copied."""
    pixels = pixels if pixels.flags.writeable else pixels.copy()
    return torch.from_numpy(np.atleast_3d(pixels)).permute(2, 0, 1)[None]


def to_tensor(pixels: np.ndarray) -> torch.Tensor:
    """Convert uint8 (H, W) or (H, W, C) to float32 (1, C, H, W) in [0, 1]: four times the memory of `to_planes`."""
    planes = pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
    return torch.from_numpy(np.array(planes, np.float32, order="C")).div_(255)[None]  # (1, C, H, W)


def to_pixels(tensor: torch.Tensor) -> np.ndarray:
    """Convert (1, C, H, W), (C, H, W) or (H, W), clamped to [0, 1], to uint8 (H, W) if C is 1, (H, W, 3) if it is 3.

    Raises `ShapeError` for another shape.
    """
    planes = tensor.detach().float().cpu()
    planes = planes[0] if planes.ndim == 4 and len(planes) == 1 else planes
    planes = planes[None] if planes.ndim == 2 else planes
    if planes.ndim != 3 or len(planes) not in (1, 3):
        raise ShapeError(
            "A tensor of shape {shape} is not one picture: give (1, 1 or 3, H, W).", shape=tuple(tensor.shape)
        )
    channels, height, width = planes.shape
    pixels = np.empty((height, width, channels), np.uint8)
    for band in row_bands(height, channels * width):
        part = planes[:, band].nan_to_num(0).clamp_(0, 1).mul_(255).round_().byte()
        pixels[band] = part.permute(1, 2, 0).numpy()
    return pixels[..., 0] if channels == 1 else pixels


def _read_head(path: str | os.PathLike[str] | None) -> tuple[str, bytes]:
    """The file's name, for messages, and its first bytes. Raises `PictureError` if it is missing or empty."""
    if path is None or path == "":
        raise PictureError("There is no picture yet: upload, draw or choose one.")
    name = Path(path).name or str(path)
    try:
        kind = os.stat(path).st_mode
        if stat.S_ISDIR(kind):
            raise PictureError("{name} is a folder, not a picture: choose one file in it.", name=name)
        if not stat.S_ISREG(kind):
            raise PictureError(
                "{name} is not a regular file: use a JPEG, PNG, WebP, GIF, BMP or TIFF picture.", name=name
            )
        with open(path, "rb") as stream:
            head = stream.read(1024)
    except PictureError:
        raise
    except FileNotFoundError as error:
        raise PictureError("There is no file {name}: check its name and try again.", name=name) from error
    except (OSError, ValueError) as error:
        raise PictureError("{name} cannot be opened: check its name and its permissions.", name=name) from error
    if not head:
        raise PictureError("{name} is empty: save or export the picture again.", name=name)
    return name, head


def _too_large(name: str, largest: int = LARGEST_PICTURE) -> PictureError:
    return PictureError(
        "{name} has more than {most} megapixels: make it smaller and try again.", name=name, most=largest // 10**6
    )


def _check_size(size: Sequence[int], name: str, largest: int = LARGEST_PICTURE) -> None:
    width, height = size
    if width * height > largest:
        raise _too_large(name, largest)
    if width * height == 0:
        raise PictureError("{name} has no pixels: give one at least 1 × 1.", name=name)


def _why_unreadable(name: str, head: bytes, error: Exception) -> PictureError:
    for mark, kind in _UNSUPPORTED.items():
        if mark in head:
            return PictureError(
                "{name} is {kind}, which cannot be read: save it as JPEG or PNG and try again.",
                name=name,
                kind=kind,
            )
    if isinstance(error, UnidentifiedImageError):
        return PictureError(
            "{name} is not a picture that can be read: use a JPEG, PNG, WebP, GIF, BMP or TIFF picture.", name=name
        )
    return PictureError("{name} is damaged or truncated: copy or save the picture again.", name=name)


def _decode(image: Image.Image, max_pixels: int, mode: str | None, name: str) -> Picture:
    stored = image.size
    shrink = min(1.0, (max_pixels / (stored[0] * stored[1])) ** 0.5)
    width, height = (min(max_pixels, max(1, int(side * shrink))) for side in stored)
    target = (width, height)
    if shrink < 1:
        image.draft(None, target)  # decodes a JPEG at 1/2, 1/4 or 1/8 of its size, but not below the target
    image.load()
    conversion = Conversion.of(image, name)
    flat = conversion.convert(image, target)
    turn = _UPRIGHT.get(_orientation(image))
    if turn is not None:
        flat = flat.transpose(turn)
        stored = stored[::-1] if _orientation(image) >= 5 else stored
    flat = flat.convert(mode) if mode else flat
    return Picture(np.array(flat), (stored[1], stored[0]), shrink < 1, conversion.guessed_range)


def _orientation(image: Image.Image) -> int:
    try:
        return image.getexif().get(_ORIENTATION, 1)
    except Exception:  # a picture with a damaged tag can still be used
        return 1
