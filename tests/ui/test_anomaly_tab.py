"""The Anomaly tab: its endpoint, its results and what it is given by a page."""

import csv
import io
import re

import gradio as gr
import numpy as np
import pytest
import torch
from gradio.context import LocalContext
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from ae_demo import checkpoints
from ae_demo.analysis.anomaly import anomaly_detector
from ae_demo.data import load_dataset
from ae_demo.data.heartbeats import load_beats, load_recording
from ae_demo.data.own_series import load_own_series
from ae_demo.errors import CheckpointError, ConfigError, DataError, ShapeError
from ae_demo.models import build_model
from ae_demo.ui.components.detection import detection_value, line_sheet
from ae_demo.ui.shared import user_runs
from ae_demo.ui.tabs.anomaly.detail import describe
from ae_demo.ui.tabs.anomaly.fitting import AnomalyRequest, fit, warm_up
from ae_demo.ui.tabs.anomaly.sources import load_source
from ae_demo.ui.tabs.anomaly.tab import offer_run
from ae_demo.ui.tabs.anomaly.view import full, layer_input


def request(data="digits", classes=("0",), model="pca", score="mse", **files):
    given = {"normal": None, "test": None, **files}
    return AnomalyRequest(data, list(classes), given["normal"], given["test"], model, score, 16)


def results_of(asked):
    return list(full(asked, lambda share: None))


def write_digits(folder, label, count, part="test"):
    digits = load_dataset("digits")
    pictures, labels = getattr(digits, part), getattr(digits, f"{part}_labels")
    paths = []
    for i, picture in enumerate(pictures[labels == label][:count]):
        paths.append(str(folder / f"{label}-{i}.png"))
        Image.fromarray(picture[0].numpy()).save(paths[-1])
    return paths


def test_pca_answers_first_and_the_last_result_is_complete():
    first, *_, last = results_of(request(model="hull", score="smooth"))
    assert [part["found"]["model"] for part in (first, last)] == ["model.pca", "model.hull"]
    assert [part["found"]["meanwhile"] for part in (first, last)] == [True, False]
    assert set(last) == {"found", "table", "detail", "lines", "diagram"}
    assert {row["title"] for row in last["table"]["rows"]} == {"model.hull", "model.pca", "model.neighbors"}
    assert last["table"]["note"] in ("baseline_wins", "model_wins")
    assert len(last["found"]["scores"]) == len(last["found"]["labels"]) == 500
    assert len(last["detail"]) == 4


def test_a_trained_network_stays_in_the_table_of_a_classical_method():
    results_of(request(model="dense"))
    *_, last = results_of(request(model="pca"))
    assert {row["title"] for row in last["table"]["rows"]} == {"model.dense", "model.pca", "model.neighbors"}


def test_nothing_ticked_clears_the_page():
    assert results_of(request(classes=())) == [None]
    assert results_of(request(data="own")) == [None]


def test_heartbeats_are_shown_as_curves():
    asked = request("heartbeats", (), "pca")
    fitted = fit(asked, "pca", lambda share: None)
    shown = describe(fitted, 0)
    assert shown["detail"] == []
    assert set(shown["lines"]["value"]["parts"]) == {"signal", "squared_error"}


def test_a_record_without_labels_has_flags_but_no_figures_of_accuracy():
    last = results_of(request("heartbeats-208", ()))[-1]
    found, table = last["found"], last["table"]
    beats, peaks = load_beats("208", "pause")
    assert found["labels"] is None
    assert len(found["scores"]) == len(peaks) > 480
    assert found["names"][0] == f"0:{peaks[0] / 360:04.1f}"
    assert table["columns"] == ["flags", "seconds"]
    assert table["note"] == "no_labels_of_record"
    source = load_source("heartbeats-208", (), (), ())
    detector = anomaly_detector(source.normal, data="series", model="pca", score="mse", latent_dim=16)
    assert torch.equal(source.normal, beats)
    flags = detector.flags(source.test)
    assert [row["cells"][0] for row in table["rows"] if row["title"] == "model.pca"] == [
        f"{flags.sum()} / {len(flags)}"
    ]
    assert 0.02 < flags.mean() < 0.1  # of those held out, 0.05


def test_the_slow_record_is_read_before_the_first_visit():
    load_recording.cache_clear()
    warm_up()
    misses = load_recording.cache_info().misses
    load_beats("208")
    assert load_recording.cache_info().misses == misses


def test_beats_are_cut_around_their_peaks():
    windows, peaks = load_beats("208")
    assert windows.shape == (len(peaks), 256, 1)
    signal = load_recording("208").signal
    assert np.array_equal(windows[5, :, 0].numpy(), signal[peaks[5] - 96 : peaks[5] + 160])
    with pytest.raises(ConfigError, match="record '207'"):
        load_beats("207")
    with pytest.raises(ConfigError, match="window 'bar'"):
        load_beats("208", "bar")


def test_own_pictures_are_judged_by_a_bundled_class(tmp_path):
    paths = [*write_digits(tmp_path, 0, 4), *write_digits(tmp_path, 1, 4)]
    last = results_of(request(test=paths))[-1]
    found = last["found"]
    assert found["labels"] is None
    assert last["table"]["note"] == "no_labels"
    assert found["names"][0] == "0-0.png"
    assert np.median(found["scores"][:4]) < min(found["scores"][4:])


