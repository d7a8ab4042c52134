"""Figures of codes: probes, neighbours, clusters, projections, and what is refused."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from random_models import RANDOM
from samples import digit
from sklearn.manifold import TSNE
from sklearn.neighbors import NearestNeighbors

import ae_demo
from ae_demo.analysis import features, tsne
from ae_demo.analysis.umap import nearest_others
from ae_demo.errors import AEDemoError, CheckpointError, ConfigError, PictureError, ShapeError


def blobs(count=300, classes=3, numbers=8, apart=4.0, seed=0):
    """Codes in well separated groups, and their labels."""
    random = np.random.default_rng(seed)
    labels = np.arange(count) % classes
    centres = apart * random.normal(size=(classes, numbers))
    return centres[labels] + random.normal(size=(count, numbers)), labels


def test_separated_classes_score_one_and_random_ones_score_chance():
    codes, labels = blobs()
    figures = ae_demo.features.evaluate(codes, labels)
    assert set(figures) == {"probe", "knn", "kmeans_accuracy", "nmi", "ari"}
    assert all(value == pytest.approx(1.0) for value in figures.values())
    shuffled = ae_demo.features.evaluate(codes, np.random.default_rng(1).permutation(labels))
    assert shuffled["probe"] < 0.55
    assert shuffled["nmi"] < 0.05
    assert abs(shuffled["ari"]) < 0.05


def test_test_samples_are_judged_and_clustered_in_place_of_the_others():
    codes, labels = blobs()
    other = np.random.default_rng(0).normal(size=(60, 8))
    figures = features.evaluate(codes, labels, test_codes=other, test_labels=labels[:60])
    assert figures["probe"] < 0.6
    assert figures["nmi"] < 0.2


def test_the_scale_and_the_place_of_codes_make_no_difference():
    codes, labels = blobs(apart=0.6)
    one, other = (features.evaluate(x, labels) for x in (codes, 1000 * codes + 50))
    for name, value in one.items():
        assert other[name] == pytest.approx(value, abs=0.02)


def test_label_curve_rises_and_gives_the_spread_over_draws():
    codes, labels = blobs(600, apart=1.2)
    curve = features.label_curve(codes[:400], labels[:400], codes[400:], labels[400:], counts=(3, 30, 300), seeds=4)
    assert [point["labels"] for point in curve] == [3, 30, 300]
    assert curve[0]["mean"] < curve[-1]["mean"]
    assert curve[0]["std"] > curve[-1]["std"]
    with pytest.raises(ConfigError, match="500 labels were requested"):
        features.label_curve(codes[:400], labels[:400], codes, labels, counts=(500,))


def test_a_draw_has_as_many_of_each_class_as_possible():
    labels = np.array([0] * 50 + [1] * 3 + [2] * 20)
    drawn = labels[features.draw_balanced(labels, 12, seed=0)]
    assert np.bincount(drawn).tolist() in ([5, 3, 4], [4, 3, 5])
    assert not np.array_equal(features.draw_balanced(labels, 12, 0), features.draw_balanced(labels, 12, 1))


@pytest.mark.parametrize("method", features.CLUSTERINGS)
def test_clusters_of_separated_groups_are_the_groups(method):
    codes, labels = blobs(600, apart=8)
    figures = features.cluster_figures(features.cluster(codes, method, 3), labels)
    assert figures["clusters"] == 3
    assert figures["accuracy"] > 0.98
    assert figures["ari"] > 0.95


def test_accuracy_of_clusters_is_that_of_the_best_matching():
    labels = [0, 0, 0, 1, 1, 1]
    assert features.cluster_figures([1, 1, 1, 0, 0, 0], labels)["accuracy"] == 1
    assert features.cluster_figures([0, 0, 1, 1, 1, 1], labels)["accuracy"] == pytest.approx(5 / 6)
    assert features.cluster_figures([0, 0, 0, -1, -1, -1], labels)["accuracy"] == 0.5


@pytest.mark.parametrize("method", features.PROJECTIONS)
@pytest.mark.slow
def test_projections_keep_groups_apart(method):
    codes, labels = blobs(240, apart=8)
    points = ae_demo.features.project(codes, method)
    assert points.shape == (240, 2)
    assert points.dtype == np.float32
    assert np.abs(points.mean(0)).max() < 1e-2
    assert features.evaluate(points, labels)["knn"] > 0.95
    np.testing.assert_array_equal(points, ae_demo.features.project(codes, method))  # the same for the same seed


def test_codes_of_one_or_two_numbers_need_no_projection():
    codes, _ = blobs(numbers=2)
    for method in features.PROJECTIONS:
        np.testing.assert_allclose(features.project(codes, method), codes - codes.mean(0), rtol=1e-4, atol=1e-4)
    assert features.project(codes[:, :1]).shape == (300, 2)
    assert features.project(np.zeros((7, 5)), "umap").shape == (7, 2)


@pytest.mark.slow
def test_tsne_in_its_process_is_that_of_scikit_learn_and_reports_progress():
    codes, _ = blobs(200)
    shares = []
    made = tsne.tsne(codes.astype(np.float32), seed=3, progress=shares.append)
    usual = TSNE(perplexity=30, init="pca", random_state=3, n_jobs=1).fit_transform(codes.astype(np.float32))
    assert np.array_equal(made, usual)
    assert shares == sorted(shares)
    assert any(0.1 < share < 0.9 for share in shares)


@pytest.mark.slow
def test_tsne_ends_with_its_caller_and_says_when_it_failed(monkeypatch):
    codes, _ = blobs(3000)
    started, popen = [], subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *args, **more: started.append(popen(*args, **more)) or started[-1])

    def leave(share):
        if share:
            raise KeyError

    with pytest.raises(KeyError):
        tsne.tsne(codes, progress=leave)
    assert started[0].returncode < 0  # it was killed
    with pytest.raises(AEDemoError, match="t-SNE ended unexpectedly"):
        tsne.tsne(codes, progress=lambda share: started[-1].kill())


def test_what_is_refused_says_what_is_allowed():
    codes, labels = blobs()
    with pytest.raises(ShapeError, match="one label for each"):
        features.evaluate(codes, labels[:-1])
    with pytest.raises(ShapeError, match="NaN"):
        features.evaluate(np.where(codes > 9, np.nan, codes * np.nan), labels)
    with pytest.raises(ConfigError, match="two classes"):
        features.evaluate(codes, np.zeros(300))
    with pytest.raises(ConfigError, match="both"):
        features.evaluate(codes, labels, test_codes=codes)
    with pytest.raises(ConfigError, match="pca, tsne, umap"):
        features.project(codes, "mds")
    with pytest.raises(ConfigError, match="kmeans, gaussian, hdbscan"):
        features.cluster(codes, "dbscan")
    with pytest.raises(ConfigError, match="1 to 300"):
        features.cluster(codes, "kmeans", 301)


@pytest.mark.usefixtures("random_checkpoints")
class TestEncode:
    """`ae_demo.encode` with random weights."""

    @pytest.mark.parametrize("checkpoint", [c for c in RANDOM if RANDOM[c][0]["family"] != "colorization"])
    def test_every_model_encodes_a_batch_of_its_shape(self, checkpoint):
        model = ae_demo.load(checkpoint)
        x = torch.rand(3, *model.config.input_shape)
        codes = ae_demo.encode(x, checkpoint)
        assert codes.dtype == np.float32
        assert codes.shape == (3, *model.code_shape)
        np.testing.assert_array_equal(codes, ae_demo.encode(x.numpy(), checkpoint))

    def test_pictures_of_any_size_are_prepared_as_reconstruct_prepares_them(self):
        large = 255 - np.kron(digit(), np.ones((5, 7), np.uint8))
        codes = ae_demo.encode([digit(), large], "dense-mnist")
        np.testing.assert_allclose(codes[1], ae_demo.reconstruct(large, "dense-mnist").code, rtol=1e-4, atol=1e-5)
        bytes_ = ae_demo.encode(digit()[None], "dense-mnist")
        floats = ae_demo.encode((digit() / 255)[None, None], "dense-mnist")
        np.testing.assert_allclose(bytes_, floats, atol=1e-5)

    def test_progress_reaches_one(self):
        shares = []
        ae_demo.encode(np.zeros((600, 28, 28), np.uint8), "dense-mnist", progress=shares.append)
        assert len(shares) > 1
        assert shares[-1] == 1

    @pytest.mark.parametrize(
        ("samples", "checkpoint", "error", "message"),
        [
            (np.zeros((3, 27, 28), np.uint8), "dense-mnist", ShapeError, r"\(3, 1, 27, 28\)"),
            (np.full((3, 28, 28), 1.5), "dense-mnist", ShapeError, "1.5 to 1.5"),
            (np.full((3, 28, 28), np.nan), "dense-mnist", ShapeError, "nan"),
            (np.zeros((0, 28, 28), np.uint8), "dense-mnist", ShapeError, "at least one"),
            ("digit.png", "dense-mnist", ShapeError, "str"),
            (["digit.png"], "dense-mnist", PictureError, "str"),
            (np.zeros((1, 64, 64), np.uint8), "colorization-photo", CheckpointError, "colours only"),
            (np.zeros((1, 28, 28), np.uint8), "none", CheckpointError, "no checkpoint"),
        ],
    )
    def test_other_samples_are_refused(self, samples, checkpoint, error, message):
        with pytest.raises(error, match=message):
            ae_demo.encode(samples, checkpoint)

    def test_pictures_of_several_sizes_have_no_common_map(self):
        with pytest.raises(ShapeError, match="one size"):
            ae_demo.encode([np.zeros((40, 40), np.uint8), np.zeros((40, 48), np.uint8)], "denoising-photo")


@pytest.mark.usefixtures("random_checkpoints")
class TestInterpolate:
    """`ae_demo.interpolate` with random weights."""

    @pytest.mark.parametrize("checkpoint", ["dense-mnist", "vae-wide", "conv-mnist", "seq2seq-mnist"])
    def test_the_ends_are_reconstructions(self, checkpoint):
        a, b = digit(), np.roll(digit(), 3, axis=1)
        walk = ae_demo.interpolate(a, b, checkpoint, 5)
        assert walk.shape == (5, 28, 28)
        assert walk.dtype == np.uint8
        seen_hat = ae_demo.reconstruct(a, checkpoint).seen_hat[0]
        np.testing.assert_allclose(walk[0] / 255, seen_hat, atol=0.01)

    def test_series_and_colour(self):
        a, b = torch.rand(2, 64, 1)
        assert ae_demo.interpolate(a, b, "seq2seq-waves", steps=3).shape == (3, 64, 1)
        photo = np.zeros((40, 40, 3), np.uint8)
        assert ae_demo.interpolate(photo, photo, "dense-folder", steps=2).shape == (2, 20, 24, 3)

    @pytest.mark.parametrize("steps", [1, 0, 2.5, True, 1001])
    def test_steps_are_checked(self, steps):
        with pytest.raises(ConfigError, match="2 to 1,000"):
            ae_demo.interpolate(digit(), digit(), "dense-mnist", steps)


def test_neighbours_are_those_of_scikit_learn():
    codes = np.random.default_rng(0).normal(size=(2300, 20)).astype(np.float32)
    codes[7] = codes[8]  # two equal codes are neighbours of one another, not of themselves
    distances, indices = nearest_others(codes, 15)
    expected, order = NearestNeighbors(n_neighbors=15).fit(codes).kneighbors()
    np.testing.assert_allclose(distances, expected, atol=1e-4)
    assert (indices == order).mean() > 0.999
    assert indices[7, 0] == 8


@pytest.mark.slow
def test_what_the_server_prepares_needs_no_scikit_learn():
    """It would take 60 MB of each server at rest."""
    script = """
import sys, numpy as np
from ae_demo.analysis import baselines, features
baselines.fit_pca("digits", 2)
features.project(np.random.default_rng(0).normal(size=(40, 60)), "umap")
assert "sklearn" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True)
