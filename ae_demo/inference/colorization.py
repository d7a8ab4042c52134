"""Colours for grey pictures, guessed by a model from the lightness, which stays as it is at full size.

The model says at each place how likely each colour q is. Proposals lean all places the same way along the direction w
from cold to warm, and each gives way only as far as it is unsure:  p'_q ∝ p_q^{1/T} exp(warmth · w·q / s).  Colours
that a user knows, hints, are an input of models that take them. What is then still missing at the hints, c_i − ab_i,
spreads to where the code z is alike, near and as light, by Gaussian-process regression, also called simple kriging:
ab' = ab + k(x)ᵀ (K + ν I)⁻¹ (c − ab_c),  K_ij = k(x_i, x_j),
k(x, x') = exp(−|ẑ − ẑ'|² / σ_z² − √(|x − x'|² / σ_x² + (L − L')² / σ_L²))
(Rasmussen and Williams, 2006, "Gaussian Processes for Machine Learning", equation 2.25). Where sRGB ends, the chroma is
lowered, so that lightness and hue stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..data.pictures import as_pixels
from ..errors import CheckpointError, ConfigError
from ..functional import color
from ..models.colorization import AB_RANGE, ColorizationAutoencoder
from .arguments import finite, integer, shown
from .model_cache import device_of, get_model
from .pixels import resize
from .scheduler import scheduler

COLOR_SIDE = 64  # pixels on the short side at which colours are predicted, as in training
LEAN = 10.0  # s: units of ab by which colours must differ for warmth 1 to make one e times likelier
WARM = (0.45, 0.89)  # w: the direction in the ab plane, towards orange
REACH = {"code": 0.6, "place": 0.6, "lightness": 0.4}  # σ_z², σ_x (in short sides) and σ_L (of 1)
INFLUENCE = {"place": 0.5, "code": 2.0}  # of the model's own answer to hints: σ_x (in short sides), 2 σ_z²
NOISE = 0.005  # ν: the share of what is missing at a lone hint that stays so
MOST_HINTS = 100
APART = 2  # bins between likely colours
_BAND = 2**20  # pixels that are converted at once
HintTuple: TypeAlias = tuple[float, float, tuple[int, int, int]]


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
            raise ConfigError(
                "A hint is at ({x}, {y}); give x and y from 0 to 1 of the width and height.", x=self.x, y=self.y
            )
        if (
            not isinstance(self.rgb, Sequence)
            or len(self.rgb) != 3
            or not all(0 <= finite("rgb", n) <= 255 for n in self.rgb)
        ):
            raise ConfigError(
                "A hint's colour is {given}; give three numbers from 0 to 255: red, green, blue.", given=self.rgb
            )

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
    hints: Iterable[Hint | HintTuple] = (),
) -> np.ndarray:
    """The picture in predicted colours, uint8 `(H, W, 3)`, its lightness L untouched.

    Colours are predicted at a fixed modest size, so the same picture gets the same colours at any size, and then
    enlarged. `saturation` scales a and b; `warmth`, from -1 to 1, asks for a colder or a warmer proposal; `hints` are
    colours that are known, each a `Hint` or `(x, y, (r, g, b))`. Raises `PictureError`, `CheckpointError`,
    `ConfigError`.
    """
    saturation, warmth = finite("saturation", saturation), finite("warmth", warmth)
    if not -1 <= warmth <= 1:
        raise ConfigError("warmth is {warmth}; allowed is -1 (cold) to 1 (warm).", warmth=warmth)
    checked = _checked(hints)
    lightness = _lightness(as_pixels(image))
    ab = predict_ab(lightness, checkpoint, warmth, checked)
    return _painted(lightness, saturation * ab)


def greyed(image: Any) -> np.ndarray:
    """The picture's lightness alone, uint8 `(H, W, 3)`: what a model sees of it. Raises `PictureError`."""
    return _painted(_lightness(as_pixels(image)), torch.zeros(1, 2, 1, 1))


def likely_colors(
    image: Any, x: float, y: float, checkpoint: str | Path = "colorization-photo", *, count: int = 6
) -> tuple[np.ndarray, np.ndarray]:
    """Colours that the model holds for likely at `x`, `y` in [0, 1] of the picture, in the lightness it has there.

    The likeliest bin of ab, the likeliest of those that are at least two bins away from it, and so on; each with the
    bins that are nearest to it, of which it has the mean colour and the probability. Returns uint8 `(n, 3)` and the
    probabilities `(n,)`, the likeliest first; n is `count` at most. Raises `PictureError`, `CheckpointError`,
    `ConfigError`.
    """
    return color_probabilities(image, checkpoint).at(x, y, count)


