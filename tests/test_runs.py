"""The Train tab's runs: what is refused before a process starts, and that nothing outlives a run."""

import os
import tempfile
import zipfile
from pathlib import Path

import pytest

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
pytest.importorskip("gradio")

from ae_demo.errors import ConfigError, DataError
from ae_demo.models import FAMILIES, build_model
from ae_demo.ui import runs
from ae_demo.ui.components.curve.component import MAX_POINTS, thin

SMALL = runs.Settings("dense", "digits", {"hidden": (32,), "latent_dim": 2}, {"epochs": 1})
LONG = runs.Settings("dense", "digits", {"hidden": (32,)}, {"epochs": 500})


@pytest.fixture(autouse=True)
def nothing_left(monkeypatch, tmp_path):
    """Runs keep their folders under `tmp_path`; afterwards neither folder nor visitor is left."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield
    assert not list(tmp_path.glob("ae-demo-*"))
    assert not runs._runs
    while runs._spare:
        runs._give_up(runs._spare[0])


@pytest.mark.parametrize("family", FAMILIES)
def test_an_outline_has_the_size_of_the_model(family):
    for data in runs.data_of(family):
        real = build_model(family, input_shape=runs.SHAPES[data])
        outline = runs.Settings(family, data).outline()
        assert outline.parameter_count() == real.parameter_count()
        assert list(outline.layers()) == list(real.layers())


@pytest.mark.parametrize(
    ("settings", "error", "told"),
    [
        (runs.Settings("nonsense", "digits"), ConfigError, "nonsense"),
        (runs.Settings("dense", "../secrets"), ConfigError, "secrets"),
        (runs.Settings("dense", "waves"), ConfigError, "waves"),
        (runs.Settings("colorization", "digits"), ConfigError, "colour"),
        (runs.Settings("dense", "digits", {"hidden": (8192,) * 16}), ConfigError, "40,000,000"),
        (runs.Settings("dense", "digits", {"latent_dim": 0}), ConfigError, "latent_dim"),
        (runs.Settings("dense", "digits", {}, {"epochs": 100_000}), ConfigError, "epochs"),
        (runs.Settings("dense", "digits", {}, {"batch_size": 65_536}), ConfigError, "batch size"),
        (runs.Settings("conv", "digits", {"patch": 32, "channels": (1,) * 8}), ConfigError, "smaller patch"),
        (runs.Settings("conv", "folder", pictures=("one.png",)), DataError, "1 pictures"),
    ],
)
def test_what_cannot_be_trained_is_refused_before_a_process_starts(settings, error, told, monkeypatch):
    monkeypatch.setattr(runs, "Worker", None)
    with pytest.raises(error, match=told):
        runs.begin("visitor", settings)


def test_a_whole_run_ends_with_figures_and_a_zip():
    runs.begin("visitor", SMALL)
    told, names = {}, []
    for changes in runs.follow("visitor"):
        told |= changes
        if changes.get("zip"):
            with zipfile.ZipFile(changes["zip"]) as file:
                names = sorted(file.namelist())
                assert file.testzip() is None
    assert names == [f"dense-digits/{name}" for name in ("config.json", "metrics.json", "model.safetensors")]
    assert told["status"]["state"] == "finished"
    assert told["figures"][0]["figures"][0][0] == "mse"
    assert told["preview"]["rows"] == ["truth", "reconstruction"]
    assert len(told["plane"]["points"]) == 400
    assert len(told["curve"]["series"]["held_out"]) == 1


def test_a_second_start_and_a_closed_page_end_a_run_at_once():
    runs.begin("visitor", LONG)
    first = runs.follow("visitor")
    next(changes for changes in first if changes["status"]["state"] == "running")
    process = runs._runs["visitor"].worker.process
    runs.begin("visitor", LONG)
    assert process.poll() is not None
    assert not list(first)  # it has nothing more to say
    second = runs.follow("visitor")
    next(changes for changes in second if changes["status"]["state"] == "running")
    process = runs._runs["visitor"].worker.process
    second.close()
    assert process.poll() is not None


def test_a_run_that_waits_for_a_place_can_be_stopped(monkeypatch):
    monkeypatch.setattr(runs, "Worker", None)
    runs.begin("visitor", LONG)
    assert runs.stop("visitor")
    assert list(runs.follow("visitor")) == [{}]
    assert not runs.stop("visitor")


def test_a_stop_while_the_process_starts_is_no_failure():
    runs.begin("visitor", LONG)
    following = runs.follow("visitor")
    assert next(following)["status"]["state"] == "starting"
    next(following)
    assert not runs.stop("visitor")
    assert list(following)[-1]["status"]["state"] == "stopped"


def test_curves_are_thinned_and_keep_their_last_point():
    points = [[i / 10, float(i)] for i in range(5000)]
    kept = thin(points)
    assert len(kept) <= MAX_POINTS
    assert kept[0] == [0, 0]
    assert kept[-1] == [499.9, 4999]
    assert set(map(tuple, thin(points[:-1])[:-1])) <= set(map(tuple, kept))  # those kept stay as the curve grows
    assert thin([[1, float("nan")], [2, 3]]) == [[2, 3]]


def test_uploads_keep_their_names_apart(tmp_path_factory):
    root = tmp_path_factory.mktemp("uploads")
    paths = [root / part / "same.png" for part in ("a", "b")] + [root / "notes.txt"]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    spec = runs.make_spec(runs.Settings("conv", "folder", pictures=tuple(map(str, paths))), root)
    assert sorted(p.name for p in Path(spec.data_dir).iterdir()) == ["0000-same.png", "0001-same.png"]
