"""Anomaly detection: samples unlike the normal ones have higher scores and are flagged."""

import numpy as np
import pytest
import torch
from PIL import Image

import ae_demo
from ae_demo.analysis.anomaly import SCORES, model_names, score_errors
from ae_demo.analysis.detection import judge_scores, load_labels, outlier_threshold
from ae_demo.analysis.detector_inputs import read_series
from ae_demo.data import load_dataset
from ae_demo.data.heartbeats import load_heartbeats
from ae_demo.data.own_series import load_own_series
from ae_demo.errors import ConfigError, DataError, PictureError, ShapeError
from ae_demo.functional.metrics import auroc
from ae_demo.models import build_model
from ae_demo.models.dense import DenseAutoencoder


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


def area(detector, samples, is_anomaly):
    return auroc(torch.from_numpy(detector.scores(samples)), torch.as_tensor(is_anomaly))


@pytest.fixture(scope="module")
def zeros(digits):
    return digits.train[digits.train_labels == 0]


@pytest.mark.parametrize(
    ("model", "score"), [("pca", "mse"), ("neighbors", "mae"), ("hull", "relative"), ("pca", "ssim")]
)
def test_other_digits_score_higher_than_zeros(digits, zeros, model, score):
    detector = ae_demo.anomaly_detector(zeros, model=model, score=score)
    assert area(detector, digits.test, digits.test_labels != 0) > 0.95


def test_a_relative_error_does_not_fall_with_the_brightness(zeros):
    detector = ae_demo.anomaly_detector(zeros, model="pca", score="relative")
    x, x_hat = torch.rand(3, 1, 9, 9), torch.rand(3, 1, 9, 9)
    smooth, relative = (score_errors(score, x_hat, x) for score in ("smooth", "relative"))
    torch.testing.assert_close(score_errors("relative", x_hat / 4, x / 4), relative / 8)
    torch.testing.assert_close(score_errors("smooth", x_hat / 4, x / 4), smooth / 16)
    assert np.isfinite(detector.scores(torch.zeros(1, 1, 28, 28))).all()  # which has no brightness


@pytest.mark.slow
def test_an_autoencoder_and_the_elbo_separate_zeros_from_ones(digits):
    ones, shown = digits.train[digits.train_labels == 1], digits.test[digits.test_labels < 2]
    for model, score in (("dense", "patch"), ("vae", "elbo")):
        detector = ae_demo.anomaly_detector(ones[:64], model=model, score=score, latent_dim=4)
        assert area(detector, shown, digits.test_labels[digits.test_labels < 2] != 1) > 0.95


def test_an_autoencoder_is_not_evaluated_while_it_is_fitted(zeros, monkeypatch):
    monkeypatch.setattr(DenseAutoencoder, "measure", lambda model, x: pytest.fail("evaluated"))
    assert ae_demo.anomaly_detector(zeros[:40], model="dense").normal_scores.max() > 0


def test_about_one_in_twenty_normal_samples_is_flagged(digits, zeros):
    detector = ae_demo.anomaly_detector(zeros, model="pca")
    shares = [detector.flags(digits.train[digits.train_labels == 0], q).mean() for q in (0.0, 0.95, 1.0)]
    assert shares[0] > 0.9
    assert 0.005 < shares[1] < 0.1
    assert shares[2] < 0.02
    assert detector.threshold(0.9) <= detector.threshold(0.99)
    assert (detector.flags(digits.test) == (detector.scores(digits.test) > detector.threshold())).all()


def test_pictures_may_come_in_any_form(zeros):
    detector = ae_demo.anomaly_detector(zeros, model="pca")
    arrays = zeros[:5, 0].numpy()
    expected = detector.scores(zeros[:5])
    for same in (arrays, arrays[..., None], zeros[:5].float() / 255, [*arrays], [Image.fromarray(a) for a in arrays]):
        assert detector.scores(same) == pytest.approx(expected, abs=1e-6)
    assert detector.scores(Image.fromarray(arrays[0]).resize((90, 60))).shape == (1,)


def test_large_pictures_of_different_sizes_are_reduced():
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 255, (200 + 10 * i, 120, 3), dtype=np.uint8) for i in range(6)]
    detector = ae_demo.anomaly_detector(pictures, model="pca", latent_dim=2)
    x, x_hat = detector.reconstruct(pictures[:2])
    assert x.shape == x_hat.shape == (2, 3, 64, 38)


