"""Classical baselines: PCA with an equal number of components, denoising filters, JPEG and WebP of equal size.

PCA is the optimal linear autoencoder (Baldi and Hornik, 1989). The filters are SciPy's and scikit-image's, with
settings suitable for the noise levels of the demo.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from PIL import Image
from scipy.fft import dctn, idctn
from torch import Tensor

from ..data import get_data_set, load_bundled_photos, load_dataset
from ..data.pictures import row_bands
from ..functional import color
from ..inference.scheduler import check_cancelled, scheduler

AT_ONCE = 5000  # samples from which principal components are computed
BLOCK = 8  # pixels: side of the blocks of photographs that PCA is fitted to, as in JPEG
NLM_PATCH, NLM_DISTANCE = 5, 6  # pixels: side of the patches of non-local means, and how far they are compared
NLM_ROWS = 128  # that are filtered at once, in about 0.4 s for 512 columns
DCT_SHARES = (0.86, 0.1, 0.04)  # of the numbers: roughly optimal for 64 × 64 photographs, by their variances


@dataclass(frozen=True, eq=False)
class Pca:
    """A projection onto principal components: mean `(D,)` and axes `(k, D)`, leading first."""

    mean: np.ndarray
    axes: np.ndarray

    @classmethod
    def fit(cls, x: Tensor, components: int) -> Pca:
        """Fit to samples as `principal_axes` takes them; there are at most N and at most D components."""
        mean, axes = principal_axes(x, min(components, len(x)))
        return cls(mean.numpy(), axes.numpy())

    def transform(self, x: np.ndarray) -> np.ndarray:
        """The codes `(N, k)` of samples `(N, D)`."""
        return (x - self.mean) @ self.axes.T

    def inverse_transform(self, codes: np.ndarray) -> np.ndarray:
        """The samples `(N, D)` of codes `(N, k)`."""
        return codes @ self.axes + self.mean


@lru_cache(maxsize=8)
def fit_pca(data: str, components: int) -> Pca:
    """Fit PCA to a data set's training pictures, flattened and scaled to [0, 1]."""
    return Pca.fit(load_dataset(data).train, components)


def pca_reconstruct(x: Tensor, components: int, data: str = "digits") -> Tensor:
    """Project `x` `(B, 1, 28, 28)` in [0, 1] onto the leading principal components of `data`; same shape."""
    pca = fit_pca(data, components)
    flat = pca.inverse_transform(pca.transform(x.flatten(1).numpy()))
    return torch.from_numpy(flat.astype(np.float32)).clamp(0, 1).view_as(x)


@lru_cache(maxsize=8)
def fit_sequence_pca(data: str, components: int) -> Pca:
    """Fit PCA to a data set's training series, flattened, or to the one-hot codes of its symbols."""
    x = _flat_sequences(load_dataset(data).train, get_data_set(data).symbols)
    return Pca.fit(torch.from_numpy(x), components)


def pca_reconstruct_sequences(x: Tensor, components: int, data: str) -> Tensor:
    """Project series `(B, T, F)` or symbols `(B, T)` onto the leading principal components of `data`; same shape.

    Series are clamped to [0, 1]; for symbols, the one with the largest value at each step is returned.
    """
    symbols, pca = get_data_set(data).symbols, fit_sequence_pca(data, components)
    flat = torch.from_numpy(pca.inverse_transform(pca.transform(_flat_sequences(x, symbols))))
    return flat.view(*x.shape, symbols).argmax(-1) if symbols else flat.float().clamp(0, 1).view_as(x)


def _flat_sequences(x: Tensor, symbols: int) -> np.ndarray:
    coded = torch.nn.functional.one_hot(x, symbols).float() if symbols else x
    return coded.flatten(1).numpy()


