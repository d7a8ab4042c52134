"""Metrics: similarity of pictures, colourfulness, and how well a score separates anomalies.

    MSE  = mean (x - y)²                 PSNR = -10 log₁₀ MSE  (dB, for pictures in [0, 1])
    SSIM = mean over windows of (2 μx μy + c₁)(2 σxy + c₂) / ((μx² + μy² + c₁)(σx² + σy² + c₂))

Wang et al., 2004, "Image Quality Assessment: From Error Visibility to Structural Similarity".

Pictures are `(B, C, H, W)`, floats in [0, 1] or uint8; each function of pictures returns `(B,)` in float32, is
differentiable, and raises `ShapeError` for shapes that do not match. Of uint8 pictures, only a band of rows is
converted at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

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
    if x_hat.dtype == target.dtype == torch.uint8 and x_hat.ndim == 4:
        bands = zip(_bands(x_hat), _bands(target), strict=True)
        totals = torch.stack([(a.int() - b).square().sum((1, 2, 3)) for a, b in bands])  # exact, in int64
        return (totals.sum(0).double() / (255**2 * target[0].numel())).float()
    return (x_hat.float() - target.float()).square().flatten(1).mean(dim=1)


def psnr(x_hat: Tensor, target: Tensor) -> Tensor:
    """Peak signal-to-noise ratio of each sample in dB, for a peak of 1; any shape `(B, ...)`.

    Capped at 100 dB (an MSE of 1e-10), so that one identical pair does not make a mean infinite.
    """
    return -10 * mse(x_hat, target).clamp(min=10 ** (-PSNR_CAP / 10)).log10()


def ssim(x_hat: Tensor, target: Tensor, each_band: Callable[[], object] = lambda: None) -> Tensor:
    """Structural similarity of each picture, in [-1, 1], averaged over channels; Gaussian window of 11×11, σ = 1.5.

    The mean is over all pixels, with reflected borders (repeated edges if a side is shorter than 6 pixels). Any size
    from 1×1 is allowed; large pictures are processed in bands of rows, in bounded memory.

    each_band: called before each band, which takes a few milliseconds; it may raise an error that ends the work
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
        return torch.cat([_ssim_in_bands(a, b, dtype, each_band) for a, b in chunks]).float()


def _ssim_in_bands(a: Tensor, b: Tensor, dtype: torch.dtype, each_band: Callable[[], object]) -> Tensor:
    """SSIM `(B,)` of pictures `(B, C, H, W)`, in bands that overlap by the window's height."""
    batch, channels, height, width = a.shape
    rows = max(4 * _RADIUS, _TILE // (batch * channels * width))
    total = a.new_zeros(batch, dtype=dtype)
    for top in range(0, height, rows):
        each_band()
        seen_a, seen_b = (_padded_band(x, top, min(top + rows, height), dtype) for x in (a, b))
        total = total + _ssim_inside(seen_a, seen_b).sum(dim=(1, 2, 3))
    return total / (channels * height * width)


def _padded_band(x: Tensor, top: int, bottom: int, dtype: torch.dtype) -> Tensor:
    """The rows from `top` to `bottom` of `(B, C, H, W)` in [0, 1], with the window's radius around them."""
    height, width = x.shape[-2:]
    r = _RADIUS
    band = x[:, :, max(0, top - r) : bottom + r]
    band = band.to(dtype) / 255 if x.dtype == torch.uint8 else band.to(dtype)
    beyond = (r, r, max(0, r - top), max(0, bottom + r - height))
    return F.pad(band, beyond, mode="reflect" if min(height, width) > r else "replicate")


def _ssim_inside(a: Tensor, b: Tensor) -> Tensor:
    """SSIM of each window inside `(B, C, H, W)`: `(B, C, H - 2r, W - 2r)`."""
    c1, c2 = 0.01**2, 0.03**2
    mean_a, mean_b, both, ab = _window_mean(torch.stack((a, b, a.square() + b.square(), a * b)))
    products, squares = mean_a * mean_b, mean_a.square() + mean_b.square()
    covariance, variances = ab - products, both - squares
    return (2 * products + c1) * (2 * covariance + c2) / ((squares + c1) * (variances + c2))


def _window_mean(x: Tensor) -> Tensor:
    """Gaussian means over the window of `(..., H, W)`, along one axis and then the other.

    Each plane is a group of its own: a convolution of the planes as a batch takes several times as long, and one
    operation per weight makes busy threads wait for Python's lock at each.
    """
    planes = x.flatten(0, -3)
    distances = torch.arange(-_RADIUS, _RADIUS + 1, dtype=x.dtype, device=x.device)
    weights = (-0.5 * (distances / 1.5) ** 2).exp()
    kernel = (weights / weights.sum()).expand(len(planes), 1, 1, -1)
    means = F.conv2d(F.conv2d(planes, kernel.mT, groups=len(planes)), kernel, groups=len(planes))
    return means.unflatten(0, x.shape[:-2])


def colourfulness(x: Tensor) -> Tensor:
    """Colourfulness of RGB pictures `(B, 3, H, W)`, on the usual 0–255 scale: grey 0, slight 15, extreme 109.

    M = √(σ²rg + σ²yb) + 0.3 √(μ²rg + μ²yb) with rg = R - G, yb = (R + G)/2 - B.
    Hasler and Süsstrunk, 2003, "Measuring Colourfulness in Natural Images".
    """
    if x.ndim != 4 or x.shape[1] != 3 or 0 in x.shape:
        raise ShapeError("Colourfulness takes RGB pictures (B, 3, H, W), but was given {shape}.", shape=tuple(x.shape))
    if x.dtype == torch.uint8:
        sums, squares = torch.stack([_opponent_sums(band) for band in _bands(x)]).sum(0)
        mean = sums / (2 * x[0, 0].numel())
        variance = (squares / (4 * x[0, 0].numel()) - mean.square()).clamp(min=0)
    else:
        red, green, blue = (255 * x.float()).flatten(2).unbind(dim=1)
        opponents = torch.stack((red - green, (red + green) / 2 - blue))  # (2, B, H W)
        variance, mean = torch.var_mean(opponents, dim=2, correction=0)
    tiny = 1e-12  # the square root's gradient is infinite at 0, so grey pictures would have a NaN gradient
    return ((variance.sum(0) + tiny).sqrt() + 0.3 * (mean.square().sum(0) + tiny).sqrt()).float()


def _opponent_sums(x: Tensor) -> Tensor:
    """The sums of 2 rg and 2 yb of uint8 pictures, and of their squares: exact, as float64 `(2, 2, B)`."""
    red, green, blue = x.int().unbind(dim=1)
    opponents = torch.stack((2 * (red - green), red + green - 2 * blue))
    return torch.stack((opponents, opponents.square())).sum((3, 4)).double()


def _bands(x: Tensor) -> Sequence[Tensor]:
    """`(B, C, H, W)` in bands of rows, of about `_TILE` elements each."""
    return x.split(max(1, _TILE // max(1, x[:, :, 0].numel())), dim=2)


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
