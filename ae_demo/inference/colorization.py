"""Colours for grey pictures, guessed by a model from the lightness, which stays as it is at full size.

The model says at each place how likely each colour q is. Proposals lean all places the same way along the direction w
from cold to warm, and each gives way only as far as it is unsure:  p'_q ∝ p_q^{1/T} exp(warmth · w·q / s).  A colour
that a user knows, a hint, spreads to where the code z is alike:  ab' = ab + Σ_i k_i (c_i − ab_i) / max(1, Σ_i k_i),
k_i = exp(−|ẑ − ẑ_i|² / σ_z² − |x − x_i|² / σ_x² − (L − L_i)² / σ_L²),  as Levin et al., 2004, "Colorization using
Optimization", spread scribbles to where the lightness is alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..data.pictures import as_pixels
from ..errors import CheckpointError, ConfigError
from ..functional import color
from ..models.colorization import ColorizationAutoencoder
from .arguments import finite
from .model_cache import device_of, forwards, get_model
from .pixels import resize

COLOR_SIDE = 64  # pixels on the short side at which colours are predicted, as in training
LEAN = 10.0  # s: units of ab by which colours must differ for warmth 1 to make one e times likelier
WARM = (0.45, 0.89)  # w: the direction in the ab plane, towards orange
NEAR = {"code": 0.5, "place": 1.0, "lightness": 0.05}  # the squares of σ_z, σ_x (in short sides) and σ_L (of 1)
MOST_HINTS = 100
_BAND = 2**20  # pixels that are converted at once


@dataclass(frozen=True)
class Hint:
    """A colour that is known: at `x`, `y` in [0, 1] from the upper left corner, `rgb` three numbers from 0 to 255.

    Only its hue and saturation count: the lightness there is the picture's. Raises `ConfigError`.
    """

    x: float
    y: float
    rgb: tuple[int, int, int]

    def __post_init__(self) -> None:
        if not (0 <= finite("x", self.x) <= 1 and 0 <= finite("y", self.y) <= 1):
            raise ConfigError(f"A hint is at ({self.x}, {self.y}); give x and y from 0 to 1 of the width and height.")
        if len(self.rgb) != 3 or not all(0 <= finite("rgb", n) <= 255 for n in self.rgb):
            raise ConfigError(f"A hint's colour is {self.rgb}; give three numbers from 0 to 255: red, green, blue.")

    @property
    def ab(self) -> Tensor:
        """Its a and b, `(2,)`."""
        return color.rgb_to_lab(torch.tensor(self.rgb).view(1, 3, 1, 1) / 255)[0, 1:, 0, 0]


def colorize(
    image: Any,
    checkpoint: str | Path = "colorization-photo",
    *,
    saturation: float = 1.0,
    warmth: float = 0.0,
    hints: Iterable[Hint | tuple[float, float, tuple[int, int, int]]] = (),
) -> np.ndarray:
    """The picture in predicted colours, uint8 `(H, W, 3)`, its lightness L untouched.

    Colours are predicted at a fixed modest size, so the same picture gets the same colours at any size, and then
    enlarged. `saturation` scales a and b; `warmth`, from -1 to 1, asks for a colder or a warmer proposal; `hints` are
    colours that are known, each a `Hint` or `(x, y, (r, g, b))`. Raises `PictureError`, `CheckpointError`,
    `ConfigError`.
    """
    saturation, warmth = finite("saturation", saturation), finite("warmth", warmth)
    if not -1 <= warmth <= 1:
        raise ConfigError(f"warmth is {warmth}; allowed is -1 (cold) to 1 (warm).")
    checked = [hint if isinstance(hint, Hint) else _as_hint(hint) for hint in hints]
    if len(checked) > MOST_HINTS:
        raise ConfigError(f"{len(checked)} hints were given; {MOST_HINTS} are allowed. Leave some out.")
    pixels = as_pixels(image)
    lightness = _lightness(pixels)
    ab = predict_ab(lightness, checkpoint, warmth, checked)
    return _painted(lightness, saturation * ab)


def greyed(image: Any) -> np.ndarray:
    """The picture's lightness alone, uint8 `(H, W, 3)`: what a model sees of it. Raises `PictureError`."""
    return _painted(_lightness(as_pixels(image)), torch.zeros(1, 2, 1, 1))


