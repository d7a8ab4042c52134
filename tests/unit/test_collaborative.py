"""Collaborative filtering after the network: what it takes for Gaussian noise, its groups and its gain."""

import numpy as np
import pytest
import torch
from random_models import SHIPPED

import ae_demo
from ae_demo import checkpoints, inference
from ae_demo.data import load_bundled_photos
from ae_demo.functional import noise
from ae_demo.functional.noise import Noise
from ae_demo.inference import collaborative, denoising
from ae_demo.inference.collaborative import filter_collaboratively, gaussian_level, similar_patches, wiener

SIGMA = 0.1


def stripes(height=60, width=75):
    """A texture that repeats, `(1, H, W)` in [0.2, 0.8]."""
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    return (0.5 + 0.3 * torch.sin(1.3 * x + 0.7 * y))[None]


def as_bytes(x):
    return (255 * x).round().byte()


def corrupted(x, levels):
    return as_bytes(noise.corrupt(x[None], levels, seed=0)[0])


def mse(x, y):
    return (x.float() - y.float()).square().mean().item()


@pytest.mark.parametrize("sigma", [0.03, 0.06, 0.1])
def test_the_level_of_gaussian_noise_is_measured(sigma):
    clean = stripes(100, 100)
    assert gaussian_level(corrupted(clean, Noise(gaussian=sigma)), as_bytes(clean)) == pytest.approx(sigma, rel=0.06)


@pytest.mark.parametrize(
    "levels",
    [
        Noise(),
        Noise(salt_and_pepper=0.02),
        Noise(salt_and_pepper=0.3),
        Noise(mask=0.2),
        Noise(dropout=0.2),
        Noise(gaussian=0.1, salt_and_pepper=0.1, mask=0.2),
    ],
)
def test_other_noise_is_not_taken_for_gaussian(levels):
    clean = stripes(100, 100)
    assert gaussian_level(corrupted(clean, levels), as_bytes(clean)) is None


def test_coarse_noise_is_not_taken_for_white():
    clean = stripes(100, 100)
    white = torch.randn(1, 101, 101, generator=torch.Generator().manual_seed(0))
    coarse = (white[:, 1:, 1:] + white[:, :-1, 1:] + white[:, 1:, :-1] + white[:, :-1, :-1]) / 2
    assert gaussian_level(as_bytes((clean + SIGMA * coarse).clamp(0, 1)), as_bytes(clean)) is None


def patches_of(guide):
    """All patches of `(H, W)`: `(h, w, PATCH²)`."""
    return guide.unfold(0, collaborative.PATCH, 1).unfold(1, collaborative.PATCH, 1).flatten(2)


def test_the_most_similar_patches_are_found():
    guide = torch.rand(40, 40, generator=torch.Generator().manual_seed(0))
    guide[8:14, 8:14] = guide[13:19, 3:9]
    groups = similar_patches(patches_of(guide))
    corners = [(y, x) for y in range(0, 35, collaborative.STEP) for x in range(0, 35, collaborative.STEP)]
    assert groups.shape == (len(corners), collaborative.GROUP)
    assert groups[:, 0].tolist() == [y * 35 + x for y, x in corners]
    assert groups[corners.index((8, 8)), 1] == 13 * 35 + 3


def test_groups_stay_within_the_picture():
    groups = similar_patches(patches_of(torch.rand(10, 13, generator=torch.Generator().manual_seed(0))))
    assert groups.shape == (4, collaborative.GROUP)
    assert groups.min() >= 0
    assert groups.max() < 5 * 8
    assert all(len(set(group.tolist())) == len(group) for group in groups)


