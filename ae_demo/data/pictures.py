"""The picture loader for untrusted files: uint8 pixels, or an error message fit for display.

Memory is bounded by the size in the header, before decoding: pictures over 100 megapixels (WebP, AVIF: 50) are
rejected, and pictures over `max_pixels` are downsampled in bands, so that besides the decoder's memory (4 bytes per
pixel, up to 7 for progressive JPEG and 15 for WebP) no second full-size picture exists.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from PIL import Image, UnidentifiedImageError

from ..errors import PictureError, ShapeError

LARGEST_PICTURE = 100_000_000  # pixels
_LARGEST_BY_FORMAT = {"WEBP": 50_000_000, "AVIF": 50_000_000}  # decoders that hold three or more full pictures
Image.MAX_IMAGE_PIXELS = LARGEST_PICTURE  # above this, Pillow warns; this module raises an error

SUFFIXES = frozenset((".avif", ".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"))
_FORMATS = ("AVIF", "BMP", "GIF", "JPEG", "MPO", "PNG", "PPM", "TIFF", "WEBP")
_ADVICE = "use a JPEG, PNG, WebP, GIF, BMP or TIFF picture"
_UNSUPPORTED = {  # bytes near the start of a file of an unsupported format -> its name
    b"<svg": "an SVG drawing",
    b"ftyphei": "an HEIC picture",
    b"ftyphev": "an HEIC picture",
    b"ftypmif1": "an HEIC picture",
    b"ftypmsf1": "an HEIC picture",
    b"%PDF": "a PDF document",
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
_GREY_MODES = frozenset({"1", "L", "LA", "La"})
_BAND_ROWS = 256
Span = tuple[float, float]  # low, high


@dataclass(frozen=True)
class Picture:
    """A loaded picture, upright.

    pixels: uint8, (H, W) if the file is grey, (H, W, 3) if it is in colour
    original_size: (height, width) of the upright picture in the file
    reduced: whether `pixels` is smaller, because the file has more than `max_pixels`
    """

    pixels: np.ndarray
    original_size: tuple[int, int]
    reduced: bool


def load_picture(
    path: str | os.PathLike[str] | None, *, max_pixels: int = 16_000_000, mode: str | None = None
) -> Picture:
    """Load the first picture of a file.

    The EXIF orientation is applied, transparency is composited on white, CMYK and palettes are converted to RGB, 16-bit
    grey is divided by 257, and other values of more than 8 bits are scaled from their range to [0, 255] (floats in
    [0, 1] and integers in [0, 255] from those ranges).

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
        raise PictureError(_too_large(name)) from error
    except MemoryError as error:
        raise PictureError(f"{name} needs more memory than there is: make it smaller and try again.") from error
    except Exception as error:  # Pillow's decoders raise many kinds of exceptions for a damaged file
        raise PictureError(_why_unreadable(name, head, error)) from error


def as_pixels(image: Any) -> np.ndarray:
    """Copy a PIL image or uint8 array to pixels, uint8 (H, W) or (H, W, 3).

    Arrays may be (H, W), (H, W, 1), (H, W, 3), or (H, W, 4) with alpha, which is composited on white. The EXIF
    orientation of a PIL image is ignored: the result has its height and width. Raises `PictureError` for anything else.
    """
    if isinstance(image, Image.Image):
        _check_size(image.size, "The picture")
        try:
            return np.array(_flatten(image, _span(image, "The picture")))
        except (OSError, ValueError) as error:
            raise PictureError("The picture is damaged: open it again, or save it again.") from error
    allowed = "give a PIL image or a uint8 array of shape (H, W), (H, W, 1), (H, W, 3) or (H, W, 4)"
    if not isinstance(image, np.ndarray):
        raise PictureError(f"A picture cannot be a {type(image).__name__}: {allowed}.")
    if image.dtype != np.uint8:
        raise PictureError(f"The array holds {image.dtype}, not uint8: {allowed} with values in 0 to 255.")
    if image.ndim not in (2, 3) or (image.ndim == 3 and image.shape[2] not in (1, 3, 4)):
        raise PictureError(f"An array of shape {image.shape} is not a picture: {allowed}.")
    _check_size(image.shape[1::-1], "The array")
    if image.ndim == 3 and image.shape[2] == 1:
        image = image[..., 0]
    if image.ndim == 3 and image.shape[2] == 4:
        return np.array(_flatten(Image.fromarray(np.ascontiguousarray(image)), None))
    return np.array(image, order="C")


def to_tensor(pixels: np.ndarray) -> torch.Tensor:
    """Convert uint8 (H, W) or (H, W, C) to float32 (1, C, H, W) in [0, 1]."""
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
        raise ShapeError(f"A tensor of shape {tuple(tensor.shape)} is not one picture: give (1, 1 or 3, H, W).")
    pixels = planes.nan_to_num(0).clamp(0, 1).mul(255).round().byte().numpy()
    return pixels[0] if len(pixels) == 1 else np.ascontiguousarray(pixels.transpose(1, 2, 0))


