"""Colorization of grey pictures: a model predicts the colours from the lightness, which is kept at full size.

At each position, the model predicts the probability p_q of each colour q. The option `warmth` shifts the colours of all
positions along the direction w from cold to warm, most where the model is uncertain:
p'_q ∝ p_q^{1/T} exp(warmth · w·q / s).  A user may give hints, see `color_hints`. Colours outside the sRGB gamut are
reduced in chroma, at constant lightness and hue.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from ..data.pictures import as_pixels, row_bands
from ..errors import CheckpointError, ConfigError
from ..functional import color
from ..models.colorization import ColorizationAutoencoder
from .arguments import finite, integer
from .color_hints import Hint, HintTuple, cell, check_hints, hint_planes, influence, spread_hints
from .model_cache import device_of, get_model
from .scheduler import check_cancelled, scheduler

COLOR_SIDE = 64  # pixels on the short side at which colours are predicted, as in training
WARMTH_SCALE = 10.0  # s, in units of ab: warmth 1 changes the odds of colours that differ by s along w by a factor e
WARM = (0.45, 0.89)  # w: the direction in the ab plane, towards orange
SEPARATION = 2  # minimum distance of likely colours, in bins
_BAND = 2**18  # pixels converted at once


def colorize(
    image: Any,
    checkpoint: str | Path = "colorization-photo",
    *,
    saturation: float = 1.0,
    warmth: float = 0.0,
    hints: Iterable[Hint | HintTuple] = (),
) -> np.ndarray:
    """The picture in predicted colours, uint8 `(H, W, 3)`, with its own lightness L.

    Colours are predicted at a fixed small size and then upsampled, so a picture has the same colours at any size.

    saturation: factor on a and b
    warmth: from -1, colder colours, to 1, warmer colours
    hints: at most 100 known colours, each a `Hint` or a tuple `(x, y, (r, g, b))`

    Raises `PictureError` for a picture that cannot be used, `CheckpointError` for a checkpoint that is missing or not
    for colorization, `ConfigError` for values out of range.
    """
    saturation, warmth = finite("saturation", saturation), finite("warmth", warmth)
    if not -1 <= warmth <= 1:
        raise ConfigError("warmth is {warmth}; allowed is -1 (cold) to 1 (warm).", warmth=warmth)
    checked = check_hints(hints)
    lightness = _lightness(as_pixels(image))
    ab = predict_ab(lightness, checkpoint, warmth, checked)
    return _to_rgb(lightness, saturation * ab)


def greyed(image: Any) -> np.ndarray:
    """The picture without its colours, uint8 `(H, W, 3)`. Raises `PictureError`."""
    rgb = _to_rgb(_lightness(as_pixels(image)), torch.zeros(1, 2, 1, 1))
    return np.repeat(rgb[:, :, 1:2], 3, axis=2)  # rounding may give a grey pixel three different values


def likely_colors(
    image: Any, x: float, y: float, checkpoint: str | Path = "colorization-photo", *, count: int = 6
) -> tuple[np.ndarray, np.ndarray]:
    """The colours that the model considers likely at `x`, `y` in [0, 1], with the picture's lightness there.

    The first is the most probable bin of ab, the second the most probable of those at least two bins away, and so on.
    All bins are then grouped with the nearest of these, and each group has its mean colour and total probability.

    Returns uint8 RGB `(n, 3)` and probabilities `(n,)`, the most probable first, n ≤ `count`. Raises `PictureError`,
    `CheckpointError`, and `ConfigError` for values out of range.
    """
    return color_probabilities(image, checkpoint).at(x, y, count)


def color_probabilities(image: Any, checkpoint: str | Path = "colorization-photo") -> ColorProbabilities:
    """The model's distribution of colours at all positions. Raises `PictureError`, `CheckpointError`."""
    lightness = _lightness(as_pixels(image))
    model = _colorizer(checkpoint)
    with scheduler.turn(), torch.inference_mode():
        raw = model.predict_bins((_working_size(lightness) / 100).to(device_of(model)))[0].float().cpu()
    return ColorProbabilities(lightness[0, 0], raw[0].softmax(0), model.bins.float().cpu(), model.config.bin_size)


@dataclass(frozen=True, eq=False)
class ColorProbabilities:
    """A distribution over bins of ab at each position of a picture.

    lightness: L `(H, W)` in [0, 100]
    probabilities: `(Q, h, w)`
    bins: centres of the bins `(Q, 2)`, squares of side `bin_size`
    """

    lightness: Tensor
    probabilities: Tensor
    bins: Tensor
    bin_size: float

    def at(self, x: float, y: float, count: int = 6) -> tuple[np.ndarray, np.ndarray]:
        """The likely colours at a position; see `likely_colors`. Raises `ConfigError`."""
        here = Hint(x, y, (0, 0, 0))
        count = integer("count", count, 1, 1000)
        p = self.probabilities.flatten(1)[:, cell(here, self.probabilities.shape[1:])]  # (Q,)
        ab, share = _distinct(self.bins, p, SEPARATION * self.bin_size)
        light = self.lightness.flatten()[cell(here, self.lightness.shape)].expand(1, 1, len(ab), 1)
        rgb = color.lab_to_rgb(color.reduce_chroma(torch.cat([light, ab.T.view(1, 2, -1, 1)], dim=1)))
        return (255 * rgb[0, :, :, 0].T).round().byte().numpy()[:count], share.numpy()[:count]


