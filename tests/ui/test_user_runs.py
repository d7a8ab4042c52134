"""The runs that are kept for visitors, each for its visitor alone; and zips that are not checkpoints."""

import json
import pickle
import tempfile
import zipfile
from pathlib import Path

import gradio as gr
import pytest
from gradio.context import LocalContext

from ae_demo import (
    checkpoints,
    inference,
)
from ae_demo.data import load_dataset
from ae_demo.errors import AEDemoError, CheckpointError
from ae_demo.models import build_model
from ae_demo.training import TrainOptions, evaluate, run_to_end, train
from ae_demo.ui.components.curve.component import curve_value
from ae_demo.ui.shared import user_runs
from ae_demo.ui.tabs.train import checkpoint_view, user_run
from ae_demo.ui.tabs.train.listeners import TrainListeners
from ae_demo.ui.tabs.train.settings import settings_of


@pytest.fixture(autouse=True)
def nothing_left(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield
    user_runs.clear()
    assert not list(tmp_path.glob("ae-demo-*"))


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A small run of one epoch, as the engine leaves it."""
    data = load_dataset("digits", limit=256)
    folder = tmp_path_factory.mktemp("trained") / "dense-digits"
    model = build_model("dense", hidden=(32,), latent_dim=2)
    run_to_end(train(model, data, TrainOptions(epochs=1, threads=1), folder=folder, device="cpu"))
    return folder


def copy(folder, place):
    place.mkdir(parents=True)
    for file in folder.iterdir():
        (place / file.name).write_bytes(file.read_bytes())
    return place


def asking(session):
    LocalContext.request.set(gr.Request(session_hash=session) if session else None)


def test_each_visitor_has_their_own_run(trained, tmp_path):
    user_runs.keep("a", copy(trained, tmp_path / "1" / "dense-digits"))
    asking("a")
    folder = user_runs.resolve(user_runs.MY_RUN)
    assert inference.get_model(folder).config.hidden == (32,)
    assert user_runs.resolve("vae-mnist") == "vae-mnist"
    for stranger in ("b", None):
        asking(stranger)
        with pytest.raises(CheckpointError, match="no finished run"):
            user_runs.resolve(user_runs.MY_RUN)
    asking("a")
    with pytest.raises(CheckpointError, match="family dense; this tab needs a model that can denoise"):
        user_runs.resolve(user_runs.MY_RUN, "denoise")


def test_a_new_run_replaces_the_last_and_old_ones_are_removed(trained, tmp_path, monkeypatch):
    first = user_runs.keep("a", copy(trained, tmp_path / "1" / "dense-digits"))
    second = user_runs.keep("a", copy(trained, tmp_path / "2" / "dense-digits"))
    assert not first.exists()
    monkeypatch.setattr(user_runs, "MAX_RUNS", 1)
    third = user_runs.keep("b", copy(trained, tmp_path / "3" / "dense-digits"))
    assert not second.exists()
    user_runs.sweep()
    assert third.exists()
    monkeypatch.setattr(user_runs, "KEEP_SECONDS", -1)
    user_runs.sweep()
    assert not third.exists()


def test_a_listener_that_raises_leaves_no_folder_behind(trained, tmp_path, monkeypatch, caplog):
    removed = []
    monkeypatch.setattr(user_runs, "on_remove", [lambda folder: 1 / 0, removed.append])
    kept = [user_runs.keep(name, copy(trained, tmp_path / name / "dense-digits")) for name in "abc"]
    monkeypatch.setattr(user_runs, "KEEP_SECONDS", -1)
    user_runs.sweep()
    assert removed == kept
    assert not any(folder.exists() for folder in kept)
    assert caplog.text.count("ZeroDivisionError") == 3


def test_a_downloaded_checkpoint_gives_the_same_numbers_elsewhere(trained, tmp_path):
    path = user_runs.zip_checkpoint(copy(trained, tmp_path / "x" / "dense-digits"))
    folder = user_runs.load_zip("a", str(path))
    figures = evaluate(checkpoints.load(folder, "cpu"), load_dataset("digits").test)
    assert figures == pytest.approx(checkpoints.load_metrics(trained)["figures"], abs=2e-6)
    view = checkpoint_view.view_of_checkpoint(folder, settings_of(folder))
    assert view["preview"]["rows"] == ["truth", "reconstruction"]
    assert len(view["plane"]["points"]) == 400
    assert len(view["curve"]["parts"]["loss"]["training"]) == 1


def rezip(trained, path, **changed):
    """The checkpoint's zip with some files replaced; None leaves one out."""
    files = {file.name: file.read_bytes() for file in trained.iterdir()} | changed
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in files.items():
            if content is not None:
                out.writestr(f"run/{name}", content)
    return str(path)


BAD = {
    "weights cut off": {"model.safetensors": b"\x00" * 100},
    "weights missing": {"model.safetensors": None},
    "a pickle": {"model.safetensors": pickle.dumps({"a": 1})},
    "another file": {"extra.py": b"print()"},
    "no JSON": {"config.json": b"{"},
    "another family": {"config.json": b'{"format": 1, "family": "gan", "config": {}}'},
    "layers that do not fit": {
        "config.json": json.dumps({"format": 1, "family": "dense", "config": {"hidden": [8192] * 16}}).encode()
    },
    "no data": {"metrics.json": b"{}"},
    "a bomb": {"metrics.json": bytes(300_000_000)},
    "JSON without end": {"config.json": b"[" * 20_000_000},
    "a climbing path": {"../../config.json": b"{}"},
}


@pytest.mark.parametrize("name", BAD)
def test_a_zip_that_is_not_a_checkpoint_is_refused_with_a_message(name, trained, tmp_path):
    with pytest.raises(AEDemoError) as error:
        user_runs.load_zip("a", rezip(trained, tmp_path / "bad.zip", **BAD[name]))
    assert str(tmp_path) not in str(error.value)  # no folders of the server
    assert user_runs.find("a") is None


def test_a_checkpoint_gives_the_settings_that_made_it(trained, tmp_path):
    settings = settings_of(trained)
    assert (settings.family, settings.data, settings.limit) == ("dense", "digits", 256)
    assert settings.config.hidden == (32,)
    assert settings.options.epochs == 1
    made = copy(trained, tmp_path / "elsewhere")
    metrics = json.loads((made / "metrics.json").read_text())
    for part, key, value in (("data", "name", "waves of ours"), ("options", "epochs", 100_000)):
        changed = {**metrics, part: {**metrics[part], key: value}}
        (made / "metrics.json").write_text(json.dumps(changed))
        assert settings_of(made) is None


def test_the_view_of_a_run_is_kept_and_named_in_the_visitors_language(trained, tmp_path, monkeypatch):
    folder = copy(trained, tmp_path / "1" / "dense-digits")
    (report := tmp_path / "report.html").write_text("a report")
    shown = {"status": {"state": "stopped"}, "curve": curve_value({"loss": {"training": [[1, 2]]}}, name="dense")}
    kept = user_runs.keep("a", folder, {**shown, "report": str(report)})
    report.unlink()
    view = checkpoint_view.view_of_checkpoint(kept, settings_of(kept))
    name = "dense · digits · Hidden layers 32 · Latent dimension 2 · Epochs 1 · 256 samples"
    assert view["status"] == {"state": "stopped", "name": name}
    assert view["curve"]["parts"]["loss"]["training"] == [[1, 2]]
    assert Path(view["report"]).read_text() == "a report"
    assert zipfile.is_zipfile(view["zip"])
    monkeypatch.setattr(checkpoint_view, "locale_of_visitor", lambda: "zh-CN")
    assert checkpoint_view.view_of_checkpoint(kept, settings_of(kept))["status"]["name"].startswith("全连接 · ")


def test_a_run_kept_before_the_visitor_is_recognized_is_the_visitors(trained, tmp_path):
    first = user_runs.keep("early", copy(trained, tmp_path / "1" / "dense-digits"))
    user_runs.recognize("early", "secret-1-2-3-4")
    assert user_runs.find("early") == first
    user_runs.recognize("reloaded", "secret-1-2-3-4")
    second = user_runs.keep("another", copy(trained, tmp_path / "2" / "dense-digits"))
    assert user_runs.find("reloaded") == first
    user_runs.recognize("another", "secret-1-2-3-4")  # its run is the newer one
    assert user_runs.find("reloaded") == second
    assert not first.exists()


def test_a_zip_that_is_refused_ends_no_run_and_the_reason_stays(tmp_path, monkeypatch):
    (tmp_path / "bad.zip").write_text("this is no zip")
    monkeypatch.setattr(user_run, "find", lambda session: pytest.fail("the visitor's run would be cancelled"))
    refused = gr.Markdown(visible=False)
    shown = TrainListeners(None, {}, refused).load(str(tmp_path / "bad.zip"), gr.Request(session_hash="a"))
    assert next(shown)[refused].visible
    with pytest.raises(gr.Error, match="zip"):
        next(shown)
