"""Data sets: bundled, on disk, downloaded, generated, an array; and what happens when they are damaged."""

import gzip
import hashlib
import http.server
import socket
import struct
import threading
import time

import numpy as np
import pytest
import torch

from ae_demo.data import ASSETS, DATA_SETS, load_bundled_photos, load_dataset
from ae_demo.data.heartbeats import load_heartbeats, load_recording
from ae_demo.errors import ConfigError, DataError, PictureError

FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def idx(array):
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


def idx_files():
    rng = np.random.default_rng(0)
    arrays = [rng.integers(0, 256, (12, 28, 28), dtype=np.uint8), np.arange(12, dtype=np.uint8) % 10]
    arrays += [rng.integers(0, 256, (5, 28, 28), dtype=np.uint8), np.arange(5, dtype=np.uint8)]
    return dict(zip(FILES, arrays, strict=True))


def write_set(folder, zipped):
    folder.mkdir(parents=True)
    for name, array in idx_files().items():
        if zipped:
            (folder / f"{name}.gz").write_bytes(gzip.compress(idx(array)))
        else:
            (folder / name).write_bytes(idx(array))


@pytest.fixture
def no_network(monkeypatch):
    import torchvision.datasets

    for kind in ("MNIST", "FashionMNIST"):  # port 9 answers nothing
        monkeypatch.setattr(getattr(torchvision.datasets, kind), "mirrors", ["http://127.0.0.1:9/"])


