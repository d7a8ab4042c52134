"""The sweep over the size of the code, and its command."""

import json
from dataclasses import replace

import numpy as np
import pytest

import ae_demo
from ae_demo import cli
from ae_demo.analysis.baselines import principal_axes
from ae_demo.analysis.sweep import write_table
from ae_demo.data import load_dataset
from ae_demo.errors import ConfigError

QUICK = {"epochs": 1, "hidden": (16,), "threads": 1}


def test_a_point_for_each_size_with_pca_beside_it(digits):
    events = []
    points = list(ae_demo.sweep("dense", digits, (2, 5), QUICK, lambda size, event: events.append(size)))
    assert [point.latent_dim for point in points] == [2, 5]
    assert points[1].pca_mse < points[0].pca_mse
    assert all(0 <= p.probe <= 1 and 0 <= p.pca_probe <= 1 and p.mse > 0 for p in points)
    assert set(events) == {2, 5}
    assert write_table(points).count("\n") == 3


def test_pca_is_that_of_scikit_learn(digits):
    from sklearn.decomposition import PCA

    mean, axes = principal_axes(digits.train, 4)
    x = digits.train.flatten(1).numpy() / 255
    pca = PCA(4, svd_solver="full").fit(x)
    np.testing.assert_allclose(mean, pca.mean_, atol=1e-5)
    np.testing.assert_allclose(np.abs(axes @ pca.components_.T), np.eye(4), atol=1e-3)
    point = next(iter(ae_demo.sweep("dense", digits, (4,), QUICK)))
    given = digits.test.flatten(1).numpy() / 255
    expected = np.square(pca.inverse_transform(pca.transform(given)).clip(0, 1) - given).mean()
    assert point.pca_mse == pytest.approx(expected, rel=1e-3)


def test_series_without_labels_have_no_probe():
    waves = load_dataset("waves", limit=200)
    point = next(
        iter(ae_demo.sweep("seq2seq", replace(waves, test=waves.test[:50]), (3,), {"epochs": 1, "hidden_size": 8}))
    )
    assert point.probe is None
    assert point.pca_probe is None
    assert "–" in write_table([point])


def test_families_without_a_size_are_refused(digits):
    with pytest.raises(ConfigError, match="latent_dim"):
        next(iter(ae_demo.sweep("denoising", digits)))
    with pytest.raises(ConfigError, match="latent_dim"):
        next(iter(ae_demo.sweep("dense", digits, (0,))))


def test_the_command_writes_a_table_a_plot_and_json(capsys, tmp_path):
    words = "sweep --family dense --data digits --limit 200 --latent 2 3 --epochs 1 --threads 1 --model hidden=8"
    assert cli.main([*words.split(), "--out", str(tmp_path)]) == 0
    assert "| 3 |" in capsys.readouterr().out
    swept = json.loads((tmp_path / "sweep.json").read_text())
    assert [point["latent_dim"] for point in swept["points"]] == [2, 3]
    assert swept["family"] == "dense"
    assert (tmp_path / "sweep.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("given", ["hidden", "hidden=a", "depth=3", "input_shape=1"])
def test_settings_of_the_model_are_checked(given, capsys, tmp_path):
    words = ["sweep", "--data", "digits", "--model", given, "--out", str(tmp_path)]
    assert cli.main(words) == 1
    assert "--model" in capsys.readouterr().err


def test_encode_writes_rows_for_pictures_and_codes_for_data(capsys, tmp_path, random_checkpoints):
    from PIL import Image

    Image.fromarray(np.kron(np.eye(7, dtype=np.uint8), np.full((8, 8), 255, np.uint8))).save(tmp_path / "a.png")
    assert cli.main(["encode", "dense-mnist", str(tmp_path), "--out", str(tmp_path / "codes.csv")]) == 0
    rows = (tmp_path / "codes.csv").read_text().splitlines()
    assert rows[0].startswith("picture,z1,z2")
    assert len(rows) == 2
    for name in ("codes.npz", "codes.npy"):
        assert cli.main(["encode", "dense-mnist", "--data", "digits", "--out", str(tmp_path / name)]) == 0
    assert "500 codes of shape 32" in capsys.readouterr().out
    stored = np.load(tmp_path / "codes.npz")
    assert stored["codes"].shape == (500, 32)
    assert stored["labels"].shape == (500,)
    assert cli.main(["encode", "dense-mnist", str(tmp_path / "none.png")]) == 1
    assert cli.main(["encode", "dense-mnist", "--out", "codes.txt"]) == 1
