"""A picture in, a result out: sizes, kinds, figures, errors."""

import os

import numpy as np
import pytest
import torch
from PIL import Image
from random_models import ANY_SIZE, RANDOM, SHIPPED
from samples import SIZES, digit, noise_of, pen_on_paper, photo
from skimage.metrics import peak_signal_noise_ratio

import ae_demo
from ae_demo import checkpoints, inference
from ae_demo.analysis import anomaly
from ae_demo.errors import CheckpointError, ConfigError, PictureError
from ae_demo.functional.noise import Noise
from ae_demo.models import build_model

pytestmark = pytest.mark.usefixtures("random_checkpoints")


@pytest.mark.parametrize("shape", SIZES)
@pytest.mark.parametrize("checkpoint", ANY_SIZE)
def test_reconstruct_any_size(checkpoint, shape):
    pixels = noise_of(shape)
    result = ae_demo.reconstruct(pixels, checkpoint)
    assert result.image.dtype == np.uint8
    assert result.image.shape == shape
    stride = inference.get_model(checkpoint).config.code_stride
    assert result.code.shape[1:] == (-(-shape[0] // stride), -(-shape[1] // stride))
    assert result.seen.shape == result.seen_hat.shape
    assert result.seen.shape[1:] == shape[:2]


@pytest.mark.parametrize(
    "checkpoint", [c for c in RANDOM if c not in ANY_SIZE and RANDOM[c][0]["family"] != "colorization"]
)
@pytest.mark.parametrize("pixels", [digit(), 255 - np.kron(digit(), np.ones((5, 7), np.uint8))], ids=["28", "large"])
@pytest.mark.parametrize("colored", [False, True])
def test_reconstruct_at_the_models_size(checkpoint, pixels, colored):
    pixels = np.repeat(pixels[..., None], 3, axis=2) if colored else pixels
    if checkpoint == "seq2seq-waves":
        with pytest.raises(CheckpointError, match="sequences"):
            ae_demo.reconstruct(pixels, checkpoint)
        return
    result = ae_demo.reconstruct(pixels, checkpoint)
    assert result.image.shape == pixels.shape
    assert result.image.dtype == np.uint8
    config = inference.get_model(checkpoint).config
    assert result.seen.shape == result.seen_hat.shape == config.input_shape
    assert result.code.shape == (config.latent_dim,)


def test_pil_images_are_what_their_arrays_are():
    for mode in ("L", "RGB", "RGBA", "P"):
        image = Image.fromarray(photo()[:40, :50]).convert(mode)
        result = ae_demo.reconstruct(image, "conv-photo")
        expected = image.convert("L" if mode == "L" else "RGB")
        assert result.image.shape[:2] == (40, 50)
        assert np.array_equal(result.image, ae_demo.reconstruct(np.asarray(expected), "conv-photo").image)


@pytest.mark.parametrize("checkpoint", ["conv-photo", "conv-grey", "dense-mnist", "dense-folder"])
def test_figures_are_against_the_picture_given(checkpoint):
    for pixels in (np.kron(digit(3), np.ones((2, 3), np.uint8)), pen_on_paper()):
        result = ae_demo.reconstruct(pixels, checkpoint)
        errors = (result.image.astype(float) - pixels) / 255
        assert result.mse == pytest.approx(np.square(errors).mean(), rel=1e-4)
        assert result.psnr == pytest.approx(peak_signal_noise_ratio(pixels, result.image), abs=1e-3)
        assert -1 <= result.ssim <= 1
        same = ae_demo.reconstruct(pixels, checkpoint)
        assert np.array_equal(same.image, result.image)


def test_fewer_channels_keep_the_first(random_checkpoints):
    pixels = photo()[:64, :80]
    whole = ae_demo.reconstruct(pixels, "conv-photo")
    few = ae_demo.reconstruct(pixels, "conv-photo", channels=2, refinements=0)
    assert np.array_equal(few.code[:2], whole.code[:2])
    assert not few.code[2:].any()
    assert not np.array_equal(few.image, whole.image)
    assert np.array_equal(ae_demo.reconstruct(pixels, "conv-photo", channels=6).image, whole.image)
    for k in range(1, 7):
        result = ae_demo.reconstruct(pixels, "conv-photo", channels=k, refinements=0)
        assert np.array_equal(result.code[:k], whole.code[:k])
        assert not result.code[k:].any()
    for channels in (0, 7, -1, 1.5):
        with pytest.raises(ConfigError, match="give an integer from 1 to 6"):
            ae_demo.reconstruct(pixels, "conv-photo", channels=channels)
    for checkpoint in ("dense-mnist", "conv-mnist", "denoising-photo"):
        with pytest.raises(ConfigError, match="no channels"):
            ae_demo.reconstruct(digit(), checkpoint, channels=1)


@pytest.mark.slow
def test_the_shipped_code_is_ordered(monkeypatch):
    monkeypatch.setattr(checkpoints, "ROOT", SHIPPED)
    most = inference.get_model("conv-photo").config.code_channels
    counts = [1, 2, 4, 8, 16, 32, most]
    pixels = photo()[:160, :240]
    figures = [ae_demo.reconstruct(pixels, checkpoint="conv-photo", channels=k).psnr for k in counts]
    assert figures == sorted(figures)
    assert figures[-1] > figures[0] + 10


@pytest.mark.parametrize("shape", SIZES)
@pytest.mark.parametrize("checkpoint", ["denoising-mnist", "denoising-photo"])
def test_denoise_any_size(checkpoint, shape):
    pixels = noise_of(shape)
    clean = ae_demo.denoise(pixels, checkpoint)
    assert clean.dtype == np.uint8
    assert clean.shape == shape


@pytest.mark.parametrize("checkpoint", ["conv-photo", "denoising-photo"])
def test_a_picture_with_equal_channels_keeps_them_equal(checkpoint, monkeypatch):
    monkeypatch.setattr(checkpoints, "ROOT", SHIPPED)
    grey = photo("photographer")[100:180, 100:190]
    pixels = np.repeat(grey[..., None], 3, 2)
    if checkpoint == "conv-photo":
        outs = [ae_demo.reconstruct(pixels).image, ae_demo.decompress(ae_demo.compress(pixels))]
        alone = [ae_demo.reconstruct(grey).image, ae_demo.decompress(ae_demo.compress(grey))]
    else:
        outs, alone = [ae_demo.denoise(pixels)], [ae_demo.denoise(grey)]
    for out, of_grey in zip(outs, alone, strict=True):
        assert out.shape == pixels.shape
        assert (np.ptp(out, axis=2) == 0).all()
        assert np.array_equal(out[..., 0], of_grey)


def test_a_grey_denoiser_takes_each_plane_of_a_colour_picture():
    pixels = photo()[:50, :61]
    planes = [ae_demo.denoise(pixels[..., c], "denoising-mnist") for c in range(3)]
    together = ae_demo.denoise(pixels, "denoising-mnist").astype(int)
    assert np.abs(together - np.stack(planes, axis=2)).max() <= 1  # they differ in rounding
    image = Image.fromarray(pixels)
    assert np.array_equal(ae_demo.denoise(image, "denoising-photo"), ae_demo.denoise(pixels, "denoising-photo"))


def test_noise_is_added_by_its_seed():
    pixels = photo()[:50, :61]
    levels = Noise(gaussian=0.1, mask=0.2)
    noisy = inference.add_noise(pixels, levels, 3)
    assert noisy.dtype == np.uint8
    assert noisy.shape == pixels.shape
    assert np.array_equal(noisy, inference.add_noise(Image.fromarray(pixels), levels, 3))
    assert not np.array_equal(noisy, inference.add_noise(pixels, levels, 4))
    assert np.array_equal(inference.add_noise(pixels, Noise()), pixels)
    assert (noisy == 0).all(2).mean() == pytest.approx(0.2, abs=0.03)


def test_decode_gives_the_picture_of_a_point():
    model = inference.get_model("vae-mnist")
    picture = inference.decode(0.5, -1.25)
    assert picture.dtype == np.uint8
    assert picture.shape == (28, 28)
    expected = model.decode(torch.tensor([[0.5, -1.25]]))[0, 0].numpy() * 255
    assert np.abs(picture - expected).max() <= 0.51
    many = inference.decode_points(np.array([[0.5, -1.25], [3.0, 2.0]]), "vae-mnist")
    assert many.shape == (2, 1, 28, 28)
    for checkpoint in ("vae-wide", "dense-mnist", "conv-photo"):
        with pytest.raises(CheckpointError, match="codes of shape"):
            inference.decode(0.0, 0.0, checkpoint)


def test_a_checkpoint_of_another_kind_is_refused():
    pixels = photo()[:40, :40]
    for checkpoint in ("conv-photo", "dense-mnist", "colorization-photo"):
        with pytest.raises(CheckpointError, match=f"{checkpoint} does not denoise"):
            ae_demo.denoise(pixels, checkpoint)
    for checkpoint in ("conv-photo", "denoising-photo", "vae-mnist"):
        with pytest.raises(CheckpointError, match=f"{checkpoint} does not colorize"):
            ae_demo.colorize(pixels, checkpoint)
    with pytest.raises(CheckpointError, match="use colorize"):
        ae_demo.reconstruct(pixels, "colorization-photo")
    for call in (ae_demo.reconstruct, ae_demo.denoise, ae_demo.colorize):
        with pytest.raises(CheckpointError, match="no checkpoint 'gone'"):
            call(pixels, checkpoint="gone")
        for no_picture in (None, "text", pixels / 255, pixels[..., :2]):
            with pytest.raises(PictureError):
                call(no_picture)
    with pytest.raises(PictureError, match="blank"):
        ae_demo.reconstruct(np.full((50, 50), 200, np.uint8), "dense-mnist")


def test_a_model_is_kept_until_its_file_changes(tmp_path):
    folder = checkpoints.save(build_model("dense", hidden=(8,)), tmp_path / "it")
    first = inference.get_model(folder)
    assert inference.get_model(str(folder)) is first
    torch.nn.init.zeros_(first.decoder[0].weight)
    checkpoints.save(first, folder)
    path = folder / checkpoints.WEIGHTS
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 10**9))
    second = inference.get_model(folder)
    assert second is not first
    assert not second.decoder[0].weight.any()


def test_error_percentile():
    assert anomaly.error_percentile(0.05, "dense-mnist") == pytest.approx(50)
    assert anomaly.error_percentile(0.0255, "dense-mnist") == pytest.approx(25.5)
    assert anomaly.error_percentile(0.0, "dense-mnist") == 0
    assert anomaly.error_percentile(9.0, "dense-mnist") == 100
    assert anomaly.error_percentile(-1.0, "dense-mnist") == 0


def test_error_percentile_without_a_record(tmp_path):
    folder = checkpoints.save(build_model("dense", hidden=(8,)), tmp_path / "it", {"figures": {}})
    assert anomaly.error_percentile(0.1, folder) is None
