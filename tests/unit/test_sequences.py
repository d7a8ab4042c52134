"""Series and words through a sequence autoencoder, with the shipped checkpoints and with small untrained ones."""

import numpy as np
import pytest
import torch

import ae_demo
from ae_demo import checkpoints
from ae_demo.data import load_dataset
from ae_demo.data.words import to_words
from ae_demo.errors import AEDemoError, CheckpointError, ConfigError, DataError
from ae_demo.inference.sequences import decode_codes, reconstruct_series, reconstruct_words
from ae_demo.models import build_model


@pytest.fixture
def words_checkpoint(tmp_path):
    """A model of words with random weights."""
    torch.manual_seed(0)
    model = build_model("seq2seq", input_shape=(12,), symbols=27, hidden_size=8, latent_dim=4)
    return checkpoints.save(model, tmp_path / "it", {"data": {"name": "words"}})


def test_a_wave_of_another_length_and_scale_comes_back():
    wave = 40 + 3 * np.sin(np.linspace(0, 125, 500))
    wave[100:110] = np.nan
    result = reconstruct_series(wave, "seq2seq-waves")
    assert result.reconstruction.shape == (500, 1)
    assert result.code.shape == (8, 8)  # windows of 64, eight numbers each
    assert np.isnan(result.errors[100:110]).all()
    assert np.nanmean(np.square(result.reconstruction[:, 0] - wave)) < 0.1 * np.nanvar(wave)
    assert result.mse == pytest.approx(np.nanmean(result.errors))


def test_samples_of_the_data_set_are_reconstructed_as_by_the_model():
    x = load_dataset("waves").test[:3]
    results = ae_demo.reconstruct_series(list(x.numpy()), "seq2seq-waves", value_range="none")
    expected = checkpoints.load("seq2seq-waves", "cpu").reconstruct(x)
    for result, one in zip(results, expected, strict=True):
        np.testing.assert_allclose(result.seen_hat[0], one, atol=1e-5)


def test_channels_of_a_series_go_one_after_another_through_a_model_of_one():
    x = load_dataset("waves").test[:2, :, 0].numpy()
    both = reconstruct_series(x.T, "seq2seq-waves", value_range="none")
    assert (both.reconstruction.shape, both.code.shape) == ((64, 2), (1, 16))
    for channel in range(2):
        alone = reconstruct_series(x[channel], "seq2seq-waves", value_range="none")
        np.testing.assert_allclose(both.reconstruction[:, channel], alone.reconstruction[:, 0], atol=1e-5)


@pytest.mark.parametrize(
    ("series", "settings"),
    [
        ("text", {}),
        ([], {}),
        ([1.0, 2.0], {"value_range": "wide"}),
        ([1.0, 2.0], {"value_range": (1, 1)}),
        ([1.0, 2.0], {"length": 1}),
        ([1.0, 2.0], {"checkpoint": "dense-mnist"}),
        ([1.0, 2.0], {"checkpoint": "nothing"}),
    ],
)
def test_what_does_not_fit_is_refused(series, settings):
    with pytest.raises(AEDemoError):
        reconstruct_series(series, **settings)


def test_words(words_checkpoint):
    cat, zebra = reconstruct_words(["Cat", "zebra"], words_checkpoint)
    assert (cat.word, zebra.word) == ("cat", "zebra")
    assert (cat.code.shape, cat.probabilities.shape) == ((4,), (12, 27))
    np.testing.assert_allclose(cat.probabilities.sum(1), 1, atol=1e-5)
    assert cat.surprise > 0
    with pytest.raises(DataError, match="'42'"):
        reconstruct_words(["42"], words_checkpoint)
    with pytest.raises(CheckpointError, match="words"):
        reconstruct_words(["cat"], "seq2seq-waves")


def test_the_walk_begins_and_ends_at_the_reconstructions(words_checkpoint):
    walk = ae_demo.interpolate("cat", "zebra", words_checkpoint, 5)
    ends = [result.reconstruction for result in reconstruct_words(["cat", "zebra"], words_checkpoint)]
    assert (len(walk), walk[0], walk[-1]) == (5, *ends)
    with pytest.raises(ConfigError, match="steps"):
        ae_demo.interpolate("cat", "zebra", words_checkpoint, 1)


def test_the_shipped_model_rebuilds_held_out_words_and_is_surprised_by_what_is_no_word():
    words = to_words(load_dataset("words").test[:1000])
    found = reconstruct_words(words)
    letters = [a == b for one in found for a, b in zip(one.word, one.reconstruction.ljust(12), strict=False)]
    assert np.mean(letters) >= 0.97
    assert np.mean([one.word == one.reconstruction for one in found]) >= 0.85
    (strange,) = reconstruct_words(["qxzjvwk"])
    assert strange.surprise > np.quantile([one.surprise for one in found], 0.99)


def test_codes_of_another_width_are_refused():
    assert decode_codes(np.zeros((2, 8)), "seq2seq-waves").shape == (2, 64, 1)
    for codes, checkpoint in ((np.zeros((2, 7)), "seq2seq-waves"), (np.zeros((2, 32)), "dense-mnist")):
        with pytest.raises(CheckpointError):
            decode_codes(codes, checkpoint)
