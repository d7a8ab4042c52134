"""Conversion between sRGB and CIE L*a*b*, which separates lightness and colour: a colorizer predicts ab from L.

    sRGB → linear RGB → XYZ (D65, 2° observer)
    L = 116 f(Y) - 16,  a = 500 (f(X) - f(Y)),  b = 200 (f(Y) - f(Z)),  f(t) = ∛t, and a line near 0

IEC 61966-2-1 (sRGB); CIE 15:2004 (L*a*b*). The constants are scikit-image's.

Pictures are `(B, 3, H, W)`; results are float32. L is in [0, 100]; a and b of sRGB colours are within ±110. The
functions are differentiable everywhere, including at black, and raise `ShapeError` for other shapes.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..errors import ShapeError

_RGB_TO_XYZ = (
    (0.412453, 0.357580, 0.180423),
    (0.212671, 0.715160, 0.072169),
    (0.019334, 0.119193, 0.950227),
)
_XYZ_TO_RGB = (  # the inverse of the above
    (3.2404813432, -1.5371515163, -0.4985363262),
    (-0.9692549500, 1.8759900015, 0.0415559266),
    (0.0556466391, -0.2040413384, 1.0573110696),
)
_WHITE = (0.95047, 1.0, 1.08883)
_BISECTION_STEPS = 12  # the chroma is found to within 1 / 4096
_TOLERANCE = 1e-4  # of linear RGB, for rounding errors; less than a twentieth of an 8-bit step
_KNEE = 0.008856  # where f changes from linear to cube root
_KNEE_F = 0.2068966  # f there


def rgb_to_lab(rgb: Tensor) -> Tensor:
    """sRGB `(B, 3, H, W)` in [0, 1] to L*a*b* of the same shape."""
    # In each `where`, the clamp prevents a NaN gradient from the branch that is not taken.
    rgb = _checked(rgb)
    linear = torch.where(rgb > 0.04045, ((rgb.clamp(min=0.04045) + 0.055) / 1.055) ** 2.4, rgb / 12.92)
    x, y, z = (_f(plane / white) for plane, white in zip(_mix(_RGB_TO_XYZ, linear), _WHITE, strict=True))
    return torch.stack((116 * y - 16, 500 * (x - y), 200 * (y - z)), dim=1)


def lab_to_rgb(lab: Tensor) -> Tensor:
    """L*a*b* `(B, 3, H, W)` to sRGB of the same shape, in [0, 1]; colours outside sRGB are clamped.

    Clamping changes lightness and hue; see `reduce_chroma`.
    """
    linear = _lab_to_linear(_checked(lab))
    curve = 1.055 * linear.clamp(min=0.0031308) ** (1 / 2.4) - 0.055
    return torch.where(linear > 0.0031308, curve, 12.92 * linear).clamp(0, 1)


def reduce_chroma(lab: Tensor) -> Tensor:
    """L*a*b* `(B, 3, H, W)` with the chroma √(a² + b²) reduced to the sRGB gamut, at constant lightness and hue.

    Colours inside the gamut are unchanged; the others are moved to its boundary, by bisection. L must be in [0, 100].
    """
    lab = _checked(lab)
    outside = ~_is_in_srgb(lab)  # (B, H, W)
    lightness, ab = lab.movedim(1, -1)[outside].split((1, 2), dim=-1)  # (N, 1), (N, 2)
    inside, beyond = torch.zeros_like(lightness), torch.ones_like(lightness)  # shares of the chroma; grey is inside
    for _ in range(_BISECTION_STEPS):
        middle = (inside + beyond) / 2
        fits = _is_in_srgb(torch.cat([lightness, middle * ab], dim=-1).mT[None, :, :, None])[0]
        inside, beyond = torch.where(fits, middle, inside), torch.where(fits, beyond, middle)
    reduced = lab.movedim(1, -1).clone()
    reduced[outside] = torch.cat([lightness, inside * ab], dim=-1)
    return reduced.movedim(-1, 1)


def _is_in_srgb(lab: Tensor) -> Tensor:
    """Whether each colour of L*a*b* `(B, 3, H, W)` is in the sRGB gamut: booleans `(B, H, W)`."""
    linear = _lab_to_linear(lab)
    return ((linear >= -_TOLERANCE) & (linear <= 1 + _TOLERANCE)).all(dim=1)


def _lab_to_linear(lab: Tensor) -> Tensor:
    """L*a*b* to linear RGB; colours outside the sRGB gamut have values below 0 or above 1."""
    lightness, a, b = lab.unbind(dim=1)
    y = (lightness + 16) / 116
    f = torch.stack((y + a / 500, y, (y - b / 200).clamp(min=0)), dim=1)  # Z is not negative
    xyz = torch.where(f > _KNEE_F, f**3, (f - 16 / 116) / 7.787) * f.new_tensor(_WHITE).view(1, 3, 1, 1)
    return torch.stack(_mix(_XYZ_TO_RGB, xyz), dim=1)


def _f(t: Tensor) -> Tensor:
    return torch.where(t > _KNEE, t.clamp(min=_KNEE) ** (1 / 3), 7.787 * t + 16 / 116)


def _mix(matrix: tuple[tuple[float, ...], ...], planes: Tensor) -> list[Tensor]:
    """`matrix` times the channels, written as sums, since autocast would compute a matrix product in bfloat16."""
    first, second, third = planes.unbind(dim=1)  # each (B, H, W)
    return [p * first + q * second + r * third for p, q, r in matrix]


def _checked(picture: Tensor) -> Tensor:
    if picture.ndim != 4 or picture.shape[1] != 3:
        raise ShapeError(
            "A picture has shape {shape}; colours are converted in (B, 3, H, W). Repeat the channel of a "
            "grey picture three times.",
            shape=tuple(picture.shape),
        )
    return picture.float()


def opponent_matrix() -> Tensor:
    """The orthonormal matrix `(3, 3)`, float64, from R, G, B to luminance, red − blue and green − magenta."""
    matrix = torch.tensor([[1.0, 1, 1], [1, 0, -1], [1, -2, 1]], dtype=torch.float64)
    return matrix / matrix.norm(dim=1, keepdim=True)
