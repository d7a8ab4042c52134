"""The bars of a code: dragged, switched off, swept and reset; the reconstruction and its figures follow."""

import numpy as np
import pytest
from pages import choose_model, title_of
from PIL import Image
from test_browser import figure, sources, wait_for_change

from ae_demo import inference
from ae_demo.analysis.code_ranges import code_range
from ae_demo.data import ASSETS

CODE = "#reconstruct-code"
RESULTS = "#reconstruct-results"


def choose(page, model):
    """Give the tab a model, and wait for its bars."""
    page.wait_for_selector(f"{CODE} .editing:not([hidden])")
    if page.locator("#reconstruct-checkpoint input").input_value() != title_of(model):
        before = sources(page, RESULTS)
        choose_model(page, "reconstruct", model)
        wait_for_change(page, RESULTS, before)
    page.wait_for_function("!document.querySelector('.ae-stale')")
    page.locator(f"{CODE} .plot").scroll_into_view_if_needed()


def mse_shown(page):
    return figure(page, RESULTS, 1, "MSE")


@pytest.mark.parametrize("model", ["dense-mnist", "conv-mnist"])  # decoded by the page, and by the server
def test_an_edited_code_is_decoded_and_reset(demo, model):
    choose(demo, model)
    first = sources(demo, RESULTS)
    result = inference.reconstruct(Image.open(ASSETS / "examples" / "digit-2.png"), model)
    z = result.code.copy()
    unit = int(np.abs(z).argmax())
    box = demo.locator(f"{CODE} .plot").bounding_box()
    at = box["x"] + (unit + 0.5) / len(z) * box["width"], box["y"] + box["height"] / 2
    demo.mouse.dblclick(*at)
    wait_for_change(demo, RESULTS, first)
    z[unit] = 0
    x_hat = inference.decode_points(z[None], model)[0].numpy()
    assert mse_shown(demo) == pytest.approx(np.square(x_hat - result.seen).mean(), abs=1e-4)  # of eight bits
    assert f"z[{unit}] = 0 (" in demo.locator(f"{CODE} .reading").inner_text()
    demo.mouse.down()
    demo.mouse.move(at[0], at[1] - 25, steps=4)
    demo.mouse.up()
    assert f"z[{unit}] = 0 (" not in demo.locator(f"{CODE} .reading").inner_text()
    demo.locator(f"{CODE} .plot").focus()
    demo.keyboard.press("Escape")
    demo.wait_for_function(
        "uri => document.querySelectorAll('#reconstruct-results img.after')[2].src === uri", arg=first[2]
    )
    assert demo.locator(f"{CODE} .reset").is_disabled()
    demo.keyboard.press("s")
    swept = wait_for_change(demo, RESULTS, first)
    wait_for_change(demo, RESULTS, swept)  # it goes on
    demo.keyboard.press("s")
    demo.wait_for_function(
        "uri => document.querySelectorAll('#reconstruct-results img.after')[2].src === uri", arg=first[2]
    )


def test_units_of_a_sparse_code_are_shown_by_what_they_draw(demo):
    choose(demo, "sparse-mnist")
    tiles = demo.locator(f"{CODE} .drawn button")
    tiles.nth(31).wait_for()
    tiles.nth(7).click()
    assert "z[7] = " in demo.locator(f"{CODE} .reading").inner_text()
    pictures = tiles.locator("canvas").evaluate_all(
        "all => all.map(one => [...one.getContext('2d').getImageData(0, 0, 28, 28).data].filter((_, i) => i % 4 === 0))"
    )
    alone = np.zeros((1, 32), np.float32)
    alone[0, 7] = code_range("sparse-mnist")[1][7]
    expected = 255 * inference.decode_points(alone, "sparse-mnist")[0, 0].numpy().ravel()
    np.testing.assert_allclose(pictures[7], expected, atol=1.5)
    assert len({tuple(picture) for picture in pictures}) == 32
