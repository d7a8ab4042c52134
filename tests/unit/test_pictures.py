"""The picture loader against every kind of file that people upload, and against hostile ones."""

import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from picture_files import gradient, png, save
from PIL import Image

from ae_demo.data import as_pixels, load_picture, to_pixels, to_tensor
from ae_demo.data.pictures import picture_suffixes
from ae_demo.errors import PictureError, ShapeError

# The loader must do without the warnings that this project's pytest turns into errors, as it does when it serves.
pillow_may_warn = pytest.mark.filterwarnings("ignore")


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.tiff", "a.ppm", "a.webp"])
def test_lossless_formats_come_back_exactly(tmp_path, name):
    path = save(tmp_path, name, gradient(), **({"lossless": True} if name == "a.webp" else {}))
    picture = load_picture(path)
    np.testing.assert_array_equal(picture.pixels, gradient())
    assert picture.original_size == (24, 40)
    assert not picture.reduced


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["jpg", "png", "tiff"])
def test_exif_orientation_is_undone(tmp_path, orientation, suffix):
    upright = Image.fromarray(gradient())
    stored = {  # what a camera held that way stores, so that the tag brings it back
        1: lambda image: image,
        2: lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        3: lambda image: image.transpose(Image.Transpose.ROTATE_180),
        4: lambda image: image.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
        5: lambda image: image.transpose(Image.Transpose.TRANSPOSE),
        6: lambda image: image.transpose(Image.Transpose.ROTATE_90),
        7: lambda image: image.transpose(Image.Transpose.TRANSVERSE),
        8: lambda image: image.transpose(Image.Transpose.ROTATE_270),
    }[orientation](upright)
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = save(tmp_path, f"turned.{suffix}", stored, exif=exif, **({"quality": 98} if suffix == "jpg" else {}))
    picture = load_picture(path)
    assert picture.original_size == (24, 40) == picture.pixels.shape[:2]
    assert np.abs(picture.pixels.astype(int) - gradient()).mean() < 4
    small = load_picture(path, max_pixels=240)
    assert small.reduced
    assert small.original_size == (24, 40)
    assert small.pixels.shape == (12, 20, 3)


