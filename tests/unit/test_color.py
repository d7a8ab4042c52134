"""Colour: against scikit-image on colours of the whole cube, and back; gradients at black."""

import numpy as np
import pytest
import torch
from skimage import color as reference

from ae_demo.errors import ShapeError
from ae_demo.functional.color import lab_to_rgb, opponent_matrix, reduce_chroma, rgb_to_lab


def cube(steps=12):
    """Every colour of a grid over sRGB, corners included, as one picture (1, 3, steps², steps)."""
    axis = torch.linspace(0, 1, steps)
    return torch.stack(torch.meshgrid(axis, axis, axis, indexing="ij")).reshape(1, 3, steps * steps, steps)


def skimage(function, picture):
    result = function(picture[0].permute(1, 2, 0).double().numpy())
    return torch.from_numpy(np.asarray(result)).permute(2, 0, 1)[None].float()


def test_lab_agrees_with_skimage():
    torch.testing.assert_close(rgb_to_lab(cube()), skimage(reference.rgb2lab, cube()), atol=1e-3, rtol=0)


def test_rgb_agrees_with_skimage():
    lab = skimage(reference.rgb2lab, cube())
    torch.testing.assert_close(lab_to_rgb(lab), skimage(reference.lab2rgb, lab), atol=1e-3, rtol=0)


@pytest.mark.filterwarnings("ignore:Conversion from CIE-LAB")
def test_colours_outside_srgb_are_clamped_as_skimage_does():
    g = torch.Generator().manual_seed(0)
    lab = (torch.rand(1, 3, 60, 60, generator=g) - 0.5) * 240
    lab[:, 0] = lab[:, 0].abs() * 100 / 120
    rgb = lab_to_rgb(lab)
    assert rgb.min() == 0
    assert rgb.max() == 1
    torch.testing.assert_close(rgb, skimage(reference.lab2rgb, lab), atol=1e-3, rtol=0)


def test_conversion_to_lab_and_back_keeps_the_colours():
    torch.testing.assert_close(lab_to_rgb(rgb_to_lab(cube())), cube(), atol=1e-4, rtol=0)


def wild_lab(height=80, width=80):
    """Colours of any lightness, most of them far outside sRGB."""
    g = torch.Generator().manual_seed(0)
    lab = (torch.rand(1, 3, height, width, generator=g) - 0.5) * 400
    lab[:, 0] = torch.rand(1, height, width, generator=g) * 100
    lab[:, 0, 0], lab[:, 0, 1] = 0, 100
    return lab


def test_reduced_chroma_keeps_lightness_and_hue_in_eight_bits():
    lab = wild_lab()
    reduced = reduce_chroma(lab)
    eight_bits = (255 * lab_to_rgb(reduced)).round() / 255
    assert (rgb_to_lab(eight_bits)[:, 0] - lab[:, 0]).abs().max() < 0.5
    share = reduced[:, 1:].norm(dim=1, keepdim=True) / lab[:, 1:].norm(dim=1, keepdim=True)
    torch.testing.assert_close(reduced[:, 1:], share * lab[:, 1:], atol=1e-3, rtol=0)  # the hue stays
    assert torch.equal(reduced[:, :1], lab[:, :1])
    assert share.max() <= 1
    torch.testing.assert_close(rgb_to_lab(lab_to_rgb(reduced)), reduced, atol=0.3, rtol=0)  # nothing is clamped


def test_reduced_chroma_is_the_largest_there_is():
    lab = wild_lab()
    reduced = reduce_chroma(lab)
    more = torch.cat([reduced[:, :1], reduced[:, 1:] + 0.02 * lab[:, 1:]], dim=1)
    clamped = (rgb_to_lab(lab_to_rgb(more)) - more).abs().amax(1) > 0.05
    lowered = (reduced != lab).any(1)
    lowered[:, :2] = False  # black and white have no chroma, and all of it is clamped
    assert lowered.float().mean() > 0.5
    assert clamped[lowered].float().mean() > 0.99


def test_colours_of_srgb_keep_their_chroma():
    lab = rgb_to_lab(cube())
    assert torch.equal(reduce_chroma(lab), lab)


def test_grey_has_no_colour_and_lightness_spans_its_range():
    grey = torch.linspace(0, 1, 11).view(1, 1, 1, 11).expand(1, 3, 1, 11)
    lightness, ab = rgb_to_lab(grey).split((1, 2), dim=1)
    assert ab.abs().max() < 0.02
    assert lightness[0, 0, 0, 0].item() == pytest.approx(0, abs=1e-4)
    assert lightness[0, 0, 0, -1].item() == pytest.approx(100, abs=1e-3)
    assert (lightness.diff(dim=-1) > 0).all()


@pytest.mark.parametrize("function", [rgb_to_lab, lab_to_rgb])
@pytest.mark.parametrize("value", [0.0, 1.0, -0.2, 100.0])
def test_gradients_are_finite(function, value):
    x = torch.full((1, 3, 2, 2), value, requires_grad=True)
    function(x).sum().backward()
    assert torch.isfinite(x.grad).all()


def test_black_has_a_gradient():
    x = torch.zeros(1, 3, 1, 1, requires_grad=True)
    rgb_to_lab(x)[:, 0].sum().backward()
    assert (x.grad > 0).all()


@pytest.mark.parametrize("function", [rgb_to_lab, lab_to_rgb])
def test_result_is_float32_and_exact_under_autocast(function):
    x = cube(4)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        result = function(x)
    torch.testing.assert_close(result, function(x), atol=0, rtol=0)
    assert function(x.bfloat16()).dtype == torch.float32


@pytest.mark.parametrize("function", [rgb_to_lab, lab_to_rgb, reduce_chroma])
@pytest.mark.parametrize("shape", [(3, 8, 8), (2, 1, 8, 8), (2, 4, 8, 8)], ids=str)
def test_other_shapes_are_refused(function, shape):
    with pytest.raises(ShapeError, match=r"B, 3, H, W"):
        function(torch.rand(shape))


@pytest.mark.parametrize("function", [rgb_to_lab, lab_to_rgb, reduce_chroma])
@pytest.mark.parametrize("shape", [(1, 3, 1, 1), (2, 3, 5, 300), (0, 3, 4, 4)], ids=str)
def test_any_size_is_fine(function, shape):
    assert function(torch.rand(shape)).shape == shape


def test_the_opponent_matrix_is_orthonormal_and_grey_has_luminance_alone():
    matrix = opponent_matrix()
    torch.testing.assert_close(matrix @ matrix.T, torch.eye(3, dtype=torch.float64))
    torch.testing.assert_close((matrix @ torch.ones(3, dtype=torch.float64))[1:], torch.zeros(2, dtype=torch.float64))
