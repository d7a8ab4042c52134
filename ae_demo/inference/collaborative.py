"""Collaborative Wiener filtering: what a network takes for noise may stand out in many alike places of the picture.

The second step of BM3D (Dabov et al., 2007, "Image Denoising by Sparse 3-D Transform-Domain Collaborative Filtering",
section III), whose first estimate x̂ is here a network's output (as in Cruz et al., 2018, "Nonlocality-Reinforced
Convolutional Neural Networks for Image Denoising"). The most similar patches of x̂ form a group. With T, the cosine
transform along rows, columns and the group, the noisy patches y become  T⁻¹(w · T y),  w = (T x̂)² / ((T x̂)² + σ²),
and overlapping patches are averaged with the weights 1 / ‖w‖². Clipping makes noise brighter on average where the
picture is black, and darker where it is white: that is subtracted first.
"""

from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..functional import color
from .scheduler import check_cancelled, scheduler
from .tiles import Box, Progress, tiles_of

PATCH = 6  # pixels on a side
STEP = 4  # pixels between patches whose groups are filtered
WINDOW = 10  # pixels: similar patches are at most so far away, in rows and in columns
GROUP = 16  # patches
SHARE = 0.75  # of the filtered picture in the result; the rest is the network's
TILE = 256  # pixels
_CHUNK = 2048  # groups at once


def gaussian_level(noisy: Tensor, denoised: Tensor) -> float | None:
    """Standard deviation of the noise that a denoiser removed, with pixels in [0, 1]; None unless it is white Gaussian.

    noisy, denoised: uint8 `(C, H, W)`

    Gaussian noise has a mean of 0, a kurtosis of 3 and neighbours that do not correlate; salt and pepper and masks have
    a kurtosis above 5, or a mean that differs from 0. Pixels near black or white, where the noise was clipped, are left
    out where enough others remain.
    """
    estimate = denoised.float() / 255
    removed = noisy.float() / 255 - estimate
    margin = 2.5 * removed.std(correction=0)
    inside = (estimate > margin) & (estimate < 1 - margin)
    if inside.float().mean() < 0.05:
        inside = torch.ones_like(inside)
    values = removed[inside]
    sigma = values.square().mean().sqrt().item()
    if sigma < 3 / 255 or values.mean().abs() > 0.25 * sigma or values.pow(4).mean() > 4.8 * sigma**4:
        return None
    for axis in (1, 2):
        length = removed.shape[axis] - 1
        both = inside.narrow(axis, 0, length) & inside.narrow(axis, 1, length)
        products = removed.narrow(axis, 0, length) * removed.narrow(axis, 1, length)
        if not both.any() or products[both].mean().abs() > 0.2 * sigma**2:
            return None
    return sigma


def filter_collaboratively(
    noisy: Tensor, denoised: Tensor, sigma: float, progress: Progress = lambda share: None
) -> Tensor:
    """The network's output with the detail that similar patches of the noisy picture share: uint8 `(C, H, W)`.

    noisy, denoised: uint8 `(C, H, W)`, 1 or 3 channels
    sigma: standard deviation of the white noise that was removed, with pixels in [0, 1], see `gaussian_level`
    progress: called after each tile with the share that is done
    """
    size = (noisy.shape[1], noisy.shape[2])
    if min(size) < PATCH + STEP:
        return denoised
    out = torch.empty_like(denoised)
    tiles = tiles_of(size, TILE, WINDOW + PATCH, STEP)
    for done, tile in enumerate(tiles, 1):
        y, x_hat = (_crop(x, tile.seen).float() / 255 for x in (noisy, denoised))
        y, pilot = _opponent(y - clipping_bias(x_hat, sigma)), _opponent(x_hat)
        with torch.inference_mode(), scheduler.turn(y.shape[1] * y.shape[2]):
            filtered = _opponent(torch.lerp(pilot, wiener(y, pilot, sigma), SHARE), back=True)
        _crop(out, tile.kept).copy_((255 * _crop(filtered, tile.within()).clamp(0, 1)).round())
        progress(done / len(tiles))
    return out


def clipping_bias(x: Tensor, sigma: float) -> Tensor:
    """E[clip(x + σ ε)] − x: how much brighter noise makes what is black, and darker what is white, as it is clipped."""

    def below(x: Tensor) -> Tensor:
        """E[max(−x − σ ε, 0)] = σ φ(x / σ) − x Φ(−x / σ)."""
        z = x / sigma
        return sigma * torch.exp(-z.square() / 2) / math.sqrt(2 * math.pi) - x * torch.special.ndtr(-z)

    return below(x) - below(1 - x)


