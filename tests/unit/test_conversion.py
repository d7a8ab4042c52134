"""Pictures of every mode, depth, colour profile and transparency become sRGB of 8 bits."""

import numpy as np
import pytest
from icc import P3_PRIMARIES, SRGB_CURVE, SRGB_PRIMARIES, cmyk_profile, grey_profile, rgb_profile
from picture_files import gradient, save
from PIL import Image

from ae_demo.data import as_pixels, load_picture


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparency_is_put_on_white(tmp_path, mode):
    layers = [np.full((6, 8), value, np.uint8) for value in ((200, 0, 0) if mode == "RGBA" else (40,))]
    alpha = np.zeros((6, 8), np.uint8)
    alpha[:, 4:6], alpha[:, 6:] = 128, 255
    path = save(tmp_path, "a.png", Image.fromarray(np.stack([*layers, alpha], 2), mode=mode))
    pixels = load_picture(path).pixels
    assert pixels.shape == ((6, 8, 3) if mode == "RGBA" else (6, 8))
    assert (pixels[:, :4] == 255).all()  # not the colour that hides there
    full = np.stack(layers, 2).squeeze()
    np.testing.assert_array_equal(pixels[:, 6:], full[:, 6:])
    assert np.abs(pixels[:, 4:6].astype(int) - (full[:, 4:6].astype(int) + 255) / 2).max() <= 1


