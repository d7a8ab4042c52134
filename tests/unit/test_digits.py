"""Digits and garments, drawn or photographed, come to the model as the data sets' own pictures."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from skimage.metrics import structural_similarity

from ae_demo.data import ASSETS, load_dataset, load_picture, prepare_digit, prepare_garment, to_pixels
from ae_demo.errors import ConfigError, PictureError, ShapeError


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits").test[:20, 0].numpy()


@pytest.fixture(scope="module")
def garments():
    return load_dataset("fashion-small").test[:40, 0].numpy()


def enlarged(picture, side):
    return np.asarray(Image.fromarray(picture).resize((side, side), Image.Resampling.BICUBIC))


def off_centre(picture):
    return np.pad(enlarged(picture, 112), ((30, 100), (90, 10)))


def on_paper(picture, light=(235, 225, 200), pen=(40, 45, 90), seed=0):
    """Dark pen, off the middle of a colour picture of paper with uneven light and grain."""
    rng = np.random.default_rng(seed)
    side, top, left = (int(rng.integers(low, high)) for low, high in ((180, 320), (20, 250), (10, 100)))
    ink = np.zeros((600, 450, 1))
    ink[top : top + side, left : left + side, 0] = enlarged(picture, side) / 255
    y, x = np.mgrid[0:600, 0:450][..., None] / 600
    shade = 0.6 + 0.4 * x + 0.25 * y
    photo = (np.array(light) * (1 - ink) + np.array(pen) * ink) * shade + rng.normal(0, 3, (600, 450, 1))
    return photo.round().clip(0, 255).astype(np.uint8)


def alike(x, picture):
    return np.corrcoef(x.numpy().ravel(), picture.ravel())[0, 1]


@pytest.mark.parametrize(
    ("spoil", "inverted"),
    [
        (lambda digit: enlarged(digit, 280), False),
        (lambda digit: 255 - enlarged(digit, 200), True),
        (lambda digit: np.stack([enlarged(digit, 150)] * 3, 2), False),
        (off_centre, False),
        (lambda digit: np.pad(digit, ((3, 9), (20, 2))), False),
        (on_paper, True),
        (lambda digit: 255 - on_paper(digit), False),
        (lambda digit: on_paper(digit, light=(150, 150, 150), pen=(95, 95, 95)), True),
    ],
    ids=["enlarged", "inverted", "colour", "off-centre", "small", "paper", "blackboard", "pencil"],
)
@pytest.mark.slow
def test_a_spoilt_digit_is_brought_back(digits, spoil, inverted):
    scores = []
    for digit in digits:
        prepared = prepare_digit(spoil(digit))
        assert prepared.x.shape == (1, 1, 28, 28)
        assert prepared.x.dtype == torch.float32
        assert 0 <= prepared.x.min() < 0.01
        assert prepared.x.max() > 0.95
        assert prepared.inverted == inverted
        scores.append(alike(prepared.x, digit))
    assert np.mean(scores) > 0.93
    assert min(scores) > 0.8


def test_the_centre_of_mass_is_that_of_mnist(digits):
    centre = np.arange(28)
    x = prepare_digit(on_paper(digits[0])).x[0, 0].numpy()
    assert x.sum(1) @ centre / x.sum() == pytest.approx(14, abs=0.2)
    assert x.sum(0) @ centre / x.sum() == pytest.approx(14, abs=0.2)
    rows, columns = (np.flatnonzero((x > 0.5).any(axis)) for axis in (1, 0))
    assert 19 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= 21


@pytest.mark.parametrize("spoil", [lambda d: enlarged(d, 280), lambda d: 255 - off_centre(d), on_paper])
def test_what_was_prepared_goes_back_into_its_place(digits, spoil):
    for digit in digits[:8]:
        picture = spoil(digit)
        prepared = prepare_digit(picture)
        restored = prepared.restore(prepared.x)
        assert restored.shape == picture.shape
        assert restored.dtype == np.uint8
        channel_axis = 2 if picture.ndim == 3 else None
        calm = picture if picture.ndim == 2 else np.asarray(Image.fromarray(picture).resize((45, 60), 4))
        small = restored if picture.ndim == 2 else np.asarray(Image.fromarray(restored).resize((45, 60), 4))
        assert structural_similarity(calm, small, channel_axis=channel_axis) > 0.8
        empty = prepared.restore(torch.zeros(1, 1, 28, 28))
        assert np.ptp(empty.astype(int)) < np.ptp(picture.astype(int))  # the paper alone


def test_28_by_28_is_taken_as_it_is(digits):
    for digit in digits:
        prepared = prepare_digit(digit)
        assert not prepared.inverted
        np.testing.assert_array_equal(to_pixels(prepared.x), digit)
        np.testing.assert_array_equal(prepared.restore(prepared.x), digit)
        light = prepare_digit(255 - digit)
        assert light.inverted
        np.testing.assert_array_equal(to_pixels(light.x), digit)
        np.testing.assert_array_equal(light.restore(light.x), 255 - digit)
    colour = prepare_digit(np.stack([digits[0]] * 3, 2))
    np.testing.assert_array_equal(colour.restore(colour.x), np.stack([digits[0]] * 3, 2))


def seven(width, size=(900, 1200), ink=(30, 30, 120)):
    page = Image.new("RGB", size, (238, 235, 225))
    ImageDraw.Draw(page).line([(300, 300), (560, 280), (420, 620), (390, 760)], fill=ink, width=width)
    return np.asarray(page).copy()


def test_a_ballpoint_does_not_fade_away():
    thin, thick = (prepare_digit(seven(width)).x for width in (3, 50))
    assert alike(thin, thick.numpy()) > 0.8
    assert thin.mean() > 0.6 * thick.mean()


def test_a_table_around_the_paper_specks_and_ruled_lines_are_left_out():
    page = seven(30)
    alone = prepare_digit(page).x.numpy()
    page[100::80] = (190, 205, 225)
    page[:, :120] = page[1100:] = (70, 45, 30)
    page[900:908, 700:708] = 0
    assert alike(prepare_digit(page).x, alone) > 0.95


def test_the_photographed_example():
    prepared = prepare_digit(load_picture(ASSETS / "examples" / "pen-on-paper.jpg").pixels)
    assert prepared.inverted
    assert prepared.size == (800, 600)
    four = load_dataset("digits")
    likeness = [alike(prepared.x, digit.numpy()) for digit in four.test]
    assert four.classes[four.test_labels[int(np.argmax(likeness))]] == "4"
    assert max(likeness) > 0.9


@pytest.mark.parametrize("spoil", [lambda g: 255 - np.pad(enlarged(g, 140), 30), off_centre])
def test_garments_keep_their_shades(garments, spoil):
    scores = []
    for garment in garments:
        prepared = prepare_garment(spoil(garment))
        scores.append(alike(prepared.x, garment))
        assert abs(float(prepared.x.mean()) - garment.mean() / 255) < 0.1
        assert prepared.restore(prepared.x).shape == spoil(garment).shape
    assert np.mean(scores) > 0.93


@pytest.mark.parametrize("size", [(5, 3000), (3000, 5), (2, 2), (20, 31)])
def test_unusual_shapes_work_or_are_blank(size):
    picture = np.random.default_rng(0).integers(0, 256, size, dtype=np.uint8)
    prepared = prepare_digit(picture)
    assert prepared.restore(prepared.x).shape == size


@pytest.mark.parametrize("kind", ["digit", "garment"])
@pytest.mark.parametrize("size", [(1, 1), (28, 28), (300, 200)])
def test_blank_pictures(kind, size):
    noise = np.random.default_rng(0).normal(0, 3, size)
    for shade in (0, 128, 255):
        with pytest.raises(PictureError, match=f"blank: give one {kind}"):
            prepare_digit((shade + noise).clip(0, 255).astype(np.uint8), kind=kind)


def test_settings_and_shapes_are_checked(digits):
    with pytest.raises(ConfigError, match="'digit' or 'garment'"):
        prepare_digit(digits[0], kind="letter")
    with pytest.raises(PictureError, match="uint8"):
        prepare_digit(digits[0] / 255)
    with pytest.raises(ShapeError, match=r"\(1, 1, 32, 32\)"):
        prepare_digit(digits[0]).restore(torch.zeros(1, 1, 32, 32))
