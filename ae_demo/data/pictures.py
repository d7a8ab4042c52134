"""The picture loader for untrusted files: uint8 pixels, or an error message fit for display.

Memory is bounded by the size in the header, before decoding: pictures over 100 megapixels (WebP, AVIF: 50) are
rejected, and pictures over `max_pixels` are downsampled in bands, so that besides the decoder's memory (4 bytes per
pixel, up to 7 for progressive JPEG and 15 for WebP) no second full-size picture exists.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageCms, UnidentifiedImageError

from ..errors import PictureError, ShapeError

LARGEST_PICTURE = 100_000_000  # pixels
_LARGEST_BY_FORMAT = {"WEBP": 50_000_000, "AVIF": 50_000_000}  # decoders that hold three or more full pictures
Image.MAX_IMAGE_PIXELS = LARGEST_PICTURE  # above this, Pillow warns; this module raises an error

_FORMATS = ("AVIF", "BMP", "GIF", "JPEG", "MPO", "PNG", "PPM", "TIFF", "WEBP")
_UNSUPPORTED = {  # bytes near the start of a file of an unsupported format -> what it is
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
_GREY_MODES = frozenset({"1", "L", "LA", "La"})
_DEEP_MODES = frozenset({"I", "F", "I;16", "I;16B", "I;16L", "I;16N"})
_DEPTHS = (8, 10, 12, 14, 16)  # bits that sensors and converters give
_BAND_ROWS = 256
_LARGEST_PROFILE = 4_000_000  # bytes
_LIGHT, _SEEN = 191, 32  # grey value above which ink is hard to see on white; alpha from which on it is seen
Span = tuple[float, float]  # low, high


@cache
def picture_suffixes() -> frozenset[str]:
    """The suffixes, in small letters, of files that `load_picture` reads: those that Pillow registers for its formats.

    It takes part in choosing files only: a file's format is recognised by its content.
    """
    return frozenset(suffix for suffix, kind in Image.registered_extensions().items() if kind in _FORMATS)


def is_picture_name(name: str | os.PathLike[str]) -> bool:
    """Whether a file's name has a suffix of a picture, in letters of any case."""
    return os.path.splitext(os.fspath(name))[1].lower() in picture_suffixes()


@dataclass(frozen=True)
class Picture:
    """A loaded picture, upright.

    pixels: uint8, (H, W) if the file is grey, (H, W, 3) if it is in colour
    original_size: (height, width) of the upright picture in the file
    reduced: whether `pixels` is smaller, because the file has more than `max_pixels`
    value_range: the file's values that became 0 and 255, if they are not those of its type: (0, 4095), for example, of
        12 bits in a file of 16
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
    one for other channels, is ignored), and CMYK and palettes to RGB. Transparency is composited on white, or on
    black if what is visible is too light for white. Integers of more than 8 bits are scaled from [0, 2^n - 1] to
    [0, 255], with n the least of 8, 10, 12, 14 and 16 that holds them all; floats in [0, 1], [0, 255] or [0, 65535]
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
    `PictureError` for anything else.
    """
    if isinstance(image, Image.Image):
        _check_size(image.size, "The picture")
        try:
            return np.array(_Conversion.of(image, "The picture").convert(image))
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
        return np.array(_Conversion.of(layered, "The array").convert(layered))
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
        raise ShapeError(
            "A tensor of shape {shape} is not one picture: give (1, 1 or 3, H, W).", shape=tuple(tensor.shape)
        )
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
        image.draft(None, target)  # decodes a JPEG at 1/2, 1/4 or 1/8 of its size, not below the target
    image.load()
    conversion = _Conversion.of(image, name)
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


@dataclass(frozen=True)
class _Conversion:
    """How a picture of any mode becomes sRGB, "L" or "RGB": the same way for each of its bands.

    span: the range of values that is scaled to [0, 255]; None for pictures of 8 bits
    guessed_range: `span`, if it was chosen by the values and not by the type
    profile: from the picture's own colours, in the mode that `_base_mode` names, to sRGB; None if nothing is to be done
    paper: what transparency is composited on
    """

    span: Span | None
    guessed_range: Span | None
    profile: _Profile | None
    paper: str

    @classmethod
    def of(cls, image: Image.Image, name: str) -> _Conversion:
        """The conversion of this picture. Raises `PictureError` for values that are not finite."""
        span = guessed = None
        if image.mode in _DEEP_MODES:
            span, is_usual = _span(image, name)
            guessed = None if is_usual else span
        clear = span is None and image.has_transparency_data
        return cls(span, guessed, _read_profile(image), _paper(image) if clear else "white")

    def convert(self, image: Image.Image, size: tuple[int, int] | None = None) -> Image.Image:
        """Convert, and downsample to `size` (width, height), in bands of rows: as at once, in less memory."""
        width, height = size or image.size
        reduced = image.size != (width, height)
        ratio = image.height / height
        margin = int(3 * ratio) + 2 if reduced else 0  # Lanczos resampling has a radius of 3 target pixels
        out: Image.Image | None = None
        for start in range(0, height, _BAND_ROWS):
            stop = min(start + _BAND_ROWS, height)
            top, bottom = max(0, int(start * ratio) - margin), min(image.height, int(stop * ratio) + margin)
            band = self._flatten(image.crop((0, top, image.width, bottom)))
            if reduced:
                box = (0, start * ratio - top, image.width, min(stop * ratio, image.height) - top)
                band = band.resize((width, stop - start), Image.Resampling.LANCZOS, box=box)
            out = out or Image.new(band.mode, (width, height))
            out.paste(band, (0, start))
        assert out is not None
        return out

    def _flatten(self, image: Image.Image) -> Image.Image:
        if self.span is not None:
            low, high = self.span
            values = (np.asarray(image).astype(np.float32) - low) * (255 / max(high - low, 1e-12))
            image = Image.fromarray(np.nan_to_num(values).round().clip(0, 255).astype(np.uint8))
        if image.mode != (base := _base_mode(image)):
            image = image.convert(base)
        if self.profile is not None:
            image = self.profile(image)
        elif image.mode == "CMYK":
            image = image.convert("RGB")
        if image.mode in ("L", "RGB"):
            return image
        sheet = Image.new("L" if image.mode == "LA" else "RGB", image.size, self.paper)
        sheet.paste(image.convert("L") if image.mode == "LA" else image, mask=image.getchannel("A"))
        return sheet


