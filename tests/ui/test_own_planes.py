"""The plane of a visitor's own run: private, with the pictures that it was trained on, removed with the run."""

import tempfile
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
import torch
from gradio.context import LocalContext
from PIL import Image
from test_planes import read_bundle

from ae_demo import (
    checkpoints,
    inference,
)
from ae_demo.data import load_dataset
from ae_demo.errors import CheckpointError
from ae_demo.models import build_model
from ae_demo.training import RunSettings, own_pictures
from ae_demo.training.worker import RunSpec
from ae_demo.training.worker_process import RemoteControl
from ae_demo.training.worker_run import run
from ae_demo.ui.shared import user_runs
from ae_demo.ui.tabs.latent_walk import plane_pictures, planes
from ae_demo.ui.tabs.latent_walk import tab as latent_walk


@pytest.fixture(autouse=True)
def nothing_left():
    before = set(planes._own)
    yield
    LocalContext.request.set(None)
    user_runs.clear()
    assert set(planes._own) == before


def asking(session):
    LocalContext.request.set(gr.Request(session_hash=session))


def keep(session, data="digits", family="vae", seed=0, **settings):
    """Make a model, untrained, a visitor's own run; its folder."""
    torch.manual_seed(seed)
    folder = Path(tempfile.mkdtemp()) / f"{family}-{data}"
    checkpoints.save(build_model(family, **settings), folder, {"data": {"name": data}})
    kept = user_runs.keep(session, folder)
    folder.parent.rmdir()
    return kept


def test_each_visitor_walks_their_own_plane():
    keep("a", hidden=(37,), decoder_hidden=(5, 41))
    keep("b", hidden=(16,), decoder_hidden=(16,))
    abouts = {}
    for session in "ab":
        asking(session)
        abouts[session] = planes.open_plane("my-run")
        model = inference.get_model(user_runs.find(session))
        header, arrays = read_bundle(Path(abouts[session]["file"]).read_bytes())
        weight = arrays[f"{header['decoder'][0]['name']}.weight"]
        np.testing.assert_array_equal(weight.astype(np.float32), model.decoder[0].weight.numpy())
    assert abouts["a"]["name"] != abouts["b"]["name"]
    asking("b")  # whatever name is sent, what comes is one's own
    assert planes.open_plane(abouts["a"]["name"]) is abouts["b"]
    asking("c")
    for name in ("my-run", abouts["a"]["name"]):
        with pytest.raises(CheckpointError, match="no finished run"):
            planes.open_plane(name)


def test_the_points_are_the_test_pictures_of_the_runs_data():
    for data, tests in (("digits", "mnist"), ("fashion-small", "fashion")):
        folder = keep("a", data, "dense", hidden=(12,), latent_dim=2)
        asking("a")
        about = planes.open_plane("my-run")
        _, arrays = read_bundle(Path(about["tests"]["file"]).read_bytes())
        x, labels = plane_pictures.test_pictures(tests)
        np.testing.assert_array_equal(arrays["labels"], labels.numpy())
        expected = inference.get_model(folder).encode(x[:50].float() / 255).numpy()
        np.testing.assert_allclose(arrays["codes"][:50], expected, atol=1e-4)
        assert about["others"][0] == f"vae-{tests}"
        assert about["drawing"] == {"mnist": "digit", "fashion": "garment"}[tests]


def test_a_new_run_has_a_new_plane_and_the_old_files_go():
    keep("a", hidden=(8,), decoder_hidden=(8,))
    asking("a")
    first = planes.open_plane("my-run")
    assert planes.open_plane("my-run") is first
    keep("a", hidden=(8,), decoder_hidden=(8,), seed=1)
    assert not Path(first["file"]).parent.exists()
    second = planes.open_plane("my-run")
    assert second["name"] != first["name"]
    assert Path(second["file"]).name != Path(first["file"]).name
    user_runs.clear()
    assert not Path(second["file"]).parent.exists()


@pytest.mark.parametrize("settings", [{"family": "dense", "latent_dim": 16}, {"family": "conv", "latent_dim": 0}])
def test_a_run_without_a_plane_says_so(settings):
    keep("a", **settings)
    asking("a")
    with pytest.raises(CheckpointError, match="a plane needs a model of pictures with two"):
        planes.open_plane("my-run")


def test_figures_and_landing_accept_a_run_of_the_visitor():
    keep("a", hidden=(8,), decoder_hidden=(8,))
    asking("a")
    picture, file = latent_walk.draw_grid("my-run", 4, True, "svg")
    assert Path(file).name == "vae-digits-grid.svg"
    assert Image.open(picture).width > 1000
    _, file = latent_walk.draw_scatter("my-run", "png")
    assert Path(file).name == "vae-digits-codes.png"
    pixels = latent_walk.prepare(load_dataset("digits").test[0, 0].numpy(), "my-run")
    assert pixels.shape == (1, 28, 28)
    assert latent_walk.decode_for_page(0.5, 0.5, "my-run").shape == (28, 28)
    asking("b")
    with pytest.raises(CheckpointError, match="no finished run"):
        latent_walk.decode_for_page(0.5, 0.5, "my-run")


def test_a_run_on_own_pictures_keeps_some_for_its_plane(tmp_path):
    rng = np.random.default_rng(0)
    for name in ("bright", "dark"):
        (tmp_path / "in" / name).mkdir(parents=True)
        for i in range(12):
            pixels = rng.integers(0, 90, (12, 10, 3)) + (150 if name == "bright" else 0)
            Image.fromarray(pixels.astype(np.uint8)).save(tmp_path / "in" / name / f"{i}.png")
    values = {"hidden": (9,), "latent_dim": 2, "epochs": 1, "batch_size": 8}
    folder = tmp_path / "dense-own"
    list(
        run(
            RunSpec(RunSettings.from_flat("dense", "folder", values), str(folder), str(tmp_path / "in")),
            RemoteControl(),
        )
    )
    x, labels, classes = own_pictures.load_pictures(folder)
    assert (len(x), classes) == (24, ("bright", "dark"))
    assert all((picture.float().mean() > 120) == (label == 0) for picture, label in zip(x, labels, strict=True))
    user_runs.keep("a", folder)
    asking("a")
    about = planes.open_plane("my-run")
    assert about["tests"]["set"] == "own"
    assert about["tests"]["classes"] == classes
    assert (about["others"], about["drawing"]) == ([], "whole")
    sheet = np.asarray(Image.open(about["tests"]["sheet"]))
    assert sheet.shape == (12, 1000, 3)
    np.testing.assert_array_equal(sheet[:, 30:40], x[3].permute(1, 2, 0).numpy())
    assert latent_walk.draw_scatter("my-run", "png")


def test_of_many_pictures_a_bounded_number_is_kept(tmp_path):
    data = load_dataset("fashion-small")
    own_pictures.save_pictures(data, tmp_path)
    x, labels, classes = own_pictures.load_pictures(tmp_path)
    np.testing.assert_array_equal(x, data.test[: own_pictures.MAX_PICTURES])
    np.testing.assert_array_equal(labels, data.test_labels[: own_pictures.MAX_PICTURES])
    assert classes == data.classes
    (tmp_path / own_pictures.FILE).write_bytes(b"no")
    with pytest.raises(CheckpointError, match="damaged"):
        own_pictures.load_pictures(tmp_path)
    assert own_pictures.load_pictures(tmp_path / "elsewhere") is None
