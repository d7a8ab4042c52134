"""Conversion of pictures of any mode, depth, colour profile and transparency to 8-bit sRGB."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image, ImageCms

from ..errors import PictureError

_GREY_MODES = frozenset({"1", "L", "LA", "La"})
_DEEP_MODES = frozenset({"I", "F", "I;16", "I;16B", "I;16L", "I;16N"})
_DEPTHS = (8, 10, 12, 14, 16)  # usual bits per value
_BAND_ROWS = 256
_MAX_PROFILE = 4_000_000  # bytes
_TOO_LIGHT = 191  # grey values above this are hard to see on white
_VISIBLE = 32  # minimum alpha of visible pixels
Span = tuple[float, float]  # low, high


@dataclass(frozen=True)
class Conversion:
    """The conversion of a picture to sRGB, mode "L" or "RGB", which is the same for each band of rows.

    span: the range of values that is scaled to [0, 255]; None for 8-bit pictures
    guessed_range: `span`, if it was determined from the values rather than from the type; otherwise None
    profile: the conversion from the picture's colours, in the mode `_base_mode`, to sRGB; None if it is not needed
    paper: the colour on which transparency is composited
    """

    span: Span | None
    guessed_range: Span | None
    profile: _Profile | None
    paper: str

    @classmethod
    def of(cls, image: Image.Image, name: str) -> Conversion:
        """The conversion of this picture. Raises `PictureError` for values that are not finite."""
        span = guessed = None
        if image.mode in _DEEP_MODES:
            span, is_usual = _span(image, name)
            guessed = None if is_usual else span
        clear = span is None and image.has_transparency_data
        return cls(span, guessed, _read_profile(image), _paper(image) if clear else "white")

    def convert(self, image: Image.Image, size: tuple[int, int] | None = None) -> Image.Image:
        """Convert, and downsample to `size` (width, height), in bands of rows, which needs less memory."""
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
    """The mode in which colours are converted: "L", "LA", "RGB", "RGBA" or "CMYK"."""
    if image.mode == "CMYK":
        return "CMYK"
    colour = "L" if image.mode in _GREY_MODES or image.mode in _DEEP_MODES else "RGB"
    return colour + "A" if image.has_transparency_data and image.mode not in _DEEP_MODES else colour


@dataclass(frozen=True, eq=False)
class _Profile:
    """Converts colours to sRGB by a transform of ICC profiles, or for grey by a table of its 256 values."""

    transform: ImageCms.ImageCmsTransform | None = None
    greys: tuple[int, ...] = ()

    def __call__(self, image: Image.Image) -> Image.Image:
        if self.transform is not None:
            return _apply(self.transform, image)
        return image.point(self.greys if image.mode == "L" else (*self.greys, *range(256)))


def _read_profile(image: Image.Image) -> _Profile | None:
    """The conversion from the picture's ICC profile; None if there is no valid profile, or it changes nothing."""
    stored = image.info.get("icc_profile")
    if not isinstance(stored, bytes) or not 128 <= len(stored) <= _MAX_PROFILE:
        return None
    base = _base_mode(image)
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(stored))
        if base in ("L", "LA"):
            ramp = Image.fromarray(np.arange(256, dtype=np.uint8)[None])
            transform = _transform(source, "L", "RGB")
            greys = tuple(np.asarray(_apply(transform, ramp).convert("L"))[0].tolist())
            return None if greys == tuple(range(256)) else _Profile(greys=greys)
        transform = _transform(source, base, "RGB" if base == "CMYK" else base)
        return None if base != "CMYK" and _changes_nothing(_transform(source, "RGB", "RGB")) else _Profile(transform)
    except Exception:  # a picture with a damaged profile, or one for other channels, can still be used
        return None


def _transform(source: ImageCms.ImageCmsProfile, given: str, wanted: str) -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(source, _srgb(), given, wanted)


def _apply(transform: ImageCms.ImageCmsTransform, image: Image.Image) -> Image.Image:
    converted = ImageCms.applyTransform(image, transform)
    assert converted is not None  # only a transform in place returns None
    return converted


@cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    """Whether colours change only by rounding, as with the many variants of the sRGB profile."""
    steps = np.arange(0, 256, 17, dtype=np.uint8)
    colours = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(1, -1, 3)
    after = np.asarray(_apply(transform, Image.fromarray(colours)))
    return bool(np.abs(after.astype(int) - colours).max() <= 1)


def _paper(image: Image.Image) -> str:
    """The colour on which the picture is visible: white, or black if 98 % of the visible pixels are too light."""
    width, height = (min(512, side) for side in image.size)
    small = image.resize((width, height), Image.Resampling.NEAREST).convert("RGBA")
    visible = np.asarray(small.convert("L"))[np.asarray(small.getchannel("A")) >= _VISIBLE]
    return "black" if visible.size and np.quantile(visible, 0.02) > _TOO_LIGHT else "white"


def _span(image: Image.Image, name: str) -> tuple[Span, bool]:
    """The range of values that is scaled to [0, 255], and whether it is a usual range of the type."""
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
