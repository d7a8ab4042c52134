"""Metrics: similarity of pictures, colourfulness, and how well a score separates anomalies.

    MSE  = mean (x - y)²                 PSNR = -10 log₁₀ MSE  (dB, for pictures in [0, 1])
    SSIM = mean over windows of (2 μx μy + c₁)(2 σxy + c₂) / ((μx² + μy² + c₁)(σx² + σy² + c₂))

Wang et al., 2004, "Image Quality Assessment: From Error Visibility to Structural Similarity".

Pictures are `(B, C, H, W)` in [0, 1]; each function of pictures returns `(B,)` in float32, is differentiable,
and raises `ShapeError` for shapes that do not match.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from ..errors import DataError, ShapeError

PSNR_CAP = 100.0  # dB
_RADIUS = 5  # of the 11×11 window; σ = 1.5
_TILE = 2**17  # elements processed at once: they fit into the processor's cache, and the memory of SSIM is bounded


def mse(x_hat: Tensor, target: Tensor) -> Tensor:
    """Mean squared error of each sample; any shape `(B, ...)`."""
    check_same_shape(x_hat, target)
    return (x_hat.float() - target.float()).square().flatten(1).mean(dim=1)


def psnr(x_hat: Tensor, target: Tensor) -> Tensor:
    """Peak signal-to-noise ratio of each sample in dB, for a peak of 1; any shape `(B, ...)`.

    Capped at 100 dB (an MSE of 1e-10), so that one identical pair does not make a mean infinite.
    """
    return -10 * mse(x_hat, target).clamp(min=10 ** (-PSNR_CAP / 10)).log10()


def ssim(x_hat: Tensor, target: Tensor) -> Tensor:
    """Structural similarity of each picture, in [-1, 1], averaged over channels; Gaussian window of 11×11, σ = 1.5.

    The mean is over all pixels, with reflected borders (repeated edges if a side is shorter than 6 pixels). Any size
    from 1×1 is allowed; large pictures are processed in bands of rows, in bounded memory.
    """
    check_same_shape(x_hat, target)
    if x_hat.ndim != 4 or 0 in x_hat.shape:
        raise ShapeError(
            "SSIM compares non-empty pictures (B, C, H, W), but was given {shape}. Use MSE for other data.",
            shape=tuple(x_hat.shape),
        )
    # The variances are differences of nearly equal numbers, so bfloat16 is too coarse, and a GPU's float32 as well.
    dtype = torch.float64 if x_hat.is_cuda else torch.float32
    with torch.autocast(x_hat.device.type, enabled=False):
        at_once = max(1, _TILE // x_hat[0].numel())
        chunks = zip(x_hat.split(at_once), target.split(at_once), strict=True)
        return torch.cat([_ssim_in_bands(a.to(dtype), b.to(dtype)) for a, b in chunks]).float()


def _ssim_in_bands(a: Tensor, b: Tensor) -> Tensor:
    """SSIM `(B,)` of pictures `(B, C, H, W)`, in bands that overlap by the window's height."""
    batch, channels, height, width = a.shape
    r = _RADIUS
    mode = "reflect" if min(height, width) > r else "replicate"
    a, b = (F.pad(p, (r, r, r, r), mode=mode) for p in (a, b))
    rows = max(4 * r, _TILE // (batch * channels * width))
    total = a.new_zeros(batch)
    for top in range(0, height, rows):
        band = slice(top, top + rows + 2 * r)
        total = total + _ssim_inside(a[:, :, band], b[:, :, band]).sum(dim=(1, 2, 3))
    return total / (channels * height * width)


def _ssim_inside(a: Tensor, b: Tensor) -> Tensor:
    """SSIM of each window inside `(B, C, H, W)`: `(B, C, H - 2r, W - 2r)`."""
    c1, c2 = 0.01**2, 0.03**2
    mean_a, mean_b, aa, bb, ab = (_window_mean(p) for p in (a, b, a * a, b * b, a * b))
    products, squares = mean_a * mean_b, mean_a.square() + mean_b.square()
    covariance, variances = ab - products, aa + bb - squares
    return (2 * products + c1) * (2 * covariance + c2) / ((squares + c1) * (variances + c2))


def _window_mean(x: Tensor) -> Tensor:
    """Gaussian means over the window, along one axis and then the other, which is much faster than a convolution."""
    r = _RADIUS
    weights = [math.exp(-0.5 * (k / 1.5) ** 2) for k in range(r + 1)]
    whole = weights[0] + 2 * sum(weights[1:])
    for axis in (-2, -1):
        size = x.shape[axis] - 2 * r
        out = x.narrow(axis, r, size) * (weights[0] / whole)
        for k in range(1, r + 1):
            pair = x.narrow(axis, r - k, size) + x.narrow(axis, r + k, size)
            out = out.add(pair, alpha=weights[k] / whole)
        x = out
    return x


def colourfulness(x: Tensor) -> Tensor:
    """Colourfulness of RGB pictures `(B, 3, H, W)`, on the usual 0–255 scale: grey 0, slight 15, extreme 109.

    M = √(σ²rg + σ²yb) + 0.3 √(μ²rg + μ²yb) with rg = R - G, yb = (R + G)/2 - B.
    Hasler and Süsstrunk, 2003, "Measuring Colourfulness in Natural Images".
    """
    if x.ndim != 4 or x.shape[1] != 3 or 0 in x.shape:
        raise ShapeError("Colourfulness takes RGB pictures (B, 3, H, W), but was given {shape}.", shape=tuple(x.shape))
    red, green, blue = (255 * x.float()).flatten(2).unbind(dim=1)
    opponents = torch.stack((red - green, (red + green) / 2 - blue))  # (2, B, H W)
    variance, mean = torch.var_mean(opponents, dim=2, correction=0)
    tiny = 1e-12  # the square root's gradient is infinite at 0, so grey pictures would have a NaN gradient
    return (variance.sum(0) + tiny).sqrt() + 0.3 * (mean.square().sum(0) + tiny).sqrt()


def auroc(scores: Tensor, is_anomaly: Tensor) -> float:
    """Area under the ROC curve: the probability that an anomaly scores above a normal sample; 0.5 is chance.

    `scores` `(N,)`, higher is more anomalous; `is_anomaly` `(N,)` of booleans. Raises `ShapeError` if they
    differ in length, `DataError` if there are no anomalies, no normal samples, or a score that is not finite.

    Computed from the ranks of the scores (Mann and Whitney, 1947), since importing scikit-learn takes seconds.
    """
    scores, is_anomaly = torch.as_tensor(scores).detach().cpu(), torch.as_tensor(is_anomaly).cpu().bool()
    check_same_shape(scores, is_anomaly)
    anomalies = int(is_anomaly.sum())
    if not 0 < anomalies < len(is_anomaly):
        raise DataError(
            "Among {count} samples {anomalies} are anomalies; AUROC needs both kinds. Add the kind that is missing.",
            count=len(is_anomaly),
            anomalies=anomalies,
        )
    if not torch.isfinite(scores).all():
        raise DataError("A score is NaN or infinite; AUROC needs finite scores. Check the model that computed them.")
    _, place, counts = torch.unique(scores.double(), return_inverse=True, return_counts=True)
    ranks = (counts.cumsum(0) - (counts.double() - 1) / 2)[place]  # from 1; equal scores share the mean of theirs
    pairs_in_order = ranks[is_anomaly].sum().item() - anomalies * (anomalies + 1) / 2  # ties count half
    return pairs_in_order / (anomalies * (len(scores) - anomalies))


def check_same_shape(x_hat: Tensor, target: Tensor) -> None:
    """Raise `ShapeError` unless the shapes are equal, since broadcasting would compare the wrong elements silently."""
    if x_hat.shape != target.shape:
        raise ShapeError(
            "Shapes {shape} and {other} cannot be compared; they must be equal. Resize or crop one of them.",
            shape=tuple(x_hat.shape),
            other=tuple(target.shape),
        )