def color_probabilities(image: Any, checkpoint: str | Path = "colorization-photo") -> ColorProbabilities:
    """The model's distribution of colours at all places of a picture. Raises `PictureError`, `CheckpointError`."""
    lightness = _lightness(as_pixels(image))
    model = _colorizer(checkpoint)
    with scheduler.turn(), torch.inference_mode():
        raw = model.predict_bins((_working_size(lightness) / 100).to(device_of(model)))[0].float().cpu()
    return ColorProbabilities(lightness[0, 0], raw[0].softmax(0), model.bins.float().cpu(), model.config.bin_size)


@dataclass(frozen=True, eq=False)
class ColorProbabilities:
    """A distribution over bins of ab at each place of a picture.

    lightness: L `(H, W)`; probabilities: `(Q, h, w)`; bins: their centres `(Q, 2)`, squares of side `bin_size`
    """

    lightness: Tensor
    probabilities: Tensor
    bins: Tensor
    bin_size: float

    def at(self, x: float, y: float, count: int = 6) -> tuple[np.ndarray, np.ndarray]:
        """The likely colours at a place; see `likely_colors`. Raises `ConfigError`."""
        here = Hint(x, y, (0, 0, 0))
        count = integer("count", count, 1, 1000)
        p = self.probabilities.flatten(1)[:, _cell(here, self.probabilities.shape[1:])]  # (Q,)
        ab, share = _distinct(self.bins, p, APART * self.bin_size)
        light = self.lightness.flatten()[_cell(here, self.lightness.shape)].expand(1, 1, len(ab), 1)
        rgb = color.lab_to_rgb(color.reduce_chroma(torch.cat([light, ab.T.view(1, 2, -1, 1)], dim=1)))
        return (255 * rgb[0, :, :, 0].T).round().byte().numpy()[:count], share.numpy()[:count]


def _distinct(bins: Tensor, p: Tensor, apart: float) -> tuple[Tensor, Tensor]:
    """Mean ab `(n, 2)` and probability `(n,)` of the groups of `bins` `(Q, 2)`, see `likely_colors`; `p` is `(Q,)`."""
    distances = torch.cdist(bins, bins)
    free, tops = torch.ones_like(p, dtype=torch.bool), []
    while free.any():
        tops.append(int(torch.where(free, p, -1.0).argmax()))
        free &= distances[tops[-1]] >= apart
    group = distances[:, tops].argmin(1)  # (Q,)
    share = p.new_zeros(len(tops)).index_add(0, group, p)
    ab = bins.new_zeros(len(tops), 2).index_add(0, group, p[:, None] * bins) / share[:, None].clamp(min=1e-12)
    order = share.argsort(descending=True)
    return ab[order], share[order]


def predict_ab(lightness: Tensor, checkpoint: str | Path, warmth: float = 0.0, hints: Iterable[Hint] = ()) -> Tensor:
    """L `(1, 1, H, W)` to ab `(1, 2, h, w)` in units of CIELAB, at the modest size at which colours are predicted."""
    model, hints = _colorizer(checkpoint), list(hints)
    small = _working_size(lightness) / 100
    temperature = model.config.temperature

    def predict(given: Tensor) -> tuple[Tensor, Tensor]:
        """Expected ab at the working size, and the code."""
        raw, z = model.predict_bins(given.to(device_of(model)))
        lean = model.bins @ model.bins.new_tensor(WARM) * (warmth / LEAN)  # (Q,)
        ab = model.expected_ab(raw + temperature * lean.view(1, -1, 1, 1), temperature).cpu()
        return F.interpolate(ab, small.shape[-2:], mode="bilinear", align_corners=False), z.float().cpu()

    with scheduler.turn(), torch.inference_mode():
        ab, z = predict(small)
        if hints and model.takes_hints:
            hinted, z = predict(torch.cat([small, _hint_planes(hints, small)], dim=1))
            ab = torch.lerp(ab, hinted, _influence(z, ab.shape[-2:], hints))
        return spread_hints(ab, z, small, hints)


def model_input(image: Any, checkpoint: str | Path, hints: Iterable[Hint | HintTuple] = ()) -> Tensor:
    """What the model is given: `(1, 1 or 4, h, w)`, the lightness in [0, 1], and hints where it takes them.

    Raises `PictureError`, `CheckpointError`, `ConfigError`.
    """
    model, checked = _colorizer(checkpoint), _checked(hints)
    small = _working_size(_lightness(as_pixels(image))) / 100
    return torch.cat([small, _hint_planes(checked, small)], dim=1) if checked and model.takes_hints else small