@pillow_may_warn
def test_a_picture_with_damaged_exif_is_read(tmp_path):
    path = save(tmp_path, "a.jpg", gradient(), exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff")
    assert load_picture(path).pixels.shape == (24, 40, 3)


def test_files_are_chosen_by_all_suffixes_that_can_be_read(tmp_path):
    assert {".jfif", ".jpe", ".pnm", ".pbm", ".mpo", ".apng", ".jpg", ".webp", ".tif"} <= picture_suffixes()
    assert not {".txt", ".pdf", ".eps", ".svg", ".npy"} & picture_suffixes()
    written = {".jfif": "JPEG", ".jpe": "JPEG", ".pnm": "PPM", ".mpo": "MPO", ".apng": "PNG"}
    for suffix, kind in written.items():
        assert load_picture(save(tmp_path, f"a{suffix}", gradient(), format=kind)).pixels.shape == (24, 40, 3)


def test_animations_give_their_first_frame(tmp_path):
    frames = [Image.new("RGB", (12, 10), colour) for colour in ("red", "blue", "lime")]
    for name, options in (("a.gif", {}), ("a.webp", {"lossless": True}), ("a.png", {})):
        path = save(tmp_path, name, frames[0], save_all=True, append_images=frames[1:], **options)
        assert (load_picture(path).pixels == [255, 0, 0]).all(), name


@pytest.mark.parametrize("size", [(1, 1), (5, 3000), (3000, 5)])
def test_unusual_shapes(tmp_path, size):
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    np.testing.assert_array_equal(load_picture(save(tmp_path, "a.png", pixels)).pixels, pixels)
    reduced = load_picture(tmp_path / "a.png", max_pixels=1000)
    assert reduced.pixels.shape[0] * reduced.pixels.shape[1] <= 1000
    assert reduced.original_size == size


def test_mode_is_obeyed(tmp_path):
    path = save(tmp_path, "a.png", gradient())
    assert load_picture(path, mode="L").pixels.shape == (24, 40)
    grey = save(tmp_path, "b.png", gradient()[..., 0])
    assert load_picture(grey).pixels.shape == (24, 40)
    assert load_picture(grey, mode="RGB").pixels.shape == (24, 40, 3)


PEAK = """
import os, resource, sys
from ae_demo.data import load_picture
from ae_demo.errors import PictureError
for path in sys.argv[1:]:
    if os.fork():
        os.wait()
        continue
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        picture = load_picture(path)
        sizes = (*picture.original_size, *picture.pixels.shape[:2])
    except PictureError as error:
        sizes = (0, 0, 0, 0)
    added = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before  # bytes on macOS, else KiB
    print(*sizes, added // 2 ** (20 if sys.platform == "darwin" else 10), flush=True)
    os._exit(0)
"""


@pytest.fixture(scope="module")
def large_files(tmp_path_factory):
    """By name: path, (original height, width), (height, width), and the MiB that loading added at its peak."""
    folder = tmp_path_factory.mktemp("large")
    shade = Image.linear_gradient("L").resize((8000, 5000), Image.Resampling.NEAREST)
    shade.convert("RGB").save(folder / "40mp.jpg", quality=50)
    shade.resize((11_000, 9000), Image.Resampling.NEAREST).convert("CMYK").save(folder / "99mp.jpg", quality=50)
    (folder / "40mp.png").write_bytes(png(8000, 5000, 8, 6, (b"\x00" + b"\x64\x80\xa0\xff" * 8000) * 5000, effort=1))
    (folder / "bomb.png").write_bytes(png(12_000, 12_000, 1, 0, bytes(1501 * 12_000)))
    paths = sorted(folder.iterdir())
    output = subprocess.run([sys.executable, "-c", PEAK, *paths], check=True, capture_output=True, text=True)
    found = {}
    for path, line in zip(paths, output.stdout.splitlines(), strict=True):
        numbers = [int(word) for word in line.split()]
        found[path.name] = path, tuple(numbers[:2]), tuple(numbers[2:4]), numbers[4]
    return found


@pytest.mark.parametrize("name", ["40mp.jpg", "40mp.png", "99mp.jpg"])
@pytest.mark.slow
def test_large_pictures_in_bounded_memory(large_files, name):
    _, original, reduced, mebibytes = large_files[name]
    assert original == ((9000, 11_000) if name == "99mp.jpg" else (5000, 8000))
    assert 15_900_000 < reduced[0] * reduced[1] <= 16_000_000
    assert mebibytes < 350  # the decoder's copy 153 (a JPEG of 99 is decoded at half size), the result 61 and 46


@pillow_may_warn
def test_a_bomb_is_refused_before_it_is_decoded(large_files, tmp_path):
    bomb, *_, mebibytes = large_files["bomb.png"]
    assert bomb.stat().st_size < 20_000
    with pytest.raises(PictureError, match=r"bomb\.png has more than 100 megapixels"):
        load_picture(bomb)
    assert mebibytes < 20
    webp = bytearray(save(tmp_path, "bomb.webp", Image.new("RGB", (10, 10)), lossless=True).read_bytes())
    start = webp.index(b"VP8L") + 9  # there: 14 bits of width - 1, 14 bits of height - 1
    webp[start : start + 4] = (7999 | 6999 << 14).to_bytes(4, "little")
    (tmp_path / "bomb.webp").write_bytes(webp)
    with pytest.raises(PictureError, match="more than 50 megapixels"):
        load_picture(tmp_path / "bomb.webp")
    larger = tmp_path / "larger.png"
    larger.write_bytes(png(2**31 - 1, 2**31 - 1, 1, 0, b""))
    with pytest.raises(PictureError, match="megapixels"):
        load_picture(larger)


@pillow_may_warn
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.gif", "a.webp", "a.tiff", "a.bmp"])
@pytest.mark.parametrize("kept", [0.05, 0.5, 0.9])
def test_truncated_files(tmp_path, name, kept):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    path = save(tmp_path, name, noise)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(PictureError, match=f"{name} is") as caught:
        load_picture(path)
    assert str(tmp_path) not in str(caught.value)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.png", b"", "is empty"),
        ("text.png", b"this is not a picture\n" * 40, "is not a picture that can be read: use a JPEG"),
        ("a.svg", b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "is an SVG drawing"),
        ("a.heic", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(64), "is an HEIC picture"),
        ("a.pdf", b"%PDF-1.7\n%\xe2\xe3", "is a PDF document"),
        ("a.eps", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "is not a picture"),
        ("flat.png", png(0, 5, 8, 2, b""), "(damaged|no pixels|not a picture)"),
        ("crc.png", png(4, 4, 8, 2, bytes(52))[:-20] + bytes(20), "damaged"),
    ],
)
def test_files_other_than_pictures_are_refused(tmp_path, name, content, says):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(PictureError, match=f"^{name} .*{says}"):
        load_picture(path)


