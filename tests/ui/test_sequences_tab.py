"""The Sequences tab: what it shows of samples, of the recording and of files; and its endpoint."""

import base64
import json
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from gradio_client import Client
from gradio_client.exceptions import AppError

from ae_demo import checkpoints, inference
from ae_demo.data import load_dataset
from ae_demo.data.heartbeats import load_recording
from ae_demo.errors import ConfigError, DataError
from ae_demo.models import build_model
from ae_demo.ui.components.sequence import sequence_value
from ae_demo.ui.shared import user_runs
from ae_demo.ui.tabs.sequences import decoders, recordings, request, tab
from ae_demo.ui.tabs.sequences.request import SequenceRequest
from ae_demo.ui.tabs.sequences.view import results

GIVEN = {
    "checkpoint": "seq2seq-waves",
    "source": "example",
    "sample": 7,
    "second": 12,
    "record": "100",
    "minute": 26,
    "word": "",
    "other": "",
    "path": None,
    "channel": 1,
    "length": 0,
    "rate": 360,
    "scaling": "fit",
}


def show(**changed):
    return results(SequenceRequest(**{**GIVEN, **changed}))


def arrays_of(value):
    """The arrays that the page gets."""
    data = base64.b64decode(value["items"])
    (length,) = struct.unpack("<I", data[4:8])
    header = json.loads(data[8 : 8 + length])
    return {
        name: np.frombuffer(data, about["dtype"], int(np.prod(about["shape"])), 8 + length + about["offset"]).reshape(
            about["shape"]
        )
        for name, about in header["arrays"].items()
    }


def figures_of(cards, title):
    (about,) = [about for about in cards if about["title"] == title]
    return dict(about["figures"])


def write(tmp_path, text, name="mine.csv"):
    (tmp_path / name).write_text(text)
    return str(tmp_path / name)


def test_two_test_waves_and_the_walk_between_them():
    value = show()["output"]
    arrays = arrays_of(value)
    x = load_dataset("waves").test[[6, 11]]
    np.testing.assert_allclose(arrays["x"], x.flatten(1), atol=1e-3)
    expected = inference.reconstruct_series(list(x.numpy()), "seq2seq-waves", value_range="none")
    np.testing.assert_allclose(arrays["codes"], np.concatenate([one.code for one in expected]), atol=1e-6)
    assert (value["selected"], value["other"], value["names"]) == (0, 1, ["7", "12"])
    low, high = arrays["spread"]
    assert (low < 0).all()
    assert (high > 0).all()
    assert all(ours < 3 * pca for ours, pca in zip(arrays["scores"], value["pca"], strict=True))
    assert value["threshold"] == value["quantiles"][95]


def test_two_words_and_what_pca_writes():
    value = show(checkpoint="seq2seq-words", word="Summer", other="winter")["output"]
    arrays = arrays_of(value)
    assert (value["kind"], value["names"], value["other"]) == ("words", ["summer", "winter"], 1)
    assert arrays["x"].shape == (2, 12)
    assert arrays["codes"].shape == (2, 32)
    assert len(value["pca"]) == 2
    assert value["pca"][0] != "summer"  # PCA with as many numbers gets few words right
    alone = show(checkpoint="seq2seq-words", word="cat")["output"]
    assert alone["other"] is None
    assert show(checkpoint="seq2seq-words", word=" ", other="cat") is None
    with pytest.raises(DataError, match="'n0'"):
        show(checkpoint="seq2seq-words", word="n0")


def test_the_beats_of_a_minute_with_the_abnormal_ones_marked():
    shown = show(checkpoint="seq2seq-heartbeats")
    value, recording = shown["output"], load_recording()
    arrays = arrays_of(value)
    assert value["marks"] == [[value["selected"], "V"]]  # the ventricular beat is the worst reconstructed one
    assert arrays["signal"].shape == (60 * 360,)
    peaks = arrays["starts"] + 96 + 25 * 60 * 360
    assert set(peaks) <= set(recording.peaks)
    assert arrays["scores"].argmax() == value["selected"]
    assert arrays["scores"].max() > value["threshold"] > np.median(arrays["scores"])
    assert figures_of(shown["facts"], "unusual_windows")["windows"].endswith(f"/ {len(peaks)}")


