"""The conversion of a picture of any mode, depth, colour profile and transparency to sRGB of 8 bits."""

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
_DEPTHS = (8, 10, 12, 14, 16)  # bits that sensors and converters give
_BAND_ROWS = 256
_LARGEST_PROFILE = 4_000_000  # bytes
_LIGHT, _SEEN = 191, 32  # grey value above which ink is hard to see on white; alpha from which on it is seen
Span = tuple[float, float]  # low, high


@dataclass(frozen=True)
class Conversion:
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
    def of(cls, image: Image.Image, name: str) -> Conversion:
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