def test_without_noise_nothing_is_filtered_and_with_much_nothing_is_believed():
    pilot = torch.rand(1, 60, 75, generator=torch.Generator().manual_seed(1))  # power in all coefficients
    noisy = pilot + 0.05 * torch.randn(pilot.shape, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(wiener(noisy, pilot, 1e-6), noisy, atol=1e-3)
    assert wiener(noisy, pilot, 1e4).abs().max() < 1e-3


def test_the_bias_of_clipping():
    x = torch.tensor([0.0, 0.05, 0.5, 0.9, 1.0])
    drawn = SIGMA * torch.randn(200_000, 1, generator=torch.Generator().manual_seed(0))
    measured = ((x + drawn).clamp(0, 1) - x).mean(0)
    assert torch.allclose(collaborative.clipping_bias(x, SIGMA), measured, atol=1e-3)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [(60, 75), (10, 13)])
def test_detail_that_repeats_comes_back(channels, size):
    clean = stripes(*size).expand(channels, -1, -1) * torch.linspace(0.8, 1, channels).view(-1, 1, 1)
    noisy = corrupted(clean, Noise(gaussian=SIGMA))
    blurred = as_bytes(0.6 * clean + 0.2)  # a network that lost contrast
    filtered = filter_collaboratively(noisy, blurred, SIGMA)
    assert filtered.shape == noisy.shape
    assert filtered.dtype == torch.uint8
    assert mse(filtered, as_bytes(clean)) < 0.6 * mse(blurred, as_bytes(clean))


def test_tiles_join_without_a_seam(monkeypatch):
    clean = stripes(100, 90)
    noisy, denoised = corrupted(clean, Noise(gaussian=SIGMA)), as_bytes(0.9 * clean + 0.05)
    whole, shares = filter_collaboratively(noisy, denoised, SIGMA), []
    monkeypatch.setattr(collaborative, "TILE", 32)
    tiled = filter_collaboratively(noisy, denoised, SIGMA, shares.append)
    assert shares[-1] == 1
    assert mse(tiled, whole) < 0.05 * mse(denoised, whole)


def test_a_picture_smaller_than_a_group_is_left_as_it_is():
    denoised = as_bytes(stripes(9, 40))
    assert torch.equal(filter_collaboratively(denoised, denoised, SIGMA), denoised)


@pytest.mark.parametrize("grey", [True, False])
def test_photographs_with_gaussian_noise_gain(grey, monkeypatch):
    monkeypatch.setattr(checkpoints, "ROOT", SHIPPED)
    clean = load_bundled_photos()["coffee"][100:260, 150:330]
    clean = np.ascontiguousarray(clean[..., 1]) if grey else clean
    noisy, shares = inference.add_noise(clean, Noise(gaussian=25 / 255)), []
    before, after = (
        ae_demo.denoise(noisy, orientations=1, collaborative=on, progress=shares.append) for on in (False, True)
    )
    assert shares[-1] == 1
    errors = [np.square(out.astype(float) - clean).mean() for out in (before, after)]
    assert errors[1] < 0.97 * errors[0]


@pytest.mark.parametrize(("levels", "gain"), [(Noise(gaussian=25 / 255), 0.1), (Noise(salt_and_pepper=0.3), 0)])
def test_gaussian_noise_is_left_to_the_model_for_it(levels, gain, monkeypatch):
    monkeypatch.setattr(checkpoints, "ROOT", SHIPPED)
    clean = load_bundled_photos()["photographer"][100:260, 150:330]
    noisy = inference.add_noise(clean, levels)
    best = ae_demo.denoise(noisy, orientations=2)
    monkeypatch.setattr(denoising, "SPECIALISTS", {})
    blind = ae_demo.denoise(noisy, orientations=2)
    psnr = [-10 * np.log10(np.square(out / 255 - clean / 255).mean()) for out in (best, blind)]
    assert psnr[0] - psnr[1] > gain if gain else np.array_equal(best, blind)


def test_salt_and_pepper_is_left_to_the_network(monkeypatch):
    monkeypatch.setattr(checkpoints, "ROOT", SHIPPED)
    noisy = inference.add_noise(load_bundled_photos()["coffee"][100:200, 150:260], Noise(salt_and_pepper=0.2))
    on, off = (ae_demo.denoise(noisy, orientations=1, collaborative=on) for on in (True, False))
    assert np.array_equal(on, off)
