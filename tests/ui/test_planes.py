"""The Latent walk tab: what it sends to the page for a plane, the file it exports, and the figures it draws."""

import io
import json
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ae_demo import checkpoints, export, inference, plots
from ae_demo.analysis import baselines
from ae_demo.data import bundled, load_dataset
from ae_demo.errors import CheckpointError, ConfigError, DataError
from ae_demo.models import build_model
from ae_demo.ui import static_files
from ae_demo.ui.tabs.latent_walk import plane_pictures, planes


def read_bundle(data):
    """What `readBundle` does in the page."""
    assert data[:4] == b"AEB1"
    (length,) = struct.unpack("<I", data[4:8])
    header = json.loads(data[8 : 8 + length])
    arrays = {}
    for name, about in header["arrays"].items():
        start = 8 + length + about["offset"]
        assert start % 4 == 0
        dtype = np.dtype(about["dtype"])
        end = start + dtype.itemsize * int(np.prod(about["shape"]))
        arrays[name] = np.frombuffer(data[start:end], dtype).reshape(about["shape"])
    return header, arrays


def test_the_decoder_is_exported_exactly_as_the_checkpoint_stores_it():
    model = checkpoints.load("vae-mnist", "cpu")
    header, arrays = read_bundle(export.export_model(model))
    assert [layer["activation"] for layer in header["decoder"]] == ["silu", "silu", "silu", "none"]
    linear = [module for module in model.decoder if isinstance(module, torch.nn.Linear)]
    for layer, module in zip(header["decoder"], linear, strict=True):
        np.testing.assert_array_equal(arrays[f"{layer['name']}.weight"].astype(np.float32), module.weight.numpy())
        np.testing.assert_array_equal(arrays[f"{layer['name']}.bias"], module.bias.numpy())
    assert (header["shape"], header["output"], header["code"], header["variational"]) == (
        [1, 28, 28],
        "sigmoid",
        2,
        True,
    )


def test_the_encoder_is_exported_within_half_a_step_of_its_scale():
    model = checkpoints.load("vae-mnist", "cpu")
    _, arrays = read_bundle(export.export_model(model))
    weight, scale = arrays["encoder.0.weight"], arrays["encoder.0.scale"]
    assert np.abs(weight * scale[:, None] - model.encoder[0].weight.numpy()).max() <= 0.501 * scale.max()
    assert np.abs(weight).max() == 127


def test_a_model_of_convolutions_is_not_exported():
    model = build_model("conv", channels=(4, 6), blocks=1, latent_dim=2)
    assert not export.can_export(model)
    with pytest.raises(CheckpointError, match="dense, vae, cvae, sparse or stacked"):
        export.export_model(model)


def test_the_test_pictures_are_the_official_ones_or_say_that_they_are_not():
    pictures, labels = plane_pictures.test_pictures("fashion")
    assert pictures.shape == (10_000, 1, 28, 28)
    assert labels[:5].tolist() == [9, 2, 1, 1, 6]
    assert labels.bincount().min() > 800
    full = load_dataset("mnist", download=False).notice is None
    assert len(plane_pictures.test_pictures("mnist")[0]) == (10_000 if full else 5_000)
    assert planes.open_plane("vae-mnist")["tests"]["set"] == ("mnist" if full else "digits")
    assert planes.open_plane("vae-fashion")["tests"]["set"] == "fashion"


def test_a_damaged_sheet_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(bundled, "ASSETS", tmp_path)
    with pytest.raises(DataError, match="missing or damaged"):
        bundled.load_bundled_tests("fashion")


@pytest.mark.parametrize("name", ["vae-mnist", "pca-mnist"])
def test_a_plane_contains_the_codes_of_the_test_pictures(name):
    about = planes.open_plane(name)
    _, arrays = read_bundle(Path(about["tests"]["file"]).read_bytes())
    x, labels = plane_pictures.test_pictures("mnist")
    np.testing.assert_array_equal(arrays["labels"], labels.numpy())
    some = x[:100].float() / 255
    if name == "vae-mnist":
        expected = inference.get_model(name).encode(some)[0].numpy()
    else:
        expected = baselines.fit_pca("digits", 2).transform(some.flatten(1).numpy())
    np.testing.assert_allclose(arrays["codes"][:100], expected, atol=1e-3)
    home = about["home"]
    inside = np.abs(arrays["codes"] - [home["x"], home["y"]]).max(1) < home["half"]
    assert inside.mean() > 0.95


def test_the_first_picture_of_the_grid_is_the_decoded_plane():
    about = planes.open_plane("vae-mnist")
    pixels = np.asarray(Image.open(about["grid"]))
    assert pixels.shape == (28 * planes.GRID, 28 * planes.GRID)
    step = 2 * planes.EXTENT / planes.GRID
    top_left = inference.decode(-planes.EXTENT + step / 2, planes.EXTENT - step / 2)
    assert np.abs(pixels[:28, :28].astype(int) - top_left).max() <= 1


def test_planes_are_named_by_what_they_hold_and_made_once():
    about = planes.open_plane("vae-mnist")
    assert planes.open_plane("vae-mnist") is about
    assert len(Path(about["file"]).read_bytes()) <= 1_500_000
    assert static_files.publish(Path(about["file"]).read_bytes(), "bin") == about["file"]
    assert "dense-mnist-2d" in about["others"]
    assert about["others"][-1] == "pca-mnist"


@pytest.mark.parametrize("name", ["dense-mnist", "pca-", "../vae-mnist", "", "nothing"])
def test_only_planes_are_opened(name):
    with pytest.raises(CheckpointError, match=r"no plane.*vae-mnist"):
        planes.open_plane(name)


def test_a_grid_for_a_paper_shows_the_plane_evenly_or_by_quantiles():
    for quantiles, corner in ((False, 3.2 * (1 - 1 / 5)), (True, 1.2815516)):
        figure = planes.plot_plane("vae-mnist", 5, quantiles)
        sheet = figure.axes[0].images[0].get_array()
        assert sheet.shape == (140, 140)
        assert np.abs(sheet[:28, -28:].astype(int) - inference.decode(corner, corner)).max() <= 1
        assert [label.get_text() for label in figure.axes[0].get_xticklabels()][-1] == f"{corner:.2f}"


def test_figures_are_written_in_every_format():
    figure = planes.plot_codes("vae-mnist")
    assert len(figure.axes[0].collections[0].get_offsets()) == len(plane_pictures.test_pictures("mnist")[0])
    assert len(figure.axes[0].patches) == 3
    png = Image.open(io.BytesIO(plots.write_figure(figure, "png")))
    assert png.width > 1500
    assert plots.write_figure(figure, "pdf").startswith(b"%PDF")
    assert b"<svg" in plots.write_figure(figure, "svg")
    with pytest.raises(ConfigError, match="png, pdf, svg"):
        plots.write_figure(figure, "exe")