def _influence(z: Tensor, size: torch.Size, hints: list[Hint]) -> Tensor:
    """How far the model's answer to the hints counts at each place, `(1, 1, h, w)` in [0, 1].

    The model takes a hint for a sign of what the whole picture is like; a visitor means what is near and alike.
    """
    code, place = _code_and_place(z, size)
    at = torch.tensor([_cell(hint, size) for hint in hints])
    far = torch.cdist(place, place[at]).square() / (2 * INFLUENCE["place"] ** 2)
    unlike = torch.cdist(code, code[at]).square() / INFLUENCE["code"]
    return (1 - (1 - (-far - unlike).exp()).prod(1)).reshape(1, 1, *size)


def _code_and_place(z: Tensor, size: torch.Size) -> tuple[Tensor, Tensor]:
    """The normalized code `(N, C)` and the place `(N, 2)`, in short sides, of the `N` points of a map of `size`."""
    height, width = size
    code = F.normalize(F.interpolate(z, size, mode="bilinear", align_corners=False), dim=1)[0].flatten(1).T
    y, x = torch.meshgrid(torch.arange(height) + 0.5, torch.arange(width) + 0.5, indexing="ij")
    return code, torch.stack([x.flatten(), y.flatten()], dim=1) / min(size)


def spread_hints(ab: Tensor, z: Tensor, lightness: Tensor, hints: list[Hint]) -> Tensor:
    """ab `(1, 2, h, w)` with each hint's colour where the code `z` `(1, C, H, W)` is alike, near and as light."""
    if not hints:
        return ab
    size = ab.shape[-2:]
    lightness = F.interpolate(lightness, size, mode="area")
    code, place = _code_and_place(z, size)
    light = lightness.flatten()[:, None]
    near = torch.cat([place / REACH["place"], light / REACH["lightness"]], dim=1)  # (N, 3)
    at = torch.tensor([_cell(hint, size) for hint in hints])
    likeness = (-torch.cdist(code, code[at]).square() / REACH["code"] - torch.cdist(near, near[at])).exp()  # (N, hints)
    missing = torch.stack([hint.ab for hint in hints]) - ab[0].flatten(1).T[at]  # (hints, 2)
    weights = torch.linalg.solve(likeness[at] + NOISE * torch.eye(len(hints)), missing)
    return ab + (likeness @ weights).T.reshape_as(ab)


def _colorizer(checkpoint: str | Path) -> ColorizationAutoencoder:
    model = get_model(checkpoint)
    if not isinstance(model, ColorizationAutoencoder):
        raise CheckpointError(
            "{checkpoint} does not colorize; choose a colorization checkpoint.", checkpoint=checkpoint
        )
    return model


def _working_size(lightness: Tensor) -> Tensor:
    """`(1, 1, H, W)` with 64 pixels on the short side."""
    height, width = lightness.shape[-2:]
    scale = COLOR_SIDE / min(height, width)
    long = 2 * round(min(max(height, width) * scale, 8 * COLOR_SIDE) / 2)  # a very long strip is predicted squeezed
    return resize(lightness, (COLOR_SIDE, long) if height <= width else (long, COLOR_SIDE))


def _hint_planes(hints: list[Hint], lightness: Tensor) -> Tensor:
    """ab / 128 and mask of hints, `(1, 3, H, W)`, as the model takes them; of hints in one place the last counts."""
    planes = torch.zeros(1, 3, *lightness.shape[-2:])
    for hint in hints:
        planes.flatten(2)[0, :, _cell(hint, lightness.shape[-2:])] = torch.cat([hint.ab / AB_RANGE, torch.ones(1)])
    return planes


def _cell(hint: Hint, size: Sequence[int]) -> int:
    """The index of the place of a hint in a map of `size` (height, width), row by row."""
    height, width = size
    return min(int(hint.y * height), height - 1) * width + min(int(hint.x * width), width - 1)


def _checked(hints: Iterable[Hint | HintTuple]) -> list[Hint]:
    if not isinstance(hints, Iterable) or isinstance(hints, (str, bytes, dict)):
        raise ConfigError("hints is {given}; give a list of (x, y, (red, green, blue)).", given=shown(hints))
    checked = [hint if isinstance(hint, Hint) else _as_hint(hint) for hint in hints]
    if len(checked) > MOST_HINTS:
        raise ConfigError(
            "{count} hints were given; {most_hints} are allowed. Leave some out.",
            count=len(checked),
            most_hints=MOST_HINTS,
        )
    return checked


def _as_hint(given: Any) -> Hint:
    try:
        x, y, rgb = given
        return Hint(x, y, tuple(rgb))
    except (TypeError, ValueError) as error:
        if isinstance(error, ConfigError):
            raise
        raise ConfigError("A hint is {given}; give (x, y, (red, green, blue)).", given=shown(given)) from error


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
        rgb = color.lab_to_rgb(color.reduce_chroma(torch.cat([lightness[:, :, band], ab[:, :, band]], dim=1)))
        out[band] = (255 * rgb[0]).round().byte().permute(1, 2, 0).numpy()
    return out