@lru_cache(maxsize=1)
def fit_block_pca() -> tuple[Tensor, Tensor]:
    """Mean `(192,)` and components `(192, 192)`, leading first, of 8×8 RGB blocks of the bundled photographs."""
    blocks = []
    for pixels in load_bundled_photos().values():
        if pixels.ndim == 3:
            x = torch.from_numpy(pixels).permute(2, 0, 1).float()[None] / 255
            blocks.append(_to_blocks(x)[0])
    return principal_axes(torch.cat(blocks), 3 * BLOCK**2)


def principal_axes(x: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Mean `(D,)` and the k ≤ `count` leading principal axes `(k, D)` of samples `(N, …)`, which are flattened.

    Uint8 samples are scaled to [0, 1]. Computed in float64, a part of the samples at a time. The largest number of each
    axis is positive, so that the axes do not depend on the machine.
    """
    flat, dtype = x.flatten(1), x.dtype if x.is_floating_point() else torch.float32
    parts = flat.split(AT_ONCE)

    def doubles(part: Tensor) -> Tensor:
        return part.double() / 255 if part.dtype == torch.uint8 else part.double()

    mean = torch.stack([doubles(part).sum(0) for part in parts]).sum(0) / len(flat)
    if len(flat) < flat.shape[1]:  # use the smaller of the two Gram matrices, which have the same spectrum
        centred = doubles(flat) - mean
        vectors = torch.linalg.eigh(centred @ centred.T)[1].flip(1)
        axes = torch.nn.functional.normalize(vectors.T @ centred, dim=1)
    else:
        gram = mean.new_zeros(len(mean), len(mean))
        for part in parts:
            centred = doubles(part) - mean
            gram += centred.T @ centred
        axes = torch.linalg.eigh(gram)[1].flip(1).T
    axes = axes[:count]
    largest = axes.gather(1, axes.abs().argmax(1, keepdim=True))
    return mean.to(dtype), (axes * largest.sign()).to(dtype)


def block_pca_reconstruct(x: Tensor, components: int) -> Tensor:
    """`x` `(1, 3, H, W)` in [0, 1] with each 8×8 block projected onto the leading components; same shape."""
    mean, basis = fit_block_pca()
    height, width = x.shape[-2:]
    padded = torch.nn.functional.pad(x, (0, -width % BLOCK, 0, -height % BLOCK), mode="replicate")
    flat = _to_blocks(padded) - mean  # (1, N, 192)
    flat = flat @ basis[:components].T @ basis[:components] + mean
    folded = torch.nn.functional.fold(flat.transpose(1, 2), padded.shape[-2:], BLOCK, stride=BLOCK)
    return folded[..., :height, :width].clamp(0, 1)


def _to_blocks(x: Tensor) -> Tensor:
    return torch.nn.functional.unfold(x, BLOCK, stride=BLOCK).transpose(1, 2)  # (B, N, 3·64)


def dct_reconstruct(x: Tensor, numbers: int) -> Tensor:
    """Pictures `(B, 1 or 3, H, W)` in [0, 1] from the `numbers` lowest frequencies of their DCT; same shape.

    For photographs, whose statistics are the same at all positions, these are nearly the principal components (Ahmed et
    al., 1974, "Discrete Cosine Transform"). With three channels, the numbers are divided among lightness and two colour
    differences by `DCT_SHARES`.
    """
    channels, height, width = x.shape[1:]
    to_opponent = color.opponent_matrix().numpy() if channels == 3 else np.eye(channels)
    row, column = np.mgrid[0:height, 0:width]
    order = np.argsort(((row / height) ** 2 + (column / width) ** 2).ravel(), kind="stable")
    counts = [min(order.size, round(share * numbers)) for share in DCT_SHARES[1:channels]]
    kept = np.zeros((channels, height * width), bool)
    for channel, count in enumerate([max(0, numbers - sum(counts)), *counts]):
        kept[channel, order[:count]] = True
    frequencies = dctn(np.einsum("ij,bjhw->bihw", to_opponent, x.numpy()), axes=(2, 3), norm="ortho")
    low_pass = idctn(frequencies * kept.reshape(channels, height, width), axes=(2, 3), norm="ortho")
    return torch.from_numpy(np.einsum("ji,bjhw->bihw", to_opponent, low_pass)).float().clamp(0, 1)


def median(pixels: np.ndarray, size: int = 3) -> np.ndarray:
    """Median filter with a window of `size` × `size` pixels, per channel; uint8 `(H, W)` or `(H, W, 3)`, same shape."""
    from scipy.ndimage import median_filter

    return median_filter(pixels, (size, size, 1)[: pixels.ndim], mode="nearest")


def non_local_means(pixels: np.ndarray) -> np.ndarray:
    """Non-local means (Buades et al., 2005), as strong as the estimated noise; uint8 `(H, W[, 3])`, same shape."""
    from skimage.restoration import denoise_nl_means, estimate_sigma

    axis = -1 if pixels.ndim == 3 else None
    x = pixels.astype(np.float32) / 255
    sigma = 0.1
    if min(pixels.shape[:2]) > 15:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # for a constant picture it is the mean of an empty array
            sigma = float(np.nan_to_num(estimate_sigma(x, average_sigmas=True, channel_axis=axis)))
    settings = {"patch_size": NLM_PATCH, "patch_distance": NLM_DISTANCE, "fast_mode": True, "channel_axis": axis}
    out, margin = np.empty_like(x), NLM_PATCH + NLM_DISTANCE
    for band in row_bands(len(x), 1, NLM_ROWS):
        check_cancelled()
        seen = x[max(0, band.start - margin) : band.stop + margin]
        filtered = denoise_nl_means(seen, h=max(0.8 * sigma, 1e-3), sigma=sigma, **settings)
        filtered = filtered.reshape(seen.shape)  # scikit-image drops the axis of a single row or column
        out[band] = filtered[min(margin, band.start) :][: band.stop - band.start]
    return (out.clip(0, 1) * 255).round().astype(np.uint8)


def total_variation(pixels: np.ndarray, weight: float = 0.1) -> np.ndarray:
    """Total-variation denoising (Chambolle, 2004); uint8 `(H, W)` or `(H, W, 3)`, same shape."""
    from skimage.restoration import denoise_tv_chambolle

    axis = -1 if pixels.ndim == 3 else None
    out = denoise_tv_chambolle(pixels.astype(np.float32) / 255, weight=weight, channel_axis=axis)
    return (out.clip(0, 1) * 255).round().astype(np.uint8)


FILTERS = {"median": median, "non_local_means": non_local_means, "total_variation": total_variation}


def jpeg_at_bytes(pixels: np.ndarray, budget: int) -> tuple[np.ndarray, int]:
    """The best JPEG of at most `budget` bytes, decoded, and its size; the smallest possible if none fits."""
    return _at_bytes(pixels, budget, range(1, 96), format="JPEG", optimize=True)


def webp_at_bytes(pixels: np.ndarray, budget: int) -> tuple[np.ndarray, int]:
    """The best lossy WebP of at most `budget` bytes, decoded, and its size; the smallest possible if none fits."""
    return _at_bytes(pixels, budget, range(101), format="WEBP", method=4)


def _at_bytes(pixels: np.ndarray, budget: int, qualities: range, **settings: Any) -> tuple[np.ndarray, int]:
    """The highest quality that fits, by bisection, since file size grows with quality."""
    best, low, high = None, 0, len(qualities)
    while low < high:
        middle = (low + high) // 2
        data = _encoded(pixels, quality=qualities[middle], **settings)
        if len(data) <= budget:
            best, low = data, middle + 1
        else:
            high = middle
    best = best or _encoded(pixels, quality=qualities[0], **settings)
    decoded = np.asarray(Image.open(io.BytesIO(best)).convert("RGB" if pixels.ndim == 3 else "L"))
    return decoded, len(best)


def _encoded(pixels: np.ndarray, **settings: Any) -> bytes:
    buffer = io.BytesIO()
    with scheduler.turn(pixels.shape[0] * pixels.shape[1], comparison=True):
        Image.fromarray(pixels).save(buffer, **settings)
    return buffer.getvalue()
