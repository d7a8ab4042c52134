"""Large pictures: intermediate results take little memory, and the work ends soon after its visitor has left."""

import os
import re
from contextvars import copy_context
from pathlib import Path

import numpy as np
import pytest
import torch
from samples import noise_of

from ae_demo.codec import container
from ae_demo.data.pictures import to_pixels, to_planes
from ae_demo.functional import metrics
from ae_demo.functional.noise import Noise
from ae_demo.inference import add_noise, colorize, noise_level
from ae_demo.inference.model_cache import optimize_for_inference
from ae_demo.inference.pixels import Channels, input_planes, mean_of_channels
from ae_demo.inference.scheduler import Cancelled, Client, client
from ae_demo.models import build_model
from ae_demo.ui.components.data_uri import save_png

SIZE = (3000, 3000)
FLOATS = SIZE[0] * SIZE[1] * 3 * 4 / 1e6  # MB of the picture as floats


def peak_above(work):
    """The most memory, in MB, that the process takes more during `work` than before it."""

    def figure(name):
        return int(re.search(rf"{name}:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1000

    work()  # so that libraries have taken their own memory
    Path("/proc/self/clear_refs").write_text("5")
    before = figure("VmRSS")
    work()
    return figure("VmHWM") - before


@pytest.mark.skipif(not os.access("/proc/self/clear_refs", os.W_OK), reason="needs Linux's peak of the memory")
@pytest.mark.parametrize(
    "work",
    [
        lambda a, b: add_noise(a, Noise(gaussian=0.2, mask=0.1)),
        lambda a, b: noise_level(a, b),
        lambda a, b: metrics.psnr(to_planes(a), to_planes(b)),
        lambda a, b: metrics.ssim(to_planes(a), to_planes(b)),
        lambda a, b: metrics.colourfulness(to_planes(a)),
        lambda a, b: mean_of_channels(to_planes(a)),
        lambda a, b: input_planes(a, 3),
    ],
    ids=["add_noise", "noise_level", "psnr", "ssim", "colourfulness", "mean", "input"],
)
def test_a_large_picture_is_not_copied_as_floats(work):
    a, b = noise_of((*SIZE, 3)), noise_of((*SIZE, 3), seed=1)
    assert peak_above(lambda: work(a, b)) < 0.95 * FLOATS


def test_floats_become_pixels_in_bands():
    x = torch.rand(1, 3, 700, 900) * 1.2 - 0.1
    x[0, 0, 0, 0] = torch.nan
    whole = x[0].nan_to_num(0).clamp(0, 1).mul(255).round().byte().permute(1, 2, 0).numpy()
    np.testing.assert_array_equal(to_pixels(x), whole)


def test_noise_in_bands_is_independent():
    grey = np.full((2000, 1500), 128, np.uint8)
    noise = add_noise(grey, Noise(gaussian=0.1)).astype(float) - 128
    assert np.abs(np.corrcoef(noise.reshape(20, -1)) - np.eye(20)).max() < 0.02
    assert noise.std() == pytest.approx(25.5, rel=0.02)


@pytest.mark.parametrize("shape", [(1, 3, 401, 500), (2, 3, 28, 28), (1, 3, 3, 900)], ids=str)
def test_metrics_of_bytes_are_those_of_floats(shape):
    generator = torch.Generator().manual_seed(0)
    a, b = (torch.randint(256, shape, dtype=torch.uint8, generator=generator) for _ in range(2))
    for metric in (metrics.mse, metrics.psnr, metrics.ssim):
        torch.testing.assert_close(metric(a, b), metric(a / 255, b / 255), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(metrics.colourfulness(a), metrics.colourfulness(a / 255), rtol=1e-4, atol=1e-4)


def decode_photo():
    model = build_model("denoising", input_shape=(3, 32, 32))
    with torch.inference_mode():
        optimize_for_inference(model).encode(torch.rand(1, 3, 32, 32))


def write_code():
    q = np.zeros((2, 8, 8), np.int32)
    container.to_bytes(container.Packed(q, np.ones(2), (64, 64), Channels.COLOR, 0))


@pytest.mark.parametrize(
    "work",
    [
        lambda: add_noise(noise_of((30, 40, 3)), Noise(gaussian=0.2)),
        lambda: colorize(noise_of((30, 40, 3))),
        lambda: save_png(noise_of((30, 40, 3))),
        decode_photo,
        write_code,
    ],
    ids=["noise", "colors", "png", "model", "code"],
)
def test_work_ends_when_its_visitor_has_left(work):
    def cancelled():
        client.set(Client("visitor", lambda: True))
        with pytest.raises(Cancelled):
            work()

    work()
    copy_context().run(cancelled)


def test_a_cancelled_png_leaves_no_file(monkeypatch, tmp_path):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    calls = iter([False, True])

    def cancelled():
        client.set(Client("visitor", lambda: next(calls)))
        with pytest.raises(Cancelled):
            save_png(noise_of((300, 400, 3)))

    copy_context().run(cancelled)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