def test_palette_with_a_transparent_entry(tmp_path):
    image = Image.fromarray(np.arange(16, dtype=np.uint8).reshape(4, 4) // 8, mode="P")
    image.putpalette([10, 20, 30, 200, 100, 50])
    pixels = load_picture(save(tmp_path, "a.png", image, transparency=0)).pixels
    assert (pixels[:2] == 255).all()
    assert (pixels[2:] == [200, 100, 50]).all()
    opaque = load_picture(save(tmp_path, "b.png", image)).pixels
    assert (opaque[:2] == [10, 20, 30]).all()


def test_one_bit(tmp_path):
    bits = np.indices((9, 11)).sum(0) % 2 == 0
    pixels = load_picture(save(tmp_path, "a.png", bits)).pixels
    np.testing.assert_array_equal(pixels, bits * np.uint8(255))


def test_cmyk(tmp_path):
    path = save(tmp_path, "a.jpg", Image.new("CMYK", (30, 20), (255, 0, 255, 0)), quality=95)
    pixels = load_picture(path).pixels
    assert pixels.shape == (20, 30, 3)
    assert pixels[..., 1].min() > 240  # green
    assert pixels[..., [0, 2]].max() < 15


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.tiff"])
@pytest.mark.parametrize(("curve", "expected"), [((2.2,), (219, 37, 49)), (SRGB_CURVE, (217, 42, 52))])
def test_wide_colours_become_srgb(tmp_path, name, curve, expected):
    image = Image.new("RGB", (40, 700), (200, 60, 60))  # several bands
    options = {"quality": 98} if name == "a.jpg" else {"lossless": True} if name == "a.webp" else {}
    path = save(tmp_path, name, image, icc_profile=rgb_profile(P3_PRIMARIES, curve), **options)
    for pixels in (load_picture(path).pixels, load_picture(path, max_pixels=5000).pixels, as_pixels(Image.open(path))):
        assert np.abs(pixels.astype(int) - expected).max() <= 1 + (name == "a.jpg")


def test_a_profile_is_applied_before_transparency_and_in_palettes(tmp_path):
    image = Image.new("RGBA", (4, 4), (200, 60, 60, 255))
    image.paste((200, 60, 60, 0), (0, 0, 2, 4))
    pixels = load_picture(save(tmp_path, "a.png", image, icc_profile=rgb_profile())).pixels
    assert (pixels[:, :2] == 255).all()
    assert np.abs(pixels[:, 2:].astype(int) - (217, 42, 52)).max() <= 1
    palette = image.convert("RGB").quantize(2)
    pixels = load_picture(save(tmp_path, "b.png", palette, icc_profile=rgb_profile())).pixels
    assert np.abs(pixels.astype(int) - (217, 42, 52)).max() <= 1


def test_profiles_of_grey_and_of_inks(tmp_path):
    expected = round(255 * (1.055 * (100 / 255) ** (1.8 / 2.4) - 0.055))
    for mode in ("L", "LA"):
        image = Image.new(mode, (4, 4), 100 if mode == "L" else (100, 255))
        pixels = load_picture(save(tmp_path, "a.png", image, icc_profile=grey_profile(1.8))).pixels
        assert pixels.shape == (4, 4)
        assert np.abs(pixels.astype(int) - expected).max() <= 1
    deep = np.full((4, 4), 100 * 257, np.uint16)
    pixels = load_picture(save(tmp_path, "b.png", deep, icc_profile=grey_profile(1.8))).pixels
    assert np.abs(pixels.astype(int) - expected).max() <= 1
    red = Image.new("CMYK", (30, 20), (0, 255, 255, 0))
    inks = load_picture(save(tmp_path, "a.jpg", red, quality=95, icc_profile=cmyk_profile(20))).pixels
    assert np.ptp(inks[0, 0]) == 0  # this profile's inks are grey; by the simple formula the picture is red
    assert 130 < inks[0, 0, 0] < 150  # L* = 60


@pytest.mark.parametrize(
    "profile",
    [b"\0" * 200, rgb_profile()[:300], rgb_profile()[:128] + b"\xff" * 400, cmyk_profile(20), grey_profile(1.8)],
)
def test_a_profile_that_cannot_be_used_is_ignored(tmp_path, profile):
    path = save(tmp_path, "a.png", gradient(), icc_profile=profile)
    np.testing.assert_array_equal(load_picture(path).pixels, gradient())


def test_a_profile_of_srgb_leaves_every_value(tmp_path):
    path = save(tmp_path, "a.png", gradient(), icc_profile=rgb_profile(SRGB_PRIMARIES))
    np.testing.assert_array_equal(load_picture(path).pixels, gradient())


def test_white_ink_on_nothing_is_seen(tmp_path):
    ink = np.zeros((60, 60, 4), np.uint8)
    ink[..., :3] = 255
    ink[20:40, 28:32, 3] = 255
    for mode in ("RGBA", "LA", "P"):
        pixels = load_picture(save(tmp_path, "a.png", Image.fromarray(ink).convert(mode))).pixels
        assert (pixels[20:40, 28:32] == 255).all(), mode
        assert (pixels[:20] == 0).all(), mode
    assert (as_pixels(ink)[:20] == 0).all()
    ink[30:32, 28:32, :3] = 0  # with something dark in it, it is seen on white
    assert (load_picture(save(tmp_path, "b.png", Image.fromarray(ink))).pixels[:20] == 255).all()


@pytest.mark.parametrize("bits", [8, 10, 12, 14])
def test_the_depth_is_that_of_the_content(tmp_path, bits):
    top = 2**bits - 1
    deep = np.linspace(0, top, 600).astype(np.uint16).reshape(20, 30)
    for name in ("a.png", "a.tiff"):
        picture = load_picture(save(tmp_path, name, deep))
        assert np.abs(picture.pixels - deep * (255 / top)).max() <= 0.51
        assert picture.value_range == (0, top)
    full = load_picture(save(tmp_path, "b.png", deep * (65535 // top)))
    assert (full.value_range is None) == (65535 // top * top >= 2**14)


@pytest.mark.parametrize("name", ["a.png", "a.tiff"])
def test_sixteen_bits_are_divided_not_clipped(tmp_path, name):
    deep = np.linspace(0, 65535, 600).astype(np.uint16).reshape(20, 30)
    pixels = load_picture(save(tmp_path, name, deep)).pixels
    np.testing.assert_array_equal(pixels, np.rint(deep / 257).astype(np.uint8))
    small = load_picture(tmp_path / name, max_pixels=150).pixels
    assert small.shape == (10, 15)
    assert abs(small.mean() - 127.5) < 2


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.float32([[0, 0.5, 1]]), [[0, 128, 255]]),
        (np.float32([[0, 100, 255]]), [[0, 100, 255]]),
        (np.float32([[-10, 0, 10]]), [[0, 128, 255]]),
        (np.int32([[0, 7, 255]]), [[0, 7, 255]]),
        (np.int32([[-500, 0, 500]]), [[0, 128, 255]]),
        (np.float32([[3e5, 3e5, 3e5]]), [[0, 0, 0]]),
    ],
)
def test_deep_tiffs_are_scaled_from_their_range(tmp_path, values, expected):
    assert load_picture(save(tmp_path, "a.tiff", values)).pixels.tolist() == expected


def test_reduction_by_bands_equals_reduction_of_the_whole(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (1900, 61, 3), dtype=np.uint8)
    picture = load_picture(save(tmp_path, "a.png", pixels), max_pixels=1900 * 61 // 2)
    height, width = picture.pixels.shape[:2]
    assert height > 1024  # several bands
    whole = np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS))
    assert np.abs(picture.pixels.astype(int) - whole).max() <= 1


def test_reduction_does_not_alias(tmp_path):
    stripes = np.tile(np.uint8([0, 255]), (400, 200))
    reduced = load_picture(save(tmp_path, "a.png", stripes), max_pixels=100 * 100).pixels
    assert reduced.shape == (100, 100)
    assert np.abs(reduced[:, 5:-5].astype(int) - 128).max() < 12