def wiener(noisy: Tensor, pilot: Tensor, sigma: float) -> Tensor:
    """Filter the channels of `(C, H, W)` by the spectra of `pilot`, in groups of patches alike in its first channel."""
    height, width = noisy.shape[1:]
    lower, right = (-(side - PATCH) % STEP for side in (height, width))  # so that patches reach the border
    noisy, pilot = (F.pad(x[None], (0, right, 0, lower), mode="reflect")[0] for x in (noisy, pilot))
    across, along = _cosines(PATCH), _cosines(GROUP)
    planar = torch.kron(across, across).view(PATCH**2, 1, PATCH, PATCH)
    bump = torch.kaiser_window(PATCH, periodic=False, beta=2.0)
    bump = torch.outer(bump, bump)[None, None]
    groups, out = similar_patches(_spectra(pilot[0], planar)), torch.empty_like(noisy)
    for c in range(len(noisy)):
        spectra, expected = (_spectra(x[c], planar) for x in (noisy, pilot))  # (h, w, PATCH²)
        grid, spectra, expected = spectra.shape[:2], spectra.flatten(0, 1), expected.flatten(0, 1)
        total, weight = torch.zeros_like(spectra), spectra.new_zeros(len(spectra), 1)
        for starts in groups.split(_CHUNK):
            check_cancelled()
            power = (along @ expected[starts]).square_()  # (n, GROUP, PATCH²)
            w = power / (power + sigma**2)
            share = 1 / w.square().sum((1, 2), keepdim=True).clamp(min=1e-3)
            filtered = along.T @ ((along @ spectra[starts]) * w) * share
            total.index_add_(0, starts.flatten(), filtered.flatten(0, 1))
            weight.index_add_(0, starts.flatten(), share.expand(-1, GROUP, -1).reshape(-1, 1))
        out[c] = _overlapped(total.view(*grid, -1), planar * bump) / _overlapped(weight.view(*grid, 1), bump)
    return out[:, :height, :width]


def _spectra(x: Tensor, planar: Tensor) -> Tensor:
    """The transforms of all patches of `(H, W)`: `(h, w, PATCH²)`, of which h = H − PATCH + 1 and w = W − PATCH + 1."""
    return F.conv2d(x[None, None].to(memory_format=torch.channels_last), planar)[0].permute(1, 2, 0).contiguous()


def _overlapped(spectra: Tensor, basis: Tensor) -> Tensor:
    """The sum of overlapping patches: `spectra` `(h, w, n)` in the `basis` `(n, 1, PATCH, PATCH)` to `(H, W)`."""
    return F.conv2d(spectra[None].permute(0, 3, 1, 2), basis.flip(2, 3).transpose(0, 1), padding=PATCH - 1)[0, 0]


def similar_patches(patches: Tensor) -> Tensor:
    """For every `STEP`th of the patches `(h, w, n)`, the `GROUP` most similar ones: indices into h · w, `(N, GROUP)`.

    The first of a group is the patch itself. ‖p − q‖² = ‖p‖² + ‖q‖² − 2 p · q, of which ‖p‖² is left out.
    """
    height, width = patches.shape[:2]
    side, wide = 2 * WINDOW + 1, width + 2 * WINDOW
    padded = F.pad(patches, (0, 0, WINDOW, WINDOW, WINDOW, WINDOW))
    norms = F.pad(patches.square().sum(2), (WINDOW,) * 4, value=math.inf)  # beyond the border is nothing similar
    rows, columns = torch.arange(0, height, STEP), torch.arange(0, width, STEP)
    distances = torch.empty(len(rows), len(columns), side, side)
    for row, out in zip(rows.tolist(), distances, strict=True):
        products = patches[row, ::STEP] @ padded[row : row + side].flatten(0, 1).T  # with patches in the same rows
        near = products.as_strided(out.shape, (side * wide + STEP, wide, 1))  # and in near columns
        torch.sub(norms.as_strided(out.shape, (STEP, wide, 1), row * wide), near, alpha=2, out=out)
    distances[:, :, WINDOW, WINDOW] = -math.inf
    nearest = distances.flatten(2).topk(GROUP, largest=False).indices  # (rows, columns, GROUP)
    around = torch.arange(-WINDOW, WINDOW + 1)
    moves = (around[:, None] * width + around).flatten()
    return ((rows[:, None] * width + columns)[..., None] + moves[nearest]).flatten(0, 1)


def _cosines(n: int) -> Tensor:
    """The orthonormal discrete cosine transform, DCT-II, as a matrix `(n, n)`."""
    from scipy.fft import dct

    return torch.from_numpy(dct(np.eye(n), axis=0, norm="ortho")).float()


def _crop(x: Tensor, box: Box) -> Tensor:
    """A view of the rows and columns `box` of `(C, H, W)`."""
    return x[:, box[0], box[1]]


def _opponent(x: Tensor, back: bool = False) -> Tensor:
    """Three channels `(3, H, W)` to luminance and two colour differences, or back; one channel as it is."""
    if len(x) == 1:
        return x
    matrix = color.opponent_matrix().float()
    return torch.einsum("ij,jhw->ihw", matrix.T if back else matrix, x)
