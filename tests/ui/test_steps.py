"""What one sees at the steps to try is what their texts say."""

from urllib.parse import parse_qs

import numpy as np
import pytest
from PIL import Image, ImageDraw

from ae_demo import inference
from ae_demo.analysis import baselines
from ae_demo.data import load_bundled_photos
from ae_demo.data.words import list_words
from ae_demo.functional.noise import Noise
from ae_demo.ui.tabs.denoise import tab as denoise
from ae_demo.ui.tabs.latent_walk import planes
from ae_demo.ui.tabs.latent_walk import tab as latent_walk
from ae_demo.ui.tabs.reconstruct import tab as reconstruct
from ae_demo.ui.tabs.sequences import tab as sequences


def settings(tab, step):
    return {name: values[0] for name, values in parse_qs(tab.TRIES[step]).items()}


def letter_a():
    """A white A with round ends, as drawn on the pad."""
    paper = Image.new("L", (140, 140))
    for line in ((35, 119, 70, 21), (70, 21, 105, 119), (49, 81, 91, 81)):
        ImageDraw.Draw(paper).line(line, fill=255, width=10)
    return np.asarray(paper)


def error_of(pixels, checkpoint):
    result = inference.reconstruct(pixels, checkpoint)
    return float(np.square(result.seen - result.seen_hat).mean())


def test_a_letter_comes_back_as_a_digit_of_two_numbers_alone():
    two = settings(reconstruct, "draw")["checkpoint"]
    assert inference.get_model(two).code_shape == (2,)
    assert error_of(letter_a(), two) > 4 * error_of(letter_a(), "conv-mnist")


def test_half_of_the_pictures_around_the_point_are_3s_and_half_8s():
    name = planes.list_planes()[0]
    placed = planes.pictures_of(name)
    codes = np.asarray(planes.encode_pictures(inference.get_model(name), placed.x))
    point = np.array(settings(latent_walk, "between")["z"].split("_"), np.float32)
    nearest = np.asarray(placed.labels)[np.square(codes - point).sum(1).argsort()[:40]]
    assert np.bincount(nearest, minlength=10)[[3, 8]] == pytest.approx([20, 20], abs=5)


def test_words_and_letters_that_look_like_words_lie_between_the_two():
    query = settings(sequences, "words")
    between = inference.interpolate_words(query["word"], query["other"])
    assert {"night", "never"} < set(between)
    assert not set(between) <= set(list_words())


def test_the_model_is_nearer_than_the_median_filter_to_half_replaced_pixels():
    query = settings(denoise, "salt")
    clean = load_bundled_photos()["cat"][100:228, 150:278]
    noisy = inference.add_noise(clean, Noise(salt_and_pepper=float(query["salt_and_pepper"])))
    by_model, by_median = inference.denoise(noisy, orientations=2), baselines.median(noisy)
    errors = [np.square(made.astype(float) - clean).mean() for made in (by_model, by_median)]
    assert errors[0] < errors[1] / 2
