"""The Style tab: what it gives the page, an upload, and its endpoint."""

import base64

import gradio as gr
import numpy as np
import pytest
from test_planes import read_bundle

from ae_demo import inference
from ae_demo.data import ASSETS, load_picture
from ae_demo.ui.tabs.style import endpoint, sheets, tab

DIGIT = str(ASSETS / "examples" / "digit-2.png")


def digit_pixels():
    return load_picture(DIGIT).pixels


def test_the_page_gets_the_model_and_examples_of_every_digit():
    assert sheets.list_models()[0] == "cvae-mnist"
    about = sheets.describe("cvae-mnist")
    with open(about["file"], "rb") as file:
        header, arrays = read_bundle(file.read())
    assert (header["classes"], header["code"]) == (10, 18)
    assert arrays["encoder.0.weight"].shape[1] == 28 * 28 + 10
    with open(about["examples"], "rb") as file:
        _, given = read_bundle(file.read())
    assert given["pictures"].shape == (sheets.EXAMPLES, 1, 28, 28)
    assert set(given["labels"].tolist()) == set(range(10))
    assert len(np.unique(given["pictures"].reshape(sheets.EXAMPLES, -1), axis=0)) == sheets.EXAMPLES
    assert about["accuracy"] > 0.97


def test_an_upload_lands_as_the_model_sees_it():
    (shown,) = tab.land_picture(DIGIT)
    landed = shown.props["landed"]["pixels"]
    pixels = np.frombuffer(base64.b64decode(landed), np.uint8).reshape(28, 28)
    np.testing.assert_array_equal(pixels, inference.transfer_style(digit_pixels()).seen)


def test_an_unreadable_upload_gives_the_page_the_reason(tmp_path):
    (tmp_path / "broken.png").write_text("this is no picture")
    shown = tab.land_picture(str(tmp_path / "broken.png"))
    assert "broken.png" in next(shown).props["landed"]["error"]
    with pytest.raises(gr.Error, match=r"broken\.png"):
        next(shown)


def test_the_endpoint_answers_what_the_library_answers():
    sheet, figures = endpoint.style(DIGIT, None, "cvae-mnist")
    expected = inference.transfer_style(digit_pixels())
    np.testing.assert_array_equal(sheet, np.concatenate(list(expected.images), axis=1))
    assert figures["label"] == 2
    assert figures["negative_elbo"] == pytest.approx(expected.scores.tolist())
    with pytest.raises(gr.Error, match="0 to 9"):
        endpoint.style(DIGIT, 11, "cvae-mnist")