def test_missing_files_and_folders_are_refused(tmp_path):
    with pytest.raises(PictureError, match=r"There is no file gone\.png"):
        load_picture(tmp_path / "gone.png")
    with pytest.raises(PictureError, match="is a folder"):
        load_picture(tmp_path)
    with pytest.raises(PictureError, match="no picture yet"):
        load_picture(None)
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(PictureError, match="regular file"):
        load_picture(tmp_path / "pipe.png")


@pillow_may_warn
def test_random_damage_never_escapes_as_another_error(tmp_path):
    rng = np.random.default_rng(0)
    for name in ("a.jpg", "a.png", "a.gif", "a.webp", "a.tiff"):
        content = save(tmp_path, name, gradient()).read_bytes()
        for _ in range(60):
            damaged = bytearray(content)
            for place in rng.integers(0, len(content), 6):
                damaged[place] = rng.integers(256)
            (tmp_path / name).write_bytes(damaged)
            try:
                pixels = load_picture(tmp_path / name).pixels
            except PictureError:
                continue
            assert pixels.dtype == np.uint8


def test_as_pixels_takes_pictures_and_arrays():
    picture = gradient()
    for given in (picture, Image.fromarray(picture), picture.copy(order="F")):
        pixels = as_pixels(given)
        np.testing.assert_array_equal(pixels, picture)
        assert pixels.flags.c_contiguous
        assert not np.shares_memory(pixels, picture)
    np.testing.assert_array_equal(as_pixels(picture[..., :1]), picture[..., 0])
    clear = np.dstack([picture, np.zeros((24, 40), np.uint8)])
    assert (as_pixels(clear) == 255).all()
    deep = Image.fromarray(np.uint16([[0, 65535]]))
    assert as_pixels(deep).tolist() == [[0, 255]]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (np.zeros((4, 4, 3), np.float32), "float32, not uint8"),
        (np.zeros((4, 4, 2), np.uint8), r"shape \(4, 4, 2\)"),
        (np.zeros((2, 4, 4, 3), np.uint8), "is not a picture"),
        (np.zeros((0, 4), np.uint8), "no pixels"),
        ([[1, 2]], "cannot be a list"),
        (torch.zeros(1, 3, 4, 4), "cannot be a Tensor"),
    ],
)
def test_as_pixels_says_what_is_allowed(given, says):
    with pytest.raises(PictureError, match=says):
        as_pixels(given)


def test_tensors_and_back():
    for pixels in (gradient(), gradient()[..., 0]):
        x = to_tensor(pixels)
        assert x.shape == (1, 3 if pixels.ndim == 3 else 1, 24, 40)
        assert x.dtype == torch.float32
        assert x.max() == 1
        np.testing.assert_array_equal(to_pixels(x), pixels)
    assert to_pixels(torch.tensor([[-1.0, 0.5, 2.0, torch.nan]])).tolist() == [[0, 128, 255, 0]]
    with pytest.raises(ShapeError, match="not one picture"):
        to_pixels(torch.zeros(2, 3, 4, 4))
