"""Maps of codes: what is stored, what is shipped, and where a picture is placed."""

import numpy as np
import pytest
import torch

from ae_demo import checkpoints
from ae_demo.analysis import code_maps, features
from ae_demo.analysis import representations as r
from ae_demo.data import load_dataset


def codes(count=200, numbers=6, seed=0):
    return np.random.default_rng(seed).normal(size=(count, numbers)).astype(np.float32)


def test_a_stored_map_is_the_map_up_to_rounding():
    made = code_maps.make_map(codes(), ("pca", "umap"))
    read = code_maps.unpack(code_maps.pack(made))
    assert np.abs(read.codes - made.codes).max() <= np.abs(made.codes).max() / 127
    assert set(read.points) == {"pca", "umap"}
    side = np.ptp(made.points["umap"], axis=0).max()
    np.testing.assert_allclose(read.points["umap"], made.points["umap"], atol=side / 60_000)


def test_large_codes_are_reduced_to_their_principal_components():
    raw = codes(300, 80)
    made = code_maps.make_map(raw, ("pca",))
    assert made.codes.shape == (300, code_maps.MAX_NUMBERS)
    np.testing.assert_allclose(made.code_of(raw), made.codes, atol=1e-4)
    read = code_maps.unpack(code_maps.pack(made))
    np.testing.assert_allclose(read.code_of(raw), made.codes, atol=0.05)


def test_codes_of_two_numbers_are_shown_as_they_are():
    raw = codes(50, 2)
    made = code_maps.make_map(raw)
    np.testing.assert_array_equal(made.points["plane"], raw)
    np.testing.assert_allclose(code_maps.place(made, raw[7], "plane"), raw[7], atol=1e-4)


@pytest.mark.parametrize("method", ["pca", "umap"])
def test_a_code_of_the_map_is_placed_at_its_point(method):
    made = code_maps.make_map(codes(), ("pca", "umap"))
    placed = code_maps.place(made, made.codes[3], method)
    np.testing.assert_allclose(placed, made.points[method][3], atol=0.05)


@pytest.mark.parametrize("data", ["mnist", "fashion"])
def test_the_shipped_maps_are_of_the_shipped_weights(data):
    pictures = code_maps.load_map_pictures(data)
    assert len(pictures.x) == len(pictures.labels) >= 5000
    names = [name for name in (*r.checkpoints_of(data), r.PCA, r.PIXELS) if checkpoint_is_shipped(name, data)]
    assert names
    for name in names:
        made = code_maps.load_map(name, data)
        assert made is not None, f"run: python assets/make_maps.py {name}"
        assert len(made.codes) == len(pictures.x)
        assert all(points.shape == (len(pictures.x), 2) for points in made.points.values())


def checkpoint_is_shipped(name, data):
    file = f"{name}-{data}" if name in (r.PCA, r.PIXELS) else name
    return (code_maps.FOLDER / f"{file}.npz").exists()


@pytest.mark.parametrize("data", ["mnist", "fashion"])
def test_the_codes_of_a_shipped_map_of_pca_are_those_that_are_computed_for_a_drawing(data):
    made = code_maps.load_map(r.PCA, data)
    given = code_maps.load_map_pictures(data).x[:200]
    codes = made.code_of(code_maps.representation_of(r.PCA, data).encode(given))
    assert np.abs(codes - made.codes[:200]).max() < 0.01 * np.abs(made.codes).max()


def test_neighbours_on_a_shipped_map_are_mostly_of_one_class():
    made, pictures = code_maps.load_map("dense-mnist", "mnist"), code_maps.load_map_pictures("mnist")
    for points in (made.codes, made.points["umap"]):
        figures = features.evaluate(points, pictures.labels)
        assert figures["knn"] > 0.9


def test_a_map_of_other_weights_is_not_used(monkeypatch):
    monkeypatch.setattr(code_maps, "fingerprint", lambda name: "other")
    assert code_maps.load_map("dense-mnist", "mnist") is None
    assert set(code_maps.load_figures("mnist")) <= {r.PCA, r.PIXELS}


def test_shipped_figures_are_shares_and_the_best_code_beats_pixels_with_100_labels():
    rows = code_maps.load_figures("mnist")
    curves = {name: {p["labels"]: p["mean"] for p in row["labels"]["probe"]} for name, row in rows.items()}
    assert all(0 < share < 1 for curve in curves.values() for share in curve.values())
    assert max(curve[100] for name, curve in curves.items() if name not in (r.PCA, r.PIXELS)) > curves[r.PIXELS][100]


class TestMeasure:
    """Figures of a representation."""

    @pytest.fixture(scope="class")
    def data(self):
        data = load_dataset("digits", limit=400)
        return data

    def test_pca_and_pixels(self, data):
        pca = r.measure(r.of_pca(data.train, 16), data, seeds=2, counts=(10, 100, 500), clusterings=("kmeans",))
        assert pca["numbers"] == 16
        assert [p["labels"] for p in pca["labels"]["knn"]] == [10, 100]  # there are but 400
        assert pca["probe"] > 0.75
        assert 0 < pca["kmeans"]["nmi"] < 1

    def test_noise_costs_accuracy(self, data):
        clean = r.measure(r.of_pixels(), data, seeds=2, counts=(r.NOISE_LABELS,), clusterings=())
        noisy = r.measure_noise(r.of_pixels(), r.add_noise(data, "mask"), 2)
        assert noisy["mean"] < clean["labels"]["probe"][0]["mean"]

    def test_a_map_is_averaged_over_parts(self, data, random_checkpoints):
        encoded = r.of_checkpoint("denoising-mnist").encode(data.test[:3])
        channels = checkpoints.load_outline("denoising-mnist").code_shape[0]
        assert encoded.shape == (3, channels * r.MAP_PARTS**2)
        assert r.denoiser_of("mnist") == "denoising-mnist"

    def test_the_denoiser_cleans_the_pictures(self, data):
        small = type(data)("digits", data.train[:50], data.test[:50], data.train_labels[:50], data.test_labels[:50])
        noisy, cleaned = r.add_noise(small, "gaussian"), r.add_noise(small, "gaussian", r.denoiser_of("mnist"))
        truth = small.test.float() / 255
        assert torch.mean((cleaned.test - truth) ** 2) < 0.5 * torch.mean((noisy.test - truth) ** 2)
