"""Metrics: against scikit-image, scikit-learn and NumPy, at every size from 1×1 to large, with gradients."""

import numpy as np
import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from sklearn.metrics import roc_auc_score

from ae_demo.errors import DataError, ShapeError
from ae_demo.functional import metrics

SHAPES = [(2, 1, 28, 28), (2, 3, 33, 20), (1, 3, 11, 11)]


def pair(shape, seed=0):
    g = torch.Generator().manual_seed(seed)
    x = torch.rand(shape, generator=g)
    return (x + 0.2 * torch.randn(shape, generator=g)).clamp(0, 1), x


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_mse_and_psnr_agree_with_numpy_and_skimage(shape):
    x_hat, x = pair(shape)
    for i, (a, b) in enumerate(zip(x_hat.numpy(), x.numpy(), strict=True)):
        assert metrics.mse(x_hat, x)[i].item() == pytest.approx(((a - b) ** 2).mean(), rel=1e-5)
        assert metrics.psnr(x_hat, x)[i].item() == pytest.approx(peak_signal_noise_ratio(b, a, data_range=1), rel=1e-5)


def test_identical_pictures_have_the_capped_psnr():
    x = torch.rand(3, 1, 4, 4)
    assert torch.equal(metrics.psnr(x, x), torch.full((3,), metrics.PSNR_CAP))
    x_hat = torch.cat((x[:1], 1 - x[1:]))
    assert torch.isfinite(metrics.psnr(x_hat, x).mean())


@pytest.mark.parametrize("shape", [*SHAPES, (1, 1, 6, 40)], ids=str)
def test_ssim_agrees_with_skimage(shape):
    """scikit-image mirrors the border in another way, so it is given pictures whose border is there already."""
    x_hat, x = pair(shape)
    for i in range(shape[0]):
        a, b = (np.pad(p[i].double().numpy(), ((0, 0), (5, 5), (5, 5)), mode="reflect") for p in (x_hat, x))
        _, full = structural_similarity(
            a,
            b,
            data_range=1,
            channel_axis=0,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
            full=True,
        )
        assert metrics.ssim(x_hat, x)[i].item() == pytest.approx(full[:, 5:-5, 5:-5].mean(), abs=2e-5)


def test_ssim_is_that_of_torchmetrics():
    from torchmetrics.functional.image import structural_similarity_index_measure

    x_hat, x = pair((4, 3, 40, 30))
    _, full = structural_similarity_index_measure(x_hat, x, data_range=1.0, return_full_image=True)
    torch.testing.assert_close(metrics.ssim(x_hat, x), full.mean(dim=(1, 2, 3)))


@pytest.mark.parametrize("tile", [1, 2_000, 9_000])
def test_bands_and_chunks_change_nothing(tile, monkeypatch):
    x_hat, x = pair((3, 3, 75, 31))
    whole = metrics.ssim(x_hat, x)
    monkeypatch.setattr(metrics, "_TILE", tile)
    torch.testing.assert_close(metrics.ssim(x_hat, x), whole)


def test_ssim_never_sees_a_large_picture_whole(monkeypatch):
    """Its memory grows with the largest piece, so that is what must stay bounded."""
    pieces, real = [], metrics._ssim_inside

    def recording(a, b):
        pieces.append(a.numel())
        return real(a, b)

    monkeypatch.setattr(metrics, "_ssim_inside", recording)
    monkeypatch.setattr(metrics, "_TILE", 2**14)
    metrics.ssim(*pair((1, 3, 400, 300)))
    metrics.ssim(*pair((300, 1, 28, 28)))
    assert len(pieces) > 20
    assert max(pieces) < 4 * 2**14


@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (2, 3, 1, 7), (1, 3, 5, 300), (2, 1, 5, 5), (1, 1, 10, 6)], ids=str)
def test_ssim_of_pictures_smaller_than_its_window(shape):
    x_hat, x = pair(shape)
    value = metrics.ssim(x_hat, x)
    assert (value.shape, value.dtype) == ((shape[0],), torch.float32)
    assert ((value >= -1) & (value < 1)).all()
    torch.testing.assert_close(metrics.ssim(x, x), torch.ones(shape[0]), atol=5e-4, rtol=0)


def test_ssim_of_a_single_pixel_is_the_luminance_term():
    a, b, c1 = 0.2, 0.7, 0.01**2
    value = metrics.ssim(torch.full((1, 1, 1, 1), a), torch.full((1, 1, 1, 1), b)).item()
    assert value == pytest.approx((2 * a * b + c1) / (a * a + b * b + c1), abs=5e-4)