def keep_run(session, folder, samples):
    """Keep a sequence autoencoder that equals PCA of series (N, T, F) as the run of a session."""
    model = build_model("seq2seq", input_shape=tuple(samples.shape[1:]), hidden_size=8, latent_dim=6, linear_path=True)
    model.fit_statistics(samples)
    checkpoints.save(model, folder / "seq2seq-series", {"data": {"name": "series"}})
    user_runs.keep(session, folder / "seq2seq-series")


@pytest.fixture
def as_visitor():
    """Makes the listeners answer a session, as Gradio does."""
    yield lambda session: LocalContext.request.set(gr.Request(session_hash=session))
    LocalContext.request.set(None)
    user_runs.clear()


def test_a_visitors_run_of_series_judges_their_files(tmp_path, as_visitor):
    wave = np.sin(2 * np.pi * np.arange(2000) / 25)
    odd = wave.copy()
    odd[1000:1040] = 0
    for name, values in (("normal", wave), ("odd", odd)):
        (tmp_path / f"{name}.csv").write_text("a\n" + "\n".join(f"{x:.4f}" for x in values))
    keep_run("owner", tmp_path, load_own_series(tmp_path / "normal.csv").train)
    paths = {name: [str(tmp_path / f"{name}.csv")] for name in ("normal", "odd")}
    asked = request("own", (), "my-run", "elbo", normal=paths["normal"], test=paths["odd"])
    as_visitor("owner")
    last = results_of(asked)[-1]
    assert (last["found"]["model"], last["found"]["measure"]) == ("model.my-run", "score.mse")
    assert [row["title"] for row in last["table"]["rows"]] == ["model.my-run", "model.neighbors", "model.pca"]
    flags = [row["cells"][0] for row in last["table"]["rows"]]
    assert len({each.split(" / ")[1] for each in flags}) == 1  # all judge the same windows
    worst = last["found"]["names"][int(np.argmax(last["found"]["scores"]))]
    first, end = map(int, re.findall(r"\d+", worst))
    assert first < 1040
    assert end > 1000
    model, x = layer_input(asked, 0)
    assert model.encode(x).shape == (1, 6)
    as_visitor("stranger")
    with pytest.raises(CheckpointError, match="no finished run"):
        results_of(asked)


def test_the_run_is_offered_for_own_files_alone(tmp_path):
    keep_run("owner", tmp_path, torch.rand(20, 64, 1))

    def offered(data, session, model="dense"):
        shown = offer_run(data, model, gr.Request(session_hash=session))
        return "my-run" in [value for _, value in shown.choices], shown.value

    assert offered("own", "owner", "my-run") == (True, "my-run")
    assert offered("own", "stranger", "my-run") == (False, "dense")
    assert offered("heartbeats", "owner", "my-run") == (False, "dense")
    user_runs.clear()


def test_a_score_that_does_not_fit_the_model_becomes_the_squared_error():
    assert request(score="elbo").score_of("pca") == "mse"
    assert request(score="elbo").score_of("vae") == "elbo"
    assert request("heartbeats", (), score="ssim").score_of("pca") == "mse"


def test_a_cell_of_text_is_explained(tmp_path):
    (tmp_path / "mine.csv").write_text("time,a\n0,1\n1,x\n")
    with pytest.raises(DataError, match="row 3, column a"):
        load_source("own", (), (str(tmp_path / "mine.csv"),), (str(tmp_path / "mine.csv"),))


@pytest.mark.parametrize(
    ("scores", "normal", "more"),
    [
        ([], [1], {}),
        ([1], [], {}),
        ([np.nan], [1], {}),
        ([1, 2], [1], {"names": ["a"]}),
        ([1], [1], {"labels": [0, 1]}),
    ],
)
def test_scores_that_cannot_be_shown_are_refused(scores, normal, more):
    with pytest.raises(ShapeError, match="finite"):
        detection_value(scores, normal, **more)


def test_lines_travel_as_bytes():
    sheet = line_sheet(np.zeros((3, 5), np.uint8))
    assert (sheet.kind, sheet.width, sheet.height) == ("line", 5, 1)


@pytest.fixture(scope="module")
def client(served):
    return Client(served, verbose=False)


def test_the_endpoint_flags_ones_among_zeros(client, tmp_path):
    normal = [handle_file(path) for path in write_digits(tmp_path, 0, 80, "train")]
    test = [handle_file(path) for path in (*write_digits(tmp_path, 0, 5), *write_digits(tmp_path, 1, 5))]
    answer = client.predict(normal, test, api_name="/anomaly")
    flags = [each["anomaly"] for each in answer["samples"]]
    assert sum(flags[:5]) <= 2
    assert all(flags[5:])
    assert [each["anomaly"] for each in answer["samples"]] == [
        each["score"] > answer["threshold"] for each in answer["samples"]
    ]


def test_the_endpoint_explains_what_is_wrong(client, tmp_path):
    stream = io.StringIO()
    csv.writer(stream).writerows([["time", "a"], [0, 1], [1, "oops"]])
    (tmp_path / "bad.csv").write_text(stream.getvalue())
    file = handle_file(str(tmp_path / "bad.csv"))
    with pytest.raises(AppError, match="'oops' is not a number"):
        client.predict([file], [file], api_name="/anomaly")
    (tmp_path / "good.csv").write_text("a\n" + "\n".join(map(str, range(200))))
    file = handle_file(str(tmp_path / "good.csv"))
    with pytest.raises(AppError, match="choose one of pca"):
        client.predict([file], [file], "conv", api_name="/anomaly")
