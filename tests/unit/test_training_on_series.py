"""A user's files of series as a data set, from the file to the checkpoint of a run, or one clear sentence."""

import zipfile

import numpy as np
import pytest
import torch

from ae_demo import checkpoints
from ae_demo.data import load_dataset
from ae_demo.errors import DataError
from ae_demo.inference import reconstruct_series
from ae_demo.models import FAMILIES
from ae_demo.training.events import Failed, Finished, Previewed, Started
from ae_demo.training.worker_run import run
from ae_demo.ui.strings.messages import translated
from ae_demo.ui.tabs.train.queued_run import make_spec
from ae_demo.ui.tabs.train.settings import PageSettings, data_sets_of, settings_of

WAVE = np.sin(np.arange(2000) / 9)


class Remote:
    """Control of a run that goes on to its end."""

    mode, stopped = "go", False

    def pauses_after(self, event):
        return False

    def take_values(self):
        return {}


def write(folder, name, rows):
    path = folder / name
    path.write_text("\n".join(rows))
    return str(path)


def load(path):
    return load_dataset("series", data_dir=path)


def test_a_long_series_is_cut_scaled_and_its_end_is_held_out(tmp_path):
    values = 20 + 5 * WAVE
    values[1990] = 500  # in the held-out part, which does not determine the range
    samples = load(write(tmp_path, "a.csv", ["time,x", *(f"{i},{v:.5f}" for i, v in enumerate(values))]))
    assert samples.train.shape[1:] == samples.test.shape[1:] == (64, 1)
    assert len(samples.train) == len(range(0, 1800 - 64 + 1, 32)) + 1  # the last one ends with the part
    low, high = np.quantile(values[:1800], (0.005, 0.995))
    expected = ((values[32:96] - low) / (high - low)).clip(0, 1)
    np.testing.assert_allclose(samples.train[1, :, 0], expected, atol=1e-4)
    np.testing.assert_allclose(samples.test[0, :, 0], ((values[1800:1864] - low) / (high - low)).clip(0, 1), atol=1e-4)
    assert samples.test.max() == 1
    assert f"windows of 64 steps: {len(samples.train)} to train on, 4 held out" in samples.notice


def test_of_many_series_whole_ones_are_held_out_and_short_ones_are_resampled(tmp_path):
    x = np.stack([np.sin(np.arange(32) / 5 + k) for k in range(50)])
    np.save(tmp_path / "a.npy", x)
    samples = load(tmp_path / "a.npy")
    assert (samples.train.shape, samples.test.shape) == ((45, 64, 1), (5, 64, 1))
    assert "at most 32 steps to 64; 45 are trained on, 5 are held out" in samples.notice
    again = load(tmp_path / "a.npy")
    assert torch.equal(samples.test, again.test)


def test_gaps_unequal_lengths_and_constant_channels_are_reported(tmp_path):
    for k in range(12):
        length = 40 if k == 3 else 200 + k
        rows = ["a,b", *(f"{'' if k == 5 and 10 < i < 14 else f'{np.sin(i / 7 + k):.4f}'},7" for i in range(length))]
        write(tmp_path, f"{k:02}.csv", rows)
    samples = load(tmp_path)
    assert samples.sample_shape == (64, 2)
    assert torch.isfinite(samples.train).all()
    assert "Missing values that were interpolated: 3." in samples.notice
    assert "padded with their last value: 1." in samples.notice
    assert "Constant channels, which have nothing to learn: b." in samples.notice
    assert (samples.train[..., 1] == 0.5).all()


REFUSED = {
    "text": (["a", *["1"] * 200, "x"], "row 202, column a: 'x' is not a number"),
    "short": ([str(i) for i in range(100)], "100 steps; 128 or more are needed, or 10 series"),
    "constant": (["3"] * 300, "is constant, so there is nothing to learn"),
    "wide": ([",".join(f"{(7 * i + j) % 13}" for j in range(17)) for i in range(300)], "17 channels; 16 are allowed"),
}


@pytest.mark.parametrize(("rows", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_trained_on_is_explained(tmp_path, rows, message):
    with pytest.raises(DataError, match=message) as caught:
        load(write(tmp_path, "a.csv", rows))
    for locale in ("zh-CN", "zh-TW"):
        assert translated(caught.value.message, locale) != str(caught.value.message)


def test_series_of_different_channels_are_refused(tmp_path):
    write(tmp_path, "a.csv", [f"{v}" for v in WAVE])
    write(tmp_path, "b.csv", [f"{v},{v}" for v in WAVE])
    with pytest.raises(DataError, match=r"b\.csv has 2 channels, a\.csv has 1"):
        load(tmp_path)


@pytest.mark.parametrize("zipped", [False, True])
def test_a_run_of_the_page_trains_on_them_and_its_checkpoint_reconstructs_others(tmp_path, zipped):
    path = write(tmp_path, "a.csv", ["a,b", *(f"{v:.4f},{100 * v * v:.3f}" for v in WAVE)])
    if zipped:
        with zipfile.ZipFile(tmp_path / "mine.zip", "w") as archive:
            archive.write(path, "in/a.csv")
            archive.writestr("in/readme.md", "about them")
        path = str(tmp_path / "mine.zip")
    values = {"hidden_size": 16, "latent_dim": 4, "epochs": 2, "lr": 1e-2, "batch_size": 16}
    settings = PageSettings.from_flat("seq2seq", "series", values, pictures=(path,))
    settings.check()
    (tmp_path / "scratch").mkdir()
    spec = make_spec(settings, tmp_path / "scratch")
    events = list(run(spec, Remote()))
    assert not [event for event in events if isinstance(event, Failed)]
    started = next(event for event in events if isinstance(event, Started))
    assert "windows of 64 steps" in started.notice
    assert ("1 file that is not a series" in started.notice) == zipped
    assert any(isinstance(event, Previewed) and event.picture for event in events)
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert checkpoints.data_of(spec.folder) == "series"
    found = reconstruct_series(np.stack([WAVE, WAVE**2], 1)[:500], tmp_path / "scratch" / "seq2seq-series")
    assert found.reconstruction.shape == (500, 2)
    assert np.isfinite(found.scores).all()
    kept = settings_of(tmp_path / "scratch" / "seq2seq-series")
    assert (kept.family, kept.data, kept.pictures) == ("seq2seq", "series", ())


def test_without_files_no_run_starts_and_only_models_of_series_are_offered(tmp_path):
    with pytest.raises(DataError, match="Files of series given: 0"):
        PageSettings.from_flat("seq2seq", "series").check()
    picture = tmp_path / "a.png"
    picture.write_bytes(b"x")
    (tmp_path / "scratch").mkdir()
    with pytest.raises(DataError, match="no series"):
        make_spec(PageSettings.from_flat("seq2seq", "series", pictures=(str(picture),)), tmp_path / "scratch")
    assert [name for name, family in FAMILIES.items() if "series" in data_sets_of(family)] == ["seq2seq"]
