"""Colours for a picture: at any size, in proposals, by hints."""

import numpy as np
import pytest
import torch
from PIL import Image
from random_models import SHIPPED
from samples import SIZES, grey, mse, noise_of, photo

import ae_demo
from ae_demo import checkpoints, inference
from ae_demo.data.pictures import to_tensor
from ae_demo.errors import ConfigError
from ae_demo.functional import color
from ae_demo.inference import colorization
from ae_demo.models import build_model

pytestmark = pytest.mark.usefixtures("random_checkpoints")


@pytest.mark.parametrize("shape", SIZES)
def test_colorize_any_size(shape):
    rgb = ae_demo.colorize(noise_of(shape))
    assert rgb.dtype == np.uint8
    assert rgb.shape == (*shape[:2], 3)


def lab_of(pixels):
    return color.rgb_to_lab(to_tensor(pixels))[0]


def test_a_greyed_picture_has_no_colour_at_all():
    pixels = colorization.greyed(photo())
    assert (pixels == pixels[:, :, :1]).all()


def test_colorize_keeps_lightness_and_gives_colour():
    pixels = photo()
    rgb = ae_demo.colorize(pixels)
    inside = torch.from_numpy(((rgb > 0) & (rgb < 255)).all(2))
    before, after = lab_of(pixels), lab_of(rgb)
    assert inside.float().mean() > 0.2
    assert (before[0] - after[0])[inside].abs().max() < 0.6  # of 100: eight bits a channel
    assert after[1:].abs().mean() > 1
    assert np.array_equal(ae_demo.colorize(Image.fromarray(pixels)), rgb)
    still = lab_of(ae_demo.colorize(pixels, saturation=0.0))
    assert still[1:].abs().max() < 1
    from_grey = ae_demo.colorize(grey(pixels)).astype(int)
    assert np.abs(from_grey - rgb).mean() < 12  # Rec. 601's grey is not quite L


def test_the_same_picture_has_the_same_colours_at_any_size():
    image = Image.fromarray(photo())
    height, width = photo().shape[:2]
    large = ae_demo.colorize(image)
    for share in (0.5, 0.75, 1.5):
        size = (round(width * share), round(height * share))
        other = ae_demo.colorize(image.resize(size, Image.Resampling.LANCZOS))
        other = np.asarray(Image.fromarray(other).resize((96, 64), Image.Resampling.BOX))
        expected = np.asarray(Image.fromarray(large).resize((96, 64), Image.Resampling.BOX))
        difference = (lab_of(other) - lab_of(expected))[1:]
        assert difference.abs().mean() < 0.15 * lab_of(expected)[1:].abs().mean()


@pytest.mark.parametrize("name", ["coffee", "cat", "china", "photographer"])
@pytest.mark.slow
def test_shipped_colours_are_the_same_at_200_and_at_2000_pixels(monkeypatch, name):
    monkeypatch.setattr(checkpoints, "ROOT", SHIPPED)
    image = Image.fromarray(photo(name))
    small, large = (
        ae_demo.colorize(image.resize((side, round(side * image.height / image.width)), Image.Resampling.LANCZOS))
        for side in (200, 2000)
    )
    large = np.asarray(Image.fromarray(large).resize(small.shape[1::-1], Image.Resampling.BOX))
    a, b = lab_of(small)[1:], lab_of(large)[1:]
    assert a.norm(dim=0).mean() > 4  # there are colours to compare
    assert (a - b).abs().mean() < 1.5  # of ±110: nobody sees it


def test_proposals_differ_and_the_sure_places_stay(monkeypatch):
    monkeypatch.setattr(checkpoints, "ROOT", SHIPPED)
    warmth_of = {w: (lab_of(ae_demo.colorize(photo("china"), warmth=w))[1:].mean((1, 2))) for w in (-1, 0, 1)}
    towards = torch.tensor([0.45, 0.89])
    assert warmth_of[-1] @ towards + 3 < warmth_of[0] @ towards < warmth_of[1] @ towards - 3
    for warmth in (2, float("nan"), "hot"):
        with pytest.raises(ConfigError, match="warmth"):
            ae_demo.colorize(photo(), warmth=warmth)


