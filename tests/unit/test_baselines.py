"""What the models are compared with: PCA, classical filters, and codecs at as many bytes."""

import io

import numpy as np
import pytest
import torch
from PIL import Image
from samples import SIZES, grey, mse, noise_of, photo
from sklearn.decomposition import PCA

from ae_demo import inference
from ae_demo.analysis import baselines
from ae_demo.data import Samples, load_dataset
from ae_demo.data.pictures import to_tensor
from ae_demo.functional.noise import Noise


@pytest.fixture
def small_pictures(monkeypatch):
    """PCA fitted to pictures of 36 pixels."""
    generator = torch.Generator().manual_seed(0)
    train = torch.randint(256, (200, 1, 6, 6), dtype=torch.uint8, generator=generator)
    train[:, :, :3] //= 4  # so that directions differ
    monkeypatch.setattr(baselines, "load_dataset", lambda name: Samples(name, train, train[:5]))
    baselines.fit_pca.cache_clear()
    yield train.float() / 255
    baselines.fit_pca.cache_clear()


def test_pca_with_all_components_is_exact_and_fewer_are_not(small_pictures):
    x = small_pictures
    torch.testing.assert_close(baselines.pca_reconstruct(x, 36), x, atol=1e-5, rtol=0)
    errors = [(baselines.pca_reconstruct(x, k) - x).square().mean().item() for k in (1, 8, 20, 36)]
    assert errors == sorted(errors, reverse=True)
    flat = x.flatten(1).double()
    eigenvalues = torch.linalg.eigvalsh(flat.T.cov()).flip(0)
    expected = eigenvalues[8:].sum().item() / 36 * 199 / 200  # what the components left out hold
    assert errors[1] == pytest.approx(expected, rel=0.02)


def test_pca_has_the_axes_of_scikit_learn():
    x = load_dataset("digits").train[:500].flatten(1).float() / 255
    ours, theirs = baselines.Pca.fit(x, 5), PCA(5, svd_solver="full").fit(x.numpy())
    np.testing.assert_allclose(np.abs((ours.axes * theirs.components_).sum(1)), 1, atol=1e-3)
    assert (ours.axes.max(1) >= -ours.axes.min(1)).all()
    np.testing.assert_allclose(np.abs(ours.transform(x.numpy())), np.abs(theirs.transform(x.numpy())), atol=1e-2)


def test_non_local_means_in_bands_is_that_of_the_whole(monkeypatch):
    pixels = photo()[:200, :120]
    in_bands = baselines.non_local_means(pixels).astype(int)
    monkeypatch.setattr(baselines, "NLM_ROWS", 1000)
    assert np.abs(in_bands - baselines.non_local_means(pixels)).max() <= 1


def test_pca_of_digits_beats_their_mean():
    x = load_dataset("digits").test[:100].float() / 255
    x_hat = baselines.pca_reconstruct(x, 16)
    assert x_hat.shape == x.shape
    assert (x_hat - x).square().mean() < 0.6 * (x.mean(0) - x).square().mean()


@pytest.mark.parametrize("size", [(64, 64), (37, 21), (1, 1), (3, 500)])
def test_block_pca_is_exact_with_all_192(size):
    x = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(baselines.block_pca_reconstruct(x, 192), x, atol=1e-4, rtol=0)
    assert baselines.block_pca_reconstruct(x, 3).shape == x.shape


def test_the_lowest_frequencies_are_exact_with_all_and_better_the_more_there_are():
    x = to_tensor(photo()[:40, :56])
    errors = [(baselines.dct_reconstruct(x, count) - x).square().mean().item() for count in (1, 16, 128, 1024)]
    assert errors == sorted(set(errors), reverse=True)
    assert errors[0] < (x - 0.5).square().mean()  # one number is the mean lightness
    light = x.mean(1, keepdim=True)
    torch.testing.assert_close(baselines.dct_reconstruct(light, 40 * 56), light, atol=1e-5, rtol=0)


def test_block_pca_betters_with_each_component():
    x = to_tensor(photo()[:200, :200])
    errors = [(baselines.block_pca_reconstruct(x, k) - x).square().mean().item() for k in (1, 3, 12, 48, 192)]
    assert errors == sorted(errors, reverse=True)
    assert errors[2] < 0.01
    _, basis = baselines.fit_block_pca()
    torch.testing.assert_close(basis @ basis.T, torch.eye(192), atol=1e-4, rtol=0)


@pytest.mark.parametrize("colored", [False, True])
@pytest.mark.parametrize(
    ("name", "levels", "share"),
    [
        ("median", Noise(salt_and_pepper=0.1), 0.15),
        ("non_local_means", Noise(gaussian=0.1), 0.5),
        ("total_variation", Noise(gaussian=0.1), 0.6),
    ],
)
def test_each_filter_lowers_the_noise_it_is_for(name, levels, share, colored):
    clean = photo("astronaut")[100:260, 120:280]
    clean = clean if colored else grey(clean)
    noisy = inference.add_noise(clean, levels)
    filtered = baselines.FILTERS[name](noisy)
    assert filtered.dtype == np.uint8
    assert mse(filtered, clean) < share * mse(noisy, clean)


@pytest.mark.parametrize("shape", [*SIZES, (2, 1), (1, 2, 3)])
@pytest.mark.parametrize("name", baselines.FILTERS)
def test_filters_take_any_size(name, shape):
    for pixels in (noise_of(shape), np.full(shape, 77, np.uint8)):
        filtered = baselines.FILTERS[name](pixels)
        assert filtered.shape == shape
        assert filtered.dtype == np.uint8


@pytest.mark.parametrize("pixels", [photo()[:120, :160], grey(photo())[:120, :160]], ids=["colour", "grey"])
@pytest.mark.parametrize("at_bytes", [baselines.jpeg_at_bytes, baselines.webp_at_bytes])
def test_codecs_stay_within_their_budget_and_use_it(at_bytes, pixels):
    errors = []
    for budget in (1200, 2000, 3000, 10**7):
        decoded, size = at_bytes(pixels, budget)
        assert size <= budget
        assert decoded.shape == pixels.shape
        assert decoded.dtype == np.uint8
        assert size > 0.8 * budget or budget == 10**7
        errors.append(mse(decoded, pixels))
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < errors[0] / 4
    for name, at_bytes, least in (("JPEG", baselines.jpeg_at_bytes, 1), ("WEBP", baselines.webp_at_bytes, 0)):
        smallest = io.BytesIO()
        Image.fromarray(pixels).save(smallest, name, quality=least, optimize=True, method=4)
        assert at_bytes(pixels, 10)[1] == smallest.tell()  # none fits: the smallest there is