def _base_mode(image: Image.Image) -> str:
    """ "L", "RGB", the same with "A" for alpha, or "CMYK": the mode that colours are converted in."""
    if image.mode == "CMYK":
        return "CMYK"
    colour = "L" if image.mode in _GREY_MODES or image.mode in _DEEP_MODES else "RGB"
    return colour + "A" if image.has_transparency_data and image.mode not in _DEEP_MODES else colour


@dataclass(frozen=True, eq=False)
class _Profile:
    """Converts colours to sRGB: by a transform of ICC profiles, or for grey by the 256 values that it gives."""

    transform: ImageCms.ImageCmsTransform | None = None
    greys: tuple[int, ...] = ()

    def __call__(self, image: Image.Image) -> Image.Image:
        if self.transform is not None:
            return _apply(self.transform, image)
        return image.point(self.greys if image.mode == "L" else (*self.greys, *range(256)))


def _read_profile(image: Image.Image) -> _Profile | None:
    """The conversion from the picture's ICC profile; None without a profile that fits, or if it changes nothing."""
    stored = image.info.get("icc_profile")
    if not isinstance(stored, bytes) or not 128 <= len(stored) <= _LARGEST_PROFILE:
        return None
    base = _base_mode(image)
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(stored))
        if base in ("L", "LA"):
            ramp = Image.fromarray(np.arange(256, dtype=np.uint8)[None])
            found = _transform(source, "L", "RGB")
            greys = tuple(np.asarray(_apply(found, ramp).convert("L"))[0].tolist())
            return None if greys == tuple(range(256)) else _Profile(greys=greys)
        found = _transform(source, base, "RGB" if base == "CMYK" else base)
        return None if base != "CMYK" and _changes_nothing(_transform(source, "RGB", "RGB")) else _Profile(found)
    except Exception:  # a picture with a damaged profile, or one for other channels, can still be used
        return None


def _transform(source: ImageCms.ImageCmsProfile, given: str, wanted: str) -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(source, _srgb(), given, wanted)


def _apply(transform: ImageCms.ImageCmsTransform, image: Image.Image) -> Image.Image:
    converted = ImageCms.applyTransform(image, transform)
    assert converted is not None  # as it is for a transform in place
    return converted


@cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    """Whether colours stay as they are but for rounding, as those of one of the many profiles of sRGB."""
    steps = np.arange(0, 256, 17, dtype=np.uint8)
    colours = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(1, -1, 3)
    after = np.asarray(_apply(transform, Image.fromarray(colours)))
    return bool(np.abs(after.astype(int) - colours).max() <= 1)


def _paper(image: Image.Image) -> str:
    """What makes the picture visible: white, or black if 98 % of what is visible is too light for white."""
    width, height = (min(512, side) for side in image.size)
    shown = image.resize((width, height), Image.Resampling.NEAREST).convert("RGBA")
    seen = np.asarray(shown.convert("L"))[np.asarray(shown.getchannel("A")) >= _SEEN]
    return "black" if seen.size and np.quantile(seen, 0.02) > _LIGHT else "white"


def _span(image: Image.Image, name: str) -> tuple[Span, bool]:
    """The range of values that is scaled to [0, 255], and whether it is a usual one of the type."""
    extremes = [(float(band.min()), float(band.max())) for band in _bands(image)]
    low, high = min(each[0] for each in extremes), max(each[1] for each in extremes)
    if not np.isfinite([low, high]).all():
        raise PictureError(
            "{name} holds values that are not finite numbers: save it as a PNG and try again.", name=name
        )
    tops = (1, 255, 65535) if image.mode == "F" else tuple(2**bits - 1 for bits in _DEPTHS)
    fitting = [top for top in tops if low >= 0 and high <= top]
    if not fitting:
        return (low, high), False
    usual = (1,) if image.mode == "F" else (255, 65535) if image.mode == "I" else (65535,)
    return (0, fitting[0]), fitting[0] in usual


def _bands(image: Image.Image) -> Iterator[np.ndarray]:
    """The values, in bands of rows."""
    for top in range(0, image.height, _BAND_ROWS):
        yield np.asarray(image.crop((0, top, image.width, min(top + _BAND_ROWS, image.height))))