def predict_ab(lightness: Tensor, checkpoint: str | Path, warmth: float = 0.0, hints: Iterable[Hint] = ()) -> Tensor:
    """L `(1, 1, H, W)` to ab `(1, 2, h, w)` in units of CIELAB, at the modest size at which colours are predicted."""
    model = get_model(checkpoint)
    if not isinstance(model, ColorizationAutoencoder):
        raise CheckpointError(f"{checkpoint} does not colorize; choose a colorization checkpoint.")
    height, width = lightness.shape[-2:]
    scale = COLOR_SIDE / min(height, width)
    long = 2 * round(min(max(height, width) * scale, 8 * COLOR_SIDE) / 2)  # a very long strip is predicted squeezed
    small = resize(lightness, (COLOR_SIDE, long) if height <= width else (long, COLOR_SIDE)) / 100
    with forwards, torch.inference_mode():
        raw, z = model.predict_bins(small.to(device_of(model)))
        temperature = model.config.temperature
        lean = model.bins @ model.bins.new_tensor(WARM) * (warmth / LEAN)  # (Q,)
        ab = model.expected_ab(raw + temperature * lean.view(1, -1, 1, 1), temperature).cpu()
        return spread_hints(ab, z.float().cpu(), small, list(hints))


def spread_hints(ab: Tensor, z: Tensor, lightness: Tensor, hints: list[Hint]) -> Tensor:
    """ab `(1, 2, h, w)` with each hint's colour where the code `z` `(1, C, h, w)` is alike, near and as light."""
    height, width = ab.shape[-2:]
    code = F.normalize(F.interpolate(z, (height, width))[0].flatten(1), dim=0)  # (C, N)
    light = F.interpolate(lightness, (height, width), mode="area").flatten()
    y, x = torch.meshgrid(torch.arange(height) + 0.5, torch.arange(width) + 0.5, indexing="ij")
    place = torch.stack([x.flatten(), y.flatten()]) / min(height, width)
    flat = ab[0].flatten(1)  # (2, N)
    shares, changes = [], []
    for hint in hints:
        at = min(int(hint.y * height), height - 1) * width + min(int(hint.x * width), width - 1)
        far = (code - code[:, at : at + 1]).square().sum(0) / NEAR["code"]
        far += (place - place[:, at : at + 1]).square().sum(0) / NEAR["place"]
        far += (light - light[at]).square() / NEAR["lightness"]
        shares.append((-far).exp())
        changes.append(hint.ab - flat[:, at])
    if not hints:
        return ab
    share = torch.stack(shares)  # (hints, N)
    return ab + (torch.stack(changes, 1) @ (share / share.sum(0).clamp(min=1))).view_as(ab)


def _as_hint(given: Any) -> Hint:
    try:
        x, y, rgb = given
        return Hint(x, y, tuple(rgb))
    except (TypeError, ValueError) as error:
        if isinstance(error, ConfigError):
            raise
        raise ConfigError(f"A hint is {str(given)[:80]}; give (x, y, (red, green, blue)).") from error


def _bands(pixels: np.ndarray | Tensor, width: int) -> Iterable[slice]:
    rows = max(1, _BAND // width)
    return [slice(top, top + rows) for top in range(0, len(pixels), rows)]


def _lightness(pixels: np.ndarray) -> Tensor:
    """L of uint8 pixels, `(1, 1, H, W)`, band by band: in between, a colour takes many times its bytes."""
    out = torch.empty(1, 1, *pixels.shape[:2])
    for band in _bands(pixels, pixels.shape[1]):
        x = torch.from_numpy(np.atleast_3d(pixels[band])).permute(2, 0, 1)[None].float() / 255
        out[:, :, band] = color.rgb_to_lab(x.expand(-1, 3, -1, -1))[:, :1]
    return out


def _painted(lightness: Tensor, ab: Tensor) -> np.ndarray:
    """L `(1, 1, H, W)` in the colours of a smaller ab `(1, 2, h, w)`: uint8 `(H, W, 3)`."""
    height, width = lightness.shape[-2:]
    ab = F.interpolate(ab, (height, width), mode="bilinear", align_corners=False)
    out = np.empty((height, width, 3), np.uint8)
    for band in _bands(out, width):
        rgb = color.lab_to_rgb(torch.cat([lightness[:, :, band], ab[:, :, band]], dim=1))
        out[band] = (255 * rgb[0]).round().byte().permute(1, 2, 0).numpy()
    return out
