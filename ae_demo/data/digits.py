"""Preparation of drawn, uploaded or photographed digits and garments as 28 × 28 pixels, like those of the data sets.

Digits are prepared as in MNIST (LeCun et al. 1998, Gradient-based learning applied to document recognition,
section III.A): the ink fits a 20 × 20 box, its centre of mass is the centre of 28 × 28, and edges are antialiased.
Before that, the background is removed: with v the grey value and b the paper's, estimated by a grey closing (which
fills strokes with the paper around them), ink = (b - v) / b, and Otsu's threshold (1979) separates ink from paper.

Garments are prepared as in Fashion-MNIST (Xiao et al. 2017, arXiv:1708.07747, section 2): trimmed, resized to 28 on the
longer side, and centred on black; their grey values are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image
from scipy import ndimage
from skimage.filters import threshold_otsu

from ..errors import ConfigError, PictureError, ShapeError
from .pictures import as_pixels, to_tensor

SIDE = 28
DIGIT_BOX = 20
WORK_SIDE = 320  # pixels: maximum side of the picture in which ink is detected
MIN_CONTRAST = 0.1  # of ink to paper; a picture with less is blank
MIN_STROKE = 1.0  # pixels of 28: thinner strokes, such as a ballpoint's, would fade and are widened
WIDENED_STROKE = 2.0  # pixels of 28: width after widening; MNIST's strokes are 2 to 3 pixels wide
_KINDS = {"digit": PictureError("digit"), "garment": PictureError("garment")}  # their names in messages


@dataclass(frozen=True)
class DigitInput:
    """A prepared digit or garment, and its position in the picture.

    x: the model's input, float32 (1, 1, 28, 28) in [0, 1], light on black
    inverted: whether the picture was dark on light
    size: (H, W) of the picture
    frame: (left, top, width, height), in pixels of the picture, of the square that was resized to x; it may extend
        beyond the picture
    background: uint8 (h, w) or (h, w, 3), a smaller version of the picture without ink
    ink: float (C,), the grey value or colour of full ink, 0 to 255
    """

    x: torch.Tensor
    inverted: bool
    size: tuple[int, int]
    frame: tuple[float, float, float, float]
    background: np.ndarray
    ink: np.ndarray

    def restore(self, x_hat: torch.Tensor | np.ndarray) -> np.ndarray:
        """Place a reconstruction, (1, 1, 28, 28) or (28, 28) in [0, 1], in the picture, with its ink and background.

        Returns uint8 (H, W), or (H, W, 3) if the picture is in colour. For a grey picture of 28 × 28, `restore(x)`
        equals the picture. Raises `ShapeError` for another shape.
        """
        x_hat = torch.as_tensor(x_hat)
        if x_hat.numel() != SIDE * SIDE:
            raise ShapeError(
                "restore takes one picture of shape (1, 1, 28, 28), not {shape}.", shape=tuple(x_hat.shape)
            )
        height, width = self.size
        left, top, frame_width, frame_height = self.frame
        decoded = Image.fromarray(x_hat.detach().float().cpu().reshape(SIDE, SIDE).numpy())
        across, down = SIDE / frame_width, SIDE / frame_height
        placed = decoded.transform(
            (width, height),
            Image.Transform.AFFINE,
            (across, 0, -left * across, 0, down, -top * down),
            Image.Resampling.BICUBIC,
        )
        amount = np.asarray(placed).clip(0, 1)  # (H, W): amount of ink
        sheet = Image.fromarray(self.background).resize((width, height), Image.Resampling.BILINEAR)
        paper = np.asarray(sheet)
        planes = [
            (plane + amount * (np.float32(ink) - plane)).round().astype(np.uint8)
            for plane, ink in zip(np.moveaxis(np.atleast_3d(paper), 2, 0), self.ink, strict=True)
        ]
        return planes[0] if paper.ndim == 2 else np.stack(planes, axis=2)


def prepare_digit(image: Any, kind: str = "digit") -> DigitInput:
    """Prepare a picture for a model trained on 28 × 28 pixels.

    image: see `as_pixels`; a picture of 28 × 28 pixels is only inverted if its border is light
    kind: "digit" or "garment"

    Raises `PictureError` for a blank picture or another type, `ConfigError` for another `kind`.
    """
    if kind not in _KINDS:
        raise ConfigError("kind is {kind!r}: it must be 'digit' or 'garment'.", kind=kind)
    pixels = as_pixels(image)
    size: tuple[int, int] = pixels.shape[:2]
    if int(pixels.max()) - int(pixels.min()) < 255 * MIN_CONTRAST:
        raise _blank(kind)
    if size == (SIDE, SIDE):
        return _take_unchanged(pixels)
    work = _shrink(pixels)  # (h, w, C) float32
    grey = _grey(work)
    inverted = _on_light(grey, kind)
    light = 255 - work if inverted else work  # light ink on a dark background
    background = _paper(light) if kind == "digit" else _backdrop(light)
    bright, dark = _grey(light), _grey(background)
    ink = ((bright - dark) / np.maximum(255 - dark, 16)).clip(0, 1)  # (h, w)
    mask = _marks(ink, kind)
    if kind == "digit":
        full = np.percentile(ink[mask], 75)  # the mask includes soft edges, which are less than full ink
        colour = np.median(light[mask & (ink >= full)], axis=0)
        ink = np.where(ndimage.binary_dilation(mask, iterations=2), ink / full, 0).clip(0, 1)
        ink, mask = _thicken(ink, mask)
    else:
        colour = np.full(work.shape[2], 255.0)
    top, left, side = _square(ink, mask, kind)
    x = _cut(ink, top, left, side)
    x = x / x.max() if kind == "digit" else x
    down, across = size[0] / grey.shape[0], size[1] / grey.shape[1]
    background = (255 - background if inverted else background).round().clip(0, 255).astype(np.uint8)
    return DigitInput(
        x=torch.from_numpy(x)[None, None],
        inverted=inverted,
        size=size,
        frame=(float(left * across), float(top * down), float(side * across), float(side * down)),
        background=background if pixels.ndim == 3 else background[..., 0],
        ink=255 - colour if inverted else colour,
    )


def prepare_garment(image: Any) -> DigitInput:
    """`prepare_digit` with the kind "garment": resized to 28 × 28, keeping the grey values."""
    return prepare_digit(image, kind="garment")


def _take_unchanged(pixels: np.ndarray) -> DigitInput:
    grey = _grey(np.atleast_3d(pixels)) if pixels.ndim == 3 else pixels
    border = np.concatenate([grey[0], grey[-1], grey[1:-1, 0], grey[1:-1, -1]])
    inverted = bool(np.median(border) > 127)
    shades = np.rint(grey).astype(np.uint8)
    channels = np.atleast_3d(pixels).shape[2]
    return DigitInput(
        x=to_tensor(255 - shades if inverted else shades),
        inverted=inverted,
        size=(SIDE, SIDE),
        frame=(0, 0, SIDE, SIDE),
        background=np.full(pixels.shape, 255 if inverted else 0, np.uint8),
        ink=np.full(channels, 0.0 if inverted else 255.0),
    )


def _grey(picture: np.ndarray) -> np.ndarray:
    """(h, w, C) to (h, w), with the weights of ITU-R BT.601."""
    return picture[..., 0] if picture.shape[2] == 1 else picture @ np.array([0.299, 0.587, 0.114], np.float32)


def _shrink(pixels: np.ndarray) -> np.ndarray:
    image = Image.fromarray(pixels)
    image.thumbnail((WORK_SIDE, WORK_SIDE), Image.Resampling.BOX)
    return np.atleast_3d(np.asarray(image)).astype(np.float32)


def _on_light(grey: np.ndarray, kind: str) -> bool:
    """Whether the background is nearer to the lightest than to the darkest values of the picture.

    For a digit, most of the picture is background (its border may be a table around the paper); for a garment, the
    border is.
    """
    rim = max(1, min(grey.shape) // 20)
    background = np.ones(grey.shape, bool)
    if kind == "garment":
        background[rim:-rim, rim:-rim] = False
    low, high = np.percentile(grey, (1, 99))
    low, high = (low, high) if high > low else (grey.min(), grey.max())
    return bool(np.median(grey[background]) > (low + high) / 2)


def _paper(light: np.ndarray) -> np.ndarray:
    """The paper under the ink, (h, w, C): an opening wider than a stroke, in each channel, smoothed."""
    size = max(3, max(light.shape[:2]) // 4)
    filtered = ndimage.median_filter(light, (3, 3, 1), mode="nearest")
    opened = ndimage.grey_opening(filtered, (size, size, 1), mode="nearest")
    return ndimage.gaussian_filter(opened, (size / 30, size / 30, 0), mode="nearest")


def _backdrop(light: np.ndarray) -> np.ndarray:
    """A plane fitted to the border in each channel, (h, w, C): a garment is too large for an opening."""
    height, width = light.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    terms = np.stack([np.ones_like(x), x / width, y / height], axis=2)  # (h, w, 3)
    edge = np.ones((height, width), bool)
    edge[1:-1, 1:-1] = False
    median = np.median(light[edge], axis=0)
    inliers = edge & (np.abs(light - median).max(axis=2) < 48)  # excludes a garment that touches the border
    if inliers.sum() < 8:
        return np.broadcast_to(median, light.shape)
    weights = np.linalg.lstsq(terms[inliers], light[inliers], rcond=None)[0]
    return terms @ weights


def _marks(ink: np.ndarray, kind: str) -> np.ndarray:
    """The mask of the digit or garment, bool (h, w), without specks.

    If a component large enough for a digit does not touch the border, those that do are excluded: they are the table
    around the paper, or shadows.
    """
    threshold = threshold_otsu(ink) if np.ptp(ink) else 1
    mask = ink > (threshold if kind == "digit" else min(threshold, 0.08))
    if not mask.any() or mask.all() or ink[mask].mean() - ink[~mask].mean() < MIN_CONTRAST:
        raise _blank(kind)
    parts, count = ndimage.label(mask, np.ones((3, 3)))
    area = np.bincount(parts.ravel(), minlength=count + 1) * (np.arange(count + 1) > 0)
    extent = np.array([0, *(max(s.stop - s.start for s in box) for box in ndimage.find_objects(parts))])
    inside = ~np.isin(np.arange(count + 1), np.concatenate([parts[0], parts[-1], parts[:, 0], parts[:, -1]]))
    good = inside & (extent >= max(mask.shape) / 8)
    if kind == "digit" and good.any():
        return (inside & (area >= area[good].max() / 20))[parts]
    return (area >= area.max() / 20)[parts]


def _blank(kind: str) -> PictureError:
    return PictureError(
        "The picture looks blank: give one {kind} that is clearly darker or lighter than its background.",
        kind=_KINDS[kind],
    )


def _thicken(ink: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ink and mask, with the strokes widened if they would be thinner than `MIN_STROKE` after scaling."""
    rows, columns = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
    scale = DIGIT_BOX / max(np.ptp(rows) + 1, np.ptp(columns) + 1)
    depth = ndimage.distance_transform_edt(mask)
    width = 4 * depth[mask].mean() - 2  # depths 1, 2 … w/2 … 2, 1 across a stroke have mean w/4 + 1/2
    if width * scale >= MIN_STROKE:
        return ink, mask
    radius = round((WIDENED_STROKE / scale - width) / 2)
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    disc = x * x + y * y <= radius * radius + 1
    return ndimage.grey_dilation(ink, footprint=disc, mode="constant"), ndimage.binary_dilation(mask, disc)