@pytest.mark.parametrize(("name", "train", "test"), [("digits", 4500, 500), ("fashion-small", 12_000, 2000)])
def test_bundled_sets(name, train, test):
    dataset = load_dataset(name)
    assert dataset.name == name
    assert dataset.train.shape == (train, 1, 28, 28)
    assert dataset.test.shape == (test, 1, 28, 28)
    assert dataset.train.dtype == torch.uint8
    assert dataset.sample_shape == (1, 28, 28)
    assert dataset.train_labels.bincount().tolist() == [train // 10] * 10
    assert dataset.test_labels.bincount().tolist() == [test // 10] * 10
    assert len(dataset.classes) == 10
    assert dataset.notice is None
    assert dataset.epoch(generator()) is dataset.train
    assert 0.1 < dataset.train.float().mean() / 255 < 0.4
    train_hashes, test_hashes = ({row.numpy().tobytes() for row in part} for part in (dataset.train, dataset.test))
    assert not train_hashes & test_hashes
    assert dataset.train_labels[:200].unique().numel() == 10  # so that a limit keeps all classes


def test_bundled_files_keep_to_their_budget():
    assert sum(path.stat().st_size for path in ASSETS.rglob("*") if path.is_file()) < 20_000_000
    described = (ASSETS / "README.md").read_text()
    for folder in ("photos", "examples"):
        for path in (ASSETS / folder).iterdir():
            pattern = "digit-*" if path.stem.startswith("digit-") else "grey-*"
            assert path.name in described or f"{folder}/{pattern}{path.suffix}" in described, path.name


def test_bundled_photos():
    photos = load_bundled_photos()
    assert {"astronaut", "cat", "coffee", "rocket"} <= set(photos)
    assert photos["cat"].shape == (300, 451, 3)
    assert photos["photographer"].ndim == 2
    assert all(photo.dtype == np.uint8 for photo in photos.values())


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize(("name", "folder"), [("mnist", "MNIST"), ("fashion", "FashionMNIST")])
def test_full_sets_are_read_from_where_they_lie(tmp_path, name, folder, zipped):
    write_set(tmp_path / folder / "raw", zipped)
    dataset = load_dataset(name, data_dir=tmp_path)
    files = idx_files()
    assert (dataset.name, dataset.notice) == (name, None)
    np.testing.assert_array_equal(dataset.train[:, 0], files[FILES[0]])
    np.testing.assert_array_equal(dataset.train_labels, files[FILES[1]])
    np.testing.assert_array_equal(dataset.test[:, 0], files[FILES[2]])
    np.testing.assert_array_equal(dataset.test_labels, files[FILES[3]])


@pytest.mark.parametrize(("name", "stand_in"), [("mnist", "digits"), ("fashion", "fashion-small")])
def test_without_a_network_the_bundled_set_stands_in(tmp_path, no_network, name, stand_in):
    start = time.monotonic()
    dataset = load_dataset(name, data_dir=tmp_path)
    assert time.monotonic() - start < 10
    assert dataset.name == stand_in
    assert str(tmp_path) in dataset.notice
    assert "could not be downloaded, so the bundled" in dataset.notice
    assert torch.equal(dataset.train, load_dataset(stand_in).train)
    assert socket.getdefaulttimeout() is None
    assert "was not downloaded, as requested" in load_dataset(name, data_dir=tmp_path, download=False).notice


def test_a_missing_set_is_downloaded_without_leftovers(tmp_path, monkeypatch, capsys):
    import torchvision.datasets

    source, target = tmp_path / "source", tmp_path / "target"
    write_set(source, zipped=True)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), lambda *args: Quiet(*args, directory=str(source)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sums = [(f"{name}.gz", hashlib.md5((source / f"{name}.gz").read_bytes()).hexdigest()) for name in FILES]
    monkeypatch.setattr(torchvision.datasets.MNIST, "mirrors", [f"http://127.0.0.1:{server.server_port}/"])
    monkeypatch.setattr(torchvision.datasets.MNIST, "resources", sums)
    try:
        both = [load_dataset("mnist", data_dir=target)]
        (target / "MNIST" / "raw" / FILES[2]).unlink()  # and again into a folder that another has half filled
        both.append(load_dataset("mnist", data_dir=target))
    finally:
        server.shutdown()
        server.server_close()
    for dataset in both:
        assert dataset.notice is None
        np.testing.assert_array_equal(dataset.train[:, 0], idx_files()[FILES[0]])
    assert [path.name for path in target.iterdir()] == ["MNIST"]
    assert {path.name for path in (target / "MNIST" / "raw").iterdir()} == set(FILES)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[: len(content) // 2],
        lambda content: b"",
        lambda content: b"<html>404</html>" * 9,
        lambda content: struct.pack(">HBB3I", 0, 8, 3, 2**31, 2**31, 28),
        lambda content: idx(np.zeros((7, 28, 28), np.uint8)),
    ],
)
@pytest.mark.parametrize("zipped", [False, True])
def test_damaged_full_sets(tmp_path, damage, zipped):
    folder = tmp_path / "MNIST" / "raw"
    write_set(folder, zipped)
    path = folder / (FILES[0] + (".gz" if zipped else ""))
    content = damage(idx(idx_files()[FILES[0]]))
    path.write_bytes(gzip.compress(content) if zipped else content)
    with pytest.raises(DataError, match="delete"):
        load_dataset("mnist", data_dir=tmp_path)
    if zipped:
        path.write_bytes(damage(gzip.compress(idx(idx_files()[FILES[0]]))))
        with pytest.raises(DataError, match="delete"):
            load_dataset("mnist", data_dir=tmp_path)


def test_waves():
    waves = load_dataset("waves")
    assert waves.train.shape == (8000, 64, 1)
    assert waves.train.dtype == torch.float32
    assert 0 <= waves.train.min() < 0.15
    assert 0.85 < waves.train.max() <= 1
    assert waves.train.mean() == pytest.approx(0.5, abs=0.01)
    spectrum = torch.fft.rfft(waves.train[..., 0] - 0.5).abs().mean(0)
    assert spectrum[1:7].min() > 5 * spectrum[12:].max()  # one to six periods
    assert torch.equal(waves.train, load_dataset("waves").train)
    assert not torch.equal(waves.train, load_dataset("waves", seed=1).train)


@pytest.mark.parametrize(
    ("array", "sample_shape", "dtype"),
    [
        (np.random.default_rng(0).random((30, 12, 2)), (12, 2), torch.float32),
        (np.random.default_rng(0).random((30, 12), dtype=np.float32), (12, 1), torch.float32),
        (np.arange(300, dtype=np.int16).reshape(30, 10), (10,), torch.int64),
        (np.arange(300, dtype=np.uint64).reshape(30, 10), (10,), torch.int64),
        (np.zeros((30, 9, 7), np.uint8), (1, 9, 7), torch.uint8),
        (np.zeros((30, 3, 9, 7), np.uint8), (3, 9, 7), torch.uint8),
        (np.zeros((30, 9, 7, 3), np.uint8), (3, 9, 7), torch.uint8),
        (np.asfortranarray(np.zeros((30, 9, 7, 1), np.uint8)), (1, 9, 7), torch.uint8),
    ],
)
def test_arrays(tmp_path, array, sample_shape, dtype):
    np.save(tmp_path / "a.npy", array)
    dataset = load_dataset("array", data_dir=tmp_path / "a.npy")
    assert dataset.sample_shape == sample_shape
    assert dataset.train.dtype == dataset.test.dtype == dtype
    assert (len(dataset.train), len(dataset.test)) == (27, 3)
    if array.ndim == 2:
        assert sorted(torch.cat([dataset.train, dataset.test]).flatten().tolist()) == pytest.approx(
            sorted(array.flatten().tolist())
        )


def test_an_array_is_scaled_when_asked(tmp_path):
    array = np.random.default_rng(0).normal(5, 20, (40, 12, 2))
    array[..., 1] *= 100
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(DataError, match=r"must be in \[0, 1\]. Scale them, or set scale \(--scale"):
        load_dataset("array", data_dir=tmp_path / "a.npy")
    dataset = load_dataset("array", data_dir=tmp_path / "a.npy", scale=True)
    assert dataset.train.amin((0, 1)).tolist() == [0, 0]
    assert dataset.train.amax((0, 1)).tolist() == [1, 1]
    assert 0 <= dataset.test.min() <= dataset.test.max() <= 1


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (np.array([{"a": 1}, {}], dtype=object), "not a .npy file of numbers"),
        (np.zeros((4, 5, 6, 7, 8), np.uint8), "it must be uint8 pictures"),
        (np.zeros((4, 5), bool), "it must be"),
        (-np.ones((4, 5), np.int64), "it must be"),
        (np.full((4, 5), np.nan), "NaN"),
        (np.zeros(7), "two or more samples"),
        (
            b"\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'shape': (99999999999, 9), 'fortran_order': False}",
            "not a .npy file",
        ),
        (b"", "not a .npy file of numbers"),
        (b"PK\x03\x04 a zip", "not a .npy file of numbers"),
    ],
)
def test_invalid_arrays_are_refused(tmp_path, content, says):
    path = tmp_path / "a.npy"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        np.save(path, content, allow_pickle=True)
    with pytest.raises(DataError, match=says):
        load_dataset("array", data_dir=path)