def test_wide_beats_of_another_patient_are_outliers_among_its_errors():
    value = show(checkpoint="seq2seq-heartbeats", record="208", minute=5)["output"]
    arrays = arrays_of(value)
    assert not value["marks"]
    assert arrays["scores"].min() > 2 * decoders.checkpoints.load_metrics("seq2seq-heartbeats")["error_quantiles"][95]
    beats = arrays["signal"][arrays["starts"][:, None] + np.arange(46, 146)].astype(float)
    deviation = np.abs(beats - np.median(beats, 1, keepdims=True))
    width = (deviation > deviation[:, 40:60].max(1, keepdims=True) / 2).sum(1)  # samples over half of the height
    unusual = arrays["scores"] > value["threshold"]
    assert unusual[width > 18].all()  # 50 ms
    assert 20 <= unusual.sum() <= (width > 10).sum() + 3
    same = show(checkpoint="seq2seq-heartbeats", record="208", minute=1)["output"]
    assert same["threshold"] == value["threshold"]  # of the whole record


def test_the_minute_stays_within_the_record():
    whole = {record: len(load_recording(record).signal) // recordings.MINUTE for record in recordings.RECORDS}
    assert whole == recordings.MINUTES
    update = tab.offer_minutes("208", 26)
    assert (update["value"], update["maximum"]) == (5, 5)
    update = tab.offer_minutes("100", 5)
    assert (update["value"], update["maximum"]) == (5, 30)


def test_minutes_beyond_the_recording_are_its_last_one():
    last, beyond = (show(checkpoint="seq2seq-heartbeats", minute=minute)["output"] for minute in (30, 99))
    assert last["items"] == beyond["items"]


def test_a_file_is_cut_and_scaled_and_the_page_says_how(tmp_path):
    rows = ["time,a,b"] + [f"{i},{20 + np.sin(i / 4):.4f},{'' if i == 7 else i % 50}" for i in range(1000)]
    path = write(tmp_path, "\n".join(rows))
    shown = show(source="file", path=path, channel=2, length=100)
    facts = figures_of(shown["facts"], "prepared")
    assert facts["given_steps"] == "1,000"
    assert facts["time_column"] == "time"
    assert facts["gaps_filled"] == "1"
    assert facts["windows"] == "10 × 100"
    assert facts["resampled"] == "100 → 64"
    assert facts["scaled"] == "0.5 … 48.5 → 0.15 … 0.85"
    assert "padded" not in facts
    arrays = arrays_of(shown["output"])
    assert arrays["x"].shape == (10, 64)
    assert np.isfinite(arrays["signal"]).all()
    short = figures_of(show(source="file", path=write(tmp_path, "1\n2\n3\n", "short.csv"))["facts"], "prepared")
    assert short["padded"] == "61"


def test_a_visitors_electrocardiogram_is_shown_beat_by_beat(tmp_path):
    signal = load_recording().signal[: 30 * 360 : 2] * 800 + 99  # another rate, another unit
    path = write(tmp_path, "\n".join(f"{v:.3f}" for v in signal))
    value = show(checkpoint="seq2seq-heartbeats", source="file", path=path, rate=180)["output"]
    arrays = arrays_of(value)
    known = load_recording().peaks
    expected = known[known < 30 * 360] // 2
    found = arrays["starts"] + 48
    assert all(np.abs(expected - at).min() <= 2 for at in found)
    assert len(found) >= len(expected) - 2
    assert np.median(arrays["scores"]) < 10 * value["threshold"]
    with pytest.raises(DataError, match="no heartbeats"):
        show(checkpoint="seq2seq-heartbeats", source="file", path=write(tmp_path, "1\n1\n1\n1\n"))


def test_channels_of_several_series_are_numbered_in_order(tmp_path):
    np.savez(tmp_path / "several.npz", a=np.arange(9.0), b=np.arange(20.0).reshape(5, 4))
    channels = recordings.list_channels(str(tmp_path / "several.npz"))
    assert [len(series.values) for series in channels] == [9, 5, 5, 5, 5]
    assert recordings.pick_series(str(tmp_path / "several.npz"), 99).name == channels[-1].name


def test_a_visitors_run_of_two_channels_takes_a_file_and_its_decoder_goes_with_it(tmp_path, monkeypatch):
    torch.manual_seed(0)
    model = build_model("seq2seq", input_shape=(20, 2), hidden_size=4, latent_dim=3)
    folder = checkpoints.save(model, tmp_path / "run", {"data": {"name": "array"}})
    monkeypatch.setattr(request, "resolve", lambda name: folder)
    assert decoders.serves(folder)
    assert show(checkpoint="my-run") is None
    path = write(tmp_path, "\n".join(f"{i % 9},{i % 5}" for i in range(100)))
    value = show(checkpoint="my-run", source="file", path=path)["output"]
    assert arrays_of(value)["x"].shape == (5, 40)
    assert "threshold" not in value
    assert Path(value["model"]).exists()
    for remove in user_runs.on_remove:
        remove(folder)
    assert not Path(value["model"]).exists()


def test_nothing_given_is_nothing_shown():
    assert show(source="file") is None


def test_the_controls_follow_the_model_and_the_source():
    assert tab.controls_of("seq2seq-waves", "example") == {"source", "sample", "second"}
    assert tab.controls_of("seq2seq-heartbeats", "example") == {"source", "record", "minute"}
    assert "rate" in tab.controls_of("seq2seq-heartbeats", "file")
    assert "length" in tab.controls_of("seq2seq-waves", "file")
    assert len(tab.show_controls("seq2seq-waves", "file")) == len(tab.CONTROLS)


def test_only_models_of_sequences_are_offered():
    names = decoders.list_sequence_models()
    assert {"seq2seq-waves", "seq2seq-heartbeats"} <= set(names)
    assert not any(name.endswith(("mnist", "fashion", "photo")) for name in names)


def test_a_kind_that_does_not_exist_is_refused():
    with pytest.raises(ConfigError, match="series"):
        sequence_value("x.bin", {}, "pictures")


@pytest.fixture(scope="module")
def client(served):
    return Client(served, verbose=False)


def test_the_endpoint_answers_what_the_library_answers(client):
    wave = load_dataset("waves").test[0, :, 0].tolist()
    answer = client.predict(wave, "seq2seq-waves", wave[::-1], 3, api_name="/sequence")
    expected = inference.reconstruct_series(wave, "seq2seq-waves")
    np.testing.assert_allclose(answer["reconstruction"], expected.reconstruction, atol=1e-4)
    assert answer["mse"] == pytest.approx(expected.mse, rel=1e-3)
    assert np.shape(answer["walk"]) == (3, 64, 1)


def test_the_endpoint_takes_series_of_unequal_lengths(client):
    answer = client.predict([[1, 2, 3, 4], [5, 6, 7]], "seq2seq-waves", api_name="/sequence")
    assert [np.shape(part["reconstruction"]) for part in answer["series"]] == [(4, 1), (3, 1)]


def test_the_endpoint_takes_words_and_walks_between_them(client):
    answer = client.predict("summer", "seq2seq-words", "winter", 3, api_name="/sequence")
    assert answer["reconstruction"] == answer["walk"][0] == "summer"
    assert answer["walk"][-1] == "winter"
    assert np.shape(answer["probabilities"]) == (12, 27)


@pytest.mark.parametrize("sequence", [None, "", [], ["a", "b"], [[1, 2], []], "wörd"])
def test_the_endpoint_says_what_is_wrong(client, sequence):
    with pytest.raises(AppError, match=r"\w+ \w+ \w+"):
        client.predict(sequence, "seq2seq-waves", api_name="/sequence")
