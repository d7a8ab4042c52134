"""A layer in the model's strip, clicked: its activations for the picture that is shown, and for the next one."""

import re

import numpy as np
from PIL import Image
from test_browser import clear, upload

from ae_demo import inference
from ae_demo.data import ASSETS

STRIP = "#reconstruct-diagram"


def read_units(page, count):
    """What the arrow keys read of the first units: their numbers and values."""
    page.locator(f"{STRIP} .close").focus()
    page.locator(f"{STRIP} .grid").focus()
    found = []
    for _ in range(count):
        page.keyboard.press("ArrowRight")
        text = page.locator(f"{STRIP} .reading").inner_text()
        found.append([float(number) for number in re.findall(r"-?[\d.]+", text)])
    return np.array(found)


def test_a_layer_shows_its_activations_and_follows_the_picture(demo):
    layers = demo.locator(f"{STRIP} .button")
    panel = demo.locator(f"{STRIP} .activations")
    layers.nth(3).click()
    demo.wait_for_selector(f"{STRIP} .activations[data-kind=units]")
    two = read_units(demo, 6)
    clear(demo, "#reconstruct-picture")
    path = ASSETS / "examples" / "digit-8.png"
    upload(demo, "#reconstruct-picture", str(path))
    z = inference.encode([Image.open(path)], "conv-mnist")[0]
    demo.wait_for_function(
        f"z => Math.abs(Number(document.querySelector('{STRIP} .high').textContent) - z) < 0.006 * z",
        arg=float(np.abs(z).max()),
    )
    eight = read_units(demo, 6)
    np.testing.assert_allclose(eight, np.stack([np.arange(6), z[:6]], axis=1), rtol=6e-3, atol=1e-3)
    assert np.abs(eight - two).max() > 0.1
    demo.keyboard.press("Escape")
    assert panel.is_hidden()
    demo.keyboard.press("ArrowLeft")  # the focus is back on the layer
    demo.keyboard.press("Enter")
    demo.wait_for_selector(f"{STRIP} .activations[data-kind=maps]")
    assert "conv 64×7×7" in panel.inner_text()
    box = demo.locator(f"{STRIP} .grid").bounding_box()
    demo.mouse.move(box["x"] + 30, box["y"] + 30)
    assert re.fullmatch(r"map 0 · row \d, column \d: -?[\d.]+", demo.locator(f"{STRIP} .reading").inner_text())
    layers.nth(2).click()
    assert panel.is_hidden()
