"""Any picture of a digit or a garment, drawn, uploaded or photographed, as the data sets' 28 × 28 pixels.

Digits as MNIST's were made (LeCun et al. 1998, Gradient-based learning applied to document recognition,
section III.A): the ink fits a 20 × 20 box, its centre of mass lies in the middle of 28 × 28, edges are
antialiased. Before that the paper is flattened: with v the grey value and b the paper's, estimated by a grey
closing (which fills strokes with the paper around them), ink = (b - v) / b, and Otsu's threshold (1979) tells
ink from paper.

Garments as Fashion-MNIST's were made (Xiao et al. 2017, arXiv:1708.07747, section 2): trimmed, the longer side
brought to 28, in the middle, on black; their shades of grey are kept.
"""

from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from scipy import ndimage
from skimage.filters import threshold_otsu

from ..errors import ConfigError, PictureError, ShapeError
from .pictures import as_pixels, to_tensor

SIDE = 28
DIGIT_BOX = 20
WORK_SIDE = 320  # strokes are looked for at this size or less
FAINTEST = 0.1  # contrast of ink to paper below which a picture is blank
THINNEST = 1.0  # pixels of 28; a ballpoint's strokes, thinner than this, would fade away
USUAL = 2.0  # what they are widened to; MNIST's are 2 to 3
_BLANK = "The picture looks blank: give one {kind} that is clearly darker or lighter than what is behind it."


@dataclass(frozen=True)
class DigitInput:
    """What the model sees, and where it lay in the picture.

    x: float32 (1, 1, 28, 28) in [0, 1], light on black
    inverted: whether the picture was dark on light
    size: (H, W) of the picture
    frame: (left, top, width, height), in pixels of the picture, of the square that became x; it may
        reach outside
    background: uint8 (h, w) or (h, w, 3), small: the picture without ink
    ink: float (C,), the grey or colour of full ink, 0 to 255
    """

    x: torch.Tensor
    inverted: bool
    size: tuple[int, int]
    frame: tuple[float, float, float, float]
    background: np.ndarray
    ink: np.ndarray

    def restore(self, x_hat):
        """Put a decoded x_hat, (1, 1, 28, 28) or (28, 28) in [0, 1], back, in the picture's ink on its paper.

        Returns uint8 (H, W), or (H, W, 3) if the picture was in colour. For a picture that was 28 × 28 and grey
        this is exact: `restore(x)` is the picture. Raises ShapeError for another shape.
        """
        x_hat = torch.as_tensor(x_hat)
        if x_hat.numel() != SIDE * SIDE:
            raise ShapeError(f"restore takes one picture of shape (1, 1, 28, 28), not {tuple(x_hat.shape)}.")
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
        amount = np.asarray(placed).clip(0, 1)  # (H, W): how much ink
        sheet = Image.fromarray(self.background).resize((width, height), Image.Resampling.BILINEAR)
        paper = np.asarray(sheet)
        planes = [
            (plane + amount * (np.float32(ink) - plane)).round().astype(np.uint8)
            for plane, ink in zip(np.moveaxis(np.atleast_3d(paper), 2, 0), self.ink, strict=True)
        ]
        return planes[0] if paper.ndim == 2 else np.stack(planes, axis=2)


def prepare_digit(pixels, kind="digit"):
    """Bring a picture, anything that `as_pixels` takes, to what a model of 28 × 28 pixels was trained on.

    kind: "digit" or "garment". A picture that is 28 × 28 already is taken as it is, inverted only if its border
    is light. Raises PictureError if it is no picture, or nothing is on it.
    """
    if kind not in ("digit", "garment"):
        raise ConfigError(f"kind is {kind!r}: it must be 'digit' or 'garment'.")
    pixels = as_pixels(pixels)
    size = pixels.shape[:2]
    if int(pixels.max()) - int(pixels.min()) < 255 * FAINTEST:
        raise PictureError(_BLANK.format(kind=kind))
    if size == (SIDE, SIDE):
        return _as_it_is(pixels)
    work = _shrink(pixels)  # (h, w, C) float32
    grey = _grey(work)
    inverted = _on_light(grey, kind)
    light = 255 - work if inverted else work  # from here on: light ink on a dark ground
    ground = _paper(light) if kind == "digit" else _backdrop(light)
    bright, dark = _grey(light), _grey(ground)
    ink = ((bright - dark) / np.maximum(255 - dark, 16)).clip(0, 1)  # (h, w)
    mask = _marks(ink, kind)
    if kind == "digit":
        full = np.percentile(ink[mask], 75)  # soft edges belong to the mask, but are not full ink
        colour = np.median(light[mask & (ink >= full)], axis=0)
        ink = np.where(ndimage.binary_dilation(mask, iterations=2), ink / full, 0).clip(0, 1)
        ink, mask = _thicken(ink, mask)
    else:
        colour = np.full(work.shape[2], 255.0)
    top, left, side = _square(ink, mask, kind)
    x = _cut(ink, top, left, side)
    x = x / x.max() if kind == "digit" else x
    down, across = size[0] / grey.shape[0], size[1] / grey.shape[1]
    ground = (255 - ground if inverted else ground).round().clip(0, 255).astype(np.uint8)
    return DigitInput(
        x=torch.from_numpy(x)[None, None],
        inverted=inverted,
        size=size,
        frame=tuple(float(each) for each in (left * across, top * down, side * across, side * down)),
        background=ground if pixels.ndim == 3 else ground[..., 0],
        ink=255 - colour if inverted else colour,
    )