def test_abnormal_heartbeats_are_found_with_the_pause_before_them():
    beats = load_heartbeats("pause")
    detector = ae_demo.anomaly_detector(beats.train, data="series", model="hull", score="mse")
    assert area(detector, beats.test, beats.test_labels != 0) > 0.99


def waves(count, steps=60, seed=0):
    rng = np.random.default_rng(seed)
    t = np.arange(steps) / 20
    return np.sin(2 * np.pi * (t + rng.uniform(0, 1, (count, 1)))) + 0.02 * rng.standard_normal((count, steps))


def test_a_long_series_has_a_score_for_each_step():
    series = np.concatenate([waves(1, 2000)[0][:, None], waves(1, 2000, 1)[0][:, None]], axis=1)
    odd = series.copy()
    odd[900:940, 1] = 0.0  # one channel stands still
    detector = ae_demo.anomaly_detector([series], data="series", model="pca", latent_dim=8, window=40)
    from ae_demo.data.series_files import Series

    scores = detector.scores(Series("mine.csv", odd.astype(np.float32), ("a", "b")))
    assert scores.shape == (2000,)
    assert 890 <= scores.argmax() < 950
    assert detector.scores([odd, series[:500]]).shape == (2,)


def test_gaps_constant_channels_and_unequal_lengths_work():
    normal = [np.stack([row[: 60 - i], np.full(60 - i, 7.0)], axis=1) for i, row in enumerate(waves(20))]
    normal[3][5:9, 0] = np.nan
    detector = ae_demo.anomaly_detector(normal, data="series", model="pca", latent_dim=4)
    odd = normal[0].copy()
    odd[:, 1] = 9.0  # the constant channel is another constant
    assert detector.flags([odd]).all()
    assert np.isfinite(detector.scores(normal)).all()


def test_a_value_beyond_the_normal_range_is_not_clamped():
    detector = ae_demo.anomaly_detector(waves(50), data="series", model="pca", latent_dim=4)
    spike, larger = waves(1, seed=3), waves(1, seed=3)
    spike[0, 30], larger[0, 30] = 5.0, 50.0
    assert detector.scores(larger)[0] > 10 * detector.scores(spike)[0] > detector.threshold()


def pca_of_series(x):
    """A sequence autoencoder that equals PCA of series (N, T, F)."""
    model = build_model("seq2seq", input_shape=tuple(x.shape[1:]), hidden_size=8, latent_dim=6, linear_path=True)
    model.fit_statistics(x)
    return model.eval()


def test_a_trained_model_of_series_is_not_trained_again(tmp_path):
    wave = waves(1, 2000)[0]
    (tmp_path / "normal.csv").write_text("a\n" + "\n".join(map(str, wave)))
    model = pca_of_series(load_own_series(tmp_path / "normal.csv").train)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    detector = ae_demo.anomaly_detector(tmp_path / "normal.csv", data="series", model=model)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    inputs = detector.reader.normal.x
    assert inputs.shape[1:] == (1, 64, 1)
    assert len(detector.normal_scores) == len(inputs)
    assert (inputs.min(), inputs.max()) == (pytest.approx(0, abs=0.05), pytest.approx(1, abs=0.05))  # as in training
    odd = wave.copy()
    odd[900:940] = 0.0
    scores = detector.scores(odd)
    assert scores.shape == (2000,)
    assert 860 <= scores.argmax() < 980
    assert scores.max() > 3 * detector.threshold(1.0)


def test_series_shorter_than_the_input_of_a_trained_model_are_resampled():
    normal = [*waves(12, 40)]
    detector = ae_demo.anomaly_detector(normal, data="series", model=pca_of_series(torch.rand(20, 64, 1)))
    x, x_hat = detector.reconstruct(normal)
    assert x.shape == x_hat.shape == (12, 1, 64, 1)
    assert detector.scores(normal).shape == (12,)