@pytest.mark.parametrize("fill", [None, 0.0, 1.0])
@pytest.mark.parametrize("function", [metrics.mse, metrics.psnr, metrics.ssim])
@pytest.mark.parametrize("shape", [(2, 3, 16, 16), (1, 1, 2, 2)], ids=str)
def test_gradients_are_finite(function, shape, fill):
    x_hat, x = pair(shape) if fill is None else (torch.full(shape, fill), torch.full(shape, fill))
    x_hat.requires_grad_()
    function(x_hat, x).sum().backward()
    assert torch.isfinite(x_hat.grad).all()
    assert (x_hat.grad != 0).any() == (fill is None)


def test_ssim_keeps_its_digits_under_autocast():
    x_hat, x = pair((2, 1, 28, 28))
    exact = metrics.ssim(x_hat, x)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        torch.testing.assert_close(metrics.ssim(x_hat, x), exact)
    assert metrics.ssim(x_hat.bfloat16(), x).dtype == torch.float32


def reference_colourfulness(picture):
    red, green, blue = 255 * picture.astype(np.float64)
    rg, yb = red - green, (red + green) / 2 - blue
    return np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean())


@pytest.mark.parametrize("shape", [(3, 3, 20, 30), (1, 3, 1, 1)], ids=str)
def test_colourfulness_agrees_with_its_formula(shape):
    x, _ = pair(shape)
    expected = [reference_colourfulness(picture) for picture in x.numpy()]
    assert metrics.colourfulness(x).tolist() == pytest.approx(expected, rel=1e-4)


def test_colourfulness_of_known_pictures():
    red = torch.tensor([1.0, 0, 0]).view(1, 3, 1, 1).expand(1, 3, 8, 8)
    assert metrics.colourfulness(red).item() == pytest.approx(0.3 * 255 * 1.25**0.5, rel=1e-5)
    grey = torch.rand(1, 1, 8, 8).expand(1, 3, 8, 8).clone().requires_grad_()
    assert metrics.colourfulness(grey).item() == pytest.approx(0, abs=1e-3)
    metrics.colourfulness(grey).sum().backward()
    assert torch.isfinite(grey.grad).all()


def test_auroc_agrees_with_sklearn():
    rng = np.random.default_rng(0)
    is_anomaly = rng.random(300) < 0.2
    scores = (rng.standard_normal(300) + is_anomaly).astype(np.float32)
    for each in (scores, scores.round(1)):  # many of the rounded scores are equal
        value = metrics.auroc(torch.from_numpy(each), torch.from_numpy(is_anomaly))
        assert isinstance(value, float)
        assert value == pytest.approx(roc_auc_score(is_anomaly, each), abs=1e-12)
        assert 0.6 < value < 0.95


@pytest.mark.parametrize(
    ("scores", "is_anomaly", "expected"),
    [([1, 2, 3.0], [0, 0, 1], 1.0), ([3, 2, 1.0], [0, 0, 1], 0.0), ([1, 1, 1.0], [0, 1, 1], 0.5)],
)
def test_auroc_of_known_orders(scores, is_anomaly, expected):
    assert metrics.auroc(torch.tensor(scores), torch.tensor(is_anomaly)) == expected


@pytest.mark.parametrize(
    ("scores", "is_anomaly", "error"),
    [
        ([1.0, 2.0], [True, True], DataError),
        ([], [], DataError),
        ([1.0, float("nan")], [True, False], DataError),
        ([1.0], [True, False], ShapeError),
    ],
)
def test_auroc_refuses_what_it_cannot_judge(scores, is_anomaly, error):
    with pytest.raises(error):
        metrics.auroc(torch.tensor(scores), torch.tensor(is_anomaly))


@pytest.mark.parametrize("function", [metrics.mse, metrics.psnr, metrics.ssim])
def test_shapes_that_would_broadcast_are_refused(function):
    with pytest.raises(ShapeError, match="equal"):
        function(torch.rand(2, 3, 8, 8), torch.rand(2, 1, 8, 8))


@pytest.mark.parametrize("shape", [(4, 8, 8), (1, 1, 0, 4)], ids=str)
def test_ssim_and_colourfulness_take_pictures_only(shape):
    x = torch.rand(shape)
    with pytest.raises(ShapeError, match=r"B, C, H, W"):
        metrics.ssim(x, x)
    with pytest.raises(ShapeError, match=r"B, 3, H, W"):
        metrics.colourfulness(x)


@pytest.mark.slow
def test_slow_libraries_wait_until_they_are_used():
    import subprocess
    import sys

    code = "import sys, ae_demo.functional.losses; print([m for m in ('scipy', 'sklearn') if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