def test_missing_arrays_are_refused(tmp_path):
    with pytest.raises(DataError, match="needs data_dir"):
        load_dataset("array")
    with pytest.raises(DataError, match="There is no file"):
        load_dataset("array", data_dir=tmp_path / "gone.npy")


def test_limit_and_settings():
    limited = load_dataset("digits", limit=100)
    assert len(limited.train) == len(limited.train_labels) == 100
    assert len(limited.test) == 500
    assert len(load_dataset("waves", limit=9).train) == 9
    with pytest.raises(ConfigError, match=f"choose one of {', '.join(DATA_SETS)}"):
        load_dataset("cifar")
    for setting in ({"limit": 0}, {"limit": 2.5}, {"patch": 4}, {"patches_per_epoch": 0}):
        with pytest.raises(ConfigError, match="give an integer of"):
            load_dataset("digits", **setting)


def test_damaged_assets_say_so(tmp_path, monkeypatch):
    import ae_demo.data.bundled as bundled

    monkeypatch.setattr(bundled, "ASSETS", tmp_path)
    (tmp_path / "digits.npz").write_bytes((ASSETS / "digits.npz").read_bytes()[:5000])
    with pytest.raises(DataError, match="missing or damaged"):
        load_dataset("digits")
    with pytest.raises(DataError, match="missing or damaged"):
        load_dataset("fashion-small")
    with pytest.raises(DataError, match="no photographs"):
        load_bundled_photos()
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.png").touch()
    with pytest.raises(PictureError, match="empty"):
        load_bundled_photos()


@pytest.mark.parametrize(("window", "peak", "steps"), [("beat", 96, 256), ("pause", 350, 450)])
def test_heartbeats(window, peak, steps):
    beats = load_heartbeats(window)
    for part, labels in ((beats.train, beats.train_labels), (beats.test, beats.test_labels)):
        assert part.shape == (len(labels), steps, 1)
        assert part.dtype == torch.float32
        assert 0 <= part.min() < part.max() <= 1
        near_peak = part[:, peak - 40 : peak + 40, 0].argmax(1) + peak - 40
        assert (near_peak - peak).abs().float().median() <= 2
    assert not beats.train_labels.any()  # normal beats only
    assert beats.classes == ("normal", "abnormal")
    assert 20 <= int(beats.test_labels.sum()) <= 34  # 33 atrial and 1 ventricular in the whole record
    assert 700 < len(beats.train) < 800
    assert len(beats.train) + len(beats.test) > 2200


def test_beats_of_the_record_without_annotations_are_detected():
    recording = load_recording("208")
    assert recording.signal.shape == (5 * 60 * 360,)
    assert set(recording.symbols) == {""}
    seconds = np.diff(recording.peaks) / 360
    assert 90 < 60 / np.median(seconds) < 110  # beats a minute
    assert (seconds > 1).sum() < 10  # next to none is missed, but where the electrode has lost contact
    assert -4 < recording.signal.min() < recording.signal.max() < 4  # millivolts
    with pytest.raises(ConfigError, match="100, 208"):
        load_recording("207")


def test_heartbeats_refuse_an_unknown_window():
    with pytest.raises(ConfigError, match="beat, pause"):
        load_heartbeats("day")