def _distinct(bins: Tensor, p: Tensor, separation: float) -> tuple[Tensor, Tensor]:
    """Mean ab `(n, 2)` and probability `(n,)` of the groups of `bins` `(Q, 2)`, see `likely_colors`; `p` is `(Q,)`."""
    distances = torch.cdist(bins, bins)
    free, peaks = torch.ones_like(p, dtype=torch.bool), []
    while free.any():
        peaks.append(int(torch.where(free, p, -1.0).argmax()))
        free &= distances[peaks[-1]] >= separation
    group = distances[:, peaks].argmin(1)  # (Q,)
    share = p.new_zeros(len(peaks)).index_add(0, group, p)
    ab = bins.new_zeros(len(peaks), 2).index_add(0, group, p[:, None] * bins) / share[:, None].clamp(min=1e-12)
    order = share.argsort(descending=True)
    return ab[order], share[order]


def predict_ab(lightness: Tensor, checkpoint: str | Path, warmth: float = 0.0, hints: Iterable[Hint] = ()) -> Tensor:
    """L `(1, 1, H, W)` to ab `(1, 2, h, w)` in units of CIELAB, at the small size at which colours are predicted."""
    model, hints = _colorizer(checkpoint), list(hints)
    small = _working_size(lightness) / 100
    temperature = model.config.temperature

    def predict(given: Tensor) -> tuple[Tensor, Tensor]:
        """Expected ab at the working size, and the code."""
        raw, z = model.predict_bins(given.to(device_of(model)))
        shift = model.bins @ model.bins.new_tensor(WARM) * (warmth / WARMTH_SCALE)  # (Q,)
        ab = model.expected_ab(raw + temperature * shift.view(1, -1, 1, 1), temperature).cpu()
        return F.interpolate(ab, small.shape[-2:], mode="bilinear", align_corners=False), z.float().cpu()

    with scheduler.turn(), torch.inference_mode():
        ab, z = predict(small)
        if hints and model.takes_hints:
            hinted, z = predict(torch.cat([small, hint_planes(hints, small)], dim=1))
            ab = torch.lerp(ab, hinted, influence(z, ab.shape[-2:], hints))
        return spread_hints(ab, z, small, hints)


def model_input(image: Any, checkpoint: str | Path, hints: Iterable[Hint | HintTuple] = ()) -> Tensor:
    """The model's input `(1, 1 or 4, h, w)`: the lightness in [0, 1], and hints if the model takes them.

    Raises `PictureError`, `CheckpointError`, `ConfigError`.
    """
    model, checked = _colorizer(checkpoint), check_hints(hints)
    small = _working_size(_lightness(as_pixels(image))) / 100
    return torch.cat([small, hint_planes(checked, small)], dim=1) if checked and model.takes_hints else small


def _colorizer(checkpoint: str | Path) -> ColorizationAutoencoder:
    model = get_model(checkpoint)
    if not isinstance(model, ColorizationAutoencoder):
        raise CheckpointError(
            "{checkpoint} does not colorize; choose a colorization checkpoint.", checkpoint=checkpoint
        )
    return model


def _working_size(lightness: Tensor) -> Tensor:
    """L `(1, 1, H, W)` resized to `COLOR_SIDE` pixels on the short side, by Lanczos.

    A bilinear filter would lose detail that the training pictures have, and 0.5 to 1 dB of the result with it.
    """
    height, width = lightness.shape[-2:]
    scale = COLOR_SIDE / min(height, width)
    long = 2 * round(min(max(height, width) * scale, 8 * COLOR_SIDE) / 2)  # very long pictures are squeezed
    size = (long, COLOR_SIDE) if height <= width else (COLOR_SIDE, long)  # width, height
    small = Image.fromarray(lightness[0, 0].numpy()).resize(size, Image.Resampling.LANCZOS)
    return torch.from_numpy(np.array(small))[None, None].clamp(0, 100)


def _lightness(pixels: np.ndarray) -> Tensor:
    """L of uint8 pixels, `(1, 1, H, W)`, computed in bands of rows, since intermediate results need much memory."""
    out = torch.empty(1, 1, *pixels.shape[:2])
    for band in row_bands(pixels.shape[0], pixels.shape[1], _BAND):
        check_cancelled()
        x = torch.from_numpy(np.atleast_3d(pixels[band])).permute(2, 0, 1)[None].float() / 255
        out[:, :, band] = color.rgb_to_lab(x.expand(-1, 3, -1, -1))[:, :1]
    return out


def _to_rgb(lightness: Tensor, ab: Tensor) -> np.ndarray:
    """L `(1, 1, H, W)` with the colours of a smaller ab `(1, 2, h, w)` as RGB, uint8 `(H, W, 3)`."""
    height, width = lightness.shape[-2:]
    wide = F.interpolate(ab, (ab.shape[2], width), mode="bilinear", align_corners=False)
    out = np.empty((height, width, 3), np.uint8)
    for band in row_bands(height, width, _BAND):
        check_cancelled()
        lab = torch.cat([lightness[:, :, band], _stretched(wide, height, band)], dim=1)
        rgb = color.lab_to_rgb(color.reduce_chroma(lab))
        out[band] = (255 * rgb[0]).round().byte().permute(1, 2, 0).numpy()
    return out


def _stretched(x: Tensor, height: int, band: slice) -> Tensor:
    """The rows `band` of `(B, C, h, W)` resized to `height` rows, bilinear as in `interpolate`."""
    at = ((torch.arange(band.start, band.stop) + 0.5) * x.shape[2] / height - 0.5).clamp(min=0)
    above = at.long()
    below = (above + 1).clamp(max=x.shape[2] - 1)
    return torch.lerp(x[:, :, above], x[:, :, below], (at - above)[:, None])