@pytest.mark.slow
def test_a_true_hint_brings_the_picture_nearer_the_truth(monkeypatch):
    monkeypatch.setattr(checkpoints, "ROOT", SHIPPED)
    gains = []
    for name in ("coffee", "cat", "astronaut", "rocket"):
        truth = photo(name)
        places = np.random.default_rng(0).random((3, 2))
        hints = [(x, y, tuple(truth[int(y * truth.shape[0]), int(x * truth.shape[1])])) for x, y in places]
        errors = [mse(ae_demo.colorize(truth, hints=given), truth) for given in ((), hints[:1], hints)]
        gains.append(10 * np.log10(errors[0] / np.array(errors[1:])))
    assert np.mean(gains, 0)[0] > 0.2  # dB, for one
    assert np.mean(gains, 0)[1] > 1  # for three


def test_a_hint_is_where_it_was_put_and_spreads_no_further_than_its_like():
    ab, z = torch.zeros(1, 2, 8, 12), torch.zeros(1, 3, 8, 12)
    z[:, 0, :, :6], z[:, 1, :, 6:] = 1, 1  # two halves of unlike code
    hint = colorization.Hint(0.2, 0.5, (200, 30, 30))
    out = colorization.spread_hints(ab, z, torch.full((1, 1, 16, 24), 0.5), [hint])
    torch.testing.assert_close(out[0, :, 4, 2], hint.ab, atol=0.5, rtol=0)
    assert out[0, 0, :, 6:].abs().max() < 0.03 * hint.ab[0]
    assert out[0, 0, :, :6].min() > 0.3 * hint.ab[0]
    assert torch.equal(colorization.spread_hints(ab, z, torch.zeros(1, 1, 16, 24), []), ab)


def test_hints_that_disagree_stay_within_reason():
    ab, z = torch.zeros(1, 2, 8, 12), torch.ones(1, 3, 8, 12)
    hints = [
        colorization.Hint(x, 0.5, rgb) for x, rgb in ((0.2, (200, 30, 30)), (0.2, (30, 30, 200)), (0.29, (0, 200, 0)))
    ]
    out = colorization.spread_hints(ab, z, torch.full((1, 1, 16, 24), 0.5), hints)
    torch.testing.assert_close(out[0, :, 4, 2], (hints[0].ab + hints[1].ab) / 2, atol=3, rtol=0)  # two in one place
    torch.testing.assert_close(out[0, :, 4, 3], hints[2].ab, atol=3, rtol=0)  # of 130 between them
    assert out.norm(dim=1).max() < 1.5 * max(hint.ab.norm() for hint in hints)


@pytest.mark.parametrize("saturation", [0.5, 1.0, 2.0, 10.0])
@pytest.mark.slow
def test_lightness_stays_whatever_the_colours(saturation):
    rng = np.random.default_rng(0)
    pictures = [photo("china"), photo("hubble"), photo("coffee"), noise_of((70, 90, 3))]
    pictures += [rng.integers(low, low + 13, (60, 90, 3), np.uint8) for low in (0, 243)]  # next to black, next to white
    pictures.append(np.tile(np.arange(256, dtype=np.uint8)[:, None], (64, 1, 3)))
    corners = [(0.1, 0.1, (0, 0, 255)), (0.5, 0.2, (255, 0, 255)), (0.4, 0.8, (0, 255, 0)), (0.9, 0.9, (255, 255, 0))]
    for pixels in pictures:
        anywhere = [(*rng.random(2), tuple(rng.integers(0, 256, 3).tolist())) for _ in range(6)]
        rgb = ae_demo.colorize(pixels, hints=corners + anywhere, saturation=saturation)
        assert (lab_of(rgb) - lab_of(pixels))[0].abs().max() < 0.5
    rgb = ae_demo.colorize(pictures[0], hints=corners, saturation=saturation)
    assert lab_of(rgb)[1:].norm(dim=0).mean() > 5 * saturation**0.5


