"""Previews of sequences: series drawn as lines, words written as letters."""

import base64
import io

import numpy as np
import torch
from PIL import Image

from ae_demo.data import Samples
from ae_demo.data.words import to_symbols
from ae_demo.models import build_model
from ae_demo.training.preview import draw_symbols, preview


def test_words_are_written_and_wrong_letters_have_another_colour():
    truth = to_symbols(["cat", "dog"])
    drawn = draw_symbols(torch.cat([truth[:1], to_symbols(["dig"])]), truth)
    assert drawn.shape == (2, 3, 24, 14 * 12)
    assert torch.equal(drawn[0, 0], drawn[0, 2])  # all right: white
    grey = (drawn[1, 0] - drawn[1, 2]).abs() < 0.05
    assert grey[:, :14].all()
    assert not grey[:, 14:28].all()  # i for o
    assert drawn[1, :, :, 14 * 3 :].max() == 0  # blanks


def test_previews_of_long_series_fill_their_height():
    model = build_model("seq2seq", input_shape=(300, 1), hidden_size=4, latent_dim=2)
    x = 0.5 + 0.01 * torch.rand(12, 300, 1)
    made = preview(model, Samples("array", x, x), 0.0)
    pixels = np.array(Image.open(io.BytesIO(base64.b64decode(made.picture))))
    assert pixels.shape == (2 * 66, 4 * 130, 3)
    lit = np.flatnonzero((pixels[1:65, 1:129, 0] == 255).any(1))
    assert lit.max() - lit.min() > 20  # rows of 64
