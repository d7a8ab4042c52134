"""A folder of pictures as a data set: whole, in classes, split, or as patches of photographs."""

import time

import numpy as np
import pytest
import torch
from PIL import Image

from ae_demo import cli
from ae_demo.data import PatchSamples, Samples, load_dataset
from ae_demo.data.samples import fit_channels
from ae_demo.errors import DataError


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def save(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(pixels, np.uint8)).save(path)


def fill(root, count, size, seed=0, classes=("",)):
    rng = np.random.default_rng(seed)
    for number in range(count):
        save(root / classes[number % len(classes)] / f"{number}.png", rng.integers(0, 256, size))


def test_a_folder_of_one_small_size(tmp_path):
    fill(tmp_path, 60, (32, 32, 3), classes=("cats", "dogs"))
    dataset = load_dataset("folder", data_dir=tmp_path)
    assert type(dataset) is Samples
    assert dataset.train.shape == (57, 3, 32, 32)
    assert dataset.test.shape == (3, 3, 32, 32)
    assert dataset.classes == ("cats", "dogs")
    assert dataset.train_labels.unique().tolist() == [0, 1]
    assert dataset.notice is None
    stored = np.asarray(Image.open(tmp_path / "cats" / "0.png")).transpose(2, 0, 1)
    place = [bool((row.numpy() == stored).all()) for row in torch.cat([dataset.train, dataset.test])].index(True)
    assert torch.cat([dataset.train_labels, dataset.test_labels])[place] == 0
    again = load_dataset("folder", data_dir=tmp_path)
    assert torch.equal(dataset.train, again.train)
    assert not torch.equal(dataset.test, load_dataset("folder", data_dir=tmp_path, seed=1).test)
    limited = load_dataset("folder", data_dir=tmp_path, limit=20)
    assert torch.equal(limited.train, dataset.train[:20])
    assert limited.train_labels.unique().tolist() == [0, 1]


@pytest.mark.parametrize(
    ("train", "held"),
    [("train", "val"), ("train", "validation"), ("Train", "Test"), ("TRAINING", "testing"), ("training", "valid")],
)
def test_a_folder_that_is_split_already(tmp_path, train, held):
    fill(tmp_path / train, 6, (16, 16), classes=("a", "b"))
    fill(tmp_path / held, 6, (16, 16), seed=1, classes=("a", "b"))  # the same names as in train
    dataset = load_dataset("folder", data_dir=tmp_path)
    assert dataset.train.shape == dataset.test.shape == (6, 1, 16, 16)
    assert not torch.equal(dataset.train, dataset.test)
    assert dataset.notice is None
    assert dataset.test_labels.bincount().tolist() == [3, 3]
    assert dataset.classes == ("a", "b")


def test_files_beside_a_split_are_counted_and_nested_folders_are_found(tmp_path):
    inner = tmp_path / "my pictures"
    for part in ("train", "val", "test"):
        fill(inner / part, 4, (16, 16), classes=("a", "b"))
    (tmp_path / "__MACOSX").mkdir()
    (tmp_path / "Thumbs.db").touch()
    dataset = load_dataset("folder", data_dir=tmp_path)
    assert len(dataset.train) == len(dataset.test) == 4
    assert dataset.classes == ("a", "b")
    assert dataset.notice == "Pictures outside train and val that were left out: 4."


def test_suffixes_depths_and_other_files_are_in_the_notice(tmp_path):
    for suffix, kind in {"jfif": "JPEG", "jpe": "JPEG", "pnm": "PPM", "mpo": "MPO"}.items():
        Image.new("L", (20, 20), 90).save(tmp_path / f"a.{suffix}", format=kind)
    Image.fromarray(np.full((20, 20), 4000, np.uint16)).save(tmp_path / "deep.png")
    for name in ("a.heic", "b.HEIC", "c.svg", "readme"):
        (tmp_path / name).touch()
    dataset = load_dataset("folder", data_dir=tmp_path)
    assert len(dataset.train) + len(dataset.test) == 5
    assert dataset.notice == (
        "Pictures scaled by the values in their files: 1, for example from 0 to 4095. 4 files that are not pictures "
        "were left out (.heic, .svg, –)."
    )


def test_a_folder_with_files_that_cannot_be_read(tmp_path):
    fill(tmp_path, 30, (20, 20))
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no more")
    (tmp_path / "empty.png").touch()
    (tmp_path / ".hidden.png").touch()
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    dataset = load_dataset("folder", data_dir=tmp_path)
    assert len(dataset.train) + len(dataset.test) == 30
    assert dataset.notice.startswith("2 files cannot be read and were left out, the first because: ")
    assert dataset.notice.endswith("1 file that is not a picture was left out (.txt).")