def test_grey_stays_grey_where_no_colour_is_wanted():
    pixels = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 64, 0).repeat(3, 2)
    assert np.abs(ae_demo.colorize(pixels, saturation=0).astype(int) - pixels).max() <= 1


def test_a_model_that_takes_hints_is_given_them(tmp_path):
    torch.manual_seed(0)
    model = build_model("colorization", channels=(8, 12), hints=0.5)
    torch.nn.init.normal_(model.hint_input.weight)
    checkpoints.save(model, tmp_path, {"data": {"name": "folder"}})
    lightness = torch.full((1, 1, 64, 64), 50.0)
    hint = colorization.Hint(0.51, 0.26, (200, 30, 30))
    given = torch.zeros(1, 4, 64, 64)
    given[:, 0] = 0.5
    given[0, 1:, 16, 32] = torch.tensor([*(hint.ab / 128), 1.0])
    with torch.inference_mode():
        raw, z = colorization.get_model(tmp_path).predict_bins(given)
        expected = colorization.get_model(tmp_path).expected_ab(raw)
    expected = torch.nn.functional.interpolate(expected, (64, 64), mode="bilinear")
    expected = colorization.spread_hints(expected, z, lightness / 100, [hint])
    guess, got = (colorization.predict_ab(lightness, tmp_path, hints=hints) for hints in ([], [hint]))
    torch.testing.assert_close(got[..., 16, 32], expected[..., 16, 32])  # there in full, and less the farther away
    kept = (got - guess).abs().sum(1) / (expected - guess).abs().sum(1)
    assert kept[0, 16, 60] < kept[0, 16, 45] < 1


def test_likely_colours_are_those_of_the_model(monkeypatch):
    monkeypatch.setattr(checkpoints, "ROOT", SHIPPED)
    pixels = photo("china")
    rgb, probabilities = inference.likely_colors(pixels, 0.5, 0.1, count=4)
    assert rgb.dtype == np.uint8
    assert rgb.shape == (len(probabilities), 3)
    assert 2 <= len(rgb) <= 4
    assert (np.diff(probabilities) <= 0).all()
    assert 0 < probabilities.sum() <= 1 + 1e-5
    row, column = int(0.1 * pixels.shape[0]), int(0.5 * pixels.shape[1])
    assert (lab_of(rgb[None])[0] - lab_of(pixels)[0, row, column]).abs().max() < 0.6
    every = inference.likely_colors(pixels, 0.5, 0.1, count=200)[1]
    assert every.sum() == pytest.approx(1, abs=1e-4)
    for given in ({"x": 2, "y": 0}, {"x": 0, "y": 0, "count": 0}):
        with pytest.raises(ConfigError):
            inference.likely_colors(pixels, **given)


def test_likely_colours_of_two_hills():
    bins = torch.cartesian_prod(torch.arange(6.0), torch.arange(6.0)) * 12
    hills = [0.7 * (-(bins - torch.tensor(top)).square().sum(1) / 200).exp() for top in ([12.0, 12.0], [48.0, 48.0])]
    p = hills[0] + hills[1] / 2
    ab, share = colorization._distinct(bins, p / p.sum(), 24.0)
    torch.testing.assert_close(ab[:2], torch.tensor([[12.0, 12.0], [48.0, 48.0]]), atol=4, rtol=0)
    assert share[0] / share[1] == pytest.approx(2, rel=0.2)
    assert share.sum() == pytest.approx(1)
    assert share[:2].sum() > 0.8


@pytest.mark.parametrize(
    "hint",
    [(2, 0, (0, 0, 0)), (0, float("nan"), (0, 0, 0)), (0, 0, (0, 300, 0)), (0, 0, (0, 0)), 3, None, (0, 0, "red")],
)
def test_an_invalid_hint_is_refused(hint):
    with pytest.raises(ConfigError, match=r"hint|rgb|finite"):
        ae_demo.colorize(photo(), hints=[hint])