@pytest.mark.parametrize(
    ("data", "shape", "error", "message"),
    [
        ("series", (64, 2), ShapeError, "2 channels; the normal ones have 1"),
        ("pictures", (64, 1), ConfigError, "pictures"),
    ],
)
def test_a_trained_model_of_other_samples_is_refused(data, shape, error, message):
    with pytest.raises(error, match=message):
        ae_demo.anomaly_detector(waves(12, 70)[..., None], data=data, model=pca_of_series(torch.rand(20, *shape)))


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"model": "forest"}, ConfigError, "pca, neighbors, hull"),
        ({"data": "sounds"}, ConfigError, "pictures, series"),
        ({"score": "f1"}, ConfigError, ", ".join(SCORES)),
        ({"model": "pca", "score": "elbo"}, ConfigError, "choose vae"),
        ({"latent_dim": 0}, ConfigError, "1 to 4096"),
    ],
)
def test_a_setting_that_does_not_fit_is_explained(zeros, settings, error, message):
    with pytest.raises(error, match=message):
        ae_demo.anomaly_detector(zeros[:10], **settings)


@pytest.mark.parametrize(
    ("normal", "data", "error"),
    [
        (7, "pictures", ShapeError),
        ([], "pictures", ShapeError),
        (["zero.png", "one.png"], "pictures", PictureError),
        (np.zeros((4, 5, 6, 7)), "pictures", ShapeError),
        (np.full((3, 4, 4), 2.0), "pictures", ShapeError),
        (np.zeros((1, 4, 4)), "pictures", DataError),
        (np.zeros((2, 3, 4, 5)), "series", ShapeError),
        (["a", "b"], "series", DataError),
        ({}, "series", ShapeError),
        ([np.zeros((5, 2)), np.zeros((5, 3))], "series", ShapeError),
    ],
)
def test_samples_that_cannot_be_compared_are_refused(normal, data, error):
    with pytest.raises(error, match=r"\w+ \w+ \w+"):
        ae_demo.anomaly_detector(normal, data=data, model="pca")


def test_quantiles_are_checked(zeros):
    with pytest.raises(ConfigError, match="0, 1"):
        ae_demo.anomaly_detector(zeros[:10], model="pca").threshold(95)


def test_series_leave_out_models_of_pictures_alone():
    assert set(model_names("series")) < set(model_names("pictures"))


def test_a_list_of_numbers_is_one_series():
    series, single = read_series([0.0, 1.0, 2.0])
    assert single
    assert series[0].shape == (3, 1)


def test_figures_of_a_confusion_table():
    figures = judge_scores(np.array([0.1, 0.2, 0.8, 0.9]), np.array([0, 1, 0, 1], bool), 0.5)
    assert (figures.true_positives, figures.false_positives) == (1, 1)
    assert (figures.precision, figures.recall, figures.f1, figures.auroc) == (0.5, 0.5, 0.5, 0.75)
    assert judge_scores(np.array([0.1]), np.array([False]), 0.5).auroc is None
    with pytest.raises(DataError, match="2 labels for 1 samples"):
        judge_scores(np.array([0.1]), np.array([0, 1]), 0.5)


def test_labels_are_read_in_every_form(tmp_path):
    names = ("a.png", "sub/b.png")
    for text in (
        "0\n1\n",
        "label\nnormal\nanomaly\n",
        "file,label\nb.png,1\na.png,0\n",
        "x.png,0\ny.png,1\n"[:0] or "0\n1",
    ):
        (tmp_path / "labels.csv").write_text(text)
        assert load_labels(tmp_path / "labels.csv", names).tolist() == [False, True]
    np.save(tmp_path / "labels.npy", np.array([0, 1]))
    assert load_labels(tmp_path / "labels.npy", names).tolist() == [False, True]


@pytest.mark.parametrize(
    ("text", "message"), [("0\n", "1 labels for 2"), ("0\nmaybe\n", "row 2"), ("a,0\nb,1\n", "a.png")]
)
def test_labels_that_do_not_fit_are_refused(tmp_path, text, message):
    (tmp_path / "labels.csv").write_text(text)
    with pytest.raises(DataError, match=message):
        load_labels(tmp_path / "labels.csv", ("a.png", "b.png"))


@pytest.mark.parametrize("outliers", [0, 5, 60])
def test_outliers_of_unlabelled_errors_are_above_the_threshold(outliers):
    rng = np.random.default_rng(0)
    usual, unusual = np.exp(rng.normal(-8, 0.3, 200)), np.exp(rng.normal(-4, 0.3, outliers))
    threshold = outlier_threshold(np.concatenate([usual, unusual]))
    assert (unusual > threshold).all()
    assert (usual > threshold).mean() < 0.03
