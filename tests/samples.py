"""Pictures of every kind and size that the tests of several modules are given, and how far two are apart."""

import numpy as np
from PIL import Image

from ae_demo.data import ASSETS, load_bundled_photos, load_dataset

SIZES = [(1, 1), (3, 500), (28, 28), (37, 21), (37, 21, 3), (1, 1, 3), (500, 3, 3)]


def noise_of(shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def digit(index=0):
    return load_dataset("digits").test[index, 0].numpy()


def photo(name="coffee"):
    return load_bundled_photos()[name]


def pen_on_paper():
    return np.asarray(Image.open(ASSETS / "examples" / "pen-on-paper.jpg").convert("RGB").reduce(4))


def grey(pixels):
    return np.asarray(Image.fromarray(pixels).convert("L"))


def mse(a, b):
    return np.square(a.astype(float) - b).mean()