def _read_head(path: str | os.PathLike[str] | None) -> tuple[str, bytes]:
    """The file's name, for messages, and its first bytes. Raises `PictureError` if it is missing or empty."""
    if path is None or path == "":
        raise PictureError("There is no picture yet: upload, draw or choose one.")
    name = Path(path).name or str(path)
    try:
        kind = os.stat(path).st_mode
        if stat.S_ISDIR(kind):
            raise PictureError(f"{name} is a folder, not a picture: choose one file in it.")
        if not stat.S_ISREG(kind):
            raise PictureError(f"{name} is not a regular file: {_ADVICE}.")
        with open(path, "rb") as stream:
            head = stream.read(1024)
    except PictureError:
        raise
    except FileNotFoundError as error:
        raise PictureError(f"There is no file {name}: check its name and try again.") from error
    except (OSError, ValueError) as error:
        raise PictureError(f"{name} cannot be opened: check its name and its permissions.") from error
    if not head:
        raise PictureError(f"{name} is empty: save or export the picture again.")
    return name, head


def _too_large(name: str, largest: int = LARGEST_PICTURE) -> str:
    return f"{name} has more than {largest // 10**6} megapixels: make it smaller and try again."


def _check_size(size: Sequence[int], name: str, largest: int = LARGEST_PICTURE) -> None:
    width, height = size
    if width * height > largest:
        raise PictureError(_too_large(name, largest))
    if width * height == 0:
        raise PictureError(f"{name} has no pixels: give one at least 1 × 1.")


def _why_unreadable(name: str, head: bytes, error: Exception) -> str:
    for mark, kind in _UNSUPPORTED.items():
        if mark in head:
            return f"{name} is {kind}, which cannot be read: save it as JPEG or PNG and try again."
    if isinstance(error, UnidentifiedImageError):
        return f"{name} is not a picture that can be read: {_ADVICE}."
    return f"{name} is damaged or truncated: copy or save the picture again."


def _decode(image: Image.Image, max_pixels: int, mode: str | None, name: str) -> Picture:
    stored = image.size
    shrink = min(1.0, (max_pixels / (stored[0] * stored[1])) ** 0.5)
    width, height = (min(max_pixels, max(1, int(side * shrink))) for side in stored)
    target = (width, height)
    if shrink < 1:
        image.draft(None, target)  # decodes a JPEG at 1/2, 1/4 or 1/8 of its size, not below the target
    image.load()
    span = _span(image, name)
    flat = _flatten(image, span) if image.size == target else _resize(image, target, span)
    turn = _UPRIGHT.get(_orientation(image))
    if turn is not None:
        flat = flat.transpose(turn)
        stored = stored[::-1] if _orientation(image) >= 5 else stored
    flat = flat.convert(mode) if mode else flat
    return Picture(np.array(flat), (stored[1], stored[0]), shrink < 1)


def _orientation(image: Image.Image) -> int:
    try:
        return image.getexif().get(_ORIENTATION, 1)
    except Exception:  # a picture with a damaged tag can still be used
        return 1


def _resize(image: Image.Image, target: tuple[int, int], span: Span | None) -> Image.Image:
    """Flatten and downsample in bands of rows: the same result as at once, in less memory."""
    width, height = image.size
    ratio = height / target[1]
    margin = int(3 * ratio) + 2  # Lanczos resampling has a radius of 3 target pixels
    out: Image.Image | None = None
    for start in range(0, target[1], _BAND_ROWS):
        stop = min(start + _BAND_ROWS, target[1])
        top, bottom = max(0, int(start * ratio) - margin), min(height, int(stop * ratio) + margin)
        band = _flatten(image.crop((0, top, width, bottom)), span)
        box = (0, start * ratio - top, width, min(stop * ratio, height) - top)
        band = band.resize((target[0], stop - start), Image.Resampling.LANCZOS, box=box)
        out = out or Image.new(band.mode, target)
        out.paste(band, (0, start))
    assert out is not None
    return out


def _span(image: Image.Image, name: str) -> Span | None:
    """The range of values that is scaled to [0, 255]; None for pictures of 8 bits."""
    if image.mode.startswith("I;16"):
        return 0, 65535
    if image.mode not in ("I", "F"):
        return None
    low, high = cast("Span", image.getextrema())
    if not np.isfinite([low, high]).all():
        raise PictureError(f"{name} holds values that are not finite numbers: save it as a PNG and try again.")
    usual = (1, 255, 65535) if image.mode == "F" else (255, 65535)
    ranges = [(0, top) for top in usual if low >= 0 and high <= top]
    return ranges[0] if ranges else (low, high)


def _flatten(image: Image.Image, span: Span | None) -> Image.Image:
    """Convert any mode to "L" or "RGB", with transparency composited on white and `span` scaled to [0, 255]."""
    if span is not None:
        low, high = span
        values = (np.asarray(image).astype(np.float32) - low) * (255 / max(high - low, 1e-12))
        return Image.fromarray(np.nan_to_num(values).round().clip(0, 255).astype(np.uint8))
    colour = "L" if image.mode in _GREY_MODES else "RGB"
    if not image.has_transparency_data:
        return image if image.mode == colour else image.convert(colour)
    layered = image.convert("RGBA")
    sheet = Image.new("RGB", image.size, "white")
    sheet.paste(layered, mask=layered.getchannel("A"))
    return sheet.convert(colour)