def test_a_folder_of_grey_and_coloured_pictures_and_of_one(tmp_path):
    fill(tmp_path, 2, (20, 20, 3))
    save(tmp_path / "grey.png", np.full((20, 20), 7))
    dataset = load_dataset("folder", data_dir=tmp_path)
    everything = torch.cat([dataset.train, dataset.test])
    assert everything.shape == (3, 3, 20, 20)
    assert (everything == 7).all((1, 2, 3)).sum() == 1
    save(tmp_path / "one" / "grey.png", np.full((20, 20), 7))
    alone = load_dataset("folder", data_dir=tmp_path / "one")
    assert torch.equal(alone.train, alone.test)
    assert "too few pictures" in alone.notice


def test_missing_and_empty_folders_are_refused(tmp_path):
    with pytest.raises(DataError, match="needs data_dir"):
        load_dataset("folder")
    with pytest.raises(DataError, match="is not a folder"):
        load_dataset("folder", data_dir=tmp_path / "gone")
    with pytest.raises(DataError, match=r"No picture in .* can be read"):
        load_dataset("folder", data_dir=tmp_path)
    (tmp_path / "a.png").write_text("no picture")
    with pytest.raises(DataError, match=r"a\.png is not a picture"):
        load_dataset("folder", data_dir=tmp_path)


def ramp(height, width):
    """A picture whose red and green are the pixel's coordinates, so that a patch shows where it was cut."""
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([y, x, np.full_like(x, 255)], 2)


def test_patches_of_pictures_of_all_sizes(tmp_path):
    for number, size in enumerate([(200, 120), (65, 250), (90, 90), (40, 30), (3, 200)] * 5):
        save(tmp_path / f"{number}.png", ramp(*size))
    dataset = load_dataset("folder", data_dir=tmp_path, patches_per_epoch=600)
    assert isinstance(dataset, PatchSamples)
    assert len(dataset.pictures) == 24
    assert dataset.sample_shape == (3, 64, 64)
    assert dataset.test.shape[1:] == (3, 64, 64)
    patches = dataset.epoch(generator())
    assert patches.shape == (600, 3, 64, 64)
    assert patches.dtype == torch.uint8
    assert torch.equal(patches, dataset.epoch(generator()))
    assert not torch.equal(patches, dataset.epoch(generator(1)))


@pytest.mark.slow
def test_a_patch_is_cut_turned_and_scaled_as_it_says():
    picture = torch.from_numpy(ramp(240, 250).astype(np.uint8)).permute(2, 0, 1).contiguous()
    dataset = PatchSamples("one", picture[None, :, :64, :64], picture[None], pictures=(picture,))
    patches = PatchSamples.epoch(dataset, generator()).float()[:4000]
    assert (patches[:, 2] >= 254).all()
    by_row = patches.diff(dim=2).mean((2, 3))[:, :2]  # how red and green change downward
    by_column = patches.diff(dim=3).mean((2, 3))[:, :2]
    steps = torch.cat([by_row, by_column], 1).abs().amax(1)
    exact = (steps - 1).abs() < 1e-3
    assert 0.45 < exact.float().mean() < 0.55  # half are cut at the picture's own scale
    assert steps.min() > 0.99
    assert steps.max() < 1.7
    ways = torch.cat([by_row, by_column], 1).div(steps[:, None]).round().int()
    assert len(ways.unique(dim=0)) == 8  # all symmetries of the square
    corner = patches[exact].amin((2, 3))[:, :2]
    assert corner.amin(0).tolist() <= [3, 3]
    assert (corner.amax(0) >= torch.tensor([170, 180])).all()


def test_an_epoch_of_patches_is_fast():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        pictures = tuple(torch.randint(256, (3, 288, 352), dtype=torch.uint8) for _ in range(50))
        dataset = PatchSamples("noise", pictures[0][None, :, :64, :64], pictures[0][None], pictures=pictures)
        start = time.process_time()
        patches = dataset.epoch(generator())
        assert time.process_time() - start < 3
    finally:
        torch.set_num_threads(threads)
    assert patches.shape == (8192, 3, 64, 64)


def test_grey_folders_are_measured_by_models_of_colour_and_the_reverse(tmp_path, capsys):
    fill(tmp_path / "grey", 4, (64, 64))
    fill(tmp_path / "colour", 4, (28, 28, 3))
    for checkpoint, kind in (("conv-photo", "grey"), ("dense-mnist", "colour")):
        assert cli.main(["evaluate", checkpoint, "--data", "folder", "--data-dir", str(tmp_path / kind)]) == 0
        assert "mse" in capsys.readouterr().out
    x = torch.tensor([[[[200]], [[60]], [[60]]]], dtype=torch.uint8)
    assert fit_channels(x, (1, 28, 28)).tolist() == [[[[102]]]]
    assert fit_channels(x[:, :1], (3, 64, 64)).shape == (1, 3, 1, 1)
