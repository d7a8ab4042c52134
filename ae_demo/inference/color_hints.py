"""Colour hints: colours that a user knows at some positions of a picture, and how they spread from there.

Models that take hints have them as an input. The differences that remain at the hints, c_i − ab_i, spread to positions
that are near, of similar lightness and with a similar code z, by Gaussian-process regression (simple kriging):
ab' = ab + k(x)ᵀ (K + ν I)⁻¹ (c − ab_c),  K_ij = k(x_i, x_j),
k(x, x') = exp(−|ẑ − ẑ'|² / σ_z² − √(|x − x'|² / σ_x² + (L − L')² / σ_L²))
(Rasmussen and Williams, 2006, "Gaussian Processes for Machine Learning", equation 2.25).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
import torch.nn.functional as F
from torch import Tensor

from ..errors import ConfigError
from ..functional import color
from ..models.colorization import AB_RANGE
from .arguments import finite, shown

SCALES = {"code": 0.6, "position": 0.6, "lightness": 0.4}  # σ_z², σ_x (in short sides) and σ_L (of 1)
INFLUENCE = {"position": 0.5, "code": 2.0}  # of hints on the model's prediction: σ_x (in short sides), 2 σ_z²
NOISE = 0.005  # ν: the share of the difference that remains at an isolated hint
MAX_HINTS = 100
HintTuple: TypeAlias = tuple[float, float, tuple[int, int, int]]


@dataclass(frozen=True)
class Hint:
    """A known colour: at `x`, `y` in [0, 1] from the upper left corner, `rgb` three numbers from 0 to 255.

    Only its hue and saturation are used; the lightness is the picture's. Raises `ConfigError` for values out of range.
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
        """The colour's a and b, `(2,)`, in units of CIELAB."""
        return color.rgb_to_lab(torch.tensor(self.rgb).view(1, 3, 1, 1) / 255)[0, 1:, 0, 0]


def check_hints(hints: Iterable[Hint | HintTuple]) -> list[Hint]:
    """At most `MAX_HINTS` hints, also given as tuples `(x, y, (r, g, b))`, as `Hint`s. Raises `ConfigError`."""
    if not isinstance(hints, Iterable) or isinstance(hints, (str, bytes, dict)):
        raise ConfigError("hints is {given}; give a list of (x, y, (red, green, blue)).", given=shown(hints))
    checked = [hint if isinstance(hint, Hint) else _as_hint(hint) for hint in hints]
    if len(checked) > MAX_HINTS:
        raise ConfigError(
            "{count} hints were given; {most_hints} are allowed. Leave some out.",
            count=len(checked),
            most_hints=MAX_HINTS,
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


def hint_planes(hints: list[Hint], lightness: Tensor) -> Tensor:
    """The model's input for hints, ab / 128 and a mask, `(1, 3, H, W)`; of hints at one position, the last is used."""
    planes = torch.zeros(1, 3, *lightness.shape[-2:])
    for hint in hints:
        planes.flatten(2)[0, :, cell(hint, lightness.shape[-2:])] = torch.cat([hint.ab / AB_RANGE, torch.ones(1)])
    return planes


def influence(z: Tensor, size: torch.Size, hints: list[Hint]) -> Tensor:
    """The weight at each position of the prediction with hints, `(1, 1, h, w)` in [0, 1].

    The model lets a hint change the whole picture, but a user means positions that are near and similar.
    """
    code, position = _code_and_position(z, size)
    at = torch.tensor([cell(hint, size) for hint in hints])
    distance = torch.cdist(position, position[at]).square() / (2 * INFLUENCE["position"] ** 2)
    code_distance = torch.cdist(code, code[at]).square() / INFLUENCE["code"]
    return (1 - (1 - (-distance - code_distance).exp()).prod(1)).reshape(1, 1, *size)


def spread_hints(ab: Tensor, z: Tensor, lightness: Tensor, hints: list[Hint]) -> Tensor:
    """Spread each hint's colour to near positions of similar lightness and code, see the module's docstring.

    ab: `(1, 2, h, w)` in units of CIELAB, as is the result
    z: the code `(1, C, H', W')`
    lightness: `(1, 1, H, W)` in [0, 1]
    """
    if not hints:
        return ab
    size = ab.shape[-2:]
    lightness = F.interpolate(lightness, size, mode="area")
    code, position = _code_and_position(z, size)
    light = lightness.flatten()[:, None]
    near = torch.cat([position / SCALES["position"], light / SCALES["lightness"]], dim=1)  # (N, 3)
    at = torch.tensor([cell(hint, size) for hint in hints])
    distances = torch.cdist(code, code[at]).square() / SCALES["code"] + torch.cdist(near, near[at])
    similarity = (-distances).exp()  # (N, hints)
    missing = torch.stack([hint.ab for hint in hints]) - ab[0].flatten(1).T[at]  # (hints, 2)
    weights = torch.linalg.solve(similarity[at] + NOISE * torch.eye(len(hints)), missing)
    return ab + (similarity @ weights).T.reshape_as(ab)


def _code_and_position(z: Tensor, size: torch.Size) -> tuple[Tensor, Tensor]:
    """The normalised code `(N, C)` and the position `(N, 2)`, in short sides, of the N points of a map of `size`."""
    height, width = size
    code = F.normalize(F.interpolate(z, size, mode="bilinear", align_corners=False), dim=1)[0].flatten(1).T
    y, x = torch.meshgrid(torch.arange(height) + 0.5, torch.arange(width) + 0.5, indexing="ij")
    return code, torch.stack([x.flatten(), y.flatten()], dim=1) / min(size)


def cell(hint: Hint, size: Sequence[int]) -> int:
    """The index of a hint's position in a flattened map of `size` (height, width)."""
    height, width = size
    return min(int(hint.y * height), height - 1) * width + min(int(hint.x * width), width - 1)
