"""Samples in users' files, and the command that scores them."""

import csv
import zipfile

import numpy as np
import pytest
from PIL import Image

from ae_demo import cli
from ae_demo.data import load_dataset
from ae_demo.data.named_samples import load_samples
from ae_demo.errors import DataError


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Folders of zeros, and of ten zeros and ten ones, as PNG files."""
    root, digits = tmp_path_factory.mktemp("digits"), load_dataset("digits")
    for name, pictures in (
        ("normal", digits.train[digits.train_labels == 0][:120]),
        ("test", np.concatenate([digits.test[digits.test_labels == label][:10] for label in (0, 1)])),
    ):
        (root / name).mkdir()
        for i, picture in enumerate(pictures):
            Image.fromarray(np.asarray(picture[0])).save(root / name / f"{i:03}.png")
    (root / "labels.csv").write_text("\n".join(["0"] * 10 + ["1"] * 10))
    return root


def test_a_zip_of_pictures_is_a_folder(folders, tmp_path):
    with zipfile.ZipFile(tmp_path / "mine.zip", "w") as file:
        for path in sorted((folders / "test").iterdir()):
            file.write(path, f"inside/{path.name}")
        file.writestr("inside/broken.png", b"this is no picture")
        file.writestr("readme.md", b"not a sample")
    found = load_samples(tmp_path / "mine.zip")
    assert len(found.pictures()) == 20
    assert found.names[0] == "inside/000.png"
    assert "broken.png" in found.notice
    assert "1 file that is not a picture was left out (.md)" in found.notice
    with pytest.raises(DataError, match="is a picture"):
        found.series()


def test_arrays_are_series_in_rows_or_channels_in_columns(tmp_path):
    shapes = {(50, 40): 50, (50, 3): 1, (50,): 1, (5, 40, 2): 5}
    for shape, count in shapes.items():
        np.save(tmp_path / "mine.npy", np.random.default_rng(0).random(shape))
        assert len(load_samples(tmp_path / "mine.npy").series()) == count


def test_what_is_wrong_with_files_is_explained(folders, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "mixed").mkdir()
    (tmp_path / "mixed" / "a.csv").write_text("1,2\n3,4\n")
    Image.new("L", (9, 9)).save(tmp_path / "mixed" / "a.png")
    (tmp_path / "text.csv").write_text("time,a,b\n0,1,2\n1,3,oops\n2,3,4\n")
    np.save(tmp_path / "words.npy", np.array(["a", "b"]))
    expected = {
        "empty": "no pictures and no series",
        "mixed": "one kind",
        "missing": "check its path",
        "text.csv": "row 3, column b: 'oops'",
        "words.npy": "give numbers",
    }
    for name, message in expected.items():
        with pytest.raises(DataError, match=message):
            load_samples(tmp_path / name)


def test_the_command_flags_pictures_and_prints_figures(folders, tmp_path, capsys):
    out = tmp_path / "table.csv"
    words = ["anomaly", "--normal", folders / "normal", "--test", folders / "test", "--labels", folders / "labels.csv"]
    assert cli.main([*map(str, words), "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "AUROC 1.0000" in printed
    rows = list(csv.DictReader(out.open()))
    assert len(rows) == 20
    assert rows[0]["sample"] == "000.png"
    assert all(row["anomaly"] == "1" for row in rows[10:])


def test_the_command_judges_each_row_of_a_table(tmp_path, capsys):
    t = np.arange(3000) / 25
    wave = np.stack([np.sin(2 * np.pi * t), np.cos(2 * np.pi * t)], axis=1)
    odd = wave.copy()
    odd[1500:1540] = 0
    for name, values in (("normal", wave), ("test", odd)):
        lines = [f"{i},{a:.4f},{b:.4f}" for i, (a, b) in enumerate(values)]
        lines[7] = "7,,"  # a gap
        (tmp_path / f"{name}.csv").write_text("\n".join(["time,a,b", *lines]))
    words = ["--normal", str(tmp_path / "normal.csv"), "--test", str(tmp_path / "test.csv"), "--model", "pca"]
    assert cli.main(["anomaly", *words, "--latent-dim", "4", "--out", str(tmp_path / "out.csv")]) == 0
    flagged = [int(row["sample"]) for row in csv.DictReader((tmp_path / "out.csv").open()) if row["anomaly"] == "1"]
    assert flagged
    assert min(flagged) > 1300
    assert max(flagged) < 1740
    assert "AUROC" not in capsys.readouterr().out


def test_a_cell_of_text_is_named_by_row_and_column(tmp_path, capsys):
    (tmp_path / "a.csv").write_text("time,temperature\n0,1\n1,warm\n")
    assert cli.main(["anomaly", "--normal", str(tmp_path / "a.csv"), "--test", str(tmp_path / "a.csv")]) == 1
    assert "row 3, column temperature: 'warm' is not a number" in capsys.readouterr().err