def _square(ink: np.ndarray, mask: np.ndarray, kind: str) -> tuple[float, float, float]:
    """(top, left, side) of the square that is resized to 28 × 28."""
    rows, columns = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
    longest = max(np.ptp(rows), np.ptp(columns)) + 1
    middle = np.array([rows[0] + rows[-1] + 1, columns[0] + columns[-1] + 1]) / 2
    if kind == "garment":
        top, left = middle - longest / 2
        return top, left, longest
    side = longest * SIDE / DIGIT_BOX
    # The centre of mass is at pixel (14, 14) in MNIST, whose own centre is half a pixel from the picture's centre.
    mass = np.array(ndimage.center_of_mass(ink)) + 0.5 - 0.5 * side / SIDE
    room = (side - longest) / 2
    top, left = mass.clip(middle - room, middle + room) - side / 2
    return top, left, side


def _cut(ink: np.ndarray, top: float, left: float, side: float) -> np.ndarray:
    """Resample the square to (28, 28) with antialiasing; outside the picture there is no ink."""
    pad = int(np.ceil(side))
    image = Image.fromarray(np.pad(ink, pad).astype(np.float32))
    box = (left + pad, top + pad, left + pad + side, top + pad + side)
    return np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BICUBIC, box=box)).clip(0, 1)
