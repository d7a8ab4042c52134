"""Large pictures give the same result in tiles and in half precision as in one piece."""

import copy
from functools import partial

import numpy as np
import pytest
import torch
from random_models import ANY_SIZE, SHIPPED
from samples import photo

import ae_demo
from ae_demo import checkpoints, inference
from ae_demo.data.pictures import to_tensor
from ae_demo.errors import ConfigError
from ae_demo.functional import metrics
from ae_demo.functional.noise import Noise
from ae_demo.inference import model_cache, tiles
from ae_demo.models import build_model
from ae_demo.models.blocks import ResidualBlock

pytestmark = pytest.mark.usefixtures("random_checkpoints")


@pytest.mark.parametrize("checkpoint", ANY_SIZE)
@pytest.mark.parametrize(("size", "batch"), [((203, 310), 1), ((70, 90), 2), ((64, 64), 1)])
def test_tiles_give_what_the_whole_gives(checkpoint, size, batch):
    model = checkpoints.load(checkpoint)  # random weights in bfloat16 are chaos
    x = torch.rand(batch, model.config.input_shape[0], *size, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        whole, code = model.reconstruct(x), model.encode(x)
    shares = []
    reach = model.config.reach  # random weights feel all of it
    x_hat, z = inference.run_tiled(model, x, tile=60, overlap=reach, progress=shares.append)
    assert whole.std() > 0.05
    assert (x_hat - whole).abs().max() < 1 / 255
    torch.testing.assert_close(z, code, atol=2e-3, rtol=0)
    step = -(-60 // model.config.factor) * model.config.factor
    tiles = -(-size[0] // step) * -(-size[1] // step)
    assert shares == pytest.approx([(n + 1) / tiles for n in range(tiles)])
    if size == (203, 310):  # that the overlap is needed shows without it
        x_hat, _ = inference.run_tiled(model, x, tile=60, overlap=0)
        assert (x_hat - whole).abs().max() > 5 / 255


@pytest.mark.parametrize("checkpoint", ANY_SIZE)
@pytest.mark.parametrize("size", [(203, 310), (65, 71)])
@pytest.mark.parametrize("orientations", [2, 8])
def test_the_mean_over_orientations_is_the_same_in_tiles(checkpoint, size, orientations):
    model = checkpoints.load(checkpoint)
    x = torch.rand(1, model.config.input_shape[0], *size, generator=torch.Generator().manual_seed(0))
    tiled, whole = (
        inference.run_tiled(model, x, tile=tile, overlap=model.config.reach, orientations=orientations)[0]
        for tile in (60, 1024)
    )
    once, _ = inference.run_tiled(model, x)
    assert (tiled - whole).abs().max() < 1 / 255
    assert (whole - once).abs().max() > 1 / 255


@pytest.mark.slow
def test_photographs_are_denoised_in_several_orientations(monkeypatch):
    monkeypatch.setattr(checkpoints, "ROOT", SHIPPED)
    clean = photo("photographer")[100:300, 100:300]
    noisy = inference.add_noise(clean, Noise(gaussian=0.1))
    network = partial(ae_demo.denoise, collaborative=False)
    once, twice, eight = (network(noisy, orientations=count).astype(float) for count in (1, 2, 8))
    of_turned = np.rot90(network(np.ascontiguousarray(np.rot90(noisy, 2)), orientations=1), 2)
    assert np.abs(twice - (once + of_turned) / 2).max() <= 1.5
    errors = [np.square(result - clean).mean() for result in (once, twice, eight)]
    assert errors[1] < 0.99 * errors[0]
    assert errors[2] < 0.99 * errors[1]
    assert np.array_equal(network(noisy), eight)  # what a small picture gets if nothing is asked for
    digit = photo("photographer")[:28, :28]
    assert np.array_equal(*(ae_demo.denoise(digit, "denoising-mnist", orientations=count) for count in (1, 8)))
    with pytest.raises(ConfigError, match="orientations is 3; give 1, 2, 4 or 8"):
        ae_demo.denoise(noisy, orientations=3)


@pytest.mark.parametrize("levels", [Noise(), Noise(gaussian=0.2), Noise(salt_and_pepper=0.7), Noise(mask=0.7)])
@pytest.mark.parametrize("checkpoint", ["conv-photo", "denoising-photo"])
@pytest.mark.slow
def test_shipped_weights_show_no_seams(monkeypatch, checkpoint, levels):
    monkeypatch.setattr(checkpoints, "ROOT", SHIPPED)
    if checkpoint == "conv-photo" and levels != Noise():
        pytest.skip("it is not for noise")
    pixels = inference.add_noise(photo("hubble")[:144, :216], levels)
    x = to_tensor(pixels)
    monkeypatch.setattr(model_cache, "multiplies_bfloat16", lambda device: True)
    plain, quick = (
        checkpoints.load(checkpoint),
        model_cache.optimize_for_inference(checkpoints.load(checkpoint)),
    )  # bfloat16 in part
    with torch.inference_mode():
        wholes = [model.reconstruct(x) for model in (plain, quick)]
    for model, whole in zip((plain, quick), wholes, strict=True):
        x_hat, _ = inference.run_tiled(model, x, tile=136)
        assert (x_hat - whole).abs().max() < 1 / 255
    truth = to_tensor(photo("hubble")[:144, :216])
    lost = metrics.psnr(wholes[0], truth) - metrics.psnr(wholes[1], truth)
    assert lost.abs().max() < 0.1  # dB, by rounding to bfloat16; of a clean picture, at 50 dB, the most
    assert (wholes[0] - wholes[1]).square().mean().sqrt() < 0.4 / 255


def test_bytes_in_give_bytes_out(random_checkpoints):
    model = inference.get_model("denoising-photo")
    x = torch.randint(256, (1, 3, 90, 70), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    x_hat, code = inference.run_tiled(model, x, tile=48, with_code=False)
    expected, _ = inference.run_tiled(model, x / 255, tile=48)
    assert code is None
    assert x_hat.dtype == torch.uint8
    assert torch.equal(x_hat, (255 * expected).round().byte())


def test_the_eight_orientations_differ_and_are_undone():
    x = torch.rand(1, 3, 9, 13)
    each = [tiles._oriented(x, orientation, 8) for orientation in range(8)]
    assert len({(tuple(y.shape), tuple(y.flatten().tolist())) for y in each}) == 8
    for orientation, y in enumerate(each):
        assert torch.equal(tiles._upright(y, orientation)[..., :9, :13], x)


def test_a_level_bounds_what_denoising_removes(monkeypatch):
    monkeypatch.setattr(checkpoints, "ROOT", SHIPPED)
    clean = photo("photographer")[100:260, 100:260]
    noisy = inference.add_noise(clean, Noise(gaussian=0.1))
    removed = [
        inference.noise_level(noisy, inference.denoise(noisy, level=level, orientations=1))
        for level in (0, 0.05, None, 0.3)
    ]
    assert removed[0] == 0
    assert removed[1] == pytest.approx(0.05, abs=0.005)
    assert removed[2] == pytest.approx(inference.noise_level(noisy, clean), abs=0.01)
    assert removed[3] > 1.05 * removed[2]
    with pytest.raises(ConfigError, match="level is 2; give a number from 0 to 1"):
        inference.denoise(noisy, level=2)


@pytest.mark.parametrize(("side", "tile", "factor"), [(1, 64, 8), (64, 64, 8), (65, 64, 8), (1000, 60, 8), (999, 7, 1)])
def test_tiles_are_of_one_size_and_begin_at_places(side, tile, factor):
    pieces = tiles.cut(side, tile, factor)
    ends = [0, *(end for _, end in pieces)]
    assert [begin for begin, _ in pieces] == ends[:-1]
    assert ends[-1] == side
    assert all(begin % factor == 0 and 0 < end - begin < tile + factor for begin, end in pieces)
    lengths = [end - begin for begin, end in pieces]
    assert len(set(lengths[:-1])) <= 1


def test_half_precision_keeps_the_picture(monkeypatch):
    """Where the machine has bfloat16 the picture's own precision is kept; where it lacks it nothing is changed."""
    torch.manual_seed(0)
    model = build_model("denoising", input_shape=(3, 64, 64), channels=(16, 24), blocks=2).eval()
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    for block in (m for m in model.modules() if isinstance(m, ResidualBlock)):
        torch.nn.init.normal_(block.conv2.weight, std=0.02)
    x = to_tensor(photo()[:96, :96])
    with torch.inference_mode():
        exact = model.reconstruct(x)
        assert (exact - x).abs().max() > 10 / 255
        monkeypatch.setattr(model_cache, "multiplies_bfloat16", lambda device: False)
        same = model_cache.optimize_for_inference(copy.deepcopy(model)).reconstruct(x)
        torch.testing.assert_close(same, exact, atol=1e-5, rtol=0)  # but for the order of the sums
        monkeypatch.setattr(model_cache, "multiplies_bfloat16", lambda device: True)
        half = model_cache.optimize_for_inference(model).reconstruct(x)
    assert 0 < (half - exact).abs().max() < 1 / 255


def test_channels_are_kept_in_tiles_too():
    model = checkpoints.load("conv-photo")
    x = torch.rand(1, 3, 203, 310)
    with torch.inference_mode():
        z = model.keep_channels(model.encode(x), 2)
        whole = model.decode(z)[..., :203, :310]
    x_hat, code = inference.run_tiled(model, x, tile=64, channels=2, overlap=model.config.reach)
    torch.testing.assert_close(x_hat, whole, atol=1 / 255, rtol=0)
    assert not code[:, 2:].any()


def test_a_large_picture_never_meets_the_model_whole(monkeypatch):
    model = inference.get_model("denoising-photo")
    sides, encode = [], model.encode
    monkeypatch.setattr(model, "encode", lambda x: sides.append(x.shape[-2:]) or encode(x))
    x_hat, _ = inference.run_tiled(model, torch.rand(1, 3, 150, 2000), tile=128, overlap=model.config.reach)
    assert x_hat.shape == (1, 3, 150, 2000)
    factor, reach = model.config.factor, model.config.reach
    assert max(max(side) for side in sides) <= 128 + 2 * -(-reach // factor) * factor
