"""Refinement of a code for one picture: a smaller error, never a larger one, and what was dropped stays dropped."""

import numpy as np
import pytest
import torch

import ae_demo
from ae_demo.data import load_bundled_photos
from ae_demo.errors import ConfigError
from ae_demo.inference import arguments, get_model, refinement
from ae_demo.inference.refinement import refine
from ae_demo.inference.tiles import run_tiled


def photo(side):
    return load_bundled_photos()["coffee"][80 : 80 + side, 200 : 200 + side]


@pytest.fixture
def cut_code():
    """conv-photo, a picture, and the first four channels of its code."""
    model = get_model("conv-photo")
    x = torch.from_numpy(photo(64).copy()).permute(2, 0, 1)[None] / 255
    with torch.inference_mode():
        return model, x, model.keep_channels(model.encode(x), 4)


def error(model, x, z):
    with torch.no_grad():
        return (model.decode_raw(z) - x).square().mean().item()


@pytest.mark.parametrize("steps", [1, 12])
def test_the_error_falls_and_dropped_channels_stay_zero(cut_code, steps):
    model, x, z = cut_code
    shares = []
    better = refine(model, x, z, channels=4, steps=steps, progress=shares.append)
    assert error(model, x, better) < error(model, x, z)
    assert not better[:, 4:].any()
    assert shares == [step / steps for step in range(steps + 1)]
    assert all(p.grad is None for p in model.parameters())


def test_a_code_that_cannot_be_improved_comes_back(cut_code, monkeypatch):
    model, x, z = cut_code
    assert refine(model, x, z, channels=4, steps=0) is z
    monkeypatch.setattr(refinement, "RATE", 100.0)  # each step goes far too far
    assert torch.equal(refine(model, x, z, channels=4, steps=2), z)


def test_tiles_are_refined_like_the_whole_picture(cut_code):
    model, x, _ = cut_code
    plain, tiled = (
        run_tiled(model, x, channels=4, tile=tile, refinements=steps)[0] for tile, steps in ((64, 0), (32, 6))
    )
    assert (tiled - x).square().mean() < (plain - x).square().mean()


def test_small_pictures_with_few_channels_are_refined_by_default(monkeypatch):
    pixels = photo(96)
    by_default = ae_demo.reconstruct(pixels, channels=8)
    assert by_default.psnr > ae_demo.reconstruct(pixels, channels=8, refinements=0).psnr + 0.1
    assert by_default.psnr == ae_demo.reconstruct(pixels, channels=8, refinements=12).psnr
    assert np.array_equal(ae_demo.reconstruct(pixels).image, ae_demo.reconstruct(pixels, refinements=0).image)
    monkeypatch.setattr(arguments, "REFINED_PIXELS", 1000)
    assert ae_demo.reconstruct(pixels, channels=8).psnr < by_default.psnr


def test_a_compressed_picture_is_refined_too():
    pixels = photo(96)
    plain, refined = (
        ae_demo.decompress(ae_demo.compress(pixels, channels=8, step=0.3, refinements=steps)) for steps in (0, 12)
    )
    errors = [np.square(back.astype(float) - pixels).mean() for back in (plain, refined)]
    assert errors[1] < errors[0]


@pytest.mark.parametrize(
    ("checkpoint", "steps", "message"),
    [
        ("conv-photo", -1, "refinements is -1; give an integer from 0 to 1,000"),
        ("conv-photo", "many", "refinements is 'many'"),
        ("dense-mnist", 3, "dense-mnist has no map of codes to refine"),
    ],
)
def test_wrong_numbers_of_steps_are_refused(checkpoint, steps, message):
    with pytest.raises(ConfigError, match=message):
        ae_demo.reconstruct(photo(28), checkpoint, refinements=steps)