def prepare_garment(pixels):
    """`prepare_digit` for a garment: fits 28 × 28, keeps its shades of grey."""
    return prepare_digit(pixels, kind="garment")


def _as_it_is(pixels):
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


def _grey(picture):
    """(h, w, C) to (h, w), by the weights of ITU-R BT.601."""
    return picture[..., 0] if picture.shape[2] == 1 else picture @ np.array([0.299, 0.587, 0.114], np.float32)


def _shrink(pixels):
    image = Image.fromarray(pixels)
    image.thumbnail((WORK_SIDE, WORK_SIDE), Image.Resampling.BOX)
    return np.atleast_3d(np.asarray(image)).astype(np.float32)


def _on_light(grey, kind):
    """Whether what lies behind is nearer to the light end of the picture than to its dark end.

    Behind a digit lies most of the picture (its border may be a table around the paper); behind a garment, the
    border.
    """
    rim = max(1, min(grey.shape) // 20)
    behind = np.ones(grey.shape, bool)
    if kind == "garment":
        behind[rim:-rim, rim:-rim] = False
    low, high = np.percentile(grey, (1, 99))
    low, high = (low, high) if high > low else (grey.min(), grey.max())
    return bool(np.median(grey[behind]) > (low + high) / 2)


def _paper(light):
    """The paper under the ink: an opening wider than a stroke, each channel for itself, smoothed."""
    size = max(3, max(light.shape[:2]) // 4)
    calm = ndimage.median_filter(light, (3, 3, 1), mode="nearest")
    opened = ndimage.grey_opening(calm, (size, size, 1), mode="nearest")
    return ndimage.gaussian_filter(opened, (size / 30, size / 30, 0), mode="nearest")


def _backdrop(light):
    """A plane through the border, each channel for itself: a garment is too large for an opening."""
    height, width = light.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    terms = np.stack([np.ones_like(x), x / width, y / height], axis=2)  # (h, w, 3)
    edge = np.ones((height, width), bool)
    edge[1:-1, 1:-1] = False
    usual = np.median(light[edge], axis=0)
    calm = edge & (np.abs(light - usual).max(axis=2) < 48)  # where a sleeve touches the border, do not look
    if calm.sum() < 8:
        return np.broadcast_to(usual, light.shape)
    weights = np.linalg.lstsq(terms[calm], light[calm], rcond=None)[0]
    return terms @ weights


def _marks(ink, kind):
    """Where the digit or garment is, bool (h, w), without specks.

    What runs off the picture beside a digit that does not is the table around the paper, or a shadow.
    """
    threshold = threshold_otsu(ink) if np.ptp(ink) else 1
    mask = ink > (threshold if kind == "digit" else min(threshold, 0.08))
    if not mask.any() or mask.all() or ink[mask].mean() - ink[~mask].mean() < FAINTEST:
        raise PictureError(_BLANK.format(kind=kind))
    parts, count = ndimage.label(mask, np.ones((3, 3)))
    area = np.bincount(parts.ravel(), minlength=count + 1) * (np.arange(count + 1) > 0)
    extent = np.array([0, *(max(s.stop - s.start for s in box) for box in ndimage.find_objects(parts))])
    inside = ~np.isin(np.arange(count + 1), np.concatenate([parts[0], parts[-1], parts[:, 0], parts[:, -1]]))
    good = inside & (extent >= max(mask.shape) / 8)
    if kind == "digit" and good.any():
        return (inside & (area >= area[good].max() / 20))[parts]
    return (area >= area.max() / 20)[parts]


def _thicken(ink, mask):
    """Widen strokes that would be thinner than `THINNEST` after scaling; both ink and mask."""
    rows, columns = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
    scale = DIGIT_BOX / max(np.ptp(rows) + 1, np.ptp(columns) + 1)
    depth = ndimage.distance_transform_edt(mask)
    width = 4 * depth[mask].mean() - 2  # across w pixels, depths 1, 2 … w/2 … 2, 1 have mean w/4 + 1/2
    if width * scale >= THINNEST:
        return ink, mask
    radius = round((USUAL / scale - width) / 2)
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    disc = x * x + y * y <= radius * radius + 1
    return ndimage.grey_dilation(ink, footprint=disc, mode="constant"), ndimage.binary_dilation(mask, disc)


def _square(ink, mask, kind):
    """(top, left, side) of the square that becomes 28 × 28."""
    rows, columns = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
    longest = max(np.ptp(rows), np.ptp(columns)) + 1
    middle = np.array([rows[0] + rows[-1] + 1, columns[0] + columns[-1] + 1]) / 2
    if kind == "garment":
        return (*(middle - longest / 2), longest)
    side = longest * SIDE / DIGIT_BOX
    # MNIST's mass centres on pixel (14, 14), whose own centre is half a pixel past the middle of the field.
    mass = np.array(ndimage.center_of_mass(ink)) + 0.5 - 0.5 * side / SIDE
    room = (side - longest) / 2
    return (*(mass.clip(middle - room, middle + room) - side / 2), side)


def _cut(ink, top, left, side):
    """Resample the square to (28, 28), antialiased; beyond the picture there is no ink."""
    pad = int(np.ceil(side))
    image = Image.fromarray(np.pad(ink, pad).astype(np.float32))
    box = (left + pad, top + pad, left + pad + side, top + pad + side)
    return np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BICUBIC, box=box)).clip(0, 1)
