"""A page with the parts of the Latent walk tab and planes of models of odd sizes, for tests in a browser.

A test module imports the fixtures that it uses, and those that they use.
"""

import base64
import io

import gradio as gr
import numpy as np
import pytest
import torch
from PIL import Image

from ae_demo import checkpoints, inference
from ae_demo.data.digits import prepare_digit
from ae_demo.data.pictures import to_pixels
from ae_demo.models import build_model
from ae_demo.ui.components.latent_map import landed_value, latent_map
from ae_demo.ui.components.latent_path import latent_path
from ae_demo.ui.components.latent_samples import latent_samples
from ae_demo.ui.components.pad import pad
from ae_demo.ui.tabs.latent_walk import planes
from ae_demo.ui.theme import CSS_PATHS, build_theme

INSIDE = "document.querySelector('#latent-map canvas')?.latent"
MODELS = {
    "vae-odd": {"family": "vae", "hidden": (37,), "decoder_hidden": (5, 41, 3)},
    "dense-odd": {"family": "dense", "hidden": (23, 9), "latent_dim": 2, "input_shape": (3, 10, 6)},
    "sparse-odd": {"family": "sparse", "hidden": (11,), "latent_dim": 2},
    "conv-odd": {"family": "conv", "channels": (4, 6), "blocks": 1, "latent_dim": 2},
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The shipped plane, and those of freshly made models of odd sizes, on a page with a pad. Returns the address."""
    root = tmp_path_factory.mktemp("models")
    torch.manual_seed(0)
    for name, settings in MODELS.items():
        checkpoints.save(build_model(**settings), root / name)

    def describe(name):
        return planes.describe(root / name) | {"name": name} if name in MODELS else planes.open_plane(name)

    def decode(x, y, name):
        return inference.decode(x, y, root / name)

    def prepare(uri, name):
        pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.split(",")[1]))).convert("L"))
        return to_pixels(prepare_digit(pixels).x)[None]

    with gr.Blocks(analytics_enabled=False) as blocks:
        plane = latent_map("vae-mnist", describe, decode, prepare)
        latent_path()
        latent_samples()
        pad(elem_id="latent-pad")
        name = gr.Textbox(label="model")
        name.submit(lambda name: gr.HTML(model=name), name, plane)
        gr.Button("land").click(lambda: gr.HTML(landed=landed_value(stroke(28)[None])), None, plane)
    settings = {"theme": build_theme(), "css_paths": CSS_PATHS, "ssr_mode": False, "quiet": True}
    _, url, _ = blocks.launch(prevent_thread_lock=True, server_name="127.0.0.1", **settings)
    yield url, root
    blocks.close()


def stroke(side):
    """An upright stroke, white on black."""
    pixels = np.zeros((side, side), np.uint8)
    pixels[side // 5 : -side // 5, int(0.46 * side) : int(0.54 * side)] = 255
    return pixels


@pytest.fixture(scope="module")
def kept_page(watched_page):
    """One context for all tests here, so that Gradio's scripts are fetched and compiled once."""
    with watched_page() as page:
        page.set_default_timeout(120_000)  # ms; the machine may be busy
        page.requests = []
        page.on("request", lambda request: page.requests.append(request.url))
        yield page


@pytest.fixture
def opened(demo, kept_page):
    kept_page.goto(demo[0])
    kept_page.wait_for_function(f"{INSIDE}?.plane?.dots && {INSIDE}.plane.refined && {INSIDE}.complete")
    kept_page.requests.clear()
    return kept_page


def coords(page):
    return page.locator("#latent-coords").inner_text()


def pixels_of(page, selector):
    """What a canvas shows, (H, W, 3)."""
    width, height, data = page.locator(selector).evaluate(
        "c => [c.width, c.height, [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]]"
    )
    return np.array(data).reshape(height, width, 4)[..., :3]


def decoded(page):
    """The decoded picture's pixels, (H, W, 3)."""
    return pixels_of(page, "#latent-decoded canvas")


def view(page):
    return page.evaluate(f"{INSIDE}.plane.view")


def choose(page, name):
    page.get_by_label("model").fill(name)
    page.get_by_label("model").press("Enter")
    page.locator(f"#latent-decoded canvas[data-model='{name}']").wait_for()
